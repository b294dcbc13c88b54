//! List files: plain text, one public address or network a line, sorted, without repetition.

use std::{
    io::{Result, Write},
    net::Ipv4Addr,
};

use super::random::Random;

/// Addresses that are all public: 2.0.0.0 to 9.255.255.255.
const FIRST: u32 = 0x0200_0000;
const ADDRESSES: u32 = 0x0800_0000;
/// How far apart entries must be for some of them to be networks.
const ROOM: u32 = 512;

/// Writes a list. Lists of different seeds have little in common.
pub(super) fn write(out: &mut impl Write, entries: u32, seed: u64) -> Result<()> {
    let mut random = Random::new(seed);
    let step = (ADDRESSES / entries.max(1)).max(1);
    for entry in 0..entries.min(ADDRESSES) {
        let from = FIRST + entry * step;
        if step >= ROOM && random.percent(10) {
            // The first network of 256 addresses that begins here lies within the step.
            let network = Ipv4Addr::from_bits(from.next_multiple_of(256));
            writeln!(out, "{network}/{}", 24 + random.below(7))?;
        } else {
            let address = Ipv4Addr::from_bits(from + u32::try_from(random.below(step.into())).unwrap_or_default());
            writeln!(out, "{address}")?;
        }
    }
    Ok(())
}
