//! Who listens on a link and asks over it, against meters on pseudo-terminals; no child process, so that nothing holds a
//! pseudo-terminal open that is to be unplugged.

#![cfg(feature = "daemon")]

mod support;

#[path = "support/outlet.rs"]
mod outlet;

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::Duration;

use han_exporter::decoder::{Decoder, Outcome};
use han_exporter::source::{Event, Link, Timing};
use han_exporter::talk::Talk;
use outlet::{IEC, KMP382, Outlet, READOUT, readout};
use support::asked;
use tokio::time::timeout;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn talk(source: &str) -> Talk {
    let timing = Timing { retry: Duration::from_millis(20), ..Timing::default() };
    Talk::over(Link::new(source.parse().unwrap(), timing), Decoder::default())
}

/// What was heard.
#[derive(Default)]
struct Heard {
    readings: Vec<&'static str>,
    events: Vec<String>,
}

/// Hears on until enough is heard. If `shaken`, each wait is given up many times before it is over.
async fn hear(talk: &mut Talk, shaken: bool, enough: impl Fn(&Heard) -> bool) -> Heard {
    let mut heard = Heard::default();
    let mut buffer = [0; 64];
    let hearing = async {
        while !enough(&heard) {
            let event = match shaken {
                false => talk.next(&mut buffer).await,
                true => match timeout(Duration::from_millis(3), talk.next(&mut buffer)).await {
                    Ok(event) => event,
                    Err(_) => continue,
                },
            };
            let mut note = |event: han_exporter::decoder::Event<'_>| {
                if let Outcome::Reading { list, .. } = event.outcome {
                    heard.readings.push(list.name);
                }
            };
            match event {
                Event::Bytes(count) => {
                    let mut octets = &buffer[..count];
                    while let Some(event) = talk.feed(&mut octets) {
                        note(event);
                    }
                }
                Event::Idle => {
                    while let Some(event) = talk.idle() {
                        note(event);
                    }
                }
                Event::Trouble(trouble) => heard.events.push(trouble.kind().into()),
                other => heard.events.push(format!("{other:?}")),
            }
        }
    };
    timeout(PATIENCE, hearing).await.expect("it is heard in time");
    heard
}

#[tokio::test]
async fn a_wait_that_is_given_up_loses_nothing() {
    let outlet = Outlet::plug(asked::kmp382, KMP382);
    let mut talk = talk(&format!("{}?protocol=kmp382&interval=1s", outlet.path));
    let heard = hear(&mut talk, true, |heard| heard.readings.len() == 5).await;
    let names = ["identity", "registers", "tariffs", "registers", "tariffs"];
    assert_eq!(heard.readings, names.map(|name| format!("Kamstrup 685-382 {name}")));
    assert_eq!((heard.events.len(), talk.discarded()), (1, 0), "{:?}", heard.events);
    let outlet = Outlet::plug(readout(READOUT), IEC);
    let mut talk = self::talk(&format!("{}?protocol=iec&interval=1s", outlet.path));
    let heard = hear(&mut talk, true, |heard| heard.readings.len() == 2).await;
    assert_eq!(heard.events.len(), 1, "{:?}", heard.events);
    assert_eq!(outlet.faults(), [""; 0]);
}

#[tokio::test]
async fn an_adapter_that_is_unplugged_in_the_midst_of_a_round_is_waited_for() {
    let path = Folder::new("unplugged").0.join("optical");
    let plug = || {
        let _ = std::fs::remove_file(&path);
        let outlet = Outlet::plug(asked::kmp382, KMP382);
        symlink(&outlet.path, &path).unwrap();
        outlet
    };
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut outlet = plug();
    let mut talk = talk(&format!("serial:{}?protocol=kmp382&interval=1s", path.display()));
    for round in 0..3 {
        // After the first answer, in the midst of a round.
        let heard = hear(&mut talk, false, |heard| heard.readings.len() == 1 + round).await;
        assert_eq!(
            heard.readings[0], "Kamstrup 685-382 identity",
            "a meter behind a new adapter is asked who it is"
        );
        drop(outlet);
        std::fs::remove_file(&path).unwrap();
        let heard = hear(&mut talk, false, |heard| heard.events.iter().any(|event| event == "lost")).await;
        assert!(!talk.status().connected, "{:?}", heard.events);
        outlet = plug();
    }
    drop(outlet);
    std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
}

#[tokio::test]
async fn the_interval_is_what_the_owner_wishes_or_what_is_usual() {
    let interval = |source: &str| talk(source).interval().map(|time| time.as_secs());
    assert_eq!(interval("/dev/ttyNONE"), None);
    assert_eq!(interval("/dev/ttyNONE?protocol=p1"), None);
    assert_eq!(interval("/dev/ttyNONE?protocol=kmp382"), Some(10));
    assert_eq!(interval("/dev/ttyNONE?protocol=kmp"), Some(60));
    assert_eq!(interval("tcp://localhost:1?protocol=iec"), Some(60));
    assert_eq!(interval("/dev/ttyNONE?protocol=kmp&interval=2h"), Some(7200));
}

/// A folder of its own for each test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("han-talk-{name}-{}", std::process::id())))
    }
}
