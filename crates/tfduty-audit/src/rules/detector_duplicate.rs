//! Two detectors for one account and region: the second create is refused.
//!
//! ## Why it matters
//!
//! An account has at most one detector in a region. When two blocks ask for one in the same place, planning succeeds and
//! the second create fails, half-way through the apply. A replacement with `create_before_destroy` fails the same way:
//! the new detector cannot be made while the old one lives. Where states record two, one of the states is stale, or one
//! detector was deleted outside Terraform: the next apply makes it again, and fails.
//!
//! ## How to fix it
//!
//! Give the second block its own `provider` (or `region`, with provider version 6), or import the detector that exists:
//!
//! ```hcl
//! import {
//!   to = aws_guardduty_detector.this
//!   id = "12abc34d567e8fa901bc2d34e56789f0"
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "ireland", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "virginia", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].us",
//!    "instances": [{"attributes": {"id": "34cd", "arn": "arn:aws:guardduty:us-east-1:123456789012:detector/34cd"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "one", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "two", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "34cd", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/34cd"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The same detector is seen in a plan and in its state.
//! - The detector is replaced in the usual order: deleted first, then created.
//! - Account or region of one of the two is not known, and nothing says that their provider configurations are equal.
//!
//! - Both stand under a provider configuration with `for_each` (OpenTofu), and nothing says in which region each is.
//! - Their module's provider configuration does not show, as in plans of Terraform before 1.2.
//!
//! It is undecided when account or region hang on expressions that are equal for both detectors and not resolved; and when
//! both are in one region under two provider configurations without a role, a profile or keys, and no account is known.
//!
//! ## References
//!
//! - GuardDuty user guide, "Quotas": one detector for each account and region
//! - GuardDuty API, `CreateDetector`: "a detector already exists for the current account"

use tfduty_aws::truth::Truth;

use crate::{
    context::{self, Context, Draft},
    detectors, facts,
    object::{ChangeKind, Object, ObjectId, Presence},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "detector-duplicate",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("detector_duplicate.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    let estate = context.estate;
    let detectors: Vec<(ObjectId, &Object)> = detectors::present(estate).collect();
    // What a plan forgets stays in the cloud, and in the way.
    let forgotten: Vec<(ObjectId, &Object)> = estate
        .of_type(detectors::DETECTOR)
        .filter(|(_, detector)| detector.is_managed() && detector.presence == Presence::Unmanaged)
        .collect();
    for (position, (id, detector)) in detectors.iter().enumerate() {
        if matches!(detector.change, ChangeKind::CreateDelete | ChangeKind::CreateForget) {
            context.fail(*id, replaced_too_early(context, detector));
            continue;
        }
        let earlier = detectors[..position].iter();
        let others = || earlier.clone().chain(&forgotten).filter(|(_, other)| may_be_two(detector, other));
        let with = |wanted| others().find(|(_, other)| facts::same_place(estate, detector, other) == wanted);
        if let Some((first, _)) = with(Truth::True) {
            let draft = if are_recorded(detector, estate.object(*first)) {
                recorded_twice(context, *id, *first)
            } else {
                let message = "this account and region has a second detector: creating it is refused";
                draft(context, *id, *first, message)
            };
            context.fail(*id, draft);
        } else if let Some((first, message)) = others().find_map(|(first, other)| {
            let message = why_maybe(context, detector, other)?;
            Some((first, message))
        }) {
            let draft = draft(context, *id, *first, message);
            context.undecided(*id, draft);
        } else if with(Truth::Unknown).is_some() {
            // Whether it is the second of one place is not known.
            context.skip(*id);
        } else if position > 0 || !forgotten.is_empty() {
            context.pass(*id);
        }
    }
}

/// Why two detectors may be in one account and region, where that is likely enough to say so.
fn why_maybe(context: &Context<'_>, one: &Object, other: &Object) -> Option<&'static str> {
    if facts::may_be_one_account(context.estate, one, other) {
        return Some(
            "the two detectors are in one region and may be in one account: neither of their provider configurations shows \
             credentials of its own",
        );
    }
    facts::may_be_one_place(context.estate, one, other).then_some(
        "the two detectors may be in one account and region: their provider configurations hang on the same value, which \
         is not resolved",
    )
}

/// Whether two detectors of one place would really be two: one of them is about to be created, or their ids differ.
fn may_be_two(one: &Object, other: &Object) -> bool {
    let is_new = |object: &Object| object.change == ChangeKind::Create;
    let (own, its) = (one.attribute(&["id"]), other.attribute(&["id"]));
    is_new(one) || is_new(other) || (own.str().is_some() && its.str().is_some() && own.str() != its.str())
}

/// Whether both detectors are there already, by what their inputs say.
fn are_recorded(one: &Object, other: &Object) -> bool {
    [one, other].iter().all(|detector| detector.change != ChangeKind::Create && !detector.change.replaces())
}

fn recorded_twice(context: &Context<'_>, id: ObjectId, first: ObjectId) -> Draft {
    let message = "this account and region has a second detector, and only one of the two can exist: an input is stale, or \
                   the detector was deleted outside Terraform";
    Draft {
        help: "`terraform plan` of each stack shows whose detector is gone: drop that one from its state and its \
               configuration, or both stacks go on to fight over the place"
            .into(),
        ..draft(context, id, first, message)
    }
}

fn draft(context: &Context<'_>, id: ObjectId, first: ObjectId, message: &str) -> Draft {
    let (detector, other) = (context.estate.object(id), context.estate.object(first));
    Draft {
        message: message.into(),
        help: "give it its own `provider` (or `region`, with provider version 6), or import the detector that exists: \
               `import { to = aws_guardduty_detector.this, id = \"<detector id>\" }`"
            .into(),
        attribute: "",
        discriminator: String::new(),
        anchor: context.anchor(
            detector,
            &detector.attribute(&[]),
            format!("second detector{}", context::under_provider(detector)),
        ),
        related: vec![context.label(first, &[], format!("first detector{}", context::under_provider(other)))],
    }
}

fn replaced_too_early(context: &Context<'_>, detector: &Object) -> Draft {
    Draft {
        message:
            match detector.change {
                ChangeKind::CreateForget => "the old detector is forgotten, not deleted, and lives on: GuardDuty refuses a second \
                                             detector in one account and region",
                _ => "the new detector is created before the old one is deleted (`create_before_destroy`): GuardDuty refuses a \
                      second detector in one account and region",
            }
            .into(),
        help:
            "drop `create_before_destroy` from the detector and from what depends on it, or do not replace the detector"
                .into(),
        attribute: "actions",
        discriminator: String::new(),
        anchor: context.actions(detector, "created first"),
        related: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
