//! A later change of the list file will not reach GuardDuty.
//!
//! ## Why it matters
//!
//! GuardDuty loads a list when it is activated, and not again when the object in S3 changes. Terraform activates a set
//! again when its location, its name or `activate` changes. Where the location is the same whatever the list holds, the
//! next edit of the list changes the object and nothing else, and GuardDuty goes on with the old addresses. And of an
//! object that is uploaded from a file Terraform sees only the path, unless it is told the file's hash.
//!
//! ## How to fix it
//!
//! Put the content's hash into the key, so that the location changes with the content:
//!
//! ```hcl
//! resource "aws_s3_object" "trusted" {
//!   bucket      = aws_s3_bucket.lists.id
//!   key         = "trusted-${filemd5("${path.module}/trusted.txt")}.txt"
//!   source      = "${path.module}/trusted.txt"
//!   source_hash = filemd5("${path.module}/trusted.txt")
//! }
//! ```
//!
//! or let the set be replaced with the object: `lifecycle { replace_triggered_by = [aws_s3_object.trusted] }`.
//!
//! ```json pass
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_s3_bucket.lists", "mode": "managed", "type": "aws_s3_bucket", "name": "lists",
//!    "change": {"actions": ["no-op"], "before": {"bucket": "lists"}, "after": {"bucket": "lists"}}},
//!   {"address": "aws_s3_object.trusted", "mode": "managed", "type": "aws_s3_object", "name": "trusted",
//!    "change": {"actions": ["create"], "before": null, "after": {"bucket": "lists", "key": "trusted.txt", "source": "trusted.txt", "source_hash": "5d41402abc4b2a76b9719d911017c592"}}},
//!   {"address": "aws_guardduty_ipset.trusted", "mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted",
//!    "change": {"actions": ["create"], "before": null, "after": {"location": "s3://lists/trusted.txt", "activate": true, "detector_id": "12ab"}}}],
//!  "configuration": {"root_module": {"resources": [
//!   {"address": "aws_s3_object.trusted", "mode": "managed", "type": "aws_s3_object", "name": "trusted",
//!    "expressions": {"key": {"constant_value": "trusted.txt"}, "source": {"constant_value": "trusted.txt"}, "source_hash": {}}},
//!   {"address": "aws_guardduty_ipset.trusted", "mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted",
//!    "expressions": {"location": {"references": ["aws_s3_object.trusted.key", "aws_s3_object.trusted"]}}}]}}}
//! ```
//!
//! ```json fail
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_s3_bucket.lists", "mode": "managed", "type": "aws_s3_bucket", "name": "lists",
//!    "change": {"actions": ["no-op"], "before": {"bucket": "lists"}, "after": {"bucket": "lists"}}},
//!   {"address": "aws_s3_object.trusted", "mode": "managed", "type": "aws_s3_object", "name": "trusted",
//!    "change": {"actions": ["create"], "before": null, "after": {"bucket": "lists", "key": "trusted.txt", "source": "trusted.txt"}}},
//!   {"address": "aws_guardduty_ipset.trusted", "mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted",
//!    "change": {"actions": ["create"], "before": null, "after": {"location": "s3://lists/trusted.txt", "activate": true, "detector_id": "12ab"}}}],
//!  "configuration": {"root_module": {"resources": [
//!   {"address": "aws_s3_object.trusted", "mode": "managed", "type": "aws_s3_object", "name": "trusted",
//!    "expressions": {"key": {"constant_value": "trusted.txt"}, "source": {"constant_value": "trusted.txt"}}},
//!   {"address": "aws_guardduty_ipset.trusted", "mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted",
//!    "expressions": {"location": {"references": ["aws_s3_object.trusted.key", "aws_s3_object.trusted"]}}}]}}}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The plan changes the content, and `list-stale` says that nothing loads it.
//! - The key, or the location, holds a hash or version of something: by a hash function, by an attribute such as `etag`
//!   or `content_md5`, by a resource with triggers, by a variable named for a version.
//! - A `terraform_data` or `null_resource` that depends on the object calls GuardDuty.
//! - The object's bucket is not managed, the object is managed in another plan, or the plan shows no configuration.
//!
//! It is never undecided: `replace_triggered_by` is not part of plan JSON, so without sources only `source` without a hash
//! is judged, and a note says so.
//!
//! ## References
//!
//! - GuardDuty user guide, "Updating lists": a changed list must be activated again
//! - Terraform AWS provider, `ipset.go`: an update happens only on location, name or activate
//! - Terraform AWS provider, `aws_s3_object`: `etag` and `source_hash` trigger an upload

use std::collections::BTreeMap;

use tfduty_terraform::{Mode, Reference, Target as Named};

use crate::{
    context::{Context, Draft, Label},
    dependencies::{self, Block},
    evaluate,
    graph::{Bucket, Set, Target},
    object::{Object, ObjectId},
    rule::{Certainty, Command, Rule, Severity},
    rules::list_stale::{self, CONTENT, Loader},
};

pub(super) static RULE: Rule = Rule {
    id: "list-refresh-unwired",
    severity: Severity::Advice,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("list_refresh_unwired.rs"),
    check,
};

/// Digits of a hash that a key is taken to hold where its expression does not show.
const HASH_DIGITS: usize = 8;

fn check(context: &mut Context<'_>) {
    let estate = context.estate;
    let mut loaders: BTreeMap<usize, Vec<Block>> = BTreeMap::new();
    for set in &context.graph.sets {
        let Some(list) = list_of(context, set) else {
            context.skip(set.id);
            continue;
        };
        let unit = estate.object(set.id).unit;
        let loaders = loaders.entry(unit).or_insert_with(|| dependencies::loaders(&estate.units[unit]));
        let is_wired = is_wired(context, set, list, loaders);
        if is_uploaded_once(context, list) {
            let draft = uploaded_once(context, set, (list, is_wired));
            context.fail(set.id, draft);
        } else if is_wired == Some(false) {
            let draft = unwired(context, set, list);
            context.fail(set.id, draft);
        } else {
            if is_wired.is_none() && estate.units[unit].sources.is_none() {
                let message = "replace_triggered_by is not visible in plan JSON: whether a changed list reaches GuardDuty \
                               is judged only with the configuration (`--plan-file tfplan`)";
                context.note(estate.units[unit].input, "replace-triggered-by-not-visible", message);
            }
            context.pass(set.id);
        }
    }
}

/// The list that a set reads, where this plan's configuration makes both of them and the bucket is managed.
fn list_of(context: &Context<'_>, set: &Set) -> Option<ObjectId> {
    let estate = context.estate;
    let Target::Object(list) = set.target else { return None };
    let object = estate.object(list);
    let has_block = estate.block(object).is_some() && estate.block(estate.object(set.id)).is_some();
    let in_managed_bucket = match context.graph.bucket_of(list) {
        Some(Bucket::Object(bucket)) => estate.object(*bucket).is_managed(),
        _ => false,
    };
    let is_subject = object.is_present() && object.unit == estate.object(set.id).unit && has_block && in_managed_bucket;
    is_subject.then_some(list)
}

/// Whether Terraform uploads an object from a file once, and never looks at the file again.
fn is_uploaded_once(context: &Context<'_>, list: ObjectId) -> bool {
    let estate = context.estate;
    let object = estate.object(list);
    // The configuration may set an argument to what turns out to be `null`.
    let is_set = |name: &str| match object.values.get(name) {
        Some(_) => !object.attribute(&[name]).is_absent(),
        None => estate.sets(object, name) != Some(false),
    };
    // The provider fills `etag` in, so that only the configuration tells whether it is set. A copy has other arguments.
    let is_compared = ["source_hash", "content", "content_base64"].into_iter().any(is_set)
        || estate.sets(object, "etag") != Some(false);
    let is_replaced = || !triggers(context, list).is_empty();
    object.resource_type() != "aws_s3_object_copy"
        && is_set("source")
        && !is_compared
        && !["key", "source"].into_iter().any(|name| holds_hash(context, list, name))
        && !is_replaced()
}

/// Whether an attribute holds a hash: without sources, as far as its value shows it.
fn holds_hash(context: &Context<'_>, id: ObjectId, name: &str) -> bool {
    if let Some(changes) = evaluate::changes_with_content(context.estate, id, name) {
        return changes;
    }
    let object = context.estate.object(id);
    let expression = context.estate.block(object).and_then(|block| block.expressions.get(name));
    if expression.is_some_and(|expression| expression.constant.is_some()) {
        return false;
    }
    let attribute = object.attribute(&[name]);
    let looks_like_hash =
        |text: &str| text.split(|c: char| !c.is_ascii_hexdigit()).any(|digits| digits.len() >= HASH_DIGITS);
    attribute.is_unknown() || attribute.str().is_some_and(looks_like_hash)
}

/// Whether a change of the list makes GuardDuty load it. `None` where the configuration is not at hand.
fn is_wired(context: &Context<'_>, set: &Set, list: ObjectId, loaders: &[Block]) -> Option<bool> {
    let changes = |id, name| evaluate::changes_with_content(context.estate, id, name);
    let by_location = changes(list, "key")? || changes(set.id, "location")?;
    let by_trigger = || triggers(context, set.id).iter().any(|trigger| reaches(context, trigger, list));
    let by_loader = || !matches!(list_stale::loader(context, list, loaders), Loader::None);
    Some(by_location || by_trigger() || by_loader())
}

/// What `replace_triggered_by` of an object names.
fn triggers(context: &Context<'_>, id: ObjectId) -> Vec<Reference> {
    let object = context.estate.object(id);
    let sources = context.estate.unit(object).sources.as_ref();
    let path = ["lifecycle", "replace_triggered_by"];
    sources.map(|sources| sources.attribute_references(&object.address, &path)).unwrap_or_default()
}

/// Whether a trigger of a set goes off when the list changes.
fn reaches(context: &Context<'_>, trigger: &Reference, list: ObjectId) -> bool {
    let estate = context.estate;
    let object = estate.object(list);
    let Named::Resource { mode: Mode::Managed, resource_type, name, key } = &trigger.target else { return false };
    if is_block_of(trigger, object) {
        // The key and what is made of it stay the same.
        let changes = |attribute: &str| CONTENT.contains(&attribute) || attribute == "version_id";
        let is_instance = key.as_ref().is_none_or(|key| object.address.key.as_ref() == Some(key));
        return is_instance && trigger.attribute().is_none_or(changes);
    }
    let module = dependencies::without_keys(&trigger.module);
    let block = Block { module, resource_type: resource_type.clone(), name: name.clone() };
    evaluate::is_triggered(estate, object.unit, trigger)
        || !dependencies::depending_on(estate.unit(object), &[block], object).is_empty()
}

/// Whether a reference names the block that made an object.
fn is_block_of(reference: &Reference, object: &Object) -> bool {
    let Named::Resource { mode, resource_type, name, .. } = &reference.target else { return false };
    let address = &object.address;
    (*mode, resource_type, name) == (address.mode, &address.resource_type, &address.name)
        && reference.module.names().eq(address.module.names())
}

fn uploaded_once(context: &Context<'_>, set: &Set, (list, is_wired): (ObjectId, Option<bool>)) -> Draft {
    let mut message = String::from(
        "a later change of the list file will not reach GuardDuty: the object is uploaded from `source`, and without \
         `source_hash` or `etag` Terraform does not look at the file again",
    );
    let mut help = String::from("add the file's hash to the object: `source_hash = filemd5(\"trusted.txt\")`");
    if is_wired == Some(false) {
        message.push_str("; nor would a new object make GuardDuty load it");
        help.push_str(", and to its key: `key = \"trusted-${filemd5(\"trusted.txt\")}.txt\"`");
    }
    draft(context, set, (message, help), context.label(list, &["source"], "uploaded once"))
}

fn unwired(context: &Context<'_>, set: &Set, list: ObjectId) -> Draft {
    let message = "a later change of the list will not reach GuardDuty: the location stays the same whatever the list \
                   holds, and nothing replaces the set"
        .into();
    let help = list_stale::how_to_wire(context.estate.object(set.id), context.estate.object(list));
    draft(context, set, (message, help), context.label(list, &["key"], "the same for any content"))
}

fn draft(context: &Context<'_>, set: &Set, (message, help): (String, String), related: Label) -> Draft {
    Draft {
        message,
        help,
        attribute: "location",
        discriminator: String::new(),
        anchor: context.label(set.id, &["location"], "stays the same").1,
        related: vec![related],
    }
}

#[cfg(test)]
mod tests;
