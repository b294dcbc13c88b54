//! One detector, one set and its list in the bucket `lists`, for the tests of what lets GuardDuty read it.

use serde_json::{Value, json};

use super::{
    Run, detector_in,
    lists::{object_at, set_at, with},
    resource, state,
};

/// The account of the detector.
pub(crate) const ACCOUNT: &str = "123456789012";
/// The role that GuardDuty reads lists as.
pub(crate) const ROLE: &str =
    "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty";
pub(crate) const SET: &str = "aws_guardduty_ipset.t";
pub(crate) const OBJECT: &str = "aws_s3_object.o";
pub(crate) const PASS: &str = "pass";
pub(crate) const FAIL: &str = "fail";
pub(crate) const UNDECIDED: &str = "undecided";
pub(crate) const SKIP: &str = "skip";

impl Run {
    /// The verdict of a rule on the only list of a run.
    pub(crate) fn verdict(self, rule: &str) -> &'static str {
        match self.tally(rule) {
            (1, 0, 0, 0) => PASS,
            (0, 1, 0, 0) => FAIL,
            (0, 0, 1, 0) => UNDECIDED,
            (0, 0, 0, 1) => SKIP,
            other => panic!("not one subject: {other:?}"),
        }
    }
}

/// The attributes of the bucket.
pub(crate) fn bucket() -> Value {
    json!({ "id": "lists", "bucket": "lists", "arn": "arn:aws:s3:::lists", "region": "eu-west-1" })
}

/// Detector, set, bucket and list in a raw state, in this order, then `more`; `attributes` are further ones of the list.
pub(crate) fn stored(attributes: Value, more: &[Value]) -> Value {
    let mut resources = vec![
        resource("aws_guardduty_detector.d", detector_in("eu-west-1", ACCOUNT, "12ab")),
        resource(SET, set_at("s3://lists/k.txt")),
        resource("aws_s3_bucket.b", bucket()),
        resource(OBJECT, with(object_at("lists", "k.txt"), attributes)),
    ];
    resources.extend_from_slice(more);
    state(&resources)
}

/// A policy of these statements.
pub(crate) fn policy_text(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// The resource that holds the bucket's policy.
pub(crate) fn bucket_policy(policy: &str) -> Value {
    resource("aws_s3_bucket_policy.p", json!({ "id": "lists", "bucket": "lists", "policy": policy }))
}

/// A statement with other elements; null takes one away.
pub(crate) fn elements(statement: Value, others: Value) -> Value {
    let mut statement = with(statement, others);
    statement.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    statement
}
