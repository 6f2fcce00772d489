//! ASCII telegrams in the form of each country: their data sets, digits and time zone.

use super::clock::Clock;
use super::framing::Framing;
use super::gas::GasReading;
use super::row::Row;
use super::state::MeterState;
use crate::reading::Content;
use crate::wire::check;
use crate::wire::clock::Zone;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// The form of a telegram.
pub struct Dialect {
    /// The frames of its messages.
    pub framing: Framing,
    /// The first line, between the slash and the meter's type.
    pub manufacturer: &'static str,
    /// The time zone of its clocks. S and W follow the summer time of a civil zone; any other is W.
    pub zone: Zone,
    /// The data sets, in order.
    pub rows: &'static [Row<Cell>],
}

/// What the parentheses of a data set contain.
#[derive(Clone, Copy)]
pub enum Cell {
    /// A fixed text, with the parentheses.
    Fixed(&'static str),
    /// The meter's own number, two hexadecimal digits for each character.
    Id,
    /// The time of sending.
    Clock,
    /// A measured number: digits before and after the point, and the unit.
    Number(usize, usize, &'static str),
    /// The highest demand of the month in kW, after its time.
    Highest,
    /// The last reading of the gas meter after its time; with the interval of readings in seconds.
    Gas(i64),
}

impl Dialect {
    /// The telegram, not framed.
    pub fn telegram(&self, state: &MeterState<'_>) -> Vec<u8> {
        let sets =
            Row::singles(self.rows, Content::Energy).filter_map(|(obis, cell)| self.set(obis, cell, state));
        let mut text = format!("/{}{}\r\n\r\n", self.manufacturer, state.type_name);
        text.extend(sets);
        text.push('!');
        let check = check::arc(text.as_bytes());
        text.push_str(&format!("{check:04X}\r\n"));
        text.into_bytes()
    }

    /// The line of a data set; `None` for a missing phase.
    fn set(&self, Obis([a, b, c, d, e, _]): Obis, cell: Cell, state: &MeterState<'_>) -> Option<String> {
        let values = match cell {
            _ if !state.has_phase(c) => return None,
            Cell::Fixed(values) => values.to_owned(),
            Cell::Id => format!("({})", in_hexadecimal(state.id)),
            Cell::Clock => format!("({})", self.time(state.sent)),
            Cell::Number(digits, decimals, unit) => {
                let number = state.amount([c, d, e])?.over(exponent(decimals, unit)?);
                format!("({})", measured(number, [digits, decimals], '.', unit))
            }
            Cell::Highest => {
                let watts = state.amount([c, d, e])?.over(0);
                format!("({})({})", self.time(state.demand.at), measured(watts, [2, 3], '.', "kW"))
            }
            Cell::Gas(every) => {
                let GasReading { at, litres } = GasReading::before(state.sent, every);
                format!("({})({})", self.time(at), measured(litres, [5, 3], '.', "m3"))
            }
        };
        Some(format!("{a}-{b}:{c}.{d}.{e}{values}\r\n"))
    }

    /// `YYMMDDhhmmss`, then S or W.
    fn time(&self, unix: i64) -> String {
        let show = |zone| Clock { zone, ..Clock::CENTRAL }.show(unix);
        let shown = show(self.zone);
        let is_summer = matches!(self.zone, Zone::Civil(east) if shown == show(Zone::Standard(east + 60)));
        let digits = shown.digits().map(|text| text.as_str().to_owned()).unwrap_or_default();
        let digits = digits.chars().filter(char::is_ascii_digit).skip(2);
        digits.chain([if is_summer { 'S' } else { 'W' }]).collect()
    }
}

/// The power of ten of the last digit of a number, in the unit without its prefix.
pub fn exponent(decimals: usize, unit: &str) -> Option<i8> {
    let prefix = if unit.is_empty() { 0 } else { Unit::spelled(unit.as_bytes())?.1 };
    Some(prefix - i8::try_from(decimals).ok()?)
}

/// A number with these digits before and after its point, and its unit if it has one.
pub fn measured(number: i64, [digits, decimals]: [usize; 2], point: char, unit: &str) -> String {
    let number = fixed_point(number, [digits, decimals], point);
    if unit.is_empty() { number } else { format!("{number}*{unit}") }
}

fn fixed_point(number: i64, [digits, decimals]: [usize; 2], point: char) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let all = format!("{:0width$}", number.unsigned_abs(), width = digits + decimals);
    match all.split_at(all.len() - decimals) {
        (whole, "") => format!("{sign}{whole}"),
        (whole, fraction) => format!("{sign}{whole}{point}{fraction}"),
    }
}

fn in_hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::models::MODELS;
    use super::*;
    use crate::simulator::model::Messages;

    fn dialect(name: &str) -> &'static Dialect {
        let model = MODELS.iter().find(|model| model.name == name).unwrap();
        match model.messages {
            Messages::Telegram(dialect) => dialect,
            _ => panic!("{name} sends no telegrams"),
        }
    }

    #[test]
    fn marks_summer_and_winter_also_in_the_hour_that_occurs_twice() {
        // 2024-10-27, a second before and at 01:00 UTC.
        let [before, at] = [1_729_990_799, 1_729_990_800];
        for (name, first, second) in [
            ("dsmr5", "241027025959S", "241027020000W"),
            ("lithuania-p1", "241027035959S", "241027030000W"),
            ("sweden-p1", "241027015959W", "241027020000W"),
        ] {
            let dialect = dialect(name);
            assert_eq!((dialect.time(before), dialect.time(at)), (first.into(), second.into()), "{name}");
        }
    }

    #[test]
    fn numbers_have_the_requested_digits() {
        assert_eq!(fixed_point(189, [2, 3], '.'), "00.189");
        assert_eq!(fixed_point(3, [3, 0], '.'), "003");
        assert_eq!(fixed_point(-63, [3, 0], '.'), "-063");
        assert_eq!(fixed_point(1_234_567, [2, 3], ','), "1234,567");
        assert_eq!(
            [exponent(3, "kWh"), exponent(0, "W"), exponent(3, ""), exponent(1, "V")],
            [Some(0), Some(0), Some(-3), Some(-1)]
        );
    }
}
