//! Keys: when two are the same, and when one was probably meant to be another.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::is_placeholder;

/// The most edits between two keys that a slip of the pen explains.
const MAX_EDITS: usize = 3;

/// The most bytes in a key. Longer ones name nothing in S3, and comparing them would take a time that grows with the
/// square of their length.
const KEY_BYTES: usize = 1024;

/// `raw`, percent-decoded once; `+` stays `+`. What does not decode to text, or would decode to a placeholder that
/// nobody put there, is kept as written.
pub(super) fn decode(raw: &str) -> Cow<'_, str> {
    let placeholders = |text: &str| text.chars().filter(|&c| is_placeholder(c)).count();
    match percent_decode_str(raw).decode_utf8() {
        Ok(decoded) if placeholders(&decoded) == placeholders(raw) => decoded,
        _ => Cow::Borrowed(raw),
    }
}

/// Whether the key that a location names is the one that was given to an object at its upload.
///
/// Both are compared without one leading slash. Clients that clean their URLs, as the AWS SDK for Go did, store an
/// object without its leading slashes and with one slash for each run of them, so the object may go by that key, too.
pub fn same_key(location: &str, object: &str) -> bool {
    let [location, object] = [location, object].map(named_key);
    location == object || location == cleaned(object)
}

/// The key of a location as it is compared: see [`stored_keys`].
pub fn named_key(location: &str) -> &str {
    location.strip_prefix('/').unwrap_or(location)
}

/// What [`named_key`] of a location must be, so that the location and an object have the [same key](same_key): one text
/// or two. For maps of many objects.
pub fn stored_keys(object: &str) -> impl Iterator<Item = String> {
    let object = named_key(object);
    let clean = cleaned(object);
    let other = (clean != object).then(|| clean.into_owned());
    std::iter::once(object.to_owned()).chain(other)
}

fn cleaned(key: &str) -> Cow<'_, str> {
    if !key.starts_with('/') && !key.contains("//") {
        return Cow::Borrowed(key);
    }
    let mut clean = String::with_capacity(key.len());
    for c in key.chars() {
        if c != '/' || !(clean.is_empty() || clean.ends_with('/')) {
            clean.push(c);
        }
    }
    Cow::Owned(clean)
}

/// The candidate that `wanted` was probably meant to be: of those that are a near miss, the one with the fewest edits
/// between them, then the first in byte order. A candidate equal to `wanted` is no miss.
///
/// A near miss is a key that
///
/// - is equal without case, or after percent-decoding of either, or without white space and one slash at either end; or
/// - has the same last segment; or
/// - is at most three edits (insertions, deletions, replacements, swaps of neighbours) away, and at most a quarter of
///   the longer key's length.
pub fn near_miss<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if wanted.len() > KEY_BYTES {
        return None;
    }
    candidates
        .into_iter()
        .filter(|&candidate| candidate != wanted && candidate.len() <= KEY_BYTES)
        .filter_map(|candidate| Some((near_distance(wanted, candidate)?, candidate)))
        .min()
        .map(|(_, candidate)| candidate)
}

/// The edits between two keys, when one is a near miss of the other.
fn near_distance(wanted: &str, candidate: &str) -> Option<usize> {
    let lengths = [wanted, candidate].map(|key| key.chars().count());
    let similar = is_variant(wanted, candidate) || same_last_segment(wanted, candidate);
    // The difference in length is a lower bound, and saves nearly all the work among many keys.
    if !similar && lengths[0].abs_diff(lengths[1]) > MAX_EDITS {
        return None;
    }
    let distance = edits(wanted, candidate);
    let slip = distance <= MAX_EDITS && distance * 4 <= lengths[0].max(lengths[1]);
    (similar || slip).then_some(distance)
}

/// Whether two keys differ in nothing but case, encoding, or what surrounds them.
fn is_variant(a: &str, b: &str) -> bool {
    let lower = |key: &str| key.to_lowercase();
    let (decoded_a, decoded_b) = (decode(a), decode(b));
    lower(a) == lower(b) || decoded_a == b || a == decoded_b || decoded_a == decoded_b || trimmed(a) == trimmed(b)
}

fn trimmed(key: &str) -> &str {
    let key = key.trim();
    let key = key.strip_prefix('/').unwrap_or(key);
    key.strip_suffix('/').unwrap_or(key)
}

fn same_last_segment(a: &str, b: &str) -> bool {
    let last = |key: &str| key.rfind('/').map_or(0, |at| at + 1);
    let (a, b) = (&a[last(a)..], &b[last(b)..]);
    !a.is_empty() && a == b
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

    #[test]
    fn keys_are_the_same_but_for_what_an_upload_cleans() {
        for (location, object, expected) in [
            ("lists/a.txt", "lists/a.txt", true),
            ("/lists/a.txt", "lists/a.txt", true),
            ("lists/a.txt", "/lists/a.txt", true),
            ("/lists/a.txt", "/lists/a.txt", true),
            ("lists/a.txt", "Lists/a.txt", false),
            ("lists/a.txt", "lists/a.txt/", false),
            ("lists/a%20b.txt", "lists/a b.txt", false),
            // The object is stored under its cleaned key, and a location names it by that.
            ("lists/a.txt", "lists//a.txt", true),
            ("lists/a.txt", "///lists//a.txt", true),
            ("lists//a.txt", "lists//a.txt", true),
            // A location is not cleaned.
            ("lists//a.txt", "lists/a.txt", false),
            ("//lists/a.txt", "lists/a.txt", false),
        ] {
            assert_eq!(same_key(location, object), expected, "{location} {object}");
            assert_eq!(stored_keys(object).any(|key| key == named_key(location)), expected, "{location} {object}");
        }
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

    #[test]
    fn decodes_once_and_only_to_text() {
        for (raw, expected) in [
            ("a%20b", "a b"),
            ("a%2Fb", "a/b"),
            ("a%2fb", "a/b"),
            ("a+b", "a+b"),
            ("a%2520b", "a%20b"),
            ("%C3%A9", "é"),
            ("100%", "100%"),
            ("%zz", "%zz"),
            ("%FF", "%FF"),
            ("\u{E000}%20b", "\u{E000} b"),
            ("%EE%80%80", "%EE%80%80"),
        ] {
            assert_eq!(decode(raw), expected, "{raw}");
        }
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
    }
}
