//! The largest list that GuardDuty accepts, read and compared with another: `cargo bench -p tfduty-aws`.

use std::{fmt::Write, net::Ipv4Addr};

use divan::{Bencher, counter::ItemsCount};
use tfduty_aws::list::{List, ListFormat, overlap};

/// [`tfduty_aws::limits::THREAT_ENTRIES`].
const ENTRIES: u32 = 250_000;

fn main() {
    divan::main();
}

#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let text = text(7);
    bencher.counter(ItemsCount::new(ENTRIES)).bench(|| List::parse(text.as_bytes(), ListFormat::Txt));
}

/// Sorts the entries, and finds those that lie inside others.
#[divan::bench]
fn sweep(bencher: Bencher<'_, '_>) {
    let list = list(7);
    bencher.counter(ItemsCount::new(ENTRIES)).bench(|| list.ranges().covered().len());
}

/// Finds what two lists share.
#[divan::bench]
fn against_another(bencher: Bencher<'_, '_>) {
    let (trusted, threat) = (list(7), list(11));
    let (trusted, threat) = (trusted.ranges(), threat.ranges());
    bencher.counter(ItemsCount::new(2 * ENTRIES)).bench(|| overlap(&trusted, &threat).hits.len());
}

fn list(seed: u32) -> List {
    List::parse(text(seed).as_bytes(), ListFormat::Txt)
}

/// Addresses in no order, of which one in ten is a network.
fn text(seed: u32) -> String {
    let mut text = String::new();
    for entry in 0..ENTRIES {
        let address = Ipv4Addr::from_bits(entry.wrapping_add(1).wrapping_mul(2_654_435_761).wrapping_mul(seed));
        let _ = if entry % 10 == 0 { writeln!(text, "{address}/28") } else { writeln!(text, "{address}") };
    }
    text
}
