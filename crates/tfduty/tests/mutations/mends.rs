//! What mends each finding of the scenarios. The first row that fits is taken.

use serde_json::{Value, json};

use super::document::{Document, without_keys};

/// How one finding is mended.
#[derive(Debug)]
pub(crate) struct Mend {
    /// What the file's path starts with.
    pub(crate) file: &'static str,
    pub(crate) rule: &'static str,
    /// How the address ends.
    pub(crate) address: &'static str,
    /// Other findings that the same edit mends: rule and address.
    pub(crate) also: &'static [(&'static str, &'static str)],
    pub(crate) edit: fn(&mut Document, &str),
}

impl Mend {
    pub(crate) fn is_for(&self, file: &str, rule: &str, address: &str) -> bool {
        file.starts_with(self.file) && rule == self.rule && address.ends_with(self.address)
    }
}

const DETECTOR: &str = "aws_guardduty_detector.this";
const SET: &str = "aws_guardduty_ipset.trusted";
const OBJECT: &str = "aws_s3_object.trusted";

pub(crate) const MENDS: &[Mend] = &[
    Mend { file: "", rule: "detector-frequency-slow", address: "", also: &[], edit: often },
    Mend {
        file: "drift/plan-refresh-only",
        rule: "detector-disabled",
        address: "",
        also: &[],
        edit: undo_all_but_object,
    },
    Mend { file: "", rule: "detector-disabled", address: "", also: &[], edit: enable },
    Mend {
        file: "",
        rule: "list-inactive",
        address: "",
        also: &[],
        edit: |document, set| document.set(set, "activate", &json!(true)),
    },
    Mend { file: "broken-a-missing-key/plan.json", rule: "list-object-missing", address: "", also: &[], edit: refer },
    Mend { file: "broken-a-missing-key", rule: "list-object-missing", address: "", also: &[], edit: point_at_object },
    Mend { file: "modules/plan.json", rule: "list-object-missing", address: "", also: &[], edit: refer_in_module },
    Mend { file: "", rule: "list-format-mismatch", address: "", also: &[], edit: declare_text },
    Mend { file: "broken-g-other-region", rule: "list-bucket-region", address: "", also: &[], edit: bring_home },
    Mend {
        file: "destroy-prevented",
        rule: "detector-removed",
        address: "",
        also: &[("coverage-detector-missing", "")],
        edit: |document, _| keep_detector(document),
    },
    Mend {
        file: "destroy-prevented",
        rule: "coverage-detector-missing",
        address: "",
        also: &[("detector-removed", DETECTOR)],
        edit: |document, _| keep_detector(document),
    },
    Mend {
        file: "destroy-stuck-bucket",
        rule: "coverage-detector-missing",
        address: "",
        also: &[],
        edit: |document, _| add_detector(document),
    },
    Mend {
        file: "drift/plan-refresh-only",
        rule: "detector-drift",
        address: OBJECT,
        also: &[("list-object-missing", SET)],
        edit: |document, _| undelete(document),
    },
    Mend {
        file: "drift/plan-refresh-only",
        rule: "list-object-missing",
        address: SET,
        also: &[("detector-drift", OBJECT)],
        edit: |document, _| undelete(document),
    },
    Mend {
        file: "drift",
        rule: "detector-drift",
        address: "",
        also: &[],
        edit: |document, address| {
            document.undrift(address);
        },
    },
];

fn often(document: &mut Document, detector: &str) {
    document.set(detector, "finding_publishing_frequency", &json!("FIFTEEN_MINUTES"));
}

/// Repeats of a detector that is on are published slowly unless it says otherwise: that would be a new finding.
fn enable(document: &mut Document, detector: &str) {
    document.set(detector, "enable", &json!(true));
    often(document, detector);
}

/// A list of one address, and a set that reads it as such.
fn declare_text(document: &mut Document, object: &str) {
    let set = if object == OBJECT { SET } else { "aws_guardduty_threatintelset.suspects" };
    document.set(object, "content", &json!("45.155.205.233\n"));
    document.set(set, "format", &json!("TXT"));
}

/// Nobody speaks of an inactive list as long as its detector is off: it is mended with it.
fn undo_all_but_object(document: &mut Document, detector: &str) {
    enable(document, detector);
    document.set(SET, "activate", &json!(true));
}

/// Lets the expression of the location name an object beside the bucket.
fn refer(document: &mut Document, set: &str) {
    document.express(set, "location", references("aws_s3_bucket.lists.id", "aws_s3_object.trusted.key"));
}

/// Plan JSON does not show what a local holds.
fn refer_in_module(document: &mut Document, set: &str) {
    document.express(set, "location", references("aws_s3_object.list.bucket", "aws_s3_object.list.key"));
}

fn references(one: &str, other: &str) -> Value {
    let resource = |attribute: &str| attribute.rsplit_once('.').unwrap().0.to_owned();
    json!({ "references": [one, resource(one), other, resource(other)] })
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
    if !document.is_plan() {
        let domain = document.get(bucket, "bucket_regional_domain_name");
        document.set(bucket, "region", &json!("eu-west-1"));
        let domain = domain.as_str().unwrap().replace("us-west-2", "eu-west-1");
        document.set(bucket, "bucket_regional_domain_name", &json!(domain));
    }
}

fn keep_detector(document: &mut Document) {
    document.act(DETECTOR, &["no-op"], &[]);
    often(document, DETECTOR);
}

fn add_detector(document: &mut Document) {
    let id = "62ea278676da4b76a9cfe3f348ededd7";
    let attributes = json!({
        "id": id,
        "account_id": "123456789012",
        "arn": format!("arn:aws:guardduty:eu-west-1:123456789012:detector/{id}"),
        "enable": true,
        "finding_publishing_frequency": "FIFTEEN_MINUTES",
    });
    document.insert("managed", "aws_guardduty_detector", "this", &attributes);
}

fn undelete(document: &mut Document) {
    let drift = document.undrift(OBJECT);
    document.restore(&drift);
}
