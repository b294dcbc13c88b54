//! Entries compared: which of a list lie within others of it, and which of one list another one covers.
//!
//! All of it rests on one order (by first address, then widest, then as in the file). An entry lies within an entry
//! before it exactly when its last address is not beyond all the last addresses before it. Those that are beyond are
//! the *outermost* entries: their first and last addresses both grow, so that whatever is asked of a range is answered
//! by a binary search among them.

use std::cmp::Reverse;

use super::entry::Entry;
use super::public::{count, public_addresses};

/// The entries of a list in an order that makes them easy to search.
#[derive(Debug, Clone)]
pub struct Ranges<'a> {
    entries: &'a [Entry],
    outermost: Vec<Range>,
    covered: Vec<(u32, u32)>,
    merged: Vec<(u32, u32)>,
}

#[derive(Debug, Clone, Copy)]
struct Range {
    first: u32,
    last: u32,
    /// Which of the entries it is.
    entry: u32,
}

/// An entry that adds nothing, since all its addresses are in another one of the same list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Covered<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// One that holds all of it and lies itself in no other. Of equal entries it is the first of the file.
    pub by: &'a Entry,
}

impl Covered<'_> {
    /// Whether the two hold the same addresses.
    pub fn is_duplicate(&self) -> bool {
        (self.entry.first, self.entry.last) == (self.by.first, self.by.last)
    }
}

impl<'a> Ranges<'a> {
    /// Sorts `entries`. Those beyond 2³² are left out.
    pub fn of(entries: &'a [Entry]) -> Self {
        let mut sorted: Vec<(u32, Reverse<u32>, u32)> =
            entries.iter().zip(0..=u32::MAX).map(|(entry, at)| (entry.first, Reverse(entry.last), at)).collect();
        sorted.sort_unstable();
        let mut ranges = Self { entries, outermost: Vec::new(), covered: Vec::new(), merged: Vec::new() };
        for (first, Reverse(last), entry) in sorted {
            if let Some(by) = ranges.covering(first, last) {
                ranges.covered.push((entry, by));
                continue;
            }
            ranges.outermost.push(Range { first, last, entry });
            match ranges.merged.last_mut() {
                // Ranges that merely touch hold the same addresses as one.
                Some(before) if first <= before.1.saturating_add(1) => before.1 = last,
                _ => ranges.merged.push((first, last)),
            }
        }
        ranges.covered.sort_unstable();
        ranges
    }

    /// The entries that equal or lie inside another entry of the list, in the order of the file. Of equal entries the
    /// first is not among them. One that only several others cover together is not either.
    pub fn covered(&self) -> impl ExactSizeIterator<Item = Covered<'a>> {
        let entry = |at: u32| &self.entries[at as usize];
        self.covered.iter().map(move |(covered, by)| Covered { entry: entry(*covered), by: entry(*by) })
    }

    /// The same addresses as ranges that are sorted and neither overlap nor touch: two lists are equal in effect when
    /// these are equal.
    pub fn merged(&self) -> &[(u32, u32)] {
        &self.merged
    }

    /// How many addresses the list holds, each counted once.
    pub fn addresses(&self) -> u64 {
        self.merged.iter().map(|(first, last)| count(*first, *last)).sum()
    }

    /// How many of them are publicly routed, so that the list acts on them.
    pub fn public_addresses(&self) -> u64 {
        self.merged.iter().map(|(first, last)| public_addresses(*first, *last)).sum()
    }

    /// The outermost entry that holds all of a range; the one that begins first, if several do.
    fn covering(&self, first: u32, last: u32) -> Option<u32> {
        // While sorting, most entries lie beyond all before them.
        if self.outermost.last()?.last < last {
            return None;
        }
        let reaching = self.outermost.partition_point(|range| range.last < last);
        self.outermost.get(reaching).filter(|range| range.first <= first).map(|range| range.entry)
    }

    /// The outermost entry that shares addresses with a range, and whether it holds all of it. One that does comes before
    /// others, else the one that begins first.
    fn touching(&self, first: u32, last: u32) -> Option<(u32, bool)> {
        let reaching = self.outermost.partition_point(|range| range.last < first);
        let touching = self.outermost.get(reaching).filter(|range| range.first <= last)?;
        // What holds a single address touches it, and what holds the whole range is not before what touches it.
        let covering = if touching.last < last {
            self.covering(first, last)
        } else {
            (touching.first <= first).then_some(touching.entry)
        };
        Some((covering.unwrap_or(touching.entry), covering.is_some()))
    }

    /// Whether the entries together hold all of a range.
    fn holds(&self, first: u32, last: u32) -> bool {
        let reaching = self.merged.partition_point(|range| range.1 < last);
        self.merged.get(reaching).is_some_and(|range| range.0 <= first)
    }
}

/// A threat entry of which a trusted list holds addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit<'a> {
    /// The entry of the threat list.
    pub threat: &'a Entry,
    /// An entry of the trusted list: one that holds all of it if there is one, else the first that shares addresses.
    pub trusted: &'a Entry,
    /// Whether the trusted list holds all of it, by one entry or by several together.
    pub whole: bool,
}

/// What a trusted and a threat list have in common: there GuardDuty makes no finding, since the trusted list takes
/// precedence (User Guide, "Important considerations for GuardDuty lists").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap<'a> {
    /// The threat entries that the trusted list touches, in the order of the file.
    pub hits: Vec<Hit<'a>>,
    /// How many of them are wholly trusted.
    pub whole: usize,
    /// How many addresses both lists hold, each counted once.
    pub addresses: u64,
    /// How many of these are publicly routed: without any, the overlap has no effect.
    pub public_addresses: u64,
}

/// Compares a trusted list with a threat list.
pub fn overlap<'a>(trusted: &Ranges<'a>, threat: &Ranges<'a>) -> Overlap<'a> {
    let (mut addresses, mut public) = (0, 0);
    let (mut ours, mut theirs) = (trusted.merged.iter().peekable(), threat.merged.iter().peekable());
    while let (Some(a), Some(b)) = (ours.peek(), theirs.peek()) {
        let (first, last) = (a.0.max(b.0), a.1.min(b.1));
        if first <= last {
            addresses += count(first, last);
            public += public_addresses(first, last);
        }
        // The one that ends first has nothing in common with what follows.
        if a.1 < b.1 {
            ours.next()
        } else {
            theirs.next()
        };
    }
    // Most lists have nothing in common, and need not be searched for each entry.
    let entries = if addresses == 0 { &[] } else { threat.entries };
    let hits: Vec<Hit<'a>> = entries
        .iter()
        .filter_map(|entry| {
            let (by, is_inside) = trusted.touching(entry.first, entry.last)?;
            let whole = is_inside || trusted.holds(entry.first, entry.last);
            Some(Hit { threat: entry, trusted: &trusted.entries[by as usize], whole })
        })
        .collect();
    let whole = hits.iter().filter(|hit| hit.whole).count();
    Overlap { hits, whole, addresses, public_addresses: public }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::{List, ListFormat};
    use proptest::prelude::*;

    fn list(text: &str) -> List {
        List::parse(text.replace(' ', "\n").as_bytes(), ListFormat::Txt)
    }

    #[test]
    fn duplicates_and_covered_entries_name_the_line_that_covers_them() {
        for (text, expected) in [
            ("1.2.3.4 1.2.3.4 1.2.3.4", &[(2, 1, true), (3, 1, true)][..]),
            ("1.2.3.4 1.2.3.4/32", &[(2, 1, true)]),
            ("1.2.3.7/24 1.2.3.0/24", &[(2, 1, true)]),
            ("1.2.3.4 1.2.3.0/24 1.2.0.0/16", &[(1, 3, false), (2, 3, false)]),
            ("1.2.3.4 1.2.0.0/16 1.2.3.4", &[(1, 2, false), (3, 2, false)]),
            ("0.0.0.0/0 255.255.255.255 0.0.0.0", &[(2, 1, false), (3, 1, false)]),
            // Neighbours could be written as one, and two halves cover a whole: neither is covered by another entry.
            ("1.2.3.0/25 1.2.3.128/25", &[]),
            ("1.2.3.0/25 1.2.3.128/25 1.2.3.0/24", &[(1, 3, false), (2, 3, false)]),
            ("", &[]),
        ] {
            let list = list(text);
            let ranges = list.ranges();
            let covered = ranges.covered().map(|it| (it.entry.place.line, it.by.place.line, it.is_duplicate()));
            assert_eq!(covered.collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn an_entry_that_only_two_others_cover_together_is_not_covered() {
        let place = list("0.0.0.1").entries[0].place;
        let entries = [(0, 10), (5, 15), (8, 12)].map(|(first, last)| Entry::range(first, last, place));
        let ranges = Ranges::of(&entries);
        assert_eq!(ranges.covered().map(|it| (it.entry.first, it.by.first)).collect::<Vec<_>>(), [(8, 5)]);
        let entries = [(0, 9), (6, 15), (5, 11)].map(|(first, last)| Entry::range(first, last, place));
        assert_eq!(Ranges::of(&entries).covered().len(), 0);
        assert_eq!(Ranges::of(&entries).merged(), [(0, 15)]);
    }

    #[test]
    fn lists_of_the_same_addresses_have_the_same_ranges() {
        for (text, other, expected) in [
            ("1.2.3.0/25 1.2.3.128/25", "1.2.3.9/24", true),
            ("1.2.3.0/24 1.2.3.4 9.9.9.9", "9.9.9.9 1.2.3.0/24", true),
            ("1.2.3.0/24", "1.2.3.0/25", false),
            ("0.0.0.0/1 128.0.0.0/1", "0.0.0.0/0", true),
            ("", "", true),
            ("", "1.2.3.4", false),
        ] {
            let (list, other) = (list(text), list(other));
            assert_eq!(list.ranges().merged() == other.ranges().merged(), expected, "{text}");
        }
    }

    #[test]
    fn addresses_are_counted_once_and_public_ones_apart() {
        let counts = |text: &str| {
            let list = list(text);
            (list.ranges().addresses(), list.ranges().public_addresses())
        };
        assert_eq!(counts("8.8.8.0/24 8.8.8.8 8.8.9.0/24"), (512, 512));
        assert_eq!(counts("10.0.0.0/8 10.1.0.0/16 192.0.0.0/24"), ((1 << 24) + 256, 2));
        assert_eq!(counts("8.0.0.0/8"), (1 << 24, 1 << 24));
        assert_eq!(counts("0.0.0.0/0"), (1 << 32, public_addresses(0, u32::MAX)));
        assert_eq!(counts(""), (0, 0));
    }

    /// The line of each threat entry that is hit, the trusted line that is named, whether all is trusted; and the
    /// counts.
    fn overlaps(trusted: &str, threat: &str) -> (Vec<(u32, u32, bool)>, usize, u64, u64) {
        let (trusted, threat) = (list(trusted), list(threat));
        let (trusted, threat) = (trusted.ranges(), threat.ranges());
        let overlap = overlap(&trusted, &threat);
        let hits = overlap.hits.iter().map(|hit| (hit.threat.place.line, hit.trusted.place.line, hit.whole));
        (hits.collect(), overlap.whole, overlap.addresses, overlap.public_addresses)
    }

    #[test]
    fn a_trusted_list_hides_what_it_holds_of_a_threat_list() {
        for (trusted, threat, expected) in [
            ("8.8.8.0/24", "8.8.8.8 9.9.9.9 8.8.8.9", (vec![(1, 1, true), (3, 1, true)], 2, 2, 2)),
            ("8.8.8.8 8.8.8.9", "8.8.8.0/24", (vec![(1, 1, false)], 0, 2, 2)),
            ("8.8.8.8 8.8.8.0/24", "8.8.8.8", (vec![(1, 2, true)], 1, 1, 1)),
            ("8.8.8.0/25 8.8.8.128/25", "8.8.8.0/24", (vec![(1, 1, true)], 1, 256, 256)),
            ("10.0.0.0/8", "10.1.2.3", (vec![(1, 1, true)], 1, 1, 0)),
            ("0.0.0.0/0", "0.0.0.0/0", (vec![(1, 1, true)], 1, 1 << 32, public_addresses(0, u32::MAX))),
            ("8.8.8.8", "8.8.8.8 8.8.8.8", (vec![(1, 1, true), (2, 1, true)], 2, 1, 1)),
            ("8.8.8.8", "8.8.8.7 8.8.8.9", (vec![], 0, 0, 0)),
            ("", "8.8.8.8", (vec![], 0, 0, 0)),
            ("8.8.8.8", "", (vec![], 0, 0, 0)),
        ] {
            assert_eq!(overlaps(trusted, threat), expected, "{trusted} / {threat}");
        }
    }

    /// Entries close together, so that they cover, touch and cross each other; some at the ends of all addresses.
    fn some_entries() -> impl Strategy<Value = Vec<Entry>> {
        let place = list("0.0.0.1").entries[0].place;
        let end = prop_oneof![0u32..40, 0xC000_0000u32..0xC000_0014, (u32::MAX - 20)..=u32::MAX, any::<u32>()];
        let entry = (end, prop_oneof![Just(0u32), 0u32..12, any::<u32>()])
            .prop_map(move |(first, more)| Entry::range(first, first.saturating_add(more), place));
        proptest::collection::vec(entry, 0..25).prop_map(|mut entries| {
            for (entry, line) in entries.iter_mut().zip(1..) {
                entry.place.line = line;
            }
            entries
        })
    }

    fn holds(outer: &Entry, inner: &Entry) -> bool {
        outer.first <= inner.first && inner.last <= outer.last
    }

    /// The addresses that both hold, address by address over a few of interest.
    fn common(ours: &[Entry], theirs: &[Entry]) -> (u64, u64) {
        let mut ends: Vec<u64> =
            ours.iter().chain(theirs).flat_map(|entry| [u64::from(entry.first), u64::from(entry.last) + 1]).collect();
        ends.sort_unstable();
        ends.dedup();
        let mut counts = (0, 0);
        for ends in ends.windows(2) {
            let (first, last) = (u32::try_from(ends[0]).unwrap(), u32::try_from(ends[1] - 1).unwrap());
            let inside = |entries: &[Entry]| entries.iter().any(|entry| entry.first <= first && last <= entry.last);
            if inside(ours) && inside(theirs) {
                counts = (counts.0 + ends[1] - ends[0], counts.1 + public_addresses(first, last));
            }
        }
        counts
    }

    proptest! {
        #[test]
        fn covered_is_what_comparing_all_with_all_finds(entries in some_entries()) {
            let expected: Vec<u32> = entries
                .iter()
                .enumerate()
                .filter(|(at, entry)| {
                    entries.iter().enumerate().any(|(other, outer)| {
                        holds(outer, entry) && (!holds(entry, outer) || other < *at)
                    })
                })
                .map(|(_, entry)| entry.place.line)
                .collect();
            let ranges = Ranges::of(&entries);
            prop_assert_eq!(ranges.covered().map(|it| it.entry.place.line).collect::<Vec<_>>(), expected.clone());
            for covered in ranges.covered() {
                prop_assert!(holds(covered.by, covered.entry));
                prop_assert!(covered.by.place.line != covered.entry.place.line);
                prop_assert!(!expected.contains(&covered.by.place.line));
            }
        }

        #[test]
        fn overlap_is_what_comparing_all_with_all_finds(trusted in some_entries(), threat in some_entries()) {
            let overlap = overlap(&Ranges::of(&trusted), &Ranges::of(&threat));
            let touched = |entry: &&Entry| {
                trusted.iter().any(|other| other.first <= entry.last && entry.first <= other.last)
            };
            let expected: Vec<&Entry> = threat.iter().filter(touched).collect();
            prop_assert_eq!(overlap.hits.iter().map(|hit| hit.threat).collect::<Vec<_>>(), expected);
            for hit in &overlap.hits {
                let whole = common(&trusted, std::slice::from_ref(hit.threat)).0 == hit.threat.addresses();
                prop_assert_eq!(hit.whole, whole);
                prop_assert!(hit.trusted.first <= hit.threat.last && hit.threat.first <= hit.trusted.last);
                let is_covered = trusted.iter().any(|entry| holds(entry, hit.threat));
                prop_assert_eq!(holds(hit.trusted, hit.threat), is_covered);
            }
            prop_assert_eq!(overlap.whole, overlap.hits.iter().filter(|hit| hit.whole).count());
            prop_assert_eq!((overlap.addresses, overlap.public_addresses), common(&trusted, &threat));
        }

        #[test]
        fn merged_ranges_are_sorted_apart_and_complete(entries in some_entries()) {
            let ranges = Ranges::of(&entries);
            let merged = ranges.merged();
            prop_assert!(merged.iter().all(|(first, last)| first <= last));
            prop_assert!(merged.windows(2).all(|pair| u64::from(pair[0].1) + 1 < u64::from(pair[1].0)));
            for entry in &entries {
                prop_assert!(merged.iter().any(|range| range.0 <= entry.first && entry.last <= range.1));
            }
            prop_assert_eq!((ranges.addresses(), ranges.public_addresses()), common(&entries, &entries));
        }
    }
}
