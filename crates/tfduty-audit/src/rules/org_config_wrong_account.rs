//! Organization settings are applied in an account that is not GuardDuty's delegated administrator.
//!
//! ## Why it matters
//!
//! GuardDuty takes an organization's settings from one account only: the delegated administrator, which is one for each
//! organization and the same in every region. From any other account the settings are refused, and no account is covered
//! by them. The delegation itself is made from the organization's management account.
//!
//! ## How to fix it
//!
//! Put `aws_guardduty_organization_admin_account` under the provider of the management account, and what configures the
//! organization under that of the delegated administrator.
//!
//! ```hcl
//! resource "aws_guardduty_organization_admin_account" "this" {
//!   provider         = aws.management
//!   admin_account_id = aws_guardduty_detector.security.account_id
//! }
//!
//! resource "aws_guardduty_organization_configuration" "this" {
//!   provider                         = aws.security
//!   detector_id                      = aws_guardduty_detector.security.id
//!   auto_enable_organization_members = "ALL"
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "security", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].security",
//!    "instances": [{"attributes": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:222233334444:detector/12ab"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_organization_admin_account", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "222233334444", "admin_account_id": "222233334444"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_organization_configuration", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].security",
//!    "instances": [{"attributes": {"id": "12ab", "detector_id": "12ab", "auto_enable_organization_members": "ALL"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "34cd", "arn": "arn:aws:guardduty:eu-west-1:111122223333:detector/34cd"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_organization_admin_account", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "222233334444", "admin_account_id": "222233334444"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_organization_configuration", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "34cd", "detector_id": "34cd", "auto_enable_organization_members": "ALL"}}]}]}
//! ```
//!
//! ```json undecided
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_guardduty_organization_configuration.this", "mode": "managed", "type": "aws_guardduty_organization_configuration", "name": "this",
//!    "change": {"actions": ["create"], "before": null, "after": {"detector_id": "12ab", "auto_enable_organization_members": "ALL"}, "after_unknown": {"id": true}}}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The settings exist already, and no input shows the delegation or the account: GuardDuty has accepted them.
//! - `aws_guardduty_member_detector_feature` stands on a detector that has members: an account outside the organization
//!   may administer others by invitation.
//!
//! It is undecided, once for each detector, when settings are created and no input shows the delegation for their region,
//! or an account is not known.
//!
//! ## References
//!
//! - Amazon GuardDuty User Guide, "Managing GuardDuty accounts with AWS Organizations"
//! - GuardDuty API, `EnableOrganizationAdminAccount`
//! - Terraform AWS provider, `organization_configuration.go`

use std::collections::BTreeSet;

use tfduty_aws::truth::Truth;

use crate::{
    accounts::{CONFIGURATION, MEMBER},
    by_place::ByPlace,
    context::{Context, Draft, Label},
    detectors::DetectorOf,
    facts,
    object::ObjectId,
    organization::{self, AccountOf, DELEGATION, FEATURE, ORGANIZATION},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "org-config-wrong-account",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("org_config_wrong_account.rs"),
    check,
};

/// The resource type that sets a protection plan in one member account.
const MEMBER_FEATURE: &str = "aws_guardduty_member_detector_feature";

/// Labels on settings of one finding: there may be very many.
const MOST_SETTINGS: usize = 10;

const HELP: &str = "put `aws_guardduty_organization_admin_account` under the provider of the organization's management account, \
                    and what configures the organization under that of the delegated administrator";

/// A delegation, and the account that it names.
type Delegation = (ObjectId, AccountOf);

/// Whether an object stands in the delegated administrator's account.
enum Stands {
    Right,
    /// This delegation names another account.
    Wrong(ObjectId),
    /// It is not known whether this delegation does.
    Open(ObjectId),
    /// No delegation for its region is among the inputs.
    Unseen,
}

fn check(context: &mut Context<'_>) {
    let delegations = Delegations::of(context);
    judge_delegations(context, &delegations.all);
    let graph = context.graph;
    let members = organization::staying(context.estate, MEMBER).map(|(member, _)| graph.detector_of(member));
    let with_members: BTreeSet<&DetectorOf> = members.filter(|detector| **detector != DetectorOf::Unknown).collect();
    let mut open = Vec::new();
    for (id, object) in context.present_of(&[CONFIGURATION, FEATURE, MEMBER_FEATURE]) {
        let is_settings = object.resource_type() != MEMBER_FEATURE;
        match stands(context, &delegations, id) {
            Stands::Wrong(_) if !is_settings && with_members.contains(graph.detector_of(id)) => context.skip(id),
            Stands::Wrong(delegation) => {
                let draft = wrong(context, id, delegation);
                context.fail(id, draft);
            }
            Stands::Open(_) | Stands::Unseen if object.change.makes() && is_settings => open.push(id),
            Stands::Open(_) => context.skip(id),
            Stands::Right | Stands::Unseen => context.pass(id),
        }
    }
    for group in organization::by_detector(context, open) {
        undecided(context, &delegations, &group);
    }
}

/// Delegations, in the order of the estate: an estate may be that of many organizations.
struct Delegations<'a> {
    all: Vec<Delegation>,
    /// The numbers of the accounts that they name.
    numbers: BTreeSet<String>,
    /// Places in `all` of those of which the number is not known.
    unnumbered: Vec<usize>,
    by_region: ByPlace<'a>,
}

impl<'a> Delegations<'a> {
    fn of(context: &Context<'a>) -> Self {
        let mut found =
            Self { all: Vec::new(), numbers: BTreeSet::new(), unnumbered: Vec::new(), by_region: ByPlace::default() };
        for (id, object) in organization::staying(context.estate, DELEGATION) {
            let named = AccountOf::named(context, id, "admin_account_id");
            match named.number.as_deref() {
                Some(number) => {
                    found.numbers.insert(number.to_owned());
                }
                None => found.unnumbered.push(found.all.len()),
            }
            found.by_region.add(id, object);
            found.all.push((id, named));
        }
        found
    }

    /// Those that may name an account, as far as numbers tell, where none of them is shown to by its number.
    fn doubtful(&self, account: &AccountOf) -> Vec<&Delegation> {
        match account.number {
            Some(_) => self.unnumbered.iter().filter_map(|place| self.all.get(*place)).collect(),
            None => self.all.iter().collect(),
        }
    }
}

/// Compares the account of an object's detector with those that the delegations name. An organization has one delegated
/// administrator in all regions, so the right one may show in another.
fn stands(context: &Context<'_>, delegations: &Delegations<'_>, id: ObjectId) -> Stands {
    let (object, account) = (context.estate.object(id), AccountOf::around(context, id));
    if account.number.as_deref().is_some_and(|number| delegations.numbers.contains(number)) {
        return Stands::Right;
    }
    let doubtful = delegations.doubtful(&account);
    if doubtful.iter().any(|(_, named)| named.is(context.estate, &account) == Truth::True) {
        return Stands::Right;
    }
    let (shown, open) = delegations.by_region.first_in(None, object.region.as_deref());
    let Some(first) = shown.into_iter().chain(open).min() else { return Stands::Unseen };
    let is_there =
        |delegation: ObjectId| organization::same_region(context.estate.object(delegation), object) != Truth::False;
    let mut there = doubtful.iter().filter(|(delegation, _)| is_there(*delegation));
    match there.find(|(_, named)| named.is(context.estate, &account) == Truth::Unknown) {
        Some((open, _)) => Stands::Open(*open),
        None => Stands::Wrong(first),
    }
}

/// Judges delegations by each other, and by the organization.
fn judge_delegations(context: &mut Context<'_>, delegations: &[Delegation]) {
    let estate = context.estate;
    for (index, (id, named)) in delegations.iter().enumerate() {
        let delegation = estate.object(*id);
        if !delegation.is_present() {
            continue;
        }
        let differs = |(other, others): &&Delegation| {
            others.is(estate, named) == Truth::False
                && facts::same_account_by_provider(estate, estate.object(*other), delegation) == Truth::True
        };
        if let Some((other, others)) = delegations[..index].iter().find(differs) {
            let message = format!(
                "an organization has one delegated administrator in all regions: here it is {}, there {}",
                named.shown(),
                others.shown()
            );
            let label = context.label(*other, &["admin_account_id"], "names another account");
            let draft = draft(context, *id, ("admin_account_id", "names this account"), (message, vec![label]));
            context.fail(*id, draft);
        } else if let Some(organization) = made_by_itself(context, *id, named) {
            let message = format!(
                "the delegation is made from {}, which it names itself; only the organization's management account can make it",
                named.shown()
            );
            let label = context.label(organization, &["master_account_id"], "the management account is another one");
            let draft =
                draft(context, *id, ("admin_account_id", "the account of its provider"), (message, vec![label]));
            context.fail(*id, draft);
        } else {
            context.pass(*id);
        }
    }
}

/// The organization that shows that a delegation is made from the account that it names, and that this is not the
/// management account.
fn made_by_itself(context: &Context<'_>, id: ObjectId, named: &AccountOf) -> Option<ObjectId> {
    let estate = context.estate;
    if AccountOf::of(estate, id).is(estate, named) != Truth::True {
        return None;
    }
    let masters: Vec<(ObjectId, Truth)> = estate
        .of_type(ORGANIZATION)
        .map(|(id, object)| (id, Truth::equal(object.attribute(&["master_account_id"]).str(), named.number.as_deref())))
        .collect();
    let (first, _) = masters.first()?;
    masters.iter().all(|(_, equal)| *equal == Truth::False).then_some(*first)
}

fn wrong(context: &Context<'_>, id: ObjectId, delegation: ObjectId) -> Draft {
    let named = AccountOf::named(context, delegation, "admin_account_id");
    let message = format!(
        "the detector is in {}, and GuardDuty's delegated administrator is {}",
        AccountOf::around(context, id).shown(),
        named.shown()
    );
    let label = context.label(delegation, &["admin_account_id"], "makes another account the administrator");
    draft(context, id, ("detector_id", "a detector of another account"), (message, vec![label]))
}

/// Says once for a detector that it is not known whether its account is the administrator's.
fn undecided(context: &mut Context<'_>, delegations: &Delegations<'_>, group: &[ObjectId]) {
    let Some((first, others)) = group.split_first() else { return };
    for other in others {
        context.skip(*other);
    }
    let mut related: Vec<Label> = others
        .iter()
        .take(MOST_SETTINGS)
        .map(|id| context.label(*id, &["detector_id"], "on this detector too"))
        .collect();
    let (message, help) = match stands(context, delegations, *first) {
        Stands::Open(delegation) => {
            related.push(context.label(delegation, &["admin_account_id"], "the delegated administrator"));
            (
                "whether the detector is in the delegated administrator's account is not known",
                context.what_would_decide(*first),
            )
        }
        _ => (
            "whether the detector is in the delegated administrator's account is not known: no \
             `aws_guardduty_organization_admin_account` for this region is among the inputs",
            "add the plan or the state of the organization's management account".to_owned(),
        ),
    };
    let mut draft =
        draft(context, *first, ("detector_id", "the administrator's detector?"), (message.to_owned(), related));
    draft.help = help;
    context.undecided(*first, draft);
}

fn draft(
    context: &Context<'_>,
    id: ObjectId,
    (attribute, label): (&'static str, &str),
    (message, related): (String, Vec<Label>),
) -> Draft {
    let object = context.estate.object(id);
    Draft {
        message,
        help: HELP.into(),
        attribute,
        discriminator: String::new(),
        anchor: context.anchor(object, &object.attribute(&[attribute]), label),
        related,
    }
}

#[cfg(test)]
mod tests;
