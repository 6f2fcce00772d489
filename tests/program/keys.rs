//! Keys in the memory of the program, which others must not see and which it should not scatter.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, chown};
use std::path::PathBuf;
use std::process::Stdio;

use super::limits::Lonely;
use crate::support::exporter::Exporter;

/// Two keys as files that only their owner can read.
struct Keys {
    folder: PathBuf,
    keys: [[u8; 16]; 2],
}

impl Keys {
    fn new(name: &str, owner: Option<u32>) -> Self {
        let folder = std::env::temp_dir().join(format!("han-keys-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let keys = [0xc3, 0x5a].map(|seed: u8| std::array::from_fn(|at| seed ^ (at as u8).wrapping_mul(37)));
        let made = Self { folder, keys };
        for (path, key) in made.paths().iter().zip(keys) {
            fs::write(path, key.map(|byte: u8| format!("{byte:02x}")).concat()).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
            chown(path, owner, None).unwrap();
        }
        made
    }

    fn paths(&self) -> [String; 2] {
        ["key", "auth-key"].map(|name| self.folder.join(name).to_str().unwrap().to_owned())
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// How often each key is in the memory of a process.
fn copies(process: u32, keys: &[[u8; 16]; 2]) -> [usize; 2] {
    let memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let mut counts = [0; 2];
    for line in fs::read_to_string(format!("/proc/{process}/maps")).unwrap().lines() {
        let mut words = line.split([' ', '-']);
        let [start, end] = [(); 2].map(|()| u64::from_str_radix(words.next().unwrap(), 16).unwrap());
        let mut bytes = vec![0; (end - start) as usize];
        if words.next().unwrap().starts_with("rw") && memory.read_exact_at(&mut bytes, start).is_ok() {
            for (count, key) in counts.iter_mut().zip(keys) {
                *count += bytes.windows(16).filter(|window| window == key).count();
            }
        }
    }
    counts
}

#[test]
fn each_key_is_in_memory_once_as_it_was_read_and_once_in_use() {
    let keys = Keys::new("copies", None);
    let [key, auth_key] = keys.paths();
    let words = ["--source", "sim:smarty", "--key-file", &key, "--auth-key-file", &auth_key];
    let exporter = Exporter::start(&words);
    if File::open(format!("/proc/{}/mem", exporter.id())).is_err() {
        assert_ne!(fs::metadata("/proc/self").unwrap().uid(), 0, "even the superuser is refused");
        return;
    }
    exporter.wait("han_frame_errors_total{reason=\"tag\"}", Some(1.0));
    let once_each = || copies(exporter.id(), &keys.keys) == [2, 2];
    exporter.until(once_each, "copies on the stack to be overwritten");
    exporter.signal("HUP");
    exporter.until(|| exporter.said().contains("Configuration reloaded"), "a reload");
    exporter.until(once_each, "those of the reload to be overwritten");
    exporter.stop();
}

#[test]
fn the_memory_of_a_process_with_keys_is_closed_to_its_own_user() {
    let lonely = Lonely::new();
    let keys = Keys::new("dumps", lonely.user);
    let user = lonely.user.unwrap_or_else(|| fs::metadata("/proc/self").unwrap().uid());
    let serve = ["--source", "sim:kaifa", "--web.listen-address", "127.0.0.1:0"];
    let [key, _] = keys.paths();
    let with_key = [&serve[..], &["--key-file", &key]].concat();
    for (words, owner) in [(&serve[..], user), (&with_key, 0)] {
        let mut process = lonely.run(":", words).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let is_open = lines.any(|line| line.contains("Source opened"));
        // The kernel gives these files to the superuser while dumps are forbidden.
        let found = fs::metadata(format!("/proc/{}/environ", process.id())).unwrap().uid();
        process.kill().unwrap();
        process.wait().unwrap();
        assert!(is_open && found == owner, "{words:?}: {found}");
    }
}
