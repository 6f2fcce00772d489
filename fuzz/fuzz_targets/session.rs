//! A poll engine against a meter that sends anything at any time: it comes to rest, and sends only requests that read.
//!
//! The first byte chooses the protocol and the options; each further one is a stroke of time, or announces
//! bytes from the meter.

#![no_main]

use han_exporter::poll::{PollOptions, PollEngine, Task};
use han_exporter::wire::iec21;
use han_exporter::wire::kmp::{self, MOST};
use han_exporter::wire::kmp382;
use han_exporter::wire::iec21::Wake;
use han_exporter::wire::protocol::Protocol;
use libfuzzer_sys::fuzz_target;

/// More strokes than the longest poll cycle has: settings, requests and tries of each protocol.
const ENOUGH: usize = 1000;

fuzz_target!(|script: &[u8]| {
    let Some((&choice, mut script)) = script.split_first() else { return };
    let protocol = [Protocol::Kmp382, Protocol::Kmp, Protocol::Iec][usize::from(choice % 3)];
    let wake = [Wake::None, Wake::Zeros, Wake::Ultraheat][usize::from(choice / 3 % 3)];
    let options = PollOptions { is_speed_fixed: choice & 0x80 != 0, wake, ..PollOptions::default() };
    let Some(mut engine) = PollEngine::new(protocol, &options) else { panic!("it is polled") };
    let mut strokes = 0;
    while let Some((&stroke, rest)) = script.split_first() {
        script = rest;
        match stroke {
            0xFF => engine.restart(),
            0xC0.. => {
                let count = usize::from(stroke & 0x3F).min(script.len());
                let (mut bytes, rest) = script.split_at(count);
                script = rest;
                while engine.feed(&mut bytes).is_some() {}
                assert!(bytes.is_empty(), "None, and something left");
            }
            _ => stride(&mut engine, protocol, stroke & 1 == 1),
        }
        strokes = if engine.task() == Task::Rest { 0 } else { strokes + 1 };
    }
    // Whatever happened, silence lets it rest.
    for _ in 0..ENOUGH {
        if engine.task() == Task::Rest {
            return;
        }
        stride(&mut engine, protocol, false);
    }
    panic!("it does not come to rest after {strokes} strokes: {:?}", engine.task());
});

/// Does what is to be done, as if the meter were silent.
fn stride(engine: &mut PollEngine, protocol: Protocol, identity: bool) {
    match engine.task() {
        Task::Rest => engine.begin(identity),
        Task::Listen { quiet, total } => {
            assert!(quiet <= total && total.as_secs() < 3600);
            while engine.timeout().is_some() {}
        }
        Task::Send(bytes) => {
            assert!(reads(protocol, bytes), "{bytes:02x?}");
            engine.done();
        }
        Task::SetLine(_) | Task::Pause(_) => engine.done(),
    }
}

/// Whether bytes ask for something and change nothing.
fn reads(protocol: Protocol, bytes: &[u8]) -> bool {
    match protocol {
        Protocol::Kmp382 => kmp382::Request::parse(bytes).is_ok(),
        Protocol::Kmp => kmp::Request::parse(bytes, &mut [0; MOST]).is_ok(),
        _ => iec21::Request::parse(bytes).is_some() || bytes.iter().all(|byte| *byte == 0),
    }
}
