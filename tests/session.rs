//! Sessions against meters that answer, answer wrongly, or do not answer: no port, no clock.

mod support;

use han_exporter::decoder::Decoder;
use han_exporter::session::{Options, Session, Task};
use han_exporter::wire::line::Settings;
use han_exporter::wire::protocol::Protocol;
use support::asked::{self, ELECTRICITY, HEAT, Kmp, Meter, Played, Reader};

fn reader(protocol: Protocol) -> Reader {
    with(protocol, &Options::default())
}

fn with(protocol: Protocol, options: &Options) -> Reader {
    Reader::new(Session::new(protocol, options, Decoder::default()).expect("a protocol that is asked"))
}

/// A meter behind something that damages what it answers.
struct Through<M, F> {
    meter: M,
    damage: F,
    answers: usize,
}

fn through<M: Meter, F: FnMut(usize, &[u8], Vec<u8>) -> Vec<u8>>(meter: M, damage: F) -> Through<M, F> {
    Through { meter, damage, answers: 0 }
}

impl<M: Meter, F: FnMut(usize, &[u8], Vec<u8>) -> Vec<u8>> Meter for Through<M, F> {
    fn hear(&mut self, octets: &[u8], line: Settings) -> Vec<u8> {
        let answer = self.meter.hear(octets, line);
        self.answers += 1;
        (self.damage)(self.answers - 1, octets, answer)
    }
}

fn texts(played: &Played) -> Vec<&str> {
    played.sent.iter().map(|octets| str::from_utf8(octets).unwrap()).collect()
}

#[test]
fn kmp382_asks_who_the_meter_is_rarely_and_its_registers_each_round() {
    for chunk in [1, 2, 7, 1000] {
        let mut reader = reader(Protocol::Kmp382);
        assert_eq!(reader.session.task(), Task::Rest);
        let first = reader.play(&mut asked::kmp382, chunk, true);
        assert_eq!(texts(&first), ["@FE010001002CD4\r", "@FE9072\r", "@FE95006D\r"]);
        assert_eq!((first.readings(), first.timeouts), (3, 0));
        assert_eq!(first.lines, ["1200 8E2"]);
        let said = first.said.concat();
        for part in ["685382OK10", "import_watts 2875 W", "{tariff=\"2\"} 1000 Wh", "206557200 s"] {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert!(reader.session.round().answered);
        let next = reader.play(&mut asked::kmp382, chunk, false);
        assert_eq!(texts(&next), ["@FE9072\r", "@FE95006D\r"]);
        assert!(next.lines.is_empty(), "the line is set already");
        reader.session.restart();
        assert_eq!(reader.play(&mut asked::kmp382, chunk, false).lines, ["1200 8E2"]);
    }
}

#[test]
fn a_lost_doubled_or_wrong_octet_costs_a_try_and_nothing_false_is_read() {
    let whole = reader(Protocol::Kmp382).play(&mut asked::kmp382, 1000, true).said;
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
            let played = reader.play(&mut through(asked::kmp382, damage), 5, true);
            let mut readings = played.said.clone();
            readings.retain(|said| support::report::is_reading(said));
            assert_eq!(readings, whole, "{kind} at {place}");
            // An octet more before the start or behind the end costs nothing.
            let harmless = kind == 1 && (place == 0 || place == 79);
            assert_eq!(played.sent.len(), if harmless { 3 } else { 4 }, "{kind} at {place}: {played:?}");
            assert!(reader.session.round().answered);
        }
    }
}

#[test]
fn an_echo_and_noise_before_an_answer_do_no_harm() {
    let noisy = |_: usize, request: &[u8], answer: Vec<u8>| {
        [b"\x7f\x7f\x00H@", request, b"\xffHFX", &answer].concat()
    };
    for (protocol, meter, readings) in [(Protocol::Kmp382, None, 3), (Protocol::Kmp, Some(ELECTRICITY), 5)] {
        for chunk in [1, 3, 1000] {
            let mut reader = reader(protocol);
            let played = match &meter {
                None => reader.play(&mut through(asked::kmp382, noisy), chunk, true),
                Some(Kmp { line, registers }) => {
                    reader.play(&mut through(Kmp { line, registers }, noisy), chunk, true)
                }
            };
            assert_eq!((played.readings(), played.timeouts), (readings, 0), "{protocol}");
        }
    }
}

#[test]
fn a_meter_that_is_silent_is_given_up_and_asked_again_in_the_next_round() {
    let mut reader = reader(Protocol::Kmp382);
    let mut silent = |_: &[u8], _: Settings| Vec::new();
    let played = reader.play(&mut silent, 1, true);
    assert_eq!((played.sent.len(), played.timeouts, played.readings()), (6, 6, 0));
    assert_eq!((reader.session.round().answered, reader.session.round().octets), (false, 0));
    assert_eq!(reader.play(&mut asked::kmp382, 9, true).readings(), 3);
}

#[test]
fn octets_that_are_no_answer_are_counted() {
    let mut reader = reader(Protocol::Kmp382);
    let mut babble = |_: &[u8], _: Settings| b"no answer".to_vec();
    reader.play(&mut babble, 4, false);
    assert_eq!((reader.session.round().answered, reader.session.round().octets), (false, 3 * 9));
    assert_eq!(reader.session.discarded(), 3 * 9);
}

#[test]
fn a_meter_without_tariffs_is_read_all_the_same_and_not_asked_for_them_until_it_is_asked_who_it_is() {
    let mut without = |octets: &[u8], line: Settings| match octets.starts_with(b"@FE95") {
        true => Vec::new(),
        false => asked::kmp382(octets, line),
    };
    let mut reader = reader(Protocol::Kmp382);
    assert_eq!(reader.play(&mut without, 1000, true).sent.len(), 2 + 3);
    assert!(reader.session.round().answered);
    assert_eq!(reader.play(&mut without, 1000, false).sent.len(), 1);
    assert_eq!(reader.play(&mut without, 1000, true).sent.len(), 2 + 3);
}

#[test]
fn the_answer_to_another_question_is_none() {
    // The answer to the first question comes only after the second one was asked.
    let mut late = Vec::new();
    let mut reader = reader(Protocol::Kmp382);
    let delayed = |_: usize, _: &[u8], answer: Vec<u8>| std::mem::replace(&mut late, answer);
    let played = reader.play(&mut through(asked::kmp382, delayed), 1000, false);
    assert!(reader.session.round().answered, "{played:?}");
    assert_eq!(texts(&played), ["@FE9072\r", "@FE9072\r", "@FE95006D\r", "@FE95006D\r"]);
}

#[test]
fn kmp_finds_out_the_line_and_what_the_meter_counts() {
    let mut reader = reader(Protocol::Kmp);
    let first = reader.play(&mut { ELECTRICITY }, 1000, true);
    assert_eq!((first.readings(), first.sent.len(), first.timeouts), (5, 5, 0));
    assert_eq!(reader.session.interval().as_secs(), 60);
    assert_eq!(reader.play(&mut { ELECTRICITY }, 1000, false).sent.len(), 3);
    let mut reader = self::reader(Protocol::Kmp);
    let first = reader.play(&mut { HEAT }, 3, true);
    assert_eq!(first.lines, ["9600 8N1", "1200 8N2"]);
    assert!(first.said.concat().contains("han_heat_joules_total{channel=\"0\"} 200332800000 J"), "{first:?}");
    assert_eq!(reader.session.interval().as_secs(), 1800);
    let next = reader.play(&mut { HEAT }, 3, false);
    assert_eq!((next.sent.len(), next.lines.len(), next.timeouts), (1, 0, 0), "one question is all it costs");
}

#[test]
fn a_meter_of_electricity_is_not_taken_for_one_of_heat_because_an_answer_was_lost() {
    let mut reader = reader(Protocol::Kmp);
    let lossy =
        |number: usize, _: &[u8], answer: Vec<u8>| if (2..5).contains(&number) { Vec::new() } else { answer };
    reader.play(&mut through(ELECTRICITY, lossy), 1000, true);
    assert_eq!(reader.session.interval().as_secs(), 60);
    assert_eq!(reader.play(&mut { ELECTRICITY }, 1000, false).readings(), 3);
}

#[test]
fn a_line_that_proved_itself_is_kept_when_the_meter_falls_silent() {
    let mut reader = reader(Protocol::Kmp);
    let mut silent = |_: &[u8], _: Settings| Vec::new();
    reader.play(&mut { HEAT }, 1000, true);
    assert!(reader.play(&mut silent, 1000, false).lines.is_empty());
    assert!(!reader.session.round().answered);
    reader.session.restart();
    assert_eq!(reader.play(&mut silent, 1000, false).lines, ["1200 8N2", "9600 8N1"]);
}

#[test]
fn the_owner_may_know_the_line_better() {
    let line = "2400 8N1";
    let options = Options {
        line: Some(Settings::new(2400, 8, han_exporter::wire::line::Parity::None)),
        ..Options::default()
    };
    let mut reader = with(Protocol::Kmp, &options);
    let played = reader.play(&mut Kmp { line, ..HEAT }, 1000, true);
    assert_eq!((played.lines.as_slice(), played.readings()), (&[line.to_string()][..], 4));
    let mut silent = |_: &[u8], _: Settings| Vec::new();
    let mut reader = with(Protocol::Kmp, &options);
    assert_eq!(reader.play(&mut silent, 1000, true).lines, [line]);
}

#[test]
fn no_protocol_that_is_pushed_has_a_session() {
    for protocol in Protocol::ALL {
        let session = Session::new(protocol, &Options::default(), Decoder::default());
        assert_eq!(session.is_some(), protocol.is_asked(), "{protocol}");
    }
}
