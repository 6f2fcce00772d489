//! Writes log lines on a thread of its own, so that a reader of the log that is stuck holds up nothing else.

use std::{
    io::{self, ErrorKind, Write},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// Bytes of lines that may wait to be written: some five hundred lines.
const WAITING: usize = 64 * 1024;

/// The thread needs little, and the memory of a Pi Zero is small.
const STACK: usize = 64 * 1024;

/// Lines on their way to one output.
pub struct Writer {
    queue: Mutex<Queue>,
    changed: Condvar,
}

struct Queue {
    lines: String,
    /// Whether there is a thread that writes.
    is_started: bool,
    /// Whether lines were taken and are not yet written.
    is_writing: bool,
    /// Lines dropped since the start.
    dropped: u64,
    /// How many of them the log tells of.
    told: u64,
}

impl Writer {
    /// A writer that keeps lines until it is started.
    pub const fn new() -> Self {
        let queue = Queue { lines: String::new(), is_started: false, is_writing: false, dropped: 0, told: 0 };
        Self { queue: Mutex::new(queue), changed: Condvar::new() }
    }

    /// Starts the thread that writes. `notice` makes the line that tells how many lines were dropped.
    pub fn start(
        &'static self,
        output: impl Write + Send + 'static,
        notice: impl Fn(u64) -> String + Send + 'static,
    ) -> io::Result<()> {
        let work = move || self.write(output, notice);
        thread::Builder::new().name("log".into()).stack_size(STACK).spawn(work)?;
        self.lock().is_started = true;
        Ok(())
    }

    /// Whether lines are being written.
    pub fn is_started(&self) -> bool {
        self.lock().is_started
    }

    /// Queues a line, or drops it if too many wait. Never waits.
    pub fn put(&self, line: &str) {
        let mut queue = self.lock();
        if queue.lines.len() + line.len() > WAITING {
            queue.dropped += 1;
        } else {
            queue.lines.push_str(line);
            self.changed.notify_all();
        }
    }

    /// Lines dropped since the start.
    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// Waits until all lines are written, but not for longer than `limit`.
    pub fn finish(&self, limit: Duration) {
        let is_busy = |queue: &mut Queue| queue.is_started && (queue.is_writing || !queue.lines.is_empty());
        drop(self.changed.wait_timeout_while(self.lock(), limit, is_busy));
    }

    fn write(&self, mut output: impl Write, notice: impl Fn(u64) -> String) {
        loop {
            let (lines, untold) = self.take();
            let lost = unwritten(&mut output, &lines);
            let is_told = lost == 0 && untold > 0 && unwritten(&mut output, &notice(untold)) == 0;
            let mut queue = self.lock();
            queue.dropped += lost;
            queue.told += if is_told { untold } else { 0 };
            queue.is_writing = false;
            self.changed.notify_all();
        }
    }

    /// Waits for lines and takes them all; also returns how many were dropped after them and not told of.
    fn take(&self) -> (String, u64) {
        let waiting = self.changed.wait_while(self.lock(), |queue| queue.lines.is_empty());
        let mut queue = waiting.unwrap_or_else(PoisonError::into_inner);
        queue.is_writing = true;
        (std::mem::take(&mut queue.lines), queue.dropped - queue.told)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes lines, for as long as that takes. Returns how many were not written because the output refuses them.
fn unwritten(output: &mut impl Write, lines: &str) -> u64 {
    let mut rest = lines.as_bytes();
    while !rest.is_empty() {
        match output.write(rest) {
            Ok(count @ 1..) => rest = rest.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Whoever shares the output may have made it non-blocking for everybody.
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(Duration::from_millis(50)),
            Ok(0) | Err(_) => break,
        }
    }
    rest.iter().filter(|byte| **byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, pipe};
    use std::os::unix::net::UnixStream;

    fn writer(output: impl Write + Send + 'static) -> &'static Writer {
        let writer = Box::leak(Box::new(Writer::new()));
        writer.start(output, |count| format!("{count} dropped\n")).unwrap();
        writer
    }

    /// A stream that takes no more until it is read, and how many bytes that are.
    fn stuck() -> (UnixStream, UnixStream, usize) {
        let (reader, mut output) = UnixStream::pair().unwrap();
        output.set_nonblocking(true).unwrap();
        let size = std::iter::from_fn(|| output.write(b"........").ok()).sum();
        output.set_nonblocking(false).unwrap();
        (reader, output, size)
    }

    #[test]
    fn lines_are_written_in_order_before_the_end() {
        let (mut reader, output) = pipe().unwrap();
        let writer = writer(output);
        (0..100).for_each(|number| writer.put(&format!("{number}\n")));
        writer.finish(Duration::from_secs(60));
        let mut text = [0; 290];
        reader.read_exact(&mut text).unwrap();
        assert!(text.starts_with(b"0\n1\n2\n") && text.ends_with(b"\n98\n99\n"));
        assert_eq!(writer.dropped(), 0);
    }

    #[test]
    fn a_stuck_reader_holds_nothing_up_and_what_is_dropped_is_told_when_it_reads_again() {
        let (mut reader, output, size) = stuck();
        let writer = writer(output);
        let line = "x".repeat(1023) + "\n";
        (0..1000).for_each(|_| writer.put(&line));
        writer.finish(Duration::from_millis(1));
        let dropped = writer.dropped();
        // Those that the thread has taken wait beside the queue.
        assert!((1000 - 2 * 64..=1000 - 64).contains(&dropped), "{dropped}");
        let notice = format!("{dropped} dropped\n");
        let mut text = vec![0; size + (1000 - dropped as usize) * line.len() + notice.len()];
        reader.read_exact(&mut text).unwrap();
        assert!(text.ends_with(notice.as_bytes()));
        writer.put("again\n");
        writer.finish(Duration::from_secs(60));
        let mut text = [0; 6];
        reader.read_exact(&mut text).unwrap();
        assert_eq!(&text, b"again\n");
    }

    #[test]
    fn what_an_output_refuses_is_dropped() {
        let (reader, output) = pipe().unwrap();
        drop(reader);
        let writer = writer(output);
        writer.put("a\nb\n");
        writer.finish(Duration::from_secs(60));
        assert_eq!(writer.dropped(), 2);
    }
}
