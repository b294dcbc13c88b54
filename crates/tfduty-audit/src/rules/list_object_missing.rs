//! No object in the estate has the key this list points at.
//!
//! ## Why it matters
//!
//! A list that points at nothing cannot be activated: the apply fails, or the list is left in status `ERROR`, and GuardDuty
//! works without it. A typo in the key is enough, and Terraform sees nothing wrong with it.
//!
//! ## How to fix it
//!
//! Build the location from the object, so that the key is written once:
//!
//! ```hcl
//! resource "aws_guardduty_ipset" "trusted" {
//!   location = "s3://${aws_s3_object.trusted.bucket}/${aws_s3_object.trusted.key}"
//!   # …
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "guardduty/trusted.txt"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/guardduty/trusted.txt"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "guardduty/trusted.txt"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/guardduty/trustd.txt"}}]}]}
//! ```
//!
//! ```json undecided
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/guardduty/trusted.txt"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - A data source reads the object, or an `aws_s3_object_copy` makes it.
//! - A directory is uploaded with `for_each`, and one of the objects has the key.
//!
//! It is undecided when the location is known only after apply and leads to no single object, when the bucket is not
//! among the inputs, and when nothing else of the bucket is managed here: the object may be uploaded by other means. So it
//! is when bucket or key of an object are not known that may be the list.
//!
//! ## References
//!
//! - GuardDuty user guide, "Prerequisites for lists"
//! - Terraform AWS provider, `ipset.go`: a list in status `ERROR` makes the create fail

use crate::{
    context::{self, Context, Draft},
    graph::{self, Bucket, OBJECTS, Set, Target},
    object::{Attribute, Object, ObjectId, Presence},
    rule::{Certainty, Command, Rule, Severity},
};
use tfduty_aws::location;

pub(super) static RULE: Rule = Rule {
    id: "list-object-missing",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("list_object_missing.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    let graph = context.graph;
    for set in &graph.sets {
        match &set.target {
            Target::Object(object) => match gone(context, *object) {
                Some(why) => {
                    let draft = draft(
                        context,
                        set,
                        format!("the object this list points at {why}"),
                        vec![context.label(*object, &["key"], why)],
                    );
                    context.fail(set.id, draft);
                }
                None => context.pass(set.id),
            },
            Target::Invalid(_) => context.skip(set.id),
            Target::Missing { bucket, key } => missing(context, set, bucket, key),
            Target::Unknown { bucket, candidates, stops } => {
                let draft = unknown(context, set, (bucket.as_ref(), candidates, stops));
                context.undecided(set.id, draft);
            }
        }
    }
}

/// Why an object that has the key will not be there.
fn gone(context: &Context<'_>, id: ObjectId) -> Option<&'static str> {
    let object = context.estate.object(id);
    (object.presence == Presence::Going).then_some("is deleted by this plan")
}

fn missing(context: &mut Context<'_>, set: &Set, bucket: &Bucket, key: &str) {
    let estate = context.estate;
    let held = context.graph.held_by(bucket);
    let shown_key = context.shown_part(set, key);
    let shown_bucket = context.shown_bucket(set, bucket);
    let message = format!("no object in bucket {shown_bucket} has the key {shown_key} that this list points at");
    if let [_, ..] = maybe(context, bucket, key)[..] {
        let draft = may_be_there(context, set, (bucket, key), &message);
        return context.undecided(set.id, draft);
    }
    let managed = |id: &&ObjectId| estate.object(**id).is_present();
    if let Some(going) = context.graph.held_as(bucket, key).first() {
        let why = gone(context, *going).unwrap_or("is not managed any more");
        let related = vec![context.label(*going, &["key"], why)];
        let draft = draft(context, set, format!("the object this list points at, key {shown_key}, {why}"), related);
        return context.fail(set.id, draft);
    }
    if let Some(anchor) = context.graph.found_deleted(estate, bucket, key) {
        let message = format!(
            "the object this list points at, key {shown_key}, was deleted outside Terraform, and this plan does not make it again"
        );
        let draft = draft(context, set, message, vec![(None, anchor)]);
        return context.fail(set.id, draft);
    }
    let stays = |id: &ObjectId| estate.object(*id).presence != Presence::Going;
    let key_of = |id: ObjectId| graph::key_of(estate.object(id));
    let staying = || held.iter().copied().filter(stays);
    if let Some(near) = location::near_miss(key, staying().filter_map(key_of)) {
        let near_id = staying().find(|id| key_of(*id) == Some(near));
        let label = |id: ObjectId| context.label(id, &["key"], "did you mean this one?");
        let value = near_id.and_then(|id| estate.object(id).attribute(&["key"]).known());
        // What is near to a sensitive key tells it.
        let (near, related) = match near_id.filter(|_| set.is_sensitive) {
            Some(id) => (format!("the key of {}", estate.object(id).name()), None),
            None => (context::shown(value, near), near_id.map(label)),
        };
        let message = format!("{message}; did you mean {near}?");
        let draft = draft(context, set, message, related.into_iter().collect());
        return context.fail(set.id, draft);
    }
    let managed_here = matches!(bucket, Bucket::Object(id) if estate.object(*id).is_managed());
    let going = matches!(bucket, Bucket::Object(id) if estate.object(*id).presence == Presence::Going);
    if let Bucket::Object(id) = bucket
        && managed_here
        && (going || held.iter().any(|id| managed(&id)))
    {
        let label = if going { "the bucket goes" } else { "its other objects are managed here" };
        let draft = draft(context, set, message, vec![context.label(*id, &["bucket"], label)]);
        return context.fail(set.id, draft);
    }
    let why = if managed_here {
        format!("none of the objects of bucket {shown_bucket} is managed here: is {shown_key} uploaded elsewhere?")
    } else {
        format!("bucket {shown_bucket} is not among the inputs: whether it holds {shown_key} is not known")
    };
    let mut draft = draft(context, set, why, Vec::new());
    draft.help = "add the state or plan that manages the object, or read it with `data \"aws_s3_object\"`".into();
    context.undecided(set.id, draft);
}

/// Objects that stay and may have this bucket and key, as far as is known.
fn maybe(context: &Context<'_>, bucket: &Bucket, key: &str) -> Vec<ObjectId> {
    let may_have = |attribute: &Attribute<'_>| {
        attribute.is_unknown() || attribute.str().is_some_and(|own| location::same_key(key, own))
    };
    let may_be = |(id, object): &(ObjectId, &Object)| {
        object.presence == Presence::Present
            && context.graph.bucket_of(*id).is_none_or(|own| own == bucket)
            && may_have(&object.attribute(&["key"]))
    };
    OBJECTS.iter().flat_map(|name| context.estate.of_type(name)).filter(may_be).map(|(id, _)| id).collect()
}

fn may_be_there(context: &Context<'_>, set: &Set, (bucket, key): (&Bucket, &str), message: &str) -> Draft {
    let maybe = maybe(context, bucket, key);
    let open = |id: &ObjectId| {
        let (name, says) = match context.graph.bucket_of(*id) {
            Some(_) => ("key", "its key is not known"),
            None => ("bucket", "its bucket cannot be told"),
        };
        context.label(*id, &[name], says)
    };
    let names = context::names(context.estate, &maybe);
    let message = format!("{message}, as far as is known, but it may be {names}");
    let related = maybe.iter().take(4).map(open).collect();
    Draft { help: context.what_would_decide(set.id), ..draft(context, set, message, related) }
}

fn draft(
    context: &Context<'_>,
    set: &Set,
    message: String,
    related: Vec<(Option<ObjectId>, crate::finding::Anchor)>,
) -> Draft {
    let object = context.estate.object(set.id);
    Draft {
        message,
        help: "build the location from the object: `\"s3://${aws_s3_object.trusted.bucket}/${aws_s3_object.trusted.key}\"`".into(),
        attribute: "location",
        discriminator: String::new(),
        anchor: context.anchor(object, &object.attribute(&["location"]), "points here"),
        related,
    }
}

fn unknown(
    context: &Context<'_>,
    set: &Set,
    (bucket, candidates, stops): (Option<&Bucket>, &[ObjectId], &[String]),
) -> Draft {
    let hint = match (candidates, bucket) {
        ([only], _) => format!("; it may be {}", context.estate.object(*only).name()),
        ([_, ..], _) => {
            format!("; it may be one of {}", context::names(context.estate, candidates))
        }
        ([], Some(bucket)) => format!("; the bucket is {}, the key is not known", context.shown_bucket(set, bucket)),
        ([], None) => context
            .only_object_beside(set.id)
            .map_or(String::new(), |id| format!("; the only object beside it is {}", context.estate.object(id).name())),
    };
    let object = context.estate.object(set.id);
    let location = object.attribute(&["location"]);
    let why = match stops {
        [] => context.unknown(set.id, "location"),
        _ => format!("it {}, and {} cannot be followed", location.why_unknown(), context::quoted_list(stops)),
    };
    Draft {
        message: format!("`location` decides which object the list is, and {why}{hint}"),
        help: context.what_would_decide(set.id),
        attribute: "location",
        discriminator: String::new(),
        anchor: context.anchor(object, &location, "not known yet"),
        related: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
