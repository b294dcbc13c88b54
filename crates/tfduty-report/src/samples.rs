//! Reports made by hand, for the tests of all formats.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use tfduty_audit::{
    Anchor, Certainty, Command, Exactness, Finding, FindingVerdict, Inner, InputKind, InputRole, InputSummary, Note,
    Problem, Related, Report, Rule, Severity, SourcePlace, Summary, SuppressedBy, Suppression, Tally, Verdict,
};
use tfduty_terraform::{Decoded, Place, Span, TextId};

use crate::{Format, HumanOptions, Options, Repository, Texts, write};

const fn rule(id: &'static str, severity: Severity) -> Rule {
    Rule { id, severity, certainty: Certainty::Documented, commands: &[Command::Check], file: "", check: |_| {} }
}

pub(crate) static DETECTOR_DISABLED: Rule = rule("detector-disabled", Severity::Error);
pub(crate) static LIST_ENTRY_PRIVATE: Rule = rule("list-entry-private", Severity::Warning);
pub(crate) static LIST_BUCKET_UNREADABLE: Rule = rule("list-bucket-unreadable", Severity::Error);

/// Texts by input, and one configuration file that all inputs share.
#[derive(Default)]
pub(crate) struct Sample {
    pub(crate) inputs: Vec<(InputKind, String, Option<String>)>,
    pub(crate) source: Option<String>,
    pub(crate) findings: Vec<Finding>,
}

impl Texts for Sample {
    fn text(&self, input: usize) -> Option<&str> {
        self.inputs.get(input)?.2.as_deref()
    }

    fn source(&self, _: usize, _: TextId) -> Option<&str> {
        self.source.as_deref()
    }
}

impl Sample {
    pub(crate) fn new(kind: InputKind, path: &str, text: &str) -> Self {
        Self { inputs: vec![(kind, path.into(), Some(text.into()))], ..Self::default() }
    }

    /// The place of the value at `pointer`, in the object at `object`, of the last input.
    pub(crate) fn anchor(&self, object: &str, pointer: &str, label: &str) -> Anchor {
        let input = self.inputs.len() - 1;
        let text = self.inputs[input].2.as_deref().unwrap();
        Anchor {
            input,
            span: span(text, pointer),
            object: span(text, object),
            pointer: pointer.into(),
            label: label.into(),
            sensitive: false,
            inner: None,
            written: None,
        }
    }

    /// The anchor with the place of `part` inside its decoded string.
    pub(crate) fn inner(&self, anchor: &Anchor, part: &str) -> Anchor {
        let text = self.inputs[anchor.input].2.as_deref().unwrap();
        let decoded = Decoded::of_json(text, anchor.span);
        let byte = decoded.text().find(part).unwrap();
        let before = &decoded.text()[..byte];
        let line = before.matches('\n').count() + 1;
        let column = byte - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
        Anchor { inner: Some(Inner { byte, len: part.len(), line, column }), ..anchor.clone() }
    }

    /// The place of `part` in the configuration file.
    pub(crate) fn place(&self, path: &str, part: &str) -> SourcePlace {
        let text = self.source.as_deref().unwrap();
        let start = text.find(part).unwrap();
        let place = |byte: usize| {
            let line = text[..byte].rfind('\n').map_or(0, |newline| newline + 1);
            (text[..byte].matches('\n').count() + 1, byte - line + 1)
        };
        let ((line, column), (end_line, end_column)) = (place(start), place(start + part.len()));
        let span = Span::new(start, start + part.len());
        let exactness = Exactness::Attribute;
        SourcePlace {
            input: 0,
            text: TextId::Source(0),
            path: path.into(),
            span,
            line,
            column,
            end_line,
            end_column,
            exactness,
        }
    }

    /// The report of a run that found all this.
    pub(crate) fn report(&self) -> Report {
        let failed = |severity| {
            let fails = self.findings.iter().filter(|finding| finding.verdict == FindingVerdict::Fail);
            fails.filter(|finding| finding.suppressed.is_none() && finding.severity == severity).count() as u64
        };
        let undecided =
            self.findings.iter().filter(|finding| finding.verdict == FindingVerdict::Undecided).count() as u64;
        let suppressed = self.findings.iter().filter(|finding| finding.suppressed.is_some()).count() as u64;
        Report {
            command: Command::Check,
            today: "2026-11-24".into(),
            verdict: if failed(Severity::Error) > 0 { Verdict::Fail } else { Verdict::Pass },
            strict: false,
            preface: None,
            inputs: self.inputs.iter().map(|(kind, path, text)| input(*kind, path, text.as_deref())).collect(),
            problems: Vec::new(),
            notes: Vec::new(),
            findings: self.findings.clone(),
            rules: vec![
                Tally { rule: &DETECTOR_DISABLED, passed: 1, failed: 1, undecided: 0, skipped: 0 },
                Tally { rule: &LIST_ENTRY_PRIVATE, passed: 0, failed: 0, undecided: 0, skipped: 0 },
            ],
            summary: Summary {
                error: failed(Severity::Error),
                warning: failed(Severity::Warning),
                advice: failed(Severity::Advice),
                undecided,
                suppressed,
                files: self.inputs.len() as u64,
                resources: 3,
            },
            detectors: 1,
            lists: 2,
            passed: Vec::new(),
            destroy: None,
            wiring: None,
        }
    }

    pub(crate) fn human(&self, options: HumanOptions) -> String {
        human(&self.report(), self, options)
    }
}

pub(crate) fn human(report: &Report, texts: &dyn Texts, human: HumanOptions) -> String {
    shown(Format::Human, report, texts, human)
}

/// The report in a format, of a run in `stacks/prod` of a repository.
pub(crate) fn shown(format: Format, report: &Report, texts: &dyn Texts, human: HumanOptions) -> String {
    let repository = Repository { root: "/srv/shop".into(), folder: "stacks/prod".into() };
    let mut out = Vec::new();
    write(format, report, texts, &Options { human, repository }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn input(kind: InputKind, path: &str, text: Option<&str>) -> InputSummary {
    InputSummary {
        path: path.into(),
        kind,
        role: InputRole::Judged,
        format_version: Some("1.2".into()),
        terraform_version: Some("1.11.4".into()),
        resources: 3,
        bytes: text.map_or(0, str::len) as u64,
    }
}

/// A failure without sources and related places.
pub(crate) fn failure(rule: &'static Rule, address: &str, message: &str, anchor: Anchor) -> Finding {
    Finding {
        rule,
        severity: rule.severity,
        verdict: FindingVerdict::Fail,
        address: Some(address.into()),
        object: None,
        discriminator: String::new(),
        holder: None,
        account: Some("123456789012".into()),
        region: Some("eu-west-1".into()),
        message: message.into(),
        help: "set enable = true".into(),
        anchor,
        source: None,
        block: None,
        related: Vec::new(),
        fingerprint: "sha256:00".into(),
        suppressed: None,
    }
}

pub(crate) fn related(address: &str, message: &str, anchor: Anchor) -> Related {
    let anchor = Anchor { label: message.into(), ..anchor };
    Related { object: None, address: Some(address.into()), message: message.into(), anchor, source: None }
}

/// The bytes of the value at a JSON pointer.
fn span(text: &str, pointer: &str) -> Span {
    let mut raw = text;
    for step in pointer.split('/').skip(1) {
        let value: &RawValue = if raw.trim_start().starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(raw).unwrap();
            items[step.parse::<usize>().unwrap()]
        } else {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(raw).unwrap();
            members[step]
        };
        raw = value.get();
    }
    let start = raw.as_ptr() as usize - text.as_ptr() as usize;
    Span::new(start, start + raw.len())
}

/// Everything a hostile input could call its things.
pub(crate) const HOSTILE: &str =
    "::error::x\n::warning::y\r##[error]z%0A]]><script>|`\u{1b}[31m\u{202e}@octocat https://x.example,a=b";

/// A report whose every text is hostile: a failure, one that is undecided, one that is suppressed, a problem and a note.
pub(crate) fn hostile() -> (Sample, Report) {
    let mut sample = Sample::new(InputKind::Plan, HOSTILE, "{}");
    let anchor = sample.anchor("", "", HOSTILE);
    let mut failed = failure(&DETECTOR_DISABLED, HOSTILE, HOSTILE, anchor.clone());
    failed.help = HOSTILE.into();
    failed.related.push(related(HOSTILE, HOSTILE, anchor.clone()));
    let mut undecided = failure(&LIST_BUCKET_UNREADABLE, HOSTILE, HOSTILE, anchor.clone());
    undecided.verdict = FindingVerdict::Undecided;
    let mut suppressed = failure(&LIST_ENTRY_PRIVATE, HOSTILE, HOSTILE, anchor);
    let reason = HOSTILE.into();
    suppressed.suppressed = Some(Suppression { by: SuppressedBy::Config, reason, until: Some(HOSTILE.into()) });
    sample.findings = vec![failed, undecided, suppressed];
    let mut report = sample.report();
    let message = || HOSTILE.to_owned();
    report.problems = vec![Problem { path: Some(message()), message: message(), help: Some(message()), place: None }];
    report.notes = vec![Note::new(Some(message()), "x", message())];
    report.preface = Some(message());
    report.verdict = Verdict::Error;
    (sample, report)
}

/// A note that counts against the threshold, written in a line of a configuration.
pub(crate) fn notice() -> Note {
    Note {
        path: Some("main.tf".into()),
        place: Some(Place { byte: 9, line: 3, column: 1 }),
        code: "ignore-expired".into(),
        severity: Some(Severity::Warning),
        message: "the ignore ran out\n::error::x".into(),
    }
}
