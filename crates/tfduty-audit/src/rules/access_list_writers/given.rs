//! The policies that people have, by the buckets that they may let them write to.

use std::collections::{BTreeSet, HashMap};

use tfduty_aws::{
    managed,
    policy::{Effect, Element, Statement},
    truth::Truth,
};

use super::{WRITE, is_for_people};
use crate::{
    context::Context,
    identities::{Foreign, Held, To, names_service},
    object::ObjectId,
    policies::{KnownPolicy, PolicyText},
};

/// A policy that people have.
#[derive(Clone, Copy)]
pub(super) struct Given<'i> {
    pub(super) held: Held<'i>,
    /// Whoever of them has it, and what says so.
    pub(super) to: To,
    pub(super) by: (ObjectId, &'static str),
}

/// Policies that people have, each with the attachments that give it to them. An account may have thousands, most of them
/// about other buckets than those with lists.
pub(super) struct Policies<'i> {
    all: Vec<Given<'i>>,
    /// Places in `all` of those that let people write to this bucket alone, or to a few.
    of_bucket: HashMap<String, Vec<usize>>,
    /// Places in `all` of those that may be about any bucket.
    of_any: Vec<usize>,
}

impl<'i> Policies<'i> {
    pub(super) fn of(context: &Context<'i>) -> Self {
        let identities = context.readings.identities();
        let policies = identities.policies.iter().flat_map(|policy| {
            let each = policy.attached.iter();
            each.map(move |its| Given { held: Held::Policy(policy), to: its.to, by: (its.by, its.attribute) })
        });
        let foreign = identities.foreign.iter().flat_map(|foreign| {
            let by = (foreign.by, foreign.attribute);
            foreign.to.iter().map(move |to| Given { held: Held::Foreign(foreign), to: *to, by })
        });
        let mut found = Self { all: Vec::new(), of_bucket: HashMap::new(), of_any: Vec::new() };
        for given in policies.chain(foreign).filter(|given| is_for_people(context, given.to)) {
            let place = found.all.len();
            match buckets(given.held) {
                Buckets::None => continue,
                Buckets::Any => found.of_any.push(place),
                Buckets::These(buckets) => {
                    for bucket in buckets {
                        found.of_bucket.entry(bucket).or_default().push(place);
                    }
                }
            }
            found.all.push(given);
        }
        found
    }

    /// Those that may be about a bucket, whose name is not always known.
    pub(super) fn perhaps_about(&self, bucket: Option<&str>) -> Vec<&Given<'i>> {
        let Some(bucket) = bucket else { return self.all.iter().collect() };
        let mut places: Vec<usize> =
            self.of_bucket.get(bucket).into_iter().flatten().chain(&self.of_any).copied().collect();
        places.sort_unstable();
        places.into_iter().filter_map(|place| self.all.get(place)).collect()
    }
}

/// The buckets that a policy may let somebody write to.
enum Buckets {
    None,
    These(BTreeSet<String>),
    Any,
}

fn buckets(held: Held<'_>) -> Buckets {
    match held {
        Held::Foreign(foreign) => {
            let allows = lets_write(foreign).is_some_and(|name| managed::allows(name, WRITE) == Truth::True);
            if allows { Buckets::Any } else { Buckets::None }
        }
        Held::Policy(policy) => match &policy.text {
            PolicyText::None => Buckets::None,
            PolicyText::Known(known) if known.document().is_readable() => of_text(known),
            PolicyText::Known(_) | PolicyText::Unknown(_) => Buckets::Any,
        },
    }
}

/// The name of a policy of AWS for S3.
pub(super) fn lets_write(foreign: &Foreign) -> Option<&str> {
    foreign.managed_by_aws().filter(|name| name.starts_with("AmazonS3"))
}

/// Whether a statement may allow writes by its own words.
pub(super) fn may_allow(statement: &Statement) -> bool {
    statement.effect() != Some(Effect::Deny)
        && names_service(statement, "s3")
        && statement.conditions().is_some_and(<[_]>::is_empty)
}

fn of_text(known: &KnownPolicy) -> Buckets {
    let allowing = known
        .document()
        .statements()
        .iter()
        .filter(|statement| may_allow(statement) && statement.is_about_action(WRITE, known) != Truth::False);
    let mut found = BTreeSet::new();
    for statement in allowing {
        match of_statement(statement) {
            Some(buckets) => found.extend(buckets),
            None => return Buckets::Any,
        }
    }
    if found.is_empty() { Buckets::None } else { Buckets::These(found) }
}

/// The buckets that a statement names, where it does so without a wildcard.
fn of_statement(statement: &Statement) -> Option<BTreeSet<String>> {
    let mut buckets = BTreeSet::new();
    for (element, value) in statement.texts() {
        match element {
            Element::Resource => buckets.insert(bucket_in(value.text.as_literal()?)?.to_owned()),
            Element::NotResource => return None,
            _ => continue,
        };
    }
    (!buckets.is_empty()).then_some(buckets)
}

/// The bucket in an ARN that names one alone.
fn bucket_in(arn: &str) -> Option<&str> {
    let (before, resource) = arn.split_once(":::")?;
    let bucket = resource.split('/').next().unwrap_or(resource);
    let is_plain = |text: &str| !text.contains(['*', '?', '$']);
    (before.ends_with(":s3") && is_plain(before) && is_plain(bucket)).then_some(bucket)
}
