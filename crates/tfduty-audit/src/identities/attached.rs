//! Which identity policies there are, and what attaches them to whom.

use std::collections::{BTreeMap, HashMap, HashSet};

use tfduty_aws::{arn::Arn, truth::Truth};
use tfduty_terraform::Value;

use super::{Attachment, Foreign, Identities, Kind, Place, Policy, To};
use crate::{
    estate::Estate,
    facts,
    index::By,
    object::{Object, ObjectId, Presence},
    policies::{PolicyText, inline_policies, policy_of},
    references::{self, Reached},
};

/// Resource types that give an identity a policy of its own, by the attribute that names the identity.
const OWN: &[(&str, &str, Kind)] = &[
    ("aws_iam_group_policy", "group", Kind::Group),
    (ROLE_POLICY, "role", Kind::Role),
    ("aws_iam_user_policy", "user", Kind::User),
];

/// The resource type of a policy that a role alone has.
const ROLE_POLICY: &str = "aws_iam_role_policy";

/// The resource type of a policy that can be attached.
const CUSTOMER: &str = "aws_iam_policy";

/// The resource type of a policy that a permission set of the identity center alone has.
const PERMISSION_SET: &str = "aws_ssoadmin_permission_set_inline_policy";

/// Resource types that attach policies: the attributes that name identities, and the one that names policies. Each may be
/// one text or a list.
type Attaches = (&'static str, &'static [(&'static str, Kind)], &'static str);

/// Every way in which a resource attaches a policy.
const ATTACHES: &[Attaches] = &[
    ("aws_iam_group_policy_attachment", &[("group", Kind::Group)], "policy_arn"),
    ("aws_iam_group_policy_attachments_exclusive", &[("group_name", Kind::Group)], "policy_arns"),
    (
        "aws_iam_policy_attachment",
        &[("groups", Kind::Group), ("roles", Kind::Role), ("users", Kind::User)],
        "policy_arn",
    ),
    ("aws_iam_role_policy_attachment", &[("role", Kind::Role)], "policy_arn"),
    ("aws_iam_role_policy_attachments_exclusive", &[("role_name", Kind::Role)], "policy_arns"),
    ("aws_iam_user_policy_attachment", &[("user", Kind::User)], "policy_arn"),
    ("aws_iam_user_policy_attachments_exclusive", &[("user_name", Kind::User)], "policy_arns"),
];

/// The attribute of a role that lists what is attached to it.
const MANAGED: &str = "managed_policy_arns";

/// Resource types that put users into groups: the attributes that name the two.
const MEMBERSHIPS: &[(&str, &str, &str)] =
    &[("aws_iam_group_membership", "users", "group"), ("aws_iam_user_group_membership", "user", "groups")];

/// Sorts the identity policies of an estate out.
pub(super) fn identities(estate: &Estate) -> Identities {
    let mut found = Finder {
        estate,
        names: names(estate),
        policies: BTreeMap::new(),
        arns: BTreeMap::new(),
        given: HashMap::new(),
        identities: Identities::default(),
    };
    found.own();
    found.blocks();
    found.permission_sets();
    found.customers();
    for attaches in ATTACHES {
        found.attachments(attaches);
    }
    found.listed_by_roles();
    found.memberships();
    found.boundaries();
    found.index();
    found.identities
}

/// The objects of a type that stay, managed or forgotten or read.
fn staying<'a>(estate: &'a Estate, resource_type: &str) -> impl Iterator<Item = (ObjectId, &'a Object)> + use<'a> {
    estate.of_type(resource_type).filter(|(_, object)| object.presence != Presence::Going)
}

/// Groups, roles and users by their names, managed ones first.
fn names(estate: &Estate) -> BTreeMap<(Kind, &str), Vec<ObjectId>> {
    let mut names: BTreeMap<(Kind, &str), Vec<ObjectId>> = BTreeMap::new();
    for kind in Kind::ALL {
        for (id, object) in staying(estate, kind.resource_type()) {
            let name = ["name", "group_name", "user_name"].into_iter().find_map(|name| object.attribute(&[name]).str());
            if let Some(name) = name {
                names.entry((kind, name)).or_default().push(id);
            }
        }
    }
    for ids in names.values_mut() {
        ids.sort_by_key(|id| !estate.object(*id).is_managed());
    }
    names
}

/// The ARNs of the policies that going resources detach from roles, by the names of these.
fn detached(estate: &Estate) -> HashMap<&str, HashSet<&str>> {
    let mut detached: HashMap<&str, HashSet<&str>> = HashMap::new();
    let types = ["aws_iam_role_policy_attachment", "aws_iam_policy_attachment"].into_iter();
    let all = types.flat_map(|resource_type| estate.of_type(resource_type));
    for (_, going) in all.filter(|(_, object)| object.presence == Presence::Going) {
        let Some(arn) = going.attribute(&["policy_arn"]).str() else { continue };
        let names = ["role", "roles"].into_iter().filter_map(|name| going.values.get(name));
        for name in names.flat_map(Value::items).filter_map(Value::as_str) {
            detached.entry(name).or_default().insert(arn);
        }
    }
    detached
}

struct Finder<'a> {
    estate: &'a Estate,
    names: BTreeMap<(Kind, &'a str), Vec<ObjectId>>,
    /// The places of policies that can be attached, by their objects and by their ARNs.
    policies: BTreeMap<ObjectId, usize>,
    arns: BTreeMap<&'a str, usize>,
    /// What is attached to each identity that is known.
    given: HashMap<ObjectId, Given>,
    identities: Identities,
}

/// What is attached to an identity.
#[derive(Debug, Default)]
struct Given {
    /// Policies of the estate, by their places.
    policies: HashSet<usize>,
    /// The ARNs of others.
    foreign: HashSet<Box<str>>,
}

impl Given {
    fn has(&self, named: &Named) -> bool {
        match named {
            Named::Policy(place) => self.policies.contains(place),
            Named::Foreign(arn) => arn.as_ref().is_some_and(|arn| self.foreign.contains(arn)),
        }
    }
}

/// A policy that an attachment names.
enum Named {
    /// One of the estate, by its place.
    Policy(usize),
    /// One that no object of the estate holds, by its ARN; `None` where that is not known.
    Foreign(Option<Box<str>>),
}

impl Finder<'_> {
    fn add(&mut self, holder: ObjectId, block: Option<Box<str>>, text: PolicyText, attached: Vec<Attachment>) {
        self.identities.policies.push(Policy { holder, block, text, attached });
    }

    /// Policies that are resources of one identity.
    fn own(&mut self) {
        for (resource_type, attribute, kind) in OWN {
            for (id, _) in staying(self.estate, resource_type).filter(|(_, object)| object.is_managed()) {
                let to = self.identities_at(id, attribute, *kind).into_iter();
                let attached = to.map(|to| Attachment { by: id, attribute, to }).collect();
                self.add(id, None, policy_of(self.estate, id, "policy"), attached);
            }
        }
    }

    /// Policies that are blocks of a role. A state shows there what resources of their own have set too, and what one that
    /// goes takes along.
    fn blocks(&mut self) {
        let estate = self.estate;
        for (role, object) in staying(estate, Kind::Role.resource_type()).filter(|(_, object)| object.is_managed()) {
            let is_configured = || estate.sets(object, "inline_policy") == Some(true);
            for block in inline_policies(estate, role) {
                let is_apart = block.name.is_some_and(|name| self.is_apart(object, name)) && !is_configured();
                if !is_apart {
                    let attached = vec![Attachment { by: role, attribute: "inline_policy", to: To::Identity(role) }];
                    self.add(role, Some(block.name.unwrap_or_default().into()), block.text, attached);
                }
            }
        }
    }

    /// Whether a resource of its own sets, or has set, the policy of a role with this name.
    fn is_apart(&self, role: &Object, name: &str) -> bool {
        let has_name = |policy: &Object| policy.attribute(&["name"]).str() == Some(name);
        if let Some(own) = role.attribute(&["name"]).str() {
            return self.estate.with_text(By::RoleOfPolicy, own).any(|(_, policy)| has_name(policy));
        }
        let mut policies = self.estate.of_type(ROLE_POLICY);
        policies.any(|(_, policy)| policy.attribute(&["role"]).str().is_none() && has_name(policy))
    }

    fn permission_sets(&mut self) {
        for (id, _) in staying(self.estate, PERMISSION_SET).filter(|(_, object)| object.is_managed()) {
            let attached = vec![Attachment { by: id, attribute: "permission_set_arn", to: To::PermissionSet }];
            self.add(id, None, policy_of(self.estate, id, "inline_policy"), attached);
        }
    }

    /// Policies that can be attached.
    fn customers(&mut self) {
        let mut found: Vec<(ObjectId, &Object)> = staying(self.estate, CUSTOMER).collect();
        found.sort_by_key(|(_, object)| !object.is_managed());
        for (id, object) in found {
            let place = self.identities.policies.len();
            self.policies.insert(id, place);
            if let Some(arn) = object.attribute(&["arn"]).str() {
                self.arns.entry(arn).or_insert(place);
            }
            self.add(id, None, policy_of(self.estate, id, "policy"), Vec::new());
        }
    }

    fn attachments(&mut self, (resource_type, identities, policies): &Attaches) {
        for (by, _) in staying(self.estate, resource_type).filter(|(_, object)| object.is_managed()) {
            let to = identities.iter().flat_map(|(attribute, kind)| {
                self.identities_at(by, attribute, *kind).into_iter().map(move |to| (*attribute, to))
            });
            let to: Vec<(&'static str, To)> = to.collect();
            for named in self.policies_at(by, policies) {
                self.attach(by, &to, (named, policies));
            }
        }
    }

    fn attach(&mut self, by: ObjectId, to: &[(&'static str, To)], (named, attribute): (Named, &'static str)) {
        for (_, to) in to {
            let To::Identity(id) = to else { continue };
            let given = self.given.entry(*id).or_default();
            match &named {
                Named::Policy(place) => drop(given.policies.insert(*place)),
                Named::Foreign(arn) => given.foreign.extend(arn.clone()),
            }
        }
        match named {
            Named::Policy(place) => {
                if let Some(policy) = self.identities.policies.get_mut(place) {
                    let attached = to.iter().map(|(attribute, to)| Attachment { by, attribute, to: *to });
                    policy.attached.extend(attached);
                }
            }
            Named::Foreign(arn) => {
                let to = to.iter().map(|(_, to)| *to).collect();
                self.identities.foreign.push(Foreign { by, attribute, arn, to });
            }
        }
    }

    /// What roles list themselves. A state shows there what resources of their own attach too, and what one that goes
    /// detaches.
    fn listed_by_roles(&mut self) {
        let estate = self.estate;
        let detached = detached(estate);
        for (role, object) in staying(estate, Kind::Role.resource_type()).filter(|(_, object)| object.is_managed()) {
            let sets = estate.sets(object, MANAGED);
            if object.attribute(&[MANAGED]).is_unknown() && sets == Some(false) {
                continue;
            }
            let name = object.attribute(&["name"]).str().filter(|_| sets != Some(true));
            let detached = name.and_then(|name| detached.get(name));
            for named in self.policies_at(role, MANAGED) {
                let arn = match &named {
                    Named::Policy(place) => {
                        let policy = self.identities.policies.get(*place);
                        policy.and_then(|policy| estate.object(policy.holder).attribute(&["arn"]).str())
                    }
                    Named::Foreign(arn) => arn.as_deref(),
                };
                let is_known = self.given.get(&role).is_some_and(|given| given.has(&named));
                let is_detached = arn.zip(detached).is_some_and(|(arn, detached)| detached.contains(arn));
                if !is_known && !is_detached {
                    self.attach(role, &[(MANAGED, To::Identity(role))], (named, MANAGED));
                }
            }
        }
    }

    fn memberships(&mut self) {
        for (resource_type, user, group) in MEMBERSHIPS {
            for (by, _) in staying(self.estate, resource_type).filter(|(_, object)| object.is_managed()) {
                let known = |to: To| if let To::Identity(id) = to { Some(id) } else { None };
                let groups: Vec<ObjectId> =
                    self.identities_at(by, group, Kind::Group).into_iter().filter_map(known).collect();
                for user in self.identities_at(by, user, Kind::User).into_iter().filter_map(known) {
                    self.identities.groups.entry(user).or_default().extend(&groups);
                }
            }
        }
    }

    fn boundaries(&mut self) {
        for kind in [Kind::Role, Kind::User] {
            for (id, _) in staying(self.estate, kind.resource_type()) {
                if let Some(Named::Policy(place)) = self.policies_at(id, "permissions_boundary").pop() {
                    self.identities.boundaries.insert(id, place);
                    self.identities.bounding.extend(self.identities.policies.get(place).map(|policy| policy.holder));
                }
            }
        }
    }

    /// Sorts policies by those who have them.
    fn index(&mut self) {
        let Identities { policies, foreign, held, loose, .. } = &mut self.identities;
        let own = policies.iter().enumerate().flat_map(|(index, policy)| {
            policy.attached.iter().map(move |attachment| (attachment.to, Place::Policy(index)))
        });
        let others = foreign.iter().enumerate();
        let others = others.flat_map(|(index, foreign)| foreign.to.iter().map(move |to| (*to, Place::Foreign(index))));
        for (to, place) in own.chain(others) {
            match to {
                To::Identity(id) => held.entry(id).or_default().push(place),
                To::Unknown(kind) => loose.push((kind, place)),
                To::Elsewhere(_) | To::PermissionSet => {}
            }
        }
    }

    /// The identities that an attribute names: by value, else by reference.
    fn identities_at(&self, by: ObjectId, attribute: &str, kind: Kind) -> Vec<To> {
        let object = self.estate.object(by);
        let Some(value) = object.values.get(attribute).filter(|value| !value.is_null()) else { return Vec::new() };
        let mut found: Vec<To> = value
            .items()
            .iter()
            .filter_map(Value::as_str)
            .map(|name| self.identity_named(object, name, kind))
            .collect();
        if !value.is_wholly_known() {
            let reached = references::reached(self.estate, by, attribute).unwrap_or_default();
            let ids = reached.of_types(self.estate, &[kind.resource_type()]);
            if is_told(&reached, &ids, attribute) {
                found.extend(ids.into_iter().map(To::Identity));
            } else {
                found.push(To::Unknown(kind));
            }
        }
        found.dedup();
        found
    }

    /// The identity with a name, in the account of an object: one of its own stack, or the only one.
    fn identity_named(&self, by: &Object, name: &str, kind: Kind) -> To {
        let with_name = self.names.get(&(kind, name)).map_or(&[][..], Vec::as_slice);
        let may_be = |id: &&ObjectId| facts::same_account(self.estate, self.estate.object(**id), by) != Truth::False;
        let all: Vec<ObjectId> = with_name.iter().filter(may_be).copied().collect();
        let managed: Vec<ObjectId> = all.iter().copied().filter(|id| self.estate.object(*id).is_managed()).collect();
        let beside = managed.iter().find(|id| self.estate.object(**id).unit == by.unit);
        match (beside, managed.as_slice(), all.as_slice()) {
            (Some(only), ..) | (None, [only], _) | (None, [], [only, ..]) => To::Identity(*only),
            (None, [], []) => To::Elsewhere(kind),
            _ => To::Unknown(kind),
        }
    }

    /// The policies that an attribute names: by value, else by reference.
    fn policies_at(&self, by: ObjectId, attribute: &str) -> Vec<Named> {
        let object = self.estate.object(by);
        let Some(value) = object.values.get(attribute).filter(|value| !value.is_null()) else { return Vec::new() };
        let texts = value.items().iter().filter_map(Value::as_str).filter(|text| !text.is_empty());
        let mut found: Vec<Named> = texts.map(|arn| self.policy_with(arn)).collect();
        if !value.is_wholly_known() && self.estate.sets(object, attribute) != Some(false) {
            let reached = references::reached(self.estate, by, attribute).unwrap_or_default();
            let ids = reached.of_types(self.estate, &[CUSTOMER]);
            if is_told(&reached, &ids, attribute) {
                found.extend(ids.iter().filter_map(|id| self.policies.get(id)).map(|place| Named::Policy(*place)));
            } else {
                found.push(Named::Foreign(None));
            }
        }
        found
    }

    /// The policy with an ARN. One of AWS is told by its name, whether or not a data source shows it.
    fn policy_with(&self, arn: &str) -> Named {
        let is_of_aws = Arn::parse(arn).is_some_and(|arn| arn.account == "aws");
        match self.arns.get(arn).filter(|_| !is_of_aws) {
            Some(place) => Named::Policy(*place),
            None => Named::Foreign(Some(arn.into())),
        }
    }
}

/// Whether references tell what an attribute names. One that is no list names one thing, and its references may lead to
/// several, as those of `each.value` do.
fn is_told(reached: &Reached, ids: &[ObjectId], attribute: &str) -> bool {
    let is_list = attribute.ends_with('s');
    reached.stops.is_empty() && (ids.len() == 1 || is_list && !ids.is_empty())
}
