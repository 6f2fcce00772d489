//! The page a person sees: each meter, its values now, their age, and whether all is well.

use std::fmt::Write;
use std::future::ready;
use std::time::{Duration, UNIX_EPOCH};

use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use hyper::http::StatusCode;
use hyper::http::request::Parts;

use super::{Answer, Route};
use crate::http::response;
use crate::hub::{BootTime, Current, Hub, Published, State};
use crate::meter::{FAMILIES, Kind, Quantity, Register};
use crate::platform::log::{Utc, rough};
use crate::platform::version::{REVISION, VERSION};
use crate::reading::Content;

/// The page at `/`.
pub struct Page {
    /// Where the meters are known.
    pub hub: Hub,
    /// Where the metrics are.
    pub telemetry_path: String,
}

impl Route for Page {
    fn answer(&self, request: &Parts) -> Option<Answer> {
        match request.uri.path() {
            "/" => {
                let page = render(&self.hub.state(), &self.telemetry_path, BootTime::now());
                let mut response = response(StatusCode::OK, "text/html; charset=utf-8", page);
                response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
                Some(Box::pin(ready(response)))
            }
            "/style.css" => Some(Box::pin(ready(response(StatusCode::OK, "text/css; charset=utf-8", STYLE)))),
            _ => None,
        }
    }
}

/// The browser loads the style for the page, runs and sends nothing, whatever a meter calls itself.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'";
const STYLE: &str = include_str!("style.css");

/// The complete page. It loads nothing from elsewhere.
fn render(state: &State, telemetry_path: &str, now: BootTime) -> String {
    let mut page = String::with_capacity(8 * 1024);
    page.push_str(HEAD);
    let _ = write!(page, "<p>Version: (version={VERSION}, revision={REVISION})</p>");
    let _ = write!(page, "<ul><li><a href=\"{}\">Metrics</a></li>", escaped(telemetry_path));
    page.push_str("<li><a href=\"/-/ready\">Ready</a></li><li><a href=\"/-/healthy\">Healthy</a></li></ul>");
    state.current(now).for_each(|meter| section(&mut page, meter));
    page.push_str("</main></body></html>\n");
    page
}

const HEAD: &str = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>han-exporter</title>\
<meta name=\"viewport\" content=\"width=device-width\"><meta http-equiv=\"refresh\" content=\"10\">\
<link rel=\"stylesheet\" href=\"style.css\"></head><body><header><h1>han-exporter</h1></header><main>\
<h2>Prometheus exporter for smart electricity meters</h2>";

fn section(page: &mut String, meter: Current<'_>) {
    let _ = write!(page, "<section><h3>{}", escaped(meter.name().label().unwrap_or("Meter")));
    if meter.simulated() {
        page.push_str(" (simulated: not real values)");
    }
    page.push_str("</h3>");
    if let Some(identity) = meter.identity() {
        let (model, id) = (escaped(identity.model.as_str()), escaped(identity.id.as_str()));
        let (manufacturer, list) = (identity.manufacturer, escaped(identity.list_version.as_str()));
        let _ = write!(page, "<p>{manufacturer} {model} &middot; {id} &middot; {list}</p>");
    }
    match meter.trouble() {
        None => {
            let age = meter.silence().map(rough).unwrap_or_default();
            let _ = write!(page, "<p class=\"ok\">All is well: last frame {age} ago.</p>");
        }
        Some(trouble) => {
            let _ = write!(page, "<p class=\"bad\">{}</p>", escaped(&trouble.sentence));
        }
    }
    values(page, meter);
    facts(page, meter);
    page.push_str("</section>");
}

fn values(page: &mut String, meter: Current<'_>) {
    page.push_str("<table>");
    let mut row = |title: &str, value: &str, unit: &str| {
        let _ = write!(page, "<tr><td>{title}</td><td class=\"n\">{value}</td><td>{unit}</td></tr>");
    };
    if let Some(net) = meter.net_power() {
        row("Net active power: imported minus exported", &net.to_string(), "W");
    }
    for published in meter.published() {
        let (value, unit) = readable(&published);
        row(&title(published.register), &value, unit);
    }
    page.push_str("</table>");
}

/// A value as people write it, and its unit.
fn readable(&Published { register, label, sent, .. }: &Published) -> (String, &'static str) {
    let scaled = |exponent, unit| (sent.shifted(exponent).unwrap_or(sent).to_string(), unit);
    match (register.quantity(), register.kind(), label) {
        (Quantity::ActiveEnergy, ..) => scaled(-3, "kWh"),
        (Quantity::ReactiveEnergy, ..) => scaled(-3, "kvarh"),
        (Quantity::Heat, ..) => scaled(-9, "GJ"),
        (Quantity::Timestamp, ..) => {
            let seconds = sent.whole().and_then(|seconds| u64::try_from(seconds).ok());
            let time = seconds.map(|seconds| Utc(UNIX_EPOCH + Duration::from_secs(seconds)).to_string());
            (time.unwrap_or_else(|| sent.to_string()), "")
        }
        (_, Kind::State(_), Some((_, state))) => (state.replace('_', " "), ""),
        (quantity, ..) => (sent.to_string(), quantity.unit().symbol().unwrap_or_default()),
    }
}

/// The name of a register for people: the first words of its family's help, and its label.
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

fn facts(page: &mut String, meter: Current<'_>) {
    let (port, counts) = (meter.port(), meter.counts());
    page.push_str("<table>");
    let mut fact = |name: &str, value: &str| {
        let _ = write!(page, "<tr><th>{name}</th><td>{}</td></tr>", escaped(value));
    };
    fact("Source", if port.name.is_empty() { "not open yet" } else { &port.name });
    for content in Content::ALL {
        if let Some(wall) = meter.last(content) {
            fact(&format!("Last {} list", content.name()), &Utc(wall).to_string());
        }
    }
    let errors: u64 = counts.errors.iter().sum();
    fact("Frames", &format!("{}, of which {errors} yielded no reading", counts.frames));
    fact("Bytes", &format!("{}, of which {} belonged to no frame", port.bytes, counts.discarded));
    page.push_str("</table>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
