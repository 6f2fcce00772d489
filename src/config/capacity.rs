//! What many meters need of the system, and whether it allows that.

use super::{Error, Meter};
use crate::{platform::limits, source::Source};

/// Files that are open besides those of meters: connections of clients, and what the program itself needs.
const OTHER_FILES: usize = 64 + 32;
/// Bytes of memory that the program needs, and each meter, of which a scrape takes more than half.
const MEMORY: (usize, usize) = (5 << 20, 64 << 10);
/// Bytes of memory that the units allow (`MemoryMax=`).
const ALLOWED_MEMORY: usize = 16 << 20;

/// Refuses more meters than the system allows open files. A single one is read even where little is allowed.
pub fn check_files(meters: &[Meter]) -> Result<(), Error> {
    let (needed, most) = (files(meters), limits::most_open_files());
    if meters.len() == 1 || needed.try_into().is_ok_and(|needed| most >= needed) {
        return Ok(());
    }
    Err(Error::Configuration(format!(
        "{} meters need {needed} open files, and the system allows {most}; allow more (LimitNOFILE= in the unit, ulimit \
         -Hn), or read fewer meters",
        meters.len()
    )))
}

/// What a unit must allow for so many meters, if that is more than it does.
pub fn memory(meters: usize) -> Option<String> {
    let (own, each) = MEMORY;
    let needed = own + each * meters;
    let megabytes = needed.div_ceil(1 << 20);
    (needed > ALLOWED_MEMORY)
        .then(|| format!("they need up to {megabytes} MB of memory: set MemoryMax={megabytes}M in the unit"))
}

/// One file for each meter that is not simulated, and those that are always needed.
fn files(meters: &[Meter]) -> usize {
    OTHER_FILES + meters.iter().filter(|meter| !matches!(meter.source, Source::Simulated(_))).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_must_allow_more_memory_for_many_meters() {
        assert_eq!(memory(176), None);
        let said = "they need up to 68 MB of memory: set MemoryMax=68M in the unit";
        assert_eq!(memory(1000).as_deref(), Some(said));
    }
}
