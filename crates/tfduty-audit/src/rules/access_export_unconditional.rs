//! GuardDuty's service principal may use the export bucket or key for any account.
//!
//! ## Why it matters
//!
//! `guardduty.amazonaws.com` writes for every customer of AWS. A policy that lets it in without saying for whom lets
//! anyone who knows the names have their own findings written into the bucket, and the key used for them: the bucket
//! fills with what is not yours, and what reads it takes a stranger's findings for its own.
//!
//! ## How to fix it
//!
//! ```hcl
//! condition {
//!   test     = "StringEquals"
//!   variable = "aws:SourceAccount"
//!   values   = [data.aws_caller_identity.current.account_id]
//! }
//! condition {
//!   test     = "ArnLike"
//!   variable = "aws:SourceArn"
//!   values   = [aws_guardduty_detector.this.arn]
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_kms_key", "name": "findings", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"key_id": "0a1b", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"guardduty.amazonaws.com\"},\"Action\":\"kms:GenerateDataKey\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"aws:SourceAccount\":\"123456789012\"}}}]}"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_kms_key", "name": "findings", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"key_id": "0a1b", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"guardduty.amazonaws.com\"},\"Action\":\"kms:GenerateDataKey\",\"Resource\":\"*\"}]}"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The statement has a condition on `aws:SourceAccount`, `aws:SourceArn`, `aws:SourceOrgID` or `aws:SourceOrgPaths`.
//! - A Deny, and an Allow of other actions than `s3:PutObject` and `kms:GenerateDataKey`: `s3:GetBucketLocation` gives
//!   nothing away.
//! - The bucket holds lists, and no publishing destination names it.
//! - No publishing destination names the bucket or key, and its policy is not known: nothing says that it is for exports.
//! - GuardDuty may not write there at all: `findings-export-denied` says so.
//!
//! It is undecided when the policy of a bucket or key that a destination names is not known, or the conditions of such a
//! statement are not; of a policy that `findings-export-denied` cannot judge either, that rule speaks.
//!
//! ## References
//!
//! - GuardDuty user guide, "Exporting generated findings to Amazon S3 buckets"
//! - IAM user guide, "The confused deputy problem"

use std::collections::BTreeSet;

use tfduty_aws::{
    policy::{Effect, Fact, Principals, Request, Resource, ServiceCall, Statement, Subject, Who},
    truth::Truth,
};

use crate::{
    context::{Context, Draft, Judgement, Label},
    explain,
    exports::{self, Export},
    facts,
    graph::{BUCKET, Bucket},
    keys::{self, KEYS},
    object::ObjectId,
    policies::{KnownPolicy, PolicyText},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "access-export-unconditional",
    severity: Severity::Warning,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("access_export_unconditional.rs"),
    check,
};

/// Condition keys that say for whom a service acts.
const SOURCES: &[&str] = &["aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths"];

/// What the statements that let GuardDuty write come to.
#[derive(Default)]
struct Found<'k> {
    /// Those for any account.
    unconditional: Vec<&'k Statement>,
    /// Those of which that cannot be told.
    open: Vec<&'k Statement>,
    /// Whether there are any.
    is_any: bool,
}

fn check(context: &mut Context<'_>) {
    let exports = Export::all(context.readings);
    let exported_to: BTreeSet<ObjectId> = exports.iter().flat_map(Export::objects).collect();
    let sets = context.graph.sets.iter().filter_map(|set| context.graph.bucket_of_set(context.estate, set));
    let with_lists: BTreeSet<Bucket> = sets.collect();
    for name in [BUCKET].iter().chain(KEYS) {
        for (id, object) in context.present(name) {
            let bucket = (object.resource_type() == BUCKET).then_some(Bucket::Object(id));
            let is_named = exported_to.contains(&id);
            let text = match &bucket {
                Some(bucket) => context.readings.policy(Some(bucket)),
                None => context.readings.key_policy(id),
            };
            let is_for_lists = !is_named && bucket.is_some_and(|bucket| with_lists.contains(&bucket));
            match &*text {
                PolicyText::Known(known) if known.is_readable() => {
                    let found = statements(context, id, known);
                    match (found.is_any, is_for_lists) {
                        (false, _) => {}
                        (true, true) => context.skip(id),
                        (true, false) => judge(context, id, known, &found),
                    }
                }
                PolicyText::Known(_) | PolicyText::Unknown(_) if is_named => undecided(context, id, &text),
                PolicyText::Known(_) | PolicyText::Unknown(_) | PolicyText::None => {}
            }
        }
    }
}

/// The statements of a policy that let GuardDuty put objects or make data keys.
fn statements<'k>(context: &Context<'_>, id: ObjectId, known: &'k KnownPolicy) -> Found<'k> {
    let mut found = Found::default();
    for statement in known.document().statements().iter().filter(|statement| statement.effect() != Some(Effect::Deny)) {
        let Some(service) = named_service(statement, known) else { continue };
        let (action, request) = request(context, id, service);
        // What can never match lets nobody in: a condition on the caller's organization, say, which a service is not in.
        if statement.judge(Effect::Allow, &request, known).truth == Truth::False {
            continue;
        }
        found.is_any = true;
        let is_sure = statement.effect().is_some() && statement.is_about_action(action, known) == Truth::True;
        match names_source(statement) {
            Truth::True => {}
            Truth::False if is_sure => found.unconditional.push(statement),
            Truth::False | Truth::Unknown => found.open.push(statement),
        }
    }
    found
}

/// The name by which a statement names GuardDuty.
fn named_service(statement: &Statement, known: &KnownPolicy) -> Option<Box<str>> {
    let Principals::Named(named) = statement.principals(known) else { return None };
    named.into_iter().find_map(|(who, _)| match who {
        Who::Service(name) if exports::is_guardduty(&name) => Some(name),
        _ => None,
    })
}

/// What GuardDuty asks of a bucket or key for an account that may be any: the action, and the request.
fn request(context: &Context<'_>, id: ObjectId, service: Box<str>) -> (&'static str, Request) {
    let object = context.estate.object(id);
    let partition = facts::partition(context.estate, object);
    let (action, resource) = if object.resource_type() == BUCKET {
        let bucket = context.readings.object(Some(&Bucket::Object(id)), None, None);
        ("s3:PutObject", bucket.resource(partition))
    } else {
        ("kms:GenerateDataKey", Resource::OwnKey(keys::request_key(context.estate, id).subject(partition)))
    };
    let call = ServiceCall {
        service,
        regional: None,
        action: action.into(),
        resource,
        source_account: Fact::unknown(),
        source_arn: Subject::new().free(&Fact::unknown()),
        encryption_key: None,
    };
    (action, Request::service(call))
}

/// Whether a statement has a condition on for whom GuardDuty acts.
fn names_source(statement: &Statement) -> Truth {
    let Some(conditions) = statement.conditions() else { return Truth::Unknown };
    Truth::any(conditions.iter().map(|condition| {
        condition
            .key
            .as_literal()
            .map_or(Truth::Unknown, |key| Truth::from(SOURCES.iter().any(|source| source.eq_ignore_ascii_case(key))))
    }))
}

fn judge(context: &mut Context<'_>, id: ObjectId, known: &KnownPolicy, found: &Found<'_>) {
    let what = what_is(context, id);
    let named = |statement: &Statement| explain::statement(known, statement.index(), statement.sid());
    let holder = context.estate.object(known.holder).name();
    let judgement = match (&found.unconditional[..], &found.open[..]) {
        ([first, others @ ..], _) => {
            let message = format!(
                "{} of {holder} lets GuardDuty use the {what} for any account, not only for yours",
                named(first)
            );
            let help =
                "add a condition on `aws:SourceAccount`, and one on `aws:SourceArn` with the detector's ARN".into();
            Judgement::Fail(draft(context, known, (first, others), (message, help, "for any account")))
        }
        ([], [first, others @ ..]) => {
            let message = format!(
                "whether {} of {holder} lets GuardDuty use the {what} for any account is not known: its conditions \
                 decide",
                named(first)
            );
            let help = context.what_would_decide(known.holder);
            Judgement::Undecided(draft(context, known, (first, others), (message, help, "decides")))
        }
        ([], []) => Judgement::Pass,
    };
    context.judge_at(Some(known.holder), id, judgement);
}

fn draft(
    context: &Context<'_>,
    known: &KnownPolicy,
    (first, others): (&Statement, &[&Statement]),
    (message, help, says): (String, String, &str),
) -> Draft {
    let label = |statement: &Statement| known.label(context.estate, statement.origin(), says);
    let (_, anchor) = label(first);
    Draft {
        message,
        help,
        attribute: known.attribute,
        discriminator: String::new(),
        anchor,
        related: others.iter().map(|statement| label(statement)).collect(),
    }
}

/// A policy of which nothing is known.
fn undecided(context: &mut Context<'_>, id: ObjectId, text: &PolicyText) {
    let what = what_is(context, id);
    let explained = explain::unknown(context, text);
    let (holder, anchor): Label =
        explained.labels.into_iter().next().unwrap_or_else(|| context.label(id, &["arn"], "its policy is not known"));
    let draft = Draft {
        message: format!("whether GuardDuty may use the {what} for any account is not known: {}", explained.text),
        help: explain::what_would_tell(context, text, what),
        attribute: "policy",
        discriminator: String::new(),
        anchor,
        related: Vec::new(),
    };
    context.judge_at(holder, id, Judgement::Undecided(draft));
}

fn what_is(context: &Context<'_>, id: ObjectId) -> &'static str {
    if context.estate.object(id).resource_type() == BUCKET { "bucket" } else { "key" }
}

#[cfg(test)]
mod tests;
