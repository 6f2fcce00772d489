//! Polling meters that answer, answer wrongly or do not answer, without a port and without a clock.

#![cfg(feature = "daemon")]

use crate::support;
use crate::support::polled::{Iec, Meter, Played, Reader, Simulated};
use han_exporter::poll::{PollEngine, PollOptions, Task};
use han_exporter::wire::iec21::{Address, Wake};
use han_exporter::wire::protocol::Protocol;
use han_exporter::wire::serial::SerialSettings;

fn reader(protocol: Protocol) -> Reader {
    with(protocol, &PollOptions::default())
}

fn with(protocol: Protocol, options: &PollOptions) -> Reader {
    let engine = PollEngine::new(protocol, options);
    Reader::new(engine.unwrap_or_else(|| panic!("{protocol} is not polled")))
}

/// A meter whose responses are damaged on their way.
struct Through<M, F> {
    meter: M,
    damage: F,
    answers: usize,
}

fn through<M: Meter, F: FnMut(usize, &[u8], Vec<u8>) -> Vec<u8>>(meter: M, damage: F) -> Through<M, F> {
    Through { meter, damage, answers: 0 }
}

impl<M: Meter, F: FnMut(usize, &[u8], Vec<u8>) -> Vec<u8>> Meter for Through<M, F> {
    fn more(&mut self, line: SerialSettings) -> Vec<u8> {
        let answer = self.meter.more(line);
        if answer.is_empty() { answer } else { (self.damage)(usize::MAX, &[], answer) }
    }

    fn hear(&mut self, bytes: &[u8], line: SerialSettings) -> Vec<u8> {
        let answer = self.meter.hear(bytes, line);
        self.answers += 1;
        (self.damage)(self.answers - 1, bytes, answer)
    }
}

fn kmp382() -> Simulated {
    Simulated::new("kmp382")
}

fn kmp() -> Simulated {
    Simulated::new("kmp")
}

fn multical() -> Simulated {
    Simulated::new("multical")
}

fn texts(played: &Played) -> Vec<&str> {
    played.sent.iter().map(|bytes| str::from_utf8(bytes).unwrap()).collect()
}

#[test]
fn kmp382_requests_the_identity_when_told_to_and_registers_in_each_cycle() {
    for chunk in [1, 2, 7, 1000] {
        let (mut reader, mut meter) = (reader(Protocol::Kmp382), kmp382());
        assert_eq!(reader.engine.task(), Task::Rest);
        let first = reader.play(&mut meter, chunk, true);
        assert_eq!(texts(&first), ["@FE010001002CD4\r", "@FE9072\r", "@FE95006D\r"]);
        assert_eq!((first.readings(), first.timeouts), (3, 0));
        assert_eq!(first.lines, ["1200 8E2"]);
        let said = first.said.concat();
        let watts = format!("import_watts {} W", meter.watts());
        for part in ["685382OK10", &watts, "{tariff=\"2\"} 40772000 Wh", "141130800 s"] {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert!(reader.engine.result().answered);
        let next = reader.play(&mut meter, chunk, false);
        assert_eq!(texts(&next), ["@FE9072\r", "@FE95006D\r"]);
        assert!(next.lines.is_empty(), "the line has these settings already");
        reader.engine.restart();
        assert_eq!(reader.play(&mut meter, chunk, false).lines, ["1200 8E2"]);
    }
}

#[test]
fn a_lost_doubled_or_wrong_byte_costs_one_try_and_yields_no_false_reading() {
    let whole = reader(Protocol::Kmp382).play(&mut kmp382(), 1000, true).said;
    for place in 0..80 {
        for kind in 0..4 {
            let mut reader = reader(Protocol::Kmp382);
            let damage = |number: usize, _: &[u8], mut answer: Vec<u8>| {
                let place = place % answer.len();
                match kind {
                    _ if number != 1 => {}
                    0 => drop(answer.remove(place)),
                    1 => answer.insert(place, answer[place]),
                    2 => answer[place] ^= 4,
                    _ => answer.truncate(place),
                }
                answer
            };
            let played = reader.play(&mut through(kmp382(), damage), 5, true);
            let mut readings = played.said.clone();
            readings.retain(|said| support::report::is_reading(said));
            assert_eq!(readings, whole, "{kind} at {place}");
            // One more byte before the start or after the end costs nothing.
            let harmless = kind == 1 && (place == 0 || place == 79);
            assert_eq!(played.sent.len(), if harmless { 3 } else { 4 }, "{kind} at {place}: {played:?}");
            assert!(reader.engine.result().answered);
        }
    }
}

#[test]
fn ignores_an_echo_and_noise_before_a_response() {
    let noisy = |_: usize, request: &[u8], answer: Vec<u8>| {
        [b"\x7f\x7f\x00H@", request, b"\xffHFX", &answer].concat()
    };
    for (protocol, name, readings) in [(Protocol::Kmp382, "kmp382", 3), (Protocol::Kmp, "kmp", 5)] {
        for chunk in [1, 3, 1000] {
            let mut meter = through(Simulated::new(name), noisy);
            let played = reader(protocol).play(&mut meter, chunk, true);
            assert_eq!((played.readings(), played.timeouts), (readings, 0), "{protocol}");
        }
    }
}

#[test]
fn gives_up_a_silent_meter_and_polls_it_again_in_the_next_cycle() {
    let mut reader = reader(Protocol::Kmp382);
    let mut silent = |_: &[u8], _: SerialSettings| Vec::new();
    let played = reader.play(&mut silent, 1, true);
    assert_eq!((played.sent.len(), played.timeouts, played.readings()), (6, 6, 0));
    assert_eq!((reader.engine.result().answered, reader.engine.result().bytes), (false, 0));
    assert_eq!(reader.play(&mut kmp382(), 9, true).readings(), 3);
}

#[test]
fn counts_bytes_that_belong_to_no_response() {
    let mut reader = reader(Protocol::Kmp382);
    let mut babble = |_: &[u8], _: SerialSettings| b"no answer".to_vec();
    reader.play(&mut babble, 4, false);
    assert_eq!((reader.engine.result().answered, reader.engine.result().bytes), (false, 3 * 9));
    assert_eq!(reader.engine.discarded(), 3 * 9);
}

#[test]
fn omits_tariffs_that_a_meter_does_not_answer_until_the_next_identity_request() {
    let mut meter = kmp382();
    let mut without = |bytes: &[u8], line: SerialSettings| match bytes.starts_with(b"@FE95") {
        true => Vec::new(),
        false => meter.hear(bytes, line),
    };
    let mut reader = reader(Protocol::Kmp382);
    assert_eq!(reader.play(&mut without, 1000, true).sent.len(), 2 + 3);
    assert!(reader.engine.result().answered);
    assert_eq!(reader.play(&mut without, 1000, false).sent.len(), 1);
    assert_eq!(reader.play(&mut without, 1000, true).sent.len(), 2 + 3);
}

#[test]
fn rejects_the_response_to_an_earlier_request() {
    // The response to the first request arrives only after the second request.
    let mut late = Vec::new();
    let mut reader = reader(Protocol::Kmp382);
    let delayed = |_: usize, _: &[u8], answer: Vec<u8>| std::mem::replace(&mut late, answer);
    let played = reader.play(&mut through(kmp382(), delayed), 1000, false);
    assert!(reader.engine.result().answered, "{played:?}");
    assert_eq!(texts(&played), ["@FE9072\r", "@FE9072\r", "@FE95006D\r", "@FE95006D\r"]);
}

#[test]
fn kmp_detects_the_serial_settings_and_the_kind_of_meter() {
    let mut reader = reader(Protocol::Kmp);
    let first = reader.play(&mut kmp(), 1000, true);
    assert_eq!((first.readings(), first.sent.len(), first.timeouts), (5, 5, 0));
    assert_eq!(reader.engine.interval().as_secs(), 60);
    assert_eq!(reader.play(&mut kmp(), 1000, false).sent.len(), 3);
    let mut reader = self::reader(Protocol::Kmp);
    let first = reader.play(&mut multical(), 3, true);
    assert_eq!(first.lines, ["9600 8N1", "1200 8N2"]);
    assert!(first.said.concat().contains("han_heat_joules_total{channel=\"0\"} 733896000000 J"), "{first:?}");
    assert_eq!(reader.engine.interval().as_secs(), 1800);
    let next = reader.play(&mut multical(), 3, false);
    assert_eq!((next.sent.len(), next.lines.len(), next.timeouts), (1, 0, 0), "one request is enough");
}

#[test]
fn an_electricity_meter_is_not_taken_for_a_heat_meter_when_responses_are_lost() {
    let mut reader = reader(Protocol::Kmp);
    let lossy =
        |number: usize, _: &[u8], answer: Vec<u8>| if (2..5).contains(&number) { Vec::new() } else { answer };
    reader.play(&mut through(kmp(), lossy), 1000, true);
    assert_eq!(reader.engine.interval().as_secs(), 60);
    assert_eq!(reader.play(&mut kmp(), 1000, false).readings(), 3);
}

#[test]
fn keeps_verified_settings_when_the_meter_falls_silent() {
    let mut reader = reader(Protocol::Kmp);
    let mut silent = |_: &[u8], _: SerialSettings| Vec::new();
    reader.play(&mut multical(), 1000, true);
    assert!(reader.play(&mut silent, 1000, false).lines.is_empty());
    assert!(!reader.engine.result().answered);
    reader.engine.restart();
    assert_eq!(reader.play(&mut silent, 1000, false).lines, ["1200 8N2", "9600 8N1"]);
}

#[test]
fn uses_the_settings_that_the_user_fixed() {
    let line = "2400 8N1";
    let options = PollOptions {
        settings: Some(SerialSettings::new(2400, 8, han_exporter::wire::serial::Parity::None)),
        ..PollOptions::default()
    };
    let mut reader = with(Protocol::Kmp, &options);
    let mut meter = multical();
    let usual = meter.responder.line();
    let mut elsewhere = |bytes: &[u8], at: SerialSettings| match at.to_string() == line {
        true => meter.hear(bytes, usual),
        false => Vec::new(),
    };
    let played = reader.play(&mut elsewhere, 1000, true);
    assert_eq!((played.lines.as_slice(), played.readings()), (&[line.to_string()][..], 4));
    let mut silent = |_: &[u8], _: SerialSettings| Vec::new();
    let mut reader = with(Protocol::Kmp, &options);
    assert_eq!(reader.play(&mut silent, 1000, true).lines, [line]);
}

#[test]
fn only_polled_protocols_have_an_engine() {
    for protocol in Protocol::ALL {
        let engine = PollEngine::new(protocol, &PollOptions::default());
        assert_eq!(engine.is_some(), protocol.is_polled(), "{protocol}");
    }
}

const MODE_A: &[u8] = b"/KAM 685-382-OK-10\r\n\x021.20(0009032*kWh)\r\n1.6*1(000002,8)!\r\n\x03";
const MODE_B: &[u8] = b"/SIEC2WR5\r\n\x026.8(0029.055*MWh)6.26(01589.28*m3)6.8*01(0028.086*MWh)!\r\n\x03";
const MODE_C: &[u8] = b"/LGZ5ZMD120APt.G03\r\n\x021.8.0(001846.0*kWh)\r\n1.8.0*01(001800.0*kWh)\r\n!\r\n\x03";

/// Appends the block check character: exclusive or, or the sum that Kamstrup uses.
fn checked(bytes: &[u8], sum: bool) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte == 2).unwrap() + 1;
    let block = &bytes[start..];
    let check = match sum {
        true => block.iter().fold(0_u8, |all, byte| all.wrapping_add(*byte)) & 0x7F,
        false => block.iter().fold(0, |all, byte| all ^ byte),
    };
    [bytes, &[check]].concat()
}

fn iec(bytes: &[u8]) -> Iec {
    Iec::of(&checked(bytes, bytes == MODE_A))
}

#[test]
fn continues_a_readout_in_the_mode_that_the_meter_identifies() {
    const BEGIN: &str = "300 7E1";
    for (bytes, sent, lines, energy) in [
        (MODE_A, &["/?!\r\n"][..], &[BEGIN][..], "9032000 Wh"),
        (MODE_B, &["/?!\r\n"], &[BEGIN, "2400 7E1"], "104598000000 J"),
        (MODE_C, &["/?!\r\n", "\x06050\r\n"], &[BEGIN, "9600 7E1"], "1846000 Wh"),
    ] {
        for chunk in [1, 2, 7, 1000] {
            let mut reader = reader(Protocol::Iec);
            for _ in 0..2 {
                let played = reader.play(&mut iec(bytes), chunk, true);
                assert_eq!((texts(&played).as_slice(), played.timeouts), (sent, 0), "{played:?}");
                assert_eq!(played.lines, lines, "back to 300 before each cycle");
                assert_eq!(played.readings(), 1, "{played:?}");
                assert!(played.said.concat().contains(energy), "{played:?}");
                assert!(reader.engine.result().answered);
            }
        }
    }
}

#[test]
fn ignores_noise_around_the_identification_line_and_the_data() {
    for bytes in [MODE_A, MODE_B, MODE_C] {
        for chunk in [1, 3, 1000] {
            let around = |number: usize, request: &[u8], answer: Vec<u8>| match number {
                0 => [&[0x7F, 0x7F, 0x00][..], request, &answer].concat(),
                usize::MAX => [&b"\x00\x1f\x06 050\r\n"[..], &answer].concat(),
                _ => [request, &answer].concat(),
            };
            let mut reader = reader(Protocol::Iec);
            let played = reader.play(&mut through(iec(bytes), around), chunk, true);
            assert_eq!((played.readings(), played.timeouts), (1, 0), "{played:?}");
        }
    }
}

#[test]
fn tries_the_next_lower_speed_when_data_arrive_damaged() {
    let mut reader = reader(Protocol::Iec);
    let mut slow = Iec { fastest: 2400, ..iec(MODE_C) };
    let first = reader.play(&mut slow, 1000, true);
    assert_eq!(first.lines, ["300 7E1", "9600 7E1", "300 7E1", "4800 7E1", "300 7E1", "2400 7E1"]);
    assert_eq!((first.readings(), reader.engine.result().answered), (1, true), "{first:?}");
    let next = reader.play(&mut slow, 1000, true);
    assert_eq!((next.lines.as_slice(), next.timeouts), (&["300 7E1".to_string(), "2400 7E1".into()][..], 0));
    reader.engine.restart();
    assert_eq!(reader.play(&mut iec(MODE_C), 1000, true).lines, ["300 7E1", "9600 7E1"]);
}

#[test]
fn a_meter_that_never_receives_the_acknowledgement_is_finally_read_at_300() {
    let mut reader = reader(Protocol::Iec);
    let mut deaf = Iec { hears: false, ..iec(MODE_C) };
    assert_eq!(reader.play(&mut deaf, 1000, true).readings(), 0);
    assert!(!reader.engine.result().answered);
    assert_eq!(reader.play(&mut deaf, 1000, true).readings(), 1, "after 9600, 4800, 2400, 1200, 600");
    assert_eq!(reader.play(&mut deaf, 1000, true).sent.len(), 2, "300 is kept");
}

#[test]
fn a_line_of_fixed_speed_stays_at_300() {
    let options = PollOptions { is_speed_fixed: true, ..PollOptions::default() };
    let mut reader = with(Protocol::Iec, &options);
    let played = reader.play(&mut iec(MODE_C), 1000, true);
    assert_eq!(texts(&played), ["/?!\r\n", "\x06000\r\n"]);
    assert_eq!((played.lines.as_slice(), played.readings()), (&["300 7E1".to_string()][..], 1));
    assert_eq!(reader.play(&mut iec(MODE_B), 1000, true).readings(), 0, "it changes its speed by itself");
}

#[test]
fn does_not_interrupt_a_meter_that_continues_without_the_acknowledgement() {
    // Itron's EM214 announces a speed and sends its data at 300 all the same.
    let whole = checked(MODE_C, false);
    let mut meter = Iec { ident: whole, data: Vec::new(), ..iec(MODE_C) };
    for chunk in [1, 5, 1000] {
        let mut reader = reader(Protocol::Iec);
        let played = reader.play(&mut meter, chunk, true);
        assert_eq!((played.sent.len(), played.readings()), (1, 1), "{chunk}: {played:?}");
    }
}

#[test]
fn requests_damaged_data_again_and_never_accepts_them() {
    let bytes = checked(MODE_C, false);
    for place in Iec::of(&bytes).ident.len()..bytes.len() {
        for flip in [1, 0x10] {
            let mut damaged = bytes.clone();
            damaged[place] ^= flip;
            let mut meter = Iec::of(&damaged);
            let mut reader = reader(Protocol::Iec);
            let played = reader.play(&mut meter, 1000, true);
            let wrong = played.said.iter().any(|said| support::report::is_reading(said));
            assert!(!wrong, "{place}: {played:?}");
            assert_eq!(played.sent.len(), 6, "{place}: {played:?}");
        }
    }
}

#[test]
fn rejects_data_without_the_check_that_their_start_demands() {
    let bytes = checked(MODE_C, false);
    let mut reader = reader(Protocol::Iec);
    for missing in 1..5 {
        let played = reader.play(&mut Iec::of(&bytes[..bytes.len() - missing]), 1000, true);
        assert_eq!(played.readings(), 0, "{missing}: {played:?}");
    }
}

#[test]
fn wakes_a_sleeping_meter_and_addresses_one_of_several() {
    let address = Address::read(b"12345678").unwrap();
    for (wake, sent) in [
        (Wake::None, vec![b"/?12345678!\r\n".to_vec()]),
        (Wake::Zeros, vec![vec![0; 84], b"/?12345678!\r\n".to_vec()]),
        (Wake::Ultraheat, vec![vec![0; 40], b"/#!\r\n".to_vec()]),
    ] {
        let options = PollOptions { address, wake, ..PollOptions::default() };
        let played = with(Protocol::Iec, &options).play(&mut iec(MODE_A), 1000, true);
        assert_eq!((played.sent, played.said.len()), (sent, 1));
    }
}
