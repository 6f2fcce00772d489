//! Registers: the series of the table of families, found by their OBIS codes.

use super::family::{Code, FAMILIES, Family, Kind, Medium, Part, Quantity};
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// Number of registers.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
pub const COUNT: usize = {
    let mut count = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        count += FAMILIES[family].members.len();
        family += 1;
    }
    count
};

/// One series. Every register there is, is a member of [`FAMILIES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Register(u8);

/// A register's place in [`FAMILIES`].
#[derive(Clone, Copy)]
struct Place {
    family: &'static Family,
    family_index: u8,
    member: u8,
    unit: Unit,
    /// [`Code::key`] of its code.
    key: u64,
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
static PLACES: [Place; COUNT] = {
    let mut places =
        [Place { family: &FAMILIES[0], family_index: 0, member: 0, unit: Unit::NONE, key: 0 }; COUNT];
    let mut register = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        let mut member = 0;
        while member < FAMILIES[family].members.len() {
            places[register] = Place {
                family: &FAMILIES[family],
                family_index: family as u8,
                member: member as u8,
                unit: FAMILIES[family].quantity.unit(),
                key: FAMILIES[family].members[member].0.key(),
            };
            register += 1;
            member += 1;
        }
        family += 1;
    }
    places
};

/// The registers that meters send under their own code, by group C.
struct Groups {
    /// Codes with B 0 and their registers; those of one group C are next to one another.
    codes: [(Obis, Register); COUNT],
    /// Where each group C begins in `codes`, and the end of the last one.
    starts: [u8; 257],
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
static GROUPS: Groups = {
    let mut groups = Groups { codes: [(Obis([0; 6]), Register(0)); COUNT], starts: [0; 257] };
    let mut place = 0;
    let mut group = 0;
    while group < 256 {
        let mut index = 0;
        while let Some(register) = Register::at(index) {
            if let Some(obis @ Obis([_, _, c, ..])) = register.obis()
                && c as usize == group
            {
                assert!(obis.0[0] <= 1 && obis.0[1] == 0 && obis.0[5] == 255);
                groups.codes[place] = (obis, register);
                place += 1;
            }
            index += 1;
        }
        group += 1;
        groups.starts[group] = place as u8;
    }
    groups
};

/// All registers in the order of the keys of their codes.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
static BY_KEY: [(u64, Register); COUNT] = {
    let mut sorted = [(0, Register(0)); COUNT];
    let mut index = 0;
    while let Some(register) = Register::at(index) {
        let key = register.place().key;
        let mut place = index;
        while place > 0 && sorted[place - 1].0 > key {
            sorted[place] = sorted[place - 1];
            place -= 1;
        }
        sorted[place] = (key, register);
        index += 1;
    }
    sorted
};

impl Register {
    /// The register of a code that a meter sends. B is 0, or with electricity 1 (Kamstrup sends 1-1); F is 255, because
    /// other values of F are those of past billing periods. No code of the table has another A than 0 and 1, or another F.
    pub fn find(Obis([a, b, c, d, e, f]): Obis) -> Option<Register> {
        if b > a {
            return None;
        }
        let start = |group: usize| GROUPS.starts.get(group).map(|&start| usize::from(start));
        let group = GROUPS.codes.get(start(c.into())?..start(usize::from(c) + 1)?)?;
        group.iter().find(|(code, _)| *code == Obis([a, 0, c, d, e, f])).map(|&(_, register)| register)
    }

    /// The register of the meter on one of the channels 1 to 4.
    pub fn of_channel(medium: Medium, channel: u8) -> Option<Register> {
        Register::of_key(Code::channel(medium, channel))
    }

    /// The register of a meter of this medium that is read itself, for tables.
    pub(super) const fn of_medium(medium: Medium) -> Option<Register> {
        Register::known(Code::channel(medium, 0))
    }

    /// The register of the time at which this one's value was taken, if that is published.
    pub fn time(self) -> Option<Register> {
        match self.code() {
            code @ Code { part: Part::Value, .. } => Register::of_key(code.part(Part::Time)),
            _ => None,
        }
    }

    /// The register of a code's value in the previous billing period, if that is published.
    pub const fn previous(Obis([a, _, c, d, e, _]): Obis) -> Option<Register> {
        Register::known(Code::value(Obis([a, 0, c, d, e, 255])).part(Part::Previous))
    }

    /// The register of a code's value in finer steps, if that is published.
    pub const fn finer(obis: Obis) -> Option<Register> {
        Register::known(Code::value(obis).part(Part::Finer))
    }

    /// The register of the value under a code, for tables.
    pub(super) const fn of_code(obis: Obis) -> Option<Register> {
        Register::known(Code::value(obis))
    }

    /// The register of groups C, D, E of electricity; one that is not in the table does not compile.
    #[expect(clippy::panic, reason = "only ever evaluated by the compiler, for constants")]
    pub(crate) const fn electricity([c, d, e]: [u8; 3]) -> Register {
        match Register::of_code(Obis([1, 0, c, d, e, 255])) {
            Some(register) => register,
            None => panic!("no such register"),
        }
    }

    /// The register of a code, for tables: the compiler looks from the first to the last.
    pub(super) const fn known(code: Code) -> Option<Register> {
        let key = code.key();
        let mut index = 0;
        while let Some(register) = Register::at(index) {
            if register.place().key == key {
                return Some(register);
            }
            index += 1;
        }
        None
    }

    /// The register of a code, in messages.
    fn of_key(code: Code) -> Option<Register> {
        let found = BY_KEY.binary_search_by_key(&code.key(), |&(key, _)| key).ok()?;
        BY_KEY.get(found).map(|&(_, register)| register)
    }

    /// The OBIS code under which meters send it, with B 0; `None` if they do not send it under a code of its own.
    pub const fn obis(self) -> Option<Obis> {
        match self.code() {
            Code { obis: obis @ Obis([0 | 1, ..]), part: Part::Value } => Some(obis),
            _ => None,
        }
    }

    /// A value as it is published: its label value, and the number in the unit of the family. `None` for a state that
    /// has no name, and for a number that does not fit.
    pub fn published(self, value: Decimal) -> Option<(&'static str, Decimal)> {
        match self.kind() {
            Kind::State(names) => {
                let number = usize::try_from(value.whole()?).ok()?;
                Some((names.get(number)?, Decimal::new(1, 0)))
            }
            _ => Some((self.label(), value.times(self.quantity().factor())?)),
        }
    }

    /// Its number, below [`COUNT`], in the order of the table.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The register with this number.
    pub const fn at(index: usize) -> Option<Register> {
        if index < COUNT { Some(Register(index as u8)) } else { None }
    }

    /// The index of its family in [`FAMILIES`].
    pub const fn family_index(self) -> usize {
        self.place().family_index as usize
    }

    /// Its place within its family.
    pub const fn member_index(self) -> usize {
        self.place().member as usize
    }

    /// The family it belongs to.
    pub const fn family(self) -> &'static Family {
        self.place().family
    }

    /// Its label value; empty if the family has no label, or if the state is its value.
    pub const fn label(self) -> &'static str {
        self.member().1
    }

    /// What it measures.
    pub const fn quantity(self) -> Quantity {
        self.family().quantity
    }

    /// The unit in which meters send it.
    pub const fn unit(self) -> Unit {
        self.place().unit
    }

    /// How its values change.
    pub const fn kind(self) -> Kind {
        self.family().kind
    }

    const fn code(self) -> Code {
        self.member().0
    }

    #[expect(clippy::indexing_slicing, reason = "a register points into the table")]
    const fn member(self) -> (Code, &'static str) {
        self.family().members[self.place().member as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "a register is below COUNT")]
    const fn place(self) -> Place {
        PLACES[self.0 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::obis;

    #[test]
    fn every_code_finds_its_own_register() {
        let mut register = 0;
        for (place, family) in FAMILIES.iter().enumerate() {
            for &(code, label) in family.members {
                for found in found(code) {
                    let found = found.expect("a code of the table");
                    assert_eq!(found.index(), register, "{code:?} is in the table twice");
                    assert_eq!((found.family().name, found.label()), (family.name, label));
                    assert_eq!(found.family_index(), place);
                    assert_eq!(Register::at(register), Some(found));
                }
                register += 1;
            }
        }
        assert_eq!((register, Register::at(register)), (COUNT, None));
    }

    /// All ways in which a member is found.
    fn found(code: Code) -> Vec<Option<Register>> {
        let value = Register::known(code.part(Part::Value));
        let Code { obis: Obis([a, _, c, d, e, _]), part } = code;
        match (part, a) {
            (Part::Value, 0) => vec![Register::find(code.obis)],
            (Part::Value, 1) => [0, 1].map(|b| Register::find(Obis([1, b, c, d, e, 255]))).to_vec(),
            (Part::Time, _) => vec![Register::known(code), value.and_then(Register::time)],
            _ => vec![Register::known(code)],
        }
    }

    #[test]
    fn all_other_codes_are_unknown() {
        let groups =
            || (0..=255).flat_map(|c| (0..=255).flat_map(move |d| (0..=255).map(move |e| [c, d, e])));
        let known = |a: u8| {
            groups().filter(|&[c, d, e]| Register::find(Obis([a, 0, c, d, e, 255])).is_some()).count()
        };
        let members = |a: u8| {
            FAMILIES
                .iter()
                .flat_map(|family| family.members)
                .filter(|(code, _)| code.part == Part::Value && code.obis.0[0] == a)
                .count()
        };
        assert_eq!((known(0), known(1), known(7)), (members(0), members(1), 0));
        for other in [
            obis!(0-0:1.7.0),
            obis!(1-2:1.7.0),
            obis!(1-0:1.8.0*1),
            obis!(7-0:1.8.0),
            obis!(1-0:96.14.0),
            obis!(0-1:96.3.10),
            obis!(255-0:255.255.255),
        ] {
            assert_eq!(Register::find(other), None, "{other}");
        }
    }

    #[test]
    fn finds_connected_meters_by_medium_and_channel() {
        let name =
            |medium, channel| Register::of_channel(medium, channel).map(|register| register.family().name);
        assert_eq!(name(Medium::Gas, 1), Some("han_gas_cubic_meters_total"));
        assert_eq!(name(Medium::Heat, 4), Some("han_heat_joules_total"));
        assert_eq!(name(Medium::Gas, 5), None);
        let when = Register::of_channel(Medium::Water, 2).and_then(Register::time).unwrap();
        assert_eq!((when.family().name, when.label()), ("han_water_reading_timestamp_seconds", "2"));
        assert_eq!(Register::electricity([1, 8, 0]).time(), None);
        let media = [3, 4, 7, 1].map(Medium::of_device);
        assert_eq!(media, [Some(Medium::Gas), Some(Medium::Heat), Some(Medium::Water), None]);
    }

    #[test]
    fn publishes_states_under_their_names() {
        let published = |obis, number| Register::find(obis).unwrap().published(number);
        let one = Decimal::new(1, 0);
        assert_eq!(published(obis!(0-0:96.3.10), one), Some(("connected", one)));
        assert_eq!(published(obis!(0-0:96.3.10), Decimal::new(3, 0)), None);
        assert_eq!(published(obis!(0-0:96.14.0), Decimal::new(20, -1)), Some(("2", one)));
        assert_eq!(published(obis!(0-0:96.14.0), Decimal::new(15, -1)), None);
        assert_eq!(published(obis!(1-0:1.8.2), one), Some(("2", Decimal::new(3600, 0))));
        assert_eq!(published(obis!(1-0:1.8.0), Decimal::new(i64::MAX, 0)), None);
    }
}
