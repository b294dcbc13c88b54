//! Which account an object means, and what ties objects of one organization together.

use std::collections::BTreeMap;

use tfduty_aws::truth::Truth;
use tfduty_terraform::{ModulePath, UnitKind, Value};

use crate::{
    accounts::{ACCEPTER, CONFIGURATION, MEMBER},
    context::Context,
    detectors::{DETECTOR, DetectorOf},
    estate::Estate,
    facts::{self, Fact},
    object::{Object, ObjectId, Presence},
    references,
};

/// The resource type that makes an account the administrator of an organization.
pub(crate) const DELEGATION: &str = "aws_guardduty_organization_admin_account";

/// The resource type that says in which accounts of an organization a protection plan is switched on.
pub(crate) const FEATURE: &str = "aws_guardduty_organization_configuration_feature";

/// The resource type of organizations, managed and data.
pub(crate) const ORGANIZATION: &str = "aws_organizations_organization";

/// An account: its number, where that is shown, and an object that is in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct AccountOf {
    pub(crate) number: Option<Fact>,
    object: Option<ObjectId>,
}

impl AccountOf {
    /// The account that an object is in.
    pub(crate) fn of(estate: &Estate, id: ObjectId) -> Self {
        Self { number: number(estate, estate.object(id)), object: Some(id) }
    }

    /// The account with a number.
    pub(crate) fn numbered(number: Fact) -> Self {
        Self { number: Some(number), object: None }
    }

    /// The account of the detector that an object hangs on, which is its own.
    pub(crate) fn around(context: &Context<'_>, id: ObjectId) -> Self {
        Self::of(context.estate, context.graph.detector_of(id).object().unwrap_or(id))
    }

    /// The account that an attribute names: by its value, else by the one object whose account it reads.
    pub(crate) fn named(context: &Context<'_>, id: ObjectId, name: &str) -> Self {
        let estate = context.estate;
        let attribute = estate.object(id).attribute(&[name]);
        if let (Some(value), Some(text)) = (attribute.known(), attribute.str()) {
            return Self { number: Some(Fact::told_by(value, text)), object: None };
        }
        let Some(reached) = references::reached(estate, id, name) else { return Self::default() };
        match &reached.objects[..] {
            [(object, read)] if reached.stops.is_empty() => {
                let reads_account = matches!(
                    (estate.object(*object).resource_type(), read.as_deref()),
                    (DETECTOR, Some("account_id")) | ("aws_caller_identity", Some("account_id" | "id"))
                );
                if reads_account { Self::of(estate, *object) } else { Self::default() }
            }
            _ => Self::default(),
        }
    }

    /// What all of its comparisons go by.
    pub(crate) fn key(&self) -> (Option<&str>, Option<ObjectId>) {
        (self.number.as_deref(), self.object)
    }

    /// Whether two accounts are one.
    pub(crate) fn is(&self, estate: &Estate, other: &Self) -> Truth {
        let by_number = Truth::equal(self.number.as_deref(), other.number.as_deref());
        match (self.object, other.object) {
            _ if by_number != Truth::Unknown => by_number,
            (Some(one), Some(other)) if one == other => Truth::True,
            (Some(one), Some(other)) if is_planned(estate, one) && is_planned(estate, other) => {
                facts::same_account(estate, estate.object(one), estate.object(other))
            }
            _ => Truth::Unknown,
        }
    }

    /// The account as a message names it.
    pub(crate) fn shown(&self) -> String {
        match self.number.as_ref().map(Fact::shown) {
            Some(Some(number)) => format!("account {number}"),
            Some(None) => "an account that is not shown (sensitive)".into(),
            None => "an account whose number is not known".into(),
        }
    }
}

/// The number of the account that an object is in. What is alone in a state with one account counts as being in that
/// account, and that is too little here: states do not show providers, and these rules are about objects that look from
/// one account into another. So in a state only the object itself is believed.
fn number(estate: &Estate, object: &Object) -> Option<Fact> {
    let says = |name: &str| object.attribute(&[name]).known().is_some();
    let is_shown = estate.unit(object).kind == UnitKind::Plan || says("arn") || says("account_id");
    object.account.clone().filter(|_| is_shown)
}

fn is_planned(estate: &Estate, id: ObjectId) -> bool {
    estate.unit(estate.object(id)).kind == UnitKind::Plan
}

/// The managed objects of a type that will exist in AWS, those that Terraform forgets too.
pub(crate) fn staying<'a>(
    estate: &'a Estate,
    resource_type: &str,
) -> impl Iterator<Item = (ObjectId, &'a Object)> + use<'a> {
    estate.of_type(resource_type).filter(|(_, object)| object.is_managed() && object.presence != Presence::Going)
}

/// One half of the tie between an administrator and a member: the administrator's `aws_guardduty_member`, or the member's
/// `aws_guardduty_invite_accepter`.
pub(crate) struct Tie {
    pub(crate) id: ObjectId,
    pub(crate) member: AccountOf,
    pub(crate) administrator: AccountOf,
}

/// Halves of ties, in the order of the estate. An organization may have thousands: one that is to fit a member is looked for
/// by the number of that account.
#[derive(Default)]
pub(crate) struct Ties {
    all: Vec<Tie>,
    /// Places in `all` by the number of the member, where that is known.
    by_member: BTreeMap<Option<String>, Vec<usize>>,
}

impl FromIterator<Tie> for Ties {
    fn from_iter<T: IntoIterator<Item = Tie>>(ties: T) -> Self {
        let mut found = Self::default();
        for tie in ties {
            let number = tie.member.number.as_deref().map(str::to_owned);
            found.by_member.entry(number).or_default().push(found.all.len());
            found.all.push(tie);
        }
        found
    }
}

impl Ties {
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Tie> {
        self.all.iter()
    }

    /// Those of which the member may be an account, as far as numbers tell.
    pub(crate) fn of_member(&self, account: &AccountOf) -> Vec<&Tie> {
        let Some(number) = account.number.as_deref() else { return self.all.iter().collect() };
        let lists = [self.by_member.get(&Some(number.to_owned())), self.by_member.get(&None)];
        let mut places: Vec<usize> = lists.into_iter().flatten().flatten().copied().collect();
        places.sort_unstable();
        places.into_iter().filter_map(|place| self.all.get(place)).collect()
    }

    /// Those of which the number of the member is not known.
    pub(crate) fn unnumbered(&self) -> impl Iterator<Item = &Tie> {
        self.by_member.get(&None).into_iter().flatten().filter_map(|place| self.all.get(*place))
    }
}

/// The members that administrators name.
pub(crate) fn members(context: &Context<'_>) -> Ties {
    let tie = |(id, _)| Tie {
        id,
        member: AccountOf::named(context, id, "account_id"),
        administrator: AccountOf::around(context, id),
    };
    staying(context.estate, MEMBER).map(tie).collect()
}

/// The invitations that members accept.
pub(crate) fn accepters(context: &Context<'_>) -> Ties {
    let tie = |(id, _)| Tie {
        id,
        member: AccountOf::around(context, id),
        administrator: AccountOf::named(context, id, "master_account_id"),
    };
    staying(context.estate, ACCEPTER).map(tie).collect()
}

/// `relationship_status` of a member, as far as it is the one that the apply leaves: sending an invitation changes it.
pub(crate) fn status(member: &Object) -> Option<&str> {
    let invites = member.attribute(&["invite"]).bool() == Some(true)
        && member.values_before().is_some()
        && member.before(&["invite"]).and_then(Value::as_bool) != Some(true);
    member.attribute(&["relationship_status"]).str().filter(|_| !invites)
}

/// Whether two objects are in one region, as far as their regions are known.
pub(crate) fn same_region(one: &Object, other: &Object) -> Truth {
    Truth::equal(one.region.as_deref(), other.region.as_deref())
}

/// What shows that an object's detector is one of an organization: its settings, or a delegation for its region.
pub(crate) fn near(context: &Context<'_>, id: ObjectId) -> Option<ObjectId> {
    let (object, detector) = (context.estate.object(id), context.graph.detector_of(id));
    let mut all = [CONFIGURATION, FEATURE, DELEGATION].into_iter().flat_map(|name| staying(context.estate, name));
    all.find(|(other, shows)| {
        let is_its = *detector != DetectorOf::Unknown && context.graph.detector_of(*other) == detector;
        is_its || same_region(object, shows) != Truth::False
    })
    .map(|(other, _)| other)
}

/// What tells detectors apart.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Detector(&'a DetectorOf),
    /// One that cannot be told, by the module and the provider configuration of what names it.
    Somewhere(usize, &'a ModulePath, Option<&'a str>),
}

/// Objects by the detector that they name: what is not known of a detector is said once.
pub(crate) fn by_detector(context: &Context<'_>, ids: impl IntoIterator<Item = ObjectId>) -> Vec<Vec<ObjectId>> {
    let mut found: BTreeMap<Key<'_>, Vec<ObjectId>> = BTreeMap::new();
    for id in ids {
        let object = context.estate.object(id);
        let key = match context.graph.detector_of(id) {
            DetectorOf::Unknown => Key::Somewhere(object.unit, &object.address.module, object.provider.as_deref()),
            known => Key::Detector(known),
        };
        found.entry(key).or_default().push(id);
    }
    let mut groups: Vec<Vec<ObjectId>> = found.into_values().collect();
    groups.sort_unstable();
    groups
}
