//! Which format a scraper prefers, and whether it takes gzip.

use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::response::Response;
use prometheus::proto::MetricFamily;

use super::exposition::Format;
use super::gzip;
use crate::http::Body;

/// Answers a scrape in the format and encoding its headers prefer. No request is refused for its Accept.
pub fn respond(request: &HeaderMap, families: &[MetricFamily]) -> Response<Body> {
    let format = format(request);
    let text = format.encode(families);
    let compressed = wants_gzip(request);
    let mut response = Response::new(Body::from(if compressed { gzip::compress(&text) } else { text }));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    if compressed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// Chooses the format of the higher quality; text where the scraper has no preference.
pub fn format(request: &HeaderMap) -> Format {
    let mut open_metrics = Match::default();
    let mut text = Match::default();
    for (position, range) in list(request, &header::ACCEPT).enumerate() {
        let (kind, parameters) = split(range);
        let version = parameter(parameters, "version");
        let found = |fit| Match { fit, quality: quality(parameters), position };
        open_metrics.refine(found(fit(
            kind,
            version,
            ["application/openmetrics-text", "application/*"],
            "1.0.0",
        )));
        text.refine(found(fit(kind, version, ["text/plain", "text/*"], "0.0.4")));
    }
    let named_first = open_metrics.fit > Fit::Anything && open_metrics.position < text.position;
    let preferred =
        open_metrics.quality > text.quality || (open_metrics.quality == text.quality && named_first);
    if open_metrics.quality > 0.0 && preferred { Format::OpenMetrics } else { Format::Text }
}

/// Whether the scraper accepts gzip at all, even if it prefers identity: gzip costs the network less.
pub fn wants_gzip(request: &HeaderMap) -> bool {
    let mut anything = false;
    for coding in list(request, &header::ACCEPT_ENCODING) {
        let (name, parameters) = split(coding);
        let wanted = quality(parameters) > 0.0;
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            return wanted;
        }
        anything |= wanted && name == "*";
    }
    anything
}

/// How closely a media range describes a format; the closest one decides (RFC 9110, 12.5.1).
#[derive(Clone, Copy, Default, Eq, Ord, PartialEq, PartialOrd)]
enum Fit {
    #[default]
    None,
    Anything,
    Group,
    Type,
    Version,
}

#[derive(Default)]
struct Match {
    fit: Fit,
    quality: f64,
    position: usize,
}

impl Match {
    fn refine(&mut self, found: Match) {
        if found.fit > self.fit {
            *self = found;
        }
    }
}

fn fit(kind: &str, version: Option<&str>, [whole, group]: [&str; 2], own_version: &str) -> Fit {
    if kind.eq_ignore_ascii_case(whole) {
        match version {
            None => Fit::Type,
            Some(version) if version == own_version => Fit::Version,
            Some(_) => Fit::None,
        }
    } else if kind.eq_ignore_ascii_case(group) {
        Fit::Group
    } else if kind == "*/*" {
        Fit::Anything
    } else {
        Fit::None
    }
}

fn list<'a>(request: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = request.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|item| !item.is_empty())
}

fn split(item: &str) -> (&str, &str) {
    let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
    (name.trim_end(), parameters)
}

fn parameter<'a>(parameters: &'a str, wanted: &str) -> Option<&'a str> {
    parameters.split(';').filter_map(|parameter| parameter.split_once('=')).find_map(|(name, value)| {
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"'))
    })
}

/// The q parameter; one that is not a number counts as 1, as in the Go exporters.
fn quality(parameters: &str) -> f64 {
    let stated = parameter(parameters, "q").and_then(|value| value.parse::<f64>().ok());
    stated.filter(|value| value.is_finite()).unwrap_or(1.0).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(&name, HeaderValue::from_static(value));
        }
        headers
    }

    fn chosen(values: &[&'static str]) -> Format {
        format(&headers(header::ACCEPT, values))
    }

    #[test]
    fn real_scrapers_get_what_they_prefer() {
        for (accept, expected) in [
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                Format::OpenMetrics,
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                Format::OpenMetrics,
            ),
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", Format::Text),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Format::Text),
            ("*/*", Format::Text),
        ] {
            assert_eq!(chosen(&[accept]), expected, "{accept}");
        }
    }

    #[test]
    fn qualities_decide_and_closer_ranges_overrule_wider_ones() {
        for (accept, expected) in [
            ("application/openmetrics-text", Format::OpenMetrics),
            ("application/openmetrics-text;q=0", Format::Text),
            ("application/openmetrics-text;q=0.000", Format::Text),
            ("application/openmetrics-text; version=\"1.0.0\" ; q=0.3", Format::OpenMetrics),
            ("Application/OpenMetrics-Text;Version=1.0.0", Format::OpenMetrics),
            ("application/openmetrics-text;version=2.0.0", Format::Text),
            ("application/openmetrics-text;version=0.0.1, text/plain;q=0.1", Format::Text),
            ("application/openmetrics-text;q=0.1, */*;q=0.9", Format::Text),
            ("application/openmetrics-text, text/plain", Format::OpenMetrics),
            ("text/plain, application/openmetrics-text", Format::Text),
            ("text/plain;q=0.5, application/openmetrics-text;q=0.6", Format::OpenMetrics),
            ("text/*;q=0.5, application/openmetrics-text;q=0.4", Format::Text),
            ("application/*;q=0.9, text/plain;q=0.1", Format::OpenMetrics),
            ("application/json", Format::Text),
            ("application/openmetrics-text;q=nan", Format::OpenMetrics),
            (",;,;q=,,", Format::Text),
            ("", Format::Text),
        ] {
            assert_eq!(chosen(&[accept]), expected, "{accept}");
        }
        assert_eq!(chosen(&[]), Format::Text);
        assert_eq!(chosen(&["text/plain;q=0.2", "application/openmetrics-text"]), Format::OpenMetrics);
    }

    #[test]
    fn gzip_is_used_only_where_offered() {
        for (offer, expected) in [
            ("gzip", true),
            ("GZIP;q=0.1", true),
            ("deflate, gzip", true),
            ("x-gzip", true),
            ("*", true),
            ("gzip;q=0", false),
            ("gzip;q=0, *;q=1", false),
            ("*;q=0", false),
            ("identity", false),
            ("deflate, br, zstd", false),
            ("", false),
        ] {
            assert_eq!(wants_gzip(&headers(header::ACCEPT_ENCODING, &[offer])), expected, "{offer}");
        }
        assert!(!wants_gzip(&HeaderMap::new()));
    }
}
