//! What a house's connection allows: how far a counter steps, and how far an instantaneous value jumps.

use std::time::Duration;

use crate::meter::{Kind, Quantity, Register};
use crate::wire::decimal::Decimal;

/// Watts that a house's connection allows: three phases of 80 A at 250 V.
const CONNECTION: f64 = 3.0 * 80.0 * 250.0;

/// Telegrams of one burst may have been minutes apart where they waited in an adapter; none is sent for less than this.
const SHORTEST: Duration = Duration::from_secs(10);

/// Over a longer time, the power at its ends does not tell what there was between.
const STEADY: Duration = Duration::from_secs(60);

/// Cubic metres an hour of the largest gas and water meters of houses, and watts of heat.
const FLOW: f64 = 10.0;
const HEAT: f64 = 100_000.0;

/// A counter in two telegrams.
pub(super) struct Step {
    pub before: Decimal,
    pub sent: Decimal,
    /// The time between them.
    pub time: Duration,
    /// The power that both contain, in watts.
    pub power: Option<f64>,
}

impl Step {
    /// Whether the counter did not go back.
    pub fn is_upward(&self) -> bool {
        self.sent == self.before || self.height() > 0.0
    }

    /// Whether the counter can have done it. Each surprise before makes four times as much possible, so that a meter
    /// connected to transformers is not refused for ever.
    pub fn is_possible(&self, register: Register, surprises: u8) -> bool {
        let digit = Decimal::new(1, self.before.exponent().min(self.sent.exponent())).to_f64();
        let possible = self.rate(register) * self.time.max(SHORTEST).as_secs_f64() + digit;
        self.is_upward() && self.height() <= possible * widened(surprises)
    }

    fn height(&self) -> f64 {
        self.sent.to_f64() - self.before.to_f64()
    }

    /// How much the counter rises in a second at most, in the unit in which it is sent.
    fn rate(&self, register: Register) -> f64 {
        match register.quantity() {
            Quantity::ActiveEnergy | Quantity::ReactiveEnergy => self.most_power() / 3600.0,
            Quantity::Heat => HEAT,
            Quantity::Volume => FLOW / 3600.0,
            Quantity::Duration | Quantity::Timestamp => 1.0,
            // Power failures, and the highest power of a month: one more digit, or the same twice.
            _ => 0.0,
        }
    }

    /// The most power there was between: an appliance may have run meanwhile, and where a meter sends its phases alone,
    /// there are three of them.
    fn most_power(&self) -> f64 {
        match self.power {
            Some(power) if self.time <= STEADY => 3.0 * power + 1000.0,
            _ => CONNECTION,
        }
    }
}

/// The highest instantaneous power among values, whatever its kind and direction.
pub(super) fn own_power(values: &[(Register, Decimal)]) -> Option<f64> {
    let powers = values.iter().filter(|(register, _)| register.kind() == Kind::Gauge && is_power(*register));
    powers.map(|(_, value)| value.to_f64().abs()).max_by(f64::total_cmp)
}

/// Whether one value may follow the other. Each surprise before makes four times as much possible.
pub(super) fn is_near(register: Register, one: Decimal, other: Decimal, surprises: u8) -> bool {
    if one == other {
        return true;
    }
    let (one, other) = (one.to_f64(), other.to_f64());
    // Half and twice the power are usual too.
    let half = if is_power(register) || register.quantity() == Quantity::Current { 0.5 } else { 0.0 };
    let possible = jump(register).max(half * one.abs().max(other.abs()));
    (one - other).abs() <= possible * widened(surprises)
}

/// How far an instantaneous value jumps usually: what an appliance on a fuse of 16 A does, and at most 20 A. A state
/// does not jump.
fn jump(register: Register) -> f64 {
    match (register.kind(), register.quantity()) {
        (Kind::Gauge, Quantity::ActivePower | Quantity::ReactivePower | Quantity::ApparentPower) => 4000.0,
        (Kind::Gauge, Quantity::Current) => 16.0,
        (Kind::Gauge, Quantity::Voltage) => 25.0,
        (Kind::Gauge, Quantity::Frequency) => 1.0,
        (Kind::Gauge, Quantity::Ratio) => 2.0,
        (Kind::Gauge, Quantity::Angle) => 360.0,
        _ => 0.0,
    }
}

fn is_power(register: Register) -> bool {
    let quantity = register.quantity();
    matches!(quantity, Quantity::ActivePower | Quantity::ReactivePower | Quantity::ApparentPower)
}

fn widened(surprises: u8) -> f64 {
    4_f64.powi(surprises.into())
}
