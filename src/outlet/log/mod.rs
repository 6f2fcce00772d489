//! What is wrong with each meter, as lines of the log: the sentence that the page and `/-/ready` show, said once.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};

use crate::hub::{BootTime, Change, Current, Heard, Hub, MeterName, Report, State, Trouble};
use crate::platform::log::Repeats;

/// A line about a meter.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// What is wrong.
    Trouble(Trouble),
    /// Readings arrive, from the source of this name.
    Well(String),
    /// Another meter took the place of the one before.
    Replaced,
    /// Numbers of these metrics arrive in an unknown unit.
    Withheld(Vec<&'static str>),
}

/// Writes a line about the meter of this name; `None` where there is only one.
pub fn write(meter: Option<&str>, line: &Line) {
    match line {
        Line::Trouble(Trouble { reason, sentence, .. }) => warn!(meter, reason, "{sentence}"),
        Line::Well(source) => info!(meter, source, "Readings arrive"),
        // Ids are not logged: whoever reads a log need not know whose meter it is.
        Line::Replaced => {
            warn!(meter, "Another meter answers now: the values of the one before are no longer shown");
        }
        Line::Withheld(metrics) => {
            let metrics = metrics.join(",");
            info!(meter, metrics, "Some numbers are not shown, because nothing says in which unit they are");
        }
    }
}

/// Hands `say` what is wrong with each meter when it begins, when it changes and once an hour, and that it is well again.
/// Listens from the call on.
pub fn report(hub: Hub, say: impl Fn(Option<&str>, &Line)) -> impl Future<Output = ()> {
    let mut updates = hub.subscribe();
    async move {
        let mut journal = Journal { entries: BTreeMap::new(), next: None, say };
        loop {
            let next = journal.next;
            tokio::select! {
                // What happens at the same time is looked at once.
                biased;
                heard = updates.next() => match heard {
                    None => return,
                    Some(Heard::Lost(_)) => journal.start_again(&hub.state()),
                    Some(Heard::Update(update)) => journal.hear(&update.meter, &update.change),
                },
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => journal.look(&hub.state()),
            }
        }
    }
}

struct Journal<S> {
    entries: BTreeMap<MeterName, Entry>,
    /// When a meter is to be looked at.
    next: Option<Instant>,
    say: S,
}

impl<S: Fn(Option<&str>, &Line)> Journal<S> {
    fn hear(&mut self, meter: &MeterName, change: &Change) {
        let now = Instant::now();
        match change {
            Change::Reading(report) => {
                if let Some(entry) = self.entries.get_mut(meter)
                    && let Some(line) = entry.withheld(report)
                {
                    (self.say)(meter.label(), &line);
                }
                return;
            }
            Change::Vanished(_) | Change::Port(_) => return,
            Change::Removed => _ = self.entries.remove(meter),
            Change::Added | Change::Problem(_) | Change::Health(_) => {
                self.entries.entry(meter.clone()).or_default().look_at = Some(now);
            }
            Change::Replaced => {
                let entry = self.entries.entry(meter.clone()).or_default();
                entry.is_replaced = true;
                entry.look_at = Some(now);
            }
        }
        self.next = Some(now);
    }

    /// Updates were lost: any meter may be another, or in another state.
    fn start_again(&mut self, state: &State) {
        let now = Instant::now();
        let mut before = std::mem::take(&mut self.entries);
        for meter in state.current(BootTime::now()) {
            let entry = before.remove(meter.name()).unwrap_or_default();
            self.entries.insert(meter.name().clone(), Entry { look_at: Some(now), ..entry });
        }
        self.next = Some(now);
    }

    fn look(&mut self, state: &State) {
        let now = Instant::now();
        for meter in state.current(BootTime::now()) {
            let Some(entry) = self.entries.get_mut(meter.name()) else { continue };
            if entry.look_at.take_if(|due| *due <= now).is_some() {
                let lines = [entry.replaced(meter, now), entry.look(meter, now)];
                lines.iter().flatten().for_each(|line| (self.say)(meter.name().label(), line));
            }
        }
        self.next = self.entries.values().filter_map(|entry| entry.look_at).min();
    }
}

/// What the log says of one meter.
struct Entry {
    /// The reason of what is wrong, and since when it is.
    since: Option<(&'static str, Instant)>,
    /// The last line.
    said: Said,
    /// When it is to be looked at.
    look_at: Option<Instant>,
    /// Two troubles that alternate do not fill the log.
    admitted: Repeats<&'static str>,
    /// Whether another meter answered, and the log has yet to tell of it.
    is_replaced: bool,
    /// Meters that take turns too slowly to be a trouble do not fill it either.
    replacements: Repeats<()>,
    /// Whether the log says that numbers are withheld.
    is_withheld_said: bool,
}

enum Said {
    Nothing,
    Well,
    Trouble(Trouble, Instant),
}

impl Default for Entry {
    fn default() -> Self {
        Entry {
            since: None,
            said: Said::Nothing,
            look_at: None,
            admitted: Repeats::per_minute(),
            is_replaced: false,
            replacements: Repeats::per_hour(),
            is_withheld_said: false,
        }
    }
}

/// How long a trouble lasts before its sentence is repeated.
const REPETITION: Duration = Duration::from_secs(3600);
/// How long a line waits that was said a moment ago.
const PAUSE: Duration = Duration::from_secs(60);

impl Entry {
    /// The line about another meter, if one is due. Meters that take turns are a trouble, which has a line of its own.
    fn replaced(&mut self, meter: Current<'_>, now: Instant) -> Option<Line> {
        let is_news = std::mem::take(&mut self.is_replaced) && !meter.alternates();
        let admitted = is_news.then(|| self.replacements.admit((), now.into_std())).flatten();
        admitted.map(|_| Line::Replaced)
    }

    /// What a report lacks, once.
    fn withheld(&mut self, report: &Report) -> Option<Line> {
        if report.withheld.is_empty() || std::mem::replace(&mut self.is_withheld_said, true) {
            return None;
        }
        let mut metrics: Vec<_> = report.withheld.iter().map(|register| register.family().name).collect();
        metrics.dedup();
        Some(Line::Withheld(metrics))
    }

    /// The line that is due, if one is.
    fn look(&mut self, meter: Current<'_>, now: Instant) -> Option<Line> {
        // A source that is gone is worth a line at once, not when its values are too old.
        let Some(trouble) = meter.trouble().or_else(|| meter.problem().cloned()) else {
            self.since = None;
            let is_news = !matches!(std::mem::replace(&mut self.said, Said::Well), Said::Well);
            return is_news.then(|| Line::Well(meter.port().name.to_string()));
        };
        let (reason, since) =
            self.since.filter(|since| since.0 == trouble.reason).unwrap_or((trouble.reason, now));
        self.since = Some((reason, since));
        let due = match &self.said {
            Said::Trouble(said, at) if trouble.repeats(said) => *at + REPETITION,
            _ => since + trouble.patience,
        };
        if due > now {
            self.look_at = Some(due);
            return None;
        }
        if self.admitted.admit(reason, now.into_std()).is_none() {
            self.look_at = Some(now + PAUSE);
            return None;
        }
        self.said = Said::Trouble(trouble.clone(), now);
        self.look_at = Some(now + REPETITION);
        Some(Line::Trouble(trouble))
    }
}

#[cfg(test)]
mod tests;
