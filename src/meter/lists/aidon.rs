//! Aidon: records that describe themselves.

use crate::meter::list::List;
use crate::meter::signature::Signature;
use crate::obis;
use crate::wire::clock::Zone;

/// HAN v1.1A, Norway: every 2.5 s, 10 s and hour. The clock sends deviation 0 and shows standard time.
pub static NORWAY: List = List {
    name: "AIDON_V0001",
    manufacturer: "Aidon",
    signature: Signature::Title("AIDON_V"),
    zone: Zone::Standard(60),
    ..List::GENERAL
};

/// RJ12 v1.6P, Sweden, every 10 s: no list version, no id, the clock first. Its deviation is unspecified, and the
/// recommendation of the Swedish branch asks for standard time.
pub static SWEDEN: List = List {
    name: "Aidon Sweden",
    signature: Signature::First(obis!(0-0:1.0.0)),
    zone: Zone::SentOrStandard(60),
    ..List::GENERAL
};
