//! The rules on detectors, on their coverage and on organizations.

use serde_json::json;

use super::{DETECTOR, Mend, OBJECT, OF_A_BARE_DETECTOR, SET, lists::undelete, mend};
use crate::document::Document;

pub(super) const MENDS: &[Mend] = &[
    mend("detector-frequency-slow", often),
    mend("org-member-not-enabled", |document, member| document.set(member, "relationship_status", &json!("Enabled"))),
    Mend {
        file: "drift/plan-refresh-only",
        reveals: OF_A_BARE_DETECTOR,
        ..mend("detector-disabled", undo_all_but_object)
    },
    Mend { reveals: OF_A_BARE_DETECTOR, ..mend("detector-disabled", enable) },
    Mend {
        file: "destroy-prevented",
        also: &[("coverage-detector-missing", "")],
        reveals: OF_A_BARE_DETECTOR,
        ..mend("detector-removed", |document, _| keep_detector(document))
    },
    Mend {
        file: "destroy-prevented",
        also: &[("detector-removed", DETECTOR)],
        reveals: OF_A_BARE_DETECTOR,
        ..mend("coverage-detector-missing", |document, _| keep_detector(document))
    },
    Mend {
        file: "org-three-states/payments",
        reveals: OF_A_BARE_DETECTOR,
        ..mend("coverage-detector-missing", |document, _| add_detector(document))
    },
    Mend {
        file: "destroy-stuck-bucket",
        reveals: OF_A_BARE_DETECTOR,
        ..mend("coverage-detector-missing", |document, _| add_detector(document))
    },
    Mend {
        file: "drift/plan-refresh-only",
        address: OBJECT,
        also: &[("list-object-missing", SET)],
        ..mend("detector-drift", |document, _| undelete(document))
    },
    Mend {
        file: "drift",
        ..mend("detector-drift", |document, address| {
            document.undrift(address);
        })
    },
    Mend { file: "modules", ..mend("coverage-uneven", |document, _| add_trusted_set(document)) },
];

fn often(document: &mut Document, detector: &str) {
    document.set(detector, "finding_publishing_frequency", &json!("FIFTEEN_MINUTES"));
}

/// Repeats of a detector that is on are published slowly unless it says otherwise: that would be a new finding.
fn enable(document: &mut Document, detector: &str) {
    document.set(detector, "enable", &json!(true));
    often(document, detector);
}

/// Nobody speaks of an inactive list as long as its detector is off: it is mended with it.
fn undo_all_but_object(document: &mut Document, detector: &str) {
    enable(document, detector);
    document.set(SET, "activate", &json!(true));
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

/// Virginia gets a trusted set, as Ireland has one.
fn add_trusted_set(document: &mut Document) {
    const BUCKET: &str = "module.virginia.aws_s3_bucket.lists[0]";
    const VIRGINIAN: &str = "module.virginia.module.detector[0].aws_guardduty_detector.it";
    let (bucket, detector) = (document.get(BUCKET, "bucket"), document.get(VIRGINIAN, "id"));
    let (key, bucket, id) = ("lists/us-offices.txt", bucket.as_str().unwrap(), "6241b8de001d47105bb2f9e9546efd65");
    let arn = format!("{}/ipset/{id}", document.get(VIRGINIAN, "arn").as_str().unwrap());
    let attributes = json!({
        "id": key, "arn": format!("arn:aws:s3:::{bucket}/{key}"), "bucket": bucket, "key": key, "content": "9.9.9.9\n",
    });
    document.insert_beside(BUCKET, "aws_s3_object", "offices", &attributes);
    let attributes = json!({
        "id": id, "arn": arn, "detector_id": detector, "name": "offices", "format": "TXT", "activate": true,
        "location": format!("https://s3.amazonaws.com/{bucket}/{key}"),
    });
    document.insert_beside(BUCKET, "aws_guardduty_ipset", "offices", &attributes);
    document.depend("module.virginia.aws_guardduty_ipset.offices", None, Some("module.virginia.aws_s3_object.offices"));
}
