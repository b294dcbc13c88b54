//! Administrators and members: which accounts hang on a detector, and what a destroy does with theirs.

use std::collections::BTreeMap;

use tfduty_aws::truth::Truth;
use tfduty_terraform::Value;

use crate::{
    detectors::{DETECTOR, DetectorOf},
    estate::Estate,
    going,
    graph::Graph,
    object::{Object, ObjectId},
};

/// The resource type of a member, in the administrator's account.
pub(crate) const MEMBER: &str = "aws_guardduty_member";

/// The resource type of an accepted invitation, in the member's account.
pub(crate) const ACCEPTER: &str = "aws_guardduty_invite_accepter";

/// The resource type of what an administrator does for the accounts of its organization.
pub(crate) const CONFIGURATION: &str = "aws_guardduty_organization_configuration";

/// For which accounts of an organization GuardDuty is switched on without being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AutoEnable {
    /// For none.
    Nobody,
    /// For those that join.
    New,
    /// For every one.
    All,
}

impl AutoEnable {
    /// What an organization configuration says. The flag of provider version 5 means accounts that join.
    pub(crate) fn of(configuration: &Object) -> Self {
        match configuration.attribute(&["auto_enable_organization_members"]).str() {
            Some("ALL") => AutoEnable::All,
            Some("NEW") => AutoEnable::New,
            None if configuration.attribute(&["auto_enable"]).bool() == Some(true) => AutoEnable::New,
            _ => AutoEnable::Nobody,
        }
    }
}

/// Whether an organization configuration enables any account without being asked: unknown where the value that decides is
/// known only after apply.
pub(crate) fn enables_somebody(estate: &Estate, configuration: &Object) -> Truth {
    let (members, flag) = ("auto_enable_organization_members", "auto_enable");
    let (value, enables) = (configuration.attribute(&[members]), configuration.attribute(&[flag]));
    match (value.str(), enables.bool()) {
        (Some(value), _) => Truth::from(value != "NONE"),
        // Version 5 of the provider works the value out from the flag where only that is set.
        (None, Some(enables)) if estate.sets(configuration, members) != Some(true) => Truth::from(enables),
        _ if value.is_unknown() || enables.is_unknown() => Truth::Unknown,
        _ => Truth::False,
    }
}

/// The attribute with which an organization configuration says it.
pub(crate) fn auto_enable_attribute(configuration: &Object) -> &'static str {
    let names = ["auto_enable_organization_members", "auto_enable"];
    names.into_iter().find(|name| configuration.attribute(&[name]).known().is_some()).unwrap_or(names[0])
}

/// What a destroy does with the detector of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It goes.
    Goes,
    /// It is among the inputs, and stays.
    Stays(ObjectId),
    /// It is not among the inputs.
    Absent,
    /// Of those that may be meant one goes and another stays.
    Unknown,
}

/// The accounts of an estate, by what ties them together.
pub(crate) struct Accounts<'a> {
    estate: &'a Estate,
    /// The members of each detector, whatever becomes of them.
    members: BTreeMap<&'a DetectorOf, Vec<ObjectId>>,
    /// The organization configurations of each detector. Deleting one changes nothing in AWS, so all of them count.
    configurations: BTreeMap<&'a DetectorOf, Vec<ObjectId>>,
    /// The accepted invitations of each account that accepts.
    accepters: BTreeMap<&'a str, Vec<ObjectId>>,
    /// The detectors of each account, managed and read.
    detectors: BTreeMap<&'a str, Vec<ObjectId>>,
}

impl<'a> Accounts<'a> {
    pub(crate) fn of(estate: &'a Estate, graph: &'a Graph) -> Self {
        let by_detector = |resource_type| {
            let mut found: BTreeMap<&DetectorOf, Vec<ObjectId>> = BTreeMap::new();
            for (id, _) in estate.of_type(resource_type) {
                found.entry(graph.detector_of(id)).or_default().push(id);
            }
            found.remove(&DetectorOf::Unknown);
            found
        };
        let mut accounts = Accounts {
            estate,
            members: by_detector(MEMBER),
            configurations: by_detector(CONFIGURATION),
            accepters: BTreeMap::new(),
            detectors: BTreeMap::new(),
        };
        for (id, object) in estate.of_type(DETECTOR) {
            if let Some(account) = &object.account {
                accounts.detectors.entry(account).or_default().push(id);
            }
        }
        for (id, _) in estate.of_type(ACCEPTER) {
            if let Some(account) = accepting(estate, graph, id) {
                accounts.accepters.entry(account).or_default().push(id);
            }
        }
        accounts
    }

    /// The members of a detector.
    pub(crate) fn members(&self, detector: &DetectorOf) -> &[ObjectId] {
        self.members.get(detector).map_or(&[], Vec::as_slice)
    }

    /// The organization configuration of a detector, with what it says; of several the one that says most.
    pub(crate) fn configuration(&self, detector: &DetectorOf) -> Option<(AutoEnable, ObjectId)> {
        let all = self.configurations.get(detector)?.iter();
        all.map(|id| (AutoEnable::of(self.estate.object(*id)), *id)).max_by_key(|(value, _)| *value)
    }

    /// The accepted invitations of an account.
    pub(crate) fn accepters(&self, account: &str) -> &[ObjectId] {
        self.accepters.get(account).map_or(&[], Vec::as_slice)
    }

    /// The detectors of an account, managed and read.
    pub(crate) fn detectors(&self, account: &str) -> &[ObjectId] {
        self.detectors.get(account).map_or(&[], Vec::as_slice)
    }

    /// What a destroy does with the detector of an account in a region. Where the region is not known, all of the account
    /// that may be meant have to go.
    pub(crate) fn fate(&self, account: &str, region: Option<&str>) -> Fate {
        let there = |id: &ObjectId| Truth::equal(self.estate.object(*id).region.as_deref(), region);
        let may_be = self.detectors(account).iter().filter(|id| there(id) != Truth::False);
        let (going, staying): (Vec<ObjectId>, Vec<ObjectId>) =
            may_be.partition(|id| going::goes(self.estate.object(**id)));
        match (going.iter().map(there).max(), staying.first()) {
            (Some(Truth::True), _) | (Some(_), None) => Fate::Goes,
            (Some(_), Some(_)) => Fate::Unknown,
            (None, Some(detector)) => Fate::Stays(*detector),
            (None, None) => Fate::Absent,
        }
    }
}

/// The account of an object that hangs on a detector of its own account: the detector's, else its own.
pub(crate) fn account_of<'a>(estate: &'a Estate, graph: &Graph, id: ObjectId) -> Option<&'a str> {
    let detector = graph.detector_of(id).object().and_then(|detector| estate.object(detector).account.as_deref());
    detector.or(estate.object(id).account.as_deref())
}

/// The account that has accepted an invitation. It is never the one that has invited it, though everything else of a stack
/// may be there.
pub(crate) fn accepting<'a>(estate: &'a Estate, graph: &Graph, id: ObjectId) -> Option<&'a str> {
    let inviting = estate.object(id).attribute(&["master_account_id"]);
    account_of(estate, graph, id).filter(|account| inviting.str() != Some(account))
}

/// The other accounts of an administrator's organization, where an input lists them, without suspended ones: those of the organization that lists
/// the administrator, else of the only one there is.
pub(crate) fn listed<'a>(estate: &'a Estate, administrator: Option<&str>) -> Vec<&'a str> {
    let accounts = |organization: &'a Object| -> Vec<&'a str> {
        let accounts = organization.attribute(&["accounts"]).known().map_or(&[][..], Value::items);
        let is_open = |account: &&Value| account.get("status").and_then(Value::as_str) != Some("SUSPENDED");
        accounts.iter().filter(is_open).filter_map(|account| account.get("id")?.as_str()).collect()
    };
    let mut organizations: Vec<Vec<&str>> =
        estate.of_type("aws_organizations_organization").map(|(_, organization)| accounts(organization)).collect();
    let own = administrator.and_then(|account| organizations.iter().position(|ids| ids.contains(&account)));
    let mut ids = match own {
        Some(own) => organizations.swap_remove(own),
        None if organizations.len() == 1 => organizations.remove(0),
        None => Vec::new(),
    };
    ids.retain(|id| Some(*id) != administrator);
    ids
}
