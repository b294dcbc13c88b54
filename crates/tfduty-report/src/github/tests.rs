use insta::assert_snapshot;
use tfduty_audit::{Exactness, Finding, InputKind, SourcePlace, SuppressedBy, Suppression};
use tfduty_terraform::Place;

use super::*;
use crate::{
    Format, HumanOptions,
    samples::{
        DETECTOR_DISABLED, LIST_BUCKET_UNREADABLE, LIST_ENTRY_PRIVATE, Sample, failure, hostile, notice, related, shown,
    },
};

const PLAN: &str = "{\"é\":1,\"a\":\n {\"enable\":false}}";

fn sample() -> Sample {
    let mut sample = Sample::new(InputKind::Plan, "plan.json", PLAN);
    sample.source = Some("# é\nresource \"aws_x\" \"y\" { /* é */ enable = false\n}\n".into());
    sample
}

fn found(sample: &Sample, rule: &'static tfduty_audit::Rule, address: &str) -> Finding {
    failure(rule, address, "it is off: 100%, all", sample.anchor("/a", "/a/enable", "off"))
}

fn written(sample: &Sample, report: &Report) -> String {
    shown(Format::Github, report, sample, HumanOptions::default())
}

#[test]
fn notes_that_count_are_annotations_where_they_are_written() {
    let sample = sample();
    let mut report = sample.report();
    report.notes = vec![Note::new(Some("plan.json".into()), "stale-plan", "left out")];
    report.notes.push(notice());
    let written = written(&sample, &report);
    let expected =
        "::warning file=stacks/prod/main.tf,line=3,endLine=3,title=ignore-expired::the ignore ran out\\n::error::x\n";
    assert!(written.starts_with(expected) && written.lines().count() == 2, "{written}");
}

#[test]
fn annotations_come_most_severe_first_and_the_summary_last() {
    let mut sample = sample();
    let mut undecided = found(&sample, &LIST_BUCKET_UNREADABLE, "aws_s3_bucket.b");
    undecided.verdict = FindingVerdict::Undecided;
    let warning = found(&sample, &LIST_ENTRY_PRIVATE, "aws_s3_object.o");
    let mut suppressed = warning.clone();
    suppressed.suppressed = Some(Suppression { by: SuppressedBy::Baseline, reason: String::new(), until: None });
    let mut advice = found(&sample, &LIST_ENTRY_PRIVATE, "aws_s3_object.p");
    advice.severity = Severity::Advice;
    let mut error = found(&sample, &DETECTOR_DISABLED, "aws_x.y[0]");
    error.source = Some(sample.place("main.tf", "enable = false"));
    error.related.push(related("aws_x.z", "see this", sample.anchor("/a", "/a", "")));
    let mut same = error.clone();
    same.address = Some("aws_x.y[1]".into());
    let mut block = error.clone();
    block.address = None;
    block.source = Some(sample.place("main.tf", "enable = false\n}"));
    sample.findings = vec![undecided, warning, suppressed, advice, error, same, block];
    let mut report = sample.report();
    report.problems.push(Problem {
        path: Some("../x.json".into()),
        message: "cannot be read".into(),
        help: Some("mend it".into()),
        place: Some(Place { byte: 3, line: 2, column: 1 }),
    });
    report.problems.push(Problem { path: None, message: "no rule is left".into(), help: None, place: None });
    assert_snapshot!(written(&sample, &report), @r"
    ::error file=stacks/x.json,line=2,endLine=2,title=tfduty::cannot be read%0Ahelp: mend it
    ::error title=tfduty::no rule is left
    ::error file=stacks/prod/main.tf,line=2,endLine=2,col=32,title=detector-disabled::aws_x.y[0]: it is off: 100%25, all%0Aand 1 more instance: [1]%0Aaws_x.z: see this%0Ahelp: set enable = true
    ::error file=stacks/prod/main.tf,line=2,endLine=3,title=detector-disabled::123456789012 eu-west-1: it is off: 100%25, all%0Aaws_x.z: see this%0Ahelp: set enable = true
    ::warning file=stacks/prod/plan.json,line=2,endLine=2,col=12,title=list-entry-private::aws_s3_object.o: it is off: 100%25, all%0Ano line of a `.tf` file is known: this is the place in the input%0Ahelp: set enable = true
    ::notice file=stacks/prod/plan.json,line=2,endLine=2,col=12,title=list-entry-private::aws_s3_object.p: it is off: 100%25, all%0Ano line of a `.tf` file is known: this is the place in the input%0Ahelp: set enable = true
    ::notice file=stacks/prod/plan.json,line=2,endLine=2,col=12,title=list-bucket-unreadable (undecided)::aws_s3_bucket.b: it is off: 100%25, all%0Ano line of a `.tf` file is known: this is the place in the input
    fail: 3 errors, 1 warning, 1 advice; 1 detector, 2 lists, 2 checks, 1 undecided, 1 suppressed, 2 problems
    ");
}

#[test]
fn what_lies_outside_the_repository_is_named_in_the_message() {
    for (path, place) in [("-", "in standard input, line 2"), ("/etc/p,1.json", "in /etc/p,1.json, line 2")] {
        let mut sample = Sample::new(InputKind::Plan, path, PLAN);
        sample.findings = vec![found(&sample, &DETECTOR_DISABLED, "aws_x.y")];
        let text = written(&sample, &sample.report());
        assert!(text.starts_with("::error title=detector-disabled::aws_x.y: "), "{text}");
        assert!(text.contains(place), "{text}");
    }
}

#[test]
fn a_line_that_only_comes_near_says_so() {
    for (exactness, remark) in [
        (Exactness::Attribute, None),
        (Exactness::Block, None),
        (Exactness::ModuleCall, Some("made by this module, whose files are not at hand")),
        (Exactness::Provider, Some("nothing can stand for what is absent: this is the provider of its region")),
    ] {
        let mut sample = sample();
        let mut finding = found(&sample, &DETECTOR_DISABLED, "aws_x.y");
        finding.source = Some(SourcePlace { exactness, ..sample.place("main.tf", "enable = false") });
        sample.findings = vec![finding];
        let remark = remark.map(|remark| format!("{remark}%0A")).unwrap_or_default();
        let end = format!("all%0A{remark}help: set enable = true");
        assert_eq!(
            written(&sample, &sample.report()).lines().next().map(|line| line.ends_with(&end)),
            Some(true),
            "{end}"
        );
    }
}

#[test]
fn no_more_than_ten_of_a_level_and_the_rest_is_counted() {
    let findings = |number: usize, rule, sample: &Sample| -> Vec<Finding> {
        (0..number).map(|index| found(sample, rule, &format!("aws_x.y{index}"))).collect()
    };
    let lines = |errors: usize, warnings: usize, notices: usize| {
        let mut sample = sample();
        sample.findings = findings(errors, &DETECTOR_DISABLED, &sample);
        sample.findings.extend(findings(warnings, &LIST_ENTRY_PRIVATE, &sample));
        let mut advice = findings(notices, &LIST_ENTRY_PRIVATE, &sample);
        for finding in &mut advice {
            finding.severity = Severity::Advice;
        }
        sample.findings.extend(advice);
        let text = written(&sample, &sample.report());
        let number = |level: &str| text.lines().filter(|line| line.starts_with(&format!("::{level} "))).count();
        let more = text.lines().find_map(|line| line.strip_prefix("::notice title=tfduty::"));
        let more = more.and_then(|more| more.split_once(" more").map(|(number, _)| number.to_owned()));
        ([number("error"), number("warning"), number("notice")], more)
    };
    assert_eq!(lines(10, 10, 10), ([10, 10, 10], None));
    assert_eq!(lines(12, 1, 0), ([10, 1, 1], Some("2".into())));
    // The notice that counts the rest is one of the ten.
    assert_eq!(lines(11, 0, 10), ([10, 0, 10], Some("2".into())));
    assert_eq!(lines(0, 0, 11), ([0, 0, 10], Some("2".into())));
}

#[test]
fn instances_of_one_block_are_one_annotation() {
    let mut sample = sample();
    sample.findings = (0..30).map(|index| found(&sample, &DETECTOR_DISABLED, &format!("aws_x.y[{index}]"))).collect();
    let text = written(&sample, &sample.report());
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("%0Aand 29 more instances: [1], [2]"), "{text}");
}

#[test]
fn no_text_of_an_input_makes_a_command() {
    let (sample, report) = hostile();
    let text = written(&sample, &report);
    let lines: Vec<&str> = text.lines().collect();
    let [problem, failed, undecided, summary] = lines[..] else { panic!("{text}") };
    for (line, level, title) in [
        (problem, "error", "tfduty"),
        (failed, "error", "detector-disabled"),
        (undecided, "notice", "list-bucket-unreadable (undecided)"),
    ] {
        let (properties, message) = line.strip_prefix("::").and_then(|rest| rest.split_once("::")).unwrap();
        let (given, properties) = properties.split_once(' ').unwrap();
        assert_eq!(given, level);
        let names: Vec<&str> = properties.split(',').map(|one| one.split_once('=').unwrap().0).collect();
        let known = ["file", "line", "endLine", "col", "title"];
        assert!(names.iter().all(|name| known.contains(name)), "{names:?}");
        assert!(properties.ends_with(&format!("title={title}")), "{properties}");
        // Nothing but our own lines, and no escape that an input wrote.
        assert!(message.contains("%250A") && !message.contains("z%0A"), "{message}");
    }
    assert!(summary.starts_with("error: 1 error; ") && !summary.contains("##["), "{summary}");
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\r']));
}
