//! Finds the serial adapters of this machine, for `auto`.

use std::fs;
use std::path::{Path, PathBuf};

use super::problem::Problem;

/// Serial ports found, each once and by its most stable name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// USB adapters.
    pub usb: Vec<PathBuf>,
    /// Ports of the board itself. A Raspberry Pi always has some, wired or not.
    pub onboard: Vec<PathBuf>,
}

/// Searches a device tree: `/dev`, or another folder in tests.
pub fn adapters(dev: &Path) -> Found {
    let mut seen = Vec::new();
    let usb = named(&dev.join("serial/by-id"), &[""])
        .into_iter()
        .chain(named(dev, &["ttyUSB", "ttyACM"]))
        .filter(|path| is_new(path, &mut seen))
        .collect();
    let onboard = ["ttyAMA0", "serial0"].map(|name| dev.join(name));
    let onboard = onboard.into_iter().filter(|path| is_new(path, &mut seen)).collect();
    Found { usb, onboard }
}

/// The port to open: the named one, or for `auto` the one found, searched again at each opening.
#[derive(Debug)]
pub(super) struct PortChoice {
    named: Option<PathBuf>,
    dev: PathBuf,
    /// The adapter that yielded valid frames: kept when another one is plugged in.
    verified: Option<PathBuf>,
    /// Whether a USB adapter was ever found.
    usb: bool,
}

impl PortChoice {
    /// The port of this path; without one, the only port there is.
    pub fn new(named: Option<PathBuf>, dev: PathBuf) -> Self {
        Self { named, dev, verified: None, usb: false }
    }

    /// Finds the port to open now.
    pub fn path(&mut self) -> Result<PathBuf, Problem> {
        match &self.named {
            Some(path) => Ok(path.clone()),
            None => self.only(adapters(&self.dev)),
        }
    }

    /// Call for a valid frame from this port.
    pub fn confirm(&mut self, path: &Path) {
        if self.verified.as_deref() != Some(path) {
            self.verified = Some(path.to_owned());
        }
    }

    fn only(&mut self, found: Found) -> Result<PathBuf, Problem> {
        self.usb |= !found.usb.is_empty();
        // The board's own port must not replace an adapter that is unplugged for a moment.
        let mut ports = if self.usb { found.usb } else { found.onboard };
        if let Some(verified) = self.verified.as_ref().filter(|port| ports.contains(port)) {
            return Ok(verified.clone());
        }
        match ports.len() {
            0 => Err(Problem::NoAdapter),
            1 => Ok(ports.remove(0)),
            _ => {
                Err(Problem::Several { ports: ports.iter().map(|path| path.display().to_string()).collect() })
            }
        }
    }
}

fn named(folder: &Path, prefixes: &[&str]) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let fits = |name: &str| prefixes.iter().any(|prefix| name.starts_with(prefix));
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut paths: Vec<_> =
        names.filter(|name| name.to_str().is_some_and(fits)).map(|name| folder.join(name)).collect();
    paths.sort_by_key(|path| (path.as_os_str().len(), path.clone()));
    paths
}

fn is_new(path: &Path, seen: &mut Vec<PathBuf>) -> bool {
    let Ok(device) = path.canonicalize() else { return false };
    let new = !seen.contains(&device);
    if new {
        seen.push(device);
    }
    new
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    struct Tree(PathBuf);

    impl Tree {
        fn new(name: &str) -> Self {
            let root = std::env::temp_dir().join(format!("han-dev-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&root);
            fs::create_dir_all(root.join("serial/by-id")).unwrap();
            Self(root)
        }

        fn node(self, name: &str) -> Self {
            fs::write(self.0.join(name), "").unwrap();
            self
        }

        fn link(self, name: &str, target: &str) -> Self {
            symlink(self.0.join(target), self.0.join(name)).unwrap();
            self
        }

        fn found(&self) -> (Vec<String>, Vec<String>) {
            let found = adapters(&self.0);
            let names = |paths: Vec<PathBuf>| {
                paths.iter().map(|path| path.strip_prefix(&self.0).unwrap().display().to_string()).collect()
            };
            (names(found.usb), names(found.onboard))
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn an_adapter_is_listed_once_by_its_stable_name() {
        let tree =
            Tree::new("once").node("ttyUSB0").link("serial/by-id/usb-FTDI-if00", "ttyUSB0").node("tty1");
        assert_eq!(tree.found(), (vec!["serial/by-id/usb-FTDI-if00".into()], vec![]));
    }

    #[test]
    fn several_adapters_are_listed_in_a_fixed_order() {
        let tree = Tree::new("several").node("ttyACM0").node("ttyUSB10").node("ttyUSB2").node("ttyS0");
        assert_eq!(tree.found().0, ["ttyACM0", "ttyUSB2", "ttyUSB10"]);
    }

    #[test]
    fn ports_of_the_board_are_listed_apart_and_once() {
        let tree = Tree::new("board").node("ttyAMA0").link("serial0", "ttyAMA0");
        assert_eq!(tree.found(), (vec![], vec!["ttyAMA0".into()]));
        let tree = Tree::new("mini").node("ttyAMA0").node("ttyS0").link("serial0", "ttyS0");
        assert_eq!(tree.found().1, ["ttyAMA0", "serial0"]);
    }

    #[test]
    fn auto_takes_the_only_adapter_and_keeps_one_that_yielded_frames() {
        let tree = Tree::new("auto").node("ttyAMA0");
        let mut choice = PortChoice::new(None, tree.0.clone());
        assert_eq!(choice.path(), Ok(tree.0.join("ttyAMA0")));
        let tree = tree.node("ttyUSB0");
        assert_eq!(choice.path(), Ok(tree.0.join("ttyUSB0")));
        choice.confirm(&tree.0.join("ttyUSB0"));
        let tree = tree.node("ttyUSB1");
        assert_eq!(choice.path(), Ok(tree.0.join("ttyUSB0")));
        let several = PortChoice::new(None, tree.0.clone()).path().unwrap_err().to_string();
        assert!(several.contains("ttyUSB0, ") && several.contains("ttyUSB1"), "{several}");
        fs::remove_file(tree.0.join("ttyUSB0")).unwrap();
        fs::remove_file(tree.0.join("ttyUSB1")).unwrap();
        assert_eq!(choice.path(), Err(Problem::NoAdapter));
    }

    #[test]
    fn a_dangling_link_and_an_absent_tree_are_not_adapters() {
        let tree = Tree::new("stale").link("serial/by-id/usb-gone", "ttyUSB9");
        assert_eq!(tree.found(), (vec![], vec![]));
        assert_eq!(adapters(Path::new("/nonexistent")), Found::default());
    }
}
