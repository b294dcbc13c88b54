//! `tfduty graph` over the estates: what leads to what, and what the report of `check` says of it.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

#[path = "report/secrets.rs"]
mod secrets;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use common::{fixtures, tfduty};

fn estate(name: &str) -> PathBuf {
    fixtures().join("estates").join(name)
}

/// Draws and reads the JSON.
fn graph(folder: &Path, arguments: &[&str]) -> Value {
    let run = tfduty(folder, &[&["graph", "--format", "json"], arguments].concat());
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(i64::from(run.status), document["exit_status"].as_i64().unwrap(), "{}", run.stderr);
    document
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The edges of a graph: `aws_guardduty_ipset.trusted reads aws_s3_object.trusted: holds`.
fn edges(graph: &Value) -> Vec<String> {
    let nodes = graph["nodes"].as_array().unwrap().iter().map(|node| (text(&node["id"]), text(&node["name"])));
    let names: BTreeMap<&str, &str> = nodes.collect();
    let edges = graph["edges"].as_array().unwrap().iter();
    edges
        .map(|edge| {
            let (from, to) = (names[text(&edge["from"])], names[text(&edge["to"])]);
            format!("{from} {} {to}: {}", text(&edge["relation"]), edge["verdict"].as_str().unwrap_or("null"))
        })
        .collect()
}

/// Every plan and state among the fixtures.
fn documents() -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(fixtures()).sort_by_file_name().into_iter();
    let paths = walk.map(|entry| entry.unwrap().into_path());
    paths.filter(|path| path.extension().is_some_and(|name| name == "json" || name == "tfstate")).collect()
}

fn named(path: &Path) -> (&Path, &str) {
    (path.parent().unwrap(), path.file_name().unwrap().to_str().unwrap())
}

#[test]
fn the_wired_estate_is_drawn_link_by_link() {
    let graph = graph(&estate("wired"), &["terraform.tfstate"]);
    assert_eq!(
        edges(&graph),
        [
            "aws_guardduty_detector.this trusted list aws_guardduty_ipset.trusted: holds",
            "aws_guardduty_ipset.trusted reads aws_s3_object.trusted: holds",
            "aws_s3_object.trusted lies in aws_s3_bucket.lists: holds",
            "aws_s3_bucket.lists policy aws_s3_bucket_policy.lists: holds",
            "aws_guardduty_detector.this threat list aws_guardduty_threatintelset.suspects: holds",
            "aws_guardduty_threatintelset.suspects reads aws_s3_object.suspects: holds",
            "aws_s3_object.suspects lies in aws_s3_bucket.lists: holds",
            "aws_guardduty_detector.this filtered by aws_guardduty_filter.quiet: holds",
            "aws_guardduty_detector.this exports aws_guardduty_publishing_destination.export: holds",
            "aws_guardduty_publishing_destination.export writes to aws_s3_bucket.export: holds",
            "aws_s3_bucket.export policy aws_s3_bucket_policy.export: holds",
            "aws_guardduty_publishing_destination.export encrypts with aws_kms_key.export: holds",
            "aws_guardduty_detector.this picked up by aws_cloudwatch_event_rule.findings: holds",
            "aws_cloudwatch_event_rule.findings sends to aws_sns_topic.alerts: holds",
            "aws_sns_topic.alerts policy aws_sns_topic_policy.alerts: holds",
            "aws_sns_topic.alerts tells aws_sns_topic_subscription.mail: holds",
            "aws_cloudwatch_event_rule.findings sends to aws_lambda_function.triage: holds",
        ]
    );
    assert_eq!(
        graph["nodes"][1],
        json!({
            "id": "n1", "kind": "object", "name": "aws_guardduty_ipset.trusted", "type": "aws_guardduty_ipset",
            "path": "terraform.tfstate", "module": "", "account": "123456789012", "region": "eu-west-1",
            "verdict": null, "findings": [],
        })
    );
    assert_eq!(
        graph["edges"][13],
        json!({
            "from": "n12", "to": "n13", "relation": "sends to", "by": "aws_cloudwatch_event_target.sns",
            "verdict": "holds", "findings": [],
        })
    );
}

#[test]
fn the_alert_path_of_the_wired_estate_is_a_picture() {
    let around = ["terraform.tfstate", "--around", "aws_sns_topic.alerts"];
    let run = tfduty(&estate("wired"), &[&["graph"], &around[..]].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(
        run.stdout,
        r#"flowchart LR
  n0{{"aws_guardduty_detector.this"}}
  n1["aws_cloudwatch_event_rule.findings"]
  n2["aws_sns_topic.alerts"]
  n3["aws_sns_topic_policy.alerts"]
  n4["aws_sns_topic_subscription.mail"]
  n0 -->|"picked up by ✓"| n1
  n1 -->|"sends to ✓"| n2
  n2 -->|"policy ✓"| n3
  n2 -->|"tells ✓"| n4
  classDef broken stroke:#d1242f,stroke-width:3px
  classDef undecided stroke:#9a6700,stroke-width:2px,stroke-dasharray:6 3
  classDef outside stroke-dasharray:2 2
  linkStyle 0,1,2,3 stroke:#1a7f37
"#
    );
    let run = tfduty(&estate("wired"), &[&["graph", "--format", "dot"], &around[..]].concat());
    assert_eq!(
        run.stdout,
        r##"digraph wiring {
  rankdir=LR;
  node [fontname="Helvetica", fontsize=11, shape=box, style=rounded];
  edge [fontname="Helvetica", fontsize=10];
  n0 [label="aws_guardduty_detector.this", shape=hexagon, style=""];
  n1 [label="aws_cloudwatch_event_rule.findings"];
  n2 [label="aws_sns_topic.alerts"];
  n3 [label="aws_sns_topic_policy.alerts"];
  n4 [label="aws_sns_topic_subscription.mail"];
  n0 -> n1 [label="picked up by ✓", color="#1a7f37"];
  n1 -> n2 [label="sends to ✓", color="#1a7f37"];
  n2 -> n3 [label="policy ✓", color="#1a7f37"];
  n2 -> n4 [label="tells ✓", color="#1a7f37"];
}
"##
    );
}

#[test]
fn what_is_broken_is_broken_in_every_format() {
    for (name, edge) in [
        ("broken-a-missing-key", "aws_guardduty_ipset.trusted reads no object guardduty/trusted-v2.txt: broken"),
        ("broken-b-policy-denies", "aws_s3_bucket.lists policy aws_s3_bucket_policy.lists: broken"),
        ("broken-c-kms", "aws_s3_object.trusted encrypted with aws_kms_key.lists: broken"),
        ("broken-f-inactive-set", "aws_guardduty_detector.this trusted list aws_guardduty_ipset.trusted: broken"),
    ] {
        let folder = estate(name);
        let drawn = edges(&graph(&folder, &["terraform.tfstate"]));
        assert!(drawn.iter().any(|drawn| drawn == edge), "{name}: {drawn:#?}");
        let chart = tfduty(&folder, &["graph", "terraform.tfstate"]).stdout;
        assert!(chart.contains(" --x|") && chart.contains("<br>✗ list-"), "{chart}");
        let dot = tfduty(&folder, &["graph", "terraform.tfstate", "--format", "dot"]).stdout;
        assert!(dot.contains("\\n✗ list-") && dot.contains(", style=bold, penwidth=3,"), "{dot}");
    }
}

/// Families of rules that are about the wiring.
const WIRING: [&str; 3] = ["detector-", "list-", "findings-"];

#[test]
fn the_picture_tells_what_the_report_tells() {
    let mut count = (0, 0);
    for path in documents() {
        let (folder, name) = named(&path);
        let drawn = graph(folder, &[name]);
        let report: Value = serde_json::from_str(&tfduty(folder, &["check", name, "--format", "json"]).stdout).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let reported: BTreeSet<&str> = findings.iter().map(|finding| text(&finding["fingerprint"])).collect();
        let parts = ["nodes", "edges"].map(|part| drawn[part].as_array().unwrap().iter());
        let mut told = BTreeSet::new();
        for part in parts.into_iter().flatten() {
            let own = part["findings"].as_array().unwrap();
            let worst = own.first().map(|finding| (text(&finding["verdict"]), text(&finding["severity"])));
            match part["verdict"].as_str() {
                Some("broken") => assert!(matches!(worst, Some(("fail", "error" | "warning"))), "{name}: {part}"),
                Some("undecided") => assert!(matches!(worst, Some(("undecided", _))), "{name}: {part}"),
                _ => assert!(own.iter().all(|finding| finding["severity"] == "advice"), "{name}: {part}"),
            }
            told.extend(own.iter().map(|finding| text(&finding["fingerprint"])));
            count.0 += own.len();
        }
        assert!(told.is_subset(&reported), "{}", path.display());
        for finding in findings {
            let is_wiring = WIRING.iter().any(|family| text(&finding["rule"]).starts_with(family));
            let is_object = !finding["address"].is_null() && finding["suppressed"].is_null();
            if is_wiring && is_object {
                assert!(told.contains(text(&finding["fingerprint"])), "{}: {finding:#}", path.display());
                count.1 += 1;
            }
        }
    }
    assert!(count.0 > 300 && count.1 > 150, "{count:?}");
}

#[test]
fn every_graph_fits_the_schema_whatever_the_number_of_threads() {
    let schema: Value = serde_json::from_str(&tfduty(&fixtures(), &["rules", "--schema"]).stdout).unwrap();
    let schema = json!({ "$ref": "#/$defs/graph", "$defs": schema["$defs"] });
    let schema = jsonschema::validator_for(&schema).unwrap();
    for path in documents() {
        let (folder, name) = named(&path);
        let drawn = graph(folder, &[name]);
        let errors: Vec<String> = schema.iter_errors(&drawn).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
        let ids: BTreeSet<&str> = drawn["nodes"].as_array().unwrap().iter().map(|node| text(&node["id"])).collect();
        for edge in drawn["edges"].as_array().unwrap() {
            assert!(ids.contains(text(&edge["from"])) && ids.contains(text(&edge["to"])), "{edge}");
        }
    }
    for format in ["mermaid", "dot", "json"] {
        let with = |jobs| tfduty(&fixtures(), &["graph", "estates", "--format", format, "--jobs", jobs]);
        assert_eq!(with("1").stdout, with("8").stdout);
    }
}

#[test]
fn around_keeps_what_is_connected() {
    let folder = estate("wired");
    let drawn = |address: &str| graph(&folder, &["terraform.tfstate", "--around", address]);
    assert_eq!(
        edges(&drawn("aws_guardduty_ipset.trusted")),
        [
            "aws_guardduty_detector.this trusted list aws_guardduty_ipset.trusted: holds",
            "aws_guardduty_ipset.trusted reads aws_s3_object.trusted: holds",
            "aws_s3_object.trusted lies in aws_s3_bucket.lists: holds",
            "aws_s3_bucket.lists policy aws_s3_bucket_policy.lists: holds",
        ]
    );
    // A target is no node, but makes a link.
    assert_eq!(
        edges(&drawn("aws_cloudwatch_event_target.triage")),
        [
            "aws_guardduty_detector.this picked up by aws_cloudwatch_event_rule.findings: holds",
            "aws_cloudwatch_event_rule.findings sends to aws_lambda_function.triage: holds",
        ]
    );
    let run = tfduty(&folder, &["graph", "terraform.tfstate", "--around", "aws_guardduty_ipset.truste"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, "flowchart LR\n  n0([\"nothing to draw\"])\n"));
    assert_eq!(
        run.stderr,
        "error: nothing that is drawn has the address `aws_guardduty_ipset.truste`\n  help: did you mean \
         `aws_guardduty_ipset.trusted`?\n"
    );
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_drawn() {
    let run = tfduty(&estate("wired"), &["graph", "terraform.tfstate", "missing.json"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.starts_with("error: missing.json: "), "{}", run.stderr);
    assert!(run.stdout.contains("aws_guardduty_ipset.trusted"), "{}", run.stdout);
    let empty = tempfile::tempdir().unwrap();
    let run = tfduty(empty.path(), &["graph"]);
    let check = tfduty(empty.path(), &["check", "--format", "json"]);
    let problem: Value = serde_json::from_str(&check.stdout).unwrap();
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains(text(&problem["problems"][0]["message"])), "{}", run.stderr);
}

#[test]
fn a_picture_goes_to_files_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(estate("wired").join("terraform.tfstate"), folder.path().join("terraform.tfstate")).unwrap();
    let outputs = ["--output", "dot=wiring.dot", "--output", "json=wiring.json"];
    let run = tfduty(folder.path(), &[&["graph", "terraform.tfstate"], &outputs[..]].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    for (file, format) in [("wiring.dot", "dot"), ("wiring.json", "json")] {
        let printed = tfduty(folder.path(), &["graph", "terraform.tfstate", "--format", format]).stdout;
        assert_eq!(fs::read_to_string(folder.path().join(file)).unwrap(), printed);
    }
    let run = tfduty(folder.path(), &["graph", "terraform.tfstate", "--output", "dot=no/wiring.dot"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.starts_with("error: no/wiring.dot: cannot be written"), "{}", run.stderr);
}

#[test]
fn many_modules_are_folded_and_json_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut state: Value =
        serde_json::from_str(&fs::read_to_string(estate("wired").join("terraform.tfstate")).unwrap()).unwrap();
    let resources = state["resources"].as_array().unwrap().clone();
    for module in 0..30 {
        let lists = ["aws_guardduty_threatintelset", "aws_s3_object"];
        for resource in resources.iter().filter(|it| it["name"] == "suspects" && lists.contains(&text(&it["type"]))) {
            let mut resource = resource.clone();
            resource["module"] = json!(format!("module.list[{module}]"));
            let text = resource.to_string().replace("guardduty/suspects", &format!("guardduty/{module}/suspects"));
            let resource: Value = serde_json::from_str(&text).unwrap();
            state["resources"].as_array_mut().unwrap().push(resource);
        }
    }
    fs::write(folder.path().join("terraform.tfstate"), state.to_string()).unwrap();
    let config = folder.path().join("tfduty.toml");
    fs::write(&config, "[rules.list-limits]\nseverity = \"off\"\n").unwrap();
    let chart = tfduty(folder.path(), &["graph", "terraform.tfstate"]).stdout;
    assert!(chart.contains("[[\"module.list#91;7#93;<br>"), "{chart}");
    assert!(chart.lines().filter(|line| line.contains("|\"")).count() <= 80, "{chart}");
    let whole = graph(folder.path(), &["terraform.tfstate"]);
    assert!(whole["nodes"].as_array().unwrap().len() > 60);
    let inside = tfduty(folder.path(), &["graph", "--around", "module.list[7].aws_guardduty_threatintelset.suspects"]);
    assert!(inside.stdout.contains("[\"aws_guardduty_threatintelset.suspects"), "{}", inside.stdout);
}

#[test]
fn a_hostile_key_stays_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = "a\"] --> n9\nend\n%%{init: {\"securityLevel\": \"loose\"}}%%\n  click n0 href \"javascript:x\" </script>\u{1b}[2J\\";
    let mut state: Value =
        serde_json::from_str(&fs::read_to_string(estate("wired").join("terraform.tfstate")).unwrap()).unwrap();
    for resource in state["resources"].as_array_mut().unwrap() {
        resource["instances"][0]["index_key"] = json!(hostile);
        if resource["type"] == "aws_guardduty_ipset" {
            resource["instances"][0]["attributes"]["location"] = json!(format!("s3://other-bucket/{hostile}"));
        }
    }
    fs::write(folder.path().join("terraform.tfstate"), state.to_string()).unwrap();
    let chart = tfduty(folder.path(), &["graph", "terraform.tfstate"]).stdout;
    let links = |text: &str| text.lines().filter(|line| line.contains("|\"")).count();
    assert_eq!(links(&chart), 17 + 1, "{chart}");
    for line in chart.lines() {
        let odd = ["end", "click", "%%", "]"].iter().any(|word| line.trim_start().starts_with(word));
        assert!(!odd && !line.contains("<script") && !line.contains('\u{1b}') && !line.contains("-->  n9"), "{line}");
        assert!(line.matches('"').count() <= 2, "{line}");
    }
    let dot = tfduty(folder.path(), &["graph", "terraform.tfstate", "--format", "dot"]).stdout;
    assert_eq!(dot.lines().filter(|line| line.contains("] -> ") || line.trim_start().starts_with("end")).count(), 0);
    assert!(dot.lines().all(|line| line.ends_with(['{', ';', '}'])), "{dot}");
    let drawn = graph(folder.path(), &["terraform.tfstate"]);
    assert!(drawn["nodes"].as_array().unwrap().iter().any(|node| text(&node["name"]).contains("click n0")));
}

#[test]
fn nothing_sensitive_is_shown() {
    let folder = estate("secrets");
    let marked = tempfile::tempdir().unwrap();
    let mut state: Value =
        serde_json::from_str(&fs::read_to_string(estate("wired").join("terraform.tfstate")).unwrap()).unwrap();
    secrets::mark_everything(&mut state);
    let mut telling = secrets::telling_values(&state);
    // What addresses are made of, and words.
    telling.retain(|secret| secret.bytes().any(|byte| byte.is_ascii_digit() || b"/:".contains(&byte)));
    fs::write(marked.path().join("terraform.tfstate"), state.to_string()).unwrap();
    for format in ["mermaid", "dot", "json"] {
        for file in ["plan.json", "terraform.tfstate"] {
            let run = tfduty(&folder, &["graph", file, "--format", format, "-v"]);
            for secret in &secrets::of_folder(&folder) {
                assert!(!run.stdout.contains(secret), "{file} {format} shows {secret:?}:\n{}", run.stdout);
            }
        }
        let run = tfduty(marked.path(), &["graph", "terraform.tfstate", "--format", format, "-v"]);
        for secret in &telling {
            assert!(!run.stdout.contains(secret), "{format} shows {secret:?}:\n{}", run.stdout);
        }
    }
}

#[test]
fn completions_and_the_man_page_know_the_command() {
    for arguments in [&["completions", "bash"][..], &["man"]] {
        let run = tfduty(&fixtures(), arguments);
        assert!(run.status == 0 && run.stdout.contains("graph"), "{arguments:?}");
    }
}
