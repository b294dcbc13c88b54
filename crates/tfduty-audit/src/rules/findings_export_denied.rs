//! GuardDuty may not write exported findings to the bucket, or may not use the key.
//!
//! ## Why it matters
//!
//! GuardDuty keeps findings for 90 days. What must be kept longer is exported to a bucket, encrypted with a KMS key, and
//! GuardDuty writes there as the service `guardduty.amazonaws.com`. So the policies of both must let that service in; not
//! even a bucket of the same account is open to it. It checks this when the destination is created, which fails then; if
//! a policy changes later, findings stop arriving and nothing else shows it.
//!
//! ## How to fix it
//!
//! ```hcl
//! data "aws_iam_policy_document" "bucket" {
//!   statement {
//!     actions   = ["s3:GetBucketLocation"]
//!     resources = [aws_s3_bucket.findings.arn]
//!     principals {
//!       type        = "Service"
//!       identifiers = ["guardduty.amazonaws.com"]
//!     }
//!     condition {
//!       test     = "StringEquals"
//!       variable = "aws:SourceAccount"
//!       values   = [data.aws_caller_identity.current.account_id]
//!     }
//!   }
//!   # The same for s3:PutObject on "${aws_s3_bucket.findings.arn}/*", and in the policy of the key for
//!   # kms:GenerateDataKey.
//! }
//! ```
//!
//! In an opt-in region the service is `guardduty.REGION.amazonaws.com`. Bucket and key are in one region, and
//! `kms_key_arn` is the ARN of the key itself.
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_bucket", "name": "findings", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "findings", "bucket": "findings", "region": "eu-west-1"}}]},
//!   {"mode": "managed", "type": "aws_s3_bucket_policy", "name": "findings", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "findings", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"guardduty.amazonaws.com\"},\"Action\":[\"s3:PutObject\",\"s3:GetBucketLocation\"],\"Resource\":[\"arn:aws:s3:::findings\",\"arn:aws:s3:::findings/*\"],\"Condition\":{\"StringEquals\":{\"aws:SourceAccount\":\"123456789012\"}}}]}"}}]},
//!   {"mode": "managed", "type": "aws_kms_key", "name": "findings", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"arn": "arn:aws:kms:eu-west-1:123456789012:key/0a1b", "key_id": "0a1b", "is_enabled": true, "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"guardduty.amazonaws.com\"},\"Action\":\"kms:GenerateDataKey\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"aws:SourceAccount\":\"123456789012\"}}}]}"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_publishing_destination", "name": "export", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "destination_arn": "arn:aws:s3:::findings", "kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/0a1b"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_bucket", "name": "findings", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "findings", "bucket": "findings", "region": "eu-west-1"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_publishing_destination", "name": "export", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "destination_arn": "arn:aws:s3:::findings", "kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/0a1b"}}]}]}
//! ```
//!
//! ```json undecided
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_publishing_destination", "name": "export", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "destination_arn": "arn:aws:s3:::central-findings", "kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/0a1b"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The statements have conditions on `aws:SourceAccount` or `aws:SourceArn` that match the detector.
//! - A Deny without TLS, of uploads that are not encrypted with KMS, or with another key: GuardDuty uses TLS and names the
//!   key of its destination.
//! - A statement that allows more than is needed, as `s3:*`.
//! - The default encryption of the bucket, whatever it is: GuardDuty names the key itself.
//!
//! It is undecided when the bucket or the key is not among the inputs, as with a central log account, when one of their
//! policies is not known, and when a statement hangs on a value that the inputs do not say.
//!
//! ## References
//!
//! - GuardDuty user guide, "Exporting generated findings to Amazon S3 buckets"
//! - AWS KMS developer guide, "Key policies"

use tfduty_aws::{
    partition::OPT_IN_REGIONS,
    policy::{Outcome, Reason, Request},
    truth::Truth,
};

use crate::{
    context::{Context, Draft, Label, quoted_list, shown},
    explain::{self, Calling, Explained},
    exports::{Export, Key, Target},
    graph::Bucket,
    keys::{self, Fitness, Named},
    object::ObjectId,
    policies::{PolicyText, UnknownPolicy},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "findings-export-denied",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("findings_export_denied.rs"),
    check,
};

/// The attribute that names the bucket.
const BUCKET: &str = "destination_arn";
/// The attribute that names the key.
const KEY: &str = "kms_key_arn";

/// Why a data source shows a bucket or key, but not its policy.
const ONLY_READ: &str = "is only read by a data source, which does not tell its policy";

/// Something that keeps GuardDuty from exporting, or may.
struct Cause {
    /// Whether it does for sure.
    is_sure: bool,
    /// The attribute of the destination that leads there.
    attribute: &'static str,
    /// What it is, as the second half of a sentence, with its places.
    explained: Explained,
    /// What to do, or what to add to the run.
    help: String,
}

fn check(context: &mut Context<'_>) {
    for export in Export::all(context.readings) {
        let causes: Vec<Cause> = of_bucket(context, &export).into_iter().chain(of_key(context, &export)).collect();
        let (sure, open): (Vec<Cause>, Vec<Cause>) = causes.into_iter().partition(|cause| cause.is_sure);
        if !sure.is_empty() {
            let draft = draft(context, &export, "GuardDuty cannot export its findings", sure);
            context.fail(export.destination, draft);
        } else if !open.is_empty() {
            let draft = draft(context, &export, "whether GuardDuty can export its findings is not known", open);
            context.undecided(export.destination, draft);
        } else {
            context.pass(export.destination);
        }
    }
}

/// What the bucket has against it.
fn of_bucket(context: &Context<'_>, export: &Export) -> Vec<Cause> {
    let cause = |is_sure, text: String, help: String| Cause {
        is_sure,
        attribute: BUCKET,
        explained: Explained { text, labels: Vec::new() },
        help,
    };
    let bucket = match &export.target {
        Target::Bucket { bucket, .. } => bucket,
        Target::Other(what) => {
            let text = format!("`destination_arn` is {what}, and GuardDuty exports to general purpose buckets only");
            return vec![cause(true, text, "name a general purpose bucket: `arn:aws:s3:::BUCKET`".into())];
        }
        Target::Unknown => {
            let text =
                format!("`destination_arn` names the bucket, and {}", context.unknown(export.destination, BUCKET));
            return vec![cause(false, text, context.what_would_decide(export.destination))];
        }
    };
    if let Bucket::Object(id) = bucket
        && let Some(region) = &context.estate.object(*id).region
        && OPT_IN_REGIONS.contains(&&**region)
        && Truth::equal(Some(region), export.region(context.estate)) == Truth::False
    {
        let name = context.estate.object(*id).name();
        let region = region.shown_or("a region that is not shown (sensitive)");
        let text = format!("{name} is in {region}, an opt-in region, and the detector is in another one");
        let mut cause = cause(true, text, "export to a bucket in the detector's region".into());
        cause.explained.labels.push((Some(*id), context.region_anchor(*id, "another region".into())));
        return vec![cause];
    }
    let text = context.readings.policy(Some(bucket));
    let needed = Needed {
        attribute: BUCKET,
        of: "bucket",
        name: name_of_bucket(context, export, bucket),
        without: "has no policy, which would have to allow",
        unseen: match bucket {
            Bucket::Object(_) => ONLY_READ,
            Bucket::Name(_) => "is not among the inputs",
        },
        requests: export.bucket_requests(context.readings),
    };
    of_policy(context, export, &needed, &text)
}

/// A bucket by its address, or by its name where it is not among the inputs.
fn name_of_bucket(context: &Context<'_>, export: &Export, bucket: &Bucket) -> String {
    match bucket {
        Bucket::Object(id) => context.estate.object(*id).name(),
        Bucket::Name(name) => {
            let attribute = context.estate.object(export.destination).attribute(&[BUCKET]);
            format!("bucket {}", shown(attribute.known(), name))
        }
    }
}

/// What the key has against it.
fn of_key(context: &Context<'_>, export: &Export) -> Vec<Cause> {
    let cause = |is_sure, text: String, help: &str| Cause {
        is_sure,
        attribute: KEY,
        explained: Explained { text, labels: Vec::new() },
        help: help.into(),
    };
    let region = context.readings.region_of(export.bucket());
    let key = match &export.key {
        Key::Alias => {
            let text = "`kms_key_arn` is the ARN of an alias, and GuardDuty needs that of a key".into();
            return vec![cause(true, text, "set `kms_key_arn` to the `arn` of the key")];
        }
        Key::Named(Named::AwsManaged) => {
            let text = "AWS manages the key, and nobody can give GuardDuty a right to such a key".into();
            return vec![cause(true, text, "use a key of your own, whose policy lets GuardDuty in")];
        }
        Key::Named(Named::Elsewhere { region: its }) if Truth::equal(its.as_deref(), region) == Truth::False => {
            let text = "the key is in another region than the bucket".into();
            return vec![cause(true, text, "use a key in the region of the bucket")];
        }
        Key::Named(Named::Elsewhere { .. }) => {
            let text = "the key is not among the inputs".into();
            return vec![cause(false, text, "add the state or plan that manages the key")];
        }
        Key::Named(Named::Unknown { .. }) => {
            let text = format!("`kms_key_arn` names the key, and {}", context.unknown(export.destination, KEY));
            return vec![cause(false, text, &context.what_would_decide(export.destination))];
        }
        Key::Named(Named::Object(key)) => *key,
    };
    let name = context.estate.object(key).name();
    let fitness = match keys::fitness(context.estate, key, region) {
        Fitness::Unfit(attribute, says) => {
            let mut cause = cause(
                true,
                format!("{name} {says}"),
                "use a key that is enabled, symmetric and in the region of the bucket",
            );
            cause.explained.labels.push(context.label(key, &[attribute], says));
            return vec![cause];
        }
        Fitness::Open(attribute) => {
            let text = format!("`{attribute}` of {name} decides, and {}", context.unknown(key, attribute));
            let mut cause = cause(false, text, &context.what_would_decide(key));
            cause.explained.labels.push(context.label(key, &[attribute], "decides"));
            Some(cause)
        }
        Fitness::Fit => None,
    };
    let text = context.readings.key_policy(key);
    let needed = Needed {
        attribute: KEY,
        of: "key",
        name,
        without: "has the default policy, which lets only its account in; it would have to allow",
        unseen: ONLY_READ,
        requests: vec![export.key_request(context.readings, key)],
    };
    fitness.into_iter().chain(of_policy(context, export, &needed, &text)).collect()
}

/// What a policy must grant.
struct Needed {
    attribute: &'static str,
    /// What the policy is that of: `bucket`, `key`.
    of: &'static str,
    /// The same by its name.
    name: String,
    /// What to say of it where it has no policy.
    without: &'static str,
    /// Why nothing sets its policy here, where that is so.
    unseen: &'static str,
    /// Actions and requests.
    requests: Vec<(&'static str, Request)>,
}

/// What a policy has against it: statements that deny, actions that no statement allows, or what is not known.
fn of_policy(context: &Context<'_>, export: &Export, needed: &Needed, text: &PolicyText) -> Vec<Cause> {
    let estate = context.estate;
    let cause = |is_sure, explained, help| Cause { is_sure, attribute: needed.attribute, explained, help };
    let decide = |(action, request): &(&'static str, Request)| (*action, export.decide(estate, text, request));
    let decisions: Vec<_> = needed.requests.iter().map(decide).collect();
    let denied = |by_statement: bool| {
        decisions.iter().filter(move |(_, decision)| {
            let has_statement = decision.reasons.iter().any(|reason| matches!(reason, Reason::Statement(_)));
            decision.outcome == Outcome::Deny && has_statement == by_statement
        })
    };
    let mut causes = Vec::new();
    if let (PolicyText::Known(known), Some((action, decision))) = (text, denied(true).next()) {
        let mut explained = explain::denies(context, known, &decision.reasons, action);
        explained.labels.iter_mut().for_each(|(_, anchor)| anchor.label = "denies GuardDuty".into());
        causes.push(cause(true, explained, explain::exempt(&export.service(estate))));
    }
    let lacking: Vec<&str> = denied(false).map(|(action, _)| *action).collect();
    if let [first, ..] = lacking[..] {
        let request = needed.requests.iter().find(|(action, _)| *action == first);
        let help = format!(
            "allow {} to `{}` in the policy of the {}, on condition of `aws:SourceAccount` and `aws:SourceArn`",
            joined(&lacking),
            export.service(estate),
            needed.of
        );
        let near = match (text, request) {
            (PolicyText::Known(known), Some((action, request))) => {
                explain::near_miss(context, known, (action, request))
            }
            _ => None,
        };
        causes.push(cause(true, not_allowed(context, export, needed, (text, &lacking, near)), help));
    }
    let open = decisions.iter().find(|(_, decision)| decision.outcome == Outcome::Undecided);
    if let (true, Some((_, decision))) = (causes.is_empty(), open) {
        let explained = undecided(context, needed, text, &decision.reasons);
        let calling = Calling { service: &export.service(estate), name: "GuardDuty", source: export.actor };
        let help = explain::what_would_settle(context, (text, needed.of), &decision.reasons, &calling);
        causes.push(cause(false, explained, help));
    }
    causes
}

/// That no statement allows these actions, with the statement that comes nearest.
fn not_allowed(
    context: &Context<'_>,
    export: &Export,
    needed: &Needed,
    (text, lacking, near): (&PolicyText, &[&str], Option<Explained>),
) -> Explained {
    let service = export.service(context.estate);
    let PolicyText::Known(known) = text else {
        let text = format!("{} {} {} to `{service}`", needed.name, needed.without, joined(lacking));
        return Explained { text, labels: Vec::new() };
    };
    let holder = context.estate.object(known.holder).name();
    let (near, labels) = near.map_or_else(Default::default, |near| (format!(" ({})", near.text), near.labels));
    let text = format!("no statement of {holder} allows {} to `{service}`{near}", joined(lacking));
    Explained { text, labels }
}

/// What would have to be known of a policy.
fn undecided(context: &Context<'_>, needed: &Needed, text: &PolicyText, reasons: &[Reason]) -> Explained {
    if matches!(text, PolicyText::Unknown(UnknownPolicy { holder: None, .. })) {
        return Explained { text: format!("{} {}", needed.name, needed.unseen), labels: Vec::new() };
    }
    explain::open(context, text, reasons).unwrap_or_else(|| {
        let text =
            format!("{} lets GuardDuty in by the name of a region, and the detector's is not known", needed.name);
        Explained { text, labels: Vec::new() }
    })
}

/// Actions in backquotes, as in running text.
fn joined(actions: &[&str]) -> String {
    quoted_list(actions).replace(", ", " and ")
}

/// A draft of what all causes say, at the attribute that leads to the first.
fn draft(context: &Context<'_>, export: &Export, begin: &str, causes: Vec<Cause>) -> Draft {
    let destination = context.estate.object(export.destination);
    let attribute = causes.first().map_or(BUCKET, |cause| cause.attribute);
    let label = if attribute == BUCKET { "exports here" } else { "encrypts with this key" };
    let texts: Vec<&str> = causes.iter().map(|cause| cause.explained.text.as_str()).collect();
    let mut helps: Vec<&str> = Vec::new();
    for cause in &causes {
        if !helps.contains(&cause.help.as_str()) {
            helps.push(&cause.help);
        }
    }
    let (message, help) = (format!("{begin}: {}", texts.join("; ")), helps.join("; "));
    let mut related: Vec<Label> = causes.into_iter().flat_map(|cause| cause.explained.labels).collect();
    for (object, anchor) in chain(context, export) {
        if !related.iter().any(|(other, its)| *other == object && its.pointer == anchor.pointer) {
            related.push((object, anchor));
        }
    }
    Draft {
        message,
        help,
        attribute,
        discriminator: String::new(),
        anchor: context.anchor(destination, &destination.attribute(&[attribute]), label),
        related,
    }
}

/// Labels on what the destination leads to: the bucket, the key, and the policies of both.
fn chain(context: &Context<'_>, export: &Export) -> Vec<Label> {
    let bucket = match export.bucket() {
        Some(Bucket::Object(id)) => Some(context.label(*id, &["bucket"], "the bucket")),
        _ => None,
    };
    let bucket_policy = export.bucket().map(|bucket| context.readings.policy(Some(bucket)));
    let key = export.key_object();
    let key_policy = key.map(|key| context.readings.key_policy(key));
    let label = |text: &PolicyText, says: &str| {
        let (holder, attribute, is_sensitive): (ObjectId, &str, bool) = match text {
            PolicyText::Known(known) => (known.holder, known.attribute, known.sensitive),
            PolicyText::Unknown(unknown) => (unknown.holder?, unknown.attribute, unknown.sensitive),
            PolicyText::None => return None,
        };
        let (object, mut anchor) = context.label(holder, &[attribute], says);
        anchor.sensitive |= is_sensitive;
        Some((object, anchor))
    };
    let policies = [
        bucket_policy.and_then(|text| label(&text, "its policy")),
        key_policy.and_then(|text| label(&text, "the key's policy")),
    ];
    let [bucket_policy, key_policy] = policies;
    let key = key.map(|key| context.label(key, &["arn"], "the key"));
    [bucket, bucket_policy, key, key_policy].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests;
