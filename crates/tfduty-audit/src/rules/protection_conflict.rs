//! Two settings fight over one protection plan, or the API rejects the pair.
//!
//! ## Why it matters
//!
//! Runtime Monitoring includes what EKS Runtime Monitoring does: GuardDuty refuses to have both on. Where a feature and the
//! detector's `datasources` block, or two features, say something about one plan, each apply sets what the other one undoes,
//! and which of them holds is chance.
//!
//! ## How to fix it
//!
//! Keep one of them: features in place of `datasources`, and the newer of the two runtime plans.
//!
//! ```hcl
//! resource "aws_guardduty_detector_feature" "runtime" {
//!   detector_id = aws_guardduty_detector.this.id
//!   name        = "RUNTIME_MONITORING"   # and EKS_RUNTIME_MONITORING with status = "DISABLED", if it is there
//!   status      = "ENABLED"
//!
//!   additional_configuration {
//!     name   = "EKS_ADDON_MANAGEMENT"
//!     status = "ENABLED"
//!   }
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector_feature", "name": "eks", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "EKS_RUNTIME_MONITORING", "status": "DISABLED"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_detector_feature", "name": "runtime", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "RUNTIME_MONITORING", "status": "ENABLED"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector_feature", "name": "eks", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "EKS_RUNTIME_MONITORING", "status": "ENABLED"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_detector_feature", "name": "runtime", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "RUNTIME_MONITORING", "status": "ENABLED"}}]}]}
//! ```
//!
//! ```json undecided
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_guardduty_detector_feature.eks", "mode": "managed", "type": "aws_guardduty_detector_feature", "name": "eks", "change": {"actions": ["create"],
//!    "before": null, "after": {"detector_id": "12ab", "name": "EKS_RUNTIME_MONITORING", "status": "ENABLED"}, "after_unknown": {}}},
//!   {"address": "aws_guardduty_detector_feature.runtime", "mode": "managed", "type": "aws_guardduty_detector_feature", "name": "runtime", "change": {"actions": ["create"],
//!    "before": null, "after": {"detector_id": "12ab", "name": "RUNTIME_MONITORING"}, "after_unknown": {"status": true}}}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - `datasources` and a feature say the same.
//! - In a state, `datasources` says something else than a feature: a state shows the block whether or not anybody has written
//!   it.
//! - A feature's name is known only after apply: nothing shows that it is the partner of another one.
//!
//! It is undecided when whether the two belong to one detector, or a status that decides, is known only after apply. Of a
//! pair the later address is reported, of the two runtime plans `EKS_RUNTIME_MONITORING`.
//!
//! ## References
//!
//! - GuardDuty user guide, "Runtime Monitoring": to use one of the two
//! - Terraform AWS provider, `detector_feature.go`

use std::collections::HashMap;

use tfduty_aws::truth::Truth;

use crate::{
    by_place::ByPlace,
    context::{self, Context, Draft, Label},
    detectors::DetectorOf,
    object::{Object, ObjectId},
    protection::{self, EKS_RUNTIME_MONITORING, FEATURE, ORGANIZATION_FEATURE, Plan},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "protection-conflict",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("protection_conflict.rs"),
    check,
};

/// What came of one of the questions that a feature is asked.
enum Answer {
    /// It is in order.
    Fine,
    /// It cannot be told, and another rule or nobody says so.
    Passed,
    Fails(Draft),
    Open(Draft),
}

fn check(context: &mut Context<'_>) {
    let features: Vec<(ObjectId, &Object)> = context.present(FEATURE).collect();
    let newer = Features::newer(context, &features);
    // Features that were met, by their plan.
    let mut earlier: HashMap<&str, Features<'_>> = HashMap::new();
    for (id, feature) in &features {
        let answers = [
            both_runtimes(context, (*id, feature), &newer),
            said_twice(context, (*id, feature), &earlier),
            against_datasources(context, (*id, feature)),
            misplaced_agent(context, (*id, feature)),
        ];
        record(context, *id, answers);
        if let Some(plan) = name(feature) {
            earlier.entry(plan).or_default().add(context, *id);
        }
    }
    let features: Vec<(ObjectId, &Object)> = context.present(ORGANIZATION_FEATURE).collect();
    let newer = Features::newer(context, &features);
    for (id, feature) in &features {
        let answer = both_runtimes(context, (*id, feature), &newer);
        record(context, *id, [answer]);
    }
}

/// Features for one plan, to find those that may be for the detector of another: there may be one for each of thousands.
#[derive(Default)]
struct Features<'a> {
    /// Those of each detector that can be told, in the order of the estate.
    of_detector: HashMap<&'a DetectorOf, Vec<ObjectId>>,
    /// All of them, and those of which the detector cannot be told.
    all: ByPlace<'a>,
    loose: ByPlace<'a>,
}

impl<'a> Features<'a> {
    /// Those of the newer plan for the runtime of EKS.
    fn newer(context: &Context<'a>, features: &[(ObjectId, &Object)]) -> Self {
        let mut newer = Self::default();
        for (id, _) in features.iter().filter(|(_, other)| name(other) == Some(Plan::RuntimeMonitoring.name())) {
            newer.add(context, *id);
        }
        newer
    }

    fn add(&mut self, context: &Context<'a>, id: ObjectId) {
        let object = context.estate.object(id);
        self.all.add(id, object);
        match context.graph.detector_of(id) {
            DetectorOf::Unknown => self.loose.add(id, object),
            known => self.of_detector.entry(known).or_default().push(id),
        }
    }

    /// The last of those of which something holds most surely, where that holds only for features of one detector: with
    /// how sure it is. `None` where it holds for none.
    fn last(
        &self,
        context: &Context<'_>,
        (id, feature): (ObjectId, &Object),
        holds: impl Fn(ObjectId) -> Truth,
    ) -> Option<(Truth, ObjectId)> {
        let detector = context.graph.detector_of(id);
        let own = self.of_detector.get(detector).map_or(&[][..], Vec::as_slice);
        let places = if *detector == DetectorOf::Unknown { &self.all } else { &self.loose };
        let lists = [own].into_iter().chain(places.beside(feature));
        let last = lists.filter_map(|list| {
            let mut open = None;
            for other in list.iter().rev() {
                match holds(*other) {
                    Truth::True => return Some((Truth::True, *other)),
                    Truth::Unknown => open = open.or(Some((Truth::Unknown, *other))),
                    Truth::False => {}
                }
            }
            open
        });
        last.max()
    }
}

/// Records what fails, else what is open, else that all is in order.
fn record<const N: usize>(context: &mut Context<'_>, id: ObjectId, answers: [Answer; N]) {
    let (mut has_failed, mut is_passed, mut open) = (false, false, Vec::new());
    for answer in answers {
        match answer {
            Answer::Fine => {}
            Answer::Passed => is_passed = true,
            Answer::Fails(draft) => {
                has_failed = true;
                context.fail(id, draft);
            }
            Answer::Open(draft) => open.push(draft),
        }
    }
    match open.pop() {
        _ if has_failed => {}
        Some(draft) => context.undecided(id, draft),
        None if is_passed => context.skip(id),
        None => context.pass(id),
    }
}

fn name(feature: &Object) -> Option<&str> {
    feature.attribute(&["name"]).str()
}

/// Whether both plans for the runtime of EKS are on, asked of the older one.
fn both_runtimes(context: &Context<'_>, (id, feature): (ObjectId, &Object), newer: &Features<'_>) -> Answer {
    if name(feature) != Some(EKS_RUNTIME_MONITORING) {
        return Answer::Fine;
    }
    let are_on = |other: ObjectId| {
        let one = protection::same_detector(context.estate, context.graph, id, other);
        one.and(protection::is_on(feature)).and(protection::is_on(context.estate.object(other)))
    };
    let Some((truth, other)) = newer.last(context, (id, feature), are_on) else { return Answer::Fine };
    let draft = |message: &str, help: String| {
        draft(context, (id, feature), ("name", "runtime"), (message.to_owned(), help), vec![with(context, other)])
    };
    match truth {
        Truth::False => Answer::Fine,
        Truth::True => Answer::Fails(draft(
            "`EKS_RUNTIME_MONITORING` and `RUNTIME_MONITORING` are both on for one detector, which GuardDuty refuses: the \
             newer plan includes the older one",
            "switch `EKS_RUNTIME_MONITORING` off, and give `RUNTIME_MONITORING` an `additional_configuration` for \
             `EKS_ADDON_MANAGEMENT`"
                .into(),
        )),
        Truth::Unknown => Answer::Open(draft(
            "whether `EKS_RUNTIME_MONITORING` and `RUNTIME_MONITORING` are both on for one detector, which GuardDuty \
             refuses, is known only after apply",
            context.what_would_decide(id),
        )),
    }
}

/// Whether an earlier feature is for the same plan of the same detector.
fn said_twice(
    context: &Context<'_>,
    (id, feature): (ObjectId, &Object),
    earlier: &HashMap<&str, Features<'_>>,
) -> Answer {
    let Some((plan, earlier)) = name(feature).and_then(|plan| Some((plan, earlier.get(plan)?))) else {
        return Answer::Fine;
    };
    let are_one = |other: ObjectId| {
        let its = context.estate.object(other);
        let one = protection::same_detector(context.estate, context.graph, id, other);
        // Instances of one block are for one detector each.
        let is_block = || {
            its.unit == feature.unit && its.address.configuration_address() == feature.address.configuration_address()
        };
        if one == Truth::Unknown && is_block() { Truth::False } else { one }
    };
    let Some((truth, other)) = earlier.last(context, (id, feature), are_one) else { return Answer::Fine };
    let plan = context::shown(feature.attribute(&["name"]).known(), plan);
    let draft = |message: String, help: String| {
        draft(context, (id, feature), ("name", "twice"), (message, help), vec![with(context, other)])
    };
    match truth {
        Truth::False => Answer::Fine,
        Truth::True => Answer::Fails(draft(
            format!("two features are for {plan} of one detector: each apply may undo what the other one sets"),
            "keep one of them; `terraform state rm` takes the other one out of its state without touching GuardDuty"
                .into(),
        )),
        Truth::Unknown => Answer::Open(draft(
            format!("whether two features are for {plan} of one detector is not known: a detector cannot be told"),
            context.what_would_decide(id),
        )),
    }
}

/// Whether the detector's `datasources` block says the opposite.
fn against_datasources(context: &Context<'_>, (id, feature): (ObjectId, &Object)) -> Answer {
    let estate = context.estate;
    let plan = name(feature).and_then(Plan::named);
    let Some((plan, path)) = plan.and_then(|plan| Some((plan, plan.flag_path()?))) else { return Answer::Fine };
    let Some(detector) = context.graph.detector_of(id).object() else { return Answer::Fine };
    let own = protection::is_on(feature);
    let Some(flag) = protection::flag(estate, detector, plan) else {
        // What a state shows may be written, or an echo of a time before this feature.
        let shows = estate.object(detector).attribute(path).bool();
        let is_opposite = matches!((shows, own), (Some(true), Truth::False) | (Some(false), Truth::True));
        return if is_opposite { Answer::Passed } else { Answer::Fine };
    };
    let label = context.label(detector, path, "the detector's block says this");
    let draft = |message: String, help: String| {
        draft(context, (id, feature), ("status", "datasources"), (message, help), vec![label])
    };
    match (flag, own) {
        (Truth::True, Truth::False) | (Truth::False, Truth::True) => Answer::Fails(draft(
            format!(
                "this feature and the detector's `datasources` block say the opposite of `{}`: each apply sets what the \
                 other one undoes",
                plan.name()
            ),
            "drop the `datasources` block, which is deprecated".into(),
        )),
        (Truth::True, Truth::True) | (Truth::False, Truth::False) => Answer::Fine,
        _ => Answer::Open(draft(
            format!(
                "whether this feature and the detector's `datasources` block say the same of `{}` is known only after apply",
                plan.name()
            ),
            "drop the `datasources` block, which is deprecated".into(),
        )),
    }
}

/// Whether a feature has an `additional_configuration` that its plan does not have.
fn misplaced_agent(context: &Context<'_>, (id, feature): (ObjectId, &Object)) -> Answer {
    let Some(plan) = name(feature).filter(|name| *name != Plan::RuntimeMonitoring.name()) else { return Answer::Fine };
    let is_eks = plan == EKS_RUNTIME_MONITORING;
    let mut agents = protection::agents(feature).into_iter();
    let is_wrong =
        |agent: &protection::Agent<'_>| !is_eks || agent.name.is_some_and(|name| name != "EKS_ADDON_MANAGEMENT");
    if !agents.any(|agent| is_wrong(&agent)) {
        return Answer::Fine;
    }
    let shown = context::shown(feature.attribute(&["name"]).known(), plan);
    let message = if is_eks {
        format!("{shown} takes no `additional_configuration` but `EKS_ADDON_MANAGEMENT`: GuardDuty refuses it")
    } else {
        format!("{shown} takes no `additional_configuration`, which is for agents: GuardDuty refuses it")
    };
    let help = "drop the block, or set it on the feature `RUNTIME_MONITORING`".into();
    Answer::Fails(draft(context, (id, feature), ("additional_configuration", "agent"), (message, help), Vec::new()))
}

fn with(context: &Context<'_>, other: ObjectId) -> Label {
    context.label(other, &["name"], "the other one")
}

fn draft(
    context: &Context<'_>,
    (_, feature): (ObjectId, &Object),
    (attribute, discriminator): (&'static str, &str),
    (message, help): (String, String),
    related: Vec<Label>,
) -> Draft {
    Draft {
        message,
        help,
        attribute,
        discriminator: discriminator.to_owned(),
        anchor: context.anchor(feature, &feature.attribute(&[attribute]), "in conflict"),
        related,
    }
}

#[cfg(test)]
mod tests;
