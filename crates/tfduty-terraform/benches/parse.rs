//! From the bytes of a document to its unit: `cargo bench -p tfduty-terraform`.

use divan::{Bencher, counter::BytesCount};
use tfduty_terraform::{Detail, Document};

const PLAN: &str = include_str!("../../../fixtures/estates/wired/plan.json");
const STATE: &str = include_str!("../../../fixtures/estates/wired/terraform.tfstate");

fn main() {
    divan::main();
}

/// With all attributes of everything, as of what rules look at.
#[divan::bench]
fn plan(bencher: Bencher<'_, '_>) {
    parse(bencher, PLAN, &|_| Detail::All);
}

/// Without attributes, as most of a large plan is read.
#[divan::bench]
fn plan_counted(bencher: Bencher<'_, '_>) {
    parse(bencher, PLAN, &|_| Detail::Count);
}

#[divan::bench]
fn state_v4(bencher: Bencher<'_, '_>) {
    parse(bencher, STATE, &|_| Detail::All);
}

#[divan::bench]
fn state_v4_counted(bencher: Bencher<'_, '_>) {
    parse(bencher, STATE, &|_| Detail::Count);
}

fn parse(bencher: Bencher<'_, '_>, text: &str, wanted: &(dyn Fn(&str) -> Detail + Sync)) {
    bencher.counter(BytesCount::of_str(text)).bench(|| Document::parse(text.as_bytes(), wanted));
}
