//! This policy lets someone switch GuardDuty off, or blind it.
//!
//! ## Why it matters
//!
//! Whoever gets hold of an identity that may delete the detector, put an address on the trusted list, or archive findings,
//! begins with that: then nobody sees what follows. Those who look at findings need none of these rights, and what deploys
//! GuardDuty is one pipeline.
//!
//! ## How to fix it
//!
//! Give readers what they read, and deny the rest to all but the pipeline, best by a service control policy:
//!
//! ```hcl
//! resource "aws_iam_group_policy_attachment" "analysts" {
//!   group      = aws_iam_group.analysts.name
//!   policy_arn = "arn:aws:iam::aws:policy/AmazonGuardDutyReadOnlyAccess"
//! }
//!
//! resource "aws_organizations_policy" "guardduty" {
//!   name = "keep-guardduty"
//!   content = jsonencode({
//!     Version = "2012-10-17"
//!     Statement = [{
//!       Effect    = "Deny"
//!       Action    = ["guardduty:Delete*", "guardduty:Disassociate*", "guardduty:Update*", "guardduty:StopMonitoringMembers"]
//!       Resource  = "*"
//!       Condition = { ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/pipeline" } }
//!     }]
//!   })
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_iam_group", "name": "analysts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "analysts", "name": "analysts", "arn": "arn:aws:iam::123456789012:group/analysts"}}]},
//!   {"mode": "managed", "type": "aws_iam_group_policy", "name": "analysts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "analysts:read", "name": "read", "group": "analysts", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"guardduty:Get*\",\"guardduty:List*\",\"guardduty:Describe*\"],\"Resource\":\"*\"}]}"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_iam_group", "name": "analysts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "analysts", "name": "analysts", "arn": "arn:aws:iam::123456789012:group/analysts"}}]},
//!   {"mode": "managed", "type": "aws_iam_group_policy", "name": "analysts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "analysts:all", "name": "all", "group": "analysts", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"guardduty:*\",\"Resource\":\"*\"}]}"}}]}]}
//! ```
//!
//! ```json undecided
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_iam_group_policy.analysts", "mode": "managed", "type": "aws_iam_group_policy", "name": "analysts",
//!    "provider_name": "registry.terraform.io/hashicorp/aws",
//!    "change": {"actions": ["create"], "before": null, "after": {"group": "analysts"}, "after_unknown": {"policy": true}}}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - A role that only a CI provider, or a service of AWS that deploys, may assume: that is the pipeline.
//! - A role that only services of AWS may assume, where its policy allows everything (`*` on `*`), or names nothing but the
//!   calls with which automation keeps lists, filters and findings up.
//! - A statement with a condition, and one whose rights the same policy denies: a note tells of conditions.
//! - A permissions boundary, or a service control policy of the estate, that denies `guardduty:Delete*` or
//!   `guardduty:Disassociate*`, or a boundary that allows none of these calls: a note names it.
//! - A policy that is nothing but a permissions boundary, and one that AWS manages, unless it is attached to a group or user.
//!
//! It is undecided when the text of a policy is not known and someone else than a service or the pipeline has it, and when it
//! cannot be told who may assume the role that has it.
//!
//! ## References
//!
//! - GuardDuty user guide, "Managing access to Amazon GuardDuty resources"; Service authorization reference, "Actions,
//!   resources, and condition keys for Amazon GuardDuty"
//! - Reasoned: AWS does not say who should have these rights. Detection rules take the same calls for attacks.

use tfduty_aws::{managed, truth::Truth};

use crate::{
    context::{Context, Draft, Judgement, Label, quoted_list},
    explain, facts,
    identities::{
        self, Allowed, Attachment, Blinding, Foreign, Held, Identities, Kind, Policy, To, Trust, actions_of, boundary,
        trust,
    },
    object::{Object, ObjectId},
    policies::{KnownPolicy, PolicyText},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "access-can-blind",
    severity: Severity::Warning,
    certainty: Certainty::Reasoned,
    commands: &[Command::Check],
    file: include_str!("access_can_blind.rs"),
    check,
};

/// Calls that a message names.
const MOST_CALLS: usize = 3;

/// Holders that a message names, and labels point at.
const MOST_HOLDERS: usize = 10;

const HELP: &str = "give readers `AmazonGuardDutyReadOnlyAccess`, and deny these calls to all but the pipeline's role, best by a \
                    service control policy";

/// What keeps holders of a policy from what it allows.
struct Guards<'a> {
    identities: &'a Identities,
    /// The service control policy of the estate.
    everywhere: Option<ObjectId>,
}

/// What a policy comes to for one of those who have it.
enum Comes<'p> {
    /// To nothing.
    ToNothing,
    /// To nothing, because of this policy.
    Guarded(ObjectId),
    /// To this, and it is open who may assume the role where that is said.
    To(Vec<&'p Allowed>, Truth),
}

fn check(context: &mut Context<'_>) {
    let readings = context.readings;
    let identities = readings.identities();
    let guards = Guards { identities, everywhere: identities::service_control_policy(context.estate) };
    for policy in &identities.policies {
        if context.estate.object(policy.holder).is_present() {
            judge_policy(context, &guards, policy);
        }
    }
    for foreign in &identities.foreign {
        if context.estate.object(foreign.by).is_present() {
            judge_foreign(context, &guards, foreign);
        }
    }
}

fn judge_policy(context: &mut Context<'_>, guards: &Guards<'_>, policy: &Policy) {
    if policy.attached.is_empty() && guards.identities.is_boundary(policy) {
        return context.skip(policy.holder);
    }
    match &policy.text {
        PolicyText::None => {}
        PolicyText::Known(known) if known.is_readable() => judge_known(context, guards, (policy, known)),
        text => judge_unknown(context, guards, (policy, text)),
    }
}

/// Judges a policy whose text is known, at least in parts.
fn judge_known(context: &mut Context<'_>, guards: &Guards<'_>, (policy, known): (&Policy, &KnownPolicy)) {
    let estate = context.estate;
    let object = estate.object(policy.holder);
    let blinding = Blinding::of(known, facts::partition(estate, object));
    let mut guard = None;
    let mut worst: Option<(Truth, Vec<&Allowed>, Truth)> = None;
    for to in holders(policy) {
        match comes_to(context, guards, &blinding, to) {
            Comes::ToNothing => {}
            Comes::Guarded(by) => guard = Some(by),
            Comes::To(allowed, trusted) => {
                let truth = allowed.iter().map(|allowed| allowed.truth).max().unwrap_or(Truth::False).and(trusted);
                if worst.as_ref().is_none_or(|(other, ..)| *other < truth) {
                    worst = Some((truth, allowed, trusted));
                }
            }
        }
    }
    match worst {
        Some((Truth::True, allowed, _)) => {
            let (holder, draft) = lets(context, (policy, known), &allowed);
            context.judge_at(holder, policy.holder, Judgement::Fail(draft));
        }
        Some((Truth::Unknown, allowed, trusted)) => {
            let (holder, draft) = may_let(context, (policy, known), (&allowed, trusted));
            context.judge_at(holder, policy.holder, Judgement::Undecided(draft));
        }
        _ => {
            note(context, object, guard, blinding.has_conditions);
            context.pass(policy.holder);
        }
    }
}

/// Those who have a policy; one that nothing attaches may be attached elsewhere.
fn holders(policy: &Policy) -> Vec<Option<To>> {
    match &policy.attached[..] {
        [] => vec![None],
        attached => attached.iter().map(|attachment| Some(attachment.to)).collect(),
    }
}

/// What a policy comes to for one of those who have it.
fn comes_to<'p>(context: &Context<'_>, guards: &Guards<'_>, blinding: &'p Blinding, to: Option<To>) -> Comes<'p> {
    if blinding.allowed.is_empty() {
        return Comes::ToNothing;
    }
    let trusted = trust_of(context, to);
    let counts = |allowed: &&Allowed| match trusted {
        Trust::Pipeline | Trust::Federated => false,
        Trust::Services => allowed.is_named && allowed.is_off(),
        Trust::Roles | Trust::Unknown | Trust::People => true,
    };
    let allowed: Vec<&Allowed> = blinding.allowed.iter().filter(counts).collect();
    if allowed.is_empty() {
        return Comes::ToNothing;
    }
    match guards.guard(context, to, &blinding.allowed) {
        Some(guard) => Comes::Guarded(guard),
        None => Comes::To(allowed, if trusted == Trust::Unknown { Truth::Unknown } else { Truth::True }),
    }
}

/// Who comes to have what is attached so: people, unless it is a role.
fn trust_of(context: &Context<'_>, to: Option<To>) -> Trust {
    match to {
        Some(To::Identity(id)) if Kind::of(context.estate.object(id)) == Some(Kind::Role) => trust(context.estate, id),
        Some(To::Elsewhere(Kind::Role) | To::Unknown(Kind::Role)) => Trust::Unknown,
        _ => Trust::People,
    }
}

impl Guards<'_> {
    /// The policy that keeps a holder from calls.
    fn guard(&self, context: &Context<'_>, to: Option<To>, allowed: &[Allowed]) -> Option<ObjectId> {
        let of_holder = || match to {
            Some(To::Identity(id)) => {
                let partition = facts::partition(context.estate, context.estate.object(id));
                boundary(self.identities, id, (allowed, partition))
            }
            _ => None,
        };
        self.everywhere.or_else(of_holder)
    }
}

/// Tells why rights do not count.
fn note(context: &mut Context<'_>, object: &Object, guard: Option<ObjectId>, has_conditions: bool) {
    let input = context.estate.input(object);
    if let Some(guard) = guard {
        let guard = context.estate.object(guard).name();
        let message =
            format!("{} allows calls that blind GuardDuty, from which {guard} keeps whoever has it", object.name());
        context.note(input, "access-guarded", &message);
    }
    if has_conditions {
        let message = format!(
            "{} allows calls that blind GuardDuty, or all but denies them, on a condition: what it asks for is not looked into",
            object.name()
        );
        context.note(input, "access-condition", &message);
    }
}

/// The draft of a policy that lets its holders blind GuardDuty.
fn lets(
    context: &Context<'_>,
    (policy, known): (&Policy, &KnownPolicy),
    allowed: &[&Allowed],
) -> (Option<ObjectId>, Draft) {
    let counted: Vec<&&Allowed> = allowed.iter().filter(|allowed| allowed.truth == Truth::True).collect();
    let mut calls: Vec<&str> = counted.iter().map(|allowed| allowed.action).collect();
    let others = calls.len().saturating_sub(MOST_CALLS);
    calls.truncate(MOST_CALLS);
    let more = if others == 0 { String::new() } else { format!(" and {others} more such calls") };
    let message = format!(
        "{} lets {} switch GuardDuty off or blind it: {} allows {}{more}",
        name_of(context, policy),
        whom(context, policy),
        statement_of(known, &counted),
        quoted_list(&calls)
    );
    draft(context, (policy, known), &counted, (message, HELP.into()))
}

/// The draft of a policy of which it cannot be told whether it does.
fn may_let(
    context: &Context<'_>,
    (policy, known): (&Policy, &KnownPolicy),
    (allowed, trusted): (&[&Allowed], Truth),
) -> (Option<ObjectId>, Draft) {
    let allowed: Vec<&&Allowed> = allowed.iter().collect();
    let why = if trusted == Truth::Unknown {
        format!("who may assume the role that has it, and {} allows it", statement_of(known, &allowed))
    } else {
        format!("{} decides, with a value known only after apply", statement_of(known, &allowed))
    };
    let message = format!(
        "whether {} lets someone switch GuardDuty off or blind it is not known: {why}",
        name_of(context, policy)
    );
    draft(context, (policy, known), &allowed, (message, context.what_would_decide(policy.holder)))
}

fn statement_of(known: &KnownPolicy, allowed: &[&&Allowed]) -> String {
    let index = allowed.first().map_or(0, |allowed| allowed.statement);
    let sid = known.document().statements().get(index).and_then(|statement| statement.sid());
    explain::statement(known, index, sid)
}

/// A draft at the statement that allows most of these.
fn draft(
    context: &Context<'_>,
    (policy, known): (&Policy, &KnownPolicy),
    allowed: &[&&Allowed],
    (message, help): (String, String),
) -> (Option<ObjectId>, Draft) {
    let index = allowed.first().map_or(0, |allowed| allowed.statement);
    let origin = known.document().statements().get(index).map(actions_of);
    let (attribute, block) = (known.attribute, policy.block.as_deref().unwrap_or_default());
    let whole = || context.label(policy.holder, &[attribute], "allows it");
    let (holder, anchor) = origin.map_or_else(whole, |origin| known.label(context.estate, origin, "allows it"));
    let related = labels(context, &policy.attached);
    (holder, Draft { message, help, attribute, discriminator: block.to_owned(), anchor, related })
}

/// Judges a policy of which nothing is known.
fn judge_unknown(context: &mut Context<'_>, guards: &Guards<'_>, (policy, text): (&Policy, &PolicyText)) {
    let is_open = |to: &Option<To>| {
        let is_quiet = matches!(trust_of(context, *to), Trust::Pipeline | Trust::Services | Trust::Federated);
        !is_quiet && guards.guard(context, *to, &[]).is_none()
    };
    if !holders(policy).iter().any(is_open) {
        return context.skip(policy.holder);
    }
    let explained = explain::unknown(context, text);
    let name = name_of(context, policy);
    let message =
        format!("whether {name} lets someone switch GuardDuty off or blind it is not known: {}", explained.text);
    let help = explain::what_would_tell(context, text, "policy");
    let (_, attribute) = Held::Policy(policy).place();
    let mut places = explained.labels.into_iter();
    let (holder, anchor) = places.next().unwrap_or_else(|| context.label(policy.holder, &[attribute], "not known"));
    let related = places.chain(labels(context, &policy.attached)).collect();
    let discriminator = policy.block.as_deref().unwrap_or_default().to_owned();
    let draft = Draft { message, help, attribute, discriminator, anchor, related };
    context.judge_at(holder, policy.holder, Judgement::Undecided(draft));
}

/// Judges what attaches a policy of AWS to people.
fn judge_foreign(context: &mut Context<'_>, guards: &Guards<'_>, foreign: &Foreign) {
    let estate = context.estate;
    let Some(name) = foreign.managed_by_aws() else { return };
    let is_named = |to: &&To| match to {
        To::Identity(id) => Kind::of(estate.object(*id)) != Some(Kind::Role),
        To::Elsewhere(kind) | To::Unknown(kind) => *kind != Kind::Role,
        To::PermissionSet => false,
    };
    let people: Vec<To> = foreign.to.iter().filter(is_named).copied().collect();
    let allowed = allowed_by_aws(name);
    if allowed.is_empty() || people.is_empty() {
        return;
    }
    let guard = people.iter().map(|to| guards.guard(context, Some(*to), &allowed)).collect::<Option<Vec<_>>>();
    if let Some(guard) = guard {
        note(context, estate.object(foreign.by), guard.first().copied(), false);
        return context.pass(foreign.by);
    }
    let message = format!(
        "{} gives {} the policy `{name}`, which lets it switch GuardDuty off or blind it",
        estate.object(foreign.by).name(),
        named(context, &people)
    );
    let (_, anchor) = context.label(foreign.by, &[foreign.attribute], "allows it");
    let draft = Draft {
        message,
        help: HELP.into(),
        attribute: foreign.attribute,
        discriminator: name.to_owned(),
        anchor,
        related: Vec::new(),
    };
    context.fail(foreign.by, draft);
}

/// What a policy of AWS allows by its name.
fn allowed_by_aws(name: &str) -> Vec<Allowed> {
    identities::blinding_calls()
        .filter(|action| managed::allows(name, action) == Truth::True)
        .map(|action| Allowed { action, truth: Truth::True, statement: 0, is_named: false })
        .collect()
}

/// A policy by the object that holds it.
fn name_of(context: &Context<'_>, policy: &Policy) -> String {
    let name = context.estate.object(policy.holder).name();
    if policy.block.is_some() { format!("`inline_policy` of {name}") } else { name }
}

/// Those who have a policy.
fn whom(context: &Context<'_>, policy: &Policy) -> String {
    if policy.attached.is_empty() {
        return "whoever has it (it is not attached here)".into();
    }
    let to: Vec<To> = policy.attached.iter().map(|attachment| attachment.to).collect();
    named(context, &to)
}

fn named(context: &Context<'_>, to: &[To]) -> String {
    let name = |to: &To| match to {
        To::Identity(id) => context.estate.object(*id).name(),
        To::Elsewhere(kind) | To::Unknown(kind) => format!("a {}", kind.word()),
        To::PermissionSet => "whoever has the permission set".into(),
    };
    let mut names: Vec<String> = Vec::new();
    for name in to.iter().map(name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let others = names.len().saturating_sub(MOST_HOLDERS);
    names.truncate(MOST_HOLDERS);
    let more = if others == 0 { String::new() } else { format!(" and {others} more") };
    format!("{}{more}", names.join(", "))
}

/// Labels on what attaches a policy.
fn labels(context: &Context<'_>, attached: &[Attachment]) -> Vec<Label> {
    let label = |attachment: &Attachment| context.label(attachment.by, &[attachment.attribute], "attached here");
    attached.iter().take(MOST_HOLDERS).map(label).collect()
}

#[cfg(test)]
mod tests;
