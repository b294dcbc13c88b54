//! An identity may manage lists but lacks the right GuardDuty needs on its role: create, activate and delete fail.
//!
//! ## Why it matters
//!
//! GuardDuty reads a list as its service-linked role, and gives that role the right to do so with the rights of whoever makes
//! the list. So `CreateIPSet` and `CreateThreatIntelSet` take `iam:PutRolePolicy` on the role, and a delete takes
//! `iam:DeleteRolePolicy`. Neither is in `AmazonGuardDutyFullAccess`. Without them an apply stops at the first list, and a
//! destroy at the last.
//!
//! ## How to fix it
//!
//! Allow both on that one role:
//!
//! ```json
//! {
//!   "Effect": "Allow",
//!   "Action": ["iam:PutRolePolicy", "iam:DeleteRolePolicy"],
//!   "Resource": "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_iam_role", "name": "pipeline", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "pipeline", "name": "pipeline", "arn": "arn:aws:iam::123456789012:role/pipeline"}}]},
//!   {"mode": "managed", "type": "aws_iam_role_policy", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "pipeline:lists", "name": "lists", "role": "pipeline", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"guardduty:*IPSet\",\"Resource\":\"*\"},{\"Effect\":\"Allow\",\"Action\":[\"iam:PutRolePolicy\",\"iam:DeleteRolePolicy\"],\"Resource\":\"arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty\"}]}"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_iam_role", "name": "pipeline", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "pipeline", "name": "pipeline", "arn": "arn:aws:iam::123456789012:role/pipeline"}}]},
//!   {"mode": "managed", "type": "aws_iam_role_policy", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "pipeline:lists", "name": "lists", "role": "pipeline", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"guardduty:*IPSet\",\"Resource\":\"*\"}]}"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - An identity that only reads GuardDuty, one that is denied the making of lists, and one that may do everything
//!   (`AdministratorAccess`, `*`).
//! - A user who may make lists by the policies of a group: the finding is on the group.
//! - A right that hangs on a condition, or on an account that is not known.
//! - In an account without a list: an identity whose policy does not name the calls for lists, but allows them by a pattern
//!   (`guardduty:*`, `AmazonGuardDutyFullAccess`). It may never make one.
//!
//! It is undecided when a policy of the identity is not known, or one is attached that is not among the inputs.
//!
//! ## References
//!
//! - GuardDuty user guide, "Prerequisites for lists"; "Service-linked role permissions for GuardDuty"

use tfduty_aws::{
    policy::{Effect, Element, Fact, Judged, Resource, Role, Statement, Subject},
    truth::Truth,
};

use crate::{
    context::{Context, Draft, Judgement, Label, quoted_list},
    explain, facts,
    graph::{THREAT, TRUSTED},
    identities::{Held, Kind, Right, actions_of, names_service, right},
    object::ObjectId,
    policies::{GUARDDUTY, KnownPolicy, PolicyText},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "access-list-manager-incomplete",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("access_list_manager_incomplete.rs"),
    check,
};

/// The calls that make lists.
const CREATES: &[&str] = &["guardduty:CreateIPSet", "guardduty:CreateThreatIntelSet"];

/// What GuardDuty does to its role with the rights of whoever makes or deletes a list.
const NEEDED: &[&str] = &["iam:PutRolePolicy", "iam:DeleteRolePolicy"];

/// What lets an identity manage lists.
struct Manages {
    /// The place, and the attribute.
    label: Label,
    attribute: &'static str,
    /// Whether it names the calls themselves, and not a pattern.
    is_literal: bool,
}

fn check(context: &mut Context<'_>) {
    for kind in Kind::ALL {
        for (id, _) in context.present(kind.resource_type()).collect::<Vec<_>>() {
            let identities = context.readings.identities();
            // What the policy of a group lets its users do is said of the group.
            let manages = identities
                .own_of(id)
                .filter_map(|held| manages(context, &held))
                .max_by_key(|manages| manages.is_literal);
            let Some(manages) = manages else { continue };
            let held = identities.held_by(id);
            let lists = lists_of(context, id);
            if CREATES.iter().any(|action| right(&held, action, &lists).truth != Truth::False) {
                judge(context, id, (held, manages));
            }
        }
    }
}

/// What of a policy lets its holder manage lists.
fn manages(context: &Context<'_>, held: &Held<'_>) -> Option<Manages> {
    match held {
        Held::Foreign(foreign) => {
            let name = foreign.managed_by_aws()?;
            let is_full = matches!(name, "AmazonGuardDutyFullAccess" | "AmazonGuardDutyFullAccess_v2");
            let label = || context.label(foreign.by, &[foreign.attribute], "lets it manage lists");
            is_full.then(|| Manages { label: label(), attribute: foreign.attribute, is_literal: false })
        }
        Held::Policy(policy) => {
            let PolicyText::Known(known) = &policy.text else { return None };
            if !known.may_be_about_guardduty() {
                return None;
            }
            let statement = known.document().statements().iter().find(|statement| creates(known, statement))?;
            let is_literal = known.document().statements().iter().any(names_call);
            let label = known.label(context.estate, actions_of(statement), "lets it manage lists");
            Some(Manages { label, attribute: known.attribute, is_literal })
        }
    }
}

/// Whether a statement allows the making of lists, naming GuardDuty.
fn creates(known: &KnownPolicy, statement: &Statement) -> bool {
    let is_about = |action: &&str| statement.is_about_action(action, known) == Truth::True;
    statement.effect() == Some(Effect::Allow) && names_service(statement, GUARDDUTY) && CREATES.iter().any(is_about)
}

/// Whether a statement allows it by the names of the calls.
fn names_call(statement: &Statement) -> bool {
    let mut actions = statement.texts().filter(|(element, _)| *element == Element::Action);
    let is_call = |text: &str| CREATES.iter().any(|call| call.eq_ignore_ascii_case(text));
    statement.effect() == Some(Effect::Allow) && actions.any(|(_, value)| value.text.as_literal().is_some_and(is_call))
}

fn judge(context: &mut Context<'_>, id: ObjectId, (own, manages): (Vec<Held<'_>>, Manages)) {
    let has_lists = has_lists(context, id);
    if !has_lists && !manages.is_literal {
        return context.skip(id);
    }
    let identities = context.readings.identities();
    let all: Vec<Held<'_>> = own.into_iter().chain(identities.perhaps_held_by(context.estate, id)).collect();
    let role = guardduty_role(context, id);
    let rights: Vec<(&str, Right<'_>)> = NEEDED.iter().map(|action| (*action, right(&all, action, &role))).collect();
    let lacking: Vec<&str> =
        rights.iter().filter(|(_, right)| right.truth == Truth::False).map(|(action, _)| *action).collect();
    let shown = context.readings.shown_role(id);
    if !lacking.is_empty() {
        let advice = if has_lists { "" } else { " (no list is managed in its account so far)" };
        let message = format!(
            "{} may manage GuardDuty's lists, but lacks {} on GuardDuty's role, without which they can be neither made nor \
             deleted{advice}",
            context.estate.object(id).name(),
            quoted_list(&lacking)
        );
        let help = format!("allow `iam:PutRolePolicy` and `iam:DeleteRolePolicy` on `{shown}`");
        let (holder, draft) = draft(manages, message, help);
        return context.judge_at(holder, id, Judgement::Fail(draft));
    }
    match rights.iter().find(|(_, right)| right.truth == Truth::Unknown) {
        None => context.pass(id),
        Some((action, right)) => undecided(context, id, (manages, action, right)),
    }
}

/// What is said where it cannot be told: nothing where only a condition or an account decides.
fn undecided(context: &mut Context<'_>, id: ObjectId, (manages, action, right): (Manages, &str, &Right<'_>)) {
    let decides = |judged: &Judged| judged.grounds.iter().any(|ground| !ground.holes.is_empty());
    let open = right.open.iter().find(|(_, judged)| judged.as_ref().is_none_or(decides));
    let Some((policy, judged)) = open else { return context.skip(id) };
    let (explained, help) = explain::open_right(context, *policy, judged.as_ref());
    let subject = context.estate.object(id).name();
    let message = format!(
        "whether {subject} has `{action}` on GuardDuty's role, which it needs to manage lists, is not known: {}",
        explained.text
    );
    let (holder, mut draft) = draft(manages, message, help);
    draft.related = explained.labels;
    context.judge_at(holder, id, Judgement::Undecided(draft));
}

/// A draft at what lets the identity manage lists, and the object that the place belongs to.
fn draft(manages: Manages, message: String, help: String) -> (Option<ObjectId>, Draft) {
    let Manages { label: (holder, anchor), attribute, .. } = manages;
    (holder, Draft { message, help, attribute, discriminator: String::new(), anchor, related: Vec::new() })
}

/// Whether a list is managed that may be in the account of an identity.
fn has_lists(context: &Context<'_>, id: ObjectId) -> bool {
    let identity = context.estate.object(id);
    let mut sets = [TRUSTED, THREAT].into_iter().flat_map(|name| context.present(name));
    sets.any(|(_, set)| facts::same_account(context.estate, set, identity) != Truth::False)
}

/// Some detector in the account of an identity, of which lists are made.
fn lists_of(context: &Context<'_>, id: ObjectId) -> Resource {
    let object = context.estate.object(id);
    let account = object.account.as_deref().map_or_else(Fact::unknown, Fact::known);
    let begin = Subject::new().text(&format!("arn:{}:guardduty:", facts::partition(context.estate, object)));
    let place = begin.fact(&Fact::unknown()).text(":").fact(&account);
    Resource::Arn(place.text(":detector/").fact(&Fact::unknown()))
}

/// GuardDuty's role in the account of an identity.
fn guardduty_role(context: &Context<'_>, id: ObjectId) -> Resource {
    let object = context.estate.object(id);
    let account = object.account.as_deref().map_or_else(Fact::unknown, Fact::known);
    Resource::Arn(Role::new(facts::partition(context.estate, object), account).subject())
}

#[cfg(test)]
mod tests;
