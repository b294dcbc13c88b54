//! What may change in a sound scenario without a fault.

use serde_json::{Value, json};

use super::{
    breaks::{BUCKET, Break, CREATES, DETECTOR, FILTER, LATER, SHOWN, STATE, THREATS, TRUSTED, TRUSTED_LIST, replace},
    document::Document,
};

#[rustfmt::skip] // one row, one line where it fits
pub(crate) const HARMLESS: &[Break] = &[
    Break { what: "`enable` is not set: a detector is on by default", on: &[CREATES, STATE, SHOWN, LATER],
        edit: |it| { it.set(DETECTOR, "enable", &Value::Null); it.express(DETECTOR, "enable", Value::Null); },
        expected: &[] },
    Break { what: "every hour", on: &[CREATES, STATE, SHOWN, LATER],
        edit: |it| it.set(DETECTOR, "finding_publishing_frequency", &json!("ONE_HOUR")), expected: &[] },
    Break { what: "the detector gets other tags", on: &[LATER],
        edit: |it| it.act(DETECTOR, &["update"], &[("tags", json!({ "a": "b" }))]), expected: &[] },
    Break { what: "a provider configuration of another name in the same region", on: &[CREATES],
        edit: |it| {
            it.add_provider("aws.same", &json!({ "region": { "constant_value": "eu-west-1" } }));
            it.provide(TRUSTED, "aws.same");
            it.provide(FILTER, "aws.same");
            it.provide(BUCKET, "aws.same");
        },
        expected: &[] },
    Break { what: "the set hangs on another resource that hangs on the object", on: &[STATE, SHOWN],
        edit: |it| {
            it.depend(TRUSTED, Some(TRUSTED_LIST), None);
            it.depend("aws_s3_bucket_policy.lists", None, Some(TRUSTED_LIST));
        },
        expected: &[] },
    Break { what: "the object is somebody else's, and read as data", on: &[STATE, SHOWN],
        edit: |it| {
            let (bucket, key) = (it.get(TRUSTED_LIST, "bucket"), it.get(TRUSTED_LIST, "key"));
            it.remove(TRUSTED_LIST);
            it.depend(TRUSTED, Some(TRUSTED_LIST), None);
            it.insert("data", "aws_s3_object", "trusted", &json!({ "bucket": bucket, "key": key, "body": "9.9.9.9\n" }));
        },
        expected: &[] },
    Break { what: "the object by its old type name", on: &[STATE, SHOWN],
        edit: |it| {
            let (bucket, key) = (it.get(TRUSTED_LIST, "bucket"), it.get(TRUSTED_LIST, "key"));
            it.remove(TRUSTED_LIST);
            let attributes = json!({ "bucket": bucket, "key": key, "content": "9.9.9.9\n" });
            it.insert("managed", "aws_s3_bucket_object", "trusted", &attributes);
            it.depend(TRUSTED, Some(TRUSTED_LIST), Some("aws_s3_bucket_object.trusted"));
        },
        expected: &[] },
    Break { what: "the detector belongs to another stack", on: &[STATE, SHOWN],
        edit: |it| it.remove(DETECTOR), expected: &[] },
    Break { what: "a detector that nobody knows", on: &[STATE, SHOWN],
        edit: |it| it.set(FILTER, "detector_id", &json!("00000000000000000000000000000000")), expected: &[] },
    Break { what: "another stack's detector, read as data and on", on: &[STATE, SHOWN],
        edit: |it| it.insert("data", "aws_guardduty_detector", "seen", &seen("ENABLED")), expected: &[] },
    Break { what: "the detector of this stack, read as data too", on: &[STATE, SHOWN],
        edit: |it| {
            let (id, arn) = (it.get(DETECTOR, "id"), it.get(DETECTOR, "arn"));
            it.insert("data", "aws_guardduty_detector", "same", &json!({ "id": id, "arn": arn, "status": "ENABLED" }));
        },
        expected: &[] },
    Break { what: "an entity set in a documented form", on: &[SHOWN],
        edit: |it| entity_set(it, "https://s3.amazonaws.com/gd-entities/domains.txt", true), expected: &[] },
    Break { what: "the bucket by its ARN", on: &[STATE, SHOWN],
        edit: |it| { let arn = it.get(BUCKET, "arn"); it.set(TRUSTED_LIST, "bucket", &arn); }, expected: &[] },
    Break { what: "a slash before the key, which the provider takes away", on: &[STATE, SHOWN, LATER],
        edit: |it| replace(it, TRUSTED_LIST, "key", "guardduty/", "/guardduty/"), expected: &[] },
    Break { what: "another name and other tags of a set", on: &[STATE, SHOWN, LATER],
        edit: |it| { it.set(THREATS, "name", &json!("threats")); it.set(THREATS, "tags", &json!({ "a": "b" })); },
        expected: &[] },
];

/// A detector of another region, as a data source reads it.
pub(crate) fn seen(status: &str) -> Value {
    let id = "0ae1b0fbc6a44c3b8a3d4a7e9dd1a1f4";
    let arn = format!("arn:aws:guardduty:us-west-2:123456789012:detector/{id}");
    json!({ "id": id, "arn": arn, "status": status, "finding_publishing_frequency": "FIFTEEN_MINUTES" })
}

/// A trusted entity set, which only the awscc provider has.
pub(crate) fn entity_set(document: &mut Document, location: &str, activate: bool) {
    let detector = document.get(DETECTOR, "id");
    let attributes = json!({
        "id": "entities", "detector_id": detector, "name": "entities", "format": "TXT", "location": location,
        "activate": activate,
    });
    document.insert("managed", "awscc_guardduty_trusted_entity_set", "entities", &attributes);
}

/// Forms of `location` that name the object; KEY and BUCKET are the right ones.
pub(crate) const LOCATIONS: &[&str] = &[
    "s3://BUCKET/KEY",
    "S3://BUCKET/KEY",
    "http://s3.amazonaws.com/BUCKET/KEY",
    "HTTPS://S3.AmazonAWS.com/BUCKET/KEY",
    "https://s3-eu-west-1.amazonaws.com/BUCKET/KEY",
    "https://s3.eu-west-1.amazonaws.com/BUCKET/KEY",
    "https://s3.dualstack.eu-west-1.amazonaws.com/BUCKET/KEY",
    "https://BUCKET.s3.amazonaws.com/KEY",
    "https://BUCKET.s3-eu-west-1.amazonaws.com/KEY",
    "https://BUCKET.s3.eu-west-1.amazonaws.com/KEY",
    "https://BUCKET.s3.dualstack.eu-west-1.amazonaws.com/KEY",
    "https://s3.amazonaws.com/BUCKET//KEY",
    "https://s3.amazonaws.com/BUCKET/%67uardduty/trusted.txt",
    "https://s3.amazonaws.com/BUCKET/guardduty%2Ftrusted.txt",
    "s3://BUCKET/guardduty%2Ftrusted.txt",
];
