//! Net power: one number whose sign says which way energy flows.
//!
//! A meter that counts net draws nothing while it delivers, so one number says both: -299 W is 0 W drawn and 299 W
//! delivered. The 0 is not made up for something that was not sent, it is what the sign means. Without it, what was drawn
//! before would stand beside what is delivered now until it is too old. Where a meter sends one of the two numbers itself,
//! nothing is split: its sum over phases may count each way by itself, and then the net number says neither.

use super::Register;
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;

/// The two ways of a net power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Net {
    /// What is drawn.
    pub import: Register,
    /// What is delivered.
    pub export: Register,
}

impl Net {
    /// The two ways of a code's number, if it is a net power.
    pub(super) fn of(Obis([a, b, c, d, e, f]): Obis) -> Option<Self> {
        let net = NETS.iter().find(|(net, _)| *net == c).map(|&(_, net)| net);
        net.filter(|_| a == 1 && b <= 1 && [d, e, f] == [7, 0, 255])
    }

    /// Whether either way is among the registers that a meter sends.
    pub(super) fn is_among(self, mut registers: impl Iterator<Item = Register>) -> bool {
        registers.any(|register| register == self.import || register == self.export)
    }

    /// Both, the one that is 0 first; `None` if the number does not fit.
    pub(super) fn split(self, power: Decimal) -> Option<[(Register, Decimal); 2]> {
        let nothing = Decimal::new(0, 0);
        match power.mantissa() {
            0.. => Some([(self.export, nothing), (self.import, power)]),
            _ => Some([(self.import, nothing), (self.export, power.times(-1)?)]),
        }
    }
}

/// Group C: all phases, L1, L2, L3.
static NETS: [(u8, Net); 4] = [(16, net(1, 2)), (36, net(21, 22)), (56, net(41, 42)), (76, net(61, 62))];

const fn net(import: u8, export: u8) -> Net {
    Net { import: Register::literal([import, 7, 0]), export: Register::literal([export, 7, 0]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::obis;

    #[test]
    fn a_sign_is_a_way() {
        let shown = |obis, mantissa| {
            let split = Net::of(obis)?.split(Decimal::new(mantissa, -2))?;
            Some(split.map(|(register, value)| {
                (register.family().name.trim_start_matches("han_"), register.label(), value.to_string())
            }))
        };
        let (import, export) = ("active_power_import_watts", "active_power_export_watts");
        assert_eq!(
            shown(obis!(1-0:16.7.0), -29_912),
            Some([(import, "", "0".into()), (export, "", "299.12".into())])
        );
        assert_eq!(
            shown(obis!(1-0:16.7.0), 5),
            Some([(export, "", "0".into()), (import, "", "0.05".into())])
        );
        assert_eq!(shown(obis!(1-0:16.7.0), 0), Some([(export, "", "0".into()), (import, "", "0".into())]));
        let (import, export) = ("phase_active_power_import_watts", "phase_active_power_export_watts");
        for (obis, label) in [(obis!(1-0:36.7.0), "L1"), (obis!(1-1:56.7.0), "L2"), (obis!(1-0:76.7.0), "L3")]
        {
            assert_eq!(shown(obis, -1), Some([(import, label, "0".into()), (export, label, "0.01".into())]));
        }
        assert_eq!(shown(obis!(1-0:16.7.0), i64::MIN), None);
        for other in
            [obis!(1-0:1.7.0), obis!(1-0:16.8.0), obis!(1-0:16.7.1), obis!(1-0:16.7.0*1), obis!(0-0:16.7.0)]
        {
            assert_eq!(Net::of(other), None, "{other}");
        }
    }
}
