//! A stream means the same in pieces of any size.

use han_exporter::decoder::{Decoder, Error, Event, Outcome};

/// What an event leaves behind: where, how long, whether a frame, what it came to.
pub type Seen = (u64, usize, bool, &'static str);

/// Reads a stream in pieces of several sizes, hands every event to `check`, and returns what was seen.
pub fn seen(stream: &[u8], decoder: impl Fn() -> Decoder, check: impl Fn(&[u8], &Event<'_>)) -> Vec<Seen> {
    let whole = read(stream, stream.len().max(1), decoder(), &check);
    for size in [1, 7] {
        assert_eq!(read(stream, size, decoder(), &check), whole);
    }
    whole
}

fn read(stream: &[u8], size: usize, mut decoder: Decoder, check: &impl Fn(&[u8], &Event<'_>)) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut take = |event: &Event<'_>| {
        let start = event.offset as usize;
        check(&stream[start..start + event.length], event);
        seen.push((event.offset, event.length, event.frame.is_some(), outcome(&event.outcome)));
    };
    for mut piece in stream.chunks(size) {
        while let Some(event) = decoder.feed(&mut piece) {
            take(&event);
        }
        assert!(piece.is_empty(), "None, and something left");
    }
    while let Some(event) = decoder.finish() {
        take(&event);
    }
    assert!(decoder.discarded() <= stream.len() as u64);
    seen
}

fn outcome(outcome: &Outcome<'_>) -> &'static str {
    match outcome {
        Outcome::Reading { list, reading, .. } => {
            assert!(reading.registers().all(|(_, value)| value.to_f64().is_finite()));
            list.name
        }
        Outcome::Fragment => "fragment",
        Outcome::Undecodable(error) | Outcome::Rejected(error, _) => {
            assert!(Error::REASONS.contains(&error.reason()));
            error.reason()
        }
    }
}
