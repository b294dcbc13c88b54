mod configuration;
mod sources;

use std::slice;

use serde_json::{Value, json};

use crate::testing::{
    change, check, created, instance,
    lists::{inside, object_at, other_stack, set_at, with, with_drift},
    plan, resource, state, unchanged,
};

const RULE: &str = "list-object-missing";
const SET: &str = "aws_guardduty_ipset.t";

fn set(location: &str) -> Value {
    resource(SET, set_at(location))
}

fn bucket() -> Value {
    resource("aws_s3_bucket.b", json!({ "id": "lists", "bucket": "lists" }))
}

fn object(name: &str, key: &str) -> Value {
    resource(&format!("aws_s3_object.{name}"), object_at("lists", key))
}

fn deleted(address: &str, before: Value) -> Value {
    change(address, &["delete"], before, Value::Null, json!({}))
}

#[test]
fn passes_with_an_object_whatever_resource_makes_or_reads_it() {
    for address in [
        "aws_s3_object.o",
        "aws_s3_bucket_object.o",
        "aws_s3_object_copy.o",
        "data.aws_s3_object.o",
        "data.aws_s3_bucket_object.o",
    ] {
        for bucket in ["lists", "arn:aws:s3:::lists"] {
            let document = state(&[set("s3://lists/k.txt"), resource(address, object_at(bucket, "k.txt"))]);
            assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0), "{address} {bucket}");
            assert_eq!(check(&document).reads(), [format!("{SET} reads {address}")], "{address} {bucket}");
        }
    }
}

#[test]
fn an_access_points_arn_is_no_buckets_name() {
    let point = "arn:aws:s3:eu-west-1:123456789012:accesspoint/lists";
    let document = state(&[set("s3://lists/k.txt"), resource("aws_s3_object.o", object_at(point, "k.txt"))]);
    assert_eq!(check(&document).says(RULE), [format!("undecided {SET}")]);
}

#[test]
fn an_object_of_another_unit_account_or_region_is_found() {
    let other = instance(
        "aws_s3_object.o",
        "provider[\"registry.terraform.io/hashicorp/aws\"].us",
        with(object_at("lists", "k.txt"), json!({ "region": "us-west-2" })),
        &[],
    );
    let here = state(&[set("s3://lists/k.txt")]);
    assert_eq!(check(&here).and("b/input.json", &other_stack(state(&[other]))).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn keys_are_equal_but_for_one_leading_slash_and_what_the_provider_cleans() {
    for (location, key, found) in [
        ("s3://lists/a/k.txt", "a/k.txt", true),
        ("s3://lists/a/k.txt", "/a/k.txt", true),
        ("s3://lists//a/k.txt", "a/k.txt", true),
        ("https://s3.amazonaws.com/lists//a/k.txt", "/a/k.txt", true),
        ("s3://lists/a/k.txt", "a//k.txt", true),
        ("s3://lists/a/k.txt", "A/k.txt", false),
        ("s3://lists/a/k.txt", "a/k.txt ", false),
        // As written in `s3://`, or decoded where nothing has it as written.
        ("s3://lists/a%20k.txt", "a%20k.txt", true),
        ("s3://lists/a%20k.txt", "a k.txt", true),
        ("s3://lists/a+k.txt", "a+k.txt", true),
        ("s3://lists/a+k.txt", "a k.txt", false),
        // Decoded once in the http forms.
        ("https://s3.amazonaws.com/lists/a%2Fk.txt", "a/k.txt", true),
        ("https://s3.amazonaws.com/lists/a+k.txt", "a+k.txt", true),
        ("https://s3.amazonaws.com/lists/a%2520k.txt", "a%20k.txt", true),
        ("https://s3.amazonaws.com/lists/a%2520k.txt", "a k.txt", false),
        // Buckets and keys are case-sensitive.
        ("s3://Lists/a/k.txt", "a/k.txt", false),
    ] {
        let document = state(&[set(location), object("o", key)]);
        let expected = if found { "reads aws_s3_object.o" } else { "reads nothing" };
        assert_eq!(check(&document).reads(), [format!("{SET} {expected}")], "{location} {key}");
    }
}

#[test]
fn of_a_raw_and_a_decoded_key_the_raw_one_is_read() {
    let document = state(&[set("s3://lists/a%20k"), object("decoded", "a k"), object("raw", "a%20k")]);
    assert_eq!(check(&document).reads(), [format!("{SET} reads aws_s3_object.raw")]);
}

#[test]
fn fails_when_the_bucket_and_another_object_of_it_are_managed_here() {
    let document = state(&[bucket(), object("o", "quite/another/name"), set("s3://lists/guardduty/k.txt")]);
    assert_eq!(check(&document).says(RULE), [format!("fail {SET}")]);
    let attributes = |index: usize, name: &str| format!("/resources/{index}/instances/0/attributes/{name}");
    assert_eq!(check(&document).places(RULE), [attributes(2, "location"), attributes(0, "bucket")]);
    // In two units of the estate it is the same.
    let rest = state(&[object("o", "quite/another/name"), set("s3://lists/k.txt")]);
    let run = check(&state(&[bucket()])).and("b/input.json", &other_stack(rest));
    assert_eq!(run.says(RULE), [format!("fail {SET}")]);
}

#[test]
fn fails_when_a_near_miss_is_in_the_bucket() {
    for (key, near) in [
        ("guardduty/trusted.txt", "GuardDuty/Trusted.TXT"),
        ("guardduty/trusted list.txt", "guardduty/trusted%20list.txt"),
        ("guardduty/trusted.txt", "guardduty/trusted.txt "),
        ("guardduty/trusted.txt", "guardduty/trusted.txt/"),
        ("guardduty/trusted.txt", "lists/production/trusted.txt"),
        ("guardduty/trusted.txt", "trusted.txt"),
        ("guardduty/trusted.txt", "guardduty/trsuted.tx"),
        ("guardduty/trusted.txt", "guardduty/trusted-1.txt"),
    ] {
        // The bucket itself need not be among the inputs.
        let document = state(&[set(&format!("s3://lists/{key}")), object("o", near)]);
        assert_eq!(check(&document).says(RULE), [format!("fail {SET}")], "{key} {near}");
        let message = check(&document).messages(RULE).remove(0);
        assert!(message.contains(&format!("did you mean `{near}`?")), "{message}");
    }
}

#[test]
fn what_is_no_near_miss_does_not_fail() {
    for (key, other) in [
        // Four edits; three edits of a short key; another bucket's key.
        ("guardduty/trusted.txt", "guardduty/threaten.txt"),
        ("abc.txt", "xyz.txt"),
        ("trusted.txt", "list.csv"),
    ] {
        let document = state(&[set(&format!("s3://lists/{key}")), object("o", other)]);
        assert_eq!(check(&document).says(RULE), [format!("undecided {SET}")], "{key} {other}");
    }
    let elsewhere = resource("aws_s3_object.o", object_at("other", "trusted.txt"));
    let document = state(&[set("s3://lists/trusted.txt"), elsewhere]);
    assert_eq!(check(&document).says(RULE), [format!("undecided {SET}")]);
}

#[test]
fn the_nearest_key_is_named_then_the_first_in_byte_order() {
    let keys = ["lists/trusted.txt", "trusted1.txt", "trustec.txt", "trusteb.txt"];
    let mut resources = vec![set("s3://lists/trusted.txt")];
    resources.extend(keys.iter().enumerate().map(|(index, key)| object(&format!("o{index}"), key)));
    let message = check(&state(&resources)).messages(RULE).remove(0);
    assert!(message.contains("did you mean `trusteb.txt`?"), "{message}");
}

#[test]
fn an_object_that_goes_is_no_near_miss() {
    let document = plan(&[
        unchanged(SET, set_at("s3://lists/guardduty/k.txt")),
        deleted("aws_s3_object.o", object_at("lists", "k.txt")),
    ]);
    assert_eq!(check(&document).says(RULE), [format!("undecided {SET}")]);
}

#[test]
fn fails_when_the_object_is_going() {
    let document =
        plan(&[unchanged(SET, set_at("s3://lists/k.txt")), deleted("aws_s3_object.o", object_at("lists", "k.txt"))]);
    assert_eq!(check(&document).says(RULE), [format!("fail {SET}")]);
    // An object that is made again under another address is there.
    let moved = plan(&[
        unchanged(SET, set_at("s3://lists/k.txt")),
        deleted("aws_s3_object.o", object_at("lists", "k.txt")),
        created("aws_s3_object.new", object_at("lists", "k.txt"), &[]),
    ]);
    assert_eq!(check(&moved).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn fails_when_the_object_is_forgotten_and_deleted_by_the_same_plan() {
    let forgotten = change("aws_s3_object.o", &["forget"], object_at("lists", "k.txt"), Value::Null, json!({}));
    let set = unchanged(SET, set_at("s3://lists/k.txt"));
    let twice = deleted("aws_s3_object.twin", object_at("lists", "k.txt"));
    assert_eq!(check(&plan(&[set.clone(), forgotten.clone(), twice])).says(RULE), [format!("fail {SET}")]);
    // What is only forgotten stays in AWS.
    assert_eq!(check(&plan(&[set, forgotten])).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn fails_when_drift_found_the_object_deleted_and_it_is_not_re_created() {
    let set = unchanged(SET, set_at("s3://lists/k.txt"));
    let gone = deleted("aws_s3_object.o", object_at("lists", "k.txt"));
    let document = with_drift(plan(slice::from_ref(&set)), slice::from_ref(&gone));
    assert_eq!(check(&document).says(RULE), [format!("fail {SET}")]);
    let again = created("aws_s3_object.o", object_at("lists", "k.txt"), &[]);
    assert_eq!(check(&with_drift(plan(&[set, again]), &[gone])).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn fails_when_the_bucket_is_managed_here_and_going() {
    let going = deleted("aws_s3_bucket.b", json!({ "id": "lists", "bucket": "lists" }));
    let set = unchanged(SET, set_at("s3://lists/k.txt"));
    assert_eq!(check(&plan(&[set.clone(), going.clone()])).says(RULE), [format!("fail {SET}")]);
    // A bucket that comes to stand under another address stays.
    let moved = created("module.m.aws_s3_bucket.b", json!({ "bucket": "lists" }), &["id"]);
    assert_eq!(check(&plan(&[set, going, moved])).says(RULE), [format!("undecided {SET}")]);
}

#[test]
fn undecided_when_none_of_the_buckets_objects_is_managed_here() {
    let document = state(&[bucket(), set("s3://lists/guardduty/k.txt")]);
    assert_eq!(check(&document).says(RULE), [format!("undecided {SET}")]);
    let message = check(&document).messages(RULE).remove(0);
    assert!(message.contains("`lists`") && message.contains("`guardduty/k.txt`"), "{message}");
}

#[test]
fn undecided_when_the_bucket_is_not_in_the_estate() {
    let read = resource("data.aws_s3_bucket.b", json!({ "id": "lists", "bucket": "lists" }));
    for document in [state(&[set("s3://lists/k.txt")]), state(&[read, set("s3://lists/k.txt")])] {
        assert_eq!(check(&document).says(RULE), [format!("undecided {SET}")]);
    }
}

#[test]
fn silent_when_a_data_aws_s3_object_with_the_key_exists() {
    let read = resource("data.aws_s3_object.o", object_at("lists", "k.txt"));
    let document = state(&[bucket(), object("o", "other.txt"), read, set("s3://lists/k.txt")]);
    assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0));
    // One that the plan reads during apply, too.
    let read =
        change("data.aws_s3_object.o", &["read"], Value::Null, object_at("lists", "k.txt"), json!({ "etag": true }));
    let document = plan(&[created(SET, set_at("s3://lists/k.txt"), &[]), read]);
    assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn silent_when_the_object_is_made_by_aws_s3_object_copy() {
    let copy = resource("aws_s3_object_copy.o", with(object_at("lists", "k.txt"), json!({ "source": "from/k.txt" })));
    let document = state(&[bucket(), object("o", "other.txt"), copy, set("s3://lists/k.txt")]);
    assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn silent_when_a_directory_upload_with_for_each_resolves() {
    let mut upload = inside("module.upload", object("files", "guardduty/a.txt"));
    upload["instances"] = json!([
        { "index_key": "a.txt", "attributes": object_at("lists", "guardduty/a.txt") },
        { "index_key": "b.txt", "attributes": object_at("lists", "guardduty/b.txt") },
    ]);
    let document = state(&[bucket(), upload, set("s3://lists/guardduty/b.txt")]);
    assert_eq!(check(&document).reads(), [format!("{SET} reads module.upload.aws_s3_object.files[\"b.txt\"]")]);
}

#[test]
fn notifications_and_lifecycle_rules_are_not_objects() {
    let others = ["aws_s3_bucket_notification.n", "aws_s3_bucket_lifecycle_configuration.l", "aws_s3_bucket_policy.p"];
    let mut resources = vec![bucket(), set("s3://lists/k.txt")];
    resources.extend(others.map(|address| resource(address, json!({ "bucket": "lists", "key": "k.txt" }))));
    assert_eq!(check(&state(&resources)).says(RULE), [format!("undecided {SET}")]);
}

#[test]
fn what_is_near_to_a_sensitive_key_is_not_shown() {
    let mut set = set("s3://lists/guardduty/k.tx");
    set["instances"][0]["sensitive_attributes"] = json!([[{ "type": "get_attr", "value": "location" }]]);
    let finding = check(&state(&[bucket(), object("o", "guardduty/k.txt"), set])).finding(RULE);
    assert!(finding.message.contains("did you mean the key of aws_s3_object.o?"), "{}", finding.message);
    assert!(!finding.message.contains("k.tx") && !finding.message.contains("`lists`"), "{}", finding.message);
    assert!(finding.related.is_empty());
}
