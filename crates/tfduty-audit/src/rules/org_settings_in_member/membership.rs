//! Whether the account of a detector is a member of another.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use tfduty_aws::truth::Truth;

use crate::{
    accounts::{self, ACCEPTER, AutoEnable, CONFIGURATION},
    context::Context,
    detectors::{DETECTOR, DetectorOf},
    object::{Object, ObjectId},
    organization::{self, AccountOf, FEATURE, Tie, Ties},
};

/// What is known of the account of something.
pub(super) enum Membership {
    /// Nothing shows that it is a member.
    None,
    /// It was one, and is paused or has left.
    Ended,
    /// This object makes it one.
    By(ObjectId),
    /// It may be the one that this member names.
    Unknown(ObjectId),
}

/// Everything that makes accounts members.
pub(super) struct Memberships {
    members: Ties,
    accepters: Ties,
    /// Of each detector the first accepter.
    accepters_of: BTreeMap<DetectorOf, ObjectId>,
    /// The organization configurations that enable every account.
    everyone: Vec<(ObjectId, AccountOf)>,
    /// The detectors that have members, or an organization's settings.
    administrators: BTreeSet<DetectorOf>,
    /// The accounts of the organizations of administrators, each read once.
    listed: RefCell<BTreeMap<Option<String>, BTreeSet<String>>>,
}

impl Memberships {
    pub(super) fn of(context: &Context<'_>) -> Self {
        let estate = context.estate;
        let (members, accepters) = (organization::members(context), organization::accepters(context));
        let settings = [CONFIGURATION, FEATURE].into_iter().flat_map(|name| organization::staying(estate, name));
        let administering = members.iter().map(|member| member.id).chain(settings.map(|(id, _)| id));
        let mut administrators: BTreeSet<DetectorOf> =
            administering.map(|id| context.graph.detector_of(id).clone()).collect();
        administrators.remove(&DetectorOf::Unknown);
        let everyone = organization::staying(estate, CONFIGURATION)
            .filter(|(_, configuration)| AutoEnable::of(configuration) == AutoEnable::All)
            .map(|(id, _)| (id, AccountOf::around(context, id)));
        let mut accepters_of = BTreeMap::new();
        for accepter in accepters.iter() {
            accepters_of.entry(context.graph.detector_of(accepter.id).clone()).or_insert(accepter.id);
        }
        accepters_of.remove(&DetectorOf::Unknown);
        let everyone = everyone.collect();
        Self { everyone, members, accepters, accepters_of, administrators, listed: RefCell::default() }
    }

    /// What is known of the account of a detector, or of something that hangs on one.
    pub(super) fn find(&self, context: &Context<'_>, id: ObjectId) -> Membership {
        let estate = context.estate;
        let object = estate.object(id);
        let detector = if object.resource_type() == DETECTOR {
            DetectorOf::Object(id)
        } else {
            context.graph.detector_of(id).clone()
        };
        if self.administrators.contains(&detector) {
            return Membership::None;
        }
        let account = AccountOf::around(context, id);
        let is_there = |other: ObjectId| organization::same_region(object, estate.object(other));
        let is_same = |tie: &Tie| tie.member.is(estate, &account).and(is_there(tie.id));
        let may_be = self.members.of_member(&account).into_iter();
        let named: Vec<&Tie> = may_be.filter(|member| is_same(member) == Truth::True).collect();
        let status = |member: &&Tie| organization::status(estate.object(member.id));
        // A member that is made has no status yet.
        if let Some(member) = named.iter().find(|member| matches!(status(member), None | Some("Enabled"))) {
            return Membership::By(member.id);
        }
        if named.iter().any(|member| matches!(status(member), Some("Removed" | "Resigned" | "Disabled"))) {
            return Membership::Ended;
        }
        let mut accepting = self.accepters.of_member(&account).into_iter();
        let of_account = accepting.find(|accepter| is_same(accepter) == Truth::True).map(|accepter| accepter.id);
        if let Some(accepter) = of_account.into_iter().chain(self.accepters_of.get(&detector).copied()).min() {
            return Membership::By(accepter);
        }
        if let Some(configuration) = self.by_organization(context, &account, &is_there) {
            return Membership::By(configuration);
        }
        let is_open = |member: &&Tie| account.number.is_none() && is_same(member) == Truth::Unknown;
        self.members.unnumbered().find(is_open).map_or(Membership::None, |member| Membership::Unknown(member.id))
    }

    /// Whether an account is one of an administrator's organization, where an input lists them.
    fn is_listed(&self, context: &Context<'_>, administrator: Option<&str>, number: &str) -> bool {
        let accounts = || accounts::listed(context.estate, administrator).into_iter().map(str::to_owned).collect();
        let mut listed = self.listed.borrow_mut();
        listed.entry(administrator.map(str::to_owned)).or_insert_with(accounts).contains(number)
    }

    /// The configuration that enables every account of an organization to which an account is shown to belong.
    fn by_organization(
        &self,
        context: &Context<'_>,
        account: &AccountOf,
        is_there: &dyn Fn(ObjectId) -> Truth,
    ) -> Option<ObjectId> {
        let number = account.number.as_deref()?;
        let mut everyone = self.everyone.iter().filter(|(id, _)| is_there(*id) == Truth::True);
        let (id, _) = everyone.find(|(_, administrator)| {
            administrator.is(context.estate, account) == Truth::False
                && self.is_listed(context, administrator.number.as_deref(), number)
        })?;
        Some(*id)
    }
}

/// The attribute with which an object makes an account a member.
pub(super) fn shows(object: &Object) -> [&'static str; 1] {
    match object.resource_type() {
        CONFIGURATION => [accounts::auto_enable_attribute(object)],
        ACCEPTER => ["master_account_id"],
        _ => ["account_id"],
    }
}
