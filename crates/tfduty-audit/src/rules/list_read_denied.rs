//! The bucket policy keeps GuardDuty from reading the list.
//!
//! ## Why it matters
//!
//! GuardDuty reads a list as its service-linked role. A policy that lets only some principals in, only some networks, or
//! only one organization, shuts that role out with all the others: the list cannot be activated, or stays as it was when
//! it was last read. In the bucket's own account nothing has to be allowed, since GuardDuty gives its role the right to
//! read each list. But a Deny always wins.
//!
//! ## How to fix it
//!
//! Exempt the role in the Deny:
//!
//! ```hcl
//! data "aws_iam_policy_document" "lists" {
//!   statement {
//!     effect    = "Deny"
//!     actions   = ["s3:GetObject"]
//!     resources = ["${aws_s3_bucket.lists.arn}/*"]
//!     principals {
//!       type        = "*"
//!       identifiers = ["*"]
//!     }
//!     condition {
//!       test     = "ArnNotEquals"
//!       variable = "aws:PrincipalArn"
//!       values = [
//!         "arn:aws:iam::123456789012:role/publisher",
//!         "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty",
//!       ]
//!     }
//!   }
//! }
//! ```
//!
//! A bucket of another account needs a statement that allows `s3:GetObject` to that role.
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_bucket", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "lists", "bucket": "lists", "region": "eu-west-1"}}]},
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt"}}]},
//!   {"mode": "managed", "type": "aws_s3_bucket_policy", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"OnlyTls\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::lists/*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_bucket", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "lists", "bucket": "lists", "region": "eu-west-1"}}]},
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt"}}]},
//!   {"mode": "managed", "type": "aws_s3_bucket_policy", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"OnlyPublisher\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::lists/*\",\"Condition\":{\"ArnNotEquals\":{\"aws:PrincipalArn\":\"arn:aws:iam::123456789012:role/publisher\"}}}]}"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ```json undecided
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The bucket is in the detector's account and has no policy, or one that allows nothing.
//! - A Deny without TLS, of uploads, of deletes, or of uploads that are not encrypted: none of it is about a read by
//!   GuardDuty, which uses TLS.
//! - An Allow for other principals, or for the service `guardduty.amazonaws.com`, which is not what reads: useless here,
//!   but harmless.
//! - The public access block and access lists.
//!
//! It is undecided when the policy is not known, when a statement hangs on a value that the inputs do not say, and when
//! the bucket may be in another account and no bucket policy lets the role in.
//!
//! ## References
//!
//! - GuardDuty user guide, "Prerequisites for lists"; "Service-linked role permissions"
//! - IAM user guide, "Policy evaluation logic"; "IAM JSON policy elements: Condition operators"

use tfduty_aws::{
    policy::{self, Decision, NothingKnown, Outcome, ReadFacts, Reason, Request},
    truth::Truth,
};

use crate::{
    context::{Context, Draft, Judgement, Label},
    explain::{self, Explained},
    facts::Fact,
    graph::Bucket,
    object::ObjectId,
    policies::PolicyText,
    reading::{self, Case, CaseObject},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "list-read-denied",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("list_read_denied.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    for case in reading::cases(context) {
        let text = context.readings.policy(case.bucket.as_ref());
        let readers = case.readers(context);
        let mut open = None;
        let mut denied = None;
        for set in readers {
            let decide = |object: Option<ObjectId>| decide(context, &case, (set, object), &text);
            let decisions = case.objects().into_iter().map(decide);
            match case.object {
                CaseObject::Found(_) => {
                    for decision in decisions {
                        match decision.outcome {
                            Outcome::Deny => denied = denied.or(Some((set, decision))),
                            Outcome::Undecided => open = open.or(Some((set, decision))),
                            Outcome::Allow => {}
                        }
                    }
                }
                CaseObject::Open(_) => denied = denied.or(all_denied(decisions).map(|decision| (set, decision))),
            }
        }
        let found = case.found();
        let foreign = found.and_then(|object| context.readings.left_to_writer(object, case.bucket.as_ref()));
        match (denied, open, foreign) {
            (Some((set, decision)), ..) => {
                let (holder, draft) = fail(context, &case, (set, &decision), &text);
                context.judge_at(holder, case.subject, Judgement::Fail(draft));
            }
            _ if found.is_none() => context.skip(case.subject),
            (None, Some((set, decision)), _) => {
                let (holder, draft) = undecided(context, &case, (set, &decision), &text);
                context.judge_at(holder, case.subject, Judgement::Undecided(draft));
            }
            (None, None, Some(controls)) => {
                let draft = left_to_writer(context, &case, controls);
                context.judge_at(Some(controls), case.subject, Judgement::Undecided(draft));
            }
            (None, None, None) => context.pass(case.subject),
        }
    }
}

/// The first of several decisions, where all deny.
fn all_denied(mut decisions: impl Iterator<Item = Decision>) -> Option<Decision> {
    let first = decisions.next().filter(|decision| decision.outcome == Outcome::Deny)?;
    decisions.all(|decision| decision.outcome == Outcome::Deny).then_some(first)
}

/// Whether GuardDuty can read an object for a set. Whether it can decrypt it is another rule's question.
fn decide(
    context: &Context<'_>,
    case: &Case,
    (set, object): (ObjectId, Option<ObjectId>),
    text: &PolicyText,
) -> Decision {
    let readings = context.readings;
    let (actor, bucket) = (readings.actor(set), case.bucket.as_ref());
    let request = Request::read(&readings.role(actor), &readings.object(bucket, object, case.key.as_deref()));
    let facts = ReadFacts {
        same_account: readings.is_own(bucket, actor),
        decryptable: Truth::True,
        restricts_public: readings.shuts_out(bucket, &["restrict_public_buckets"]),
    };
    match text {
        PolicyText::Known(known) => policy::read(text.as_policy(), &request, facts, &**known),
        _ => policy::read(text.as_policy(), &request, facts, &NothingKnown),
    }
}

/// The draft of a failure, and the object that its place belongs to.
fn fail(
    context: &Context<'_>,
    case: &Case,
    (set, decision): (ObjectId, &Decision),
    text: &PolicyText,
) -> (Option<ObjectId>, Draft) {
    let role = context.readings.shown_role(context.readings.actor(set));
    let denying = decision.reasons.iter().any(|reason| matches!(reason, Reason::Statement(_)));
    let (explained, help) = match text {
        PolicyText::Known(known) if denying => (
            explain::denies(context, known, &decision.reasons, "s3:GetObject"),
            format!("exempt the role in the Deny: {}", explain::exemption(&role)),
        ),
        _ => (not_allowed(context, case, set, text), format!("allow `s3:GetObject` to `{role}` in the bucket policy")),
    };
    let text = format!("GuardDuty's role cannot read {}: {}", explain::list(context, case), explained.text);
    draft(context, case, Explained { text, ..explained }, help)
}

/// Why a policy of another account keeps the role out without a Deny, as the second half of a sentence.
fn not_allowed(context: &Context<'_>, case: &Case, set: ObjectId, text: &PolicyText) -> Explained {
    let account = |id: ObjectId| context.estate.object(id).account.as_ref();
    let shown = |fact: Option<&Fact>| {
        fact.map_or("another account", |fact| fact.shown_or("an account that is not shown (sensitive)")).to_owned()
    };
    let bucket = match case.bucket {
        Some(Bucket::Object(id)) => Some(id),
        _ => None,
    };
    let message = format!(
        "bucket {} is in account {}, the detector in {}, and no statement of the bucket policy allows it \
         `s3:GetObject`",
        name_of_bucket(context, case),
        shown(bucket.and_then(account)),
        shown(account(context.readings.actor(set)))
    );
    let label = match (text, bucket) {
        (PolicyText::Known(known), _) => {
            Some(context.label(known.holder, &[known.attribute], "does not let GuardDuty's role in"))
        }
        (_, Some(bucket)) => Some(context.label(bucket, &["bucket"], "in another account, without a policy")),
        _ => None,
    };
    Explained { text: message, labels: label.into_iter().collect() }
}

fn name_of_bucket(context: &Context<'_>, case: &Case) -> String {
    let sets = &context.graph.sets;
    let set = case.sets.first().and_then(|first| sets.binary_search_by_key(first, |set| set.id).ok());
    let is_sensitive =
        case.found().is_some_and(|object| context.estate.object(object).attribute(&["bucket"]).is_sensitive());
    match (set.and_then(|index| sets.get(index)), &case.bucket) {
        (Some(set), Some(bucket)) if !is_sensitive => context.shown_bucket(set, bucket),
        (_, Some(Bucket::Object(id))) => context.estate.object(*id).name(),
        _ => "(sensitive)".into(),
    }
}

/// The draft of what cannot be decided, and the object that its place belongs to.
fn undecided(
    context: &Context<'_>,
    case: &Case,
    (set, decision): (ObjectId, &Decision),
    text: &PolicyText,
) -> (Option<ObjectId>, Draft) {
    let role = context.readings.shown_role(context.readings.actor(set));
    let reasons = &decision.reasons;
    let mut why = Explained { text: String::new(), labels: Vec::new() };
    let mut help = explain::what_would_tell(context, text, "bucket");
    match (&case.bucket, explain::open(context, text, reasons)) {
        (Some(bucket), _) if matches!(text, PolicyText::Unknown(unknown) if unknown.holder.is_none()) => {
            let lacks = match bucket {
                Bucket::Name(_) => "is not among the inputs",
                Bucket::Object(_) => "is only read by a data source, which does not tell its policy",
            };
            why.text = format!("bucket {} {lacks}", name_of_bucket(context, case));
        }
        (None, _) => why.text = "the bucket of the object cannot be told".into(),
        (Some(_), Some(open)) => {
            let has_holes = reasons.iter().any(|reason| match reason {
                Reason::Statement(judged) => judged.grounds.iter().any(|ground| !ground.holes.is_empty()),
                _ => true,
            });
            if !has_holes {
                help = format!("exempt the role, and nothing is left open: {}", explain::exemption(&role));
            }
            why = open;
        }
        (Some(_), None) => {
            why.text = accounts(reasons).into();
            help = format!("add what shows the account of the bucket, or allow `s3:GetObject` to `{role}`");
        }
    }
    why.text = format!("whether GuardDuty's role can read the list is not known: {}", why.text);
    draft(context, case, why, help)
}

/// What the accounts of bucket and detector have to do with it.
fn accounts(reasons: &[Reason]) -> &'static str {
    if reasons.contains(&Reason::RestrictedPublic) {
        "the bucket may be in another account, and `restrict_public_buckets` with its public policy may shut the role out"
    } else {
        "the bucket may be in another account than the detector, and no bucket policy lets the role in"
    }
}

/// An object that another account wrote and owns.
fn left_to_writer(context: &Context<'_>, case: &Case, controls: ObjectId) -> Draft {
    let path = &["rule", "object_ownership"];
    let text =
        "whether GuardDuty's role can read the list is not known: another account than the bucket's writes it, and \
                then owns it"
            .to_owned();
    let labels = vec![context.label(controls, path, "leaves objects to their writers")];
    let help = "set `object_ownership = \"BucketOwnerEnforced\"`".to_owned();
    draft(context, case, Explained { text, labels }, help).1
}

/// A draft at the place that decides; the sets and the bucket stand beside it.
fn draft(context: &Context<'_>, case: &Case, explained: Explained, help: String) -> (Option<ObjectId>, Draft) {
    let mut labels = explained.labels.into_iter();
    let (holder, anchor) = labels.next().unwrap_or_else(|| explain::own_place(context, case));
    let bucket = match case.bucket {
        Some(Bucket::Object(id)) if holder != Some(id) => Some(context.label(id, &["bucket"], "the bucket")),
        _ => None,
    };
    let related: Vec<Label> = labels.chain(context.read_by(case.sets.iter().copied())).chain(bucket).collect();
    let draft =
        Draft { message: explained.text, help, attribute: "policy", discriminator: String::new(), anchor, related };
    (holder, draft)
}

#[cfg(test)]
mod tests;
