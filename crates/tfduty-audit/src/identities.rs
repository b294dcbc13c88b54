//! Identity policies: which there are, who has them, and what they come to together.

mod attached;
mod blinding;
mod rights;
#[cfg(test)]
mod tests;
mod trust;

use std::collections::{BTreeMap, BTreeSet};

use tfduty_aws::arn::Arn;

pub(crate) use self::{
    blinding::{Allowed, Blinding, actions_of, blinding_calls, boundary, service_control_policy},
    rights::{Right, guardduty_resource, hangs_on_conditions, judge, names_service, right},
    trust::{Trust, trust},
};
use crate::{
    estate::Estate,
    object::{Object, ObjectId},
    policies::PolicyText,
};

/// What can have identity policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Group,
    Role,
    User,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Group, Self::Role, Self::User];

    pub(crate) fn resource_type(self) -> &'static str {
        match self {
            Self::Group => "aws_iam_group",
            Self::Role => "aws_iam_role",
            Self::User => "aws_iam_user",
        }
    }

    /// How people call it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Role => "role",
            Self::User => "user",
        }
    }

    /// The kind of an object of the estate.
    pub(crate) fn of(object: &Object) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.resource_type() == object.resource_type())
    }
}

/// To whom a policy is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    /// A group, role or user of the estate.
    Identity(ObjectId),
    /// One that is not among the inputs.
    Elsewhere(Kind),
    /// It cannot be told which one.
    Unknown(Kind),
    /// Whoever gets a permission set of the identity center.
    PermissionSet,
}

/// One attachment of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attachment {
    /// The object that says so, and its attribute.
    pub(crate) by: ObjectId,
    pub(crate) attribute: &'static str,
    pub(crate) to: To,
}

/// An identity policy of the estate.
#[derive(Debug)]
pub(crate) struct Policy {
    /// The object that holds it.
    pub(crate) holder: ObjectId,
    /// The name of one that is a block of a role.
    pub(crate) block: Option<Box<str>>,
    pub(crate) text: PolicyText,
    pub(crate) attached: Vec<Attachment>,
}

/// An attached policy that no object of the estate holds.
#[derive(Debug)]
pub(crate) struct Foreign {
    /// The object that attaches it, and its attribute.
    pub(crate) by: ObjectId,
    pub(crate) attribute: &'static str,
    /// Its ARN; `None` where that is not known.
    pub(crate) arn: Option<Box<str>>,
    pub(crate) to: Vec<To>,
}

impl Foreign {
    /// Its name, where AWS manages it.
    pub(crate) fn managed_by_aws(&self) -> Option<&str> {
        let arn = Arn::parse(self.arn.as_deref()?)?;
        let path = arn.resource.strip_prefix("policy/").filter(|_| arn.service == "iam" && arn.account == "aws")?;
        path.rsplit('/').next()
    }
}

/// A policy that an identity has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Held<'i> {
    Policy(&'i Policy),
    Foreign(&'i Foreign),
}

impl Held<'_> {
    /// The object that shows that it is attached, or holds it.
    pub(crate) fn place(&self) -> (ObjectId, &'static str) {
        match self {
            Held::Policy(Policy { holder, block: Some(_), .. }) => (*holder, "inline_policy"),
            Held::Policy(policy) => (policy.holder, "policy"),
            Held::Foreign(foreign) => (foreign.by, foreign.attribute),
        }
    }
}

/// The place of a policy among those of its kind.
#[derive(Debug, Clone, Copy)]
enum Place {
    Policy(usize),
    Foreign(usize),
}

/// The identity policies of an estate.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    /// Those that objects of the estate hold. Data sources may show one that is managed elsewhere.
    pub(crate) policies: Vec<Policy>,
    pub(crate) foreign: Vec<Foreign>,
    /// What each identity has.
    held: BTreeMap<ObjectId, Vec<Place>>,
    /// What is attached to some identity, and it cannot be told to which.
    loose: Vec<(Kind, Place)>,
    /// The groups of a user.
    groups: BTreeMap<ObjectId, Vec<ObjectId>>,
    /// The permissions boundaries of roles and users, as places in `policies`.
    boundaries: BTreeMap<ObjectId, usize>,
    /// The holders of these policies.
    bounding: BTreeSet<ObjectId>,
}

impl Identities {
    pub(crate) fn of(estate: &Estate) -> Self {
        attached::identities(estate)
    }

    /// What an identity has, a user what its groups have too.
    pub(crate) fn held_by(&self, identity: ObjectId) -> Vec<Held<'_>> {
        let groups = self.groups.get(&identity).map_or(&[][..], Vec::as_slice);
        let ids = std::iter::once(&identity).chain(groups);
        ids.flat_map(|id| self.own_of(*id)).collect()
    }

    /// What an identity has itself.
    pub(crate) fn own_of(&self, identity: ObjectId) -> impl Iterator<Item = Held<'_>> {
        self.held.get(&identity).into_iter().flatten().filter_map(|place| self.at(*place))
    }

    /// What an identity may have besides: what is attached to some identity of its kind and stack, and it cannot be told to
    /// which.
    pub(crate) fn perhaps_held_by(&self, estate: &Estate, identity: ObjectId) -> Vec<Held<'_>> {
        let object = estate.object(identity);
        let of_kind = self.loose.iter().filter(|(kind, _)| Some(*kind) == Kind::of(object));
        let held = of_kind.filter_map(|(_, place)| self.at(*place));
        held.filter(|held| estate.object(held.place().0).unit == object.unit).collect()
    }

    fn at(&self, place: Place) -> Option<Held<'_>> {
        match place {
            Place::Policy(index) => self.policies.get(index).map(Held::Policy),
            Place::Foreign(index) => self.foreign.get(index).map(Held::Foreign),
        }
    }

    /// Whether a policy bounds the rights of an identity.
    pub(crate) fn is_boundary(&self, policy: &Policy) -> bool {
        self.bounding.contains(&policy.holder)
    }

    /// The policy that bounds the rights of an identity, where it is one of the estate.
    pub(crate) fn boundary_of(&self, identity: ObjectId) -> Option<&Policy> {
        self.policies.get(*self.boundaries.get(&identity)?)
    }
}
