//! The destroy plan failed or cannot be applied.
//!
//! ## Why it matters
//!
//! Terraform writes a plan file even when planning fails, and puts into it what it had found so far. All deletes that such
//! a plan shows are void: it cannot be applied.
//!
//! ## How to fix it
//!
//! Read the diagnostics of `terraform plan -destroy`, mend what they name, and make the plan anew. Often an object has
//! `prevent_destroy`.
//!
//! ```json pass
//! {"format_version": "1.2", "terraform_version": "1.11.4", "applyable": true, "complete": true, "errored": false,
//!  "resource_changes": [
//!   {"address": "aws_guardduty_detector.this", "mode": "managed", "type": "aws_guardduty_detector", "name": "this",
//!    "change": {"actions": ["delete"], "before": {"id": "12ab", "enable": true}, "after": null}}]}
//! ```
//!
//! ```json fail
//! {"format_version": "1.2", "terraform_version": "1.11.4", "applyable": false, "complete": false, "errored": true,
//!  "resource_changes": [
//!   {"address": "aws_guardduty_detector.this", "mode": "managed", "type": "aws_guardduty_detector", "name": "this",
//!    "change": {"actions": ["delete"], "before": {"id": "12ab", "enable": true}, "after": null}}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The plan cannot be applied because there is nothing to do: its state holds no managed object.
//! - The plan does not say: Terraform has written `errored` since 1.6 and `applyable` since 1.8.
//! - `destroy-prevented` has told of an object why planning failed, and nothing ignores that.
//!
//! It is never undecided.
//!
//! ## References
//!
//! - Terraform, "JSON Output Format": `errored`, `applyable`, `deferred_changes`

use tfduty_terraform::{Deferred, Span, escape};

use crate::{
    Part,
    context::{Context, Draft, Label, Subject, quoted_list, words},
    estate::JudgedUnit,
    finding::Anchor,
    lifecycle::{self, Said},
    object::{Object, ObjectId},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "destroy-plan-unusable",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Destroy],
    file: include_str!("destroy_plan_unusable.rs"),
    check,
};

/// Objects with `prevent_destroy` that are shown.
const MOST_PREVENTED: usize = 4;

fn check(context: &mut Context<'_>) {
    let estate = context.estate;
    for unit in estate.units.iter().filter(|unit| unit.part == Some(Part::DestroyPlan)) {
        let subject = Subject::File(unit.input);
        match draft(unit) {
            Some(mut draft) => {
                // What is put off has other reasons.
                if draft.attribute != "deferred_changes" {
                    draft.related.extend(prevented(context, unit));
                }
                context.fail(subject, draft);
            }
            None => context.pass(subject),
        }
    }
}

fn draft(unit: &JudgedUnit) -> Option<Draft> {
    let at = |span: Span, pointer: &str, label: &str| Anchor {
        span,
        object: span,
        pointer: pointer.into(),
        ..Anchor::of_file(unit.input, label)
    };
    let errored = unit.flags.errored.filter(|(errored, _)| *errored);
    let not_applyable = unit.flags.applyable.filter(|(applyable, _)| !*applyable && has_work(unit));
    let errored = errored.map(|(_, span)| at(span, "/errored", "planning failed"));
    let not_applyable = not_applyable.map(|(_, span)| at(span, "/applyable", "cannot be applied"));
    let deferred = unit.deferred.first().map(|first| at(first.span, "/deferred_changes/0", "put off"));
    let (message, attribute) = match (&errored, &not_applyable) {
        (Some(_), _) => {
            ("planning failed (`errored` is true): the deletes that this plan shows are void".into(), "errored")
        }
        (None, Some(_)) => (
            "this plan cannot be applied (`applyable` is false): the deletes that it shows are void".into(),
            "applyable",
        ),
        (None, None) => (put_off(&unit.deferred), "deferred_changes"),
    };
    let mut places = [errored, not_applyable, deferred].into_iter().flatten();
    let anchor = places.next()?;
    Some(Draft {
        message,
        help: "read the diagnostics of `terraform plan -destroy`, and make the plan anew: a plan file is written even when \
               planning fails"
            .into(),
        attribute,
        discriminator: String::new(),
        anchor,
        related: places.map(|place| (None, place)).collect(),
    })
}

/// The objects whose `prevent_destroy` the planning has probably failed of.
fn prevented(context: &Context<'_>, unit: &JudgedUnit) -> Vec<Label> {
    if unit.sources.is_none() {
        return Vec::new();
    }
    let prevents = |(id, object): &(ObjectId, &Object)| {
        context.estate.input(object) == unit.input && lifecycle::prevents(context.estate, *id) == Said::Truth(true)
    };
    let label = |(id, object): (ObjectId, &Object)| {
        let written = lifecycle::prevention(context.estate, object);
        let anchor = context.actions(object, "probably because of its `prevent_destroy`");
        (Some(id), Anchor { written, ..anchor })
    };
    context.estate.objects().filter(prevents).take(MOST_PREVENTED).map(label).collect()
}

/// Whether there is anything that the plan should delete.
fn has_work(unit: &JudgedUnit) -> bool {
    unit.actions.prior + unit.actions.delete + unit.actions.forget > 0
}

/// What the deferred changes are about, and why they are put off.
fn put_off(deferred: &[Deferred]) -> String {
    let names: Vec<&str> = deferred.iter().filter_map(|item| item.address.as_deref()).collect();
    let reason = deferred.iter().find_map(|item| item.reason.as_deref()).map(|reason| format!(" ({})", words(reason)));
    let what = if names.is_empty() { format!("{} changes", deferred.len()) } else { quoted_list(&names) };
    format!("this plan puts {what} off{}: it does not destroy all", escape(reason.unwrap_or_default()))
}

#[cfg(test)]
mod from_the_page;
#[cfg(test)]
mod tests;
