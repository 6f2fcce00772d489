//! Tells the program which compiler, target and source revision it was built from.

use std::{env, path::Path, process::Command};

fn main() {
    let target = env::var("TARGET").unwrap_or_default();
    let compiler = output(&env::var("RUSTC").unwrap_or_else(|_| "rustc".into()), &["--version"]);
    println!("cargo:rustc-env=BUILD_TARGET={target}");
    println!("cargo:rustc-env=BUILD_RUST={}", second_word(&compiler.unwrap_or_default()));
    println!("cargo:rustc-env=BUILD_REVISION={}", revision().unwrap_or_else(|| "unknown".into()));
    println!("cargo:rerun-if-env-changed=BUILD_REVISION");
    println!("cargo:rerun-if-changed=build.rs");
}

/// The revision a packager names, else the one of our own checkout.
fn revision() -> Option<String> {
    if let Ok(given) = env::var("BUILD_REVISION") {
        return Some(given);
    }
    // A released archive unpacked inside another project's checkout must not take that project's revision.
    let top = output("git", &["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != env::current_dir().ok()?.canonicalize().ok()? {
        return None;
    }
    let log = output("git", &["rev-parse", "--git-path", "logs/HEAD"])?;
    if Path::new(&log).exists() {
        println!("cargo:rerun-if-changed={log}");
    }
    output("git", &["rev-parse", "--short=12", "HEAD"])
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output =
        Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

fn second_word(text: &str) -> &str {
    text.split_whitespace().nth(1).unwrap_or("unknown")
}
