use serde_json::{Value, json};

use crate::{
    InputKind, InputRole, Report,
    testing::{
        Run, block, change, check,
        content::{OBJECT, TRUSTED, read_by},
        created,
        lists::{object_at, refers, set_at, with},
        plan, plan_of, put, resource, state, unchanged,
    },
};

const EMPTY: &str = "list-empty";
const PASSED: (u64, u64, u64, u64) = (1, 0, 0, 0);
const FAILED: (u64, u64, u64, u64) = (0, 1, 0, 0);
const UNDECIDED: (u64, u64, u64, u64) = (0, 0, 1, 0);
const SKIPPED: (u64, u64, u64, u64) = (0, 0, 0, 1);

/// A plan with a set and an object of these attributes; names of attributes that are known only after apply.
fn planned(object: Value, unknown: &[&str]) -> Value {
    plan_of(
        &[
            created(TRUSTED, set_at("s3://lists/k"), &["id"]),
            created(OBJECT, with(object_at("lists", "k"), object), unknown),
        ],
        &[block(TRUSTED, json!({})), block(OBJECT, json!({ "content": refers(&["terraform_data.x.output"]) }))],
    )
}

#[test]
fn content_that_sources_tell_is_known() {
    let run = |expression: &str| {
        let text = format!(
            "locals {{\n  lines = [\"bad\", \"worse\"]\n}}\nvariable \"secret\" {{\n  sensitive = true\n  default = \"hush\"\n}}\n\
             resource \"aws_s3_object\" \"o\" {{\n  content = {expression}\n}}\nresource \"aws_guardduty_ipset\" \"t\" {{}}\n"
        );
        check(&planned(json!({}), &["content"])).with_sources(&[("", &text)])
    };
    assert_eq!(run("join(\"\\n\", local.lines)").tally(EMPTY), FAILED);
    assert_eq!(run("\"${join(\"\\n\", local.lines)}\\n8.8.8.8\"").tally(EMPTY), PASSED);
    assert_eq!(run("terraform_data.x.output").tally(EMPTY), UNDECIDED);
    // The document does not show the text: its lines are named.
    let finding = run("join(\"\\n\", local.lines)").finding(EMPTY);
    assert_eq!(finding.anchor.label, "line 1: `bad` is no IPv4 address or CIDR");
    assert_eq!(finding.anchor.inner, None);
}

#[test]
fn the_lines_of_base64_are_named() {
    let base64 = "YmFkCndvcnNlCg==";
    let run = || check(&read_by(&[(TRUSTED, "TXT")], json!({ "content_base64": base64 })));
    let finding = run().finding(EMPTY);
    assert!(finding.anchor.pointer.ends_with("/content_base64"));
    assert_eq!((finding.anchor.inner, finding.anchor.sensitive), (None, false));
    let labels: Vec<&str> = finding.related.iter().map(|related| &*related.message).collect();
    assert_eq!(labels, ["line 2: `worse` is no IPv4 address or CIDR", "read by this set"]);
    assert_eq!(check(&read_by(&[(TRUSTED, "TXT")], json!({ "content_base64": "no base64!" }))).tally(EMPTY), UNDECIDED);
}

#[test]
fn an_object_that_is_made_of_nothing_is_empty() {
    let nothing = json!({ "content": null, "content_base64": "", "source": null });
    assert_eq!(check(&planned(nothing.clone(), &["etag"])).tally(EMPTY), FAILED);
    // One that is there already may have been imported: then its content does not show.
    let there = |attributes: Value| check(&read_by(&[(TRUSTED, "TXT")], attributes)).tally(EMPTY);
    assert_eq!(there(nothing.clone()), UNDECIDED);
    assert_eq!(there(with(nothing, json!({ "etag": "d41d8cd98f00b204e9800998ecf8427e" }))), FAILED);
}

#[test]
fn a_copy_is_followed_by_reference() {
    let copy = "aws_s3_object_copy.c";
    let changes = |originals: &[&str]| {
        let mut changes = vec![
            created(TRUSTED, set_at("s3://lists/k"), &["id"]),
            created(copy, object_at("lists", "k"), &["source", "etag"]),
        ];
        let values = |key: &str| with(object_at("from", key), json!({ "content": "bad\n" }));
        changes.extend(originals.iter().map(|name| created(&format!("aws_s3_object.{name}"), values(name), &["id"])));
        changes
    };
    let judged = |references: &[&str]| {
        let blocks = [
            block(TRUSTED, json!({})),
            block(copy, json!({ "source": refers(references) })),
            block("aws_s3_object.a", json!({})),
            block("aws_s3_object.b", json!({})),
        ];
        check(&plan_of(&changes(&["a", "b"]), &blocks)).says(EMPTY)
    };
    assert_eq!(judged(&["aws_s3_object.a.bucket", "aws_s3_object.a.key"]), [format!("fail {copy}")]);
    assert_eq!(judged(&["aws_s3_object.a.key", "aws_s3_object.b.key"]), [format!("undecided {copy}")]);
    assert_eq!(judged(&["local.from"]), [format!("undecided {copy}")]);
}

#[test]
fn a_copy_that_is_older_than_its_original_is_not_known() {
    let run = |etag: &str, source: &str| {
        let copy = with(object_at("lists", "k"), json!({ "source": source, "etag": etag }));
        let original = with(object_at("from", "k"), json!({ "content": "bad\n" }));
        let (copy, original) = (resource("aws_s3_object_copy.c", copy), resource("aws_s3_object.original", original));
        check(&state(&[original, copy, resource(TRUSTED, set_at("s3://lists/k"))])).tally(EMPTY)
    };
    // The MD5 of "bad\n", and another one.
    assert_eq!(run("df207dc9143c6fabf60b69b9c3035103", "from/k"), FAILED);
    assert_eq!(run("4a4a1d4cc6eb4dfb9ea3ecbb7af0cc16", "from/k"), UNDECIDED);
    assert_eq!(run("", "from/k"), FAILED);
    assert_eq!(run("", "/from/k"), FAILED);
    // Another version of it may hold anything, and an access point is no bucket.
    assert_eq!(run("", "from/k?versionId=1"), UNDECIDED);
    assert_eq!(run("", "arn:aws:s3:eu-west-1:123456789012:accesspoint/p/object/k"), UNDECIDED);
}

/// A state with the lists of two sets in the same file.
fn shared(files: &[(&str, &[u8])]) -> Run {
    let object = |key: &str| with(object_at("lists", key), json!({ "source": "z/list.txt" }));
    check(&state(&[
        resource("aws_s3_object.a", object("a")),
        resource("aws_s3_object.b", object("b")),
        // Nobody reads it as a list.
        resource("aws_s3_object.c", with(object_at("lists", "c"), json!({ "source": "other.txt" }))),
        resource(TRUSTED, set_at("s3://lists/a")),
        resource("aws_guardduty_threatintelset.t", set_at("s3://lists/b")),
    ]))
    .with_files(files)
}

#[test]
fn files_are_inputs_of_the_report() {
    let files: &[(&str, &[u8])] = &[("z/list.txt", b"bad\n"), ("other.txt", b"bad\n")];
    let report = shared(files).report();
    let paths = |report: &Report| report.inputs.iter().map(|input| input.path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(&report), ["a/input.json", "z/list.txt"]);
    let input = &report.inputs[1];
    assert_eq!((input.kind, input.role, input.bytes, input.resources), (InputKind::List, InputRole::Evidence, 4, 0));
    let found: Vec<_> = report.findings.iter().filter(|finding| finding.rule.id == EMPTY).collect();
    assert_eq!(found.len(), 2);
    for finding in found {
        assert_eq!((finding.anchor.input, finding.anchor.pointer.as_str()), (1, ""));
        assert_eq!((finding.anchor.span.start, finding.anchor.span.end()), (0, 3));
        assert_eq!(finding.related[0].anchor.input, 0);
    }
}

#[test]
fn inputs_stay_sorted_and_findings_keep_their_places() {
    let own = |name: &str| {
        let object = with(object_at(name, "k"), json!({ "source": "list.txt" }));
        let set = with(set_at(&format!("s3://{name}/k")), json!({ "detector_id": name, "activate": false }));
        let document = state(&[resource("aws_s3_object.o", object), resource(TRUSTED, set)]);
        put(document, "/lineage", json!(name))
    };
    let report = check(&own("first"))
        .with_files(&[("list.txt", b"8.8.8.8\n")])
        .and("b/input.json", &own("second"))
        .with_files(&[("list.txt", b"8.8.8.8\n")])
        .and("z/input.json", &own("third"))
        .report();
    let paths: Vec<&str> = report.inputs.iter().map(|input| &*input.path).collect();
    assert_eq!(paths, ["a/input.json", "b/input.json", "list.txt", "z/input.json"]);
    let places = |rule: &str| {
        let findings = report.findings.iter().filter(|finding| finding.rule.id == rule);
        findings.map(|finding| finding.anchor.input).collect::<Vec<_>>()
    };
    assert_eq!(places("list-inactive"), [0, 1, 3]);
    assert_eq!(places(EMPTY), [3]);
}

#[test]
fn a_finding_keeps_its_identity_wherever_the_file_lies() {
    let fingerprint = |path: &str| {
        let document = read_by(&[(TRUSTED, "TXT")], json!({ "source": path }));
        check(&document).with_files(&[(path, b"bad\n")]).finding(EMPTY).fingerprint
    };
    assert_eq!(fingerprint("list.txt"), fingerprint("lists/list.txt"));
}

#[test]
fn a_file_that_is_too_large_is_for_list_limits_alone() {
    let bytes = b"8.8.8.8\n".repeat(4_587_521);
    let run = || shared(&[("z/list.txt", &bytes)]);
    let (_, failed, undecided, _) = run().tally("list-limits");
    assert_eq!((failed, undecided), (2, 0));
    assert_eq!(run().messages("list-limits")[0], "the list has 36700168 bytes: GuardDuty accepts 36700160");
    for rule in [EMPTY, "list-format-mismatch"] {
        assert_eq!(run().tally(rule), (0, 0, 0, 2), "{rule}");
    }
}

#[test]
fn what_the_plan_writes_is_not_known_before() {
    let judged = |maker: Value| {
        let object = with(object_at("lists", "k"), json!({ "source": "./k.txt" }));
        let changes = [created(TRUSTED, set_at("s3://lists/k"), &[]), created(OBJECT, object, &[]), maker];
        let run = || check(&plan(&changes)).with_files(&[("k.txt", b"8.8.8.8\n")]);
        (run().tally("list-source-missing"), run().tally(EMPTY))
    };
    let file = json!({ "filename": "k.txt", "content": "bad\n" });
    assert_eq!(judged(created("local_file.f", file.clone(), &["id"])), (PASSED, UNDECIDED));
    assert_eq!(judged(unchanged("local_file.f", file.clone())), (PASSED, PASSED));
    assert_eq!(judged(change("local_file.f", &["delete"], file, Value::Null, json!({}))), (PASSED, PASSED));
}

#[test]
fn undecided_when_the_file_may_be_written_by_a_resource() {
    let object = with(object_at("lists", "k"), json!({ "source": "k.txt" }));
    let changes = [
        created(TRUSTED, set_at("s3://lists/k"), &[]),
        created(OBJECT, object, &[]),
        created("local_file.f", json!({}), &["filename"]),
    ];
    assert_eq!(check(&plan(&changes)).with_files(&[]).tally("list-source-missing"), UNDECIDED);
}

#[test]
fn a_file_is_missing_however_it_is_encoded() {
    let run = || check(&planned(json!({ "source": "k.gz", "content_encoding": "gzip" }), &[])).with_files(&[]);
    assert_eq!(run().tally("list-source-missing"), FAILED);
    assert_eq!(run().tally(EMPTY), SKIPPED);
}

#[test]
fn the_path_of_a_sensitive_source_is_not_shown() {
    let mut document = read_by(&[(TRUSTED, "TXT")], json!({ "source": "hush.txt" }));
    document["resources"][0]["instances"][0]["sensitive_attributes"] =
        json!([[{ "type": "get_attr", "value": "source" }]]);
    let report = check(&document).with_files(&[("hush.txt", b"bad\n")]).report();
    assert_eq!(report.inputs.len(), 1);
    let finding = report.findings.iter().find(|finding| finding.rule.id == EMPTY).unwrap();
    assert!(!format!("{finding:?}").contains("hush"), "{finding:?}");
    assert_eq!(check(&document).tally("list-source-missing"), SKIPPED);
}
