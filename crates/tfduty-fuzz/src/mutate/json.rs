//! Mutations of JSON as a tree: what is made is nearly always JSON again, and often still what the reader expects.

use super::{
    bytes::bytes,
    edits, may_grow, odd, text,
    tree::{Tree, decode, encode},
};
use crate::Random;

/// Mutates a JSON document, and now and then its bytes as well. What is no JSON is mutated as text.
pub fn json(random: &mut Random, input: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let Some((before, mut tree)) = parse(input) else { return text::text(random, input, others) };
    let donor = if random.once_in(3) && !others.is_empty() { parse(random.pick::<Vec<u8>>(others)) } else { None };
    let donor = donor.map_or_else(|| tree.clone(), |(_, donor)| donor);
    for _ in 0..edits(random) {
        edit(&mut tree, &donor, random);
    }
    let mut out = before;
    let style = random.below(8);
    let mut choices = random.clone();
    let mut blanks = || match style {
        0 => *choices.pick(&["", "", " ", "\n", "\t", "\r\n", "  \n  "]),
        1 => " ",
        2 => "\n",
        _ => "",
    };
    tree.print(&mut blanks, &mut out);
    let out = out.into_bytes();
    if random.once_in(12) { bytes(random, &out, others) } else { out }
}

/// The lines before a document, and the document.
fn parse(input: &[u8]) -> Option<(String, Tree)> {
    let text = std::str::from_utf8(input).ok()?;
    let is_alone = text.trim_start().starts_with(['{', '[']);
    let start = if is_alone { text.len() - text.trim_start().len() } else { text.find("\n{")? + 1 };
    Some((text[..start].to_owned(), Tree::parse(&text[start..])?))
}

/// One edit somewhere in a tree; `donor` lends parts of its own.
fn edit(tree: &mut Tree, donor: &Tree, random: &mut Random) {
    let size = tree.size();
    let node = tree.any_mut(random);
    match random.below(14) {
        0 => *node = Tree::Scalar(odd::value(random)),
        1 => *node = donor.any(random),
        2 => deepen(node, random),
        _ => match node {
            Tree::Scalar(raw) => scalar(raw, donor, random),
            Tree::List(items) => list(items, donor, (size, random)),
            Tree::Object(members) => object(members, donor, random),
        },
    }
}

/// Puts a value into lists and objects; at times into more of them than any reader goes down.
fn deepen(node: &mut Tree, random: &mut Random) {
    let levels = if random.once_in(4) { 100 + random.below(100) } else { 1 + random.below(3) };
    for _ in 0..levels {
        let inner = std::mem::replace(node, Tree::List(Vec::new()));
        *node = if random.once_in(2) { Tree::List(vec![inner]) } else { Tree::Object(vec![("\"a\"".into(), inner)]) };
    }
}

fn scalar(raw: &mut String, donor: &Tree, random: &mut Random) {
    let Some(mut text) = decode(raw) else {
        match random.below(3) {
            0 => *raw = format!("-{raw}"),
            1 => raw.push_str(random.pick::<&str>(&["0", ".0", "e9", "000000000000000000000"])),
            _ => *raw = odd::value(random),
        }
        return;
    };
    // Policies and patterns are JSON in a string.
    if let Some(mut inner) = Tree::parse(&text).filter(|inner| inner.len() > 0)
        && !random.once_in(8)
    {
        for _ in 0..edits(random) {
            edit(&mut inner, donor, random);
        }
        *raw = encode(&inner.compact(), random);
        return;
    }
    let at = text.floor_char_boundary(random.below(text.len() + 1));
    match random.below(6) {
        0 => text.insert_str(at, &odd::text(random)),
        1 => text.truncate(at),
        2 => text = odd::text(random),
        3 => drop(text.drain(..at)),
        4 if may_grow(text.len(), 50) => text = text.repeat(1 + random.below(50)),
        _ => {
            // One character becomes another.
            let rest = text.split_off(at);
            text.push(*random.pick(&['a', '0', '/', '.', ':', '*', '-', '"', '\u{1b}', 'ü']));
            text.extend(rest.chars().skip(1));
        }
    }
    *raw = encode(&text, random);
}

fn list(items: &mut Vec<Tree>, donor: &Tree, (size, random): (usize, &mut Random)) {
    let at = random.below(items.len().max(1));
    match random.below(8) {
        0 if !items.is_empty() => drop(items.remove(at)),
        1 if !items.is_empty() => items.insert(random.below(items.len()), items[at].clone()),
        2 if !items.is_empty() => {
            let to = random.below(items.len());
            items.swap(at, to);
        }
        3 => items.truncate(at),
        4 => items.reverse(),
        5 if size < 2_000 => {
            let times = 2 + random.length(200);
            *items = std::iter::repeat_n(&*items, times).flatten().take(4_000).cloned().collect();
        }
        6 => items.insert(at, donor.any(random)),
        _ => items.insert(at, Tree::Scalar(odd::value(random))),
    }
}

fn object(members: &mut Vec<(String, Tree)>, donor: &Tree, random: &mut Random) {
    let at = random.below(members.len().max(1));
    let Some(member) = members.get(at).cloned() else {
        return members.push((encode(&odd::text(random), random), donor.any(random)));
    };
    let to = random.below(members.len());
    match random.below(10) {
        0 | 1 => drop(members.remove(at)),
        2 => members.swap(at, to),
        3 => members.truncate(at),
        4 => members.reverse(),
        // A name twice, with the same value, another one, or that of another name.
        5 => members.insert(to, member),
        6 => members.insert(to, (member.0, donor.any(random))),
        7 => members[to].1 = member.1,
        8 => members[to].0 = member.0,
        _ => members[at].0 = encode(&odd::text(random), random),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &[u8] = br#"{"version":4,"resources":[{"type":"x","instances":[{"policy":"{\"a\":[1,2]}"}]}]}"#;

    #[test]
    fn a_seed_makes_one_mutant_and_another_seed_another() {
        let mutant = |seed| json(&mut Random::new(seed), DOCUMENT, &[]);
        assert!((0..50).all(|seed| mutant(seed) == mutant(seed)));
        let different: std::collections::BTreeSet<_> = (0..200).map(mutant).collect();
        assert!(different.len() > 150, "{}", different.len());
    }

    #[test]
    fn most_mutants_are_json_and_what_is_in_strings_is_mutated_as_what_it_is() {
        let mutants: Vec<_> = (0..400).map(|seed| json(&mut Random::new(seed), DOCUMENT, &[])).collect();
        let trees: Vec<_> = mutants.iter().filter_map(|mutant| parse(mutant)).collect();
        assert!(trees.len() > 300, "{}", trees.len());
        let is_inner = |text: &str| text.contains(r#"{\"a\":["#) && !text.contains(r#"{\"a\":[1,2]}"#);
        assert!(trees.iter().any(|(_, tree)| is_inner(&tree.compact())));
    }
}
