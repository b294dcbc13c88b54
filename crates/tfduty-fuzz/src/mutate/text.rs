//! Mutations of a text as a row of tokens: configuration languages, and lists of one thing a line.

use super::{bytes::bytes, edits, may_grow, odd};
use crate::Random;

/// What opens and closes something, to nest it.
const PAIRS: &[(&str, &str)] = &[
    ("(", ")"),
    ("[", "]"),
    ("{", "}"),
    ("\"${", "}\""),
    ("[for x in ", ": x]"),
    ("<a>", "</a>"),
    ("<!--", "-->"),
    ("<<EOT\n", "\nEOT\n"),
    ("\"", "\""),
    ("/*", "*/"),
    ("!", ""),
    ("-", ""),
    ("a.", ""),
    ("", " + 1"),
    ("", " ? 1 : 2"),
    ("", "[0]"),
    ("", "[*]"),
    ("", "\n"),
];

/// Mutates a text, and now and then its bytes as well. What is no text is mutated as bytes.
pub fn text(random: &mut Random, input: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let Ok(mut text) = std::str::from_utf8(input).map(str::to_owned) else { return bytes(random, input, others) };
    let donor = if others.is_empty() { &[] } else { random.pick::<Vec<u8>>(others).as_slice() };
    let donor = std::str::from_utf8(donor).unwrap_or_default();
    for _ in 0..edits(random) {
        let by_line = random.once_in(3);
        let cut = |text: &str| -> Vec<String> {
            if by_line { text.split_inclusive('\n').map(str::to_owned).collect() } else { tokens(text) }
        };
        let mut parts = cut(&text);
        edit(&mut parts, &cut(donor), random);
        text = parts.concat();
    }
    let out = text.into_bytes();
    if random.once_in(12) { bytes(random, &out, others) } else { out }
}

/// Words, blanks, and each other character for itself.
fn tokens(text: &str) -> Vec<String> {
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || matches!(c, '_' | '-' | '.') => 0,
        c if c.is_whitespace() => 1,
        _ => 2,
    };
    let mut tokens: Vec<String> = Vec::new();
    let mut last = 2;
    for c in text.chars() {
        match tokens.last_mut().filter(|_| kind(c) == last && last < 2) {
            Some(token) => token.push(c),
            None => tokens.push(c.to_string()),
        }
        last = kind(c);
    }
    tokens
}

fn edit(parts: &mut Vec<String>, donor: &[String], random: &mut Random) {
    if parts.is_empty() {
        return parts.push(odd::text(random));
    }
    let (at, to) = (random.below(parts.len()), random.below(parts.len()));
    match random.below(12) {
        0 | 1 => drop(parts.remove(at)),
        2 => parts.insert(to, parts[at].clone()),
        3 => parts.swap(at, to),
        4 => parts.truncate(at),
        5 => parts[at] = odd::text(random),
        6 => parts.insert(at, odd::text(random)),
        7 => nest(&mut parts[at], random),
        8 => {
            let end = parts.len().min(at + 1 + random.length(40));
            let run: Vec<String> = parts[at..end].to_vec();
            parts.splice(to..to, run);
        }
        9 => drop(parts.drain(at..parts.len().min(at + 1 + random.length(20)))),
        10 if !donor.is_empty() => {
            let from = random.below(donor.len());
            let end = donor.len().min(from + 1 + random.length(20));
            parts.splice(at..at, donor[from..end].iter().cloned());
        }
        _ if !donor.is_empty() => random.pick(donor).clone_into(&mut parts[at]),
        _ => parts[at].clear(),
    }
}

/// Puts a part into something, at times into more of it than any reader goes down.
fn nest(part: &mut String, random: &mut Random) {
    let (open, close) = *random.pick(PAIRS);
    let levels = if random.once_in(3) { 50 + random.below(2_000) } else { 1 + random.below(3) };
    if may_grow(open.len() + close.len(), levels) {
        *part = format!("{}{part}{}", open.repeat(levels), close.repeat(levels));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_the_whole_text() {
        let text = "resource \"x\" \"ü-1\" {\n  a = b.c[0]\n}\n";
        assert_eq!(tokens(text).concat(), text);
        assert_eq!(tokens("a.b = \"x\"\n"), ["a.b", " ", "=", " ", "\"", "x", "\"", "\n"]);
    }
}
