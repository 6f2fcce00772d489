//! Totals that some meters do not send, because they send every part of them.

use super::register::Register;

/// A total that is exactly the sum of the members of another family.
pub struct Total {
    /// Where the total belongs.
    pub register: Register,
    /// The first member of the family that it is the sum of.
    first: Register,
    /// A meter that sends this one sends its totals itself.
    pub beside: Register,
}

/// Every total that may be added up.
pub static TOTALS: [Total; 8] = [
    of_tariffs([1, 8, 0]),
    of_tariffs([2, 8, 0]),
    of_tariffs([3, 8, 0]),
    of_tariffs([4, 8, 0]),
    of_phases([1, 7, 0], [2, 7, 0]),
    of_phases([2, 7, 0], [1, 7, 0]),
    of_phases([3, 7, 0], [4, 7, 0]),
    of_phases([4, 7, 0], [3, 7, 0]),
];

impl Total {
    /// Whether a register is a part of it.
    pub const fn has_part(&self, register: Register) -> bool {
        register.family_index() == self.first.family_index()
    }
}

/// Tariffs share out one counter: at any time one of them counts.
const fn of_tariffs([c, d, e]: [u8; 3]) -> Total {
    let register = Register::electricity([c, d, e]);
    Total { register, first: Register::electricity([c, d, 1]), beside: register }
}

/// Power of the phases. A meter may set what one phase exports off against what another imports, and only then send a
/// total: beside that total of one direction, the sum of the other would be too high.
const fn of_phases([c, d, e]: [u8; 3], opposite: [u8; 3]) -> Total {
    Total {
        register: Register::electricity([c, d, e]),
        first: Register::electricity([20 + c, d, e]),
        beside: Register::electricity(opposite),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_has_the_members_of_one_family_as_its_parts() {
        let [import, .., active, _, _, _] = &TOTALS;
        let parts =
            |total: &Total| (0..).map_while(Register::at).filter(|part| total.has_part(*part)).count();
        assert!(
            import.has_part(Register::electricity([1, 8, 2]))
                && parts(import) == import.first.family().members.len()
        );
        assert!(active.has_part(Register::electricity([61, 7, 0])) && parts(active) == 3);
    }

    #[test]
    fn a_total_is_of_the_quantity_and_direction_of_its_parts() {
        for total in &TOTALS {
            let (family, parts) = (total.register.family(), total.first.family());
            assert_eq!((family.quantity, family.kind), (parts.quantity, parts.kind));
            assert_eq!(family.name, parts.name.replace("_tariff", "").replace("_phase", ""));
            assert!(total.beside.quantity() == family.quantity && total.beside.family().label.is_none());
            assert!(family.help.contains("; the sum of the "), "{}", family.name);
            assert!(total.first.member_index() == 0 && parts.members.len() <= 8, "a bit for each in a byte");
        }
    }
}
