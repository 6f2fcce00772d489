//! The appliances of the household, as a table: how much power they take, how often, how long, at which hours.

use super::random::Random;

/// A kind of appliance that is switched on and off.
pub struct ApplianceKind {
    /// The lowest and the highest power in watts; random for each run.
    pub watts: (f64, f64),
    /// Reactive power for each watt.
    pub reactive: f64,
    /// The phases that it is connected to, in a house with three.
    pub phases: &'static [usize],
    /// The shortest and the longest run, in minutes.
    pub minutes: (f64, f64),
    /// How often it starts in a day.
    pub starts: f64,
    /// The weight of each hour for a start.
    pub hours: [u8; 24],
}

const ALWAYS: [u8; 24] = [1; 24];
const TEA: [u8; 24] = [0, 0, 0, 0, 0, 1, 4, 6, 4, 2, 2, 2, 2, 1, 2, 3, 3, 2, 2, 3, 3, 2, 1, 0];
const MEALS: [u8; 24] = [0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 2, 2, 0, 1, 3, 6, 6, 4, 2, 1, 0, 0, 0];
const NIGHT: [u8; 24] = [4, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 4];
const COLD: [u8; 24] = [4, 4, 4, 4, 5, 6, 7, 6, 5, 4, 3, 3, 2, 2, 3, 3, 4, 5, 5, 5, 5, 5, 4, 4];

/// All appliances except those that always run.
#[rustfmt::skip]
pub static APPLIANCES: [ApplianceKind; 7] = [
    // Fridge and freezer, kettle, oven, hob.
    ApplianceKind { watts: (85.0, 130.0), reactive: 0.45, phases: &[0], minutes: (10.0, 18.0), starts: 34.0, hours: ALWAYS },
    ApplianceKind { watts: (1950.0, 2150.0), reactive: 0.0, phases: &[1], minutes: (1.5, 4.0), starts: 9.0, hours: TEA },
    ApplianceKind { watts: (2200.0, 2500.0), reactive: 0.02, phases: &[2], minutes: (20.0, 50.0), starts: 1.3, hours: MEALS },
    ApplianceKind { watts: (900.0, 3200.0), reactive: -0.03, phases: &[1, 2], minutes: (8.0, 25.0), starts: 3.0, hours: MEALS },
    // Heat pump, boiler, washing machine.
    ApplianceKind { watts: (650.0, 1700.0), reactive: 0.25, phases: &[0], minutes: (12.0, 35.0), starts: 30.0, hours: COLD },
    ApplianceKind { watts: (1980.0, 2000.0), reactive: 0.0, phases: &[2], minutes: (15.0, 40.0), starts: 7.0, hours: COLD },
    ApplianceKind { watts: (3500.0, 3700.0), reactive: -0.04, phases: &[0, 1, 2], minutes: (40.0, 150.0), starts: 0.7, hours: NIGHT },
];

/// Power on each phase, in W and var.
#[derive(Clone, Copy, Debug, Default)]
pub struct Power {
    /// Active power.
    pub active: [f64; 3],
    /// Reactive power, inductive if positive.
    pub reactive: [f64; 3],
}

/// An appliance, running or not.
pub struct Appliance {
    kind: &'static ApplianceKind,
    /// Its power in watts; 0 if it is off.
    watts: f64,
    /// Milliseconds that it still runs.
    left: f64,
}

impl Appliance {
    /// An appliance that is off.
    pub const fn new(kind: &'static ApplianceKind) -> Self {
        Appliance { kind, watts: 0.0, left: 0.0 }
    }

    /// Lets time pass and adds the power that it takes meanwhile.
    pub fn draw(&mut self, hour: usize, milliseconds: f64, random: &mut Random, power: &mut Power) {
        self.switch(hour, milliseconds, random);
        let drawn = self.watts * random.between(0.99, 1.01) / self.kind.phases.len() as f64;
        for &phase in self.kind.phases {
            power.active[phase] += drawn;
            power.reactive[phase] += drawn * self.kind.reactive;
        }
    }

    fn switch(&mut self, hour: usize, milliseconds: f64, random: &mut Random) {
        let ApplianceKind { watts, minutes, starts, hours, .. } = self.kind;
        self.left -= milliseconds;
        if self.left > 0.0 {
            return;
        }
        let weight = f64::from(hours[hour % 24]) / hours.iter().copied().map(f64::from).sum::<f64>();
        let starting = random.chance(starts * weight * milliseconds / 3_600_000.0);
        self.watts = if starting { random.between(watts.0, watts.1) } else { 0.0 };
        self.left = if starting { random.between(minutes.0, minutes.1) * 60_000.0 } else { 0.0 };
    }
}
