//! Who listens on a link and asks over it, against meters on pseudo-terminals; no child process, so that nothing holds a
//! pseudo-terminal open that is to be unplugged.

use std::path::PathBuf;
use std::time::Duration;

use crate::support::plugged::Plugged;
use han_exporter::decoder::{Decoder, Outcome};
use han_exporter::pipeline::Pipeline;
use han_exporter::simulator::{Simulated, names};
use han_exporter::source::{Event, Link, Timing};
use tokio::time::timeout;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(90);

fn talk(source: &str) -> Pipeline {
    let timing = Timing { retry: Duration::from_millis(20), ..Timing::default() };
    Pipeline::new(Link::new(source.parse().unwrap(), timing), Decoder::default())
}

/// What was heard.
#[derive(Default)]
struct Heard {
    readings: Vec<&'static str>,
    events: Vec<String>,
}

/// Hears on until enough is heard. If `shaken`, each wait is given up many times before it is over.
async fn hear(talk: &mut Pipeline, shaken: bool, enough: impl Fn(&Heard) -> bool) -> Heard {
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
            let mut has_frame = false;
            let mut note = |event: han_exporter::decoder::Event<'_>| {
                has_frame |= event.sent().is_some();
                if let Outcome::Reading { list, .. } = event.outcome {
                    heard.readings.push(list.name);
                }
            };
            match event {
                Event::Bytes(count) => {
                    let mut bytes = &buffer[..count];
                    while let Some(event) = talk.feed(&mut bytes) {
                        note(event);
                    }
                }
                Event::Idle => {
                    while let Some(event) = talk.idle() {
                        note(event);
                    }
                }
                Event::Problem(trouble) => heard.events.push(trouble.kind().into()),
                other => heard.events.push(format!("{other:?}")),
            }
            if has_frame {
                talk.confirm();
            }
        }
    };
    timeout(PATIENCE, hearing).await.expect("it is heard in time");
    heard
}

#[tokio::test]
async fn a_wait_that_is_given_up_loses_nothing() {
    let folder = Folder::new("shaken");
    let meter = Plugged::new("kmp382", vec![], &folder.path("kmp382")).await;
    let mut talk = talk(&format!("serial:{}?protocol=kmp382&interval=1s", meter.link.display()));
    let heard = hear(&mut talk, true, |heard| heard.readings.len() == 5).await;
    let names = ["identity", "registers", "tariffs", "registers", "tariffs"];
    assert_eq!(heard.readings, names.map(|name| format!("Kamstrup 685-382 {name}")));
    assert_eq!((heard.events.len(), talk.discarded()), (1, 0), "{:?}", heard.events);
    let meter = Plugged::new("zmd120", vec![], &folder.path("zmd120")).await;
    let mut talk = self::talk(&format!("serial:{}?protocol=iec&interval=1s", meter.link.display()));
    let heard = hear(&mut talk, true, |heard| heard.readings.len() == 2).await;
    assert_eq!(heard.events.len(), 1, "{:?}", heard.events);
}

#[tokio::test]
async fn an_adapter_that_is_unplugged_in_the_midst_of_a_round_is_waited_for() {
    let folder = Folder::new("unplugged");
    let path = folder.path("optical");
    let mut meter = Plugged::new("kmp382", vec![], &path).await;
    let mut talk = talk(&format!("serial:{}?protocol=kmp382&interval=1s", path.display()));
    for round in 0..3 {
        // After the first answer, in the midst of a round.
        let heard = hear(&mut talk, false, |heard| heard.readings.len() == 1 + round).await;
        assert_eq!(
            heard.readings[0], "Kamstrup 685-382 identity",
            "a meter behind a new adapter is asked who it is"
        );
        meter.unplug().await;
        let heard = hear(&mut talk, false, |heard| heard.events.iter().any(|event| event == "lost")).await;
        assert!(!talk.status().connected, "{:?}", heard.events);
        meter = Plugged::new("kmp382", vec![], &path).await;
    }
}

#[tokio::test(start_paused = true)]
async fn every_simulated_meter_that_is_asked_answers_as_a_source() {
    let is_asked = |name: &&str| name.parse::<Simulated>().unwrap().polled().is_some();
    let mut count = 0;
    for name in names().filter(is_asked) {
        let mut talk = talk(&format!("sim:{name}"));
        assert!(talk.interval().is_some(), "{name}");
        let heard = hear(&mut talk, false, |heard| heard.readings.len() == 2).await;
        assert_eq!((heard.events.len(), talk.status().connected), (1, true), "{name}: {:?}", heard.events);
        count += 1;
    }
    assert!(count >= 6);
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
        let folder = std::env::temp_dir().join(format!("han-talk-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
