use serde_json::{Value, json};

use super::{Algorithm, of};
use crate::{
    graph::{Bucket, Graph},
    keys::Named,
    object::ObjectId,
    reading::Readings,
    testing::{Run, block, check, created, lists::constant, lists::refers, lists::with, plan_of, resource, state},
};

/// How `aws_s3_object.o` is encrypted, and what says so: `aws:kms aws_kms_key.k by aws_s3_object.o kms_key_id`.
fn encryption(run: Run) -> String {
    let estate = run.estate();
    let graph = Graph::of(&estate);
    let readings = Readings::of(&estate, &graph);
    let object: Option<ObjectId> =
        estate.objects().find(|(_, object)| &*object.address.name == "o").map(|(object, _)| object);
    let named = || Some(Bucket::Name("elsewhere".to_owned()));
    let bucket = object.map_or_else(named, |object| graph.bucket_of(object).cloned());
    let found = of(&readings, object, bucket.as_ref());
    let with = match &found.algorithm {
        Algorithm::S3Managed => "AES256".to_owned(),
        Algorithm::CustomerProvided => "SSE-C".to_owned(),
        Algorithm::Unknown(why) => format!("? {why}"),
        Algorithm::Kms(kms) => {
            let layers = if kms.has_two_layers { "aws:kms:dsse" } else { "aws:kms" };
            let key = match &kms.key {
                Named::AwsManaged => "aws/s3".to_owned(),
                Named::Object(key) => estate.object(*key).name(),
                Named::Elsewhere { .. } => "elsewhere".to_owned(),
                Named::Unknown { .. } => "?".to_owned(),
            };
            format!("{layers} {key}, bucket key {:?}", kms.bucket_key)
        }
    };
    let by = found.said_at.map(|spot| format!(" by {} {}", estate.object(spot.object).name(), spot.dotted()));
    format!("{with}{}", by.unwrap_or_default())
}

fn bucket() -> Value {
    resource("aws_s3_bucket.b", json!({ "id": "b", "bucket": "b", "region": "eu-west-1" }))
}

fn key() -> Value {
    let arn = "arn:aws:kms:eu-west-1:123456789012:key/1";
    resource("aws_kms_key.k", json!({ "arn": arn, "key_id": "1", "id": "1" }))
}

fn default(by_default: &Value, others: Value) -> Value {
    let rule = with(json!({ "apply_server_side_encryption_by_default": [by_default] }), others);
    let settings = json!({ "bucket": "b", "rule": [rule] });
    resource("aws_s3_bucket_server_side_encryption_configuration.b", settings)
}

#[test]
fn an_object_says_itself_how_it_is_encrypted() {
    for (says, expected) in [
        (json!({}), "AES256"),
        (json!({ "server_side_encryption": "AES256" }), "AES256 by aws_s3_object.o server_side_encryption"),
        (
            json!({ "server_side_encryption": "aws:kms" }),
            "aws:kms aws/s3, bucket key False by aws_s3_object.o server_side_encryption",
        ),
        (
            json!({ "server_side_encryption": "aws:kms", "kms_key_id": "1", "bucket_key_enabled": true }),
            "aws:kms aws_kms_key.k, bucket key True by aws_s3_object.o kms_key_id",
        ),
        (json!({ "kms_key_id": "1" }), "aws:kms aws_kms_key.k, bucket key False by aws_s3_object.o kms_key_id"),
        (
            json!({ "server_side_encryption": "aws:kms:dsse", "kms_key_id": "alias/aws/s3" }),
            "aws:kms:dsse aws/s3, bucket key False by aws_s3_object.o kms_key_id",
        ),
        (
            json!({ "server_side_encryption": "rot13" }),
            "? its algorithm is none that this version knows by aws_s3_object.o server_side_encryption",
        ),
    ] {
        let object = with(json!({ "bucket": "b", "key": "k" }), says);
        let run = check(&state(&[bucket(), key(), resource("aws_s3_object.o", object)]));
        assert_eq!(encryption(run), expected);
    }
}

#[test]
fn a_copy_with_a_key_of_its_own_is_encrypted_with_it() {
    let copy = json!({ "bucket": "b", "key": "k", "customer_algorithm": "AES256", "server_side_encryption": "AES256" });
    let run = check(&state(&[bucket(), resource("aws_s3_object_copy.o", copy)]));
    assert_eq!(encryption(run), "SSE-C by aws_s3_object_copy.o customer_algorithm");
}

#[test]
fn what_a_data_source_reads_counts() {
    let read = json!({ "bucket": "b", "key": "k", "server_side_encryption": "aws:kms", "sse_kms_key_id": "1" });
    let run = check(&state(&[bucket(), key(), resource("data.aws_s3_object.o", read)]));
    assert_eq!(encryption(run), "aws:kms aws_kms_key.k, bucket key False by data.aws_s3_object.o sse_kms_key_id");
}

#[test]
fn the_default_gives_algorithm_and_key_from_one_place() {
    let with_key = json!({ "sse_algorithm": "aws:kms", "kms_master_key_id": "1" });
    let by_default = "aws_s3_bucket_server_side_encryption_configuration.b \
                      rule.apply_server_side_encryption_by_default.kms_master_key_id";
    for (object, expected) in [
        (json!({}), format!("aws:kms aws_kms_key.k, bucket key True by {by_default}")),
        (json!({ "server_side_encryption": "AES256" }), "AES256 by aws_s3_object.o server_side_encryption".to_owned()),
        (
            json!({ "server_side_encryption": "aws:kms" }),
            "aws:kms aws/s3, bucket key True by aws_s3_object.o server_side_encryption".to_owned(),
        ),
    ] {
        let object = resource("aws_s3_object.o", with(json!({ "bucket": "b", "key": "k" }), object));
        let default = default(&with_key, json!({ "bucket_key_enabled": true }));
        let run = check(&state(&[bucket(), key(), default, object]));
        assert_eq!(encryption(run), expected);
    }
}

#[test]
fn older_providers_have_the_default_in_the_bucket() {
    let by_default = json!({ "sse_algorithm": "aws:kms", "kms_master_key_id": "1" });
    let rule = json!({ "apply_server_side_encryption_by_default": [by_default], "bucket_key_enabled": false });
    let inline = json!({ "id": "b", "bucket": "b", "server_side_encryption_configuration": [{ "rule": [rule] }] });
    let object = resource("aws_s3_object.o", json!({ "bucket": "b", "key": "k" }));
    let run = check(&state(&[resource("aws_s3_bucket.b", inline), key(), object]));
    assert_eq!(
        encryption(run),
        "aws:kms aws_kms_key.k, bucket key False by aws_s3_bucket.b server_side_encryption_configuration"
    );
}

#[test]
fn a_bucket_that_is_not_among_the_inputs_leaves_it_open() {
    let object = resource("aws_s3_object.o", json!({ "bucket": "b", "key": "k" }));
    assert_eq!(encryption(check(&state(&[object]))), "? its bucket is not among the inputs");
    assert_eq!(encryption(check(&state(&[key()]))), "? its bucket is not among the inputs");
}

/// A plan that makes a bucket, a key and an object.
fn planned(unknown: &[&str], expressions: Value, others: (&[Value], &[Value])) -> Run {
    let object = with(json!({ "bucket": refers(&["aws_s3_bucket.b.id"]), "key": constant(json!("k")) }), expressions);
    let mut changes = vec![
        created("aws_s3_bucket.b", json!({ "bucket": "b" }), &["id", "server_side_encryption_configuration"]),
        created("aws_kms_key.k", json!({ "is_enabled": true }), &["arn", "id", "key_id"]),
        created("aws_s3_object.o", json!({ "key": "k" }), &[&["bucket"], unknown].concat()),
    ];
    let mut blocks = vec![
        block("aws_s3_bucket.b", json!({ "bucket": constant(json!("b")) })),
        block("aws_kms_key.k", json!({})),
        block("aws_s3_object.o", object),
    ];
    changes.extend_from_slice(others.0);
    blocks.extend_from_slice(others.1);
    check(&plan_of(&changes, &blocks))
}

#[test]
fn what_a_plan_does_not_know_and_the_configuration_does_not_set_is_not_set() {
    let computed = ["server_side_encryption", "kms_key_id", "bucket_key_enabled"];
    assert_eq!(encryption(planned(&computed, json!({}), (&[], &[]))), "AES256");
    let by_key = json!({ "kms_key_id": refers(&["aws_kms_key.k.arn"]) });
    assert_eq!(
        encryption(planned(&computed, by_key, (&[], &[]))),
        "aws:kms aws_kms_key.k, bucket key False by aws_s3_object.o kms_key_id"
    );
    let by_variable = json!({ "server_side_encryption": refers(&["var.algorithm"]) });
    assert_eq!(
        encryption(planned(&computed, by_variable, (&[], &[]))),
        "? `server_side_encryption` is known only after apply by aws_s3_object.o server_side_encryption"
    );
}

#[test]
fn the_key_of_a_default_is_found_by_reference() {
    let name = "aws_s3_bucket_server_side_encryption_configuration.d";
    let unknown = json!({
        "bucket": true,
        "rule": [{ "apply_server_side_encryption_by_default": [{ "kms_master_key_id": true }] }],
    });
    let rule = json!({ "apply_server_side_encryption_by_default": [{ "sse_algorithm": "aws:kms" }] });
    let change = crate::testing::change(name, &["create"], Value::Null, json!({ "rule": [rule] }), unknown);
    let by_default = json!([{ "kms_master_key_id": refers(&["aws_kms_key.k.arn"]) }]);
    let rules = json!([{ "apply_server_side_encryption_by_default": by_default }]);
    let default = block(name, json!({ "bucket": refers(&["aws_s3_bucket.b.id"]), "rule": rules }));
    let run = planned(&["server_side_encryption", "kms_key_id"], json!({}), (&[change], &[default]));
    assert_eq!(
        encryption(run),
        format!(
            "aws:kms aws_kms_key.k, bucket key False by {name} \
             rule.apply_server_side_encryption_by_default.kms_master_key_id"
        )
    );
}

#[test]
fn a_default_whose_bucket_cannot_be_told_leaves_it_open() {
    let name = "aws_s3_bucket_server_side_encryption_configuration.d";
    let change = created(name, json!({}), &["bucket", "rule"]);
    let default = block(name, json!({ "bucket": refers(&["local.bucket"]) }));
    let run = planned(&["server_side_encryption", "kms_key_id"], json!({}), (&[change], &[default]));
    assert_eq!(encryption(run), format!("? whether {name} is for its bucket cannot be told by {name} bucket"));
}

/// How an object is encrypted whose bucket's default is written by `dynamic` blocks over `local.default`, of which the plan
/// knows nothing: in a resource of its own, or in the bucket's block.
fn written(default: &str) -> [String; 2] {
    let name = "aws_s3_bucket_server_side_encryption_configuration.d";
    let rules = r#"
  dynamic "rule" {
    for_each = flatten([local.default])
    content {
      bucket_key_enabled = try(rule.value.bucket_key, null)
      dynamic "apply_server_side_encryption_by_default" {
        for_each = try([rule.value.by_default], [])
        content {
          sse_algorithm     = apply_server_side_encryption_by_default.value.algorithm
          kms_master_key_id = try(apply_server_side_encryption_by_default.value.key, null)
        }
      }
    }
  }
"#;
    let head = format!(
        "locals {{\n  default = {default}\n}}\nvariable \"plain\" {{}}\nresource \"aws_kms_key\" \"k\" {{}}\nresource \"aws_s3_object\" \"o\" {{\n  bucket = aws_s3_bucket.b.id\n  key = \"k\"\n}}\n"
    );
    let own = format!(
        "{head}resource \"aws_s3_bucket\" \"b\" {{}}\n\
         resource \"aws_s3_bucket_server_side_encryption_configuration\" \"d\" {{\n  bucket = aws_s3_bucket.b.id\n{rules}}}\n"
    );
    let inline = format!(
        "{head}resource \"aws_s3_bucket\" \"b\" {{\n  dynamic \"server_side_encryption_configuration\" {{\n    \
         for_each = local.default == null ? [] : [1]\n    content {{\n{rules}    }}\n  }}\n}}\n"
    );
    let change = created(name, json!({}), &["bucket", "rule"]);
    let block = block(name, json!({ "bucket": refers(&["aws_s3_bucket.b.id"]) }));
    let unknown = ["server_side_encryption", "kms_key_id"];
    [
        planned(&unknown, json!({}), (&[change], &[block])).with_sources(&[("", &own)]),
        planned(&unknown, json!({}), (&[], &[])).with_sources(&[("", &inline)]),
    ]
    .map(encryption)
}

#[test]
fn a_default_that_dynamic_blocks_write_is_evaluated() {
    let own = "aws_s3_bucket_server_side_encryption_configuration.d rule.apply_server_side_encryption_by_default";
    let inline = "aws_s3_bucket.b server_side_encryption_configuration";
    for (default, expected, by) in [
        (
            "{ by_default = { algorithm = \"aws:kms\", key = aws_kms_key.k.arn } }",
            "aws:kms aws_kms_key.k, bucket key False",
            ".kms_master_key_id",
        ),
        (
            "{ bucket_key = true, by_default = { algorithm = \"aws:kms\" } }",
            "aws:kms aws/s3, bucket key True",
            ".sse_algorithm",
        ),
        (
            "{ by_default = { algorithm = \"aws:kms:dsse\", key = \"alias/aws/s3\" } }",
            "aws:kms:dsse aws/s3, bucket key False",
            ".kms_master_key_id",
        ),
        ("{ by_default = { algorithm = \"AES256\" } }", "AES256", ".sse_algorithm"),
        (
            "{ bucket_key = var.plain, by_default = { algorithm = \"aws:kms\", key = var.plain } }",
            "aws:kms ?, bucket key Unknown",
            ".kms_master_key_id",
        ),
    ] {
        assert_eq!(
            written(default),
            [format!("{expected} by {own}{by}"), format!("{expected} by {inline}")],
            "{default}"
        );
    }
}

#[test]
fn a_default_that_cannot_be_evaluated_is_open() {
    let own = "aws_s3_bucket_server_side_encryption_configuration.d";
    let inline = "aws_s3_bucket.b";
    let open = |name: &str| format!("? the default of {name} is known only after apply by {name}");
    let path = "rule.apply_server_side_encryption_by_default.sse_algorithm";
    for default in ["{ by_default = { algorithm = var.plain } }", "var.plain", "[{}, {}]"] {
        let expected =
            [format!("{} {path}", open(own)), format!("{} server_side_encryption_configuration", open(inline))];
        assert_eq!(written(default), expected, "{default}");
    }
    // Nothing sets the bucket's own.
    assert_eq!(written("null")[1], "AES256");
}
