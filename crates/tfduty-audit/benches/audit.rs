//! From units to findings: `cargo bench -p tfduty-audit`.

use divan::{Bencher, counter::ItemsCount};
use tfduty_audit::{Beside, Command, Content, Estate, Input, Settings, audit, detail};
use tfduty_terraform::Document;

/// A healthy stack: a detector with lists, alerts, an export, and readers.
const STATE: &str = include_str!("../../../fixtures/estates/wired/terraform.tfstate");
/// What is its own alone, by the beginning of it: account, lineage, detector, the names of its buckets.
const OWN: [&str; 4] = ["123456789012", "7ef148dc", "62ea2786", "20261124071734"];

/// Numbers of accounts that have the stack.
const STACKS: [usize; 2] = [1, 100];

fn main() {
    divan::main();
}

#[divan::bench(args = STACKS)]
fn estate(bencher: Bencher<'_, '_>, stacks: usize) {
    bencher
        .counter(ItemsCount::new(stacks))
        .with_inputs(|| inputs(stacks))
        .bench_values(|inputs| Estate::new(Command::Check, inputs, Vec::new(), Vec::new()));
}

#[divan::bench(args = STACKS)]
fn whole(bencher: Bencher<'_, '_>, stacks: usize) {
    let settings = Settings::new(Command::Check, "2026-11-24");
    bencher
        .counter(ItemsCount::new(stacks))
        .with_inputs(|| Estate::new(Command::Check, inputs(stacks), Vec::new(), Vec::new()))
        .bench_refs(|estate| audit(estate, &settings));
}

/// The same stack in so many accounts.
fn inputs(stacks: usize) -> Vec<Input> {
    let of = |number: usize| {
        let own = OWN.iter().fold(STATE.to_owned(), |text, own| {
            text.replace(own, &format!("1{number:0width$}", width = own.len() - 1))
        });
        let parsed = Document::parse(own.as_bytes(), &|resource_type| detail(Command::Check, resource_type));
        let Ok(Document::Unit(unit)) = parsed else { panic!("the fixture is a state") };
        Input {
            path: format!("{number}/terraform.tfstate"),
            folder: number.to_string(),
            named: true,
            side: None,
            bytes: own.len() as u64,
            content: Content::Unit(unit),
            sources: None,
            source_folder: String::new(),
            beside: Beside::default(),
        }
    };
    (0..stacks).map(of).collect()
}
