//! What an OBIS code means: the registers of the table of families, found by one look-up.

use super::family::{Code, FAMILIES, FINER, Family, Kind, Medium, PREVIOUS, Quantity, WHEN};
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;

/// How many registers there are.
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

/// One series: a code we know. Only [`Register::find`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Register(u8);

/// A register's place in [`FAMILIES`], and what is asked most often of it.
#[derive(Clone, Copy)]
struct Place {
    family: u8,
    member: u8,
    quantity: Quantity,
    kind: Kind,
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
static PLACES: [Place; COUNT] = {
    let mut places =
        [Place { family: 0, member: 0, quantity: Quantity::ActivePower, kind: Kind::Gauge }; COUNT];
    let mut register = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        let Family { quantity, kind, members, .. } = FAMILIES[family];
        let mut member = 0;
        while member < members.len() {
            places[register] = Place { family: family as u8, member: member as u8, quantity, kind };
            register += 1;
            member += 1;
        }
        family += 1;
    }
    places
};

/// Codes to registers: an open hash table that the compiler fills. The first slot tried is nearly always right. What is
/// not known by a code of its own, the meters behind this one and the times, is not in it.
struct Slots {
    codes: [u32; 512],
    registers: [u8; 512],
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
static SLOTS: Slots = {
    let mut slots = Slots { codes: [EMPTY; 512], registers: [0; 512] };
    let mut register = 0;
    while register < COUNT {
        let code = code_of(register);
        if let [0 | 1, ..] = code {
            let key = u32::from_le_bytes(code);
            let mut slot = slot_of(key);
            while slots.codes[slot] != EMPTY {
                slot = (slot + 1) % slots.codes.len();
            }
            slots.codes[slot] = key;
            slots.registers[slot] = register as u8;
        }
        register += 1;
    }
    slots
};

/// No code has such a group A.
const EMPTY: u32 = u32::MAX;

/// The register of the time at which each one's value was taken.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
static WHENS: [Option<Register>; COUNT] = {
    let mut whens = [None; COUNT];
    let mut register = 0;
    while register < COUNT {
        let [a, c, d, e] = code_of(register);
        whens[register] = Register::with([a | WHEN, c, d, e]);
        register += 1;
    }
    whens
};

const MEDIA: [Medium; 5] = [Medium::Cooling, Medium::Heat, Medium::Gas, Medium::Water, Medium::WarmWater];

/// The registers of meters behind this one, by medium and channel.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
static BEHIND: [[Option<Register>; 5]; MEDIA.len()] = {
    let mut behind = [[None; 5]; MEDIA.len()];
    let mut medium = 0;
    while medium < MEDIA.len() {
        let mut channel = 0;
        while channel < 5 {
            behind[medium][channel] = Register::with([MEDIA[medium] as u8, channel as u8, 0, 0]);
            channel += 1;
        }
        medium += 1;
    }
    behind
};

/// Multiplies by 2^32 divided by the golden ratio: the nine highest bits then depend on all the others.
const fn slot_of(key: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B9) >> 23) as usize
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
const fn code_of(register: usize) -> Code {
    let Place { family, member, .. } = PLACES[register];
    FAMILIES[family as usize].members[member as usize].0
}

impl Register {
    /// The register of a code. B is 0, or with electricity 1 (Kamstrup writes 1-1); F is 255: an earlier billing
    /// period's value is another thing.
    #[inline]
    pub fn find(Obis([a, b, c, d, e, f]): Obis) -> Option<Register> {
        if b > a || b > 1 || f != 255 {
            return None;
        }
        let key = u32::from_le_bytes([a, c, d, e]);
        let mut slot = slot_of(key);
        loop {
            match SLOTS.codes.get(slot) {
                None | Some(&EMPTY) => return None,
                Some(&code) if code == key => return SLOTS.registers.get(slot).copied().map(Register),
                Some(_) => slot = (slot + 1) % SLOTS.codes.len(),
            }
        }
    }

    /// The register of a meter behind this one, on one of the channels 1 to 4; channel 0 is that meter itself.
    pub fn of_medium(medium: Medium, channel: u8) -> Option<Register> {
        let medium = MEDIA.iter().position(|&known| known == medium)?;
        *BEHIND.get(medium)?.get(usize::from(channel))?
    }

    /// The register of the time at which this one's value was taken, if that is published.
    #[inline]
    pub fn when(self) -> Option<Register> {
        *WHENS.get(self.index())?
    }

    /// The register of a code's value in the billing period before, if that is published.
    pub const fn previous(Obis([a, _, c, d, e, _]): Obis) -> Option<Register> {
        Register::with([a | PREVIOUS, c, d, e])
    }

    /// The register of a code's value in finer steps, if that is published.
    pub const fn finer(Obis([a, _, c, d, e, _]): Obis) -> Option<Register> {
        Register::with([a | FINER, c, d, e])
    }

    /// The register of a member.
    pub(super) const fn with(code: Code) -> Option<Register> {
        let mut register = 0;
        while register < COUNT {
            if u32::from_le_bytes(code_of(register)) == u32::from_le_bytes(code) {
                return Some(Register(register as u8));
            }
            register += 1;
        }
        None
    }

    /// Its code with B 0; none if it is not known by a code of its own.
    pub const fn obis(self) -> Option<Obis> {
        match code_of(self.index()) {
            [a @ (0 | 1), c, d, e] => Some(Obis([a, 0, c, d, e, 255])),
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

    /// Its number, below [`COUNT`].
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The register with this number.
    #[inline]
    pub const fn at(index: usize) -> Option<Register> {
        if index < COUNT { Some(Register(index as u8)) } else { None }
    }

    /// The register of a code, found by the compiler: for tables.
    pub(super) const fn known(Obis([a, _, c, d, e, _]): Obis) -> Option<Register> {
        Register::with([a, c, d, e])
    }

    /// The register of groups C, D, E of electricity; one that is not in the table does not compile.
    #[expect(clippy::panic, reason = "only ever evaluated by the compiler, for constants")]
    pub(crate) const fn literal([c, d, e]: [u8; 3]) -> Register {
        match Register::known(Obis([1, 0, c, d, e, 255])) {
            Some(register) => register,
            None => panic!("no such register"),
        }
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "a register is made by the table and points into it")]
    const fn place(self) -> Place {
        PLACES[self.0 as usize]
    }

    /// Where in [`FAMILIES`] its family stands.
    pub const fn family_index(self) -> usize {
        self.place().family as usize
    }

    /// The family it belongs to.
    #[expect(clippy::indexing_slicing, reason = "a register is made by the table and points into it")]
    pub fn family(self) -> &'static Family {
        &FAMILIES[self.family_index()]
    }

    /// Its label value; empty where the family has no label, or where the state says it.
    #[expect(clippy::indexing_slicing, reason = "a register is made by the table and points into it")]
    pub fn label(self) -> &'static str {
        self.family().members[usize::from(self.place().member)].1
    }

    /// What it counts.
    #[inline]
    pub const fn quantity(self) -> Quantity {
        self.place().quantity
    }

    /// How it moves.
    #[inline]
    pub const fn kind(self) -> Kind {
        self.place().kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::obis;

    #[test]
    fn every_code_finds_its_own_register_and_no_other() {
        let mut register = 0;
        for family in &FAMILIES {
            for &(code, label) in family.members {
                for found in found(code) {
                    let found = found.expect("a code of the table");
                    assert_eq!(found.index(), register, "{code:?} stands twice in the table");
                    assert_eq!((found.family().name, found.label()), (family.name, label));
                    assert_eq!(Register::at(register), Some(found));
                }
                register += 1;
            }
        }
        assert_eq!((register, Register::at(register)), (COUNT, None));
    }

    /// All the ways in which a member is found.
    fn found(code: Code) -> Vec<Option<Register>> {
        match code {
            [0, c, d, e] => vec![Register::find(Obis([0, 0, c, d, e, 255]))],
            [1, c, d, e] => [0, 1].map(|b| Register::find(Obis([1, b, c, d, e, 255]))).to_vec(),
            [a, c, d, e] => {
                let taken = Register::with([a & !WHEN, c, d, e]);
                let when = (a & WHEN != 0).then(|| taken.and_then(Register::when));
                vec![Register::with(code), when.unwrap_or(taken)]
            }
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
            FAMILIES.iter().flat_map(|family| family.members).filter(|(code, _)| code[0] == a).count()
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
    fn meters_behind_this_one_are_known_by_their_medium() {
        let name =
            |medium, channel| Register::of_medium(medium, channel).map(|register| register.family().name);
        assert_eq!(name(Medium::Gas, 1), Some("han_gas_cubic_meters_total"));
        assert_eq!(name(Medium::Heat, 4), Some("han_heat_joules_total"));
        assert_eq!(name(Medium::Gas, 5), None);
        let when = Register::of_medium(Medium::Water, 2).and_then(Register::when).unwrap();
        assert_eq!((when.family().name, when.label()), ("han_water_reading_timestamp_seconds", "2"));
        assert_eq!(Register::literal([1, 8, 0]).when(), None);
        let media = [3, 4, 7, 1].map(Medium::of_device);
        assert_eq!(media, [Some(Medium::Gas), Some(Medium::Heat), Some(Medium::Water), None]);
    }

    #[test]
    fn states_are_published_under_their_names() {
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
