//! This plan deletes, replaces or forgets a detector: findings, lists and filters go with it.
//!
//! ## Why it matters
//!
//! Deleting a detector disables GuardDuty in its region. Its findings are lost, and so are lists, filters and every
//! setting that hangs on it. A forgotten detector runs on, but nothing manages it any more.
//!
//! ## How to fix it
//!
//! If only its address changed, say so. If it should live on elsewhere, hand it over:
//!
//! ```hcl
//! moved {
//!   from = aws_guardduty_detector.this
//!   to   = module.guardduty.aws_guardduty_detector.this
//! }
//! ```
//!
//! ```json pass
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_guardduty_detector.kept", "mode": "managed", "type": "aws_guardduty_detector", "name": "kept",
//!    "change": {"actions": ["no-op"], "before": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"}, "after": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"}}},
//!   {"address": "aws_guardduty_detector.twice", "mode": "managed", "type": "aws_guardduty_detector", "name": "twice",
//!    "change": {"actions": ["delete"], "before": {"id": "34cd", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/34cd"}, "after": null}}]}
//! ```
//!
//! ```json fail
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_s3_bucket.kept", "mode": "managed", "type": "aws_s3_bucket", "name": "kept",
//!    "change": {"actions": ["no-op"], "before": {"id": "b"}, "after": {"id": "b"}}},
//!   {"address": "aws_guardduty_detector.this", "mode": "managed", "type": "aws_guardduty_detector", "name": "this",
//!    "change": {"actions": ["delete"], "before": {"id": "12ab", "enable": true}, "after": null}}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The plan is a destroy plan: that is what was asked for.
//! - An old copy (a deposed object) is cleaned up.
//! - The detector only moves to another address.
//! - Another managed detector of the same account and region stays as it is: a duplicate is removed.
//!
//! It is never undecided.
//!
//! ## References
//!
//! - GuardDuty user guide, "Suspending or disabling GuardDuty"
//! - Terraform AWS provider, `detector.go` (`DeleteDetector`)

use tfduty_aws::truth::Truth;

use crate::{
    context::{self, Context, Draft},
    detectors::{self, DETECTOR},
    facts,
    object::{ChangeKind, Object, ObjectId},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "detector-removed",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("detector_removed.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    let estate = context.estate;
    for (id, detector) in
        estate.of_type(DETECTOR).filter(|(_, detector)| detector.is_managed() && detector.deposed.is_none())
    {
        let verb = match detector.change {
            ChangeKind::Delete => "deletes",
            ChangeKind::DeleteCreate | ChangeKind::CreateDelete => "replaces",
            ChangeKind::Forget | ChangeKind::CreateForget => "forgets",
            _ => continue,
        };
        let stays = detectors::present(estate).any(|(other, object)| {
            other != id
                && object.change == ChangeKind::NoOp
                && facts::same_place(estate, detector, object) == Truth::True
        });
        if stays {
            context.pass(id);
        } else {
            context.fail(id, draft(context, (id, detector), verb));
        }
    }
}

fn draft(context: &Context<'_>, (id, detector): (ObjectId, &Object), verb: &str) -> Draft {
    let why = detector.action_reason.as_deref().map(|reason| format!(" ({})", context::words(reason)));
    let paths = match &detector.replace_paths[..] {
        [] => String::new(),
        paths => format!("; what forces it: {}", context::quoted_list(paths)),
    };
    let words = words(detector.change);
    Draft {
        message: format!("this plan {verb} the detector{}: {}{paths}", why.unwrap_or_default(), words.loss),
        help: words.help.into(),
        attribute: "actions",
        discriminator: String::new(),
        anchor: context.actions(detector, format!("{verb} the detector")),
        related: context
            .graph
            .children(id)
            .iter()
            .map(|child| context.label(*child, &["detector_id"], words.child))
            .collect(),
    }
}

/// What is said of a detector that goes.
struct Words {
    loss: &'static str,
    /// What becomes of what hangs on it.
    child: &'static str,
    help: &'static str,
}

fn words(change: ChangeKind) -> Words {
    match change {
        ChangeKind::Forget => Words {
            loss: "it runs on, but nothing manages it any more",
            child: "hangs on the forgotten detector",
            help: "if another stack takes it over, audit both plans together: that one's `import` is then seen; if GuardDuty \
                   is to end here, delete the detector instead (`destroy = true`)",
        },
        ChangeKind::CreateForget => Words {
            loss: "the old one runs on unmanaged, and GuardDuty refuses a second one beside it",
            child: "hangs on the forgotten detector",
            help: "keep as it is what forces the new detector, or let the plan delete the old one, not forget it",
        },
        ChangeKind::DeleteCreate | ChangeKind::CreateDelete => Words {
            loss: "its findings, lists and filters go with it",
            child: "goes with it",
            help: "keep as it is what forces the replacement; if another detector should be managed at this address: \
                   `removed { from = aws_guardduty_detector.this  lifecycle { destroy = false } }` for the old one",
        },
        _ => Words {
            loss: "its findings, lists and filters go with it",
            child: "goes with it",
            help: "if only its address changed: `moved { from = … to = … }`; if it should live on elsewhere: \
                   `removed { from = aws_guardduty_detector.this  lifecycle { destroy = false } }` here and an `import` there",
        },
    }
}

#[cfg(test)]
mod tests;
