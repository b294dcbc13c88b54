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

use std::collections::BTreeMap;

use tfduty_aws::location::NearKeys;

use crate::{
    candidates::Candidates,
    context::{self, Context, Draft, MOST_NAMED},
    graph::{self, Bucket, Set, Target},
    object::{ObjectId, Presence},
    rule::{Certainty, Command, Rule, Severity},
};

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
    let mut staying = BTreeMap::new();
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
            Target::Missing { bucket, key } => {
                let staying = staying.entry(bucket).or_insert_with(|| Staying::of(context, bucket));
                missing(context, set, (bucket, key), staying);
            }
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

/// What stays of a bucket, worked out once: many lists may miss their objects there.
struct Staying<'a> {
    /// The objects with a key that is known, and their keys in the same order.
    objects: Vec<ObjectId>,
    keys: NearKeys<'a>,
    /// Whether Terraform manages an object of the bucket.
    is_managed: bool,
}

impl<'a> Staying<'a> {
    fn of(context: &Context<'a>, bucket: &Bucket) -> Self {
        let estate = context.estate;
        let held = context.graph.held_by(bucket).iter().map(|id| (*id, estate.object(*id)));
        let stays = held.clone().filter(|(_, object)| object.presence != Presence::Going);
        let (objects, keys): (Vec<ObjectId>, Vec<&str>) =
            stays.filter_map(|(id, object)| Some((id, graph::key_of(object)?))).unzip();
        let is_managed = held.clone().any(|(_, object)| object.is_present());
        Self { objects, keys: keys.into_iter().collect(), is_managed }
    }
}

fn missing(context: &mut Context<'_>, set: &Set, (bucket, key): (&Bucket, &str), staying: &Staying<'_>) {
    let estate = context.estate;
    let shown_key = context.shown_part(set, key);
    let shown_bucket = context.shown_bucket(set, bucket);
    let message = format!("no object in bucket {shown_bucket} has the key {shown_key} that this list points at");
    let (perhaps, count) = context.graph.perhaps_held_as(estate, (bucket, key), MOST_NAMED);
    if count > 0 {
        let draft = may_be_there(context, set, (&perhaps, count), &message);
        return context.undecided(set.id, draft);
    }
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
    if let Some(near_id) = staying.keys.near_miss(key).map(|place| staying.objects[place]) {
        let near = estate.object(near_id).attribute(&["key"]);
        // What is near to a sensitive key tells it.
        let (near, related) = if set.is_sensitive {
            (format!("the key of {}", estate.object(near_id).name()), None)
        } else {
            let label = context.label(near_id, &["key"], "did you mean this one?");
            (context::shown(near.known(), near.str().unwrap_or_default()), Some(label))
        };
        let message = format!("{message}; did you mean {near}?");
        let draft = draft(context, set, message, related.into_iter().collect());
        return context.fail(set.id, draft);
    }
    let managed_here = matches!(bucket, Bucket::Object(id) if estate.object(*id).is_managed());
    let going = matches!(bucket, Bucket::Object(id) if estate.object(*id).presence == Presence::Going);
    if let Bucket::Object(id) = bucket
        && managed_here
        && (going || staying.is_managed)
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

/// A set of which the object may be one of some that are only known in parts: the first of them, and their number.
fn may_be_there(context: &Context<'_>, set: &Set, (perhaps, count): (&[ObjectId], usize), message: &str) -> Draft {
    let open = |id: &ObjectId| {
        let (name, says) = match context.graph.bucket_of(*id) {
            Some(_) => ("key", "its key is not known"),
            None => ("bucket", "its bucket cannot be told"),
        };
        context.label(*id, &[name], says)
    };
    let names = context::names_of(context.estate, perhaps, count);
    let message = format!("{message}, as far as is known, but it may be {names}");
    let related = perhaps.iter().map(open).collect();
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
    (bucket, candidates, stops): (Option<&Bucket>, &Candidates, &[String]),
) -> Draft {
    let first: Vec<ObjectId> = candidates.iter().take(MOST_NAMED).collect();
    let hint = match (&first[..], bucket) {
        ([only], _) => format!("; it may be {}", context.estate.object(*only).name()),
        ([_, ..], _) => {
            format!("; it may be one of {}", context::names_of(context.estate, &first, candidates.len()))
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
