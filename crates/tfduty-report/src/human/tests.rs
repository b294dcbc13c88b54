mod groups;

use insta::assert_snapshot;
use tfduty_audit::{Command, Note, Problem, Suppression};
use tfduty_terraform::Place;

use super::*;
use crate::samples::{DETECTOR_DISABLED, LIST_BUCKET_UNREADABLE, LIST_ENTRY_PRIVATE, Sample, failure, human, related};

const PLAN: &str = r#"{"resource_changes":[{"address":"aws_guardduty_detector.this","change":{"actions":["create"],"after":{"enable":false,"tags":{"token":"hunter2"}}}}]}"#;
const CHANGE: &str = "/resource_changes/0";

const SOURCE: &str = r#"resource "aws_guardduty_detector" "this" {
  # hunter2
  enable = false
}

resource "aws_guardduty_ipset" "trusted" {
  detector_id = aws_guardduty_detector.this.id
}
"#;

fn disabled() -> Sample {
    let mut sample = Sample::new(InputKind::Plan, "plan.json", PLAN);
    let anchor = sample.anchor(CHANGE, &format!("{CHANGE}/change/after/enable"), "suspended");
    sample.findings = vec![failure(
        &DETECTOR_DISABLED,
        "aws_guardduty_detector.this",
        "GuardDuty is suspended in account 123456789012, eu-west-1: this detector analyses nothing",
        anchor,
    )];
    sample
}

#[test]
fn a_finding_shows_its_value_and_nothing_else_of_the_plan() {
    let shown = disabled().human(HumanOptions::default());
    assert_snapshot!(shown, @r#"
    error[detector-disabled]

      × GuardDuty is suspended in account 123456789012, eu-west-1: this detector analyses nothing
       ╭─[aws_guardduty_detector.this in plan.json:1:112]
       │ {…, "change": {…, "after": {
       │   "enable": false,
       ·             ──┬──
       ·               ╰── suspended
       │   …
       │ }}}
       ╰────
      help: set enable = true

    fail: 1 error; 1 detector, 2 lists, 2 checks
    "#);
    assert!(!shown.contains("hunter2"));
}

#[test]
fn the_configuration_comes_first_and_related_places_join_it() {
    let mut sample = disabled();
    sample.source = Some(SOURCE.into());
    let mut other = related(
        "aws_guardduty_ipset.trusted",
        "GuardDuty reads no list while its detector is suspended",
        sample.findings[0].anchor.clone(),
    );
    other.anchor.object.start -= 1;
    other.source = Some(sample.place("main.tf", "detector_id = aws_guardduty_detector.this.id"));
    sample.findings[0].source = Some(sample.place("main.tf", "enable = false"));
    sample.findings[0].related.push(other);
    let shown = sample.human(HumanOptions::default());
    assert_snapshot!(shown, @r#"
    error[detector-disabled]

      × GuardDuty is suspended in account 123456789012, eu-west-1: this detector analyses nothing
       ╭─[main.tf:3:3]
     1 │ resource "aws_guardduty_detector" "this" {
       │   …
     3 │   enable = false
       ·   ───────┬──────
       ·          ╰── suspended
       │ …
     6 │ resource "aws_guardduty_ipset" "trusted" {
     7 │   detector_id = aws_guardduty_detector.this.id
       ·   ──────────────────────┬─────────────────────
       ·                         ╰── GuardDuty reads no list while its detector is suspended
       ╰────
       ╭─[aws_guardduty_detector.this in plan.json:1:112]
       │ {…, "change": {…, "after": {
       │   "enable": false,
       ·             ──┬──
       ·               ╰── planned value
       │   …
       │ }}}
       ╰────
      help: set enable = true

    fail: 1 error; 1 detector, 2 lists, 2 checks
    "#);
    assert!(!shown.contains("hunter2"));
    assert_snapshot!(sample.human(HumanOptions { style: Style::Narrated, ..HumanOptions::default() }), @r#"
    GuardDuty is suspended in account 123456789012, eu-west-1: this detector analyses nothing
        Diagnostic severity: error
    Begin snippet for main.tf, line 3, column 3

    snippet line 1: resource "aws_guardduty_detector" "this" {
    snippet:   …
    snippet line 3:   enable = false
        label at columns 3 to 16: suspended
    snippet: …
    snippet line 6: resource "aws_guardduty_ipset" "trusted" {
    snippet line 7:   detector_id = aws_guardduty_detector.this.id
        label at columns 3 to 46: GuardDuty reads no list while its detector is suspended
    Begin snippet for aws_guardduty_detector.this in plan.json, line 1, column 112

    snippet: {…, "change": {…, "after": {
    snippet:   "enable": false,
        label at columns 13 to 17: planned value
    snippet:   …
    snippet: }}}
    diagnostic help: set enable = true
    diagnostic code: detector-disabled

    fail: 1 error; 1 detector, 2 lists, 2 checks
    "#);
}

#[test]
fn a_policy_is_shown_with_what_decides_in_it() {
    let state = r#"{
  "resources": [
    {"attributes": {
      "bucket": "lists",
      "location": "s3://lists/trusted.txt",
      "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"A\"},{\"Sid\":\"B\",\"Effect\":\"Deny\",\"NotPrincipal\":{\"AWS\":\"arn:aws:iam::111122223333:role/ci\"}}]}"
    }}
  ]
}"#;
    let mut sample = Sample::new(InputKind::State, "terraform.tfstate", state);
    let object = "/resources/0/attributes";
    let location = sample.anchor(object, &format!("{object}/location"), "this object");
    let policy = sample.anchor(object, &format!("{object}/policy"), "");
    let statement = r#"{"Sid":"B","Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/ci"}}"#;
    let mut finding = failure(
        &LIST_BUCKET_UNREADABLE,
        "aws_guardduty_ipset.trusted",
        "GuardDuty cannot read the list",
        location.clone(),
    );
    let bucket = sample.anchor(object, &format!("{object}/bucket"), "");
    finding.related = vec![
        related("aws_s3_bucket_policy.lists", "denies", sample.inner(&policy, statement)),
        related(
            "aws_s3_bucket_policy.lists",
            "matches the GuardDuty role",
            sample.inner(&policy, r#"{"AWS":"arn:aws:iam::111122223333:role/ci"}"#),
        ),
        related("aws_s3_bucket.lists", "", bucket),
    ];
    sample.findings = vec![finding];
    assert_snapshot!(sample.human(HumanOptions::default()), @r#"
    error[list-bucket-unreadable]

      × GuardDuty cannot read the list
       ╭─[aws_guardduty_ipset.trusted in terraform.tfstate:5:19]
     3 │ {
     4 │   "bucket": "lists",
       ·             ───────
     5 │   "location": "s3://lists/trusted.txt",
       ·               ────────────┬───────────
       ·                           ╰── this object
       │   …
     7 │ }
       ╰────
       ╭─[policy of aws_s3_bucket_policy.lists in terraform.tfstate:6:77]
       │     {…, "Statement": [
       │       …
       │ ╭─▶   {
       │ │       "Sid": "B",
       │ │       "Effect": "Deny",
       │ │       "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/ci"}
       · │                       ──────────────────────┬─────────────────────
       · │                                             ╰── matches the GuardDuty role
       │ ├─▶   }
       · ╰──── denies
       │     ]}
       ╰────
      help: set enable = true

    fail: 1 error; 1 detector, 2 lists, 2 checks
    "#);
}

#[test]
fn lines_of_lists_keep_their_numbers() {
    let plan = r#"{"content": "10.0.0.0/8\n10.0.0.1\n10.0.0.2\n10.0.0.3\n"}"#;
    let mut sample = Sample::new(InputKind::Plan, "plan.json", plan);
    let anchor = sample.anchor("", "/content", "within line 1");
    let mut finding =
        failure(&LIST_ENTRY_PRIVATE, "aws_s3_object.list", "line 4 repeats line 1", sample.inner(&anchor, "10.0.0.3"));
    sample.inputs.push((InputKind::List, "lists/trusted.txt".into(), Some("203.0.113.0/24\n10.0.0.0/8\n".into())));
    let mut file = anchor.clone();
    (file.input, file.pointer, file.span) = (1, String::new(), tfduty_terraform::Span::new(15, 25));
    finding.related.push(related("lists/trusted.txt", "also here", file));
    sample.findings = vec![finding.clone()];
    assert_snapshot!(sample.human(HumanOptions::default()), @r#"
    warning[list-entry-private]

      ⚠ line 4 repeats line 1
       ╭─[content of aws_s3_object.list in plan.json:1:46]
     2 │ 10.0.0.1
     3 │ 10.0.0.2
     4 │ 10.0.0.3
       · ────┬───
       ·     ╰── within line 1
       ╰────
       ╭─[lists/trusted.txt:2:1]
     1 │ 203.0.113.0/24
     2 │ 10.0.0.0/8
       · ─────┬────
       ·      ╰── also here
       ╰────
      help: set enable = true

    pass: 1 warning; 1 detector, 2 lists, 2 checks
    "#);
    finding.anchor.sensitive = true;
    finding.related.clear();
    sample.findings = vec![finding];
    let shown = sample.human(HumanOptions { style: Style::Narrated, ..HumanOptions::default() });
    assert_snapshot!(shown, @r#"
    line 4 repeats line 1
        Diagnostic severity: warning
    Begin snippet for content of aws_s3_object.list in plan.json, line 1, column 46

    snippet line 4: (sensitive)
        label at columns 1 to 11: within line 1
    diagnostic help: set enable = true
    diagnostic code: list-entry-private

    pass: 1 warning; 1 detector, 2 lists, 2 checks
    "#);
    assert!(!shown.contains("10.0.0"));
}

#[test]
fn places_without_a_text_are_named() {
    let mut sample = disabled();
    sample.inputs[0].2 = None;
    let anchor = sample.findings[0].anchor.clone();
    sample.findings[0].related = vec![related("aws_x.y", "see", anchor); 8];
    assert_snapshot!(sample.human(HumanOptions::default()), @r#"
    error[detector-disabled]

      × GuardDuty is suspended in account 123456789012, eu-west-1: this detector analyses nothing
      help: set enable = true
      note: aws_guardduty_detector.this at plan.json#/resource_changes/0/change/after/enable: suspended
      note: aws_x.y at plan.json#/resource_changes/0/change/after/enable: see
      note: aws_x.y at plan.json#/resource_changes/0/change/after/enable: see
      note: aws_x.y at plan.json#/resource_changes/0/change/after/enable: see
      note: aws_x.y at plan.json#/resource_changes/0/change/after/enable: see
      note: aws_x.y at plan.json#/resource_changes/0/change/after/enable: see
      note: aws_x.y at plan.json#/resource_changes/0/change/after/enable: see
      note: 2 more related places

    fail: 1 error; 1 detector, 2 lists, 2 checks
    "#);
}

fn full() -> (Sample, Report) {
    let mut sample = disabled();
    let mut undecided = sample.findings[0].clone();
    undecided.verdict = FindingVerdict::Undecided;
    undecided.message = "`location` is known after apply; add the saved plan: --plan-file tfplan".into();
    let mut absent = undecided.clone();
    (absent.address, absent.message) = (None, "no detector is in the inputs".into());
    let mut suppressed = sample.findings[0].clone();
    suppressed.suppressed = Some(Suppression {
        by: SuppressedBy::Config,
        reason: "suspended on purpose\u{1b}[2J".into(),
        until: Some("2027-01-01".into()),
    });
    sample.findings.extend([undecided, absent, suppressed]);
    let mut report = sample.report();
    report.preface = Some("prediction from a state before destroy".into());
    report.notes = vec![Note::new(Some("a.json".into()), "stale-plan", "stale plan, already applied")];
    report.problems = vec![Problem {
        path: Some("b\n.json".into()),
        message: "not JSON: expected `}`".into(),
        help: Some("write the file again".into()),
        place: Some(Place { byte: 123, line: 4, column: 7 }),
    }];
    report.inputs[0].role = InputRole::LeftOut;
    report.verdict = Verdict::Error;
    (sample, report)
}

#[test]
fn notices_come_first_and_stay_when_all_is_quiet() {
    let (sample, mut report) = full();
    report.problems.clear();
    report.notes.push(Note {
        path: Some("a\u{1b}.tf".into()),
        place: Some(Place { byte: 30, line: 3, column: 5 }),
        code: "ignore-unused".into(),
        severity: Some(Severity::Advice),
        message: "the ignore of `list-*` (ours) matches nothing".into(),
    });
    let line = "advice[ignore-unused] a\\u{1b}.tf:3:5: the ignore of `list-*` (ours) matches nothing\n";
    let normal = human(&report, &sample, HumanOptions::default());
    assert!(normal.contains(&format!("{line}note: a.json: stale plan")), "{normal}");
    let quiet = human(&report, &sample, HumanOptions { detail: Detail::Quiet, ..HumanOptions::default() });
    assert!(quiet.contains(line) && !quiet.contains("note: a.json"), "{quiet}");
    assert!(
        quiet.ends_with("1 unused ignore; 1 detector, 2 lists, 2 checks, 2 undecided, 1 suppressed, 1 skipped input\n"),
        "{quiet}"
    );
}

#[test]
fn what_is_noted_of_many_files_takes_one_line() {
    let (sample, mut report) = full();
    let noted = |count: usize| {
        let backup = |number| Note::new(Some(format!("{number}.backup")), "backup", "left out: a backup");
        let notes = (1..=count).map(backup);
        notes.chain([Note::new(Some("x.json".into()), "stale-plan", "left out: a backup")]).collect::<Vec<_>>()
    };
    for (count, lines) in [
        (
            3,
            &[
                "note: 1.backup: left out: a backup",
                "note: 2.backup: left out: a backup",
                "note: 3.backup: left out: a backup",
            ][..],
        ),
        (4, &["note: 1.backup: left out: a backup (and 3 more files: 2.backup, 3.backup, 4.backup)"]),
        (5, &["note: 1.backup: left out: a backup (and 4 more files: 2.backup, 3.backup, 4.backup, and 1 other)"]),
        (
            900,
            &["note: 1.backup: left out: a backup (and 899 more files: 2.backup, 3.backup, 4.backup, and 896 others)"],
        ),
    ] {
        report.notes = noted(count);
        let shown = human(&report, &sample, HumanOptions::default());
        let shown: Vec<&str> = shown.lines().filter(|line| line.starts_with("note:")).collect();
        assert_eq!(shown, [lines, &["note: x.json: left out: a backup"]].concat());
    }
}

#[test]
fn everything_is_told_in_its_order() {
    let (sample, report) = full();
    assert_snapshot!(human(&report, &sample, HumanOptions { detail: Detail::Verbose, ..HumanOptions::default() }), @r#"
    prediction from a state before destroy

    error[detector-disabled]

      × GuardDuty is suspended in account 123456789012, eu-west-1: this detector analyses nothing
       ╭─[aws_guardduty_detector.this in plan.json:1:112]
       │ {…, "change": {…, "after": {
       │   "enable": false,
       ·             ──┬──
       ·               ╰── suspended
       │   …
       │ }}}
       ╰────
      help: set enable = true

    undecided[detector-disabled] aws_guardduty_detector.this: `location` is known after apply; add the saved plan: --plan-file tfplan
    undecided[detector-disabled] 123456789012 eu-west-1: no detector is in the inputs

    note: a.json: stale plan, already applied

    error: b\n.json:4:7: not JSON: expected `}`
      help: write the file again

    suppressed[detector-disabled] aws_guardduty_detector.this by tfduty.toml until 2027-01-01: suspended on purpose\u{1b}[2J

    input: plan.json: plan, left out, 3 resources

    rule: detector-disabled   1 passed, 1 failed
    rule: list-entry-private  no subject

    error: 1 error; 1 detector, 2 lists, 2 checks, 2 undecided, 1 suppressed, 1 skipped input, 1 problem
    "#);
}

#[test]
fn quiet_tells_what_fails() {
    let (sample, report) = full();
    let shown = human(&report, &sample, HumanOptions { detail: Detail::Quiet, ..HumanOptions::default() });
    let lines: Vec<_> = shown.lines().filter(|line| !line.contains(['│', '·', '─'])).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    error[detector-disabled]

      × GuardDuty is suspended in account 123456789012, eu-west-1: this detector analyses nothing
      help: set enable = true

    error: b\n.json:4:7: not JSON: expected `}`
      help: write the file again

    error: 1 error; 1 detector, 2 lists, 2 checks, 2 undecided, 1 suppressed, 1 skipped input, 1 problem
    "#);
}

#[test]
fn an_empty_report_is_one_line() {
    let sample = Sample::default();
    let mut report = sample.report();
    report.rules.clear();
    report.summary = tfduty_audit::Summary::default();
    (report.detectors, report.lists) = (0, 0);
    assert_snapshot!(human(&report, &sample, HumanOptions::default()), @"pass: 0 detectors, 0 lists, 0 checks");
    report.command = Command::List;
    report.lists = 1;
    assert_snapshot!(human(&report, &sample, HumanOptions::default()), @"pass: 1 list, 0 checks");
}

#[test]
fn a_list_file_as_a_whole_has_no_excerpt() {
    let mut sample = disabled();
    sample.inputs = vec![(InputKind::List, "lists/trusted.txt".into(), Some("203.0.113.0/24\n".into()))];
    let finding = &mut sample.findings[0];
    finding.address = None;
    finding.message = "the list has 40000000 bytes".into();
    finding.anchor.pointer = String::new();
    finding.anchor.span = tfduty_terraform::Span::default();
    finding.anchor.label = "too large".into();
    assert_snapshot!(sample.human(HumanOptions::default()), @r"
    error[detector-disabled]

      × the list has 40000000 bytes
      help: set enable = true
      note: at lists/trusted.txt: too large

    fail: 1 error; 1 detector, 2 lists, 2 checks
    ");
}

#[test]
fn colour_adds_nothing_but_colour() {
    let (sample, report) = full();
    for style in [Style::Graphical, Style::Narrated] {
        let options = HumanOptions { style, detail: Detail::Verbose, ..HumanOptions::default() };
        let plain = human(&report, &sample, options);
        assert!(!plain.contains('\u{1b}'));
        let colored = human(&report, &sample, HumanOptions { color: true, ..options });
        assert!(colored.contains("\u{1b}[3"));
        let mut stripped = String::new();
        for (position, part) in colored.split('\u{1b}').enumerate() {
            stripped.push_str(if position == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        assert_eq!(stripped, plain);
    }
}

#[test]
fn no_width_and_no_span_make_it_panic() {
    let mut sample = disabled();
    let text = sample.inputs[0].2.clone().unwrap();
    for step in 0..text.len() + 3 {
        let mut anchor = sample.findings[0].anchor.clone();
        anchor.span = tfduty_terraform::Span::new(step, step * 7 % 150);
        anchor.object = tfduty_terraform::Span::new(step * 3 % 150, step * 11 % 150);
        anchor.label = "a label that goes on and on, over many columns, and must be wrapped somewhere".into();
        let other = related("aws_x.y", "x", anchor.clone());
        anchor.inner = Some(tfduty_audit::Inner { byte: step, len: step, line: 1, column: 1 });
        anchor.input = step % 2;
        sample.findings[0].anchor = anchor;
        sample.findings[0].related = vec![other; step % 9];
        for width in [0, 41, 100, usize::MAX] {
            for style in [Style::Graphical, Style::Narrated] {
                let shown = sample.human(HumanOptions { style, width, ..HumanOptions::default() });
                assert!(shown.len() < 16_000 && shown.ends_with("checks\n"));
            }
        }
    }
}
