//! Administrators and members: whose lists, alerts and exports are those of an account.

use tfduty_aws::truth::Truth;

use super::{
    Answer, State, View,
    places::{Account, Place, Seen},
};
use crate::{
    accounts::{self, AutoEnable, CONFIGURATION, MEMBER},
    context,
    detectors::{self, DetectorOf},
    object::{Object, ObjectId},
    organization::{self, AccountOf, DELEGATION, FEATURE, Tie},
};

/// The administrator of an account's detector.
pub(super) struct Administrator {
    /// What names it, or what it names.
    pub(super) by: ObjectId,
    /// Its detector, where an input has that.
    pub(super) detector: Option<Seen>,
}

impl View<'_, '_> {
    /// The administrator of a place, if its account is a member of one: an invitation that it accepts, or another detector
    /// that names it as a member.
    pub(super) fn administrator(&self, place: &Place) -> Option<Administrator> {
        let (estate, graph) = (self.context.estate, self.context.graph);
        let is_own = |detector: &DetectorOf| place.detectors.iter().any(|seen| seen.detector == *detector);
        let of = |by: ObjectId, detector: Option<ObjectId>| Administrator {
            by,
            detector: detector.map(|id| Seen { detector: DetectorOf::Object(id), by: id }),
        };
        let in_region = |object: &Object| {
            let region = place.region.name();
            region.is_some() && Truth::equal(object.region.as_deref(), region) == Truth::True
        };
        let own = self.account_of_place(place)?;
        let names = |tie: &&Tie| {
            tie.member.is(estate, &own) == Truth::True
                && in_region(estate.object(tie.id))
                && !is_own(graph.detector_of(tie.id))
        };
        let ties: Vec<&Tie> = self.members.iter().filter(names).collect();
        let status = |tie: &&&Tie| organization::status(estate.object(tie.id));
        // A member that is made has no status yet.
        if let Some(tie) = ties.iter().find(|tie| matches!(status(tie), None | Some("Enabled"))) {
            return Some(of(tie.id, graph.detector_of(tie.id).object()));
        }
        if ties.iter().any(|tie| matches!(status(&tie), Some("Removed" | "Resigned" | "Disabled"))) {
            return None;
        }
        let tie = self.accepters.iter().find(|tie| is_own(graph.detector_of(tie.id)))?;
        let is_its = |id: ObjectId| AccountOf::of(estate, id).is(estate, &tie.administrator) == Truth::True;
        let detector = detectors::present(estate).find(|(id, detector)| is_its(*id) && in_region(detector));
        Some(of(tie.id, detector.map(|(id, _)| id)))
    }

    /// That an administrator's member makes an account a member, or what its status says where that is no member's.
    pub(super) fn makes_member(&self, id: ObjectId) -> String {
        let member = self.context.estate.object(id);
        match organization::status(member) {
            None | Some("Enabled") => format!("{} makes it a member", member.name()),
            Some(status) => {
                let status = context::shown(member.attribute(&["relationship_status"]).known(), status);
                format!("{} names it, with `relationship_status` {status}", member.name())
            }
        }
    }

    /// The account of a place: its number, else that of a detector there, which need not have one to be compared.
    pub(super) fn account_of_place(&self, place: &Place) -> Option<AccountOf> {
        match &place.account {
            Account::Known(account) => Some(AccountOf::numbered(account.clone())),
            Account::Unknown { .. } | Account::Any => {
                let detector = place.detectors.iter().find_map(|seen| seen.detector.object())?;
                Some(AccountOf::of(self.context.estate, detector))
            }
        }
    }

    /// What a member has by its administrator, where it has nothing of its own.
    pub(super) fn by_administrator(&self, place: &Place, what: &str, of: impl Fn(&[Seen]) -> Answer) -> Option<Answer> {
        let Administrator { by, detector } = self.administrator(place)?;
        let Some(seen) = detector else {
            let reason = format!(
                "the account is a member ({}), and its administrator, of whom no input has the detector, decides on {what}",
                self.context.estate.object(by).name()
            );
            return Some(Answer::new(State::Unknown, reason).with(by));
        };
        let answer = of(&[seen]);
        Some(Answer { reason: format!("by the administrator: {}", answer.reason), ..answer })
    }

    /// Whether the account is part of an organization, or a member. Where there is no detector (`stop`), it is neither.
    pub(super) fn organization(&self, place: &Place, stop: Option<&Answer>) -> Answer {
        let (estate, graph) = (self.context.estate, self.context.graph);
        let is_own = |id: ObjectId| place.detectors.iter().any(|seen| seen.detector == *graph.detector_of(id));
        let managing = self.context.present_of(&[CONFIGURATION, FEATURE, MEMBER]).find(|(id, _)| is_own(*id));
        if let Some((id, object)) = managing {
            let enables = match (object.resource_type(), AutoEnable::of(object)) {
                (CONFIGURATION, AutoEnable::All) => ", and enables all accounts",
                (CONFIGURATION, AutoEnable::New) => ", and enables new accounts",
                _ => "",
            };
            return Answer::new(State::Yes, format!("it is an administrator: {}{enables}", object.name())).with(id);
        }
        if let Some(administrator) = self.administrator(place) {
            let by = administrator.by;
            return Answer::new(State::Yes, format!("it is a member: {}", estate.object(by).name())).with(by);
        }
        let account = place.account.number();
        let in_region = |object: &Object| Truth::equal(object.region.as_deref(), place.region.name());
        let appoints = |object: &Object| account.is_some() && object.attribute(&["admin_account_id"]).str() == account;
        let delegations = organization::staying(estate, DELEGATION).filter(|(_, object)| appoints(object));
        let delegation = delegations.max_by_key(|(id, object)| (in_region(object), std::cmp::Reverse(*id)));
        let appointed = delegation.and_then(|(id, object)| {
            let says = format!("{} makes it the administrator", object.name());
            match in_region(object) {
                Truth::True => Some(Answer::new(State::Yes, says).with(id)),
                Truth::Unknown => {
                    Some(Answer::new(State::Unknown, format!("{says}, in a region that is not known")).with(id))
                }
                Truth::False => None,
            }
        });
        if let Some(appointed) = appointed {
            return appointed;
        }
        let lists = |id: ObjectId| {
            let administrator = accounts::account_of(estate, graph, id);
            account.is_some_and(|account| accounts::listed(estate, administrator).contains(&account))
        };
        let configurations =
            || organization::staying(estate, CONFIGURATION).filter(|(_, object)| in_region(object) == Truth::True);
        if let Some((id, _)) = configurations().find(|(id, _)| lists(*id)) {
            return Answer::new(State::Yes, format!("{} lists it", self.organization_of(id))).with(id);
        }
        let stop = stop.filter(|stop| stop.state == State::NotApplicable);
        self.no_member(place).or_else(|| stop.cloned()).unwrap_or_else(|| match configurations().next() {
            Some((id, _)) => {
                let reason = format!("no input tells whether it is in {}", self.organization_of(id));
                Answer::new(State::Unknown, reason).with(id)
            }
            // Nothing in an account tells that it belongs to no organization.
            None => Answer::new(
                State::Unknown,
                "no input shows an organization or an administrator for it: the plan or state of either would",
            ),
        })
    }

    /// An administrator's member whose status is that of no member.
    fn no_member(&self, place: &Place) -> Option<Answer> {
        let estate = self.context.estate;
        let own = self.account_of_place(place)?;
        let names = |tie: &&Tie| {
            let region = estate.object(tie.id).region.as_deref();
            tie.member.is(estate, &own) == Truth::True && Truth::equal(region, place.region.name()) == Truth::True
        };
        let tie = self.members.iter().find(names)?;
        Some(Answer::new(State::No, self.makes_member(tie.id)).with(tie.id))
    }
}
