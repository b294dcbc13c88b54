use insta::assert_snapshot;
use serde_json::{Value, json};
use tfduty_audit::{Cell, InputKind, InputRole, InputSummary, Note, Problem, Row, Source};

use super::*;
use crate::{Detail, SCHEMA, Style};

/// Two accounts: of the first a region with a detector and one without, of the second nothing is known.
fn matrix() -> Matrix {
    Matrix {
        inputs: vec![InputSummary {
            path: "a/plan.json".into(),
            kind: InputKind::Plan,
            role: InputRole::Judged,
            format_version: Some("1.2".into()),
            terraform_version: None,
            resources: 3,
            bytes: 100,
        }],
        problems: Vec::new(),
        notes: vec![Note::new(Some("a/plan.json".into()), "passed-over", "a note")],
        rows: vec![
            row("111111111111", "eu-west-1", |column| match column {
                Column::Detector => (State::Yes, "aws_guardduty_detector.d is on"),
                Column::Alerts => (State::No, "no event rule of the inputs picks its findings up"),
                Column::Rds | Column::Lambda => (State::Unknown, "nothing declares it"),
                _ => (State::Yes, "it is there"),
            }),
            row("111111111111", "us-east-1", |column| match column {
                Column::Detector => (State::No, "`module.m[\"a|b\"]` <b>has</b> no *instance*"),
                _ => (State::NotApplicable, "there is no detector"),
            }),
            row("222222222222", "eu-west-1", |_| (State::Unknown, "no input has its state")),
        ],
    }
}

fn row(account: &str, region: &str, cell: impl Fn(Column) -> (State, &'static str)) -> Row {
    let cell = |column| {
        let (state, reason) = cell(column);
        let source = Source { path: "a/plan.json".into(), address: "aws_guardduty_detector.d".into() };
        let sources = if state == State::Yes { vec![source] } else { Vec::new() };
        Cell { column, state, reason: reason.into(), sources }
    };
    Row {
        account: Some(account.into()),
        account_name: account.into(),
        region: Some(region.into()),
        region_name: region.into(),
        expected: region == "us-east-1",
        cells: Column::ALL.map(cell).into(),
    }
}

fn shown(format: CoverageFormat, matrix: &Matrix, options: HumanOptions) -> String {
    let mut out = Vec::new();
    write_coverage(format, matrix, &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn human(options: HumanOptions) -> String {
    shown(CoverageFormat::Human, &matrix(), options)
}

#[test]
fn people_get_a_table_a_legend_and_reasons() {
    assert_snapshot!(human(HumanOptions::default()), @r#"
      region    detector S3 EKS EBS RDS Lambda runtime agents trusted threat alerts export org
    account 111111111111
      eu-west-1 yes      yes yes yes ?   ?      yes     yes    yes     yes    no     yes    yes
      us-east-1 no       –  –   –   –   –      –       –      –       –      –      –      –
    account 222222222222
      eu-west-1 ?        ?  ?   ?   ?   ?      ?       ?      ?       ?      ?      ?      ?

    yes: it is there, and works as far as the inputs tell; no: it is not, or does not work; ?: the
      inputs do not tell; –: the question does not arise
    detector: a detector that is on; S3: protection plan for data events of S3; EKS: protection plan for
      audit logs of EKS; EBS: malware scans of EC2 volumes; RDS: protection plan for logins to RDS;
      Lambda: protection plan for network traffic of Lambda; runtime: Runtime Monitoring of EC2, ECS and
      EKS; agents: agents for it that GuardDuty manages; trusted: a trusted IP list that GuardDuty can
      read; threat: a threat list that GuardDuty can read; alerts: findings go to a target through
      EventBridge; export: findings are exported to a bucket; org: part of an organization, or a member
      of an administrator

    ? RDS, Lambda in 111111111111 eu-west-1: nothing declares it
    no alerts in 111111111111 eu-west-1: no event rule of the inputs picks its findings up
    no detector in 111111111111 us-east-1: `module.m["a|b"]` <b>has</b> no *instance*
    ? detector in 222222222222 eu-west-1: no input has its state

    note: a/plan.json: a note

    coverage: 3 accounts and regions, 1 with a detector, 1 without, 1 not known
    "#);
}

#[test]
fn the_table_of_a_wide_terminal_fits_a_hundred_columns() {
    let text = human(HumanOptions::default());
    let widest = text.lines().map(textwrap::core::display_width).max();
    assert!(widest <= Some(100), "{text}");
}

#[test]
fn a_narrow_terminal_gets_the_table_in_parts() {
    let text = human(HumanOptions { width: 80, detail: Detail::Quiet, ..HumanOptions::default() });
    assert_snapshot!(text, @"
      region    detector S3 EKS EBS RDS Lambda runtime agents trusted threat alerts
    account 111111111111
      eu-west-1 yes      yes yes yes ?   ?      yes     yes    yes     yes    no
      us-east-1 no       –  –   –   –   –      –       –      –       –      –
    account 222222222222
      eu-west-1 ?        ?  ?   ?   ?   ?      ?       ?      ?       ?      ?

      region    export org
    account 111111111111
      eu-west-1 yes    yes
      us-east-1 –      –
    account 222222222222
      eu-west-1 ?      ?

    coverage: 3 accounts and regions, 1 with a detector, 1 without, 1 not known
    ");
    assert!(text.lines().all(|line| textwrap::core::display_width(line) <= 80));
}

#[test]
fn lines_break_at_spaces_alone() {
    let mut matrix = matrix();
    matrix.rows = (0..40).map(|n| row(&format!("{n:012}"), "ap-northeast-1", |_| (State::No, "none"))).collect();
    for width in 60..100 {
        let text = shown(CoverageFormat::Human, &matrix, HumanOptions { width, ..HumanOptions::default() });
        assert!(text.lines().all(|line| !line.ends_with('-')), "{width}\n{text}");
    }
}

#[test]
fn ears_get_sentences() {
    let options = HumanOptions { style: Style::Narrated, detail: Detail::Quiet, ..HumanOptions::default() };
    assert_snapshot!(human(options), @"
    account 111111111111, region eu-west-1: detector yes, S3 yes, EKS yes, EBS yes, RDS not known, Lambda not known, runtime yes, agents yes, trusted yes, threat yes, alerts no, export yes, org yes
    account 111111111111, region us-east-1: detector no, S3 does not apply, EKS does not apply, EBS does not apply, RDS does not apply, Lambda does not apply, runtime does not apply, agents does not apply, trusted does not apply, threat does not apply, alerts does not apply, export does not apply, org does not apply
    account 222222222222, region eu-west-1: detector not known, S3 not known, EKS not known, EBS not known, RDS not known, Lambda not known, runtime not known, agents not known, trusted not known, threat not known, alerts not known, export not known, org not known

    coverage: 3 accounts and regions, 1 with a detector, 1 without, 1 not known
    ");
}

#[test]
fn a_verbose_page_says_where_a_yes_comes_from() {
    let text = human(HumanOptions { detail: Detail::Verbose, ..HumanOptions::default() });
    assert!(text.contains("\nyes detector in 111111111111 eu-west-1: aws_guardduty_detector.d is on\n"), "{text}");
}

#[test]
fn colours_do_not_move_the_table() {
    let plain = human(HumanOptions::default());
    let mut colored = human(HumanOptions { color: true, ..HumanOptions::default() });
    assert_ne!(plain, colored);
    for code in ["31", "32", "35", "36", "0"] {
        colored = colored.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(plain, colored);
}

#[test]
fn a_comment_gets_markdown_in_which_texts_stay_texts() {
    assert_snapshot!(shown(CoverageFormat::Markdown, &matrix(), HumanOptions::default()), @r#"
    ## GuardDuty coverage

    3 accounts and regions, 1 with a detector, 1 without, 1 not known

    ### account 111111111111

    | region | detector | S3 | EKS | EBS | RDS | Lambda | runtime | agents | trusted | threat | alerts | export | org |
    |---|---|---|---|---|---|---|---|---|---|---|---|---|---|
    | eu-west-1 | yes | yes | yes | yes | ? | ? | yes | yes | yes | yes | no | yes | yes |
    | us-east-1 | no | – | – | – | – | – | – | – | – | – | – | – | – |

    ### account 222222222222

    | region | detector | S3 | EKS | EBS | RDS | Lambda | runtime | agents | trusted | threat | alerts | export | org |
    |---|---|---|---|---|---|---|---|---|---|---|---|---|---|
    | eu-west-1 | ? | ? | ? | ? | ? | ? | ? | ? | ? | ? | ? | ? | ? |

    yes: it is there, and works as far as the inputs tell; no: it is not, or does not work; ?: the inputs do not tell; –: the question does not arise

    detector: a detector that is on; S3: protection plan for data events of S3; EKS: protection plan for audit logs of EKS; EBS: malware scans of EC2 volumes; RDS: protection plan for logins to RDS; Lambda: protection plan for network traffic of Lambda; runtime: Runtime Monitoring of EC2, ECS and EKS; agents: agents for it that GuardDuty manages; trusted: a trusted IP list that GuardDuty can read; threat: a threat list that GuardDuty can read; alerts: findings go to a target through EventBridge; export: findings are exported to a bucket; org: part of an organization, or a member of an administrator

    ### Why

    - ? RDS, Lambda in 111111111111 eu-west-1: nothing declares it
    - no alerts in 111111111111 eu-west-1: no event rule of the inputs picks its findings up
    - no detector in 111111111111 us-east-1: `module.m["a|b"]` \<b\>has\</b\> no \*instance\*
    - ? detector in 222222222222 eu-west-1: no input has its state

    ### Notes

    - a/plan.json: a note
    "#);
}

#[test]
fn programs_get_json_that_fits_its_schema() {
    let mut matrix = matrix();
    matrix.rows.truncate(1);
    matrix.problems.push(Problem { path: None, message: "a problem".into(), help: None, place: None });
    let text = shown(CoverageFormat::Json, &matrix, HumanOptions::default());
    let document: Value = serde_json::from_str(&text).unwrap();
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let schema = json!({ "$ref": "#/$defs/coverage", "$defs": schema["$defs"] });
    let schema = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        schema.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!((&document["exit_status"], &document["command"]), (&2.into(), &"coverage".into()));
    let mut row = document["rows"][0].clone();
    row["cells"] =
        json!({ "detector": row["cells"]["detector"], "rds-login-events": row["cells"]["rds-login-events"] });
    assert_snapshot!(serde_json::to_string_pretty(&row).unwrap(), @r#"
    {
      "account": "111111111111",
      "account_name": "111111111111",
      "cells": {
        "detector": {
          "reason": "aws_guardduty_detector.d is on",
          "sources": [
            {
              "address": "aws_guardduty_detector.d",
              "path": "a/plan.json"
            }
          ],
          "state": "yes"
        },
        "rds-login-events": {
          "reason": "nothing declares it",
          "sources": [],
          "state": "unknown"
        }
      },
      "expected": false,
      "region": "eu-west-1",
      "region_name": "eu-west-1"
    }
    "#);
}

#[test]
fn a_matrix_without_rows_says_so() {
    let matrix = Matrix { rows: Vec::new(), notes: Vec::new(), ..matrix() };
    let quiet = HumanOptions { detail: Detail::Quiet, ..HumanOptions::default() };
    assert_snapshot!(shown(CoverageFormat::Human, &matrix, quiet), @"
    no input tells of an account or a region, and tfduty.toml expects none

    coverage: 0 accounts and regions
    ");
    assert!(shown(CoverageFormat::Markdown, &matrix, quiet).contains("no input tells of an account"));
}

#[test]
fn control_characters_of_inputs_reach_no_output() {
    let mut matrix = matrix();
    matrix.rows[0].cells[0].reason = "\u{1b}[31m\u{202e}".into();
    matrix.rows[0].region_name = "\u{9b}31m".into();
    matrix.rows[0].cells[0].state = State::No;
    for format in [CoverageFormat::Human, CoverageFormat::Json, CoverageFormat::Markdown] {
        let text = shown(format, &matrix, HumanOptions::default());
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{format:?} {text}");
    }
}
