//! Names of codes and registers for people.

use alloc::format;
use alloc::string::String;

use crate::meter::{Quantity, Register};
use crate::wire::obis::Obis;

/// What a code means: "voltage L1"; empty if we do not know.
pub(super) fn name(obis: Obis) -> String {
    let Obis([a, b, c, d, e, _]) = obis;
    if let Some(register) = Register::find(obis) {
        return of_register(register);
    }
    match ([a, b], [c, d, e]) {
        (_, [0, 2, 129]) => "list version",
        ([1, 3], [0, 2, 8]) | ([0, 0], [96, 1, 4]) => "version of the telegram",
        ([0, 0], [96, 1, 1 | 7]) | ([1, 1], [96, 1, 1]) => "meter type",
        ([0, 0], [96, 1, 0 | 255]) | ([1, 1], [0, 0, 1 | 5]) => "meter id",
        ([1, 0], [96, 1, 0] | [0, 0, _]) => "meter id",
        ([0, 0], [42, 0, 0]) => "logical device name",
        ([1, 0], [96, 50, 1]) | ([129, 129], [199, 130, 3]) => "manufacturer",
        ([129, 129], [199, 130, 5]) => "public key",
        ([0, 0 | 1], [1, 0, 0]) => "clock",
        ([1, 0], [0, 9, 1]) => "time of the clock",
        ([1, 0], [0, 9, 2]) => "date of the clock",
        ([1, 0], [96, 5, 0]) => "status",
        ([0, 0], [97, 97, 0]) => "errors",
        ([0, _], [96, 1, 0 | 1]) => "id of the meter on this channel",
        ([0, _], [24, 1, 0]) => "kind of the meter on this channel",
        ([0, _], [24, 2, _] | [24, 3, 0]) => "value of the meter on this channel",
        ([0, _], [24, 4, 0]) => "valve of the meter on this channel",
        ([0, _], [96, 13, _]) => "message to the customer",
        ([0, 0], [17, 0, 0]) => "power limit",
        ([1, _], [31, 4, 0]) => "current limit",
        ([1, 0], [99, 97, 0]) => "log of power failures",
        ([0, 0], [98, 1, 0]) => "highest demands of the months before",
        ([1, 0], [1, 4, 0]) => "mean power of this quarter-hour",
        ([1, 0], [15, 7, 0]) => "active power, whichever way it flows",
        ([1, 0], [16, 7, 0]) => "active power, drawn less delivered",
        ([1, 0], [36, 7, 0]) => "active power L1, drawn less delivered",
        ([1, 0], [56, 7, 0]) => "active power L2, drawn less delivered",
        ([1, 0], [76, 7, 0]) => "active power L3, drawn less delivered",
        _ => "",
    }
    .into()
}

/// The metric's name without its unit, and what its label says.
pub(super) fn of_register(register: Register) -> String {
    let family = register.family();
    let name = family.name.trim_start_matches("han_").trim_end_matches("_total");
    let units = ["_var_seconds", "_cubic_meters"].iter().find_map(|unit| name.strip_suffix(unit));
    let name = match register.quantity() {
        Quantity::Count => name,
        _ => units.or_else(|| Some(name.rsplit_once('_')?.0)).unwrap_or(name),
    };
    let name = name.replace('_', " ");
    match (family.label, register.label()) {
        (Some(_), "") => name,
        (None, _) => name,
        (Some("phase"), phase) => format!("{} {phase}", name.strip_prefix("phase ").unwrap_or(&name)),
        (Some(label), value) => {
            let rest = name.strip_prefix(label).unwrap_or(&name).trim_start();
            format!("{rest}, {label} {value}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::obis;

    #[test]
    fn registers_are_called_as_people_call_them() {
        for (obis, expected) in [
            (obis!(1-0:32.7.0), "voltage L1"),
            (obis!(1-1:21.7.0), "active power import L1"),
            (obis!(1-0:1.8.0), "active energy import"),
            (obis!(1-0:4.8.0), "reactive energy export"),
            (obis!(1-0:1.8.2), "active energy import, tariff 2"),
            (obis!(1-0:6.8.0), "reactive energy, quadrant 2"),
            (obis!(1-0:13.7.0), "power factor"),
            (obis!(1-0:91.7.0), "current N"),
            (obis!(0-0:96.1.0), "meter id"),
            (obis!(0-0:96.14.0), "tariff active"),
            (obis!(0-0:96.3.10), "breaker state"),
            (obis!(0-0:96.7.9), "long power failures"),
            (obis!(1-0:52.36.0), "voltage swells L2"),
            (obis!(9-9:9.9.9), ""),
        ] {
            assert_eq!(name(obis), expected, "{obis}");
        }
    }
}
