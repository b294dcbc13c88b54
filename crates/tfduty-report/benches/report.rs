//! Findings in a document of one line, with their excerpts: `cargo bench -p tfduty-report`.

use std::fmt::Write;

use divan::{Bencher, counter::ItemsCount};
use tfduty_audit::{Beside, Command, Content, Estate, Input, Report, Settings, audit, detail};
use tfduty_report::{Format, Options, Texts, write};
use tfduty_terraform::{Document, TextId};

/// Numbers of findings: what grows faster than they do shows.
const FINDINGS: [usize; 3] = [10, 100, 1_000];

fn main() {
    divan::main();
}

#[divan::bench(args = FINDINGS)]
fn human(bencher: Bencher<'_, '_>, findings: usize) {
    report(bencher, Format::Human, findings);
}

#[divan::bench(args = FINDINGS)]
fn sarif(bencher: Bencher<'_, '_>, findings: usize) {
    report(bencher, Format::Sarif, findings);
}

fn report(bencher: Bencher<'_, '_>, format: Format, findings: usize) {
    let text = Text(state(findings));
    let report = audited(&text.0);
    assert_eq!(report.findings.len(), findings);
    bencher.counter(ItemsCount::new(findings)).bench(|| {
        let mut out = Vec::new();
        write(format, &report, &text, &Options::default(), &mut out).map(|()| out)
    });
}

/// The text of the one input.
struct Text(String);

impl Texts for Text {
    fn text(&self, _: usize) -> Option<&str> {
        Some(&self.0)
    }

    fn source(&self, _: usize, _: TextId) -> Option<&str> {
        None
    }
}

fn audited(text: &str) -> Report {
    let parsed = Document::parse(text.as_bytes(), &|resource_type| detail(Command::Check, resource_type));
    let Ok(Document::Unit(unit)) = parsed else { panic!("it is a state") };
    let input = Input {
        path: "terraform.tfstate".into(),
        folder: String::new(),
        named: true,
        side: None,
        bytes: text.len() as u64,
        content: Content::Unit(unit),
        sources: None,
        source_folder: String::new(),
        beside: Beside::default(),
    };
    let mut estate = Estate::new(Command::Check, vec![input], Vec::new(), Vec::new());
    audit(&mut estate, &Settings::new(Command::Check, "2026-11-24"))
}

/// A state of one line with so many suspended detectors, each in an account of its own.
fn state(detectors: usize) -> String {
    let mut text = String::from(r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"a","resources":["#);
    for number in 0..detectors {
        let separator = if number == 0 { "" } else { "," };
        let account = 100_000_000_000 + number;
        let _ = write!(
            text,
            r#"{separator}{{"mode":"managed","type":"aws_guardduty_detector","name":"d{number}","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{{"attributes":{{"account_id":"{account}","arn":"arn:aws:guardduty:eu-west-1:{account}:detector/{number:032}","enable":false,"finding_publishing_frequency":"SIX_HOURS","id":"{number:032}","tags":{{"Name":"detector {number}","Team":"security"}}}}}}]}}"#
        );
    }
    text + "]}\n"
}
