use insta::assert_snapshot;
use tfduty_audit::{Command, DestroyItem, InputKind, Note, SuppressedBy, Suppression};

use super::*;
use crate::{
    Format, HumanOptions,
    samples::{
        DETECTOR_DISABLED, LIST_BUCKET_UNREADABLE, LIST_ENTRY_PRIVATE, Sample, failure, hostile, related, shown,
    },
};

const PLAN: &str = "{\"a\":\n {\"enable\":false}}";

fn sample() -> (Sample, Report) {
    let mut sample = Sample::new(InputKind::Plan, "plan.json", PLAN);
    sample.source = Some("resource \"aws_x\" \"y\" {\n  enable = false\n}\n".into());
    let anchor = sample.anchor("/a", "/a/enable", "off");
    let mut warning = failure(&LIST_ENTRY_PRIVATE, "aws_s3_object.o", "3 of 4 entries are private", anchor.clone());
    let mut suppressed = warning.clone();
    let reason = "on purpose | for `now`".into();
    suppressed.suppressed = Some(Suppression { by: SuppressedBy::Config, reason, until: Some("2027-01-01".into()) });
    warning.help = String::new();
    let mut error = failure(&DETECTOR_DISABLED, "aws_x.y[\"a|b\"]", "`enable` is off", anchor.clone());
    error.source = Some(sample.place("main.tf", "enable = false"));
    error.related.push(related("aws_x.z", "has no effect", anchor.clone()));
    let mut same = error.clone();
    same.address = Some("aws_x.y[\"c\"]".into());
    let mut undecided = failure(&LIST_BUCKET_UNREADABLE, "aws_s3_bucket.b", "is not known", anchor);
    undecided.verdict = FindingVerdict::Undecided;
    sample.findings = vec![warning, suppressed, error, same, undecided];
    let mut report = sample.report();
    report.notes = vec![Note::new(Some("plan.json".into()), "x", "a note")];
    let message = "cannot be read".to_owned();
    report.problems = vec![Problem { path: Some("x.json".into()), message, help: Some("mend it".into()), place: None }];
    (sample, report)
}

fn written(sample: &Sample, report: &Report) -> String {
    shown(Format::Markdown, report, sample, HumanOptions::default())
}

fn in_room(sample: &Sample, report: &Report, room: usize) -> String {
    page(report, sample, &Repository::default(), room)
}

#[test]
fn a_comment_says_everything_most_severe_first() {
    let (sample, report) = sample();
    assert_snapshot!(written(&sample, &report), @r#"
    <!-- tfduty check -->
    ## tfduty check: fail

    2 errors, 1 warning; 1 detector, 2 lists, 2 checks, 1 undecided, 1 suppressed, 1 problem

    ### Problems

    - `stacks/prod/x.json`: cannot be read<br>**Help:** mend it

    ### Failures

    | severity | rule | address | message | place |
    |---|---|---|---|---|
    | error | `detector-disabled` | <code>aws\_x.y\["a\|b"\]</code> | `enable` is off<br>and 1 more instance: \["c"\]<br>aws\_x.z: has no effect<br>**Help:** set enable = true | `stacks/prod/main.tf:2` |
    | warning | `list-entry-private` | `aws_s3_object.o` | 3 of 4 entries are private | `stacks/prod/plan.json:2`<br>no line of a `.tf` file is known: this is the place in the input |

    <details>
    <summary>1 undecided</summary>

    | rule | address | message |
    |---|---|---|
    | `list-bucket-unreadable` | `aws_s3_bucket.b` | is not known |

    </details>

    <details>
    <summary>1 suppressed</summary>

    | rule | address | by | until | reason |
    |---|---|---|---|---|
    | `list-entry-private` | `aws_s3_object.o` | tfduty.toml | 2027-01-01 | on purpose \| for `now` |

    </details>

    <details>
    <summary>1 note</summary>

    - `stacks/prod/plan.json`: a note

    </details>
    "#);
}

#[test]
fn what_is_undecided_is_not_collapsed_where_it_fails_the_run() {
    let (sample, mut report) = sample();
    report.strict = true;
    assert!(written(&sample, &report).contains("<details open>\n<summary>1 undecided</summary>"));
}

fn remain(address: &str, commands: &[&str]) -> Remain {
    let item = DestroyItem {
        path: "plan.json".into(),
        address: Some(address.into()),
        account: None,
        region: Some("eu-west-1".into()),
        resource_type: Some("aws_x".into()),
        id: Some("arn:aws:x".into()),
        rules: vec!["destroy-leftover"],
    };
    Remain { item, what: None, commands: commands.iter().map(|command| (*command).to_owned()).collect() }
}

#[test]
fn what_a_destroy_leaves_comes_with_its_commands() {
    let sample = Sample::new(InputKind::Plan, "plan.json", "{}");
    let mut report = sample.report();
    report.command = Command::Destroy;
    let mut summary = DestroySummary { is_done: true, ..DestroySummary::default() };
    summary.remains = vec![remain("aws_x.a", &["aws x delete --query '`[]`'", "echo ```"]), remain("aws_x.b", &[])];
    report.destroy = Some(summary);
    assert_snapshot!(written(&sample, &report), @r"
    <!-- tfduty destroy -->
    ## tfduty destroy: pass

    2 checks

    ### What the destroy does

    2 objects are left.

    <details>
    <summary>What stays, in an order in which it can be removed</summary>

    1. aws\_x.a in eu-west-1 \[destroy-leftover\]

       ````sh
       aws x delete --query '`[]`'
       echo ```
       ````
    1. aws\_x.b in eu-west-1 \[destroy-leftover\]
       find it by arn:aws:x

    </details>
    ");
    let many = DestroySummary { remains: vec![remain("aws_x.a", &[]); 23], ..DestroySummary::default() };
    report.destroy = Some(many);
    assert!(written(&sample, &report).contains("\n\nand 3 more\n\n</details>"));
}

#[test]
fn what_does_not_fit_is_left_out_with_a_sentence() {
    let (mut sample, _) = sample();
    let error = sample.findings[2].clone();
    for index in 0..2000 {
        let address = Some(format!("aws_x.y{index}"));
        sample.findings.push(Finding { address, source: None, message: "m".repeat(index), ..error.clone() });
    }
    let report = sample.report();
    for room in [LEAST, 4_000, 20_000, COMMENT] {
        let text = in_room(&sample, &report, room);
        assert!(text.len() <= room, "{} of {room}", text.len());
        let left_out: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("**Cut short:** ")?.split_once(' '))
            .map(|(number, _)| number.parse().unwrap())
            .unwrap();
        // 2000 errors and two instances that are one, a warning, one undecided, one suppressed.
        let rows = text.lines().filter(|line| line.starts_with("| error | ")).count();
        assert_eq!(rows + left_out, 2004, "{text}");
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    }
    let whole = in_room(&sample, &report, 1 << 24);
    assert!(!whole.contains("**Cut short:**") && whole.contains("1 suppressed"));
}

#[test]
fn no_name_without_an_end_pushes_the_others_out() {
    let (mut sample, _) = sample();
    let address = Some("x".repeat(COMMENT));
    let endless = Finding { address, message: "y".repeat(COMMENT), ..sample.findings[2].clone() };
    sample.findings.insert(0, endless);
    let text = written(&sample, &sample.report());
    assert!(text.contains("yyy…") && text.contains("is not known") && !text.contains("**Cut short:**"), "{text}");
}

#[test]
fn no_text_of_an_input_is_more_than_text() {
    let (sample, mut report) = hostile();
    let hostile = &sample.inputs[0].1;
    let remains = vec![remain(hostile, &[hostile])];
    report.destroy = Some(DestroySummary { remains, void: vec![hostile.clone()], ..DestroySummary::default() });
    let text = written(&sample, &report);
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\r']));
    for part in text.lines().filter(|line| !line.starts_with("   ")) {
        assert!(!part.replace("\\<", "").contains("<script"), "{part}");
        assert!(!part.contains("@octocat") && !part.contains("https://x"), "{part}");
        if part.starts_with("| error | ") {
            assert_eq!(part.replace("\\|", "").matches('|').count(), 6, "{part}");
        }
    }
    // Each of our own lines begins with something of ours.
    let ours = ["<", "#", "|", "- ", "1", "   ", "error", "no object", "::error::x\\\\n"];
    for line in text.lines().filter(|line| !line.is_empty()) {
        assert!(ours.iter().any(|start| line.starts_with(start)), "{line}");
    }
}

#[test]
fn standard_input_lies_in_no_folder() {
    let (sample, mut report) = sample();
    let place = Some(tfduty_terraform::Place { byte: 4, line: 2, column: 3 });
    let message = "no JSON".to_owned();
    report.problems = vec![Problem { path: Some("-".into()), message, help: None, place }];
    let shown = written(&sample, &report);
    assert!(shown.contains("- `-:2:3`: no JSON\n"), "{shown}");
}
