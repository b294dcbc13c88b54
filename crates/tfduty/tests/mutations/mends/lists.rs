//! The rules on lists.

use serde_json::{Value, json};

use super::{Mend, OBJECT, SET, mend, references};
use crate::document::{
    Document,
    places::{remove_member, without_keys},
};

pub(super) const MENDS: &[Mend] = &[
    mend("list-inactive", |document, set| document.set(set, "activate", &json!(true))),
    Mend {
        file: "broken-a-missing-key/plan.json",
        reveals: &[("list-read-denied", OBJECT)],
        ..mend("list-object-missing", refer)
    },
    Mend {
        file: "broken-a-missing-key",
        also: &[("list-unused", OBJECT)],
        ..mend("list-object-missing", point_at_object)
    },
    Mend {
        file: "broken-a-missing-key",
        also: &[("list-object-missing", SET)],
        ..mend("list-unused", |document, _| point_at_object(document, SET))
    },
    Mend {
        file: "modules/plan.json",
        reveals: &[("list-unused", ".aws_s3_object.list")],
        ..mend("list-object-missing", refer_in_module)
    },
    Mend { file: "broken-g-other-region", ..mend("list-bucket-region", bring_home) },
    Mend {
        file: "drift/plan-refresh-only",
        address: SET,
        also: &[("detector-drift", OBJECT)],
        ..mend("list-object-missing", |document, _| undelete(document))
    },
    Mend { file: "destroy-prevented", ..mend("list-unused", Document::remove) },
    Mend { file: "broken-a-missing-key", ..mend("list-read-denied", admit) },
    Mend {
        also: &[("list-read-denied", "aws_s3_object.trusted"), ("list-read-denied", "aws_s3_object.suspects")],
        ..mend("list-read-denied", admit)
    },
    mend("list-undecryptable", leave_to_s3),
    Mend {
        file: "broken-i-format",
        address: OBJECT,
        ..mend("list-format-mismatch", |document, _| document.set(SET, "format", &json!("TXT")))
    },
    Mend { file: "adopt", ..mend("list-format-mismatch", |document, _| document.set(SET, "format", &json!("TXT"))) },
    Mend {
        reveals: &[("list-stale", "suspects")],
        ..mend("list-format-mismatch", |document, object| document.set(object, "content", &json!(AS_OTX)))
    },
    Mend {
        file: "broken-d-bad-lines",
        ..mend("list-entry-invalid", |document, object| {
            document.set(object, "content", &json!("10.0.0.0/8\n192.168.10.0/24\n172.16.5.4\n9.9.9.9\n"));
        })
    },
    Mend {
        file: "broken-d-bad-lines",
        ..mend("list-entry-private", |document, object| {
            document.set(object, "content", &json!("office-vpn.example.net\n1.1.1.0/33\n# paris\n9.9.9.9\n"));
        })
    },
    Mend {
        file: "broken-h-overlap",
        address: OBJECT,
        ..mend("list-entry-private", |document, object| document.set(object, "content", &json!("9.9.9.9\n")))
    },
    Mend {
        file: "broken-h-overlap",
        ..mend("list-entry-private", |document, object| {
            document.set(object, "content", &json!("9.9.9.9\n45.155.205.233\n"));
        })
    },
    Mend {
        file: "broken-h-overlap",
        ..mend("list-overlap", |document, _| document.set(OBJECT, "content", &json!("203.0.113.0/24\n1.1.1.1\n")))
    },
];

/// A list in the format that its set declares.
const AS_OTX: &str = "Indicator type, Indicator, Description\nIPv4, 45.155.205.233, seen\n";

/// The bucket policy denies nobody, and that is known.
fn admit(document: &mut Document, _: &str) {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    }] });
    document.set("aws_s3_bucket_policy.lists", "policy", &json!(policy.to_string()));
}

/// S3 encrypts the object with its own key.
fn leave_to_s3(document: &mut Document, object: &str) {
    document.set(object, "kms_key_id", &Value::Null);
    document.set(object, "server_side_encryption", &json!("AES256"));
}

/// Lets the expression of the location name an object beside the bucket.
fn refer(document: &mut Document, set: &str) {
    document.express(set, "location", references(&["aws_s3_bucket.lists.id", "aws_s3_object.trusted.key"]));
}

/// Plan JSON does not show what a local holds.
fn refer_in_module(document: &mut Document, set: &str) {
    document.express(set, "location", references(&["aws_s3_object.list.bucket", "aws_s3_object.list.key"]));
}

/// The location names what is there, and so depends on it.
fn point_at_object(document: &mut Document, set: &str) {
    let (bucket, key) = (document.get(OBJECT, "bucket"), document.get(OBJECT, "key"));
    let location = format!("https://s3.amazonaws.com/{}/{}", bucket.as_str().unwrap(), key.as_str().unwrap());
    document.set(set, "location", &json!(location));
    document.depend(set, None, Some(&without_keys(OBJECT)));
}

/// The bucket stands where its detector does.
fn bring_home(document: &mut Document, bucket: &str) {
    for address in [bucket, "aws_s3_bucket_policy.lists", OBJECT, "aws_s3_object.suspects"] {
        document.provide(address, "aws");
    }
    if document.is_plan() {
        // A provider configuration that nothing uses would be a region without a detector.
        remove_member(&mut document.json["configuration"]["provider_config"], "aws.far");
    } else {
        let domain = document.get(bucket, "bucket_regional_domain_name");
        document.set(bucket, "region", &json!("eu-west-1"));
        let domain = domain.as_str().unwrap().replace("us-west-2", "eu-west-1");
        document.set(bucket, "bucket_regional_domain_name", &json!(domain));
    }
}

/// The list is there as if the refresh had not missed it.
pub(super) fn undelete(document: &mut Document) {
    let drift = document.undrift(OBJECT);
    document.restore(&drift);
}
