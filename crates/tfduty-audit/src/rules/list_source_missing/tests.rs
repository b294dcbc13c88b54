use std::slice;

use serde_json::{Value, json};

use crate::testing::{
    Run, block, change, check,
    content::{OBJECT, TRUSTED},
    created,
    lists::{module, object_at, plan_in, refers, set_at, with},
    plan_of, resource, state, unchanged,
};

const RULE: &str = "list-source-missing";
const PASSED: (u64, u64, u64, u64) = (1, 0, 0, 0);
const FAILED: (u64, u64, u64, u64) = (0, 1, 0, 0);
const UNDECIDED: (u64, u64, u64, u64) = (0, 0, 1, 0);
const SKIPPED: (u64, u64, u64, u64) = (0, 0, 0, 1);

const GOOD: &[u8] = b"8.8.8.8\n";

/// A configuration with the blocks of a set and its object.
const SOURCES: &str = r#"
resource "aws_s3_object" "o" {
  bucket = "lists"
  key    = "k"
  source = var.file
}
variable "file" {}
resource "aws_guardduty_ipset" "t" {
  location = "s3://lists/${aws_s3_object.o.key}"
}
"#;

fn blocks() -> [Value; 2] {
    [
        block(TRUSTED, json!({ "location": refers(&["aws_s3_object.o.key"]) })),
        block(OBJECT, json!({ "source": refers(&["var.file"]) })),
    ]
}

/// A plan that creates a set and an object with this source, and these beside them.
fn creates(source: &str, others: &[Value]) -> Value {
    let object = with(object_at("lists", "k"), json!({ "source": source }));
    let mut changes =
        vec![created(TRUSTED, set_at("s3://lists/k"), &["id"]), created(OBJECT, object, &["id", "etag", "version_id"])];
    changes.extend(others.iter().cloned());
    plan_of(&changes, &blocks())
}

/// A run over that plan and its configuration, whose folder holds these files.
fn run(source: &str, files: &[(&str, &[u8])]) -> Run {
    check(&creates(source, &[])).with_sources(&[("", SOURCES)]).with_files(files)
}

#[test]
fn fails_when_no_file_is_there() {
    for source in ["trusted.txt", "./trusted.txt", "lists/trusted.txt", "lists/../trusted.txt"] {
        assert_eq!(run(source, &[]).says(RULE), [format!("fail {OBJECT}")], "{source}");
        assert_eq!(run(source, &[("other.txt", GOOD)]).tally(RULE), FAILED, "{source}");
    }
    let places = run("trusted.txt", &[]).places(RULE);
    assert_eq!(places[0], "/resource_changes/1/change/after/source");
}

#[test]
fn passes_when_the_file_is_there() {
    for (source, path) in [
        ("trusted.txt", "trusted.txt"),
        ("./trusted.txt", "trusted.txt"),
        ("lists/trusted.txt", "lists/trusted.txt"),
        ("lists/../trusted.txt", "trusted.txt"),
        ("./lists//trusted.txt", "lists/trusted.txt"),
    ] {
        assert_eq!(run(source, &[(path, GOOD)]).tally(RULE), PASSED, "{source}");
        assert_eq!(run(source, &[(path, GOOD)]).tally("list-empty"), PASSED, "{source}");
        assert_eq!(run(source, &[(path, b"bad\n")]).tally("list-empty"), FAILED, "{source}");
    }
}

#[test]
fn where_the_file_is_missing_no_rule_judges_the_content() {
    for rule in [
        "list-format-mismatch",
        "list-empty",
        "list-entry-invalid",
        "list-entry-private",
        "list-entry-untidy",
        "list-trusted-broad",
    ] {
        assert_eq!(run("trusted.txt", &[]).tally(rule), SKIPPED, "{rule}");
    }
}

#[test]
fn a_file_with_the_same_name_elsewhere_is_named() {
    let files: &[(&str, &[u8])] = &[("lists/trusted.txt", GOOD), ("lists/threat.txt", GOOD)];
    let texts = run("trusted.txt", files).texts(RULE);
    assert!(texts.iter().any(|text| text.contains("lists/trusted.txt")), "{texts:#?}");
    assert!(!texts.iter().any(|text| text.contains("lists/threat.txt")), "{texts:#?}");
}

#[test]
fn undecided_when_sources_are_not_at_hand() {
    let without = || check(&creates("trusted.txt", &[]));
    assert_eq!(without().says(RULE), [format!("undecided {OBJECT}")]);
    // "Counted here, and `list-empty` is then skipped."
    assert_eq!(without().tally("list-empty"), SKIPPED);
    assert_eq!(without().tally("list-entry-invalid"), SKIPPED);
    // A configuration that does not hold the resource's block is not the one that was planned.
    let other = "resource \"aws_s3_object\" \"other\" {}\n";
    let elsewhere = || check(&creates("trusted.txt", &[])).with_sources(&[("", other)]).with_files(&[]);
    assert_eq!(elsewhere().tally(RULE), UNDECIDED);
}

#[test]
fn undecided_when_source_is_absolute_and_outside() {
    for source in ["/srv/lists/trusted.txt", "/trusted.txt"] {
        let files: &[(&str, &[u8])] = &[("trusted.txt", GOOD)];
        assert_eq!(run(source, files).tally(RULE), UNDECIDED, "{source}");
        assert_eq!(run(source, files).tally("list-empty"), SKIPPED, "{source}");
    }
}

#[test]
fn undecided_when_source_is_unknown() {
    let object = created(OBJECT, object_at("lists", "k"), &["source", "etag"]);
    let changes = [created(TRUSTED, set_at("s3://lists/k"), &[]), object];
    let run = || check(&plan_of(&changes, &blocks())).with_sources(&[("", SOURCES)]).with_files(&[]);
    assert_eq!(run().tally(RULE), UNDECIDED);
    assert_eq!(run().tally("list-empty"), SKIPPED);
}

#[test]
fn a_path_that_leaves_the_folder_is_not_followed() {
    for source in ["../trusted.txt", "lists/../../trusted.txt"] {
        let run = || run(source, &[("trusted.txt", b"10.0.0.1\n")]);
        assert_eq!(run().tally(RULE).0, 0, "{source}");
        assert_eq!(run().tally("list-entry-private"), SKIPPED, "{source}");
    }
}

#[test]
fn silent_when_there_is_only_a_state() {
    let object = with(object_at("lists", "k"), json!({ "source": "trusted.txt" }));
    let document = state(&[resource(OBJECT, object), resource(TRUSTED, set_at("s3://lists/k"))]);
    let runs = [check(&document), check(&document).with_sources(&[("", SOURCES)]).with_files(&[])];
    for run in runs {
        let (_, failed, undecided, _) = run.tally(RULE);
        assert_eq!((failed, undecided), (0, 0));
    }
    // The one place where its content is missed.
    assert_eq!(check(&document).tally("list-empty"), UNDECIDED);
}

#[test]
fn silent_when_another_resource_of_the_plan_generates_the_file() {
    for other in [
        created("local_file.f", json!({ "filename": "trusted.txt", "content": "8.8.8.8\n" }), &["id"]),
        created("local_file.f", json!({ "filename": "./trusted.txt", "content": "8.8.8.8\n" }), &["id"]),
        created("local_sensitive_file.f", json!({ "filename": "trusted.txt" }), &["id", "content"]),
        created("archive_file.f", json!({ "output_path": "trusted.txt", "type": "zip" }), &["id"]),
    ] {
        let run =
            || check(&creates("trusted.txt", slice::from_ref(&other))).with_sources(&[("", SOURCES)]).with_files(&[]);
        assert_eq!(run().says(RULE), [] as [&str; 0], "{other}");
    }
    let elsewhere = created("local_file.f", json!({ "filename": "lists/trusted.txt", "content": "" }), &["id"]);
    let run = check(&creates("trusted.txt", &[elsewhere])).with_sources(&[("", SOURCES)]).with_files(&[]);
    assert_eq!(run.tally(RULE), FAILED);
}

#[test]
fn an_object_is_judged_when_it_is_created_or_its_source_changes() {
    let source = |path: &str| with(object_at("lists", "k"), json!({ "source": path }));
    let judged = |object: Value| {
        let changes = [unchanged(TRUSTED, set_at("s3://lists/k")), object];
        let run = check(&plan_of(&changes, &blocks())).with_sources(&[("", SOURCES)]).with_files(&[]);
        let (_, failed, undecided, _) = run.tally(RULE);
        (failed, undecided)
    };
    let item = |actions: &[&str], before: Value, after: Value| change(OBJECT, actions, before, after, json!({}));
    assert_eq!(judged(item(&["update"], source("old.txt"), source("new.txt"))), (1, 0));
    assert_eq!(judged(item(&["delete", "create"], source("old.txt"), source("new.txt"))), (1, 0));
    assert_eq!(judged(item(&["no-op"], source("old.txt"), source("old.txt"))), (0, 0));
    let tagged = with(source("old.txt"), json!({ "tags": { "a": "b" } }));
    assert_eq!(judged(item(&["update"], source("old.txt"), tagged)), (0, 0));
}

#[test]
fn an_object_without_source_is_no_subject() {
    for attributes in [json!({ "content": "8.8.8.8\n" }), json!({ "content": "8.8.8.8\n", "source": "" })] {
        let object = created(OBJECT, with(object_at("lists", "k"), attributes), &["etag"]);
        let document = plan_of(&[created(TRUSTED, set_at("s3://lists/k"), &[]), object], &blocks());
        let (_, failed, undecided, _) = check(&document).with_sources(&[("", SOURCES)]).with_files(&[]).tally(RULE);
        assert_eq!((failed, undecided), (0, 0));
    }
}

#[test]
fn a_file_of_a_module_is_found() {
    let [set, object] = [TRUSTED, OBJECT].map(|address| format!("module.lists.{address}"));
    let values = with(object_at("lists", "k"), json!({ "source": "modules/lists/trusted.txt" }));
    let changes = [created(&set, set_at("s3://lists/k"), &["id"]), created(&object, values, &["id", "etag"])];
    let call = json!({ "source": "./modules/lists", "module": module(&blocks(), json!({})) });
    let document = plan_in(&changes, module(&[], json!({ "module_calls": { "lists": call } })));
    let sources = [("", "module \"lists\" {\n  source = \"./modules/lists\"\n}\n"), ("lists", SOURCES)];
    let run = |files: &[(&str, &[u8])]| check(&document).with_sources(&sources).with_files(files);
    assert_eq!(run(&[("modules/lists/trusted.txt", GOOD)]).tally(RULE), PASSED);
    assert_eq!(run(&[]).says(RULE), [format!("fail {object}")]);
}

#[test]
fn silent_when_another_resource_writes_the_file_however_the_path_is_written() {
    for (filename, source) in [
        ("./../lists/k.txt", "../lists/k.txt"),
        ("modules/m/../../out/k.txt", "out/k.txt"),
        ("/home/ci/stack/out/k.txt", "./out/k.txt"),
        ("out/k.txt", "/home/ci/stack/out/k.txt"),
    ] {
        let file = created("local_file.f", json!({ "filename": filename, "content": "8.8.8.8\n" }), &["id"]);
        let document = creates(source, slice::from_ref(&file));
        let run = check(&document).with_sources(&[("", SOURCES)]).with_files(&[]);
        assert_eq!(run.tally(RULE), PASSED, "{filename} {source}");
    }
    let file = created("local_file.f", json!({ "filename": "out/other.txt" }), &["id"]);
    let document = creates("out/k.txt", slice::from_ref(&file));
    assert_eq!(check(&document).with_sources(&[("", SOURCES)]).with_files(&[]).tally(RULE), FAILED);
}

#[test]
fn undecided_when_a_script_or_module_that_the_object_waits_for_may_write_the_file() {
    let waiting = |for_what: &str| {
        let mut document = creates("k.txt", &[]);
        document["configuration"]["root_module"]["resources"][1]["depends_on"] = json!([for_what]);
        check(&document).with_sources(&[("", SOURCES)]).with_files(&[])
    };
    for script in ["null_resource.fetch", "terraform_data.fetch", "module.fetch"] {
        assert_eq!(waiting(script).tally(RULE), UNDECIDED, "{script}");
        let message = waiting(script).messages(RULE).remove(0);
        assert!(message.contains(script), "{message}");
    }
    assert_eq!(waiting("aws_s3_bucket_versioning.b").tally(RULE), FAILED);
}
