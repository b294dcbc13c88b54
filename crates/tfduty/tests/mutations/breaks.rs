//! What breaks a sound scenario, one thing at a time.

use serde_json::{Value, json};

use super::{
    document::Document,
    harmless::{entity_set, seen},
};

/// One break, or one change that breaks nothing.
#[derive(Debug)]
pub(crate) struct Break {
    pub(crate) what: &'static str,
    /// The files it is made in; all of them are sound.
    pub(crate) on: &'static [&'static str],
    pub(crate) edit: fn(&mut Document),
    /// Rule, verdict and address of each finding that is new.
    pub(crate) expected: &'static [[&'static str; 3]],
}

/// The rules of the first wave; `list-location-invalid` has a table of its own.
pub(crate) const RULES: &[&str] = &[
    "detector-disabled",
    "detector-duplicate",
    "detector-wrong-provider",
    "detector-removed",
    "detector-drift",
    "detector-frequency-slow",
    "coverage-detector-missing",
    "list-location-invalid",
    "list-object-missing",
    "list-object-order",
    "list-inactive",
    "list-limits",
    "list-bucket-region",
    "list-stale",
];

/// A plan that creates everything; a raw state and the same as `show -json`; a plan that leaves all but a topic out.
pub(crate) const CREATES: &str = "wired/plan.json";
pub(crate) const STATE: &str = "wired/terraform.tfstate";
pub(crate) const SHOWN: &str = "wired/state.json";
pub(crate) const LATER: &str = "targeted/plan-targeted.json";
const DEV_CREATES: &str = "workspaces/envs/dev/plan.json";
const DEV_STATE: &str = "workspaces/envs/dev/terraform.tfstate";
const DEV_SHOWN: &str = "workspaces/envs/dev/state.json";

pub(crate) const DETECTOR: &str = "aws_guardduty_detector.this";
pub(crate) const TRUSTED: &str = "aws_guardduty_ipset.trusted";
pub(crate) const THREATS: &str = "aws_guardduty_threatintelset.suspects";
pub(crate) const TRUSTED_LIST: &str = "aws_s3_object.trusted";
pub(crate) const THREAT_LIST: &str = "aws_s3_object.suspects";
pub(crate) const BUCKET: &str = "aws_s3_bucket.lists";
pub(crate) const FILTER: &str = "aws_guardduty_filter.quiet";
pub(crate) const EXPORT: &str = "aws_guardduty_publishing_destination.export";
pub(crate) const FEATURE: &str = "aws_guardduty_detector_feature.s3";
const ENTITIES: &str = "awscc_guardduty_trusted_entity_set.entities";
pub(crate) const FREQUENCY: &str = "finding_publishing_frequency";

/// What a second detector gives. That nothing belongs to it yet is another matter than that it cannot be.
const TWIN: &[[&str; 3]] = &[
    ["detector-duplicate", "fail", "aws_guardduty_detector.twin"],
    ["protection-undeclared", "fail", "aws_guardduty_detector.twin"],
];

#[rustfmt::skip] // one row, one line where it fits
pub(crate) const BREAKS: &[Break] = &[
    // -------------------------------------------------------------- detector-disabled, detector-frequency-slow
    Break { what: "the detector is suspended", on: &[CREATES, STATE, SHOWN, LATER],
        edit: |it| it.set(DETECTOR, "enable", &json!(false)),
        expected: &[["detector-disabled", "fail", DETECTOR]] },
    Break { what: "a variable, known after apply, says whether the detector is on", on: &[CREATES],
        edit: |it| { it.hide(DETECTOR, "enable"); it.express(DETECTOR, "enable", variable()); },
        expected: &[["detector-disabled", "undecided", DETECTOR]] },
    Break { what: "six hours", on: &[CREATES, STATE, SHOWN, LATER],
        edit: |it| it.set(DETECTOR, FREQUENCY, &json!("SIX_HOURS")),
        expected: &[["detector-frequency-slow", "fail", DETECTOR]] },
    Break { what: "no frequency: the default of a new detector", on: &[CREATES],
        edit: |it| { it.hide(DETECTOR, FREQUENCY); it.express(DETECTOR, FREQUENCY, Value::Null); },
        expected: &[["detector-frequency-slow", "fail", DETECTOR]] },
    Break { what: "a variable, known after apply, holds the frequency", on: &[CREATES],
        edit: |it| { it.hide(DETECTOR, FREQUENCY); it.express(DETECTOR, FREQUENCY, variable()); },
        expected: &[["detector-frequency-slow", "undecided", DETECTOR]] },

    Break { what: "another stack's detector, read as data, is suspended", on: &[STATE, SHOWN],
        edit: |it| it.insert("data", "aws_guardduty_detector", "seen", &seen("DISABLED")),
        expected: &[["detector-disabled", "fail", "data.aws_guardduty_detector.seen"]] },
    Break { what: "an older data source does not say whether the detector is on", on: &[STATE, SHOWN],
        edit: |it| {
            it.insert("data", "aws_guardduty_detector", "seen", &seen("ENABLED"));
            it.set("data.aws_guardduty_detector.seen", "status", &Value::Null);
        },
        expected: &[["detector-disabled", "undecided", "data.aws_guardduty_detector.seen"]] },

    // -------------------------------------------------------------- detector-duplicate, detector-removed
    Break { what: "a second detector in the account and region", on: &[CREATES],
        edit: |it| it.copy(DETECTOR, "twin", &[]),
        expected: TWIN },
    Break { what: "a second detector in the account and region", on: &[STATE, SHOWN], edit: twin, expected: TWIN },
    Break { what: "a second detector, and the plan may leave what belongs to it out", on: &[LATER],
        edit: twin,
        expected: &[["detector-duplicate", "fail", "aws_guardduty_detector.twin"]] },
    Break { what: "the detector is deleted, all others stay", on: &[LATER],
        edit: |it| it.act(DETECTOR, &["delete"], &[]),
        expected: &[["detector-removed", "fail", DETECTOR]] },
    Break { what: "the detector is forgotten", on: &[LATER],
        edit: |it| it.act(DETECTOR, &["forget"], &[]),
        expected: &[["detector-removed", "fail", DETECTOR]] },
    Break { what: "the detector is replaced", on: &[LATER],
        edit: |it| it.act(DETECTOR, &["delete", "create"], &[]),
        expected: &[["detector-removed", "fail", DETECTOR]] },
    Break { what: "the new detector is made while the old one lives", on: &[LATER],
        edit: |it| it.act(DETECTOR, &["create", "delete"], &[]),
        expected: &[["detector-duplicate", "fail", DETECTOR], ["detector-removed", "fail", DETECTOR]] },

    Break { what: "a detector in another region, to which nothing belongs", on: &[CREATES],
        edit: |it| { far(it); it.copy(DETECTOR, "twin", &[]); it.provide("aws_guardduty_detector.twin", "aws.far"); },
        expected: &[["coverage-uneven", "fail", "aws_guardduty_detector.twin"],
            ["coverage-uneven", "fail", "aws_guardduty_detector.twin"],
            ["coverage-uneven", "fail", "aws_guardduty_detector.twin"],
            ["findings-no-delivery", "fail", "aws_guardduty_detector.twin"],
            ["protection-undeclared", "fail", "aws_guardduty_detector.twin"]] },

    // -------------------------------------------------------------- detector-wrong-provider
    Break { what: "the set under a provider of another region", on: &[CREATES],
        edit: |it| { far(it); it.provide(TRUSTED, "aws.far"); },
        expected: &[["detector-wrong-provider", "fail", TRUSTED]] },
    Break { what: "the filter under a provider of another region", on: &[CREATES],
        edit: |it| { far(it); it.provide(FILTER, "aws.far"); },
        expected: &[["detector-wrong-provider", "fail", FILTER]] },
    Break { what: "the destination under a role of another account", on: &[CREATES],
        edit: |it| {
            let role = json!([{ "role_arn": { "constant_value": "arn:aws:iam::222233334444:role/terraform" } }]);
            it.add_provider("aws.log", &json!({ "region": { "references": ["var.region"] }, "assume_role": role }));
            it.provide(EXPORT, "aws.log");
        },
        expected: &[["detector-wrong-provider", "fail", EXPORT]] },
    Break { what: "the set under a provider whose region nobody knows", on: &[CREATES],
        edit: |it| {
            it.add_provider("aws.any", &json!({ "region": { "references": ["local.region"] } }));
            it.provide(TRUSTED, "aws.any");
        },
        expected: &[["detector-wrong-provider", "undecided", TRUSTED]] },
    Break { what: "the set lives in another region", on: &[STATE, SHOWN, LATER],
        edit: |it| replace(it, TRUSTED, "arn", ":eu-west-1:", ":us-west-2:"),
        expected: &[["detector-wrong-provider", "fail", TRUSTED]] },
    Break { what: "the filter lives in another account", on: &[STATE, SHOWN, LATER],
        edit: |it| replace(it, FILTER, "arn", ":123456789012:", ":222233334444:"),
        expected: &[["detector-wrong-provider", "fail", FILTER]] },

    // -------------------------------------------------------------- coverage-detector-missing
    Break { what: "no detector, but buckets and keys that admit GuardDuty of elsewhere", on: &[STATE, SHOWN],
        edit: |it| {
            for other in ["EBS_MALWARE_PROTECTION", "EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "RDS_LOGIN_EVENTS"] {
                it.remove(&format!("aws_guardduty_detector_feature.others[\"{other}\"]"));
            }
            it.remove("aws_guardduty_detector_feature.runtime");
            for address in [DETECTOR, FEATURE, FILTER, EXPORT, TRUSTED, THREATS] {
                it.remove(address);
            }
        },
        expected: &[["coverage-detector-missing", "undecided", ""], ["list-unused", "fail", TRUSTED_LIST], ["list-unused", "fail", THREAT_LIST]] },

    // -------------------------------------------------------------- list-object-missing, list-object-order
    Break { what: "a typo in the key", on: &[STATE, SHOWN, LATER],
        edit: |it| replace(it, TRUSTED, "location", "trusted.txt", "trustd.txt"),
        expected: &[["list-object-missing", "fail", TRUSTED], ["list-unused", "fail", TRUSTED_LIST]] },
    Break { what: "keys are case-sensitive", on: &[STATE, SHOWN, LATER],
        edit: |it| replace(it, TRUSTED, "location", "guardduty/trusted", "guardduty/Trusted"),
        expected: &[["list-object-missing", "fail", TRUSTED], ["list-unused", "fail", TRUSTED_LIST]] },
    Break { what: "a key of nothing near, in a bucket whose objects are known", on: &[STATE, SHOWN, LATER],
        edit: |it| replace(it, TRUSTED, "location", "guardduty/trusted.txt", "elsewhere/allowed-addresses.csv"),
        expected: &[["list-object-missing", "fail", TRUSTED], ["list-unused", "fail", TRUSTED_LIST]] },
    Break { what: "a bucket that is not among the inputs", on: &[STATE, SHOWN, LATER],
        edit: |it| replace(it, TRUSTED, "location", "/gd-lists-", "/gd-other-"),
        expected: &[["list-object-missing", "undecided", TRUSTED], ["list-unused", "fail", TRUSTED_LIST]] },
    Break { what: "the object is not there, another one of its bucket is", on: &[STATE, SHOWN, LATER],
        edit: |it| it.remove(TRUSTED_LIST),
        expected: &[["list-object-missing", "fail", TRUSTED]] },
    Break { what: "the only object of the bucket is not there", on: &[DEV_STATE, DEV_SHOWN],
        edit: |it| it.remove(TRUSTED_LIST),
        expected: &[["list-object-missing", "undecided", TRUSTED]] },
    Break { what: "the location refers to the bucket alone", on: &[CREATES],
        edit: |it| it.express(TRUSTED, "location", json!({ "references": ["aws_s3_bucket.lists.id", BUCKET] })),
        expected: &[["list-object-missing", "undecided", TRUSTED]] },
    Break { what: "the plan deletes the object", on: &[LATER],
        edit: |it| it.act(TRUSTED_LIST, &["delete"], &[]),
        expected: &[["list-object-missing", "fail", TRUSTED]] },
    Break { what: "the object gets another key, the set does not follow", on: &[LATER],
        edit: |it| it.act(TRUSTED_LIST, &["delete", "create"], &[("key", json!("guardduty/trusted-2.txt"))]),
        expected: &[["list-object-missing", "fail", TRUSTED], ["list-unused", "fail", TRUSTED_LIST]] },
    Break { what: "the set no longer depends on its object", on: &[STATE, SHOWN],
        edit: |it| it.depend(TRUSTED, Some(TRUSTED_LIST), None),
        expected: &[["list-object-order", "fail", TRUSTED]] },
    Break { what: "the other set no longer depends on its object", on: &[STATE, SHOWN],
        edit: |it| it.depend(THREATS, Some(THREAT_LIST), None),
        expected: &[["list-object-order", "fail", THREATS]] },
    Break { what: "a location without references", on: &[DEV_CREATES],
        edit: |it| it.set(TRUSTED, "location", &json!("s3://gd-lists-dev-eu-west-1/guardduty/trusted.txt")),
        expected: &[["list-object-order", "fail", TRUSTED]] },

    // -------------------------------------------------------------- list-location-invalid in a plan without values
    Break { what: "the ARN of an object", on: &[CREATES],
        edit: |it| it.set(TRUSTED, "location", &json!("arn:aws:s3:::gd-lists/guardduty/trusted.txt")),
        expected: &[["list-location-invalid", "fail", TRUSTED], ["list-unused", "fail", TRUSTED_LIST]] },

    // -------------------------------------------------------------- list-inactive, list-bucket-region
    Break { what: "the set is not activated", on: &[CREATES, STATE, SHOWN, LATER],
        edit: |it| it.set(TRUSTED, "activate", &json!(false)),
        expected: &[["list-inactive", "fail", TRUSTED]] },
    Break { what: "an entity set is not activated", on: &[SHOWN],
        edit: |it| entity_set(it, "https://s3.amazonaws.com/gd-entities/domains.txt", false),
        expected: &[["list-inactive", "fail", ENTITIES]] },
    Break { what: "an entity set in a form that is not documented", on: &[SHOWN],
        edit: |it| entity_set(it, "https://s3.dualstack.eu-west-1.amazonaws.com/gd-entities/domains.txt", true),
        expected: &[["list-location-invalid", "fail", ENTITIES]] },
    Break { what: "an entity set under the other provider, whose region a state does not tell", on: &[STATE],
        edit: |it| entity_set(it, "https://s3.amazonaws.com/gd-entities/domains.txt", true),
        expected: &[["detector-wrong-provider", "undecided", ENTITIES]] },
    Break { what: "a variable, known after apply, says whether the set is active", on: &[CREATES],
        edit: |it| { it.hide(THREATS, "activate"); it.express(THREATS, "activate", variable()); },
        expected: &[["list-inactive", "undecided", THREATS]] },
    Break { what: "the bucket under a provider of another region", on: &[CREATES],
        edit: |it| {
            far(it);
            for kind in ["bucket", "bucket_policy", "bucket_public_access_block", "bucket_versioning"] {
                it.provide(&format!("aws_s3_{kind}.lists"), "aws.far");
            }
            it.provide(TRUSTED_LIST, "aws.far");
            it.provide(THREAT_LIST, "aws.far");
        },
        expected: &[["list-bucket-region", "fail", BUCKET]] },
    Break { what: "the bucket lives in another region", on: &[STATE, SHOWN, LATER],
        edit: |it| {
            it.set(BUCKET, "region", &json!("us-west-2"));
            replace(it, BUCKET, "bucket_regional_domain_name", "eu-west-1", "us-west-2");
            if !it.is_plan() {
                it.provide(BUCKET, "aws.far");
            }
        },
        expected: &[["list-bucket-region", "fail", BUCKET]] },
];

const MODULES: &[&str] = &["modules/plan.json", "modules/terraform.tfstate", "modules/state.json"];
const MODULE_STATES: &[&str] = &["modules/terraform.tfstate", "modules/state.json"];
const ACCEPTER: &str = "aws_guardduty_invite_accepter.workload";
const ORGANIZATIONS: &[&str] = &["org/plan.json", "org/terraform.tfstate", "org/state.json"];
const IRISH: &str = "module.ireland.module.list[\"offices\"].aws_guardduty_ipset.it[0]";
const BLOCKED: &str = "module.virginia.module.list[\"blocked\"].aws_guardduty_threatintelset.it[0]";
const SCANNER: &str = "module.virginia.module.list[\"scanner\"].aws_guardduty_threatintelset.it[0]";
const IRISH_BLOCKED: &str = "module.ireland.module.list[\"blocked\"].aws_guardduty_threatintelset.it[0]";
const OFFICES: &str = "module.ireland.module.list[\"offices\"].aws_s3_object.list";
const SCANNER_LIST: &str = "module.virginia.module.list[\"scanner\"].aws_s3_object.list";
const VIRGINIAN: &str = "module.virginia.aws_s3_bucket.lists[0]";
const MEMBER: &str = "aws_guardduty_detector.workload";
const ORGANIZATION: &str = "aws_guardduty_organization_configuration.all";

/// Breaks of one instance among many, and of one account among three.
#[rustfmt::skip] // one row, one line where it fits
pub(crate) const AMONG_MANY: &[Break] = &[
    Break { what: "one of the sets is not activated", on: &["modules/plan.json"],
        edit: |it| it.set(IRISH, "activate", &json!(false)),
        expected: &[["list-inactive", "fail", IRISH]] },
    Break { what: "a typo in one of the keys", on: MODULE_STATES,
        edit: |it| replace(it, SCANNER, "location", "-scanner.txt", "-scaner.txt"),
        expected: &[["list-object-missing", "fail", SCANNER], ["list-unused", "fail", SCANNER_LIST]] },
    Break { what: "two sets of one detector with one name", on: MODULES,
        edit: |it| { let name = it.get(BLOCKED, "name"); it.set(SCANNER, "name", &name); },
        expected: &[["list-limits", "fail", SCANNER]] },
    Break { what: "one of the sets no longer depends on its object", on: MODULE_STATES,
        edit: |it| it.depend(SCANNER, Some("module.virginia.module.list.aws_s3_object.list"), None),
        expected: &[["list-object-order", "fail", SCANNER]] },
    Break { what: "a list of the other region, on which the set does not depend", on: MODULE_STATES,
        edit: |it| { let other = it.get(BLOCKED, "location"); it.set(IRISH, "location", &other); },
        expected: &[["list-bucket-region", "fail", VIRGINIAN], ["list-object-order", "fail", IRISH],
            ["list-overlap", "fail", IRISH_BLOCKED], ["list-unused", "fail", OFFICES]] },
    Break { what: "an account that is nobody's member", on: ORGANIZATIONS,
        edit: |it| { it.remove(ACCEPTER); it.set("aws_guardduty_member.workload", "account_id", &json!("888899990000")); },
        expected: &[["detector-frequency-slow", "fail", MEMBER], ["findings-no-delivery", "fail", MEMBER],
            ["protection-undeclared", "fail", MEMBER]] },
    Break { what: "an organization that enables nobody", on: ORGANIZATIONS,
        edit: |it| it.set(ORGANIZATION, "auto_enable_organization_members", &json!("NONE")),
        expected: &[["org-auto-enable-off", "fail", ORGANIZATION]] },
    Break { what: "another delegated administrator", on: ORGANIZATIONS,
        edit: |it| it.set("aws_guardduty_organization_admin_account.security", "admin_account_id", &json!("888899990000")),
        expected: &[["org-config-wrong-account", "fail", ORGANIZATION],
            ["org-config-wrong-account", "fail", "aws_guardduty_organization_configuration_feature.lambda"]] },
    Break { what: "an accepter of another administrator", on: ORGANIZATIONS,
        edit: |it| it.set(ACCEPTER, "master_account_id", &json!("888899990000")),
        expected: &[["org-link-mismatch", "fail", ACCEPTER]] },
    Break { what: "a frequency of the member's own", on: &["org/plan.json"],
        edit: |it| {
            it.set(MEMBER, "finding_publishing_frequency", &json!("FIFTEEN_MINUTES"));
            it.express(MEMBER, "finding_publishing_frequency", json!({ "constant_value": "FIFTEEN_MINUTES" }));
        },
        expected: &[["org-settings-in-member", "fail", MEMBER]] },
    Break { what: "the detector of another account", on: &["org/terraform.tfstate"],
        edit: |it| { let id = it.get(MEMBER, "id"); it.set(ORGANIZATION, "detector_id", &id); },
        expected: &[["detector-wrong-provider", "fail", ORGANIZATION]] },
    Break { what: "the detector of another account", on: &["org/plan.json"],
        edit: |it| {
            let references = json!(["aws_guardduty_detector.workload.id", MEMBER]);
            it.express(ORGANIZATION, "detector_id", json!({ "references": references }));
        },
        expected: &[["detector-wrong-provider", "fail", ORGANIZATION]] },
];

/// Breaks that end other findings of the file.
#[rustfmt::skip] // one row, one line where it fits
pub(crate) const TRADES: &[(Break, &[[&str; 3]])] = &[
    (Break { what: "neither detector nor set", on: &[DEV_CREATES, DEV_STATE, DEV_SHOWN],
        edit: |it| { it.remove(DETECTOR); it.remove(TRUSTED); },
        expected: &[["coverage-detector-missing", "fail", ""], ["list-unused", "fail", TRUSTED_LIST]] },
        &[["findings-no-delivery", "fail", DETECTOR], ["protection-undeclared", "fail", DETECTOR]]),
    (Break { what: "the only set of its kind is not activated in one of two regions", on: MODULE_STATES,
        edit: |it| it.set(IRISH, "activate", &json!(false)),
        expected: &[["list-inactive", "fail", IRISH]] },
        &[["coverage-uneven", "fail", "module.virginia.module.detector[0].aws_guardduty_detector.it"]]),
];

/// Forms of `location` that name no object; KEY and BUCKET are the right ones.
pub(crate) const LOCATIONS: &[(&str, &str)] = &[
    ("arn:aws:s3:::BUCKET/KEY", "an ARN"),
    ("BUCKET/KEY", "no scheme"),
    ("file:///BUCKET/KEY", "another scheme"),
    ("s3://BUCKET", "no key"),
    ("s3://BUCKET/", "an empty key"),
    ("s3://BUCKET/guardduty/", "a key that ends in a slash"),
    ("https://s3.amazonaws.com/BUCKET/", "an empty key"),
    (" s3://BUCKET/KEY", "white space before"),
    ("s3://BUCKET/KEY\n", "white space behind"),
    ("https://s3.amazonaws.com/BUCKET/KEY?versionId=1", "a query"),
    ("https://s3.amazonaws.com/BUCKET/KEY#1", "a fragment"),
    ("http://BUCKET.s3-website-eu-west-1.amazonaws.com/KEY", "a website"),
    ("https://d111111abcdef8.cloudfront.net/KEY", "CloudFront"),
    ("https://lists.example.com/BUCKET/KEY", "another host"),
    ("https://lists-123456789012.s3-accesspoint.eu-west-1.amazonaws.com/KEY", "an access point"),
    ("https://s3-us-west-2.amazonaws.com/BUCKET/KEY", "the region of another bucket"),
    ("https://BUCKET.s3.us-west-2.amazonaws.com/KEY", "the region of another bucket"),
    ("https://s3-external-1.amazonaws.com/BUCKET/KEY", "us-east-1"),
    ("https://s3.cn-north-1.amazonaws.com.cn/BUCKET/KEY", "another partition"),
    ("https://s3.amazonaws.com.cn/BUCKET/KEY", "the suffix of another partition"),
    ("s3://BUCKET/LONGKEY", "more than 300 characters"),
];

pub(crate) fn far(document: &mut Document) {
    document.add_provider("aws.far", &json!({ "region": { "constant_value": "us-west-2" } }));
}

fn variable() -> Value {
    json!({ "references": ["terraform_data.choice.output", "terraform_data.choice"] })
}

pub(crate) fn replace(document: &mut Document, address: &str, attribute: &str, from: &str, to: &str) {
    let old = document.get(address, attribute);
    let new = old.as_str().unwrap().replacen(from, to, 1);
    assert_ne!(old, new.as_str(), "{address} {attribute}");
    document.set(address, attribute, &json!(new));
}

fn twin(document: &mut Document) {
    let id = "0ae1b0fbc6a44c3b8a3d4a7e9dd1a1f4";
    let arn = format!("arn:aws:guardduty:eu-west-1:123456789012:detector/{id}");
    document.copy(DETECTOR, "twin", &[("id", json!(id)), ("arn", json!(arn))]);
}
