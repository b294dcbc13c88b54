//! New accounts of the organization start without GuardDuty (or without one of its plans).
//!
//! ## Why it matters
//!
//! Accounts are made all the time, and a new one is watched only if the organization's settings say so. With `NONE`
//! somebody has to enable GuardDuty, or the protection plan, in every new account and region by hand; until then nothing
//! is detected there.
//!
//! ## How to fix it
//!
//! `ALL` covers the accounts that exist and those that join, `NEW` only the latter. With provider version 5 `auto_enable`
//! is the older form, and `true` means `NEW`.
//!
//! ```hcl
//! resource "aws_guardduty_organization_configuration" "this" {
//!   detector_id                      = aws_guardduty_detector.this.id
//!   auto_enable_organization_members = "ALL"
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_organization_configuration", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "detector_id": "12ab", "auto_enable_organization_members": "NEW"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_organization_configuration", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "detector_id": "12ab", "auto_enable_organization_members": "NONE"}}]}]}
//! ```
//!
//! ```json undecided
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_guardduty_organization_configuration_feature.rds", "mode": "managed", "type": "aws_guardduty_organization_configuration_feature", "name": "rds",
//!    "change": {"actions": ["create"], "before": null, "after": {"detector_id": "12ab", "name": "RDS_LOGIN_EVENTS"}, "after_unknown": {"auto_enable": true}}}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - `auto_enable_organization_members` is `ALL` or `NEW`, whatever `auto_enable` says.
//! - `EKS_RUNTIME_MONITORING` is `NONE` beside `RUNTIME_MONITORING`, which includes it.
//! - The plan deletes everything else of GuardDuty: `NONE` prepares a destroy.
//! - An account has no organization configuration: it may well stand alone.
//!
//! Going back to `NONE` switches GuardDuty off nowhere. It is undecided when the value is known only after apply.
//!
//! ## References
//!
//! - Amazon GuardDuty User Guide, "Setting organization auto-enable preferences"
//! - GuardDuty API, `UpdateOrganizationConfiguration`

use std::collections::BTreeMap;

use crate::{
    accounts::CONFIGURATION,
    context::{self, Context, Draft},
    estate::Estate,
    object::{Object, ObjectId, Presence},
    organization::FEATURE,
    rule::{Certainty, Command, Rule, Severity},
    same_detector::Detectors,
};

pub(super) static RULE: Rule = Rule {
    id: "org-auto-enable-off",
    severity: Severity::Warning,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("org_auto_enable_off.rs"),
    check,
};

/// The attribute of an organization configuration that counts.
const MEMBERS: &str = "auto_enable_organization_members";

/// The attribute of a feature; of an organization configuration the older flag, which means accounts that join.
const FLAG: &str = "auto_enable";

/// For which accounts something is switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Enables {
    Nobody,
    Somebody,
    /// The value is known only after apply.
    Unknown,
    /// Neither attribute is set: Terraform leaves it to GuardDuty.
    Unsaid,
}

fn check(context: &mut Context<'_>) {
    let estate = context.estate;
    let features: Vec<(ObjectId, &Object)> = context.present(FEATURE).collect();
    // Eks runtime monitoring is a part of these.
    let includes = features
        .iter()
        .filter(|(_, feature)| is_named(feature, "RUNTIME_MONITORING") && feature_enables(feature) != Enables::Nobody)
        .map(|(id, _)| *id);
    let includes = Detectors::of(context, includes);
    let mut ending = BTreeMap::new();
    for (id, object) in context.present(CONFIGURATION).chain(features) {
        let (attribute, enables) = enables(estate, object);
        let is_included = || is_named(object, "EKS_RUNTIME_MONITORING") && includes.may_have(context, id);
        match enables {
            Enables::Somebody => context.pass(id),
            Enables::Unsaid => context.skip(id),
            Enables::Nobody
                if is_included()
                    || *ending.entry(object.unit).or_insert_with(|| prepares_destroy(estate, object.unit)) =>
            {
                context.skip(id);
            }
            Enables::Nobody => {
                let draft = failed(context, object, attribute);
                context.fail(id, draft);
            }
            Enables::Unknown => {
                let anchor = context.anchor(object, &object.attribute(&[attribute]), "not known yet");
                let draft = Draft {
                    message: format!("`{attribute}` decides, and {}", context.unknown(id, attribute)),
                    help: context.what_would_decide(id),
                    attribute,
                    discriminator: String::new(),
                    anchor,
                    related: Vec::new(),
                };
                context.undecided(id, draft);
            }
        }
    }
}

fn is_named(feature: &Object, name: &str) -> bool {
    feature.attribute(&["name"]).str() == Some(name)
}

fn feature_enables(feature: &Object) -> Enables {
    let attribute = feature.attribute(&[FLAG]);
    match attribute.str() {
        Some("NONE") => Enables::Nobody,
        Some(_) => Enables::Somebody,
        None if attribute.is_unknown() => Enables::Unknown,
        None => Enables::Unsaid,
    }
}

/// What a subject says, and the attribute with which it says it.
fn enables(estate: &Estate, object: &Object) -> (&'static str, Enables) {
    if object.resource_type() == FEATURE {
        return (FLAG, feature_enables(object));
    }
    let (members, flag) = (object.attribute(&[MEMBERS]), object.attribute(&[FLAG]));
    match (members.str(), flag.bool()) {
        (Some("NONE"), _) => (MEMBERS, Enables::Nobody),
        (Some(_), _) => (MEMBERS, Enables::Somebody),
        // Version 5 of the provider works the one out from the other where only the flag is set.
        (None, Some(enables)) if estate.sets(object, MEMBERS) != Some(true) => {
            (FLAG, if enables { Enables::Somebody } else { Enables::Nobody })
        }
        _ if members.is_unknown() => (MEMBERS, Enables::Unknown),
        _ if flag.is_unknown() => (FLAG, Enables::Unknown),
        _ => (MEMBERS, Enables::Unsaid),
    }
}

/// Whether a plan deletes whatever else it has of GuardDuty, so that switching off is the step before a destroy.
fn prepares_destroy(estate: &Estate, unit: usize) -> bool {
    let others = estate.of_unit(unit).filter(|other| {
        let name = other.resource_type();
        other.is_managed() && name.starts_with("aws_guardduty_") && ![CONFIGURATION, FEATURE].contains(&name)
    });
    let mut others = others.map(|other| other.presence == Presence::Going).peekable();
    others.peek().is_some() && others.all(|goes| goes)
}

fn failed(context: &Context<'_>, object: &Object, attribute: &'static str) -> Draft {
    let (what, value) = if object.resource_type() == FEATURE {
        let name = object.attribute(&["name"]);
        let plan = name.str().map_or_else(|| "this plan".to_owned(), |text| context::shown(name.known(), text));
        (plan, "auto_enable = \"ALL\"")
    } else {
        ("GuardDuty".to_owned(), "auto_enable_organization_members = \"ALL\"")
    };
    Draft {
        message: format!("new accounts of the organization start without {what}"),
        help: format!(
            "set `{value}`, which covers the accounts that exist too; going back to `NONE` later switches nothing off"
        ),
        attribute,
        discriminator: String::new(),
        anchor: context.anchor(object, &object.attribute(&[attribute]), "enables it for no account"),
        related: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
