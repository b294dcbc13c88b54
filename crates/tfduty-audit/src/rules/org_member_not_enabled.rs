//! A member account is registered but not monitored.
//!
//! ## Why it matters
//!
//! `aws_guardduty_member` only puts an account on the administrator's list. Its findings arrive when the account has
//! accepted the invitation, or when the organization has enabled it. Until then, and after it has left or is paused, the
//! administrator sees nothing of it.
//!
//! ## How to fix it
//!
//! Invite the account and let it accept, or let the organization enable it (`auto_enable_organization_members`), in place
//! of both.
//!
//! ```hcl
//! resource "aws_guardduty_member" "workload" {
//!   invite = true
//!   # …
//! }
//!
//! resource "aws_guardduty_invite_accepter" "workload" {
//!   provider          = aws.workload
//!   detector_id       = aws_guardduty_detector.workload.id
//!   master_account_id = aws_guardduty_detector.security.account_id
//!   depends_on        = [aws_guardduty_member.workload]
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_member", "name": "workload", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "account_id": "555566667777", "relationship_status": "Enabled"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_member", "name": "workload", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "account_id": "555566667777", "relationship_status": "Resigned"}}]}]}
//! ```
//!
//! ```json undecided
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_guardduty_member.workload", "mode": "managed", "type": "aws_guardduty_member", "name": "workload",
//!    "change": {"actions": ["create"], "before": null, "after": {"detector_id": "12ab", "account_id": "555566667777", "invite": true}, "after_unknown": {"relationship_status": true}}}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The member is made, and an accepter for its account, or anything of an organization on its detector or in its region,
//!   is among the inputs: the delegated administrator's members are enabled without an invitation.
//! - The plan changes what the state says: it sends the invitation, or makes the accepter of one that is pending.
//! - GuardDuty gives a status that this version does not know.
//!
//! It is undecided, once for each detector, when members are made and nothing among the inputs shows who enables them.
//!
//! ## References
//!
//! - GuardDuty API, `Member`: `relationshipStatus`
//! - Terraform AWS provider, `member.go`

use tfduty_aws::truth::Truth;

use crate::{
    context::{Context, Draft, Label},
    object::{Object, ObjectId},
    organization::{self, Tie},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "org-member-not-enabled",
    severity: Severity::Warning,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("org_member_not_enabled.rs"),
    check,
};

const STATUS: &str = "relationship_status";

/// Labels on members of one finding: there may be very many.
const MOST_MEMBERS: usize = 10;

fn check(context: &mut Context<'_>) {
    let accepters = organization::accepters(context);
    let mut open = Vec::new();
    for member in organization::members(context).iter() {
        let object = context.estate.object(member.id);
        if !object.is_present() {
            continue;
        }
        let accepter = || {
            let mut there = accepters.of_member(&member.member).into_iter();
            there.find(|accepter| may_accept(context, accepter, member))
        };
        match organization::status(object) {
            Some("Enabled") => context.pass(member.id),
            Some("Created" | "Invited" | "EmailVerificationInProgress")
                if accepter().is_some_and(|accepter| context.estate.object(accepter.id).change.makes()) =>
            {
                context.skip(member.id);
            }
            Some(status) => match meaning(status) {
                Some(meaning) => {
                    let draft = failed(context, object, meaning);
                    context.fail(member.id, draft);
                }
                None => context.skip(member.id),
            },
            None if !object.attribute(&[STATUS]).is_unknown() && !object.change.touches() => context.skip(member.id),
            // Nothing shows yet whether the invitation will have been accepted.
            None if accepter().is_some() || organization::near(context, member.id).is_some() => context.skip(member.id),
            None => open.push(member.id),
        }
    }
    for group in organization::by_detector(context, open) {
        undecided(context, &group);
    }
}

/// Whether an accepter is, or may be, that of a member's invitation.
fn may_accept(context: &Context<'_>, accepter: &Tie, member: &Tie) -> bool {
    let (one, other) = (context.estate.object(accepter.id), context.estate.object(member.id));
    let terms = [
        accepter.member.is(context.estate, &member.member),
        accepter.administrator.is(context.estate, &member.administrator),
        organization::same_region(one, other),
    ];
    Truth::all(terms) != Truth::False
}

/// What a status means, of those that are not monitored.
fn meaning(status: &str) -> Option<&'static str> {
    Some(match status {
        "Created" => "it was never invited",
        "Invited" => "it has not accepted the invitation",
        "Disabled" => "its administrator has paused it",
        "Removed" => "its administrator has disassociated it",
        "Resigned" => "it has left its administrator",
        "EmailVerificationInProgress" => "its e-mail address is not verified yet, and it is not invited until then",
        "EmailVerificationFailed" => "its e-mail address is not the account's, and it was not invited",
        "RegionDisabled" => "the region is not enabled in it",
        "AccountSuspended" => "the account is suspended",
        "CannotCreateDetectorInOrganizationMasterAccount" => {
            "GuardDuty cannot be enabled for the organization's management account"
        }
        _ => return None,
    })
}

fn failed(context: &Context<'_>, object: &Object, meaning: &str) -> Draft {
    Draft {
        message: format!("the member account is not monitored: {meaning}"),
        help: "set `invite = true` and add an `aws_guardduty_invite_accepter` in the member account, or let the organization \
               enable it in place of both"
            .into(),
        attribute: STATUS,
        discriminator: String::new(),
        anchor: context.anchor(object, &object.attribute(&[STATUS]), "not `Enabled`"),
        related: Vec::new(),
    }
}

/// Says once for a detector that nothing shows who enables its new members.
fn undecided(context: &mut Context<'_>, group: &[ObjectId]) {
    let Some((first, others)) = group.split_first() else { return };
    for other in others {
        context.skip(*other);
    }
    let object = context.estate.object(*first);
    let labels = others.iter().take(MOST_MEMBERS);
    let related: Vec<Label> = labels.map(|id| context.label(*id, &["account_id"], "made too")).collect();
    let members = if others.is_empty() { "the member is" } else { "the members are" };
    let draft = Draft {
        message: format!(
            "{members} accepted, or enabled by the organization, elsewhere: nothing among the inputs shows it"
        ),
        help: "add the plan or the state of the member's account (`aws_guardduty_invite_accepter`), or that of the \
               organization's settings"
            .into(),
        attribute: "invite",
        discriminator: String::new(),
        anchor: context.anchor(object, &object.attribute(&["invite"]), "who enables it?"),
        related,
    };
    context.undecided(*first, draft);
}

#[cfg(test)]
mod tests;
