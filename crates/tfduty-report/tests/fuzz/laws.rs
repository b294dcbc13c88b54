//! What holds of every report, and of every format.

use std::{collections::BTreeSet, sync::LazyLock};

use pulldown_cmark::{Event, Parser, Tag};
use serde_json::Value;
use tfduty_audit::{Command, Report, Verdict};
use tfduty_report::{Format, SCHEMA};
use tfduty_terraform::{Span, TextId, is_hazard};

/// Bytes that a report may have without a finding, a problem or a note in it: the table of rules is among them.
const EMPTY: usize = 400_000;
/// Bytes that each of these may add.
const EACH: usize = 40_000;

static JSON: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap());

/// Every place is in its text and cuts no character, no two findings are taken for one another, and what could not be
/// audited does not pass.
pub(crate) fn of_report(report: &Report, text: &str, source: &dyn Fn(usize, TextId) -> Option<String>) {
    let assert_is_in = |span: Span, text: &str| assert!(span.of(text).is_some(), "{span:?} is in no text");
    let mut fingerprints = BTreeSet::new();
    for finding in &report.findings {
        assert!(fingerprints.insert(&finding.fingerprint), "two findings are one: {finding:?}");
        let sources = finding.related.iter().filter_map(|related| related.source.as_ref()).chain(&finding.source);
        for place in sources {
            let text = source(place.input, place.text).expect("there is a text");
            assert_is_in(place.span, &text);
        }
        for anchor in finding.related.iter().map(|related| &related.anchor).chain([&finding.anchor]) {
            assert_is_in(anchor.span, text);
            assert_is_in(anchor.object, text);
        }
    }
    assert!(report.problems.is_empty() || report.verdict == Verdict::Error, "{:?}", report.problems);
    let is_aws = text.contains("aws") || report.command != Command::Check;
    assert!(report.verdict == Verdict::Error || is_aws, "nothing was audited, and that is no problem");
}

/// What a format makes of a report is whole, bounded, and nothing in it acts upon a terminal.
pub(crate) fn of_output(format: Format, report: &Report, out: &str) {
    let said = report.findings.len() + report.problems.len() + report.notes.len() + report.inputs.len();
    assert!(out.len() < EMPTY + said * EACH, "{format:?} is of {} bytes", out.len());
    assert_harmless(out);
    match format {
        Format::Json => {
            let json: Value = serde_json::from_str(out).unwrap();
            let faults: Vec<String> = JSON.iter_errors(&json).map(|error| error.to_string()).collect();
            assert!(faults.is_empty(), "{faults:?}");
            assert_eq!(json["findings"].as_array().unwrap().len(), report.findings.len());
        }
        Format::Sarif => {
            let log: Value = serde_json::from_str(out).unwrap();
            for result in log["runs"][0]["results"].as_array().unwrap() {
                assert!(result["locations"][0]["physicalLocation"].is_object(), "{result}");
            }
        }
        Format::Gitlab => {
            serde_json::from_str::<Vec<Value>>(out).unwrap();
        }
        Format::Junit => assert_is_xml(out),
        Format::Github => {
            let is_command =
                |line: &str| ["::error", "::warning", "::notice"].iter().any(|name| line.starts_with(name));
            assert!(out.lines().all(|line| is_command(line) || !line.contains("::")), "{out}");
        }
        Format::Human => assert!(!out.trim().is_empty()),
        Format::Markdown => assert_is_markdown(out),
    }
}

/// Nothing but line feeds is left of what a terminal acts upon.
pub(crate) fn assert_harmless(out: &str) {
    let hazard = out.char_indices().find(|(_, c)| is_hazard(*c) && *c != '\n');
    if let Some((at, c)) = hazard {
        let start = out.floor_char_boundary(at.saturating_sub(200));
        panic!("{c:?} is in the output, behind {:?}", &out[start..at]);
    }
}

/// The page has the markup that is its own, and no other.
fn assert_is_markdown(out: &str) {
    const OWN: [&str; 8] =
        ["<br>", "<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>", "<!-- tfduty "];
    for event in Parser::new_ext(out, pulldown_cmark::Options::ENABLE_TABLES) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                let html = html.trim();
                assert!(html.is_empty() || OWN.iter().any(|own| html.starts_with(own)), "{html} in {out}");
            }
            Event::Start(Tag::Image { dest_url, .. } | Tag::Link { dest_url, .. }) => panic!("{dest_url} in {out}"),
            _ => {}
        }
    }
}

fn assert_is_xml(out: &str) {
    let mut reader = quick_xml::Reader::from_str(out);
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => return,
            quick_xml::events::Event::Text(text) => drop(text.xml10_content()),
            _ => {}
        }
    }
}
