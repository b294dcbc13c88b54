//! The administrator's side.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use tfduty_aws::truth::Truth;

use super::{Fits, HELP, Mismatch, is_beside, names_itself};
use crate::{
    accounts::{self, Accounts, AutoEnable},
    context::Context,
    detectors::DetectorOf,
    object::ObjectId,
    organization::{self, Tie, Ties},
};

/// A member's detector and account, in one unit: two states of one stack may well hold the same member.
type Key<'a> = (usize, &'a DetectorOf, &'a str);

/// What invitations are compared with.
struct Invitations<'a> {
    accounts: Accounts<'a>,
    accepters: &'a Ties,
    /// The accounts of the organizations of administrators, each read once.
    listed: RefCell<BTreeMap<Option<String>, BTreeSet<String>>>,
}

/// Judges every member.
pub(super) fn judge(context: &Context<'_>, members: &Ties, accepters: &Ties) -> Vec<(ObjectId, Fits)> {
    let accounts = Accounts::of(context.estate, context.graph);
    let invitations = Invitations { accounts, accepters, listed: RefCell::default() };
    let mut first: BTreeMap<Key<'_>, ObjectId> = BTreeMap::new();
    let mut judged = Vec::new();
    for member in members.iter() {
        let earlier = key(context, member).and_then(|key| {
            let earlier = *first.entry(key).or_insert(member.id);
            (earlier != member.id).then_some(earlier)
        });
        judged.push((member.id, fits(context, &invitations, (member, earlier))));
    }
    judged
}

fn key<'a>(context: &'a Context<'_>, member: &'a Tie) -> Option<Key<'a>> {
    let detector = context.graph.detector_of(member.id);
    let number = member.member.number.as_deref().filter(|_| *detector != DetectorOf::Unknown)?;
    Some((context.estate.object(member.id).unit, detector, number))
}

/// Judges a member, of whose account there may be an earlier one.
fn fits(context: &Context<'_>, invitations: &Invitations<'_>, (member, earlier): (&Tie, Option<ObjectId>)) -> Fits {
    if names_itself(context, member) {
        let detector = context.graph.detector_of(member.id).object();
        return Fits::No(Mismatch {
            message: "the member is the administrator's own account: its detector is in the same one".into(),
            help: HELP,
            related: detector
                .map(|detector| context.label(detector, &["account_id"], "the administrator's detector"))
                .into_iter()
                .collect(),
        });
    }
    if let Some(earlier) = earlier {
        return Fits::No(Mismatch {
            message: format!("two members of one detector name {}", member.member.shown()),
            help: "keep one of them: each deletes the account from the administrator's members when it goes",
            related: vec![context.label(earlier, &["account_id"], "names it too")],
        });
    }
    match invited(context, invitations, member) {
        Some(mismatch) => Fits::No(mismatch),
        None => Fits::Yes,
    }
}

/// What is wrong with an invitation of an account that the organization enables anyway: it stays pending, or there is none
/// for an accepter to accept.
fn invited(context: &Context<'_>, invitations: &Invitations<'_>, member: &Tie) -> Option<Mismatch> {
    let configuration = invitations.accounts.configuration(context.graph.detector_of(member.id));
    let (_, configuration) = configuration.filter(|(enables, _)| *enables == AutoEnable::All)?;
    let object = context.estate.object(member.id);
    let attribute = accounts::auto_enable_attribute(context.estate.object(configuration));
    let enabled = context.label(configuration, &[attribute], "enables every account of the organization");
    let message = "the account belongs to the organization, and invitations are for accounts outside";
    let mismatch = match organization::status(object) {
        Some("Invited" | "EmailVerificationInProgress") => Mismatch {
            message: format!("{message}: this one stays pending"),
            help: "take it back (`aws guardduty disassociate-members`, then `delete-members`), and let the organization \
                   enable the account",
            related: vec![enabled],
        },
        None if object.attribute(&["invite"]).bool() == Some(true) => {
            let mut accepters = invitations.accepters.of_member(&member.member).into_iter();
            let accepter = accepters.find(|accepter| waits(context, accepter, member))?;
            let name = context.estate.object(accepter.id).name();
            let waits = context.label(accepter.id, &["master_account_id"], "waits for an invitation");
            Mismatch {
                message: format!("{message}: {name} finds none to accept"),
                help: "remove the accepter: the organization enables the account without an invitation",
                related: vec![enabled, waits],
            }
        }
        _ => return None,
    };
    let (administrator, number) = (member.administrator.number.as_deref(), member.member.number.as_deref()?);
    let mut listed = invitations.listed.borrow_mut();
    let accounts = || accounts::listed(context.estate, administrator).into_iter().map(str::to_owned).collect();
    let listed = listed.entry(administrator.map(str::to_owned)).or_insert_with(accounts);
    listed.contains(number).then_some(mismatch)
}

/// Whether an accepter that is made waits for the invitation of a member.
fn waits(context: &Context<'_>, accepter: &Tie, member: &Tie) -> bool {
    context.estate.object(accepter.id).change.makes()
        && is_beside(context, member.id, accepter.id)
        && accepter.member.is(context.estate, &member.member) == Truth::True
}
