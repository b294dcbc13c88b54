//! GuardDuty was weakened outside Terraform since the last apply.
//!
//! ## Why it matters
//!
//! Somebody suspended the detector, switched a plan off, deactivated a list or rewrote it by hand. That is what an attacker
//! does first, and what a hurried colleague does too. The next apply may repair it, or may not: look before it does.
//!
//! ## How to fix it
//!
//! Find who did it (`CloudTrail`: `UpdateDetector`, `UpdateIPSet`, `PutObject`), then apply. For a list in status `ERROR` mend
//! what keeps GuardDuty from reading it first: the apply alone fails again.
//!
//! ```json pass
//! {"format_version": "1.2", "terraform_version": "1.11.4",
//!  "resource_changes": [
//!   {"address": "aws_guardduty_detector.this", "mode": "managed", "type": "aws_guardduty_detector", "name": "this",
//!    "change": {"actions": ["no-op"], "before": {"id": "12ab", "enable": true}, "after": {"id": "12ab", "enable": true}}}],
//!  "resource_drift": [
//!   {"address": "aws_guardduty_detector.this", "mode": "managed", "type": "aws_guardduty_detector", "name": "this",
//!    "change": {"actions": ["update"], "before": {"id": "12ab", "enable": true, "tags": null}, "after": {"id": "12ab", "enable": true, "tags": {}}}}]}
//! ```
//!
//! ```json fail
//! {"format_version": "1.2", "terraform_version": "1.11.4",
//!  "resource_changes": [
//!   {"address": "aws_guardduty_detector.this", "mode": "managed", "type": "aws_guardduty_detector", "name": "this",
//!    "change": {"actions": ["update"], "before": {"id": "12ab", "enable": false}, "after": {"id": "12ab", "enable": true}}}],
//!  "resource_drift": [
//!   {"address": "aws_guardduty_detector.this", "mode": "managed", "type": "aws_guardduty_detector", "name": "this",
//!    "change": {"actions": ["update"], "before": {"id": "12ab", "enable": true}, "after": {"id": "12ab", "enable": false}}}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - Differences of null against empty, and of tags.
//! - Drift that strengthens.
//!
//! Drift that `ignore_changes` leaves in place fails too, and the message says that this plan will not repair it. The rule
//! is never undecided: drift is a fact. A list that is found inactive was either deactivated or is in status `ERROR`.
//!
//! ## References
//!
//! - Terraform AWS provider, `ipset.go`: `activate` is read back as "status is ACTIVE"
//! - Terraform plan format, `resource_drift`

use tfduty_terraform::{Change, Value};

use crate::{
    context::{Context, Draft, Subject},
    estate::{JudgedUnit, is_drift_delete},
    graph::{OBJECTS, THREAT, TRUSTED},
    object::{self, ChangeKind},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "detector-drift",
    severity: Severity::Warning,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("detector_drift.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    let estate = context.estate;
    for (unit_index, unit) in estate.units.iter().enumerate() {
        for (item, change) in unit.drift.iter().enumerate() {
            if !is_subject(context, unit_index, change) {
                continue;
            }
            let subject = Subject::Drift { unit: unit_index, item };
            match weakened(change) {
                Some(weakening) => {
                    let draft = draft(context, (unit_index, unit), change, &weakening);
                    context.fail(subject, draft);
                }
                None => context.pass(subject),
            }
        }
    }
}

/// Whether a drifted object is GuardDuty's, a list, or the policy of a list's bucket.
fn is_subject(context: &Context<'_>, unit: usize, change: &Change) -> bool {
    if change.address.mode != tfduty_terraform::Mode::Managed || change.deposed.is_some() {
        return false;
    }
    match &*change.address.resource_type {
        "aws_guardduty_detector"
        | "aws_guardduty_detector_feature"
        | "aws_guardduty_filter"
        | "aws_guardduty_publishing_destination"
        | TRUSTED
        | THREAT => true,
        name if OBJECTS.contains(&name) => context.graph.is_list(context.estate, unit, change),
        "aws_s3_bucket_policy" => context.graph.is_list_bucket(context.estate, change),
        _ => false,
    }
}

/// How an object was weakened.
struct Weakening {
    /// The attribute that drifted; `None` where the object is gone.
    path: Option<&'static [&'static str]>,
    /// What happened, up to "outside Terraform".
    what: &'static str,
}

fn weakened(change: &Change) -> Option<Weakening> {
    if is_drift_delete(change) {
        return Some(Weakening { path: None, what: deleted(&change.address.resource_type) });
    }
    let found = |path: &'static [&'static str], what: &'static str, holds: bool| {
        holds.then_some(Weakening { path: Some(path), what })
    };
    let turned_off =
        |path: &[&str]| flag(change.before(), path) == Some(true) && flag(&change.after, path) == Some(false);
    let moved =
        |name: &str, from: &str, to: &str| text(change.before(), name) == from && text(&change.after, name) == to;
    let changed = |name: &str| text(change.before(), name) != text(&change.after, name);
    match &*change.address.resource_type {
        "aws_guardduty_detector" => found(&["enable"], "the detector was suspended", turned_off(&["enable"]))
            .or_else(|| found(S3_LOGS, "the detector stopped watching S3 data events", turned_off(S3_LOGS)))
            .or_else(|| found(AUDIT_LOGS, "the detector stopped watching EKS audit logs", turned_off(AUDIT_LOGS)))
            .or_else(|| found(EBS, "the detector stopped scanning EBS volumes", turned_off(EBS))),
        "aws_guardduty_detector_feature" => {
            found(&["status"], "the protection plan was switched off", moved("status", "ENABLED", "DISABLED"))
        }
        TRUSTED | THREAT => {
            let inactive = "the list was deactivated, or is in status ERROR since something changed,";
            found(&["activate"], inactive, turned_off(&["activate"]))
                .or_else(|| found(&["location"], "the list was pointed at another object", changed("location")))
        }
        "aws_guardduty_filter" => {
            let archives =
                found(&["action"], "the filter was made to archive findings", moved("action", "NOOP", "ARCHIVE"));
            let (before, after) = (change.before().get("finding_criteria"), change.after.get("finding_criteria"));
            archives.or_else(|| {
                found(&["finding_criteria"], "the filter was made to select other findings", !same(before, after))
            })
        }
        "aws_guardduty_publishing_destination" => {
            let elsewhere = found(&["destination_arn"], "the export was sent elsewhere", changed("destination_arn"));
            elsewhere
                .or_else(|| found(&["kms_key_arn"], "the export was put under another key", changed("kms_key_arn")))
        }
        name if OBJECTS.contains(&name) => found(&["content"], "the list was rewritten", changed("content"))
            .or_else(|| found(&["etag"], "the list was rewritten", changed("etag"))),
        _ => None,
    }
}

fn deleted(resource_type: &str) -> &'static str {
    match resource_type {
        "aws_guardduty_detector" => "the detector was deleted",
        "aws_guardduty_filter" => "the filter was deleted",
        "aws_guardduty_publishing_destination" => "the export was deleted",
        "aws_s3_bucket_policy" => "the policy of the list's bucket was deleted",
        TRUSTED | THREAT => "the set was deleted",
        name if OBJECTS.contains(&name) => "the list's object was deleted",
        _ => "the object was deleted",
    }
}

const S3_LOGS: &[&str] = &["datasources", "s3_logs", "enable"];
const AUDIT_LOGS: &[&str] = &["datasources", "kubernetes", "audit_logs", "enable"];
const EBS: &[&str] = &["datasources", "malware_protection", "scan_ec2_instance_with_findings", "ebs_volumes", "enable"];

fn flag(values: &Value, path: &[&str]) -> Option<bool> {
    path.iter().try_fold(values, |value, step| value.get(step)).and_then(Value::as_bool)
}

/// The text of an attribute; null and the empty string are one.
fn text<'a>(values: &'a Value, name: &str) -> &'a str {
    values.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Whether two values say the same: null, empty strings, lists and objects are one, and spans do not matter.
pub(super) fn same(before: Option<&Value>, after: Option<&Value>) -> bool {
    use tfduty_terraform::Kind;
    let empty = |value: Option<&Value>| match value.map(|value| &value.kind) {
        None | Some(Kind::Null) => true,
        Some(Kind::String(text)) => text.is_empty(),
        Some(Kind::List(items)) => items.is_empty(),
        Some(Kind::Object(members)) => members.is_empty(),
        Some(_) => false,
    };
    match (before.map(|value| &value.kind), after.map(|value| &value.kind)) {
        _ if empty(before) && empty(after) => true,
        (Some(Kind::List(before)), Some(Kind::List(after))) => {
            before.len() == after.len()
                && before.iter().zip(after).all(|(before, after)| same(Some(before), Some(after)))
        }
        (Some(Kind::Object(old)), Some(Kind::Object(new))) => old
            .iter()
            .chain(new)
            .all(|(name, _)| same(before.and_then(|value| value.get(name)), after.and_then(|value| value.get(name)))),
        (before, after) => before == after,
    }
}

fn draft(
    context: &Context<'_>,
    (unit_index, unit): (usize, &JudgedUnit),
    change: &Change,
    weakening: &Weakening,
) -> Draft {
    let now = context.estate.at(unit_index, &change.address).find(|(_, object)| object.deposed.is_none());
    let plan = match now.map(|(_, object)| object.change) {
        _ if unit.changes_nothing => "a refresh-only plan does nothing about it",
        Some(ChangeKind::Update) => "this plan sets it back",
        Some(ChangeKind::Create | ChangeKind::DeleteCreate | ChangeKind::CreateDelete) => "this plan makes it anew",
        Some(ChangeKind::NoOp) => "this plan will not repair it",
        Some(ChangeKind::Delete) => "this plan deletes it",
        _ => "this plan does nothing about it",
    };
    let side = if weakening.path.is_none() && change.after.is_null() { "before" } else { "after" };
    let values = if side == "before" { change.before() } else { &change.after };
    let pointer = format!("{}/{side}", change.pointer);
    let attribute = object::attribute(values, &pointer, weakening.path.unwrap_or_default());
    let related = match (now, weakening.path) {
        (Some((id, object)), Some(path)) if object.change != ChangeKind::NoOp => vec![context.label(id, path, plan)],
        (Some((_, object)), None) => vec![(None, context.actions(object, plan))],
        _ => Vec::new(),
    };
    Draft {
        message: format!("{} outside Terraform since the last apply; {plan}", weakening.what),
        help: "find who did it (`CloudTrail`: `UpdateDetector`, `UpdateIPSet`, `PutObject`), then apply; for a list in status ERROR mend \
               what keeps GuardDuty from reading it first"
            .into(),
        attribute: weakening.path.and_then(|path| path.last()).unwrap_or(&""),
        discriminator: "drift".into(),
        anchor: attribute.anchor(unit.input, if weakening.path.is_none() { "gone" } else { "found by refresh" }),
        related,
    }
}

#[cfg(test)]
mod tests;
