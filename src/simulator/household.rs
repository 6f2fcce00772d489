//! A made-up household: its power, the yield of its solar panels, and the counters of its meter.
//!
//! Only sums, products, quotients and square roots are used, because they give the same numbers on every machine.

use super::appliance::{APPLIANCES, Appliance, Power};
use super::random::Random;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// When its meter was mounted: at the beginning of 2020, in milliseconds of standard time since 1970.
pub const MOUNTED: i64 = 1_577_833_200_000;

/// What the meter measured in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Active power of each phase in W, imported if positive.
    pub active: [i64; 3],
    /// Reactive power of each phase in var.
    pub reactive: [i64; 3],
    /// Voltage of each phase in 0.1 V; 0 for a missing phase.
    pub voltage: [i64; 3],
    /// Current of each phase in mA.
    pub current: [i64; 3],
}

impl Sample {
    /// Active power and reactive power of all phases.
    pub fn totals(&self) -> [i64; 2] {
        [self.active.iter().sum(), self.reactive.iter().sum()]
    }

    /// Imported and exported active power, then reactive power; one of each two is 0.
    pub fn directions(&self) -> [i64; 4] {
        let [active, reactive] = self.totals();
        [active.max(0), (-active).max(0), reactive.max(0), (-reactive).max(0)]
    }
}

/// Energy so far in W ms and var ms: imported and exported, active and reactive. Integers, so that the sum is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Registers(pub [i64; 4]);

impl Registers {
    fn add(&mut self, sample: &Sample, milliseconds: i64) {
        for (register, power) in self.0.iter_mut().zip(sample.directions()) {
            *register += power * milliseconds;
        }
    }
}

/// The household and the counters of its meter.
pub struct Household {
    random: Random,
    phases: usize,
    appliances: Vec<Appliance>,
    /// Share of sunlight that the clouds let through.
    sky: f64,
    /// Deviation of each phase of the grid from its usual voltage.
    drift: [f64; 3],
    /// The measurements of the last step.
    pub sample: Sample,
    /// The energy of all steps.
    pub registers: Registers,
}

impl Household {
    /// The household of a seed at a moment of standard time, in milliseconds since 1970.
    pub fn new(seed: u64, phases: usize, moment: i64) -> Self {
        let mut household = Household {
            random: Random::new(seed),
            phases,
            appliances: APPLIANCES.iter().map(Appliance::new).collect(),
            sky: 0.7,
            drift: [0.0; 3],
            sample: Sample::default(),
            registers: Registers::default(),
        };
        household.live_through_the_hours_before(moment);
        household.registers = household.age(moment);
        household
    }

    /// Lets time pass. Power is constant in a step.
    pub fn step(&mut self, moment: i64, milliseconds: i64) {
        let Power { active, reactive } = self.power(moment, milliseconds);
        let mut sample = Sample::default();
        for phase in 0..self.phases {
            sample.active[phase] = active[phase].round() as i64;
            sample.reactive[phase] = reactive[phase].round() as i64;
            sample.voltage[phase] = self.voltage(phase, active[phase]);
            let [watts, vars] = [sample.active[phase] as f64, sample.reactive[phase] as f64];
            let apparent = (watts * watts + vars * vars).sqrt();
            sample.current[phase] = (apparent * 10_000.0 / sample.voltage[phase] as f64).round() as i64;
        }
        self.sample = sample;
        self.registers.add(&sample, milliseconds);
    }

    /// Simulates the hours before, so that appliances are running when a meter starts.
    fn live_through_the_hours_before(&mut self, moment: i64) {
        const MINUTE: i64 = 60_000;
        for minute in (1..=180).rev() {
            self.step(moment - minute * MINUTE, MINUTE);
        }
    }

    /// The counters of a meter mounted in 2020: after a later start they are higher.
    fn age(&mut self, moment: i64) -> Registers {
        const MEANS: [i64; 4] = [2600, 350, 260, 190];
        let age = (moment - MOUNTED).max(DAY);
        Registers(MEANS.map(|mean| mean * age))
    }

    fn power(&mut self, moment: i64, milliseconds: i64) -> Power {
        let hour = moment.rem_euclid(DAY) as f64 / HOUR as f64;
        let mut power = self.always_on(hour);
        for appliance in &mut self.appliances {
            appliance.draw(hour as usize, milliseconds as f64, &mut self.random, &mut power);
        }
        let roof = self.roof(moment, hour) / 3.0;
        power.active.iter_mut().for_each(|watts| *watts -= roof);
        match self.phases {
            1 => Power { active: on_one_phase(power.active), reactive: on_one_phase(power.reactive) },
            _ => power,
        }
    }

    /// Lamps, screens, chargers, ventilation: a curve of the day, and noise.
    fn always_on(&mut self, hour: f64) -> Power {
        let curve = day_curve(hour);
        let mut power = Power::default();
        for (phase, base) in [110.0, 75.0, 60.0].into_iter().enumerate() {
            power.active[phase] = base * (1.0 + curve) + self.random.between(-4.0, 4.0);
            power.reactive[phase] = -28.0 - 0.25 * base * curve + self.random.between(-2.0, 2.0);
        }
        power
    }

    /// The yield of 4.5 kW of solar panels, in watts.
    fn roof(&mut self, moment: i64, hour: f64) -> f64 {
        self.sky = (self.sky + self.random.between(-0.02, 0.02)).clamp(0.15, 1.0);
        let winter = winter(moment);
        let from_noon = (hour - 12.3) / (8.5 - 5.0 * winter);
        4500.0 * (1.0 - 0.75 * winter) * self.sky * (1.0 - from_noon * from_noon).max(0.0)
    }

    /// 231 V, with the deviation of the grid and the loss in the cable of the house.
    fn voltage(&mut self, phase: usize, watts: f64) -> i64 {
        const CABLE_OHM: f64 = 0.18;
        let drift = &mut self.drift[phase];
        *drift = (*drift + self.random.between(-0.15, 0.15)).clamp(-4.0, 4.0);
        let usual = [231.4, 230.6, 232.1][phase];
        ((usual + *drift - watts / usual * CABLE_OHM) * 10.0).round() as i64
    }
}

fn on_one_phase([first, second, third]: [f64; 3]) -> [f64; 3] {
    [first + second + third, 0.0, 0.0]
}

/// Little at night, some in the morning, most in the evening; linear between hours.
fn day_curve(hour: f64) -> f64 {
    #[rustfmt::skip]
    const HOURS: [f64; 24] = [
        0.3, 0.2, 0.1, 0.1, 0.1, 0.2, 0.8, 1.2, 1.0, 0.7, 0.6, 0.6,
        0.7, 0.6, 0.6, 0.8, 1.2, 1.6, 1.9, 2.1, 2.2, 2.0, 1.4, 0.7,
    ];
    let begin = hour as usize % 24;
    HOURS[begin] + (HOURS[(begin + 1) % 24] - HOURS[begin]) * (hour - hour.floor())
}

/// 0 at midsummer, 1 at midwinter.
fn winter(moment: i64) -> f64 {
    let year = 365.25;
    let midsummer = 171.0;
    let day = (moment.div_euclid(DAY) as f64 - midsummer).rem_euclid(year);
    day.min(year - day) / (year / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-06-20 and 2024-12-20, midnight.
    const SUMMER: i64 = 1_718_841_600_000;
    const WINTER: i64 = 1_734_652_800_000;

    /// Every sample of a day in steps of ten seconds, and what the registers counted.
    fn day(seed: u64, phases: usize, begin: i64) -> (Vec<Sample>, [i64; 4]) {
        let mut household = Household::new(seed, phases, begin);
        let Registers(before) = household.registers;
        let step = |index: i64| {
            household.step(begin + index * 10_000, 10_000);
            household.sample
        };
        let samples = (0..DAY / 10_000).map(step).collect();
        let Registers(after) = household.registers;
        (samples, std::array::from_fn(|index| after[index] - before[index]))
    }

    #[test]
    fn counters_are_the_integral_of_power() {
        for phases in [1, 3] {
            let (samples, counted) = day(3, phases, SUMMER);
            let integral: [i64; 4] = std::array::from_fn(|index| {
                samples.iter().map(|sample| sample.directions()[index] * 10_000).sum()
            });
            assert_eq!(counted, integral);
        }
    }

    #[test]
    fn current_voltage_and_power_of_a_phase_agree() {
        for sample in day(3, 3, SUMMER).0 {
            for phase in 0..3 {
                let [watts, vars] = [sample.active[phase] as f64, sample.reactive[phase] as f64];
                let apparent = (watts * watts + vars * vars).sqrt();
                let product = sample.voltage[phase] as f64 / 10.0 * sample.current[phase] as f64 / 1000.0;
                // Half a milliampere at 240 V.
                assert!((apparent - product).abs() < 0.13, "{apparent} VA, {product} VA: {sample:?}");
            }
        }
    }

    #[test]
    fn a_single_phase_has_all_power() {
        for sample in day(3, 1, SUMMER).0 {
            assert!(sample.voltage[0] > 2000 && sample.voltage[1..] == [0, 0]);
            assert_eq!((&sample.active[1..], &sample.current[1..]), (&[0, 0][..], &[0, 0][..]));
        }
    }

    #[test]
    fn a_day_has_the_energy_of_a_household() {
        for seed in 0..8 {
            for (begin, least, most) in [(SUMMER, 10.0, 90.0), (WINTER, 20.0, 110.0)] {
                let (samples, [import, export, ..]) = day(seed, 3, begin);
                let kilowatt_hours = |register: i64| register as f64 / 3.6e9;
                let imported = kilowatt_hours(import);
                assert!((least..most).contains(&imported), "seed {seed}: {imported} kWh");
                assert!(kilowatt_hours(export) < 40.0);
                assert!(export > 0 || begin == WINTER, "seed {seed}: no export on a summer day");
                let peak = samples.iter().map(|sample| sample.totals()[0]).max().unwrap();
                assert!((3500..18_000).contains(&peak), "seed {seed}: {peak} W");
                let volts = samples.iter().flat_map(|sample| sample.voltage);
                assert!(volts.clone().all(|volts| (2070..2530).contains(&volts)), "outside EN 50160");
                let amperes = samples.iter().flat_map(|sample| sample.current).max().unwrap();
                assert!(amperes < 63_000, "seed {seed}: {amperes} mA");
            }
        }
    }

    #[test]
    fn appliances_switch_and_load_lowers_the_voltage() {
        let (samples, _) = day(5, 3, WINTER);
        let power = |sample: &Sample| sample.totals()[0];
        let steps = samples.windows(2).filter(|pair| (power(&pair[1]) - power(&pair[0])).abs() > 500);
        assert!(steps.count() > 20);
        let mean = |loaded: bool| {
            let chosen: Vec<_> =
                samples.iter().filter(|sample| (sample.active[1] > 1500) == loaded).collect();
            chosen.iter().map(|sample| sample.voltage[1]).sum::<i64>() / chosen.len() as i64
        };
        assert!(mean(true) < mean(false), "{} {}", mean(true), mean(false));
    }

    #[test]
    fn equal_seeds_give_equal_households() {
        assert_eq!(day(3, 3, SUMMER), day(3, 3, SUMMER));
        assert_ne!(day(3, 3, SUMMER), day(4, 3, SUMMER));
    }
}
