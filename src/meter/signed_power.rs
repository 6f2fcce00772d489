//! Signed power: one number whose sign is the direction in which energy flows.
//!
//! A meter that counts the balance imports nothing while it exports, so one number contains both: -299 W is an import
//! of 0 W and an export of 299 W. The 0 is what the sign means, it does not replace a missing value. Without it the last
//! import would be shown beside the present export until it is too old. If the meter sends one of the two numbers itself,
//! nothing is split: its sum over the phases may count each direction by itself, and then the signed number is neither.

use super::register::Register;
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;

/// The two directions of a signed power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SignedPower {
    import: Register,
    export: Register,
}

impl SignedPower {
    /// The directions of a code's number, if it is a signed power.
    pub(super) fn of(Obis([a, b, c, d, e, f]): Obis) -> Option<Self> {
        if a != 1 || b > 1 || [d, e, f] != [7, 0, 255] {
            return None;
        }
        match c {
            16 => Some(ALL_PHASES),
            36 => Some(L1),
            56 => Some(L2),
            76 => Some(L3),
            _ => None,
        }
    }

    /// Those of which either direction is among the registers that a meter sends.
    pub(super) fn sent_apart(registers: impl Iterator<Item = Register>) -> [Option<Self>; ALL.len()] {
        let mut apart = [None; ALL.len()];
        for register in registers {
            for (slot, power) in apart.iter_mut().zip(ALL) {
                if register == power.import || register == power.export {
                    *slot = Some(power);
                }
            }
        }
        apart
    }

    /// Both directions, first the one that is 0; `None` if the number does not fit.
    pub(super) fn split(self, power: Decimal) -> Option<[(Register, Decimal); 2]> {
        // As finely scaled as the number, so that a scale which is refused refuses both.
        let nothing = Decimal::new(0, power.exponent());
        match power.mantissa() {
            0.. => Some([(self.export, nothing), (self.import, power)]),
            _ => Some([(self.import, nothing), (self.export, power.times(-1)?)]),
        }
    }
}

const ALL: [SignedPower; 4] = [ALL_PHASES, L1, L2, L3];
const ALL_PHASES: SignedPower = directions(1, 2);
const L1: SignedPower = directions(21, 22);
const L2: SignedPower = directions(41, 42);
const L3: SignedPower = directions(61, 62);

const fn directions(import: u8, export: u8) -> SignedPower {
    SignedPower {
        import: Register::electricity([import, 7, 0]),
        export: Register::electricity([export, 7, 0]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::obis;

    #[test]
    fn splits_a_signed_power_by_its_sign() {
        let shown = |obis, mantissa| {
            let split = SignedPower::of(obis)?.split(Decimal::new(mantissa, -2))?;
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
        let scaled = SignedPower::of(obis!(1-0:16.7.0)).and_then(|power| power.split(Decimal::new(5, 100)));
        assert_eq!(scaled.map(|both| both.map(|(_, value)| value.exponent())), Some([100, 100]));
        for other in
            [obis!(1-0:1.7.0), obis!(1-0:16.8.0), obis!(1-0:16.7.1), obis!(1-0:16.7.0*1), obis!(0-0:16.7.0)]
        {
            assert_eq!(SignedPower::of(other), None, "{other}");
        }
    }

    #[test]
    fn either_direction_sets_a_power_apart() {
        let apart = |codes: &[[u8; 3]]| {
            SignedPower::sent_apart(codes.iter().map(|&code| Register::electricity(code)))
        };
        assert_eq!(apart(&[[1, 8, 0], [32, 7, 0]]), [None; 4]);
        assert_eq!(apart(&[[1, 7, 0], [2, 7, 0], [62, 7, 0]]), [Some(ALL_PHASES), None, None, Some(L3)]);
        assert_eq!(apart(&[[21, 7, 0], [42, 7, 0]]), [None, Some(L1), Some(L2), None]);
    }
}
