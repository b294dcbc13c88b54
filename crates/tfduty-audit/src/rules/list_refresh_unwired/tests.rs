use serde_json::{Value, json};

use crate::testing::{
    Run, block, change, check,
    content::{OBJECT, TRUSTED},
    created,
    lists::{constant, object_at, refers, set_at, with},
    plan_of, resource, state, unchanged,
};

const RULE: &str = "list-refresh-unwired";
const PASSED: (u64, u64, u64, u64) = (1, 0, 0, 0);
const FAILED: (u64, u64, u64, u64) = (0, 1, 0, 0);
const SKIPPED: (u64, u64, u64, u64) = (0, 0, 0, 1);

const BUCKET: &str = "aws_s3_bucket.b";

/// A plan that creates a bucket, an object with these attributes and expressions, and a set.
fn creates(object: Value, expressions: Value) -> Value {
    let key = object["key"].as_str().unwrap_or("trusted.txt").to_owned();
    let changes = [
        created(BUCKET, json!({ "bucket": "lists" }), &["id"]),
        created(OBJECT, with(object_at("lists", "trusted.txt"), object), &["id", "etag", "version_id"]),
        created(TRUSTED, set_at(&format!("s3://lists/{key}")), &["id"]),
    ];
    let usual = json!({ "bucket": refers(&["aws_s3_bucket.b.id"]), "key": constant(json!("trusted.txt")) });
    let blocks = [
        block(BUCKET, json!({ "bucket": constant(json!("lists")) })),
        block(OBJECT, with(usual, expressions)),
        block(TRUSTED, json!({ "location": refers(&["aws_s3_object.o.bucket", "aws_s3_object.o.key"]) })),
    ];
    plan_of(&changes, &blocks)
}

#[test]
fn fails_when_the_object_uses_source_and_sets_nothing_that_follows_the_file() {
    let uploaded = |expressions: Value| {
        let source = json!({ "source": constant(json!("trusted.txt")) });
        check(&creates(json!({ "source": "trusted.txt" }), with(source, expressions)))
    };
    assert_eq!(uploaded(json!({})).says(RULE), [format!("fail {TRUSTED}")]);
    for (name, expected) in
        [("etag", PASSED), ("source_hash", PASSED), ("content", PASSED), ("tags", FAILED), ("content_type", FAILED)]
    {
        assert_eq!(uploaded(json!({ name: refers(&["local.x"]) })).tally(RULE), expected, "{name}");
    }
    let places = uploaded(json!({})).places(RULE);
    assert!(places.iter().any(|place| place == "/resource_changes/1/change/after/source"), "{places:?}");
}

#[test]
fn an_object_with_content_follows_it() {
    let document = creates(json!({ "content": "8.8.8.8\n" }), json!({ "content": refers(&["local.trusted"]) }));
    assert_eq!(check(&document).tally(RULE), PASSED);
    let base64 =
        creates(json!({ "content_base64": "OC44LjguOAo=" }), json!({ "content_base64": refers(&["local.x"]) }));
    assert_eq!(check(&base64).tally(RULE), PASSED);
}

#[test]
fn without_sources_a_location_that_stays_the_same_passes_with_a_note() {
    let document = creates(json!({ "content": "8.8.8.8\n" }), json!({ "content": refers(&["local.trusted"]) }));
    assert_eq!(check(&document).tally(RULE), PASSED);
    let notes = check(&document).report().notes;
    assert!(notes.iter().any(|note| note.message.contains("replace_triggered_by")), "{notes:?}");
}

/// The verdict with sources: of the object its arguments besides `bucket`, of the set its location and what follows.
fn written(object: &str, location: &str, more: &str) -> (u64, u64, u64, u64) {
    let (attributes, expressions) = if object.contains("source_hash") {
        let expressions = json!({ "source": refers(&["local.file"]), "source_hash": refers(&["local.file"]) });
        (json!({ "source": "trusted.txt", "source_hash": "12ab" }), expressions)
    } else {
        (json!({ "content": "8.8.8.8\n" }), json!({ "content": refers(&["local.trusted"]) }))
    };
    let expressions = with(expressions, json!({ "key": refers(&["local.trusted"]) }));
    let mut document = creates(attributes, expressions);
    let load = block("terraform_data.load", json!({ "input": refers(&["aws_s3_object.o.etag"]) }));
    document["configuration"]["root_module"]["resources"].as_array_mut().unwrap().push(load);
    let text = format!(
        r#"
locals {{
  trusted = "8.8.8.8\n"
  file    = "trusted.txt"
  hash    = md5(local.trusted)
  named   = "trusted-${{local.hash}}.txt"
}}
resource "aws_s3_bucket" "b" {{
  bucket = "lists"
}}
resource "aws_s3_object" "o" {{
  bucket = aws_s3_bucket.b.id
  {object}
}}
resource "terraform_data" "load" {{
  input = aws_s3_object.o.etag
}}
resource "aws_guardduty_ipset" "t" {{
  location = {location}
  {more}
}}
"#
    );
    check(&document).with_sources(&[("", &text)]).tally(RULE)
}

const LOCATION: &str = "\"s3://${aws_s3_object.o.bucket}/${aws_s3_object.o.key}\"";

#[test]
fn fails_when_location_is_the_same_whatever_the_content() {
    for object in [
        "key = \"trusted.txt\"\n  content = local.trusted",
        "key = local.file\n  content = local.trusted",
        // "A file name that both share is no dependency."
        "key = \"lists/${local.file}\"\n  source = \"lists/${local.file}\"\n  source_hash = filemd5(local.file)",
        "key = basename(local.file)\n  source = local.file\n  source_hash = filemd5(local.file)",
    ] {
        assert_eq!(written(object, LOCATION, ""), FAILED, "{object}");
    }
}

#[test]
fn silent_when_the_key_holds_a_hash_function_of_the_content() {
    for object in [
        "key = \"trusted-${md5(local.trusted)}.txt\"\n  content = local.trusted",
        "key = \"trusted-${sha256(local.trusted)}.txt\"\n  content = local.trusted",
        "key = \"trusted-${substr(sha1(local.trusted), 0, 8)}.txt\"\n  content = local.trusted",
        "key = local.named\n  content = local.trusted",
        "key = format(\"trusted-%s.txt\", local.hash)\n  content = local.trusted",
        "key = \"trusted-${filemd5(local.file)}.txt\"\n  source = local.file\n  source_hash = filemd5(local.file)",
        "key = \"${filesha256(local.file)}.txt\"\n  source = local.file\n  source_hash = filemd5(local.file)",
    ] {
        assert_eq!(written(object, LOCATION, ""), PASSED, "{object}");
    }
}

#[test]
fn replace_triggered_by_that_reaches_the_object_wires_it() {
    let object = "key = \"trusted.txt\"\n  content = local.trusted";
    for (triggers, expected) in [
        ("aws_s3_object.o", PASSED),
        ("aws_s3_object.o.etag", PASSED),
        ("aws_s3_bucket.b, aws_s3_object.o", PASSED),
        // It changes with the object.
        ("terraform_data.load", PASSED),
        ("aws_s3_bucket.b", FAILED),
    ] {
        let lifecycle = format!("lifecycle {{\n    replace_triggered_by = [{triggers}]\n  }}");
        assert_eq!(written(object, LOCATION, &lifecycle), expected, "{triggers}");
    }
    assert_eq!(written(object, LOCATION, "lifecycle {\n    create_before_destroy = true\n  }"), FAILED);
}

#[test]
fn a_location_that_refers_to_version_id_or_etag_changes_with_the_content() {
    for name in ["version_id", "etag"] {
        let references = ["aws_s3_object.o.key".to_owned(), format!("aws_s3_object.o.{name}")];
        let references: Vec<&str> = references.iter().map(String::as_str).collect();
        let mut document = creates(json!({ "content": "8.8.8.8\n" }), json!({ "content": refers(&["local.trusted"]) }));
        document["resource_changes"][2] = created(TRUSTED, set_at(""), &["id", "location"]);
        document["configuration"]["root_module"]["resources"][2] =
            block(TRUSTED, json!({ "location": refers(&references) }));
        let text = format!(
            "resource \"aws_s3_object\" \"o\" {{\n  key = \"trusted.txt\"\n  content = \"8.8.8.8\"\n}}\nresource \"aws_guardduty_ipset\" \"t\" {{\n  location = \"s3://lists/${{aws_s3_object.o.key}}?v=${{aws_s3_object.o.{name}}}\"\n}}\n"
        );
        let (_, failed, undecided, _) = check(&document).with_sources(&[("", &text)]).tally(RULE);
        assert_eq!((failed, undecided), (0, 0), "{name}");
    }
}

/// A plan of an existing object that is uploaded by `source` alone, with these items for bucket, object and set.
fn exists(items: &[Value]) -> Run {
    let blocks = [
        block(BUCKET, json!({})),
        block(OBJECT, json!({ "source": constant(json!("trusted.txt")) })),
        block(TRUSTED, json!({ "location": refers(&["aws_s3_object.o.key"]) })),
    ];
    check(&plan_of(items, &blocks))
}

fn bucket() -> Value {
    unchanged(BUCKET, json!({ "id": "lists", "bucket": "lists" }))
}

fn object(others: Value) -> Value {
    with(object_at("lists", "trusted.txt"), with(json!({ "source": "trusted.txt" }), others))
}

fn set(others: Value) -> Value {
    with(set_at("s3://lists/trusted.txt"), others)
}

#[test]
fn what_a_plan_leaves_alone_is_judged_too() {
    let items = [bucket(), unchanged(OBJECT, object(json!({}))), unchanged(TRUSTED, set(json!({})))];
    assert_eq!(exists(&items).tally(RULE), FAILED);
}

#[test]
fn silent_when_list_stale_failed() {
    let update = change(
        OBJECT,
        &["update"],
        object(json!({ "source_hash": "1" })),
        object(json!({ "source_hash": "2" })),
        json!({}),
    );
    let items = [bucket(), update, unchanged(TRUSTED, set(json!({})))];
    assert_eq!(exists(&items).tally("list-stale"), FAILED);
    assert_eq!(exists(&items).tally(RULE), SKIPPED);
}

#[test]
fn silent_when_the_bucket_is_not_managed() {
    let items = [unchanged(OBJECT, object(json!({}))), unchanged(TRUSTED, set(json!({})))];
    assert_eq!(exists(&items).says(RULE), [] as [&str; 0]);
}

#[test]
fn an_inactive_list_is_that_rules_business() {
    let inactive = unchanged(TRUSTED, set(json!({ "activate": false })));
    let items = [bucket(), unchanged(OBJECT, object(json!({}))), inactive];
    assert_eq!(exists(&items).tally("list-inactive"), FAILED);
    assert_eq!(exists(&items).tally(RULE), SKIPPED);
}

#[test]
fn a_set_without_a_resolved_managed_object_is_no_subject() {
    let read = change("data.aws_s3_object.o", &["read"], Value::Null, object(json!({})), json!({}));
    for items in [
        vec![bucket(), read, unchanged(TRUSTED, set(json!({})))],
        vec![bucket(), unchanged(TRUSTED, set(json!({})))],
        vec![bucket(), unchanged(OBJECT, object(json!({}))), unchanged(TRUSTED, set_at("s3://lists/other.txt"))],
        vec![bucket(), unchanged(OBJECT, object(json!({}))), unchanged(TRUSTED, set_at("nowhere"))],
    ] {
        assert_eq!(exists(&items).says(RULE), [] as [&str; 0], "{items:?}");
    }
}

#[test]
fn a_state_shows_no_configuration() {
    let document = state(&[
        resource(BUCKET, json!({ "id": "lists", "bucket": "lists" })),
        resource(OBJECT, object(json!({}))),
        resource(TRUSTED, set(json!({}))),
    ]);
    assert_eq!(check(&document).says(RULE), [] as [&str; 0]);
}
