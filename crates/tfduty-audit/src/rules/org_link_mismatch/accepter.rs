//! The member's side.

use std::collections::BTreeMap;

use tfduty_aws::{arn::is_account_id, truth::Truth};

use super::{Fits, HELP, Mismatch, is_beside, names_itself};
use crate::{
    context::{Context, shown},
    object::ObjectId,
    organization::{Tie, Ties},
};

/// The members that are invited, by unit and region: of each administrator the first.
pub(super) type Inviting<'a> = BTreeMap<(usize, &'a str), BTreeMap<(Option<&'a str>, Option<ObjectId>), &'a Tie>>;

pub(super) fn inviting<'a>(context: &Context<'a>, members: &'a Ties) -> Inviting<'a> {
    let mut inviting = Inviting::new();
    for member in members.iter() {
        let object = context.estate.object(member.id);
        let invites = object.attribute(&["invite"]).bool() == Some(true);
        if let Some(region) = object.region.as_deref().filter(|_| invites) {
            let administrators = inviting.entry((object.unit, region)).or_default();
            administrators.entry(member.administrator.key()).or_insert(member);
        }
    }
    inviting
}

/// Judges an accepter by itself, then by the members of the inputs.
pub(super) fn fits(context: &Context<'_>, accepter: &Tie, (members, inviting): (&Ties, &Inviting<'_>)) -> Fits {
    let attribute = context.estate.object(accepter.id).attribute(&["master_account_id"]);
    let mismatch = |message: String| Fits::No(Mismatch { message, help: HELP, related: Vec::new() });
    if let Some(text) = attribute.str().filter(|text| !is_account_id(text)) {
        return mismatch(format!("{} is no account: it has twelve digits", shown(attribute.known(), text)));
    }
    if names_itself(context, accepter) {
        return mismatch("the invitation is accepted from the account that the accepter is itself in".into());
    }
    let mut open = None;
    let mut wrong = None;
    for member in
        members.of_member(&accepter.member).into_iter().filter(|member| is_beside(context, accepter.id, member.id))
    {
        let names_it = member.member.is(context.estate, &accepter.member);
        match (names_it, member.administrator.is(context.estate, &accepter.administrator)) {
            (Truth::True, Truth::True) => return Fits::Yes,
            (Truth::True, Truth::False) => wrong = wrong.or(Some(member)),
            (Truth::True | Truth::Unknown, Truth::Unknown) | (Truth::Unknown, Truth::True) => {
                open = open.or(Some(member.id));
            }
            (Truth::False, _) | (Truth::Unknown, Truth::False) => {}
        }
    }
    match (open, wrong) {
        // What has accepted an invitation had one.
        (Some(_), _) if !context.estate.object(accepter.id).change.makes() => Fits::Yes,
        (Some(open), _) => Fits::Unknown(open),
        (None, Some(member)) => Fits::No(Mismatch {
            message: format!(
                "the accepter waits for an invitation from {}, and the member that names its account belongs to {}",
                accepter.administrator.shown(),
                member.administrator.shown()
            ),
            help: HELP,
            related: vec![context.label(member.id, &["detector_id"], "invites from another account")],
        }),
        (None, None) => uninvited(context, accepter, inviting).map_or(Fits::Yes, Fits::No),
    }
}

/// What is wrong where the administrator's members of the same stack are other accounts, and the accepter is made: what has
/// accepted an invitation had one.
fn uninvited(context: &Context<'_>, accepter: &Tie, inviting: &Inviting<'_>) -> Option<Mismatch> {
    let object = context.estate.object(accepter.id);
    let key = (object.unit, object.region.as_deref()?);
    let administrators = inviting.get(&key).filter(|_| object.change.makes())?;
    let is_its = |member: &&&Tie| member.administrator.is(context.estate, &accepter.administrator) == Truth::True;
    let other = administrators.values().filter(is_its).min_by_key(|member| member.id)?;
    Some(Mismatch {
        message: format!(
            "the accepter waits for an invitation, and none of the administrator's members names its account, {}",
            accepter.member.shown()
        ),
        help: "add an `aws_guardduty_member` with `invite = true` for this account to the administrator's",
        related: vec![context.label(other.id, &["account_id"], "another account is invited")],
    })
}
