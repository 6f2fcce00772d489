//! What is said twice: without a check, any value of a telegram may contain a wrong bit.
//!
//! * The meter's identity counts if it is known, or if two telegrams in a row contain it. Until then a telegram that
//!   names another meter changes nothing.
//! * Of a counter the lower of two telegrams in a row counts, if the step between them is possible. So what is shown was
//!   reached, and one damaged telegram neither lowers it nor raises it.
//! * An instantaneous value counts if it is near the last one that was shown or that waits; a state, if it is the same.
//! * The meter's clock counts if it has gone on as time has.
//!
//! Two telegrams in a row that agree always count: a meter may be replaced, a counter roll over, a clock be set back.

mod possible;

use std::collections::BTreeMap;

use super::boot::BootTime;
use super::report::Report;
use super::snapshot::Snapshot;
use crate::meter::{Kind, Register};
use crate::reading::Identity;
use crate::wire::clock::{DateTime, Zone};
use crate::wire::decimal::Decimal;
use crate::wire::frame::Proof;
use crate::wire::text::Text;
use possible::{Step, is_near, own_power};

/// How many telegrams an instantaneous value waits for another one near it.
const MEMORY: u64 = 3;

/// What telegrams have said that waits for another one to say it.
#[derive(Default)]
pub struct Unproven {
    telegrams: u64,
    /// As in the last telegram of which something was shown.
    shown: Option<FirstLine>,
    /// As in the telegram before.
    first_line: Option<FirstLine>,
    identity: Identity,
    clock: Option<(DateTime, BootTime)>,
    power: Option<f64>,
    registers: Vec<Register>,
    /// A counter's value in the telegram before; an instantaneous value or a state that was not shown.
    values: BTreeMap<Register, Waiting>,
}

/// The list by which a telegram was read, and manufacturer and model. The first line alone decides them, and with them
/// what the numbers mean.
type FirstLine = (&'static str, &'static str, Text<24>);

#[derive(Clone, Copy)]
struct Waiting {
    value: Decimal,
    since: BootTime,
    /// The number of its telegram.
    telegram: u64,
    /// How often in a row the register surprised. Each time, what is possible widens.
    surprises: u8,
}

impl Unproven {
    /// What of a report may be shown; `None` if all of it waits. `known` is what was shown before.
    pub fn confirm(
        &mut self,
        mut report: Report,
        proof: Proof,
        known: &Snapshot,
        now: BootTime,
    ) -> Option<Report> {
        self.telegrams += 1;
        let (sent, known_identity) = (report.identity, known.last_identity());
        let first_line = Some((report.list.name, sent.manufacturer, sent.model));
        let before = std::mem::replace(&mut self.identity, sent);
        let first_line_before = std::mem::replace(&mut self.first_line, first_line);
        report.identity = confirmed(&sent, known_identity, &before);
        let is_other = known_identity.is_of_another(&sent);
        let is_named_once =
            proof == Proof::Nothing && is_other && !known_identity.is_of_another(&report.identity);
        let is_stranger = is_named_once || ![self.shown, first_line_before].contains(&first_line);
        if is_stranger || first_line_before != first_line || before.is_of_another(&sent) {
            // What another meter may have sent confirms nothing.
            *self = Unproven { shown: self.shown, first_line, identity: sent, ..Unproven::default() };
        }
        if proof == Proof::Nothing {
            let known = Some(known).filter(|_| !is_other);
            self.confirm_clock(&mut report, known, now);
            self.confirm_values(&mut report, known, now);
        } else {
            report.identity = sent;
        }
        let is_shown = !is_stranger && !report.values.is_empty();
        if is_shown {
            self.shown = first_line;
        }
        is_shown.then_some(report)
    }

    fn confirm_clock(&mut self, report: &mut Report, known: Option<&Snapshot>, now: BootTime) {
        let Some(clock) = report.clock else { return };
        let before = self.clock.replace((clock, now));
        let known = known.and_then(Snapshot::last_clock);
        let goes_on = |(earlier, then): (DateTime, BootTime)| {
            earlier == clock || has_gone_on(earlier, then, clock, now, report.list.zone)
        };
        report.clock = Some(clock).filter(|_| known.is_some_and(goes_on) || before.is_some_and(goes_on));
    }

    fn confirm_values(&mut self, report: &mut Report, known: Option<&Snapshot>, now: BootTime) {
        let power = own_power(&report.values);
        let before = std::mem::replace(&mut self.power, power);
        // One of them may be damaged.
        let power = before.zip(power).map(|(before, power)| before.min(power));
        let values = report.values.iter().filter_map(|&(register, sent)| {
            let shown = known.and_then(|known| known.last_value(register));
            let value = match register.kind() {
                Kind::Counter | Kind::Held => self.reached(register, sent, shown, power, now),
                Kind::Gauge | Kind::State(_) => self.agreed(register, sent, shown, now),
            };
            Some((register, value?))
        });
        let values: Box<[_]> = values.collect();
        let sent = report.values.iter().map(|(register, _)| *register).collect();
        let before = std::mem::replace(&mut self.registers, sent);
        // One that was there before may have been lost by damage to its code.
        let is_complete = before.iter().all(|register| self.registers.contains(register));
        report.is_partial = values.len() < report.values.len() || !is_complete;
        report.values = values;
    }

    /// The value that a counter has certainly reached.
    fn reached(
        &mut self,
        register: Register,
        sent: Decimal,
        shown: Option<Decimal>,
        power: Option<f64>,
        now: BootTime,
    ) -> Option<Decimal> {
        let waiting = self.waiting(sent, now);
        let Waiting { value: before, since, surprises, .. } = self.values.insert(register, waiting)?;
        let step = Step { before, sent, time: now.since(since), power };
        let is_possible = step.is_possible(register, surprises);
        if let Some(waiting) = self.values.get_mut(&register)
            && step.is_upward()
            && !step.is_possible(register, 0)
        {
            // What was found to be possible remains so while the counter goes on in such steps.
            waiting.surprises = surprises.saturating_add(u8::from(!is_possible));
        }
        // A telegram before that was damaged may be below what was shown.
        let is_between = |shown: &Decimal| is_above(*shown, before) && !is_above(*shown, sent);
        is_possible.then(|| shown.filter(is_between).unwrap_or(before))
    }

    /// The value itself if another one agrees.
    fn agreed(
        &mut self,
        register: Register,
        sent: Decimal,
        shown: Option<Decimal>,
        now: BootTime,
    ) -> Option<Decimal> {
        let is_recent = |waiting: &Waiting| self.telegrams - waiting.telegram <= MEMORY;
        let waiting = self.values.get(&register).copied().filter(is_recent);
        let surprises = waiting.map_or(0, |waiting| waiting.surprises);
        let agrees = |other: Decimal| is_near(register, other, sent, surprises);
        let follows = shown.is_some_and(agrees);
        let is_agreed = follows || waiting.is_some_and(|waiting| agrees(waiting.value));
        let waits = match (is_agreed, waiting) {
            (true, Some(waiting)) if follows => Waiting { surprises: 0, ..waiting },
            // A heater that switches every few seconds returns to what was shown before.
            (true, _) => self.waiting(shown.unwrap_or(sent), now),
            (false, None) if shown.is_none() => self.waiting(sent, now),
            (false, _) => Waiting { surprises: surprises.saturating_add(1), ..self.waiting(sent, now) },
        };
        self.values.insert(register, waits);
        is_agreed.then_some(sent)
    }

    fn waiting(&self, value: Decimal, now: BootTime) -> Waiting {
        Waiting { value, since: now, telegram: self.telegrams, surprises: 0 }
    }
}

/// What of an identity is known already, or was sent twice.
fn confirmed(sent: &Identity, known: &Identity, before: &Identity) -> Identity {
    fn text<const N: usize>(sent: Text<N>, known: Text<N>, before: Text<N>) -> Text<N> {
        if sent == known || sent == before { sent } else { Text::EMPTY }
    }
    if *known == Identity::default() && before != sent {
        // A meter of which only a part is known would have another series when the rest is.
        return Identity::default();
    }
    Identity {
        manufacturer: sent.manufacturer,
        model: sent.model,
        id: text(sent.id, known.id, before.id),
        device: text(sent.device, known.device, before.device),
        list_version: text(sent.list_version, known.list_version, before.list_version),
        customer: text(sent.customer, known.customer, before.customer),
        production: text(sent.production, known.production, before.production),
    }
}

/// Whether a clock shows as much more as time has passed.
fn has_gone_on(earlier: DateTime, then: BootTime, clock: DateTime, now: BootTime, zone: Zone) -> bool {
    /// Seconds by which clocks that show minutes, telegrams that come late and a second telegram may differ.
    const TOLERANCE: i64 = 60;
    let unix = |clock: DateTime| clock.to_unix(zone).or_else(|| clock.to_unix(Zone::Standard(0)));
    let passed = i64::try_from(now.since(then).as_secs()).unwrap_or(i64::MAX);
    let Some((earlier, later)) = unix(earlier).zip(unix(clock)) else { return false };
    (later - earlier).abs_diff(passed) <= TOLERANCE.unsigned_abs()
}

fn is_above(one: Decimal, other: Decimal) -> bool {
    one != other && one.to_f64() > other.to_f64()
}

#[cfg(test)]
mod tests;
