//! The analysts' policy cannot read what an investigation needs.
//!
//! ## Why it matters
//!
//! Who looks into a finding begins with the detector's id, lists findings, and reads them. A policy that has only a part of it
//! is found out in the middle of the night.
//!
//! ## How to fix it
//!
//! ```hcl
//! data "aws_iam_policy_document" "analysts" {
//!   statement {
//!     actions   = ["guardduty:Get*", "guardduty:List*", "guardduty:Describe*"]
//!     resources = ["*"]
//!   }
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_iam_group", "name": "analysts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "analysts", "name": "analysts", "arn": "arn:aws:iam::123456789012:group/analysts"}}]},
//!   {"mode": "managed", "type": "aws_iam_group_policy", "name": "analysts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "analysts:read", "name": "read", "group": "analysts", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"guardduty:Get*\",\"guardduty:List*\",\"guardduty:Describe*\"],\"Resource\":\"*\"}]}"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_iam_group", "name": "analysts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "analysts", "name": "analysts", "arn": "arn:aws:iam::123456789012:group/analysts"}}]},
//!   {"mode": "managed", "type": "aws_iam_group_policy", "name": "analysts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "analysts:read", "name": "read", "group": "analysts", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"guardduty:List*\",\"Resource\":\"*\"}]}"}}]}]}
//! ```
//!
//! It looks at groups and roles whose policies name actions of GuardDuty and none that `access-can-blind` is about. Those that
//! may list trusted or threat lists must be able to read them, and those that may list the bucket of exported findings, by its
//! name, one of the two things that reading an export takes.
//!
//! ## When it keeps quiet
//!
//! - `AmazonGuardDutyReadOnlyAccess`, `ReadOnlyAccess` and `SecurityAudit`, and patterns such as `guardduty:Get*`.
//! - The roles of AWS services and of CI providers: they read what they were made for.
//! - A right that hangs on a condition.
//! - An estate in which nobody reads GuardDuty.
//!
//! It is undecided when a policy of the group or role is not known, or one is attached that is not among the inputs.
//!
//! ## References
//!
//! - Service authorization reference, "Actions, resources, and condition keys for Amazon GuardDuty"
//! - Reasoned: AWS does not say which calls an investigation takes.

use tfduty_aws::{
    policy::{Effect, Judged, Resource, Subject},
    truth::Truth,
};

use crate::{
    context::{Context, Draft, Judgement, Label, quoted_list},
    explain, facts,
    graph::{self, Bucket},
    identities::{
        Blinding, Held, Kind, Policy, Right, Trust, actions_of, guardduty_resource, hangs_on_conditions, names_service,
        right, trust,
    },
    object::ObjectId,
    policies::PolicyText,
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "access-read-missing",
    severity: Severity::Advice,
    certainty: Certainty::Reasoned,
    commands: &[Command::Check],
    file: include_str!("access_read_missing.rs"),
    check,
};

/// What every investigation takes.
const NEEDED: &[&str] =
    &["guardduty:ListDetectors", "guardduty:GetDetector", "guardduty:ListFindings", "guardduty:GetFindings"];

/// What is of no use without the other.
const PAIRS: &[(&str, &str)] =
    &[("guardduty:ListIPSets", "guardduty:GetIPSet"), ("guardduty:ListThreatIntelSets", "guardduty:GetThreatIntelSet")];

const HELP: &str = "allow `guardduty:Get*`, `guardduty:List*` and `guardduty:Describe*` on `*`";

/// Somebody who reads GuardDuty.
struct Reader<'i> {
    id: ObjectId,
    held: Vec<Held<'i>>,
    /// What lets them, and the attribute.
    label: Label,
    attribute: &'static str,
}

fn check(context: &mut Context<'_>) {
    for kind in [Kind::Group, Kind::Role] {
        for (id, _) in context.present(kind.resource_type()).collect::<Vec<_>>() {
            let is_machine = || matches!(trust(context.estate, id), Trust::Pipeline | Trust::Services);
            // Few read GuardDuty: the rest of them need not be asked for.
            if let Some(reader) = reader(context, id)
                && !(kind == Kind::Role && is_machine())
            {
                judge(context, &reader);
            }
        }
    }
}

/// A group or role as a reader of GuardDuty: its policies name actions of GuardDuty, and allow none that blinds it.
fn reader<'a>(context: &Context<'a>, id: ObjectId) -> Option<Reader<'a>> {
    let held = context.readings.identities().held_by(id);
    let known = held.iter().filter_map(|held| match held {
        Held::Policy(policy) => match &policy.text {
            PolicyText::Known(known) => Some(&**known),
            _ => None,
        },
        Held::Foreign(_) => None,
    });
    let mut found = None;
    for known in known.filter(|known| known.may_be_about_guardduty()) {
        let partition = facts::partition(context.estate, context.estate.object(known.holder));
        if Blinding::of(known, partition).allowed.iter().any(|allowed| allowed.is_named) {
            return None;
        }
        let mut statements = known.document().statements().iter();
        let statement = statements.find(|its| its.effect() == Some(Effect::Allow) && names_service(its, "guardduty"));
        found = found.or(statement.map(|statement| {
            (known.label(context.estate, actions_of(statement), "names what it reads"), known.attribute)
        }));
    }
    let (label, attribute) = found?;
    Some(Reader { id, held, label, attribute })
}

fn judge(context: &mut Context<'_>, reader: &Reader<'_>) {
    let identities = context.readings.identities();
    let perhaps = identities.perhaps_held_by(context.estate, reader.id);
    let all: Vec<Held<'_>> = reader.held.iter().copied().chain(perhaps).collect();
    let anything = guardduty_resource(facts::partition(context.estate, context.estate.object(reader.id)));
    let may = |action: &str| right(&all, action, &anything);
    let pairs = PAIRS.iter().filter(|(list, _)| may(list).truth == Truth::True).map(|(_, get)| *get);
    let wanted: Vec<&str> = NEEDED.iter().copied().chain(pairs).collect();
    let lacking: Vec<&str> = wanted.iter().copied().filter(|action| may(action).truth == Truth::False).collect();
    let name = context.estate.object(reader.id).name();
    if !lacking.is_empty() {
        let message = format!("{name} reads GuardDuty, but an investigation also takes {}", quoted_list(&lacking));
        let (holder, draft) = draft(reader, message, HELP.into());
        return context.judge_at(holder, reader.id, Judgement::Fail(draft));
    }
    if let Some(bucket) = unreadable_export(context, reader, &all) {
        let message = format!(
            "{name} may list the exported findings in {bucket}, but neither `s3:GetObject` there nor `kms:Decrypt`"
        );
        let help = "allow `s3:GetObject` on the objects of the bucket, and `kms:Decrypt` on its key".into();
        let (holder, draft) = draft(reader, message, help);
        return context.judge_at(holder, reader.id, Judgement::Fail(draft));
    }
    let rights: Vec<Right<'_>> = wanted.iter().map(|action| may(action)).collect();
    let unknown = rights.iter().filter(|right| right.truth == Truth::Unknown);
    let mut open = unknown.flat_map(|right| &right.open);
    match open.find(|(_, judged)| judged.as_ref().is_none_or(|judged| !hangs_on_conditions(judged))) {
        Some((held, judged)) => undecided(context, reader, (*held, judged.as_ref())),
        None if rights.iter().all(|right| right.truth == Truth::True) => context.pass(reader.id),
        None => context.skip(reader.id),
    }
}

/// The draft of what is said of a reader, and the object that its place belongs to.
fn draft(reader: &Reader<'_>, message: String, help: String) -> (Option<ObjectId>, Draft) {
    let (holder, anchor) = reader.label.clone();
    let attribute = reader.attribute;
    (holder, Draft { message, help, attribute, discriminator: String::new(), anchor, related: Vec::new() })
}

fn undecided(context: &mut Context<'_>, reader: &Reader<'_>, (policy, judged): (Held<'_>, Option<&Judged>)) {
    let (explained, help) = explain::open_right(context, policy, judged);
    let name = context.estate.object(reader.id).name();
    let message = format!("whether {name} can read what an investigation needs is not known: {}", explained.text);
    let (holder, mut draft) = draft(reader, message, help);
    draft.related = explained.labels;
    context.judge_at(holder, reader.id, Judgement::Undecided(draft));
}

/// The bucket of exported findings that a group may list by its name, but of which it can read nothing. Roles may be let in
/// by the bucket itself.
fn unreadable_export(context: &Context<'_>, reader: &Reader<'_>, held: &[Held<'_>]) -> Option<String> {
    let group = context.estate.object(reader.id);
    if Kind::of(group) != Some(Kind::Group) {
        return None;
    }
    let mut destinations = context.present("aws_guardduty_publishing_destination");
    destinations.find_map(|(id, destination)| {
        let key = destination.attribute(&["kms_key_arn"]).str()?;
        let bucket = graph::bucket_at(context.estate, id, &["destination_arn"])?;
        let partition = facts::partition(context.estate, destination);
        let objects = context.readings.object(Some(&bucket), None, None);
        let listed = Resource::Arn(Subject::new().text(&format!("arn:{partition}:s3:::")).bucket(&objects.bucket));
        let lacks = |action: &str, resource: &Resource| right(held, action, resource).truth == Truth::False;
        let is_unreadable = facts::same_account(context.estate, destination, group) == Truth::True
            && held.iter().any(|held| lists_by_name(held, &listed))
            && lacks("s3:GetObject", &objects.resource(partition))
            && lacks("kms:Decrypt", &Resource::Arn(Subject::from(key)));
        is_unreadable.then(|| match bucket {
            Bucket::Object(bucket) => context.estate.object(bucket).name(),
            Bucket::Name(name) => quoted_list(&[name]),
        })
    })
}

/// Whether a policy allows to list a bucket, and not simply every one.
fn lists_by_name(held: &Held<'_>, bucket: &Resource) -> bool {
    let Held::Policy(Policy { text: PolicyText::Known(known), .. }) = held else { return false };
    let none = Resource::Arn(Subject::from("arn:aws:s3:::"));
    known.document().statements().iter().any(|statement| {
        statement.effect() == Some(Effect::Allow)
            && statement.is_about_action("s3:ListBucket", &**known) == Truth::True
            && statement.is_about_resource(bucket, &**known) == Truth::True
            && statement.is_about_resource(&none, &**known) == Truth::False
    })
}

#[cfg(test)]
mod tests;
