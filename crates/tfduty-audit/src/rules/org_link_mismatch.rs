//! Member, accepter and administrator name different accounts or detectors.
//!
//! ## Why it matters
//!
//! An invitation ties two accounts together, and both have to say so: the administrator's `aws_guardduty_member` names the
//! member's account, the member's `aws_guardduty_invite_accepter` names the administrator's. Where they do not fit, there
//! is no invitation to accept, the apply fails, and the account's findings reach nobody.
//!
//! ## How to fix it
//!
//! Let each side take the other's account from its detector, and each stand under its own provider. An account of an
//! organization whose administrator enables everyone needs no invitation, and no accepter.
//!
//! ```hcl
//! resource "aws_guardduty_member" "workload" {
//!   provider    = aws.security
//!   detector_id = aws_guardduty_detector.security.id
//!   account_id  = aws_guardduty_detector.workload.account_id
//!   email       = "workload@example.com"
//!   invite      = true
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
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "security", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].security",
//!    "instances": [{"attributes": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:222233334444:detector/12ab"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_member", "name": "workload", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].security",
//!    "instances": [{"attributes": {"detector_id": "12ab", "account_id": "555566667777", "invite": true, "relationship_status": "Enabled"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "security", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].security",
//!    "instances": [{"attributes": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:222233334444:detector/12ab"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "workload", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].workload",
//!    "instances": [{"attributes": {"id": "34cd", "arn": "arn:aws:guardduty:eu-west-1:555566667777:detector/34cd"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_member", "name": "workload", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].security",
//!    "instances": [{"attributes": {"detector_id": "12ab", "account_id": "555566667777", "relationship_status": "Invited"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_invite_accepter", "name": "workload", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].workload",
//!    "instances": [{"attributes": {"id": "34cd", "detector_id": "34cd", "master_account_id": "888899990000"}}]}]}
//! ```
//!
//! ```json undecided
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_guardduty_member.workload", "mode": "managed", "type": "aws_guardduty_member", "name": "workload",
//!    "change": {"actions": ["create"], "before": null, "after": {"detector_id": "12ab", "account_id": "555566667777", "region": "eu-west-1"}, "after_unknown": {}}},
//!   {"address": "aws_guardduty_invite_accepter.workload", "mode": "managed", "type": "aws_guardduty_invite_accepter", "name": "workload",
//!    "change": {"actions": ["create"], "before": null, "after": {"detector_id": "34cd", "master_account_id": "222233334444", "region": "eu-west-1"}, "after_unknown": {}}}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - Only one side is among the inputs, or the regions differ or are not known.
//! - `invite = true` of a member that is enabled, or is made: the provider reads `true` back from every enabled member, so
//!   it is often set only to keep plans empty. Of an account that the organization enables, an invitation counts that is
//!   pending (`Invited`, `EmailVerificationInProgress`), or that an accepter waits for.
//! - Nothing among the inputs shows that the invited account belongs to the organization (`accounts` of
//!   `aws_organizations_organization`).
//!
//! It is undecided when both sides are among the inputs, the accepter is made, and an account of one of them is not known.
//!
//! ## References
//!
//! - Amazon GuardDuty User Guide, "Managing GuardDuty accounts by invitation"
//! - Terraform AWS provider, `member.go` and `invite_accepter.go`

mod accepter;
mod member;

use tfduty_aws::truth::Truth;

use crate::{
    context::{Context, Draft, Label},
    object::ObjectId,
    organization::{self, Tie},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "org-link-mismatch",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("org_link_mismatch.rs"),
    check,
};

const HELP: &str = "take the account from the other side's detector (`master_account_id = aws_guardduty_detector.admin.account_id`, \
                    `account_id = aws_guardduty_detector.member.account_id`), each under its own provider";

/// What does not fit, and what shows it.
struct Mismatch {
    message: String,
    help: &'static str,
    related: Vec<Label>,
}

/// The verdict on one side of a tie.
enum Fits {
    Yes,
    No(Mismatch),
    /// Whether it fits the other side, which is this object, is not known.
    Unknown(ObjectId),
}

fn check(context: &mut Context<'_>) {
    let (members, accepters) = (organization::members(context), organization::accepters(context));
    let of_members = member::judge(context, &members, &accepters);
    let inviting = accepter::inviting(context, &members);
    let fits = |accepter: &Tie| (accepter.id, accepter::fits(context, accepter, (&members, &inviting)));
    let of_accepters: Vec<(ObjectId, Fits)> = accepters.iter().map(fits).collect();
    let of_members = of_members.into_iter().map(|judged| (judged, "account_id"));
    let of_accepters = of_accepters.into_iter().map(|judged| (judged, "master_account_id"));
    for ((id, fits), attribute) in of_members.chain(of_accepters) {
        if !context.estate.object(id).is_present() {
            continue;
        }
        match fits {
            Fits::Yes => context.pass(id),
            Fits::No(mismatch) => {
                let draft = draft(context, (id, attribute), mismatch);
                context.fail(id, draft);
            }
            Fits::Unknown(other) => {
                let mismatch = Mismatch {
                    message: "whether both sides name each other is not known: an account of one of them is not".into(),
                    help: "add `data \"aws_caller_identity\"` or `allowed_account_ids` to both providers, or audit the state \
                           after the apply",
                    related: vec![context.label(other, &["account_id"], "may be the other side")],
                };
                let draft = draft(context, (id, attribute), mismatch);
                context.undecided(id, draft);
            }
        }
    }
}

/// Whether two sides are in one region; a tie is made in each region on its own.
fn is_beside(context: &Context<'_>, one: ObjectId, other: ObjectId) -> bool {
    organization::same_region(context.estate.object(one), context.estate.object(other)) == Truth::True
}

/// Whether a side names the account that it is itself in.
fn names_itself(context: &Context<'_>, tie: &Tie) -> bool {
    tie.member.is(context.estate, &tie.administrator) == Truth::True
}

fn draft(context: &Context<'_>, (id, attribute): (ObjectId, &'static str), mismatch: Mismatch) -> Draft {
    let object = context.estate.object(id);
    Draft {
        message: mismatch.message,
        help: mismatch.help.into(),
        attribute,
        discriminator: String::new(),
        anchor: context.anchor(object, &object.attribute(&[attribute]), "names this account"),
        related: mismatch.related,
    }
}

#[cfg(test)]
mod tests;
