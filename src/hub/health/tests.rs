//! Which of several things that are wrong is named.

use super::*;
use crate::wire::dlms::cipher;

const TAG: Error = Error::Cipher(cipher::Error::Tag);

fn verdict(snapshot: &Snapshot) -> Verdict {
    Verdict::of(snapshot, &Limits::default(), BootTime::ZERO)
}

#[test]
fn a_wrong_key_is_named_though_the_link_finds_no_valid_frame() {
    let mut snapshot = Snapshot::default();
    snapshot.undecodable = Some(TAG);
    snapshot.port.connected = true;
    assert_eq!(verdict(&snapshot), Verdict::Undecrypted(TAG));
    let problem: Arc<str> = "7650 bytes and no valid frame".into();
    snapshot.problem = Some(Arc::clone(&problem));
    assert_eq!(verdict(&snapshot), Verdict::Undecrypted(TAG));
    let sentence = verdict(&snapshot).sentence(&snapshot, BootTime::ZERO).unwrap_err();
    assert!(sentence.contains("encryption key is wrong"), "{sentence}");

    snapshot.port.connected = false;
    assert_eq!(
        verdict(&snapshot),
        Verdict::Problem(Arc::clone(&problem)),
        "a port that is gone matters more"
    );
    snapshot.port.connected = true;
    snapshot.record_frame(true, BootTime::ZERO);
    let later = BootTime::ZERO + Limits::default().register * 2;
    let verdict = Verdict::of(&snapshot, &Limits::default(), later);
    assert_eq!(verdict, Verdict::Problem(problem), "a frame that was valid proves the key");
}

#[test]
fn an_unknown_meter_has_sent_no_frame() {
    assert_eq!(verdict(&Snapshot::default()), Verdict::default());
}
