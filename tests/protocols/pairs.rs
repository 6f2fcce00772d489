//! Two lists sent back to back, each of its own kind: neither costs the other anything.

use crate::support::fixture::{self, Fixture};
use crate::support::share::all;
use crate::support::{outcomes, report};

#[test]
fn no_list_costs_the_one_before_or_behind_it() {
    let lists: Vec<List> = fixture::pushed().into_iter().map(List::of).collect();
    let pairs = lists.iter().flat_map(|one| lists.iter().map(move |other| (one, other)));
    let lost: Vec<String> = all(pairs)
        .filter(|(one, other)| !one.is_whole_before(other))
        .map(|(one, other)| format!("{} before {}", one.fixture.name, other.fixture.name))
        .collect();
    assert!(lost.is_empty(), "{} pairs:\n{}", lost.len(), lost.join("\n"));
}

struct List {
    fixture: Fixture,
    /// What it says alone.
    said: Vec<String>,
}

impl List {
    fn of(fixture: Fixture) -> Self {
        List { said: outcomes(&fixture.bytes), fixture }
    }

    fn is_whole_before(&self, other: &List) -> bool {
        let both = outcomes(&[&self.fixture.bytes[..], &other.fixture.bytes].concat());
        // The flag that ends a frame and the first byte behind it may look like a header, which is rejected without harm.
        let both: Vec<_> = both.iter().filter(|said| !report::is_rejected(said) || is_replay(said)).collect();
        let alone: Vec<_> = self.said.iter().chain(&other.said).collect();
        // Two messages of one meter: the counter of the second does not rise.
        let may_replay = self.fixture.ciphered && other.fixture.ciphered;
        both.len() == alone.len()
            && both.iter().zip(alone).all(|(said, alone)| *said == alone || may_replay && is_replay(said))
    }
}

fn is_replay(said: &str) -> bool {
    said.contains("replay")
}
