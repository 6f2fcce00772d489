//! Log lines on standard error, in logfmt as the Prometheus exporters write them, or in JSON. Logging never waits: while
//! nobody reads the lines, some are kept, and the others are dropped and counted.
//!
//! Secrets cannot be logged: keys implement no formatting.

use std::{
    io::{self, Write},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use tracing::{Event, Id, Level, Metadata, Subscriber, span};
use tracing_subscriber::{
    Layer, filter::LevelFilter, layer::Context, layer::SubscriberExt, registry, registry::LookupSpan,
};

mod journal;
mod line;
mod repeats;
mod time;
mod writer;

use line::{Fields, Head};
pub use repeats::Repeats;
pub use time::{Utc, rough};
use writer::Writer;

/// How long the last lines may take before the process ends without them.
const LAST_LINES: Duration = Duration::from_millis(500);

static WRITER: Writer = Writer::new();

/// What to log, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Minimum level.
    pub level: Level,
    pub format: Format,
}

impl Default for Options {
    fn default() -> Self {
        Self { level: Level::INFO, format: Format::Logfmt }
    }
}

/// The format of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// `key=value` pairs.
    #[default]
    Logfmt,
    /// One JSON object a line.
    Json,
}

/// Reads a format, in upper or lower case.
pub fn format(text: &str) -> Result<Format, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "logfmt" => Ok(Format::Logfmt),
        "json" => Ok(Format::Json),
        _ => Err("is not a format; write logfmt or json"),
    }
}

/// Reads a level, in upper or lower case.
pub fn level(text: &str) -> Result<Level, &'static str> {
    let found = LEVELS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map(|(_, level)| *level).ok_or("is not a level; write debug, info, warn or error")
}

/// Starts to log. Fails if the system refuses a thread.
pub fn start(options: Options) -> io::Result<()> {
    let clock: fn() -> SystemTime = SystemTime::now;
    let head = if journal::receives_stderr() { Head::Priority } else { Head::Time(clock) };
    WRITER.start(io::stderr(), move |count| dropped_notice(options.format, head, count))?;
    let lines = Lines { options, write: |line: &str| WRITER.put(line), head };
    let _ = tracing::subscriber::set_global_default(registry().with(lines));
    Ok(())
}

/// Writes a line that is no log line to standard error, after what was logged. Waits for a reader that is stuck only
/// where no thread can be had.
pub fn print(line: &str) {
    if WRITER.is_started() || WRITER.start(io::stderr(), |_| String::new()).is_ok() {
        WRITER.put(line);
    } else {
        let _ = io::stderr().write_all(line.as_bytes());
    }
}

/// Waits until the last lines are written, for a limited time.
pub fn finish() {
    WRITER.finish(LAST_LINES);
}

/// How many lines were dropped since the start.
pub fn dropped() -> u64 {
    WRITER.dropped()
}

/// The line that follows lines that were dropped.
fn dropped_notice(format: Format, head: Head, count: u64) -> String {
    let mut fields = Fields::message(format, "Log lines dropped, because those before them were not read");
    fields.number("dropped", count);
    fields.line(&head, Level::WARN)
}

/// How many lines of each level were logged since the start, those dropped included.
pub fn counts() -> [(&'static str, u64); LEVELS.len()] {
    std::array::from_fn(|index| (LEVELS[index].0, COUNTS[index].load(Ordering::Relaxed)))
}

const LEVELS: [(&str, Level); 5] = [
    ("error", Level::ERROR),
    ("warn", Level::WARN),
    ("info", Level::INFO),
    ("debug", Level::DEBUG),
    ("trace", Level::TRACE),
];

static COUNTS: [AtomicU64; LEVELS.len()] = [const { AtomicU64::new(0) }; LEVELS.len()];

/// Turns events into lines; the fields of the spans around an event come before its own.
struct Lines<W> {
    options: Options,
    write: W,
    head: Head,
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&str) + 'static,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        *metadata.level() <= self.options.level
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::from_level(self.options.level))
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::new(self.options.format);
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &span::Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let level = *event.metadata().level();
        let mut fields = Fields::new(self.options.format);
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.append(outer);
            }
        }
        event.record(&mut fields);
        (self.write)(&fields.line(&self.head, level));
        if let Some(index) = LEVELS.iter().position(|(_, known)| *known == level) {
            COUNTS[index].fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex},
        time::Duration,
    };

    use tracing::{debug, error, error_span, info, warn};

    use super::*;

    fn clock() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_215_751_576)
    }

    fn lines(level: Level, format: Format, head: Head, act: impl FnOnce()) -> Vec<String> {
        let written = Arc::new(Mutex::new(Vec::new()));
        let copy = Arc::clone(&written);
        let write = move |line: &str| copy.lock().unwrap().push(line.to_owned());
        let lines = Lines { options: Options { level, format }, write, head };
        tracing::subscriber::with_default(registry().with(lines), act);
        written.lock().unwrap().clone()
    }

    #[test]
    fn logfmt_is_what_prometheus_exporters_write() {
        let head = Head::Time(clock);
        let written = lines(Level::INFO, Format::Logfmt, head, || {
            info!(address = %"127.0.0.1:10170", "Listening on");
            warn!(
                count = 3,
                ratio = 0.5,
                open = false,
                reason = "two words",
                none = "",
                "frame \"lost\"\nhere"
            );
            debug!("not shown");
            error!(error = %std::fmt::Error, "Failed");
        });
        assert_eq!(
            written,
            [
                "time=2026-11-20T23:02:31.576Z level=INFO msg=\"Listening on\" address=127.0.0.1:10170\n",
                "time=2026-11-20T23:02:31.576Z level=WARN msg=\"frame \\\"lost\\\"\\nhere\" count=3 ratio=0.5 open=false \
                 reason=\"two words\" none=\"\"\n",
                "time=2026-11-20T23:02:31.576Z level=ERROR msg=Failed \
                 error=\"an error occurred when formatting an argument\"\n",
            ]
        );
    }

    #[test]
    fn json_keeps_numbers_and_escapes_text() {
        let written = lines(Level::INFO, Format::Json, Head::Time(clock), || {
            info!(
                count = 3_u64,
                minus = -1,
                open = true,
                ratio = 1.5,
                none = f64::NAN,
                text = "a\"b\\c\u{1}ø",
                "Go"
            );
        });
        let expected = "{\"time\":\"2026-11-20T23:02:31.576Z\",\"level\":\"INFO\",\"msg\":\"Go\",\"count\":3,\"minus\":-1,\
                        \"open\":true,\"ratio\":1.5,\"none\":\"NaN\",\"text\":\"a\\\"b\\\\c\\u0001ø\"}\n";
        assert_eq!(written, [expected]);
    }

    #[test]
    fn the_journal_gets_priorities_and_no_time() {
        let all = || {
            error!("a");
            warn!("b");
            info!("c");
            debug!("d");
        };
        let written = lines(Level::DEBUG, Format::Logfmt, Head::Priority, all);
        let expected = [
            "<3>level=ERROR msg=a\n",
            "<4>level=WARN msg=b\n",
            "<6>level=INFO msg=c\n",
            "<7>level=DEBUG msg=d\n",
        ];
        assert_eq!(written, expected);
        let written = lines(Level::INFO, Format::Json, Head::Priority, || info!("c"));
        assert_eq!(written, ["<6>{\"level\":\"INFO\",\"msg\":\"c\"}\n"]);
    }

    #[test]
    fn fields_of_spans_come_first() {
        let written = lines(Level::INFO, Format::Logfmt, Head::Priority, || {
            let span = error_span!("meter", meter = "house", port = tracing::field::Empty);
            span.in_scope(|| info!(n = 1, "x"));
            span.record("port", "ttyUSB0");
            span.in_scope(|| info!("y"));
        });
        assert_eq!(
            written,
            ["<6>level=INFO msg=x meter=house n=1\n", "<6>level=INFO msg=y meter=house port=ttyUSB0\n"]
        );
    }

    #[test]
    fn each_line_logged_is_counted() {
        let at = |name: &str| counts().iter().find(|(level, _)| *level == name).unwrap().1;
        let (before, trace) = (at("warn"), at("trace"));
        lines(Level::WARN, Format::Logfmt, Head::Priority, || {
            (0..100).for_each(|_| warn!("counted"));
            (0..100).for_each(|_| tracing::trace!("not counted"));
        });
        assert!(at("warn") >= before + 100);
        assert_eq!(at("trace"), trace);
    }

    #[test]
    fn the_notice_of_dropped_lines_is_a_line_like_others() {
        let notice = dropped_notice(Format::Json, Head::Priority, 3);
        let message = "Log lines dropped, because those before them were not read";
        assert_eq!(notice, format!("<4>{{\"level\":\"WARN\",\"msg\":\"{message}\",\"dropped\":3}}\n"));
    }

    #[test]
    fn reads_levels_and_formats_in_any_case() {
        assert_eq!((level("WARN"), level("debug")), (Ok(Level::WARN), Ok(Level::DEBUG)));
        assert_eq!((format("JSON"), format("logfmt")), (Ok(Format::Json), Ok(Format::Logfmt)));
        assert!(level("warning").is_err() && level("").is_err() && format("text").is_err());
    }
}
