//! Which policy is attached to what, by resources of their own.

use std::collections::BTreeMap;

use super::{PolicyText, UnknownPolicy, policy_of};
use crate::{
    candidates::MayMean,
    context::names,
    estate::Estate,
    graph::{self, Bucket, Graph},
    keys::KEYS,
    object::{Object, ObjectId, Presence, WITHHELD},
    references,
};

/// The policies of buckets, keys, topics and queues that are resources of their own.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    buckets: Holders<Bucket>,
    keys: Holders<ObjectId>,
    topics: Holders<ObjectId>,
    queues: Holders<ObjectId>,
    /// Policies that data sources read.
    read: BTreeMap<Bucket, ObjectId>,
}

/// The resources that set the policy of something.
#[derive(Debug)]
struct Holders<T> {
    /// Those that stay.
    of: BTreeMap<T, Vec<ObjectId>>,
    /// Those that go.
    going: BTreeMap<T, Vec<ObjectId>>,
    /// Those that stay, where it cannot be told whose policy they set; with what it may be, where at least that is known.
    loose: MayMean,
}

impl<T> Default for Holders<T> {
    fn default() -> Self {
        Self { of: BTreeMap::new(), going: BTreeMap::new(), loose: MayMean::default() }
    }
}

impl<T: Ord> Holders<T> {
    /// Takes a resource in, with what its attribute `name` says that it is for: `None` where that cannot be told.
    fn add(&mut self, estate: &Estate, id: ObjectId, targets: Option<Vec<T>>, name: &str) {
        let is_going = estate.object(id).presence == Presence::Going;
        if targets.is_none() && !is_going {
            let candidates = references::reached(estate, id, name).map(|reached| reached.candidates);
            self.loose.add(estate.object(id).unit, id, &candidates.unwrap_or_default());
        }
        for target in targets.into_iter().flatten() {
            let holders = if is_going { &mut self.going } else { &mut self.of };
            holders.entry(target).or_default().push(id);
        }
    }

    /// A resource that may set the policy of an object of the same unit.
    fn loose_for(&self, estate: &Estate, target: ObjectId) -> Option<ObjectId> {
        self.loose.first(estate, target)
    }
}

impl Attached {
    pub(crate) fn of(estate: &Estate) -> Self {
        let mut attached = Self::default();
        for (id, object) in estate.of_type("aws_s3_bucket_policy") {
            let bucket = graph::bucket_of(estate, id).map(|bucket| canonical(estate, &bucket));
            if object.is_managed() {
                attached.buckets.add(estate, id, bucket.map(|bucket| vec![bucket]), "bucket");
            } else if let Some(bucket) = bucket {
                attached.read.entry(bucket).or_insert(id);
            }
        }
        let keys = keys(estate);
        for (id, object) in estate.of_type("aws_kms_key_policy").filter(|(_, object)| object.is_managed()) {
            let targets = keys_of(estate, &keys, id, object);
            attached.keys.add(estate, id, targets, "key_id");
        }
        attached.topics = holders(estate, TOPIC_POLICY, TOPIC);
        attached.queues = holders(estate, QUEUE_POLICY, QUEUE);
        attached
    }
}

/// A resource type that sets the policy of something, and the attribute that says of what.
type Sets = (&'static str, &'static str);

const TOPIC_POLICY: Sets = ("aws_sns_topic_policy", "arn");
const QUEUE_POLICY: Sets = ("aws_sqs_queue_policy", "queue_url");

/// A resource type, and its attributes that a policy may name it by.
type NamedBy = (&'static str, &'static [&'static str]);

const TOPIC: NamedBy = ("aws_sns_topic", &["arn", "id"]);
const QUEUE: NamedBy = ("aws_sqs_queue", &["url", "id"]);

/// The policies of topics, or of queues, that are resources of their own.
fn holders(estate: &Estate, (policy, attribute): Sets, (owner, names): NamedBy) -> Holders<ObjectId> {
    let mut by_name: BTreeMap<&str, Vec<ObjectId>> = BTreeMap::new();
    for (id, object) in estate.of_type(owner) {
        let mut texts: Vec<&str> = names.iter().filter_map(|name| object.attribute(&[name]).str()).collect();
        texts.dedup();
        for text in texts {
            by_name.entry(text).or_default().push(id);
        }
    }
    let mut holders = Holders::default();
    for (id, object) in estate.of_type(policy).filter(|(_, object)| object.is_managed()) {
        let targets = match object.attribute(&[attribute]).str() {
            Some(text) => Some(by_name.get(text).cloned().unwrap_or_default()),
            None => match references::reached(estate, id, attribute).filter(|reached| reached.stops.is_empty()) {
                Some(reached) => match reached.of_types(estate, &[owner])[..] {
                    [only] => Some(vec![only]),
                    _ => None,
                },
                None => None,
            },
        };
        holders.add(estate, id, targets, attribute);
    }
    holders
}

/// Of several objects that are one bucket, the one that its name leads to.
fn canonical(estate: &Estate, bucket: &Bucket) -> Bucket {
    let name = match bucket {
        Bucket::Object(id) => estate.object(*id).attribute(&["bucket"]).str(),
        Bucket::Name(_) => None,
    };
    name.map_or_else(|| bucket.clone(), |name| graph::bucket_named(estate, name))
}

/// Every key by its id and its ARN.
fn keys(estate: &Estate) -> BTreeMap<&str, Vec<ObjectId>> {
    let mut keys: BTreeMap<&str, Vec<ObjectId>> = BTreeMap::new();
    for (id, object) in KEYS.iter().flat_map(|name| estate.of_type(name)) {
        for name in ["arn", "key_id", "id"] {
            if let Some(text) = object.attribute(&[name]).str() {
                let same = keys.entry(text).or_default();
                same.extend((!same.contains(&id)).then_some(id));
            }
        }
    }
    keys
}

/// The keys that a key policy is for, none of which may be among the inputs: replicas of a key share its id, and each has a
/// policy of its own. `None` where it cannot be told.
fn keys_of(
    estate: &Estate,
    keys: &BTreeMap<&str, Vec<ObjectId>>,
    id: ObjectId,
    policy: &Object,
) -> Option<Vec<ObjectId>> {
    if let Some(text) = policy.attribute(&["key_id"]).str() {
        let is_elsewhere =
            |key: &Object| key.region.is_some() && policy.region.is_some() && key.region != policy.region;
        let found = keys.get(text).map_or(&[][..], Vec::as_slice);
        return Some(found.iter().copied().filter(|key| !is_elsewhere(estate.object(*key))).collect());
    }
    let reached = references::reached(estate, id, "key_id").filter(|reached| reached.stops.is_empty());
    match reached.map(|reached| reached.of_types(estate, KEYS)).as_deref() {
        Some([only]) => Some(vec![*only]),
        _ => None,
    }
}

/// The policy of a bucket: that of a resource for it, else the bucket's own, else what a data source reads. None where the
/// bucket is managed and has neither.
pub(crate) fn bucket_policy(estate: &Estate, graph: &Graph, bucket: &Bucket) -> PolicyText {
    let attached = graph.attached(estate);
    let bucket = canonical(estate, bucket);
    if let Some(holders) = attached.buckets.of.get(&bucket) {
        return only(estate, holders);
    }
    let managed = match bucket {
        Bucket::Object(id) if estate.object(id).is_managed() => Some(id),
        _ => None,
    };
    let is_taken_away = attached.buckets.going.contains_key(&bucket);
    let own = managed.map(|id| inline(estate, id, (is_taken_away, attached.buckets.loose_for(estate, id))));
    if let Some(own) = own.filter(|own| !matches!(own, PolicyText::None)) {
        return own;
    }
    match (attached.read.get(&bucket), managed, &bucket) {
        (Some(read), ..) => policy_of(estate, *read, "policy"),
        (None, Some(_), _) => PolicyText::None,
        (None, None, Bucket::Object(_)) => unknown(None, "only a data source shows the bucket, which does not say"),
        (None, None, Bucket::Name(_)) => unknown(None, "the bucket is not among the inputs"),
    }
}

/// The resources that set the policy of a bucket, and stay.
pub(crate) fn holders_of_bucket_policy<'a>(estate: &Estate, graph: &'a Graph, bucket: &Bucket) -> &'a [ObjectId] {
    let holders = graph.attached(estate).buckets.of.get(&canonical(estate, bucket));
    holders.map_or(&[], Vec::as_slice)
}

/// The resources that set the policy of a key, and stay.
pub(crate) fn holders_of_key_policy<'a>(estate: &Estate, graph: &'a Graph, key: ObjectId) -> &'a [ObjectId] {
    graph.attached(estate).keys.of.get(&key).map_or(&[], Vec::as_slice)
}

/// The resources that set the policy of a topic or a queue, and stay.
pub(crate) fn holders_of_target_policy<'a>(estate: &Estate, graph: &'a Graph, target: ObjectId) -> &'a [ObjectId] {
    let attached = graph.attached(estate);
    let holders = attached.topics.of.get(&target).or_else(|| attached.queues.of.get(&target));
    holders.map_or(&[], Vec::as_slice)
}

/// Every text that sets the policy of a bucket up to a destroy, or shows it: of resources, those that go as well, of the
/// bucket itself, and of a data source.
pub(crate) fn bucket_policies_so_far(estate: &Estate, graph: &Graph, bucket: &Bucket) -> Vec<PolicyText> {
    let attached = graph.attached(estate);
    let bucket = canonical(estate, bucket);
    let own = match bucket {
        Bucket::Object(id) => Some(id),
        Bucket::Name(_) => None,
    };
    let set = [&attached.buckets.of, &attached.buckets.going].into_iter().filter_map(|holders| holders.get(&bucket));
    let holders = set.flatten().copied().chain(own).chain(attached.read.get(&bucket).copied());
    holders.map(|holder| policy_of(estate, holder, "policy")).collect()
}

/// The policy of a KMS key: that of a resource for it, else the key's own. None where neither is set: the key has the default
/// policy.
pub(crate) fn key_policy(estate: &Estate, graph: &Graph, key: ObjectId) -> PolicyText {
    owned(estate, &graph.attached(estate).keys, key, "only a data source shows the key, which does not say")
}

/// The policy of a topic: that of a resource for it, which replaces the default one, else the topic's own. None where
/// neither is set: the topic has the default policy.
pub(crate) fn topic_policy(estate: &Estate, graph: &Graph, topic: ObjectId) -> PolicyText {
    owned(estate, &graph.attached(estate).topics, topic, "only a data source shows the topic, which does not say")
}

/// The policy of a queue: that of a resource for it, else the queue's own. None where neither is set.
pub(crate) fn queue_policy(estate: &Estate, graph: &Graph, queue: ObjectId) -> PolicyText {
    owned(estate, &graph.attached(estate).queues, queue, "only a data source shows the queue, which does not say")
}

fn owned(estate: &Estate, holders: &Holders<ObjectId>, owner: ObjectId, only_read: &str) -> PolicyText {
    match holders.of.get(&owner) {
        Some(own) => only(estate, own),
        None if !estate.object(owner).is_managed() => unknown(None, only_read),
        None => inline(estate, owner, (holders.going.contains_key(&owner), holders.loose_for(estate, owner))),
    }
}

/// The policy that a bucket, key, topic or queue says itself. What it does not set is what refresh found, and does not stay where a
/// resource that set it goes, or where one may come.
fn inline(estate: &Estate, id: ObjectId, (is_taken_away, loose): (bool, Option<ObjectId>)) -> PolicyText {
    match (estate.sets(estate.object(id), "policy"), loose) {
        (Some(true), _) => policy_of(estate, id, "policy"),
        (_, Some(loose)) => {
            let object = estate.object(loose);
            let is_withheld = object.values.members().iter().any(|(_, value)| value.is_withheld());
            let why = if is_withheld { WITHHELD } else { "is known only after apply" };
            unknown(Some(loose), &format!("{} may set it, and what that is for {why}", object.name()))
        }
        _ if is_taken_away => PolicyText::None,
        _ => policy_of(estate, id, "policy"),
    }
}

/// The policy of the one resource that sets it. There is one policy for each bucket and key: of two resources the one that
/// is applied last wins, and which that is cannot be told.
fn only(estate: &Estate, holders: &[ObjectId]) -> PolicyText {
    let text = |id: &ObjectId| estate.object(*id).attribute(&["policy"]).str();
    match holders {
        [] => PolicyText::None,
        [first, others @ ..] if others.iter().all(|other| text(first).is_some() && text(other) == text(first)) => {
            policy_of(estate, *first, "policy")
        }
        [first, ..] => {
            let why = format!("{} all set it, and the last one applied wins", names(estate, holders));
            let unknown = UnknownPolicy { mend: Some("keep one of them"), ..UnknownPolicy::new(Some(*first), why) };
            PolicyText::Unknown(unknown)
        }
    }
}

fn unknown(holder: Option<ObjectId>, why: &str) -> PolicyText {
    PolicyText::Unknown(UnknownPolicy::new(holder, why.into()))
}
