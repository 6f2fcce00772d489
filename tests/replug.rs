//! An adapter that is unplugged and plugged in a thousand times. The test counts the process's open files and threads:
//! it has a program of its own, because no other test may run beside it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use han_exporter::source::{Event, Link, Timing};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use tokio_serial::{SerialPort, SerialStream};

const CYCLES: u64 = 1000;

async fn event(link: &mut Link) -> Event {
    timeout(Duration::from_secs(20), link.next(&mut [0; 64])).await.expect("an event in time")
}

fn count(folder: &str) -> usize {
    fs::read_dir(folder).unwrap().count()
}

/// A new pseudo-terminal under the adapter's name; returns the meter's end.
fn plug(port: &Path) -> SerialStream {
    let (meter, reader) = SerialStream::pair().unwrap();
    symlink(reader.name().unwrap(), port).unwrap();
    meter
}

#[tokio::test]
async fn an_adapter_that_returns_at_another_port_is_found_each_time_and_nothing_leaks() {
    let port = std::env::temp_dir().join(format!("han-replug-{}", std::process::id()));
    let _ = fs::remove_file(&port);
    let timing =
        Timing { retry: Duration::from_millis(1), gap: Duration::from_millis(1), ..Timing::default() };
    let source = format!("{}?baud=115200&parity=none", port.display());
    let mut link = Link::new(source.parse().unwrap(), timing);
    let mut held = None;
    for _ in 0..CYCLES {
        let mut meter = plug(&port);
        assert!(matches!(event(&mut link).await, Event::Opened(_)));
        let resources = (count("/proc/self/fd"), count("/proc/self/task"));
        assert_eq!(*held.get_or_insert(resources), resources);
        meter.write_all(b"x").await.unwrap();
        assert_eq!(event(&mut link).await, Event::Bytes(1));
        link.confirm();
        fs::remove_file(&port).unwrap();
        drop(meter);
        assert_eq!(event(&mut link).await, Event::Idle);
        assert!(matches!(event(&mut link).await, Event::Problem(problem) if problem.kind() == "lost"));
        assert!(!link.status().connected);
    }
    assert_eq!((link.status().opens, link.status().bytes), (CYCLES, CYCLES));
}
