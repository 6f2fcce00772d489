//! Which of several things that are wrong is named.

use super::*;
use crate::wire::dlms::cipher;
use crate::wire::frame;

const TAG: Error = Error::Cipher(cipher::Error::Tag);

fn verdict(snapshot: &Snapshot) -> Verdict {
    Verdict::of(snapshot, &Limits::default(), BootTime::ZERO)
}

fn trouble(snapshot: &Snapshot, now: BootTime) -> Option<Trouble> {
    Verdict::of(snapshot, &Limits::default(), now).trouble(snapshot, &Limits::default(), now)
}

#[test]
fn a_wrong_key_is_named_though_the_link_finds_no_valid_frame() {
    let mut snapshot = Snapshot::default();
    snapshot.undecodable = Some(TAG);
    snapshot.port.connected = true;
    assert_eq!(verdict(&snapshot), Verdict::Undecrypted(TAG));
    let problem = Trouble::of_source("no_frames", "7650 bytes and no valid frame");
    snapshot.problem = Some(problem.clone());
    assert_eq!(verdict(&snapshot), Verdict::Undecrypted(TAG));
    let trouble = trouble(&snapshot, BootTime::ZERO).unwrap();
    assert_eq!(trouble.reason, "tag");
    assert!(trouble.sentence.contains("encryption key is wrong"), "{trouble:?}");

    snapshot.port.connected = false;
    assert_eq!(verdict(&snapshot), Verdict::Problem(problem.clone()), "a port that is gone matters more");
    snapshot.port.connected = true;
    snapshot.record_frame(true, BootTime::ZERO);
    let later = BootTime::ZERO + Limits::default().register * 2;
    let verdict = Verdict::of(&snapshot, &Limits::default(), later);
    assert_eq!(verdict, Verdict::Problem(problem), "a frame that was valid proves the key");
}

#[test]
fn the_log_says_nothing_of_a_polled_meter_before_its_second_readout() {
    let patience = |poll_interval| {
        let mut snapshot = Snapshot::default();
        snapshot.poll_interval = poll_interval;
        Verdict::Unconfirmed.trouble(&snapshot, &Limits::default(), BootTime::ZERO).unwrap().patience
    };
    assert_eq!(patience(None), Limits::default().instant);
    assert!(patience(Some(Duration::from_secs(60))) > Duration::from_secs(120));
}

#[test]
fn a_key_that_was_right_and_is_wrong_now_is_named_while_messages_arrive() {
    let seconds = |count| BootTime::ZERO + Duration::from_secs(count);
    let mut snapshot = Snapshot::default();
    snapshot.port.connected = true;
    snapshot.counts.readings[0] = 1;
    snapshot.record_frame(true, BootTime::ZERO);
    let at = |snapshot: &Snapshot, second| trouble(snapshot, seconds(second)).map(|trouble| trouble.reason);
    for second in (10..=110).step_by(10) {
        snapshot.reject(TAG, seconds(second));
        assert_eq!(at(&snapshot, second), (second > 30).then_some("tag"));
    }
    let problem = Trouble::of_source("no_frames", "15060 bytes in 90 s, but no valid frame");
    snapshot.problem = Some(problem);
    assert_eq!(at(&snapshot, 140), Some("tag"));
    assert_eq!(at(&snapshot, 141), Some("no_frames"), "what does not arrive needs no key");
    snapshot.problem = None;
    assert_eq!(at(&snapshot, 141), Some("frames_stopped"));
    snapshot.record_frame(true, seconds(150));
    assert_eq!(at(&snapshot, 181), Some("frames_stopped"), "the key is right again");
}

#[test]
fn an_unknown_meter_has_sent_no_frame() {
    assert_eq!(verdict(&Snapshot::default()), Verdict::default());
}

#[test]
fn frames_that_are_all_damaged_are_told_from_silence() {
    const DAMAGE: Error = Error::Frame(frame::Error::Cut);
    let seconds = |count| BootTime::ZERO + Duration::from_secs(count);
    let mut snapshot = Snapshot::default();
    let reason = |snapshot: &Snapshot, second| trouble(snapshot, seconds(second)).unwrap().reason;
    snapshot.reject(DAMAGE, BootTime::ZERO);
    assert_eq!(reason(&snapshot, 0), "no_frame_yet", "it may be noise at a wrong speed");
    snapshot.record_frame(true, seconds(1));
    assert_eq!(reason(&snapshot, 32), "frames_stopped");
    for second in [10, 20, 30] {
        snapshot.reject(DAMAGE, seconds(second));
    }
    let damaged = trouble(&snapshot, seconds(60)).unwrap();
    assert!(damaged.sentence.contains("check the cable"), "{damaged:?}");
    assert_eq!([reason(&snapshot, 60), reason(&snapshot, 61)], ["damaged", "frames_stopped"]);
}

/// Docs and alerts know the hub's reasons from this list.
#[test]
fn each_reason_is_in_the_list_and_its_sentence_names_the_fix() {
    let snapshot = Snapshot::default();
    let verdicts = [
        Verdict::Damaged,
        Verdict::Silent,
        Verdict::Incomplete,
        Verdict::MetersAlternate,
        Verdict::NoFrame,
        Verdict::Unconfirmed,
    ];
    let trouble = |verdict: &Verdict| verdict.trouble(&snapshot, &Limits::default(), BootTime::ZERO);
    let troubles: Vec<_> = verdicts.iter().filter_map(trouble).collect();
    assert_eq!(troubles.iter().map(|trouble| trouble.reason).collect::<Vec<_>>(), Trouble::REASONS);
    for Trouble { sentence, .. } in &troubles {
        let fix = sentence.split_once(": ").map(|(_, fix)| fix).unwrap_or_default();
        assert!(["check ", "waiting ", "give "].iter().any(|verb| fix.starts_with(verb)), "{sentence}");
    }
    assert_eq!(Verdict::Well.trouble(&snapshot, &Limits::default(), BootTime::ZERO), None);
}
