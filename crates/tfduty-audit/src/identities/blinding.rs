//! The calls that switch GuardDuty off or blind it, and whom a policy lets make them.

use tfduty_aws::{
    partition::Partition,
    policy::{Effect, Element, Origin, Resource, Statement},
    truth::Truth,
};

use super::{Held, Identities, guardduty_resource, names_service, right};
use crate::{
    estate::Estate,
    object::{ObjectId, Presence},
    policies::{GUARDDUTY, KnownPolicy, PolicyText, policy_of},
};

/// Calls that switch GuardDuty off, wholly or in part.
const OFF: &[&str] = &[
    "guardduty:DeleteDetector",
    "guardduty:UpdateDetector",
    "guardduty:DeletePublishingDestination",
    "guardduty:StopMonitoringMembers",
    "guardduty:DisassociateMembers",
    "guardduty:DeleteMembers",
    "guardduty:DisassociateFromAdministratorAccount",
    "guardduty:DisassociateFromMasterAccount",
    "guardduty:UpdateMemberDetectors",
    "guardduty:DisableOrganizationAdminAccount",
    "guardduty:UpdateMalwareProtectionPlan",
];

/// Calls that hide an attacker, but that whatever keeps lists, filters and findings up makes every day.
const UPKEEP: &[&str] = &[
    "guardduty:CreateIPSet",
    "guardduty:UpdateIPSet",
    "guardduty:DeleteIPSet",
    "guardduty:CreateTrustedEntitySet",
    "guardduty:UpdateTrustedEntitySet",
    "guardduty:DeleteThreatIntelSet",
    "guardduty:UpdateThreatIntelSet",
    "guardduty:CreateFilter",
    "guardduty:UpdateFilter",
    "guardduty:ArchiveFindings",
];

/// Calls of which a guard denies at least one: with these GuardDuty is gone.
const GUARDED: &[&str] = &[
    "guardduty:DeleteDetector",
    "guardduty:DisassociateFromAdministratorAccount",
    "guardduty:DisassociateFromMasterAccount",
    "guardduty:DisassociateMembers",
];

/// All of these calls.
pub(crate) fn blinding_calls() -> impl Iterator<Item = &'static str> {
    OFF.iter().chain(UPKEEP).copied()
}

/// A call that a policy allows, or may allow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    pub(crate) action: &'static str,
    /// True, or unknown.
    pub(crate) truth: Truth,
    /// The index of the statement.
    pub(crate) statement: usize,
    /// Whether the statement names actions of GuardDuty's, and not only all that AWS has.
    pub(crate) is_named: bool,
}

impl Allowed {
    /// Whether it switches GuardDuty off.
    pub(crate) fn is_off(&self) -> bool {
        OFF.contains(&self.action)
    }
}

/// What a policy lets its holders do against GuardDuty.
#[derive(Debug, Default)]
pub(crate) struct Blinding {
    pub(crate) allowed: Vec<Allowed>,
    /// Whether it allows more on a condition, or denies only on one.
    pub(crate) has_conditions: bool,
}

impl Blinding {
    pub(crate) fn of(known: &KnownPolicy, partition: Partition) -> Self {
        let mut blinding = Self::default();
        if known.may_be_about_guardduty() {
            let is_about = |statement: &&Statement| statement.is_about_service(GUARDDUTY, known) != Truth::False;
            let statements: Vec<&Statement> = known.document().statements().iter().filter(is_about).collect();
            let resource = guardduty_resource(partition);
            blinding_calls().for_each(|action| blinding.add(known, &statements, (action, &resource)));
        }
        blinding
    }

    fn add(&mut self, known: &KnownPolicy, statements: &[&Statement], (action, resource): (&'static str, &Resource)) {
        let mut allowed: Option<Allowed> = None;
        for statement in statements {
            // The resources take ten times as long.
            let is_about = statement.is_about_action(action, known);
            if is_about == Truth::False {
                continue;
            }
            let is_named = names_service(statement, GUARDDUTY);
            let mut truth = is_about.and(reaches(known, statement, (is_named, resource)));
            if truth == Truth::False {
                continue;
            }
            let is_free = statement.conditions().is_some_and(<[_]>::is_empty);
            match statement.effect() {
                // A Deny on a condition that names GuardDuty is there to guard it. One that does not asks for MFA.
                Some(Effect::Deny) if truth == Truth::True && (is_free || is_named) => {
                    self.has_conditions |= !is_free;
                    return;
                }
                Some(Effect::Deny) => continue,
                Some(Effect::Allow) if !is_free => {
                    self.has_conditions = true;
                    continue;
                }
                Some(Effect::Allow) => {}
                None => truth = Truth::Unknown,
            }
            if allowed.is_none_or(|other| (other.truth, other.is_named) < (truth, is_named)) {
                allowed = Some(Allowed { action, truth, statement: statement.index(), is_named });
            }
        }
        self.allowed.extend(allowed);
    }
}

/// Whether the resources of a statement are not those of another service. One that names GuardDuty's actions can only be about
/// GuardDuty's resources, whichever they are.
fn reaches(known: &KnownPolicy, statement: &Statement, (is_named, resource): (bool, &Resource)) -> Truth {
    let of_resources = |element| matches!(element, Element::Resource | Element::NotResource);
    let mut texts = statement.texts().filter(|(element, _)| of_resources(*element));
    let has_holes = texts.any(|(_, value)| value.holes().next().is_some());
    match statement.is_about_resource(resource, known) {
        Truth::Unknown if is_named || !has_holes => Truth::True,
        truth => truth,
    }
}

/// Where a statement writes its actions.
pub(crate) fn actions_of(statement: &Statement) -> Origin {
    let of_actions = |element| matches!(element, Element::Action | Element::NotAction);
    let actions: Vec<_> =
        statement.texts().filter(|(element, _)| of_actions(*element)).map(|(_, value)| value).collect();
    let is_named = |text: &str| text.get(..10).is_some_and(|begin| begin.eq_ignore_ascii_case("guardduty:"));
    let named = actions.iter().find(|value| value.text.literals().next().is_some_and(is_named));
    named.or(actions.first()).map_or(statement.origin(), |value| value.origin)
}

/// The service control policy of the estate that guards GuardDuty.
pub(crate) fn service_control_policy(estate: &Estate) -> Option<ObjectId> {
    let mut policies = estate.of_type("aws_organizations_policy");
    let guards = policies.find(|(id, policy)| {
        let kind = policy.attribute(&["type"]);
        let is_one = kind.is_absent() || kind.str() == Some("SERVICE_CONTROL_POLICY");
        is_one && policy.presence != Presence::Going && is_guard(&policy_of(estate, *id, "content"))
    });
    guards.map(|(id, _)| id)
}

/// The permissions boundary of an identity, where it keeps it from all of these calls or guards GuardDuty.
pub(crate) fn boundary(
    identities: &Identities,
    identity: ObjectId,
    (allowed, partition): (&[Allowed], Partition),
) -> Option<ObjectId> {
    let boundary = identities.boundary_of(identity)?;
    let resource = guardduty_resource(partition);
    let lets = |allowed: &Allowed| right(&[Held::Policy(boundary)], allowed.action, &resource).truth != Truth::False;
    let keeps_from_all = || !allowed.is_empty() && !allowed.iter().any(lets);
    (is_guard(&boundary.text) || keeps_from_all()).then_some(boundary.holder)
}

/// Whether a policy denies one of the calls after which GuardDuty is gone, whomever it exempts.
fn is_guard(text: &PolicyText) -> bool {
    let PolicyText::Known(known) = text else { return false };
    if !known.may_be_about_guardduty() {
        return false;
    }
    let denies = |statement: &Statement| {
        let is_about = |action: &&str| statement.is_about_action(action, &**known) == Truth::True;
        // One that keeps people to some regions denies all but a few actions, and guards nothing.
        statement.effect() == Some(Effect::Deny) && names_service(statement, GUARDDUTY) && GUARDED.iter().any(is_about)
    };
    known.document().statements().iter().any(denies)
}
