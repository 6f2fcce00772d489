//! Prints where the simulated meter is.

use tokio::io::AsyncWriteExt;

/// Prints a path or an address on standard output. Whether it can be printed does not matter to the meter.
pub async fn announce(place: &str) {
    let mut stdout = tokio::io::stdout();
    let _ = stdout.write_all(format!("{place}\n").as_bytes()).await;
    let _ = stdout.flush().await;
}
