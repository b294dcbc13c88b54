//! The list can be read (or written) by anyone.
//!
//! ## Why it matters
//!
//! A threat list that anyone reads tells attackers which of their addresses are known; a trusted list tells them which
//! addresses GuardDuty passes over. Whoever can write a list decides what GuardDuty sees. And none of it is needed:
//! GuardDuty reads lists as its own role.
//!
//! ## How to fix it
//!
//! Drop `acl` from the object and the bucket, and statements for everyone from the bucket policy.
//!
//! ```hcl
//! resource "aws_s3_bucket_public_access_block" "lists" {
//!   bucket                  = aws_s3_bucket.lists.id
//!   block_public_acls       = true
//!   block_public_policy     = true
//!   ignore_public_acls      = true
//!   restrict_public_buckets = true
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_bucket", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "lists", "bucket": "lists", "region": "eu-west-1"}}]},
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "acl": null}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_bucket", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "lists", "bucket": "lists", "region": "eu-west-1"}}]},
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "acl": "public-read"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! An object that no set reads yet, but that holds a list, counts too:
//!
//! ```json undecided
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "content": "198.51.100.7\n"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - A statement for everyone that has a condition.
//! - The bucket has `restrict_public_buckets` and `ignore_public_acls`, or its account does: then only the object's own
//!   `acl` fails, since S3 refuses such an upload.
//! - A public ACL of the bucket, where the object has one of its own.
//!
//! It is undecided when the bucket policy is not known and nothing shuts the public out. Where `list-read-denied` hangs on
//! the same policy, that is said once, there.
//!
//! ## References
//!
//! - Amazon S3 user guide, "Controlling ownership of objects and disabling ACLs"; "Blocking public access to your Amazon S3
//!   storage"

use tfduty_aws::{
    policy::{Effect, Holes, Principals, Statement, Who},
    truth::Truth,
};

use super::list_unused;
use crate::{
    context::{self, Context, Draft, Judgement, Label, Subject},
    encryption,
    explain::{self, Explained},
    facts,
    graph::Bucket,
    object::ObjectId,
    policies::PolicyText,
    reading::{BUCKET_ACL, PUBLIC_ACCESS, Setting},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "list-public",
    severity: Severity::Warning,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("list_public.rs"),
    check,
};

/// ACLs that let others in, with what they let them do to an object, and to a bucket.
const PUBLIC: &[(&str, &str, &str)] = &[
    ("public-read", "anyone can read the list", "anyone can see what the bucket holds"),
    (
        "public-read-write",
        "anyone can read and write the list",
        "anyone can see what the bucket holds, and write to it",
    ),
    (
        "authenticated-read",
        "anyone with an AWS account can read the list",
        "anyone with an AWS account can see what the bucket holds",
    ),
];

/// What makes a list public to a reader, and what to a writer.
const ACTIONS: &[(&str, &str)] = &[("s3:GetObject", "read"), ("s3:PutObject", "write"), ("s3:DeleteObject", "delete")];

/// The settings that shut the public out, whatever ACLs and policies say.
const SHUT: &[&str] = &["restrict_public_buckets", "ignore_public_acls"];

/// What a part of the settings says.
enum Said {
    /// It lets nobody in.
    Nothing,
    /// It lets the public in.
    Public(Explained),
    /// It may, as far as is known; with what to add.
    Open(Explained, String),
}

/// A list, and who reads it.
struct Judged {
    subject: ObjectId,
    object: ObjectId,
    sets: Vec<ObjectId>,
}

fn check(context: &mut Context<'_>) {
    let read = context.lists.iter().filter_map(|list| {
        let (Subject::Object(subject), Some(object)) = (&list.subject, list.object) else { return None };
        let sets = list.readers.iter().filter_map(|reader| reader.set).collect();
        Some(Judged { subject: *subject, object, sets })
    });
    let unread = list_unused::unread_lists(context).into_iter();
    let unread = unread.map(|object| Judged { subject: object, object, sets: Vec::new() });
    for list in read.chain(unread).collect::<Vec<_>>() {
        judge(context, &list);
    }
}

fn judge(context: &mut Context<'_>, list: &Judged) {
    let bucket = context.graph.bucket_of(list.object).cloned();
    let mut said = vec![("acl", by_own_acl(context, list.object))];
    let is_shut = context.readings.shuts_out(bucket.as_ref(), SHUT);
    if is_shut != Truth::True {
        let maybe = |said: Said| match said {
            Said::Public(explained) if is_shut == Truth::Unknown => maybe_shut(context, explained, bucket.as_ref()),
            said => said,
        };
        said.push(("policy", maybe(by_policy(context, list.object, bucket.as_ref()))));
        said.push(("acl", maybe(by_acl_of_bucket(context, list.object, bucket.as_ref()))));
    }
    let mut open = None;
    for (attribute, said) in said {
        match said {
            Said::Nothing => {}
            Said::Public(explained) => {
                let help = "drop it: GuardDuty reads as its own role and needs no public access".to_owned();
                let (holder, draft) = draft(context, list, attribute, (explained, help));
                return context.judge_at(holder, list.subject, Judgement::Fail(draft));
            }
            Said::Open(explained, help) => open = open.or(Some((attribute, (explained, help)))),
        }
    }
    match open {
        Some((attribute, said)) => {
            let (holder, draft) = draft(context, list, attribute, said);
            context.judge_at(holder, list.subject, Judgement::Undecided(draft));
        }
        None => context.pass(list.subject),
    }
}

/// What the object's own ACL says.
fn by_own_acl(context: &Context<'_>, object: ObjectId) -> Said {
    if !context.estate.object(object).is_managed() {
        return Said::Nothing;
    }
    by_acl(context, (object, &["acl"]), |(_, object, _)| *object)
}

/// What an ACL says, if there is one.
fn by_acl(
    context: &Context<'_>,
    (holder, path): (ObjectId, &'static [&'static str]),
    lets: impl Fn(&(&str, &'static str, &'static str)) -> &'static str,
) -> Said {
    let object = context.estate.object(holder);
    let acl = object.attribute(path);
    let Some(text) = acl.str() else {
        if encryption::is_set(context.estate, holder, path) != Truth::True {
            return Said::Nothing;
        }
        let text = format!("whether anyone can read the list is not known: `acl` of {} decides", object.name());
        let labels = vec![context.label(holder, path, "not known")];
        return Said::Open(Explained { text, labels }, context.what_would_decide(holder));
    };
    let Some(public) = PUBLIC.iter().find(|(name, ..)| *name == text) else { return Said::Nothing };
    let shown = context::shown(acl.known(), text);
    let text = format!("{}: `acl` of {} is {shown}", lets(public), object.name());
    Said::Public(Explained { text, labels: vec![context.label(holder, path, lets(public))] })
}

/// What the ACL of the bucket says of an object that has none of its own.
fn by_acl_of_bucket(context: &Context<'_>, object: ObjectId, bucket: Option<&Bucket>) -> Said {
    let has_own = encryption::is_set(context.estate, object, &["acl"]);
    let is_managed = context.estate.object(object).is_managed();
    let Some(bucket) = bucket.filter(|_| is_managed && has_own == Truth::False) else { return Said::Nothing };
    let holder = match (context.readings.setting(bucket, BUCKET_ACL), bucket) {
        (Setting::At(holder), _) => holder,
        (_, Bucket::Object(id)) if context.estate.object(*id).is_managed() => *id,
        _ => return Said::Nothing,
    };
    match by_acl(context, (holder, &["acl"]), |(_, _, bucket)| *bucket) {
        Said::Public(Explained { text, labels }) => {
            let name = context.estate.object(object).name();
            Said::Public(Explained { text: format!("{text}, and {name} has none of its own"), labels })
        }
        said => said,
    }
}

/// What the bucket policy says.
fn by_policy(context: &Context<'_>, object: ObjectId, bucket: Option<&Bucket>) -> Said {
    let text = context.readings.policy(bucket);
    let known = match &*text {
        PolicyText::None => return Said::Nothing,
        PolicyText::Known(known) if known.is_readable() => known,
        _ => return unknown_policy(context, &text),
    };
    let partition = match bucket {
        Some(Bucket::Object(id)) => facts::partition(context.estate, context.estate.object(*id)),
        _ => facts::partition(context.estate, context.estate.object(object)),
    };
    let resource = context.readings.object(bucket, Some(object), None).resource(partition);
    let mut open = None;
    for statement in known.document().statements() {
        let lets_in = is_for_everyone(statement, &**known).and(statement.is_about_resource(&resource, &**known));
        let about = |action: &str| lets_in.and(statement.is_about_action(action, &**known));
        let can = |truth: Truth| -> Vec<&str> {
            ACTIONS.iter().filter(|(action, _)| about(action) == truth).map(|(_, word)| *word).collect()
        };
        let does = can(Truth::True).join(" and ");
        let named = explain::statement(known, statement.index(), statement.sid());
        let named = format!("{named} of {}", context.estate.object(known.holder).name());
        let list = context.estate.object(object).name();
        let explained = |text: String, says: &str| {
            let labels = vec![known.label(context.estate, statement.origin(), says)];
            Explained { text, labels }
        };
        if !does.is_empty() {
            let text = format!("anyone can {does} {list}: {named} allows it");
            return Said::Public(explained(text, &format!("lets anyone {does} the list")));
        }
        if open.is_none() && !can(Truth::Unknown).is_empty() {
            let text = format!("whether anyone can read {list} is not known: {named} decides");
            open = Some(Said::Open(explained(text, "decides"), context.what_would_decide(known.holder)));
        }
    }
    open.unwrap_or(Said::Nothing)
}

/// Whether a statement lets everyone in, without a condition.
fn is_for_everyone(statement: &Statement, holes: &dyn Holes) -> Truth {
    let allows = statement.effect().map_or(Truth::Unknown, |effect| Truth::from(effect == Effect::Allow));
    let everyone = match statement.principals(holes) {
        Principals::Named(named) => Truth::any(named.iter().map(|(who, value)| match who {
            Who::Everyone => Truth::True,
            // Only what is not known at all may be everyone.
            Who::Unclear if value.text.literals().next().is_none() => Truth::Unknown,
            _ => Truth::False,
        })),
        // Everyone but a few is the public too.
        Principals::AllBut(_) => Truth::True,
        Principals::Unreadable => Truth::Unknown,
    };
    let free = statement.conditions().map_or(Truth::Unknown, |conditions| Truth::from(conditions.is_empty()));
    allows.and(everyone).and(free)
}

/// A policy of which nothing is known.
fn unknown_policy(context: &Context<'_>, policy: &PolicyText) -> Said {
    let Explained { text, labels } = explain::unknown(context, policy);
    let text = format!("whether anyone can read the list is not known: {text}");
    Said::Open(Explained { text, labels }, explain::what_would_tell(context, policy, "bucket"))
}

/// The public may be shut out after all.
fn maybe_shut(context: &Context<'_>, explained: Explained, bucket: Option<&Bucket>) -> Said {
    let Explained { text, mut labels } = explained;
    let block = bucket.map(|bucket| context.readings.setting(bucket, PUBLIC_ACCESS));
    let holder = match block {
        Some(Setting::At(holder) | Setting::MayBe(holder)) => Some(holder),
        _ => None,
    };
    labels.extend(holder.map(|holder| context.label(holder, &["restrict_public_buckets"], "decides")));
    let text = format!("{text}, unless a public access block shuts the public out, which is not known");
    let help = holder.map_or_else(|| "add the state that holds it".into(), |holder| context.what_would_decide(holder));
    Said::Open(Explained { text, labels }, help)
}

/// A draft at the place that decides, and the object that the place belongs to.
fn draft(
    context: &Context<'_>,
    list: &Judged,
    attribute: &'static str,
    (explained, help): (Explained, String),
) -> (Option<ObjectId>, Draft) {
    let mut labels = explained.labels.into_iter();
    let own_place = || context.label(list.object, &["bucket"], "in this bucket");
    let (holder, anchor) = labels.next().unwrap_or_else(own_place);
    let block = context.graph.bucket_of(list.object).map(|bucket| context.readings.setting(bucket, PUBLIC_ACCESS));
    let block = match block {
        Some(Setting::At(block)) => {
            Some(context.label(block, &["restrict_public_buckets"], "the public access block of the bucket"))
        }
        _ => None,
    };
    let related: Vec<Label> = labels.chain(block).chain(context.read_by(list.sets.iter().copied())).collect();
    let draft = Draft { message: explained.text, help, attribute, discriminator: String::new(), anchor, related };
    (holder, draft)
}

#[cfg(test)]
mod tests;
