//! The list's content changes, but nothing tells GuardDuty to load it again.
//!
//! ## Why it matters
//!
//! GuardDuty loads a list when it is activated, and not again when the object in S3 changes. Terraform activates a set when
//! its location, name or `activate` changes, and otherwise leaves it alone. So a plan that changes only the object succeeds,
//! and GuardDuty goes on with the old addresses.
//!
//! ## How to fix it
//!
//! Put the content's hash into the key, so that the location changes with the content:
//!
//! ```hcl
//! resource "aws_s3_object" "trusted" {
//!   key     = "trusted-${md5(local.trusted)}.txt"
//!   content = local.trusted
//!   # …
//! }
//! ```
//!
//! or let the set be replaced with the object: `lifecycle { replace_triggered_by = [aws_s3_object.trusted] }`.
//!
//! ```json pass
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_s3_object.trusted", "mode": "managed", "type": "aws_s3_object", "name": "trusted",
//!    "change": {"actions": ["update"], "before": {"bucket": "lists", "key": "t.txt", "content": "1.1.1.1\n"}, "after": {"bucket": "lists", "key": "t.txt", "content": "1.1.1.1\n", "content_type": "text/plain"}}},
//!   {"address": "aws_guardduty_ipset.trusted", "mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted",
//!    "change": {"actions": ["no-op"], "before": {"location": "s3://lists/t.txt", "activate": true, "detector_id": "12ab"}, "after": {"location": "s3://lists/t.txt", "activate": true, "detector_id": "12ab"}}}]}
//! ```
//!
//! ```json fail
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_s3_object.trusted", "mode": "managed", "type": "aws_s3_object", "name": "trusted",
//!    "change": {"actions": ["update"], "before": {"bucket": "lists", "key": "t.txt", "content": "1.1.1.1\n"}, "after": {"bucket": "lists", "key": "t.txt", "content": "9.9.9.9\n"}}},
//!   {"address": "aws_guardduty_ipset.trusted", "mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted",
//!    "change": {"actions": ["no-op"], "before": {"location": "s3://lists/t.txt", "activate": true, "detector_id": "12ab"}, "after": {"location": "s3://lists/t.txt", "activate": true, "detector_id": "12ab"}}}]}
//! ```
//!
//! ```json undecided
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_s3_object.trusted", "mode": "managed", "type": "aws_s3_object", "name": "trusted",
//!    "change": {"actions": ["update"], "before": {"bucket": "lists", "key": "t.txt", "content": "1.1.1.1\n"}, "after": {"bucket": "lists", "key": "t.txt"}, "after_unknown": {"content": true}}},
//!   {"address": "aws_guardduty_ipset.trusted", "mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted",
//!    "change": {"actions": ["no-op"], "before": {"location": "s3://lists/t.txt", "activate": true, "detector_id": "12ab"}, "after": {"location": "s3://lists/t.txt", "activate": true, "detector_id": "12ab"}}}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The set is created or replaced by the plan, or its location or name changes.
//! - Only metadata or tags of the object change, or only `source_hash` beside `content` that shows that it is the same.
//! - The plan sets back what was rewritten outside Terraform: GuardDuty still goes by what was there before.
//! - A `terraform_data` or `null_resource` that depends on the object runs `update-ip-set` or `update-threat-intel-set`
//!   (visible with sources).
//!
//! It is undecided when whether the content changes is known only after apply, when an `aws_lambda_invocation` or, without
//! sources, a `terraform_data` or `null_resource` depends on the object and may load the list.
//!
//! ## References
//!
//! - GuardDuty user guide, "Updating lists": a changed list must be activated again
//! - Terraform AWS provider, `ipset.go`: an update happens only on location, name or activate

use std::collections::BTreeMap;

use tfduty_aws::truth::Truth;
use tfduty_terraform::{Address, Change, ModulePath, Value, escape};

use crate::{
    context::{Context, Draft},
    dependencies::{self, Block},
    evaluate,
    graph::{Set, Target},
    object::{ChangeKind, Object, ObjectId},
    rule::{Certainty, Command, Rule, Severity},
    rules::detector_drift,
};

#[cfg(test)]
mod restored;

pub(super) static RULE: Rule = Rule {
    id: "list-stale",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("list_stale.rs"),
    check,
};

/// Attributes that change when the bytes of the object do.
pub(super) const CONTENT: &[&str] = &[
    "content",
    "content_base64",
    "source",
    "source_hash",
    "etag",
    "checksum_crc32",
    "checksum_crc32c",
    "checksum_crc64nvme",
    "checksum_sha1",
    "checksum_sha256",
];

fn check(context: &mut Context<'_>) {
    let estate = context.estate;
    let mut loaders: BTreeMap<usize, Vec<Block>> = BTreeMap::new();
    for set in &context.graph.sets {
        let object = estate.object(set.id);
        let Target::Object(list) = set.target else {
            context.skip(set.id);
            continue;
        };
        let held = estate.object(list);
        let is_subject = held.is_managed()
            && held.unit == object.unit
            && held.change != ChangeKind::State
            && object.attribute(&["activate"]).bool() == Some(true);
        if !is_subject || !is_left_alone(object) {
            context.skip(set.id);
            continue;
        }
        match content_changes(context, held) {
            Some((attribute, Truth::True)) => {
                let loaders = loaders.entry(held.unit).or_insert_with(|| dependencies::loaders(estate.unit(held)));
                changed(context, set, (list, attribute), loaders);
            }
            Some((attribute, _)) => {
                let why = held.attribute(&[attribute]).why_unknown();
                let message =
                    format!("whether the list's content changes is not known: `{attribute}` of the object {why}");
                let draft = draft(context, set, list, (attribute, message, context.what_would_decide(set.id)));
                context.undecided(set.id, draft);
            }
            None => context.pass(set.id),
        }
    }
}

/// Whether the plan does nothing to the set that would make GuardDuty load the list.
fn is_left_alone(set: &Object) -> bool {
    let same = |name: &str| {
        let after = set.attribute(&[name]);
        !after.is_unknown() && set.before(&[name]).and_then(Value::as_str) == after.known().and_then(Value::as_str)
    };
    let activate = set.before(&["activate"]).and_then(Value::as_bool) == set.attribute(&["activate"]).bool();
    match set.change {
        ChangeKind::NoOp => true,
        ChangeKind::Update => same("location") && same("name") && activate,
        _ => false,
    }
}

/// The first attribute that shows that the object's bytes change, or may change.
fn content_changes(context: &Context<'_>, object: &Object) -> Option<(&'static str, Truth)> {
    if !(matches!(object.change, ChangeKind::NoOp | ChangeKind::Update) || object.change.replaces()) {
        return None;
    }
    // GuardDuty has loaded what was there before somebody rewrote it; the plan leaves, or puts back, what it plans.
    let loaded = drift_of(context, object).map(Change::before).or_else(|| object.values_before())?;
    differs(loaded, &object.values)
}

fn drift_of<'a>(context: &Context<'a>, object: &Object) -> Option<&'a Change> {
    context.estate.drift_at(object.unit, &object.address).find(|change| !change.after.is_null())
}

fn differs(before: &Value, after: &Value) -> Option<(&'static str, Truth)> {
    let value = |values: &Value, name: &str| {
        values.get(name).filter(|value| !value.is_null() && value.as_str() != Some("")).cloned()
    };
    let mut unknown = None;
    let mut content_is_known = false;
    for name in CONTENT {
        let (old, new) = (value(before, name), value(after, name));
        match (&old, &new) {
            // What facts leave out is told from what stood there before.
            (Some(old), Some(new)) if old.is_withheld() && old.kind == new.kind => {
                content_is_known |= *name == "content" || *name == "content_base64";
            }
            (_, Some(new)) if !new.is_wholly_known() => {
                unknown = unknown.or(Some((*name, Truth::Unknown)));
            }
            (Some(old), Some(new)) if old.kind == new.kind => {
                content_is_known |= *name == "content" || *name == "content_base64";
            }
            (None, None) => {}
            // It is there for bytes that do not show.
            _ if *name == "source_hash" && content_is_known => {}
            // A hash that was not recorded before proves nothing about the bytes.
            (None, Some(_)) if !name.starts_with("content") && *name != "source" => {}
            _ => return Some((name, Truth::True)),
        }
    }
    let new_version = after.get("version_id").is_some_and(Value::is_unknown) && !metadata_differs(before, after);
    unknown.or(new_version.then_some(("version_id", Truth::Unknown))).filter(|_| !content_is_known)
}

/// Whether something else than the bytes makes a new version of the object.
fn metadata_differs(before: &Value, after: &Value) -> bool {
    let counts = |name: &str| !CONTENT.contains(&name) && !["tags", "tags_all", "version_id"].contains(&name);
    let changes = |(name, new): &(Box<str>, Value)| {
        counts(name) && new.is_wholly_known() && !detector_drift::same(before.get(name), Some(new))
    };
    after.members().iter().any(changes)
}

fn changed(context: &mut Context<'_>, set: &Set, (list, attribute): (ObjectId, &'static str), loaders: &[Block]) {
    match loader(context, list, loaders) {
        Loader::Runs => context.pass(set.id),
        Loader::May(what) => {
            let message = format!("the list's content changes, and {what} may make GuardDuty load it again");
            let draft = draft(context, set, list, (attribute, message, context.what_would_decide(set.id)));
            context.undecided(set.id, draft);
        }
        Loader::None => {
            let message = "the list's content changes, but nothing tells GuardDuty to load it again: it goes on with the old addresses";
            let help = how_to_wire(context.estate.object(set.id), context.estate.object(list));
            let draft = draft(context, set, list, (attribute, message.into(), help));
            context.fail(set.id, draft);
        }
    }
}

/// What lets a change of a list reach GuardDuty. `replace_triggered_by` names resources of its own module alone.
pub(super) fn how_to_wire(set: &Object, list: &Object) -> String {
    let hash =
        if list.attribute(&["source"]).is_absent() { "md5(…)` of its content" } else { "filemd5(…)` of its file" };
    let hashed = format!("put `{hash} into the object's key, so that the location changes");
    if set.address.module != list.address.module {
        return hashed;
    }
    let relative = Address { module: ModulePath::default(), ..list.address.clone() }.to_string();
    format!("{hashed}; or `lifecycle {{ replace_triggered_by = [{}] }}` on the set", escape(&relative))
}

fn draft(
    context: &Context<'_>,
    set: &Set,
    list: ObjectId,
    (attribute, message, help): (&str, String, String),
) -> Draft {
    let object = context.estate.object(set.id);
    Draft {
        message,
        help,
        attribute: "location",
        discriminator: String::new(),
        anchor: context.anchor(object, &object.attribute(&["location"]), "unchanged"),
        related: vec![context.label(list, &[attribute], "changes")],
    }
}

/// Whether something outside the set makes GuardDuty load the list again.
pub(super) enum Loader {
    Runs,
    May(String),
    None,
}

/// What makes GuardDuty load the list again whenever the object changes.
pub(super) fn loader(context: &Context<'_>, list: ObjectId, loaders: &[Block]) -> Loader {
    let estate = context.estate;
    let object = estate.object(list);
    let unit = estate.unit(object);
    let mut may = None;
    for block in dependencies::depending_on(unit, loaders, object) {
        match &*block.resource_type {
            "aws_lambda_invocation" => may = Some(format!("`{}.{}`", block.resource_type, block.name)),
            "terraform_data" | "null_resource" => match evaluate::block_text(unit, block) {
                Some(script)
                    if ["update-ip-set", "update-threat-intel-set"].iter().any(|call| script.contains(call)) =>
                {
                    return Loader::Runs;
                }
                Some(_) => {}
                None => may = Some(format!("`{}.{}`", block.resource_type, block.name)),
            },
            _ => {}
        }
    }
    may.map_or(Loader::None, Loader::May)
}

#[cfg(test)]
mod tests;
