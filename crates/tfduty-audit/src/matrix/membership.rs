//! Administrators and members: whose lists, alerts and exports are those of an account.

use tfduty_aws::truth::Truth;

use super::{
    Answer, State, View,
    places::{Account, Place, Seen},
};
use crate::{
    accounts::{self, AutoEnable, CONFIGURATION, MEMBER},
    detectors::{self, DetectorOf},
    object::{Object, ObjectId},
    organization::{AccountOf, DELEGATION, FEATURE, Tie},
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
        if let Some(tie) = self.members.iter().find(names) {
            return Some(of(tie.id, graph.detector_of(tie.id).object()));
        }
        let tie = self.accepters.iter().find(|tie| is_own(graph.detector_of(tie.id)))?;
        let is_its = |id: ObjectId| AccountOf::of(estate, id).is(estate, &tie.administrator) == Truth::True;
        let detector = detectors::present(estate).find(|(id, detector)| is_its(*id) && in_region(detector));
        Some(of(tie.id, detector.map(|(id, _)| id)))
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

    /// Whether the account is part of an organization, or a member.
    pub(super) fn organization(&self, place: &Place) -> Answer {
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
        let in_region = |object: &Object| Truth::equal(object.region.as_deref(), place.region.name()) == Truth::True;
        let mut delegations = self.context.present(DELEGATION).filter(|(_, object)| in_region(object));
        let appoints = |object: &Object| account.is_some() && object.attribute(&["admin_account_id"]).str() == account;
        if let Some((id, object)) = delegations.find(|(_, object)| appoints(object)) {
            return Answer::new(State::Yes, format!("{} makes it the administrator", object.name())).with(id);
        }
        let lists = |id: ObjectId| {
            let administrator = accounts::account_of(estate, graph, id);
            account.is_some_and(|account| accounts::listed(estate, administrator).contains(&account))
        };
        let mut configurations = self.context.present(CONFIGURATION).filter(|(_, object)| in_region(object));
        match configurations.next() {
            Some((id, _)) if lists(id) => {
                Answer::new(State::Yes, format!("{} lists it", self.organization_of(id))).with(id)
            }
            Some((id, _)) => {
                let reason = format!("no input tells whether it is in {}", self.organization_of(id));
                Answer::new(State::Unknown, reason).with(id)
            }
            None => Answer::new(State::No, "no input shows an organization or an administrator for it"),
        }
    }
}
