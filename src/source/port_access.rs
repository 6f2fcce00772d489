//! Which group may open a device and which process has it open, for the messages about it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The group that may open a device: its name, or else its number.
pub fn group(device: &Path) -> String {
    let Ok(metadata) = fs::metadata(device) else { return "dialout".into() };
    // No rule has set the group of a node that belongs to root's group; serial ports belong to dialout.
    if metadata.gid() == 0 {
        return "dialout".into();
    }
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    name_of(metadata.gid(), &groups).unwrap_or_else(|| metadata.gid().to_string())
}

fn name_of(gid: u32, groups: &str) -> Option<String> {
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(gid)).then(|| name.to_owned())
    })
}

/// A process that has the device open, if this user can see it.
pub fn holder(device: &Path) -> Option<String> {
    let device = device.canonicalize().ok()?;
    fs::read_dir("/proc").ok()?.flatten().find_map(|process| {
        let id: u32 = process.file_name().to_str()?.parse().ok()?;
        let mut files = fs::read_dir(process.path().join("fd")).ok()?.flatten();
        files.find(|file| fs::read_link(file.path()).is_ok_and(|target| target == device))?;
        let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
        Some(format!("{} (pid {id})", name.trim_end()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_name_of_a_group() {
        let groups = "root:x:0:\ntty:x:5:\ndialout:x:20:pi,nobody\n";
        assert_eq!(name_of(20, groups).as_deref(), Some("dialout"));
        assert_eq!(name_of(2, groups), None);
    }

    #[test]
    fn finds_the_process_that_has_a_device_open() {
        let path = std::env::temp_dir().join(format!("han-holder-{}", std::process::id()));
        let file = fs::File::create(&path).unwrap();
        let found = holder(&path).unwrap();
        drop(file);
        let free = holder(&path);
        fs::remove_file(&path).unwrap();
        assert!(found.ends_with(&format!("(pid {})", std::process::id())), "{found}");
        assert_eq!(free, None);
    }
}
