//! A protection plan is switched off.
//!
//! ## Why it matters
//!
//! A protection plan that is off makes no findings: with `S3_DATA_EVENTS` off nobody hears of a bucket that is read from an
//! unusual place, with `RDS_LOGIN_EVENTS` off nobody hears of guessed passwords. The detector is on all the same, and looks
//! well from outside.
//!
//! ## How to fix it
//!
//! Switch it on. If it is off on purpose (there is no EKS in the account, say), ignore this rule for that address, with the
//! reason.
//!
//! ```hcl
//! resource "aws_guardduty_detector_feature" "s3" {
//!   detector_id = aws_guardduty_detector.this.id
//!   name        = "S3_DATA_EVENTS"
//!   status      = "ENABLED"
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector_feature", "name": "s3", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "S3_DATA_EVENTS", "status": "ENABLED"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector_feature", "name": "s3", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "S3_DATA_EVENTS", "status": "DISABLED"}}]}]}
//! ```
//!
//! ```json undecided
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_guardduty_detector_feature.s3", "mode": "managed", "type": "aws_guardduty_detector_feature", "name": "s3", "change": {"actions": ["create"],
//!    "before": null, "after": {"detector_id": "12ab", "name": "S3_DATA_EVENTS"}, "after_unknown": {"status": true}}}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - `EKS_RUNTIME_MONITORING` is off while `RUNTIME_MONITORING` is on, or not declared for that detector: that is how to move
//!   to the newer plan.
//! - `CLOUD_TRAIL`, `DNS_LOGS` and `FLOW_LOGS`, which nobody can set.
//! - Agents that GuardDuty does not manage (`additional_configuration`): `protection-agents-missing` speaks of them.
//! - A flag in `datasources` that the configuration does not set, and any in a state, which shows the block whether or not
//!   anybody has written it.
//! - A data source reads a detector that the same inputs manage, or a plan that they manage: the resource is reported.
//!
//! It is undecided when `status`, or a flag that the configuration sets, is known only after apply.
//!
//! ## References
//!
//! - GuardDuty API, `UpdateDetector`; GuardDuty user guide, the chapter of each plan

use tfduty_aws::truth::Truth;

use crate::{
    context::{self, Context, Draft, Label},
    detectors::{self, DETECTOR, DetectorOf},
    object::{self, Object, ObjectId, Presence},
    protection::{self, EKS_RUNTIME_MONITORING, FEATURE, FOUNDATIONAL, MEMBER_FEATURE, Plan},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "protection-disabled",
    severity: Severity::Warning,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("protection_disabled.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    for (id, feature) in context.present(FEATURE).chain(context.present(MEMBER_FEATURE)) {
        judge_feature(context, id, feature);
    }
    for (id, detector) in detectors::present(context.estate) {
        judge_flags(context, id, detector);
    }
    for (id, detector) in context.estate.of_type(DETECTOR) {
        let is_read = !detector.is_managed() && detector.presence != Presence::Going;
        if is_read && !detectors::is_managed_too(context.estate, detector) {
            judge_read(context, id, detector);
        }
    }
}

fn judge_feature(context: &mut Context<'_>, id: ObjectId, feature: &Object) {
    let (name, status) = (feature.attribute(&["name"]), feature.attribute(&["status"]));
    let draft = |message: String, help: String, label: &str| Draft {
        message,
        help,
        attribute: "status",
        discriminator: String::new(),
        anchor: context.anchor(feature, &status, label),
        related: of_detector(context, id).into_iter().collect(),
    };
    let plan = name.str().map_or_else(|| "a protection plan".into(), |text| context::shown(name.known(), text));
    // An administrator sets it for another account than the detector's.
    let account = feature.attribute(&["account_id"]);
    let member = account.str().map(|text| format!(" of account {}", context::shown(account.known(), text)));
    let shown = plan + &member.unwrap_or_default();
    match protection::is_on(feature) {
        _ if name.str().is_some_and(|name| FOUNDATIONAL.contains(&name)) => context.skip(id),
        Truth::True => context.pass(id),
        Truth::False if is_moved(context, id, feature) => context.skip(id),
        Truth::False => {
            let draft = draft(off(&shown, name.str()), help(), "switched off");
            context.fail(id, draft);
        }
        Truth::Unknown if status.is_unknown() => {
            let message = format!("`status` decides whether {shown} is on, and {}", context.unknown(id, "status"));
            let draft = draft(message, context.what_would_decide(id), "not known yet");
            context.undecided(id, draft);
        }
        Truth::Unknown => context.skip(id),
    }
}

/// Why it matters that a plan is off.
fn off(shown: &str, name: Option<&str>) -> String {
    match name.and_then(Plan::named) {
        Some(plan) => format!("{shown} is switched off: GuardDuty does not look at {}", plan.watches()),
        None => format!("{shown} is switched off"),
    }
}

fn help() -> String {
    "set `status = \"ENABLED\"`; if the plan is off on purpose, ignore this rule for that address with a reason".into()
}

/// The detector that a feature belongs to.
fn of_detector(context: &Context<'_>, feature: ObjectId) -> Option<Label> {
    let detector = context.graph.detector_of(feature).object()?;
    Some(context.label(detector, &[], "of this detector"))
}

/// Whether a feature is the older plan for EKS, and the newer one is not off beside it.
fn is_moved(context: &Context<'_>, id: ObjectId, feature: &Object) -> bool {
    if feature.attribute(&["name"]).str() != Some(EKS_RUNTIME_MONITORING) {
        return false;
    }
    let detector = context.graph.detector_of(id);
    let is_beside = |other: ObjectId, object: &Object| {
        object.attribute(&["name"]).str() == Some(Plan::RuntimeMonitoring.name())
            && object.attribute(&["account_id"]).str() == feature.attribute(&["account_id"]).str()
            && context.graph.detector_of(other) == detector
            && (*detector != DetectorOf::Unknown || object.unit == feature.unit)
    };
    let mut newer = context.present(feature.resource_type()).filter(|(other, object)| is_beside(*other, object));
    newer.all(|(_, object)| protection::is_on(object) != Truth::False)
}

/// Judges what a detector's configuration says in `datasources`.
fn judge_flags(context: &mut Context<'_>, id: ObjectId, detector: &Object) {
    for plan in Plan::ALL {
        let Some(path) = plan.flag_path() else { continue };
        let attribute = detector.attribute(path);
        let draft = |message: String, help: String, label: &str| Draft {
            message,
            help,
            attribute: "datasources",
            discriminator: plan.name().to_owned(),
            anchor: context.anchor(detector, &attribute, label),
            related: Vec::new(),
        };
        match protection::flag(context.estate, id, plan) {
            Some(Truth::True) => context.pass(id),
            Some(Truth::False) => {
                let message = off(&format!("`{}`", plan.name()), Some(plan.name()));
                let help = format!(
                    "drop the `datasources` block, which is deprecated, and add `aws_guardduty_detector_feature` with \
                     `name = \"{}\"` and `status = \"ENABLED\"`; if the plan is off on purpose, ignore this rule for that \
                     address with a reason",
                    plan.name()
                );
                let draft = draft(message, help, "switched off");
                context.fail(id, draft);
            }
            Some(Truth::Unknown) => {
                let message = format!(
                    "`datasources` decides whether `{}` is on, and {}",
                    plan.name(),
                    context.unknown(id, "datasources")
                );
                let draft = draft(message, context.what_would_decide(id), "not known yet");
                context.undecided(id, draft);
            }
            None if attribute.known().is_some() => context.skip(id),
            None => {}
        }
    }
}

/// Judges what a data source has read of a detector's plans.
fn judge_read(context: &mut Context<'_>, id: ObjectId, detector: &Object) {
    let entries = detector.holders(&["features"]);
    let status = |wanted: &str| {
        let its = entries.iter().find(|(entry, _)| entry.get("name").and_then(|name| name.as_str()) == Some(wanted));
        its.and_then(|(entry, _)| entry.get("status")?.as_str())
    };
    let managed: Vec<&str> = protection::features(context.estate, context.graph, id)
        .filter_map(|feature| context.estate.object(feature).attribute(&["name"]).str())
        .collect();
    for (entry, pointer) in &entries {
        let attribute = object::attribute(entry, pointer, &["status"]);
        let Some(name) = entry.get("name").and_then(|name| name.as_str()) else { continue };
        let is_moved = name == EKS_RUNTIME_MONITORING && status(Plan::RuntimeMonitoring.name()) != Some("DISABLED");
        match attribute.str() {
            _ if FOUNDATIONAL.contains(&name) || managed.contains(&name) => context.skip(id),
            Some("ENABLED") => context.pass(id),
            Some("DISABLED") if !is_moved => {
                let draft = Draft {
                    message: off(&context::shown(entry.get("name"), name), Some(name)),
                    help: "switch it on where that detector is managed; if the plan is off on purpose, ignore this rule for \
                           that address with a reason"
                        .into(),
                    attribute: "features",
                    discriminator: if attribute.is_sensitive() { String::new() } else { name.to_owned() },
                    anchor: context.anchor(detector, &attribute, "switched off"),
                    related: Vec::new(),
                };
                context.fail(id, draft);
            }
            _ => context.skip(id),
        }
    }
}

#[cfg(test)]
mod tests;
