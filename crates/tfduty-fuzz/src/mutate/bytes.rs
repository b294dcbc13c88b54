//! Mutations of bytes, which know nothing of what they are.

use super::{edits, may_grow, odd};
use crate::Random;

/// Mutates bytes.
pub fn bytes(random: &mut Random, input: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    if random.once_in(40) {
        return (0..random.length(400)).map(|_| byte(random)).collect();
    }
    let mut out = input.to_vec();
    for _ in 0..edits(random) {
        edit(&mut out, others, random);
    }
    out
}

fn byte(random: &mut Random) -> u8 {
    u8::try_from(random.below(256)).unwrap_or_default()
}

fn edit(out: &mut Vec<u8>, others: &[Vec<u8>], random: &mut Random) {
    let at = random.below(out.len() + 1);
    let end = out.len().min(at + 1 + random.length(64));
    match random.below(14) {
        0 if at < out.len() => out[at] ^= 1 << random.below(8),
        1 if at < out.len() => out[at] = byte(random),
        2 => out.insert(at, byte(random)),
        3 => out.truncate(at),
        4 => drop(out.drain(at..end)),
        5 => {
            let run = out[at..end].to_vec();
            let to = random.below(out.len() + 1);
            out.splice(to..to, run);
        }
        6 => drop(out.splice(at..at, odd::text(random).into_bytes())),
        7 if !others.is_empty() => {
            // The beginning of one, the end of another.
            let other: &Vec<u8> = random.pick(others);
            out.truncate(at);
            out.extend_from_slice(&other[random.below(other.len() + 1)..]);
        }
        8 => drop(out.splice(0..0, *b"\xef\xbb\xbf")),
        9 => *out = utf16(&String::from_utf8_lossy(out), random),
        10 => drop(out.splice(0..0, *b"[command]/usr/bin/terraform show -json tfplan\n")),
        11 => out.extend_from_slice(random.pick(&["\n", "\r\n", "\0", " x", "\n::debug::x\n", "{}"]).as_bytes()),
        12 if may_grow(out.len(), 2) => *out = String::from_utf8_lossy(out).replace('\n', "\r\n").into_bytes(),
        _ => out.extend_from_slice(b"\xff"),
    }
}

/// UTF-16 with its mark, now and then cut within a character.
fn utf16(text: &str, random: &mut Random) -> Vec<u8> {
    let is_little = random.once_in(2);
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    let mut out: Vec<u8> =
        units.flat_map(|unit| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect();
    if random.once_in(4) {
        out.pop();
    }
    out
}
