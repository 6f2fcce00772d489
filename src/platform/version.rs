//! Which build this is: for `--version`, the first log line and `han_exporter_build_info`.

/// The version of the package.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The source revision, or `unknown` when built outside a checkout.
pub const REVISION: &str = env!("BUILD_REVISION");
/// The version of the compiler.
pub const RUST: &str = env!("BUILD_RUST");
/// The target triple.
pub const TARGET: &str = env!("BUILD_TARGET");

/// The text of `--version`, laid out as the Prometheus exporters do.
pub fn text() -> String {
    format!(
        "han-exporter, version {VERSION} (revision: {REVISION})\n  rust version:     {RUST}\n  platform:         {TARGET}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_known_or_says_so() {
        for part in [VERSION, REVISION, RUST, TARGET] {
            assert!(!part.is_empty() && !part.contains(char::is_whitespace), "{part:?}");
        }
        assert!(RUST.starts_with("1."), "{RUST}");
        assert!(text().starts_with(&format!("han-exporter, version {VERSION} (revision: ")));
    }
}
