//! The names of this computer.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};

/// The size in bytes up to which `/etc/hosts` is read: some have millions of names, and the own ones are on top.
const LARGEST: u64 = 64 * 1024;

/// The name of this computer, and with it those on its lines in `/etc/hosts`, where its domain is.
pub fn own() -> Vec<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let hosts = File::open("/etc/hosts").map(|file| BufReader::new(file.take(LARGEST)).lines());
    names(name.trim(), hosts.into_iter().flatten().map_while(Result::ok))
}

fn names(own: &str, hosts: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<_> = (!own.is_empty()).then(|| own.to_owned()).into_iter().collect();
    for line in hosts {
        // An address, then its names, up to a comment.
        let line = line.split('#').next().unwrap_or_default();
        let others: Vec<_> = line.split_whitespace().skip(1).map(str::to_owned).collect();
        if others.iter().any(|name| name.eq_ignore_ascii_case(own)) {
            names.extend(others);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_names_are_those_on_the_lines_of_the_own_name() {
        let hosts = "127.0.0.1 localhost\n127.0.1.1\tpi.example.org PI # old.example.org\n0.0.0.0 ads.example.net\n\n";
        assert_eq!(names("pi", hosts.lines().map(str::to_owned)), ["pi", "pi.example.org", "PI"]);
        assert_eq!(names("", hosts.lines().map(str::to_owned)), [""; 0]);
    }
}
