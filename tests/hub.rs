//! The hub as an outlet sees it: a new outlet needs nothing else, is told everything, and holds nobody up.
#![cfg(feature = "daemon")]

mod support;

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use han_exporter::hub::{
    Change, Heard, Hub, Intake, Limits, Meter, MeterName, Moment, Subscription, Trouble,
};
use han_exporter::meter::Register;
use han_exporter::obis;
use han_exporter::outlet::Route;
use han_exporter::outlet::health::report_status;
use han_exporter::outlet::page::Page;
use han_exporter::outlet::prometheus::exposition::Format;
use han_exporter::outlet::prometheus::registry_of_meters;
use han_exporter::wire::obis::Obis;
use hyper::body::Body;
use tokio::time::timeout;

/// An outlet such as anyone may add: it keeps the newest power of each meter, and a line for whatever else happens.
#[derive(Default)]
struct Notebook {
    powers: BTreeMap<String, String>,
    lines: Vec<String>,
}

const POWER: Obis = obis!(1-0:1.7.0);

impl Notebook {
    /// Runs until `shutdown` is done.
    async fn run(notebook: Arc<Mutex<Self>>, hub: Hub, shutdown: impl Future<Output = ()>) {
        let mut updates = hub.subscribe();
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                heard = updates.next() => match heard {
                    Some(heard) => notebook.lock().unwrap().note(heard),
                    None => return,
                },
                () = &mut shutdown => return,
            }
        }
    }

    fn note(&mut self, heard: Heard) {
        let Heard::Update(update) = heard else { return };
        let meter = update.meter.label().unwrap_or_default().to_owned();
        match update.change {
            Change::Reading(report) => {
                let power = Register::find(POWER).unwrap();
                let found = report.values.iter().find(|(register, _)| *register == power);
                if let Some((_, value)) = found {
                    self.powers.insert(meter, value.to_string());
                }
            }
            Change::Vanished(register) => {
                self.lines.push(format!("{meter}: {} vanished", register.family().name))
            }
            Change::Port(port) => self.lines.push(format!("{meter}: connected {}", port.connected)),
            Change::Problem(problem) => self.lines.push(format!("{meter}: problem {}", sentence(problem))),
            Change::Health(trouble) => self.lines.push(format!("{meter}: {}", sentence(trouble))),
            Change::Replaced => self.lines.push(format!("{meter}: replaced")),
            Change::Added => self.lines.push(format!("{meter}: added")),
            Change::Removed => self.lines.push(format!("{meter}: removed")),
        }
    }
}

fn sentence(trouble: Option<Trouble>) -> String {
    trouble.map_or("well".into(), |trouble| trouble.sentence.to_string())
}

/// Each sentence that systemd is told, and what `/-/ready` says at that moment.
type Told = Arc<Mutex<Vec<[String; 2]>>>;

#[tokio::test]
async fn systemds_status_is_always_what_ready_says() {
    let (hub, told) = (Hub::default(), Told::default());
    let (asked, notes) = (hub.clone(), Arc::clone(&told));
    tokio::spawn(report_status(hub.clone(), move |sentence| {
        let ready = asked.state().problems(Moment::now().boot).join(" ");
        notes.lock().unwrap().push([sentence.to_owned(), ready]);
    }));
    tokio::spawn(hub.clone().watch_ages());
    let limits = Limits { instant: Duration::from_millis(300), ..Limits::default() };
    hub.set_meters(vec![Meter { limits, ..Meter::default() }]);
    let last = || told.lock().unwrap().last().cloned().unwrap_or_default();
    let reached = async |beginning: &str| {
        let start = Instant::now();
        while !last()[0].starts_with(beginning) {
            assert!(start.elapsed() < Duration::from_secs(20), "{:?} and not {beginning:?}", last());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    reached("No frame yet in 0 bytes from the meter: check the cable").await;
    feed(&hub, "", &fixture("kaifa/list-1"));
    reached("All is well").await;
    reached("No valid frame for ").await;
    feed(&hub, "", &fixture("kaifa/list-1"));
    reached("All is well").await;
    hub.set_meters(Vec::new());
    hub.set_meters(vec![Meter::default()]);
    reached("No frame yet").await;
    for [sentence, ready] in told.lock().unwrap().iter() {
        assert_eq!(sentence.strip_prefix("All is well").unwrap_or(sentence), ready);
    }
}

#[tokio::test]
async fn a_meter_without_checks_is_ready_when_a_second_telegram_agrees() {
    let hub = Hub::default();
    hub.set_meters(vec![Meter::default()]);
    let mut updates = hub.subscribe();
    let mut intake = Intake::new(hub.clone(), MeterName::default());
    let mut feed = |stream: &[u8]| {
        support::each_event(stream, stream.len(), |event| intake.decoded(&event, Moment::now()));
    };
    let telegram = fixture("netherlands/dsmr-2");
    feed(&telegram);
    let Change::Health(Some(trouble)) = next_change(&mut updates).await.1 else { panic!("another change") };
    assert_eq!((trouble.reason, hub.state().problems(Moment::now().boot).len()), ("unconfirmed", 1));
    assert!(!exposition(&hub).contains("han_active_power_import_watts"));
    feed(&telegram);
    assert!(matches!(next_change(&mut updates).await.1, Change::Reading(_)));
    assert!(matches!(next_change(&mut updates).await.1, Change::Health(None)));
    assert!(exposition(&hub).contains("han_active_power_import_watts"));
}

fn meter(name: &str) -> Meter {
    Meter { name: name.into(), ..Meter::default() }
}

fn fixture(name: &str) -> Vec<u8> {
    let all = support::fixture::all();
    all.into_iter().find(|fixture| fixture.name == name).unwrap_or_else(|| panic!("no {name}")).bytes
}

fn feed(hub: &Hub, meter: &str, stream: &[u8]) {
    let mut intake = Intake::new(hub.clone(), meter.into());
    support::each_event(stream, stream.len(), |event| intake.decoded(&event, Moment::now()));
}

fn exposition(hub: &Hub) -> String {
    let text = Format::Text.encode(&registry_of_meters(hub.clone()).gather());
    let text = String::from_utf8(text).unwrap();
    let still = |line: &&str| !line.contains("clock_offset") && !line.contains("last_reading");
    text.lines().filter(still).collect::<Vec<_>>().join("\n")
}

async fn next(updates: &mut Subscription) -> Heard {
    timeout(Duration::from_secs(20), updates.next())
        .await
        .expect("an update in time")
        .expect("the hub is there")
}

async fn next_change(updates: &mut Subscription) -> (MeterName, Change) {
    match next(updates).await {
        Heard::Update(update) => (update.meter, update.change),
        Heard::Lost(count) => panic!("{count} updates were lost"),
    }
}

#[tokio::test]
async fn a_new_outlet_needs_only_the_hub_and_changes_no_other() {
    let hub = Hub::default();
    hub.set_meters(vec![meter("house"), meter("barn")]);
    let alone = {
        let other = Hub::default();
        other.set_meters(vec![meter("house"), meter("barn")]);
        feed(&other, "house", &fixture("kaifa/list-3"));
        exposition(&other)
    };
    let notebook = Arc::new(Mutex::new(Notebook::default()));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let task = tokio::spawn(Notebook::run(Arc::clone(&notebook), hub.clone(), async {
        let _ = stopped.await;
    }));
    tokio::task::yield_now().await;
    feed(&hub, "house", &fixture("kaifa/list-3"));
    let cut = Trouble::of_source("lost", "The cable is cut.");
    Intake::new(hub.clone(), "barn".into()).problem(Some(cut), Moment::now());
    assert_eq!(exposition(&hub), alone, "/metrics does not depend on other outlets");
    hub.set_meters(vec![meter("house")]);
    while notebook.lock().unwrap().lines.len() < 4 {
        tokio::task::yield_now().await;
    }
    let _ = stop.send(());
    task.await.unwrap();
    let notebook = notebook.lock().unwrap();
    assert_eq!(notebook.powers.keys().collect::<Vec<_>>(), ["house"]);
    assert_eq!(
        notebook.lines,
        ["house: well", "barn: problem The cable is cut.", "barn: The cable is cut.", "barn: removed"],
        "readings arrive, a problem, a removal"
    );
}

#[test]
fn to_forget_many_meters_takes_no_longer_than_to_make_them_known() {
    let names: Vec<_> = (0..3000).map(|index| format!("meter{index}")).collect();
    let meters: Vec<_> = names.iter().map(|name| meter(name)).collect();
    let hub = Hub::default();
    let start = Instant::now();
    hub.set_meters(meters);
    let known = start.elapsed();
    feed(&hub, "meter0", &fixture("kaifa/list-1"));
    let start = Instant::now();
    hub.remove(&names.iter().skip(1).map(|name| (&**name).into()).collect());
    let forgotten = start.elapsed();
    assert_eq!(hub.state().len(), 1);
    assert!(exposition(&hub).contains("han_up{meter=\"meter0\"} 1"), "{}", exposition(&hub));
    assert!(forgotten < known * 50, "{forgotten:?}, and {known:?} to make them known");
}

/// Publishes readings until `count` updates were announced; returns how long that took.
fn publish(hub: &Hub, count: u64, stream: &[u8]) -> Duration {
    let start = Instant::now();
    (0..count).for_each(|_| feed(hub, "", stream));
    start.elapsed()
}

#[tokio::test]
async fn subscribers_that_never_read_delay_nobody_and_each_is_told_what_it_lost() {
    const READINGS: u64 = 2000;
    let (hub, stream) = (Hub::default(), fixture("kaifa/list-2"));
    hub.set_meters(vec![Meter::default()]);
    // The first reading also announces that the meter is well, which these subscribers do not hear.
    let alone = publish(&hub, READINGS, &stream);
    let mut subscribers: Vec<_> = (0..20).map(|_| hub.subscribe()).collect();
    let observed = publish(&hub, READINGS, &stream);
    println!("{READINGS} readings: {alone:?} without subscribers, {observed:?} with 20 that never read");
    // Other tests share the processor, so that only a multiple would mean that somebody is waited for.
    assert!(observed < alone * 4 + Duration::from_millis(100), "{observed:?} instead of {alone:?}");
    let before = Instant::now();
    let current = hub.state();
    assert!(before.elapsed() < Duration::from_millis(50));
    assert_eq!(
        current.current(Moment::now().boot).next().unwrap().counts().readings.iter().sum::<u64>(),
        2 * READINGS
    );
    for subscriber in &mut subscribers {
        let Heard::Lost(lost) = next(subscriber).await else {
            panic!("a subscriber was not told of its loss")
        };
        let mut kept = 0;
        while let Ok(Some(Heard::Update(_))) = timeout(Duration::ZERO, subscriber.next()).await {
            kept += 1;
        }
        assert_eq!(lost + kept, READINGS);
        assert!(kept > 0);
    }
}

#[tokio::test]
async fn a_value_that_grew_too_old_is_announced_once_and_again_after_it_returned() {
    let hub = Hub::default();
    let limits = Limits { instant: Duration::from_millis(100), ..Limits::default() };
    hub.set_meters(vec![Meter { limits, ..Meter::default() }]);
    let mut updates = hub.subscribe();
    let watch = tokio::spawn(hub.clone().watch_ages());
    for _ in 0..2 {
        feed(&hub, "", &fixture("kaifa/list-1"));
        assert!(matches!(next_change(&mut updates).await.1, Change::Reading(_)));
        assert!(matches!(next_change(&mut updates).await.1, Change::Health(None)));
        let (_, change) = next_change(&mut updates).await;
        let Change::Vanished(register) = change else { panic!("the value did not vanish") };
        assert_eq!(register.family().name, "han_active_power_import_watts");
        let (_, change) = next_change(&mut updates).await;
        let Change::Health(Some(trouble)) = change else { panic!("the meter passes for healthy") };
        assert!(trouble.sentence.starts_with("No valid frame for "), "{trouble:?}");
        assert!(!exposition(&hub).contains("han_active_power_import_watts"));
        assert!(timeout(Duration::from_millis(300), updates.next()).await.is_err(), "it was announced twice");
    }
    watch.abort();
}

#[tokio::test]
async fn values_of_a_replaced_meter_vanish() {
    let hub = Hub::default();
    hub.set_meters(vec![Meter::default()]);
    feed(&hub, "", &fixture("kaifa/list-3"));
    let mut updates = hub.subscribe();
    feed(&hub, "", &fixture("aidon/list-2"));
    let mut vanished = Vec::new();
    let after = loop {
        match next_change(&mut updates).await.1 {
            Change::Vanished(register) => vanished.push(register.family().name),
            other => break other,
        }
    };
    assert!(matches!(after, Change::Replaced), "that another meter answers is not announced");
    assert!(vanished.contains(&"han_active_energy_import_joules_total"), "{vanished:?}");
    assert!(!exposition(&hub).contains("han_active_energy_import_joules_total"));
}

#[tokio::test]
async fn the_total_of_a_meter_that_sends_tariffs_alone_reaches_every_outlet() {
    let hub = Hub::default();
    hub.set_meters(vec![Meter::default()]);
    let mut updates = hub.subscribe();
    feed(&hub, "", &fixture("belgium/fluvius"));
    let (_, Change::Reading(report)) = next_change(&mut updates).await else { panic!("no reading") };
    let total = Register::find(obis!(1-0:1.8.0)).unwrap();
    let value = report.values.iter().find(|(register, _)| *register == total).unwrap().1;
    assert!(report.values.is_sorted_by_key(|&(register, _)| register));
    let text = exposition(&hub);
    let figure = |start: &str| -> f64 {
        text.lines().find_map(|line| line.strip_prefix(start)).unwrap().trim().parse().unwrap()
    };
    let tariffs = ["1", "2"].map(|tariff| {
        figure(&format!("han_tariff_active_energy_import_joules_total{{tariff=\"{tariff}\"}}"))
    });
    assert_eq!(figure("han_active_energy_import_joules_total "), tariffs[0] + tariffs[1]);
    assert_eq!(value.times(3600).unwrap().to_f64(), tariffs[0] + tariffs[1]);

    // Of a meter that takes its place nothing is known: it may send the total itself, or one tariff alone.
    let telegram = fixture("emh/ehz");
    // No check covers it, so each reader waits for a second telegram.
    feed(&hub, "", &[&telegram[..]; 2].concat());
    assert!(!exposition(&hub).contains("\nhan_active_energy_import_joules_total"));
    feed(&hub, "", &[&telegram[..]; 2].concat());
    assert!(exposition(&hub).contains("\nhan_active_energy_import_joules_total 114757421040\n"));
}

/// What the page says of the net power.
async fn shown_net_power(hub: &Hub) -> Option<String> {
    let request = hyper::Request::builder().uri("/").body(()).unwrap().into_parts().0;
    let page = Page { hub: hub.clone(), telemetry_path: "/metrics".into() };
    let mut body = pin!(page.answer(&request).unwrap().await.into_body());
    let frame = poll_fn(|context| body.as_mut().poll_frame(context)).await.unwrap().unwrap();
    let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
    let (_, row) = text.split_once("Net active power: imported minus exported</td><td class=\"n\">")?;
    row.split('<').next().map(str::to_owned)
}

#[tokio::test]
async fn exported_power_counts_as_none_only_from_a_meter_that_never_sent_it() {
    let net = |hub: &Hub, now: Moment| {
        hub.state().current(now.boot).next().unwrap().net_power().map(|power| power.to_string())
    };
    let empty = || {
        let hub = Hub::default();
        hub.set_meters(vec![Meter::default()]);
        hub
    };
    let now = Moment::now();
    for (name, power) in [("kaifa/list-1", "2949"), ("iskraemeco/vienna", "-1987"), ("lithuania/eso", "")] {
        let hub = empty();
        feed(&hub, "", &fixture(name));
        assert_eq!(net(&hub, now).unwrap_or_default(), power, "{name}");
        assert_eq!(shown_net_power(&hub).await.unwrap_or_default(), power, "{name}");
    }
    let hub = empty();
    feed(&hub, "", &fixture("kaifa/list-2"));
    assert!(net(&hub, now).is_some());
    let later = now + Duration::from_secs(40);
    let mut intake = Intake::new(hub.clone(), MeterName::default());
    let list = fixture("kaifa/list-1");
    support::each_event(&list, list.len(), |event| intake.decoded(&event, later));
    assert_eq!(net(&hub, later), None, "what it exports is too old, and it may export");
}

#[tokio::test]
async fn a_reload_keeps_what_is_known_of_meters_that_stay_and_announces_those_that_go_and_come() {
    let hub = Hub::default();
    hub.set_meters(vec![meter("house"), meter("barn")]);
    ["house", "barn"].iter().for_each(|name| feed(&hub, name, &fixture("kaifa/list-3")));
    let mut updates = hub.subscribe();
    hub.set_meters(vec![meter("cabin"), meter("house")]);
    let (name, change) = next_change(&mut updates).await;
    assert!(name.label() == Some("barn") && matches!(change, Change::Removed));
    let (name, change) = next_change(&mut updates).await;
    assert!(name.label() == Some("cabin") && matches!(change, Change::Added));
    let text = exposition(&hub);
    assert!(text.contains("han_readings_total{list=\"energy\",meter=\"house\"} 1"), "{text}");
    assert!(text.contains("han_readings_total{list=\"energy\",meter=\"cabin\"} 0"), "{text}");
    assert!(!text.contains("barn"), "{text}");
    // A reader that was stopped writes into nothing.
    feed(&hub, "barn", &fixture("kaifa/list-3"));
    assert_eq!(exposition(&hub), text);
    assert!(timeout(Duration::ZERO, updates.next()).await.is_err());
}

#[test]
fn a_picture_of_the_state_does_not_change_while_it_is_read() {
    let hub = Hub::default();
    hub.set_meters((0..1000).map(|index| meter(&format!("meter{index}"))).collect());
    let before = hub.state();
    feed(&hub, "meter7", &fixture("kaifa/list-3"));
    let (after, now) = (hub.state(), Moment::now().boot);
    let read = |state: &han_exporter::hub::State| {
        state
            .current(now)
            .filter(|meter| meter.is_up())
            .map(|meter| meter.name().label().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!((before.len(), read(&before), read(&after)), (1000, vec![], vec!["meter7".to_owned()]));
}
