//! Finds the serial adapters of this machine, for `auto`.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::time::Instant;

use super::foreign;
use super::problem::Problem;

/// Serial ports found, each once and by its most stable name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// USB adapters.
    pub usb: Vec<PathBuf>,
    /// USB devices that are known to be something else, and what.
    pub foreign: Vec<(PathBuf, &'static str)>,
    /// Ports of the board itself. A Raspberry Pi always has some, wired or not.
    pub onboard: Vec<PathBuf>,
}

/// Searches a device tree: `/dev`, or another folder in tests.
pub fn adapters(dev: &Path) -> Found {
    let mut seen = Vec::new();
    let mut found = Found::default();
    let usb = named(&dev.join("serial/by-id"), &[""])
        .into_iter()
        .chain(named(dev, &["ttyUSB", "ttyACM"]))
        .filter(|path| is_new(path, &mut seen));
    for path in usb {
        match foreign::kind(&dev.join("../sys"), &path) {
            Some(kind) => found.foreign.push((path, kind)),
            None => found.usb.push(path),
        }
    }
    let onboard = ["ttyAMA0", "serial0"].map(|name| dev.join(name));
    found.onboard = onboard.into_iter().filter(|path| is_new(path, &mut seen)).collect();
    found
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
    released: Option<Released>,
}

/// A port that yielded no valid frame and is left to other programs.
#[derive(Debug)]
struct Released {
    path: PathBuf,
    until: Instant,
    problem: Problem,
}

impl PortChoice {
    /// The port of this path; without one, the only port there is.
    pub fn new(named: Option<PathBuf>, dev: PathBuf) -> Self {
        Self { named, dev, verified: None, usb: false, released: None }
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

    /// Leaves the port at this path to other programs until then. A port that the user has named, or one that yielded valid
    /// frames, is kept: returns false.
    pub fn release(&mut self, path: &Path, until: Instant, problem: Problem) -> bool {
        let is_doubtful = self.named.is_none() && self.verified.as_deref() != Some(path);
        if is_doubtful {
            self.released = Some(Released { path: path.to_owned(), until, problem });
        }
        is_doubtful
    }

    fn only(&mut self, found: Found) -> Result<PathBuf, Problem> {
        self.usb |= !found.usb.is_empty();
        // The board's own port must not replace an adapter that is unplugged for a moment.
        let mut ports = if self.usb { found.usb } else { found.onboard };
        if let Some(verified) = self.verified.as_ref().filter(|port| ports.contains(port)) {
            return Ok(verified.clone());
        }
        // It is another one once it was unplugged.
        self.released.take_if(|released| !ports.contains(&released.path) || released.until <= Instant::now());
        match ports.len() {
            0 if !found.foreign.is_empty() => Err(Problem::Foreign {
                ports: found
                    .foreign
                    .iter()
                    .map(|(path, kind)| format!("{} ({kind})", path.display()))
                    .collect(),
            }),
            0 => Err(Problem::NoAdapter),
            1 => match &self.released {
                Some(released) => Err(released.problem.clone()),
                None => Ok(ports.remove(0)),
            },
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
    paths.sort_unstable_by_key(|path| (path.as_os_str().len(), path.clone()));
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
    fn auto_leaves_other_devices_alone() {
        let root = Tree::new("foreign");
        let (dev, sys) = (root.0.join("dev"), root.0.join("sys"));
        fs::create_dir_all(&dev).unwrap();
        fs::write(dev.join("ttyACM0"), "").unwrap();
        foreign::tests::plug(&sys, "ttyACM0", ["1cf1", "0030", "dresden elektronik", "ConBee II"]);
        let mut choice = PortChoice::new(None, dev.clone());
        let left = choice.path().unwrap_err();
        assert_eq!(
            left,
            Problem::Foreign { ports: vec![format!("{} (Zigbee)", dev.join("ttyACM0").display())] }
        );
        fs::write(dev.join("ttyUSB0"), "").unwrap();
        foreign::tests::plug(&sys, "ttyUSB0", ["0403", "6001", "FTDI", "FT232R USB UART"]);
        assert_eq!(choice.path(), Ok(dev.join("ttyUSB0")));
        let named = dev.join("ttyACM0");
        assert_eq!(PortChoice::new(Some(named.clone()), dev).path(), Ok(named));
    }

    #[tokio::test(start_paused = true)]
    async fn a_released_port_is_left_alone_for_a_while_or_until_it_is_unplugged() {
        let tree = Tree::new("released").node("ttyUSB0");
        let port = tree.0.join("ttyUSB0");
        let mut choice = PortChoice::new(None, tree.0.clone());
        let rest = std::time::Duration::from_secs(600);
        let release =
            |choice: &mut PortChoice| choice.release(&port, Instant::now() + rest, Problem::NoAdapter);
        assert!(release(&mut choice));
        assert_eq!(choice.path(), Err(Problem::NoAdapter));
        tokio::time::advance(rest).await;
        assert_eq!(choice.path(), Ok(port.clone()));
        assert!(release(&mut choice));
        fs::remove_file(&port).unwrap();
        assert!(choice.path().is_err());
        let _tree = tree.node("ttyUSB0");
        assert_eq!(choice.path(), Ok(port.clone()));
        choice.confirm(&port);
        assert!(!release(&mut choice) && !release(&mut PortChoice::new(Some(port.clone()), "/dev".into())));
    }

    #[test]
    fn a_dangling_link_and_an_absent_tree_are_not_adapters() {
        let tree = Tree::new("stale").link("serial/by-id/usb-gone", "ttyUSB9");
        assert_eq!(tree.found(), (vec![], vec![]));
        assert_eq!(adapters(Path::new("/nonexistent")), Found::default());
    }
}
