//! The page a person sees: each meter, its values now, their age, and whether all is well.

use std::fmt::Write;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::prometheus::metrics::View;
use crate::hub::health;
use crate::meter::{FAMILIES, Kind, Quantity, Register};
use crate::platform::log::Utc;
use crate::platform::version;
use crate::reading::Content;
use crate::wire::decimal::Decimal;

/// The whole page. It loads nothing from elsewhere.
pub fn render(views: &[View<'_>], telemetry_path: &str, now: Instant) -> String {
    let mut page = String::with_capacity(8 * 1024);
    page.push_str(HEAD);
    let version = (version::VERSION, version::REVISION);
    let _ = write!(page, "<p>Version: (version={}, revision={})</p>", version.0, version.1);
    let _ = write!(page, "<ul><li><a href=\"{}\">Metrics</a></li>", escaped(telemetry_path));
    page.push_str("<li><a href=\"/-/ready\">Ready</a></li><li><a href=\"/-/healthy\">Healthy</a></li></ul>");
    for view in views {
        meter(&mut page, view, now);
    }
    page.push_str("</main></body></html>\n");
    page
}

const HEAD: &str = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>han-exporter</title>\
<meta name=\"viewport\" content=\"width=device-width\"><meta http-equiv=\"refresh\" content=\"10\"><style>\
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#222;background:#fafafa}\
header{background:#e6522c;color:#fff;padding:.6em 1em}h1{margin:0;font-size:1.3em}\
main{padding:1em;max-width:44em}section{background:#fff;border:1px solid #ddd;border-radius:6px;padding:1em;margin:1em 0}\
h2,h3{margin:.2em 0;font-size:1.1em}table{border-collapse:collapse;width:100%}\
td,th{padding:.15em .5em;text-align:left;border-top:1px solid #eee}td.n{text-align:right;font-variant-numeric:tabular-nums}\
.ok{color:#176b2c}.bad{color:#a4001d}</style></head><body><header><h1>han-exporter</h1></header><main>\
<h2>Prometheus exporter for smart electricity meters</h2>";

fn meter(page: &mut String, view: &View<'_>, now: Instant) {
    let snapshot = view.snapshot;
    let _ = write!(page, "<section><h3>{}", escaped(view.name.unwrap_or("Meter")));
    if view.simulated {
        page.push_str(" (simulated: these are no real values)");
    }
    page.push_str("</h3>");
    if let Some(identity) = snapshot.identity(now, &view.limits) {
        let (model, id) = (identity.model.to_string(), identity.id.to_string());
        let list = identity.list_version.to_string();
        let _ = write!(
            page,
            "<p>{} {} &middot; {} &middot; {}</p>",
            identity.manufacturer,
            escaped(&model),
            escaped(&id),
            escaped(&list)
        );
    }
    match health::judge(view, now) {
        Ok(()) => {
            let age = snapshot.frames().age(now).map(health::span).unwrap_or_default();
            let _ = write!(page, "<p class=\"ok\">All is well: last frame {age} ago.</p>");
        }
        Err(sentence) => {
            let _ = write!(page, "<p class=\"bad\">{}</p>", escaped(&sentence));
        }
    }
    values(page, view, now);
    facts(page, view);
    page.push_str("</section>");
}

fn values(page: &mut String, view: &View<'_>, now: Instant) {
    page.push_str("<table>");
    for register in (0..).map_while(Register::at) {
        let Some(value) = view.snapshot.value(register, now, &view.limits) else { continue };
        let (value, unit) = shown(register, value);
        let _ =
            write!(page, "<tr><td>{}</td><td class=\"n\">{value}</td><td>{unit}</td></tr>", title(register));
    }
    page.push_str("</table>");
}

/// A value as people write it, and its unit.
fn shown(register: Register, value: Decimal) -> (String, &'static str) {
    let thousands = |unit| (value.shifted(-3).unwrap_or(value).to_string(), unit);
    match register.quantity() {
        Quantity::ActiveEnergy => thousands("kWh"),
        Quantity::ReactiveEnergy => thousands("kvarh"),
        Quantity::Heat => (value.shifted(-9).unwrap_or(value).to_string(), "GJ"),
        Quantity::Timestamp => {
            let since =
                value.whole().and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs);
            (since.map_or(value.to_string(), |since| stamp(UNIX_EPOCH + since)), "")
        }
        quantity => match (register.kind(), register.published(value)) {
            (Kind::State(_), Some((state, _))) => (state.replace('_', " "), ""),
            _ => (value.to_string(), quantity.unit().symbol().unwrap_or_default()),
        },
    }
}

/// What a person calls a register: the first words of its family's help, and its label.
fn title(register: Register) -> String {
    let help = FAMILIES[register.family_index()].help;
    let words = help.split([',', ';', ':', '(']).next().unwrap_or(help).trim();
    match (register.family().label, register.label()) {
        (None, _) => words.to_owned(),
        (Some(_), "") => words.to_owned(),
        (Some("phase"), phase) => format!("{words} {phase}"),
        (Some(label), value) => format!("{words}, {label} {value}"),
    }
}

fn facts(page: &mut String, view: &View<'_>) {
    let (port, counts) = (&view.snapshot.port, &view.snapshot.counts);
    page.push_str("<table>");
    let mut fact = |name: &str, value: &str| {
        let _ = write!(page, "<tr><th>{name}</th><td>{}</td></tr>", escaped(value));
    };
    fact("Source", if port.name.is_empty() { "not open yet" } else { &port.name });
    for content in Content::ALL {
        if let Some(wall) = view.snapshot.last(content) {
            fact(&format!("Last {} list", content.name()), &stamp(wall));
        }
    }
    let errors: u64 = counts.errors.iter().sum();
    fact("Frames", &format!("{}, of which {errors} gave no reading", counts.frames));
    fact("Bytes", &format!("{}, of which {} belonged to no frame", port.bytes, counts.discarded));
    page.push_str("</table>");
}

fn stamp(wall: SystemTime) -> String {
    Utc(wall).to_string()
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}
