//! Keys: when one was probably meant to be another.

use std::{borrow::Cow, collections::HashMap};

use super::key::decode;

/// The most edits between two keys that a slip of the pen explains.
const MAX_EDITS: usize = 3;

/// The most bytes in a key. Longer ones name nothing in S3, and comparing them would take a time that grows with the
/// square of their length.
const KEY_BYTES: usize = 1024;

/// How many kinds of characters are counted.
const KINDS: usize = 16;

/// Keys, to ask which of them somebody meant who wrote another one. A bucket may hold very many, and as many may be missed:
/// what can be worked out of each alone is worked out once.
#[derive(Debug, Clone, Default)]
pub struct NearKeys<'a> {
    keys: Vec<Spelling<'a>>,
    /// Places of keys by their characters: keys that are numbered are made of the same ones, over and over.
    by_shape: HashMap<Shape, Vec<usize>>,
    /// Places of keys by what they are called when they are compared.
    by_name: HashMap<Name<'a>, Vec<usize>>,
}

/// What a key is called in one of the ways in which keys are compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Name<'a> {
    Written(Cow<'a, str>),
    Lower(Cow<'a, str>),
    Decoded(Cow<'a, str>),
    /// Without white space and one slash at either end.
    Trimmed(Cow<'a, str>),
    LastSegment(Cow<'a, str>),
}

/// A key, with what it is compared by.
#[derive(Debug, Clone)]
struct Spelling<'a> {
    key: &'a str,
    chars: usize,
}

impl<'a> FromIterator<&'a str> for NearKeys<'a> {
    fn from_iter<T: IntoIterator<Item = &'a str>>(keys: T) -> Self {
        let mut near = Self::default();
        for key in keys {
            for name in names(key) {
                near.by_name.entry(name).or_default().push(near.keys.len());
            }
            near.keys.push(Spelling { key, chars: key.chars().count() });
            near.by_shape.entry(Shape::of(key)).or_default().push(near.keys.len() - 1);
        }
        near
    }
}

impl NearKeys<'_> {
    /// Which of the keys `wanted` was probably meant to be: of those that are a near miss, the one with the fewest edits
    /// between them, then the first in byte order, then the first of all. A key equal to `wanted` is no miss.
    ///
    /// A near miss is a key that
    ///
    /// - is equal without case, or after percent-decoding of either, or without white space and one slash at either end; or
    /// - has the same last segment; or
    /// - is at most three edits (insertions, deletions, replacements, swaps of neighbours) away, and at most a quarter of
    ///   the longer key's length.
    pub fn near_miss(&self, wanted: &str) -> Option<usize> {
        if wanted.len() > KEY_BYTES {
            return None;
        }
        let similar = self.similar(wanted);
        let (own, chars) = (Shape::of(wanted), wanted.chars().count());
        let slips = self.by_shape.iter().map(|(its, places)| (own.least_edits(its), places));
        let slips = slips.filter(|(least, _)| *least <= MAX_EDITS);
        let slips = slips.flat_map(|(least, places)| places.iter().map(move |place| (least, *place)));
        let slips = slips.filter(|(least, place)| is_slip(*least, chars.max(self.keys[*place].chars)));
        let others = similar.iter().map(|place| (own.least_edits(&Shape::of(self.keys[*place].key)), *place));
        let mut near: Vec<(usize, &str, usize)> =
            slips.chain(others).map(|(least, place)| (least, self.keys[place].key, place)).collect();
        near.retain(|(_, key, _)| *key != wanted && key.len() <= KEY_BYTES);
        near.sort_unstable();
        near.dedup();
        let mut best: Option<(usize, &str, usize)> = None;
        for (least, key, place) in near {
            // There are at least so many edits to this one, and to those behind it.
            if best.is_some_and(|best| best < (least, key, place)) {
                break;
            }
            let edits = edits(wanted, key);
            if similar.binary_search(&place).is_ok() || is_slip(edits, chars.max(self.keys[place].chars)) {
                best = best.into_iter().chain([(edits, key, place)]).min();
            }
        }
        best.map(|(.., place)| place)
    }

    /// The keys that have the same last segment, or differ in nothing but case, encoding, or what surrounds them; in order.
    fn similar(&self, wanted: &str) -> Vec<usize> {
        let decoded = decode(wanted);
        let crossed = [Name::Written(decoded), Name::Decoded(wanted.into())];
        let names = names(wanted).filter(|name| !matches!(name, Name::Written(_))).chain(crossed);
        let mut similar: Vec<usize> = names.filter_map(|name| self.by_name.get(&name)).flatten().copied().collect();
        similar.sort_unstable();
        similar.dedup();
        similar
    }
}

fn names(key: &str) -> impl Iterator<Item = Name<'_>> {
    let last_segment = key.rfind('/').map_or(key, |at| &key[at + 1..]);
    let last_segment = (!last_segment.is_empty()).then_some(Name::LastSegment(last_segment.into()));
    let names = [
        Name::Written(key.into()),
        Name::Lower(key.to_lowercase().into()),
        Name::Decoded(decode(key)),
        Name::Trimmed(trimmed(key).into()),
    ];
    names.into_iter().chain(last_segment)
}

/// How many characters of each kind a key has, and how many that makes; which kinds there are does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Shape {
    kinds: [u8; KINDS],
    all: u32,
}

impl Shape {
    fn of(key: &str) -> Self {
        let mut kinds = [0_u8; KINDS];
        for c in key.chars() {
            let kind = &mut kinds[c as usize % KINDS];
            *kind = kind.saturating_add(1);
        }
        Self { kinds, all: kinds.iter().map(|number| u32::from(*number)).sum() }
    }

    /// No fewer edits than these lead from one key to the other: each adds, takes away or exchanges one character, so that
    /// there are as many as one key has characters that the other lacks. This saves nearly all the work among many keys.
    fn least_edits(&self, other: &Self) -> usize {
        let pairs = self.kinds.iter().zip(&other.kinds);
        let apart: u32 = pairs.map(|(one, other)| u32::from(one.abs_diff(*other))).sum();
        (apart.midpoint(self.all.abs_diff(other.all))) as usize
    }
}

/// Whether so many edits, of two keys of which the longer one has so many characters, are a slip of the pen.
fn is_slip(edits: usize, chars: usize) -> bool {
    edits <= MAX_EDITS && edits * 4 <= chars
}

fn trimmed(key: &str) -> &str {
    let key = key.trim();
    let key = key.strip_prefix('/').unwrap_or(key);
    key.strip_suffix('/').unwrap_or(key)
}

/// The Damerau-Levenshtein distance. What two keys share at their ends costs no edits, and is mostly all but a few
/// characters, so it is cut off first.
fn edits(a: &str, b: &str) -> usize {
    let (mut a, mut b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let shared_end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    a.truncate(a.len() - shared_end);
    b.truncate(b.len() - shared_end);
    let shared_start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    strsim::generic_damerau_levenshtein(&a[shared_start..], &b[shared_start..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near_miss<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        let keys: Vec<&str> = candidates.into_iter().collect();
        let place = keys.iter().copied().collect::<NearKeys<'_>>().near_miss(wanted)?;
        Some(keys[place])
    }

    #[test]
    fn a_near_miss_is_one_of_three_kinds() {
        for (wanted, candidate, expected) in [
            // Equal without case, however many letters differ.
            ("LISTS/TRUSTED.TXT", "lists/trusted.txt", true),
            // Equal after decoding either side.
            ("lists/my%20own%20trusted.txt", "lists/my own trusted.txt", true),
            ("lists/my own trusted.txt", "lists/my%20own%20trusted.txt", true),
            ("a%2Fb%2Fc", "a/b/c", true),
            ("%2541%2541.txt", "%41%41.txt", true),
            ("a+b", "a%20b", false),
            // Equal but for white space and one slash around.
            ("k", " k\n", true),
            ("k", "/k", true),
            ("/k", "k", true),
            ("k", "k/", true),
            ("k", "//k", true),
            ("k", "///x", false),
            // Same last segment.
            ("trusted.txt", "guardduty/lists/trusted.txt", true),
            ("production/trusted.txt", "staging/trusted.txt", true),
            ("production/", "staging/", false),
            // At most three edits, and at most a quarter of the longer key.
            ("trusted.txt", "trustde.txt", true),
            ("trusted-ips.txt", "trusted-ip.txt", true),
            ("lists/trusted.txt", "lists/trust.txt", true),
            ("lists/trusted.txt", "lists/tru.txt", false),
            ("abcd", "abce", true),
            ("abc", "abd", false),
            ("abcdefgh", "abcdefxy", true),
            ("abcdefg", "abcdexy", false),
            ("abcdefghijkl", "abcdefghixyz", true),
            ("lists/ééé.txt", "lists/eee.txt", true),
            // Not at all.
            ("trusted.txt", "index.html", false),
            ("trusted.txt", "", false),
            ("", "", false),
            // The key itself is no miss.
            ("trusted.txt", "trusted.txt", false),
        ] {
            let found = near_miss(wanted, [candidate]);
            assert_eq!(found, expected.then_some(candidate), "{wanted} {candidate}");
        }
    }

    #[test]
    fn the_nearest_then_the_first_is_named() {
        for (wanted, candidates, expected) in [
            ("trusted.txt", vec!["x/trusted.txt", "trusted.txd", "trusted.t"], Some("trusted.txd")),
            ("trusted.txt", vec!["trusted.txd", "trusted.txb", "trusted.txc"], Some("trusted.txb")),
            ("trusted.txt", vec!["y/trusted.txt", "x/trusted.txt"], Some("x/trusted.txt")),
            ("trusted.txt", vec!["Trusted.Txt", "trusted.tx"], Some("trusted.tx")),
            ("trusted.txt", vec!["threats.csv"], None),
            ("trusted.txt", vec![], None),
        ] {
            assert_eq!(near_miss(wanted, candidates), expected, "{wanted}");
        }
    }

    #[test]
    fn keys_that_s3_refuses_are_left_out() {
        let long = format!("{}/trusted.txt", "x".repeat(KEY_BYTES));
        assert_eq!(near_miss("trusted.txt", [long.as_str()]), None);
        assert_eq!(near_miss(&long, ["trusted.txt"]), None);
    }

    proptest! {
        #[test]
        fn cutting_off_what_is_shared_changes_no_distance(
            start in "[ab]{0,4}", a in "[abc]{0,8}", b in "[abc]{0,8}", end in "[ab]{0,4}",
        ) {
            let (a, b) = (format!("{start}{a}{end}"), format!("{start}{b}{end}"));
            prop_assert_eq!(edits(&a, &b), strsim::damerau_levenshtein(&a, &b));
        }

        #[test]
        fn near_misses_are_candidates(wanted in any::<String>(), keys: Vec<String>) {
            let found = near_miss(&wanted, keys.iter().map(String::as_str));
            prop_assert!(found.is_none_or(|found| found != wanted && keys.iter().any(|key| key == found)));
        }

        #[test]
        fn a_slip_is_found_both_ways(wanted in "[a-z/]{8,20}", at in 0..8usize, c in "[a-z]") {
            let mut other = wanted.clone();
            other.replace_range(at..=at, &c);
            prop_assume!(other != wanted);
            prop_assert_eq!(near_miss(&wanted, [other.as_str()]), Some(other.as_str()));
            prop_assert_eq!(near_miss(&other, [wanted.as_str()]), Some(wanted.as_str()));
        }

        #[test]
        fn many_keys_at_once_give_what_each_alone_gives(
            wanted in "[aA]{0,3}[ab/]{0,5}", keys in prop::collection::vec("[aA]{0,3}[ab/]{0,5}", 0..12),
        ) {
            let alone = keys.iter().filter(|key| near_miss(&wanted, [key.as_str()]).is_some());
            let nearest = alone.min_by_key(|key| (strsim::damerau_levenshtein(&wanted, key), (*key).clone()));
            prop_assert_eq!(near_miss(&wanted, keys.iter().map(String::as_str)), nearest.map(String::as_str));
        }
    }
}
