//! Some protection plans are left to AWS defaults, which differ by age of the detector.
//!
//! ## Why it matters
//!
//! A new detector starts with the plans that AWS switched on by default at that time, an older one keeps what it had when it
//! was made. Two accounts with the same configuration then watch different things, and the configuration does not tell which.
//!
//! ## How to fix it
//!
//! Declare every plan, also the ones that stay off. The `datasources` block of the detector is deprecated and knows only
//! three of them.
//!
//! ```hcl
//! resource "aws_guardduty_detector_feature" "all" {
//!   for_each = toset([
//!     "S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION",
//!     "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING",
//!   ])
//!   detector_id = aws_guardduty_detector.this.id
//!   name        = each.key
//!   status      = "ENABLED"
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "enable": true}}]},
//!   {"mode": "managed", "type": "aws_guardduty_detector_feature", "name": "all", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [
//!      {"index_key": "a", "attributes": {"detector_id": "12ab", "name": "S3_DATA_EVENTS", "status": "ENABLED"}},
//!      {"index_key": "b", "attributes": {"detector_id": "12ab", "name": "EKS_AUDIT_LOGS", "status": "ENABLED"}},
//!      {"index_key": "c", "attributes": {"detector_id": "12ab", "name": "EBS_MALWARE_PROTECTION", "status": "ENABLED"}},
//!      {"index_key": "d", "attributes": {"detector_id": "12ab", "name": "RDS_LOGIN_EVENTS", "status": "ENABLED"}},
//!      {"index_key": "e", "attributes": {"detector_id": "12ab", "name": "LAMBDA_NETWORK_LOGS", "status": "ENABLED"}},
//!      {"index_key": "f", "attributes": {"detector_id": "12ab", "name": "RUNTIME_MONITORING", "status": "ENABLED"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "enable": true}}]}]}
//! ```
//!
//! ```json undecided
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_guardduty_detector.this", "mode": "managed", "type": "aws_guardduty_detector", "name": "this", "change": {"actions": ["no-op"],
//!    "before": {}, "after": {"id": "12ab", "enable": true}, "after_unknown": {}}},
//!   {"address": "aws_guardduty_detector_feature.it", "mode": "managed", "type": "aws_guardduty_detector_feature", "name": "it", "change": {"actions": ["create"],
//!    "before": null, "after": {"detector_id": "12ab", "status": "ENABLED"}, "after_unknown": {"name": true}}}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The detector is off, or belongs to a member account, whose plans its administrator manages.
//! - An administrator of that region switches the plan on for every account (`auto_enable = "ALL"`).
//! - `EKS_RUNTIME_MONITORING` is on: it stands for `RUNTIME_MONITORING`.
//! - The configuration sets the plan's flag in `datasources`.
//! - A targeted plan may leave features out.
//!
//! It is undecided when a feature's name or detector is known only after apply and it may be the one that is missing, and when
//! a state has nothing but the plan's flag in `datasources`: it shows that block whether or not anybody has written it.
//!
//! ## References
//!
//! - GuardDuty API, `CreateDetector`: plans that are on by default
//! - Terraform AWS provider, `detector_feature.go`

use tfduty_aws::truth::Truth;
use tfduty_terraform::UnitKind;

use crate::{
    context::{Context, Draft},
    detectors::{self, Members},
    object::{Object, ObjectId},
    protection::{self, Plan, Protection},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "protection-undeclared",
    severity: Severity::Advice,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("protection_undeclared.rs"),
    check,
};

const HELP: &str = "declare each: `resource \"aws_guardduty_detector_feature\"` with `name` and `status`, also for a plan that \
                    stays off";

fn check(context: &mut Context<'_>) {
    let estate = context.estate;
    let members = Members::of(estate);
    let protection = Protection::of(estate, context.graph);
    for (id, detector) in detectors::present(estate) {
        match detectors::is_on(detector) {
            Truth::False => continue,
            Truth::True if !members.has(estate, id) => {}
            // Where it is not known whether the detector is on, detector-disabled says so.
            Truth::True | Truth::Unknown => {
                context.skip(id);
                continue;
            }
        }
        let is_declared = |plan: Plan| match protection.told(id, plan).is_declared() {
            Truth::False if is_echo(context, detector, plan) => Truth::Unknown,
            told => told,
        };
        let plans = |declared: Truth| -> Vec<Plan> {
            Plan::ALL.into_iter().filter(|plan| is_declared(*plan) == declared).collect()
        };
        let is_targeted = estate.unit(detector).flags.complete.is_some_and(|(is_complete, _)| !is_complete);
        match (&plans(Truth::False)[..], &plans(Truth::Unknown)[..]) {
            ([], []) => context.pass(id),
            _ if is_targeted => context.skip(id),
            ([], open) => {
                let draft = undecided(context, (id, detector), open);
                context.undecided(id, draft);
            }
            (surely, _) => {
                let message = match surely {
                    [only] => {
                        format!("nothing here declares the protection plan `{}`: AWS's default decides", only.name())
                    }
                    _ => format!("nothing here declares the protection plans {}: AWS's defaults decide", names(surely)),
                };
                let draft = draft(context, id, message, HELP.into());
                context.fail(id, draft);
            }
        }
    }
}

fn names(plans: &[Plan]) -> String {
    plans.iter().map(|plan| format!("`{}`", plan.name())).collect::<Vec<_>>().join(", ")
}

/// Whether a state shows the plan's flag in `datasources`, which does not tell whether anybody has written it.
fn is_echo(context: &Context<'_>, detector: &Object, plan: Plan) -> bool {
    let is_shown = |path| detector.attribute(path).known().is_some();
    context.estate.unit(detector).kind != UnitKind::Plan && plan.flag_path().is_some_and(is_shown)
}

fn undecided(context: &Context<'_>, (id, detector): (ObjectId, &Object), plans: &[Plan]) -> Draft {
    let declared = match plans {
        [only] => format!("whether the protection plan `{}` is declared is not known", only.name()),
        _ => format!("whether the protection plans {} are declared is not known", names(plans)),
    };
    if plans.iter().any(|plan| is_echo(context, detector, *plan)) {
        let message = format!("{declared}: a state shows `datasources` whether or not it is written");
        return draft(context, id, message, format!("{HELP}; or audit the plan, which shows the configuration"));
    }
    let why = protection::why_open(context.estate, detector.unit);
    let message = format!("{declared}: a feature's name or detector {why}");
    draft(context, id, message, context.what_would_decide(id))
}

fn draft(context: &Context<'_>, id: ObjectId, message: String, help: String) -> Draft {
    Draft {
        message,
        help,
        attribute: "",
        discriminator: String::new(),
        anchor: context.label(id, &[], "plans are missing").1,
        related: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
