use std::sync::LazyLock;

use serde_json::{Value, json};
use tfduty_audit::{
    Exactness, Finding, FindingVerdict, InputKind, Note, Problem, RULES, SourcePlace, SuppressedBy, Suppression, Tally,
};
use tfduty_terraform::{Place, is_hazard};

use super::{limits::choose_within, *};
use crate::{
    Format, HumanOptions,
    samples::{DETECTOR_DISABLED, LIST_ENTRY_PRIVATE, Sample, failure, hostile, notice, related, shown},
};

const PLAN: &str = "{\"é\":1,\"a\":\n {\"é\":\"ü\",\"enable\":false,\"text\":\"a\\nb\"}}";

static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    // Errata 01 mends an expression that is none.
    let schema = include_str!("../../tests/schemas/sarif-2.1.0.schema.json").replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap()
});

fn sample() -> Sample {
    let mut sample = Sample::new(InputKind::Plan, "plan.json", PLAN);
    sample.source = Some("# é\nresource \"aws_x\" \"y\" { /* é */ enable = false\n}\n".into());
    sample
}

/// The log, which fits the schema of the standard and what code scanning asks for besides.
fn log(report: &Report, texts: &dyn Texts) -> Value {
    let text = shown(Format::Sarif, report, texts, HumanOptions::default());
    assert_eq!(text.find(is_hazard), Some(text.len() - 1), "one line, without a control character");
    let log: Value = serde_json::from_str(&text).unwrap();
    let errors: Vec<String> =
        VALIDATOR.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new());
    for result in run_of(&log)["results"].as_array().unwrap() {
        assert_eq!(result["locations"].as_array().unwrap().len(), 1, "{result}");
        assert!(result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64() > Some(0), "{result}");
        let rule = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).unwrap();
        assert_eq!(run_of(&log)["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
    }
    log
}

fn run_of(log: &Value) -> &Value {
    &log["runs"][0]
}

/// What `finding` becomes.
fn result_of(sample: &Sample, finding: Finding) -> Value {
    let report = Report { findings: vec![finding], ..sample.report() };
    log(&report, sample)["runs"][0]["results"][0].clone()
}

#[test]
fn a_finding_is_where_the_configuration_writes_it() {
    let sample = sample();
    let enable = sample.anchor("/a", "/a/enable", "off");
    let mut finding = failure(&DETECTOR_DISABLED, "aws_x.y[\"](x)\"]", "it is off", enable);
    finding.source = Some(sample.place("é file.tf", "enable = false"));
    finding.holder = Some("aws_x.holder".into());
    let text = sample.anchor("/a", "/a/text", "text");
    finding.related = vec![related("aws_x.z", "see this", sample.inner(&text, "b"))];
    let related = |id: u64, column: u64, (end, offset): (u64, u64), (name, message): (&str, &str)| {
        json!({
            "id": id,
            "physicalLocation": {
                "artifactLocation": { "uri": "stacks/prod/plan.json", "uriBaseId": "%SRCROOT%" },
                "region": {
                    "startLine": 2, "startColumn": column, "endLine": 2, "endColumn": end,
                    "byteOffset": offset, "byteLength": end - column
                }
            },
            "logicalLocations": [{ "fullyQualifiedName": name, "kind": "resource" }],
            "message": { "text": message }
        })
    };
    assert_eq!(
        result_of(&sample, finding),
        json!({
            "ruleId": "detector-disabled",
            "ruleIndex": 0,
            "kind": "fail",
            "level": "error",
            "message": { "text": "aws_x.y[\"] (x)\"]: it is off\nhelp: set enable = true" },
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": { "uri": "stacks/prod/%C3%A9%20file.tf", "uriBaseId": "%SRCROOT%" },
                    "region": {
                        "startLine": 2, "startColumn": 32, "endLine": 2, "endColumn": 46,
                        "byteOffset": 37, "byteLength": 14
                    }
                },
                "logicalLocations": [
                    { "fullyQualifiedName": "aws_x.y[\"](x)\"]", "kind": "resource" },
                    { "fullyQualifiedName": "aws_x.holder", "kind": "resource" }
                ]
            }],
            "relatedLocations": [
                related(1, 20, (25, 34), ("aws_x.holder", "off")),
                related(2, 33, (39, 47), ("aws_x.z", "see this (line 2, column 1 of the text)"))
            ],
            "partialFingerprints": { "tfduty/v1": "sha256:00", "primaryLocationLineHash": "00:1" },
            "suppressions": [],
            "properties": { "account": "123456789012", "region": "eu-west-1" }
        })
    );
}

#[test]
fn a_place_that_is_not_the_cause_says_so() {
    let sample = sample();
    let enable = sample.anchor("/a", "/a/enable", "off");
    let finding = failure(&DETECTOR_DISABLED, "aws_x.y", "it is off", enable.clone());
    let text = |finding: Finding| result_of(&sample, finding)["message"]["text"].as_str().unwrap().to_owned();
    let remark = "no line of a `.tf` file is known: this is the place in the input";
    assert_eq!(text(finding.clone()), format!("aws_x.y: it is off ({remark})\nhelp: set enable = true"));
    for (exactness, words) in [
        (Exactness::Block, None),
        (Exactness::ModuleCall, Some("(made by this module,")),
        (Exactness::Provider, Some("(nothing can stand for what is absent:")),
    ] {
        let source = SourcePlace { exactness, ..sample.place("main.tf", "resource") };
        let text = text(Finding { source: Some(source), ..finding.clone() });
        assert_eq!(text.contains('('), words.is_some(), "{text}");
        assert!(words.is_none_or(|words| text.contains(words)), "{text}");
    }
}

#[test]
fn without_texts_lines_are_all_that_is_known() {
    let sample = sample();
    let mut finding = failure(&DETECTOR_DISABLED, "aws_x.y", "it is off", sample.anchor("/a", "/a/enable", "off"));
    let report = Report { findings: vec![finding.clone()], ..sample.report() };
    let region = |report: &Report| {
        let log = log(report, &Sample::default());
        log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"].clone()
    };
    assert_eq!(region(&report), json!({ "startLine": 1 }));
    finding.source = Some(sample.place("main.tf", "enable = false\n}"));
    let report = Report { findings: vec![finding], ..report };
    assert_eq!(region(&report), json!({ "startLine": 2, "endLine": 3 }));
}

#[test]
fn offsets_are_those_of_the_file() {
    let finding =
        |sample: &Sample| failure(&DETECTOR_DISABLED, "aws_x.y", "it is off", sample.anchor("/a", "/a/enable", "off"));
    let region = |sample: &Sample, report: Report| {
        let report = Report { findings: vec![finding(sample)], ..report };
        log(&report, sample)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"].clone()
    };
    // UTF-16 was transcribed.
    let sample = sample();
    let mut report = sample.report();
    report.inputs[0].bytes *= 2;
    assert_eq!(region(&sample, report), json!({ "startLine": 2, "startColumn": 20, "endLine": 2, "endColumn": 25 }));
    let archive = Sample::new(InputKind::SavedPlan, "tfplan", PLAN);
    assert_eq!(region(&archive, archive.report()), json!({ "startLine": 1 }));
}

#[test]
fn paths_are_those_of_the_repository_or_none() {
    let repository = Repository { root: "/srv/shop".into(), folder: "stacks/prod".into() };
    let location = |shown: &str| serde_json::to_value(locations::artifact(&repository, shown)).unwrap();
    for (shown, uri) in [
        ("a b/ü#?%:.tf", "stacks/prod/a%20b/%C3%BC%23%3F%25%3A.tf"),
        ("../shared/main.tf", "stacks/shared/main.tf"),
        ("/srv/shop/plan.json", "plan.json"),
    ] {
        assert_eq!(location(shown), json!({ "uri": uri, "uriBaseId": "%SRCROOT%" }), "{shown}");
    }
    let outside = |uri: &str, text: &str| json!({ "uri": uri, "description": { "text": text } });
    assert_eq!(location("-"), outside("-", "standard input"));
    assert_eq!(location("/home/jo/plan.json"), outside("plan.json", "a file outside of the repository"));
    assert_eq!(location("../../../x.tf"), outside("x.tf", "a file outside of the repository"));
}

#[test]
fn what_is_undecided_is_told_to_those_who_ask() {
    let sample = sample();
    let mut finding = failure(&DETECTOR_DISABLED, "aws_x.y", "known later", sample.anchor("/a", "/a/enable", ""));
    finding.verdict = FindingVerdict::Undecided;
    let mut report = Report { findings: vec![finding], ..sample.report() };
    let lax = log(&report, &sample);
    assert_eq!(run_of(&lax)["results"], json!([]));
    let notifications = &run_of(&lax)["invocations"][0]["toolExecutionNotifications"];
    let text = "1 undecided: with `--strict` it is among the results";
    assert_eq!(*notifications, json!([{ "level": "note", "message": { "text": text } }]));
    report.strict = true;
    let strict = log(&report, &sample);
    assert_eq!(run_of(&strict)["results"][0]["kind"], "open");
    assert_eq!(run_of(&strict)["results"][0]["level"], "none");
}

#[test]
fn what_is_suppressed_says_by_what() {
    let sample = sample();
    let finding = failure(&DETECTOR_DISABLED, "aws_x.y", "it is off", sample.anchor("/a", "/a/enable", ""));
    for (by, kind, name) in [
        (SuppressedBy::Comment, "inSource", "comment"),
        (SuppressedBy::Config, "external", "config"),
        (SuppressedBy::Baseline, "external", "baseline"),
    ] {
        let suppressed = Suppression { by, reason: "on purpose".into(), until: Some("2027-01-01".into()) };
        let result = result_of(&sample, Finding { suppressed: Some(suppressed), ..finding.clone() });
        let properties = json!({ "by": name, "until": "2027-01-01" });
        let expected =
            json!([{ "kind": kind, "status": "accepted", "justification": "on purpose", "properties": properties }]);
        assert_eq!(result["suppressions"], expected);
    }
}

#[test]
fn the_run_tells_how_it_went() {
    let sample = sample();
    let mut report = sample.report();
    report.verdict = Verdict::Error;
    report.preface = Some("a prediction".into());
    report.problems = vec![
        Problem {
            path: Some("x.json".into()),
            message: "not JSON: {0}".into(),
            help: Some("mend it".into()),
            place: Some(Place { byte: 9, line: 4, column: 7 }),
        },
        Problem { path: None, message: "no rule is left".into(), help: None, place: None },
    ];
    let note = |code| Note::new(None, code, "see");
    report.notes = vec![note("skipped"), note("history"), note("skipped"), notice()];
    let log = log(&report, &sample);
    let counts = json!({
        "level": "warning", "descriptor": { "id": "ignore-expired" },
        "message": { "text": "the ignore ran out\\n::error::x" },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": "stacks/prod/main.tf", "uriBaseId": "%SRCROOT%" },
            "region": { "startLine": 3 }
        } }]
    });
    let location = json!({ "physicalLocation": {
        "artifactLocation": { "uri": "stacks/prod/x.json", "uriBaseId": "%SRCROOT%" },
        "region": { "startLine": 4 }
    } });
    let note = |code: &str| json!({ "level": "note", "descriptor": { "id": code }, "message": { "text": "see" } });
    assert_eq!(
        run_of(&log)["invocations"],
        json!([{
            "executionSuccessful": false,
            "exitCode": 2,
            "exitCodeDescription": "error",
            "ruleConfigurationOverrides": [],
            "toolExecutionNotifications": [
                { "level": "error", "message": { "text": "not JSON: {{0}}\nhelp: mend it" }, "locations": [location] },
                { "level": "error", "message": { "text": "no rule is left" } },
                { "level": "note", "message": { "text": "a prediction" } }
            ],
            "toolConfigurationNotifications": [note("skipped"), note("history"), note("skipped"), counts]
        }])
    );
    assert_eq!(
        run_of(&log)["tool"]["driver"]["notifications"],
        json!([{ "id": "history" }, { "id": "ignore-expired" }, { "id": "skipped" }])
    );
    assert_eq!(run_of(&log)["artifacts"][0]["length"], PLAN.len());
}

#[test]
fn every_rule_has_a_page_and_fits_what_code_scanning_takes() {
    let sample = sample();
    let mut report = sample.report();
    let tally = |rule: &&'static Rule| Tally { rule, passed: 0, failed: 0, undecided: 0, skipped: 0 };
    report.rules = RULES.iter().map(tally).collect();
    let log = log(&report, &sample);
    let rules = run_of(&log)["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), RULES.len());
    for (entry, rule) in rules.iter().zip(RULES) {
        assert_eq!(entry["id"], rule.id);
        assert_eq!(entry["shortDescription"]["text"], rule.summary());
        let why = entry["fullDescription"]["text"].as_str().unwrap();
        assert!((20..=1024).contains(&why.chars().count()) && !why.contains('\n'), "{}: {why}", rule.id);
        let help = entry["help"]["markdown"].as_str().unwrap();
        assert!(help.contains("## How to fix it") && !help.contains("```json "), "{}", rule.id);
        let tags = entry["properties"]["tags"].as_array().unwrap();
        assert!(tags.len() <= 20 && tags.contains(&json!(rule.family())), "{}", rule.id);
        assert_eq!(tags.contains(&json!("security")), rule.family() != "destroy", "{}", rule.id);
        let score = entry["properties"]["security-severity"].as_str().unwrap();
        let score: f64 = score.parse().unwrap();
        let range = match rule.severity {
            Severity::Error => 7.0..9.0,
            Severity::Warning => 4.0..7.0,
            Severity::Advice => 0.1..4.0,
        };
        assert!(range.contains(&score), "{}", rule.id);
        assert_eq!(entry["defaultConfiguration"]["level"], rules::level(rule.severity));
    }
}

#[test]
fn the_severity_of_the_configuration_is_that_of_the_alert() {
    let sample = sample();
    let mut finding = failure(&LIST_ENTRY_PRIVATE, "aws_x.y", "private", sample.anchor("/a", "/a/enable", ""));
    finding.severity = Severity::Error;
    let log = log(&Report { findings: vec![finding], ..sample.report() }, &sample);
    let run = run_of(&log);
    assert_eq!(run["results"][0]["level"], "error");
    assert_eq!(run["tool"]["driver"]["rules"][1]["defaultConfiguration"]["level"], "warning");
    assert_eq!(run["tool"]["driver"]["rules"][1]["properties"]["security-severity"], "8.0");
    assert_eq!(
        run["invocations"][0]["ruleConfigurationOverrides"],
        json!([{ "descriptor": { "id": "list-entry-private", "index": 1 }, "configuration": { "level": "error" } }])
    );
}

#[test]
fn each_folder_has_a_category_of_its_own() {
    let id = |paths: &[&str]| {
        let inputs = paths.iter().map(|path| (InputKind::State, (*path).to_owned(), None)).collect();
        let sample = Sample { inputs, ..Sample::default() };
        let log = log(&sample.report(), &sample);
        run_of(&log)["automationDetails"]["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(id(&[]), "tfduty/check/stacks/prod/");
    assert_eq!(id(&["-"]), "tfduty/check/stacks/prod/");
    assert_eq!(id(&["a/plan.json"]), "tfduty/check/stacks/prod/a/");
    assert_eq!(id(&["a/plan.json", "ab/plan.json"]), "tfduty/check/stacks/prod/");
    assert_eq!(id(&["a/plan.json", "../dev/plan.json"]), "tfduty/check/stacks/");
    assert_eq!(id(&["a/plan.json", "../../plan.json"]), "tfduty/check/");
}

#[test]
fn the_most_severe_are_kept_where_not_all_have_room() {
    let mut sample = sample();
    let finding = |severity, address: &str| Finding {
        severity,
        ..failure(&DETECTOR_DISABLED, address, "it is off", sample.anchor("/a", "/a/enable", ""))
    };
    let mut suppressed = finding(Severity::Error, "a");
    suppressed.suppressed = Some(Suppression { by: SuppressedBy::Config, reason: "x".into(), until: None });
    let mut undecided = finding(Severity::Error, "b");
    undecided.verdict = FindingVerdict::Undecided;
    let findings = vec![
        suppressed,
        undecided,
        finding(Severity::Advice, "c"),
        finding(Severity::Error, "d"),
        finding(Severity::Warning, "e"),
        finding(Severity::Error, "f"),
    ];
    sample.findings = findings;
    let report = Report { strict: true, ..sample.report() };
    let repository = Repository::default();
    let scene = Scene::new(&report, &sample, &repository);
    let kept = |limits| choose_within(&scene, limits).kept;
    let bytes = usize::MAX;
    assert_eq!(kept((6, bytes)), [0, 1, 2, 3, 4, 5]);
    assert_eq!(kept((5, bytes)), [1, 2, 3, 4, 5], "what is suppressed goes first");
    assert_eq!(kept((4, bytes)), [2, 3, 4, 5], "then what is undecided");
    assert_eq!(kept((3, bytes)), [3, 4, 5]);
    assert_eq!(kept((1, bytes)), [3]);
    let all = choose_within(&scene, (6, bytes));
    let mut written = Vec::new();
    print(&Results { scene: &scene, kept: &all.kept }, &mut written).unwrap();
    // A comma or bracket before each, and one bracket behind them.
    let bytes = written.len() - 1;
    assert_eq!(kept((6, bytes)).len(), 6);
    assert_eq!(kept((6, bytes - 1)), [1, 2, 3, 4, 5], "bytes count too");
    assert_eq!(kept((6, 0)), Vec::<usize>::new());
    assert_eq!(choose_within(&scene, (2, bytes)).left_out, 4);
}

#[test]
fn what_is_left_out_is_told() {
    let sample = sample();
    let finding = failure(&DETECTOR_DISABLED, "aws_x.y", "it is off", sample.anchor("/a", "/a/enable", ""));
    let mut crowded = finding.clone();
    crowded.related = vec![related("aws_x.z", "see this", sample.anchor("/a", "/a", "")); 1200];
    let log = log(&Report { findings: vec![crowded], ..sample.report() }, &sample);
    assert_eq!(run_of(&log)["results"][0]["relatedLocations"].as_array().unwrap().len(), 999);
    let text = "not all related places of 1 result are shown";
    assert_eq!(run_of(&log)["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"], text);
    let many = Report { findings: vec![finding; 25_001], ..sample.report() };
    let repository = Repository::default();
    let scene = Scene::new(&many, &sample, &repository);
    let choice = limits::choose(&scene);
    assert_eq!((choice.kept.len(), choice.left_out), (25_000, 1));
    let notifications = serde_json::to_value(notifications::of_execution(&scene, &choice)).unwrap();
    let text = notifications[0]["message"]["text"].as_str().unwrap();
    assert!(text.starts_with("1 finding left out, the least severe: "), "{text}");
}

#[test]
fn hostile_names_stay_text() {
    let (sample, report) = hostile();
    for strict in [false, true] {
        let log = log(&Report { strict, ..report.clone() }, &sample).to_string();
        assert!(!log.contains("](") && !log.contains("/srv/shop"), "{log}");
    }
}

#[test]
fn viewers_show_texts_as_they_are() {
    for (text, shown) in [
        ("a {0} b {12}", "a {{0}} b {{12}}"),
        ("{ test = \"x\" } {} {a} {1", "{ test = \"x\" } {} {a} {1"),
        ("{{0}}", "{{{0}}}"),
        ("[a](b) [0](1)", "[a] (b) [0] (1)"),
        ("a[0] (b)", "a[0] (b)"),
    ] {
        assert_eq!(results::literal(text), shown);
    }
}

#[test]
fn inputs_that_look_the_same_are_listed_once() {
    let mut sample = Sample::new(InputKind::Plan, "/srv/dev/plan.json", PLAN);
    sample.inputs.push((InputKind::Plan, "/srv/prod/plan.json".into(), Some(PLAN.into())));
    sample.inputs.push((InputKind::Plan, "plan.json".into(), Some(PLAN.into())));
    let log = log(&sample.report(), &sample);
    let uris: Vec<&Value> =
        run_of(&log)["artifacts"].as_array().unwrap().iter().map(|artifact| &artifact["location"]["uri"]).collect();
    assert_eq!(uris, ["plan.json", "stacks/prod/plan.json"]);
}
