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

use std::collections::BTreeMap;

use tfduty_aws::truth::Truth;

use crate::{
    by_place::ByPlace,
    context::{self, Context, Draft},
    detectors,
    estate::Estate,
    facts,
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
    // What a plan forgets stays in the cloud, and in the way.
    let mut forgotten = Others::new(estate);
    for (id, detector) in estate.of_type(detectors::DETECTOR) {
        if detector.is_managed() && detector.presence == Presence::Unmanaged {
            forgotten.add(id);
        }
    }
    let mut earlier = Others::new(estate);
    for (id, detector) in detectors::present(estate) {
        judge(context, (id, detector), [&earlier, &forgotten]);
        earlier.add(id);
    }
}

/// Judges a detector by `others`, of which those that come first are named first.
fn judge(context: &mut Context<'_>, (id, detector): (ObjectId, &Object), others: [&Others<'_>; 2]) {
    let estate = context.estate;
    let all = || others.iter();
    if matches!(detector.change, ChangeKind::CreateDelete | ChangeKind::CreateForget) {
        context.fail(id, replaced_too_early(context, detector));
    } else if let Some(first) = all().find_map(|others| others.in_one_place(detector)) {
        let draft = if are_recorded(detector, estate.object(first)) {
            recorded_twice(context, id, first)
        } else {
            let message = "this account and region has a second detector: creating it is refused";
            draft(context, id, first, message)
        };
        context.fail(id, draft);
    } else if let Some((first, message)) = all().find_map(|others| others.perhaps_in_one_place(detector)) {
        let draft = draft(context, id, first, message);
        context.undecided(id, draft);
    } else if all().any(|others| others.has_doubtful(detector)) {
        // Whether it is the second of one place is not known.
        context.skip(id);
    } else if all().any(|others| !others.is_empty()) {
        context.pass(id);
    }
}

/// Detectors that one is compared with. An estate may have one in each of thousands of accounts, so each is compared with
/// those alone whose account and region may be its own.
struct Others<'a> {
    estate: &'a Estate,
    places: ByPlace<'a>,
    /// The same by unit: of two provider configurations of different units nothing but what is known can be compared.
    by_unit: BTreeMap<usize, ByPlace<'a>>,
}

impl<'a> Others<'a> {
    fn new(estate: &'a Estate) -> Self {
        Self { estate, places: ByPlace::default(), by_unit: BTreeMap::new() }
    }

    fn add(&mut self, id: ObjectId) {
        let object = self.estate.object(id);
        self.places.add(id, object);
        self.by_unit.entry(object.unit).or_default().add(id, object);
    }

    fn is_empty(&self) -> bool {
        self.by_unit.is_empty()
    }

    /// The first that is shown to be another detector in the place of this one.
    fn in_one_place(&self, detector: &Object) -> Option<ObjectId> {
        let is_there = |other: &Object| facts::same_place(self.estate, detector, other) == Truth::True;
        let known = self.places.in_place_of(detector);
        first(self.estate, detector, [known].into_iter().chain(self.of_unit(detector)), is_there)
    }

    /// The first that is likely enough in the place of this one to say so, and why.
    fn perhaps_in_one_place(&self, detector: &Object) -> Option<(ObjectId, &'static str)> {
        let why = |other: &Object| why_maybe(self.estate, detector, other);
        let found = first(self.estate, detector, self.of_unit(detector), |other| why(other).is_some())?;
        Some((found, why(self.estate.object(found))?))
    }

    /// Whether there is one of which it cannot be told whether it is in the place of this one.
    fn has_doubtful(&self, detector: &Object) -> bool {
        let is_doubtful = |other: &Object| facts::same_place(self.estate, detector, other) == Truth::Unknown;
        first(self.estate, detector, self.places.beside(detector), is_doubtful).is_some()
    }

    /// Those of the unit of a detector that may be in its place.
    fn of_unit<'s>(&'s self, detector: &'s Object) -> impl Iterator<Item = &'s [ObjectId]> + use<'s, 'a> {
        self.by_unit.get(&detector.unit).into_iter().flat_map(|places| places.beside(detector))
    }
}

/// The first of several lists that would really be a second detector and for which something holds.
fn first<'l>(
    estate: &Estate,
    detector: &Object,
    lists: impl Iterator<Item = &'l [ObjectId]>,
    holds: impl Fn(&Object) -> bool,
) -> Option<ObjectId> {
    let is_it = |id: &ObjectId| {
        let other = estate.object(*id);
        may_be_two(detector, other) && holds(other)
    };
    lists.filter_map(|list| list.iter().copied().find(is_it)).min()
}

/// Why two detectors may be in one account and region, where that is likely enough to say so.
fn why_maybe(estate: &Estate, one: &Object, other: &Object) -> Option<&'static str> {
    if facts::may_be_one_account(estate, one, other) {
        return Some(
            "the two detectors are in one region and may be in one account: neither of their provider configurations shows \
             credentials of its own",
        );
    }
    facts::may_be_one_place(estate, one, other).then_some(
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
