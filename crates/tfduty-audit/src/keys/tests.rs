use serde_json::{Value, json};

use super::{Fitness, Keys, Named, fitness};
use crate::{
    object::ObjectId,
    testing::{Run, block, check, created, lists::other_stack, lists::refers, lists::with, plan_of, resource, state},
};

const ARN: &str = "arn:aws:kms:eu-west-1:123456789012:key/1";

/// What `kms_key_id` of `aws_s3_object.o` names.
fn named(run: Run) -> String {
    let estate = run.estate();
    let holder: ObjectId = estate.of_type("aws_s3_object").next().unwrap().0;
    match Keys::of(&estate).named(&estate, holder, &["kms_key_id"], Some("eu-west-1")) {
        Named::AwsManaged => "aws/s3".into(),
        Named::Object(key) => estate.object(key).name(),
        Named::Elsewhere { region } => format!("elsewhere {}", region.unwrap_or_default()),
        Named::Unknown { stops } => format!("? {}", stops.join(" ")),
    }
}

fn object(key: &str) -> Value {
    resource("aws_s3_object.o", json!({ "bucket": "b", "key": "k", "kms_key_id": key }))
}

fn key(name: &str, region: &str, id: &str, others: Value) -> Value {
    let arn = format!("arn:aws:kms:{region}:123456789012:key/{id}");
    resource(name, with(json!({ "arn": arn, "key_id": id, "id": id }), others))
}

fn alias(name: &str, target: &str) -> Value {
    let arn = format!("arn:aws:kms:eu-west-1:123456789012:{name}");
    resource("aws_kms_alias.a", json!({ "arn": arn, "name": name, "target_key_id": target }))
}

#[test]
fn a_key_goes_by_id_arn_and_alias() {
    for (name, expected) in [
        ("1", "aws_kms_key.k"),
        (ARN, "aws_kms_key.k"),
        ("alias/lists", "aws_kms_key.k"),
        ("arn:aws:kms:eu-west-1:123456789012:alias/lists", "aws_kms_key.k"),
        ("aws/s3", "aws/s3"),
        ("alias/aws/s3", "aws/s3"),
        ("arn:aws:kms:eu-west-1:123456789012:alias/aws/s3", "aws/s3"),
        ("2", "elsewhere "),
        ("alias/other", "elsewhere "),
        ("arn:aws:kms:us-west-2:123456789012:key/1", "elsewhere us-west-2"),
        ("arn:aws:kms:eu-west-1:999999999999:key/1", "elsewhere eu-west-1"),
    ] {
        let others = [key("aws_kms_key.k", "eu-west-1", "1", json!({})), alias("alias/lists", "1"), object(name)];
        assert_eq!(named(check(&state(&others))), expected, "{name}");
    }
}

#[test]
fn replicas_of_one_id_are_told_apart_by_region() {
    let keys = [
        key("aws_kms_key.primary", "us-east-1", "mrk-1", json!({})),
        key("aws_kms_replica_key.replica", "eu-west-1", "mrk-1", json!({})),
    ];
    for (name, expected) in [
        ("mrk-1", "aws_kms_replica_key.replica"),
        ("arn:aws:kms:us-east-1:123456789012:key/mrk-1", "aws_kms_key.primary"),
    ] {
        assert_eq!(named(check(&state(&[&keys[..], &[object(name)]].concat()))), expected);
    }
}

#[test]
fn an_alias_of_several_stacks_is_that_of_its_own() {
    let own = [key("aws_kms_key.k", "eu-west-1", "1", json!({})), alias("alias/lists", "1"), object("alias/lists")];
    let other = [key("aws_kms_key.other", "eu-west-1", "2", json!({})), alias("alias/lists", "2")];
    let run = check(&state(&own)).and("b/input.json", &other_stack(state(&other)));
    assert_eq!(named(run), "aws_kms_key.k");
}

#[test]
fn data_sources_stand_for_what_they_read() {
    let managed = key("aws_kms_key.k", "eu-west-1", "1", json!({}));
    let read = |others: Value| key("data.aws_kms_key.d", "eu-west-1", "1", others);
    let read_alias = |name: &str| {
        resource(
            "data.aws_kms_alias.d",
            json!({ "name": name, "arn": "arn", "target_key_arn": ARN, "target_key_id": "1" }),
        )
    };
    for (others, name, expected) in [
        (vec![read(json!({}))], ARN, "data.aws_kms_key.d"),
        (vec![managed.clone(), read(json!({}))], ARN, "aws_kms_key.k"),
        (vec![read(json!({ "key_manager": "AWS" }))], ARN, "aws/s3"),
        (vec![managed.clone(), read_alias("alias/lists")], "alias/lists", "aws_kms_key.k"),
        (vec![read_alias("alias/lists")], "alias/lists", "elsewhere eu-west-1"),
        (vec![read_alias("alias/aws/s3")], "alias/aws/s3", "aws/s3"),
    ] {
        let objects = [&others[..], &[object(name)]].concat();
        assert_eq!(named(check(&state(&objects))), expected, "{others:?}");
    }
}

#[test]
fn references_lead_through_aliases() {
    let changes = [
        created("aws_kms_key.k", json!({}), &["arn", "key_id", "id"]),
        created("aws_kms_alias.a", json!({ "name": "alias/lists" }), &["arn", "target_key_id", "target_key_arn"]),
        created("aws_s3_object.o", json!({ "bucket": "b", "key": "k" }), &["kms_key_id"]),
    ];
    for (reference, expected) in [
        ("aws_kms_key.k.arn", "aws_kms_key.k"),
        ("aws_kms_alias.a.arn", "aws_kms_key.k"),
        ("aws_kms_alias.a.target_key_arn", "aws_kms_key.k"),
        ("local.key", "? local.key"),
    ] {
        let blocks = [
            block("aws_kms_key.k", json!({})),
            block("aws_kms_alias.a", json!({ "target_key_id": refers(&["aws_kms_key.k.key_id"]) })),
            block("aws_s3_object.o", json!({ "kms_key_id": refers(&[reference]) })),
        ];
        assert_eq!(named(check(&plan_of(&changes, &blocks))), expected, "{reference}");
    }
}

#[test]
fn only_enabled_symmetric_keys_of_the_region_decrypt() {
    for (resource_type, says, expected) in [
        ("aws_kms_key", json!({ "is_enabled": true, "key_usage": "ENCRYPT_DECRYPT" }), Fitness::Fit),
        ("aws_kms_key", json!({}), Fitness::Fit),
        ("aws_kms_key", json!({ "is_enabled": false }), Fitness::Unfit("is_enabled", "is disabled")),
        ("aws_kms_replica_key", json!({ "enabled": false }), Fitness::Unfit("enabled", "is disabled")),
        ("aws_kms_external_key", json!({ "enabled": true, "key_state": "Enabled" }), Fitness::Fit),
        (
            "aws_kms_external_key",
            json!({ "enabled": true, "key_state": "PendingDeletion" }),
            Fitness::Unfit("key_state", "is in a state in which it does not decrypt"),
        ),
        ("aws_kms_key", json!({ "key_usage": "SIGN_VERIFY" }), Fitness::Unfit("key_usage", "is not for encryption")),
        (
            "aws_kms_key",
            json!({ "customer_master_key_spec": "RSA_2048" }),
            Fitness::Unfit("customer_master_key_spec", "is no symmetric encryption key"),
        ),
    ] {
        let estate = check(&state(&[key(&format!("{resource_type}.k"), "eu-west-1", "1", says.clone())])).estate();
        let id = estate.of_type(resource_type).next().unwrap().0;
        assert_eq!(fitness(&estate, id, Some("eu-west-1")), expected, "{says}");
    }
    let estate = check(&state(&[key("aws_kms_key.k", "us-west-2", "1", json!({}))])).estate();
    let id = estate.of_type("aws_kms_key").next().unwrap().0;
    assert_eq!(fitness(&estate, id, None), Fitness::Fit);
    assert_eq!(fitness(&estate, id, Some("eu-west-1")), Fitness::Unfit("arn", "is in another region than the bucket"));
}
