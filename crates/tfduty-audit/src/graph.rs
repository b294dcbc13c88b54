//! The wiring of an estate: which detector an object belongs to, which object a list is, which bucket holds it.

mod held;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use tfduty_aws::location::{self, Location, LocationError};
use tfduty_aws::truth::Truth;
use tfduty_terraform::Change;

use self::held::{Deleted, Holdings};
use crate::{
    candidates::Candidates,
    detectors::{self, DetectorOf},
    estate::Estate,
    evaluate::{self, Hole, Pattern},
    facts::Fact,
    finding::Anchor,
    object::{Object, ObjectId, Presence, attribute},
    policies::Attached,
    references::{self, Reached},
};

/// The resource type of trusted IP lists.
pub(crate) const TRUSTED: &str = "aws_guardduty_ipset";
/// The resource type of threat lists.
pub(crate) const THREAT: &str = "aws_guardduty_threatintelset";
/// Resource types of the awscc provider's entity sets, which the calling identity reads.
pub(crate) const ENTITY_SETS: &[&str] = &["awscc_guardduty_trusted_entity_set", "awscc_guardduty_threat_entity_set"];
/// Resource types of objects in S3, current and former name.
pub(crate) const OBJECTS: &[&str] = &["aws_s3_object", "aws_s3_bucket_object", "aws_s3_object_copy"];
/// The resource type of buckets.
pub(crate) const BUCKET: &str = "aws_s3_bucket";

/// What rules ask of the wiring, worked out once.
#[derive(Debug)]
pub(crate) struct Graph {
    detectors: BTreeMap<ObjectId, DetectorOf>,
    children: BTreeMap<ObjectId, Vec<ObjectId>>,
    /// The present managed sets, in the order of the estate.
    pub(crate) sets: Vec<Set>,
    held: Holdings,
    lists: Lists,
    deleted: Deleted,
    attached: OnceLock<Attached>,
}

/// What the locations of all sets name, to ask whether something is a list.
#[derive(Debug, Default)]
struct Lists {
    objects: BTreeSet<ObjectId>,
    /// Keys that no present object has, as they are compared.
    missing: BTreeMap<Bucket, BTreeSet<String>>,
    buckets: BTreeSet<Bucket>,
}

/// A trusted or threat list as GuardDuty has it.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) id: ObjectId,
    pub(crate) kind: SetKind,
    pub(crate) target: Target,
    /// Whether the location, or a part of it that the configuration tells, is sensitive.
    pub(crate) is_sensitive: bool,
}

/// What GuardDuty does with the addresses of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SetKind {
    /// It makes no findings for them.
    Trusted,
    /// It makes findings for them.
    Threat,
}

/// What the `location` of a set names.
#[derive(Debug)]
pub(crate) enum Target {
    /// This object.
    Object(ObjectId),
    /// A bucket and a key that no present object has.
    Missing { bucket: Bucket, key: String },
    /// Nothing: it is no location.
    Invalid(LocationError),
    /// It cannot be told: the bucket where at least that is known, the only objects it may be, and the references that
    /// could not be followed.
    Unknown { bucket: Option<Bucket>, candidates: Candidates, stops: Vec<String> },
}

/// A bucket: one of the estate, or one that is not among the inputs, by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Bucket {
    Object(ObjectId),
    Name(String),
}

impl Graph {
    pub(crate) fn of(estate: &Estate) -> Self {
        let mut graph = Graph {
            detectors: BTreeMap::new(),
            children: BTreeMap::new(),
            sets: Vec::new(),
            held: Holdings::of(estate),
            lists: Lists::default(),
            deleted: held::deleted(estate),
            attached: OnceLock::new(),
        };
        for (id, object) in estate.objects().filter(|(_, object)| object.is_managed()) {
            if detectors::is_child(object) {
                let detector = detectors::detector_of(estate, id);
                if let DetectorOf::Object(parent) = detector
                    && object.presence == Presence::Present
                {
                    graph.children.entry(parent).or_default().push(id);
                }
                graph.detectors.insert(id, detector);
            }
        }
        for (kind, name) in [(SetKind::Trusted, TRUSTED), (SetKind::Threat, THREAT)] {
            for (id, _) in estate.of_type(name).filter(|(_, object)| object.is_present()) {
                let set = graph.set(estate, id, kind);
                graph.sets.push(set);
            }
        }
        graph.sets.sort_by_key(|set| set.id);
        graph.lists = graph.lists(estate);
        graph
    }

    fn lists(&self, estate: &Estate) -> Lists {
        let mut lists = Lists::default();
        for set in &self.sets {
            match &set.target {
                Target::Object(list) => {
                    lists.objects.insert(*list);
                }
                Target::Missing { bucket, key } => {
                    let keys = lists.missing.entry(bucket.clone()).or_default();
                    keys.insert(location::named_key(key).to_owned());
                }
                Target::Invalid(_) | Target::Unknown { .. } => {}
            }
            lists.buckets.extend(self.bucket_of_set(estate, set));
        }
        lists
    }

    /// The detector that an object names in `detector_id`.
    pub(crate) fn detector_of(&self, id: ObjectId) -> &DetectorOf {
        self.detectors.get(&id).unwrap_or(&DetectorOf::Unknown)
    }

    /// What hangs on a detector and stays.
    pub(crate) fn children(&self, detector: ObjectId) -> &[ObjectId] {
        self.children.get(&detector).map_or(&[], Vec::as_slice)
    }

    /// The bucket of an object in S3, where it can be told.
    pub(crate) fn bucket_of(&self, object: ObjectId) -> Option<&Bucket> {
        self.held.bucket_of(object)
    }

    /// The policies that are resources of their own, sorted out when they are asked for.
    pub(crate) fn attached(&self, estate: &Estate) -> &Attached {
        self.attached.get_or_init(|| Attached::of(estate))
    }

    /// The objects of a bucket that are among the inputs, going ones too.
    pub(crate) fn held_by(&self, bucket: &Bucket) -> &[ObjectId] {
        self.held.in_bucket(bucket)
    }

    /// The objects of a bucket that are among the inputs, going ones too, which a location with this key names.
    pub(crate) fn held_as(&self, bucket: &Bucket, key: &str) -> &[ObjectId] {
        self.held.named(bucket, key)
    }

    /// The objects that stay and may have this bucket and key, as far as is known: the first `most` of them, and how many
    /// there are.
    pub(crate) fn perhaps_held_as(
        &self,
        estate: &Estate,
        named: (&Bucket, &str),
        most: usize,
    ) -> (Vec<ObjectId>, usize) {
        self.held.perhaps_named(estate, named, most)
    }

    /// The bucket that a set's location names, where it can be told.
    pub(crate) fn bucket_of_set(&self, estate: &Estate, set: &Set) -> Option<Bucket> {
        match &set.target {
            Target::Object(list) => self.bucket_of(*list).cloned(),
            Target::Missing { bucket, .. } => Some(bucket.clone()),
            Target::Unknown { bucket, .. } => bucket.clone(),
            Target::Invalid(_) => None,
        }
        .or_else(|| {
            let location = location::parse(estate.object(set.id).attribute(&["location"]).str()?).ok()?;
            Some(bucket_named(estate, &location.bucket))
        })
    }

    /// The region of the detector that a set names.
    pub(crate) fn region_of_detector<'a>(&self, estate: &'a Estate, set: ObjectId) -> Option<&'a Fact> {
        match self.detector_of(set) {
            DetectorOf::Object(detector) => estate.object(*detector).region.as_ref(),
            _ => estate.object(set).region.as_ref(),
        }
    }

    /// Where `resource_drift` says that an object with this bucket and key was deleted outside Terraform.
    pub(crate) fn found_deleted(&self, estate: &Estate, bucket: &Bucket, key: &str) -> Option<Anchor> {
        let found = self.deleted.get(&(bucket.clone(), location::named_key(key).to_owned()));
        found.map(|(unit, item)| {
            let unit = &estate.units[*unit];
            let change = &unit.drift[*item];
            let pointer = format!("{}/before", change.pointer);
            let attribute = attribute(change.before(), &pointer, &["key"]);
            attribute.anchor(unit.input, "deleted outside Terraform")
        })
    }

    /// Whether a drifted object is the list of some set.
    pub(crate) fn is_list(&self, estate: &Estate, unit: usize, change: &Change) -> bool {
        let mut there = estate.at(unit, &change.address);
        let missing = || {
            let keys = self.lists.missing.get(&drifted_bucket(estate, change)?)?;
            location::stored_keys(drifted_key(change)?).find(|key| keys.contains(key))
        };
        there.any(|(id, _)| self.lists.objects.contains(&id)) || missing().is_some()
    }

    /// Whether a drifted bucket policy is that of a bucket with lists.
    pub(crate) fn is_list_bucket(&self, estate: &Estate, change: &Change) -> bool {
        drifted_bucket(estate, change).is_some_and(|bucket| self.lists.buckets.contains(&bucket))
    }

    fn set(&self, estate: &Estate, id: ObjectId, kind: SetKind) -> Set {
        let attribute = estate.object(id).attribute(&["location"]);
        let text = attribute.known().and_then(|value| value.as_str());
        let pattern = if text.is_some() { None } else { evaluate::pattern(estate, id, "location") };
        let is_sensitive = attribute.is_sensitive() || pattern.as_ref().is_some_and(|pattern| pattern.is_sensitive);
        Set { id, kind, target: self.target(estate, id, pattern.as_ref()), is_sensitive }
    }

    /// The target of a set's location, of which the configuration tells `pattern`.
    fn target(&self, estate: &Estate, set: ObjectId, pattern: Option<&Pattern>) -> Target {
        let attribute = estate.object(set).attribute(&["location"]);
        if let Some(text) = attribute.known().and_then(|value| value.as_str()) {
            return match location::parse(text) {
                Ok(location) => self.named(estate, Some(bucket_named(estate, &location.bucket)), &location),
                Err(error) => Target::Invalid(error),
            };
        }
        if let Some(pattern) = pattern {
            match location::parse(&pattern.text) {
                Ok(location) => {
                    let target = self.filled(estate, &location, pattern);
                    if !matches!(target, Target::Unknown { .. }) {
                        return target;
                    }
                }
                Err(LocationError::Undecided) => {}
                Err(error) => return Target::Invalid(error),
            }
        }
        match references::reached(estate, set, "location") {
            Some(reached) => self.referred(estate, &reached),
            None => Target::Unknown { bucket: None, candidates: Candidates::default(), stops: Vec::new() },
        }
    }

    /// The target of a location whose bucket and key have no holes.
    fn named(&self, estate: &Estate, bucket: Option<Bucket>, location: &Location) -> Target {
        let Some(bucket) = bucket else {
            return Target::Unknown { bucket: None, candidates: Candidates::default(), stops: Vec::new() };
        };
        let keys: Vec<String> = [Some(location.key.clone()), location.decoded_key()].into_iter().flatten().collect();
        self.with_keys(estate, bucket, &keys)
    }

    /// The object of a bucket with the first of these keys that one has.
    fn with_keys(&self, estate: &Estate, bucket: Bucket, keys: &[String]) -> Target {
        for key in keys {
            let with_key = |presence: Presence| {
                self.held_as(&bucket, key).iter().copied().find(|id| estate.object(*id).presence == presence)
            };
            // What one address forgets while another deletes it does not stay.
            let forgotten = || with_key(Presence::Unmanaged).filter(|_| with_key(Presence::Going).is_none());
            if let Some(found) = with_key(Presence::Present).or_else(forgotten) {
                return Target::Object(found);
            }
        }
        Target::Missing { bucket, key: keys.first().cloned().unwrap_or_default() }
    }

    /// The target of a location that is known in parts.
    fn filled(&self, estate: &Estate, location: &Location, pattern: &Pattern) -> Target {
        let hole = |text: &str| whole_hole(text, &pattern.holes);
        let bucket = match hole(&location.bucket) {
            Some(hole) => self.bucket_in(estate, hole),
            None if location.bucket.contains(location::is_placeholder) => None,
            None => Some(bucket_named(estate, &location.bucket)),
        };
        let unknown = |candidate: Option<ObjectId>| Target::Unknown {
            bucket: bucket.clone(),
            candidates: candidate.into_iter().collect(),
            stops: Vec::new(),
        };
        if let Some(object) = hole(&location.key).and_then(|hole| list_object_in(estate, hole)) {
            let is_own = hole(&location.bucket).is_some_and(|hole| hole.object == Some(object));
            let in_bucket = if is_own { Truth::True } else { self.is_in(estate, object, bucket.as_ref()) };
            return match in_bucket {
                Truth::True => Target::Object(object),
                Truth::Unknown if same_text(estate, object, pattern.part(&location.bucket)) => Target::Object(object),
                Truth::Unknown => unknown(Some(object)),
                Truth::False => match (bucket.clone(), key_of(estate.object(object))) {
                    (Some(bucket), Some(key)) => self.with_keys(estate, bucket, &[key.to_owned()]),
                    _ => unknown(None),
                },
            };
        }
        if location.key.contains(location::is_placeholder) {
            return unknown(None);
        }
        self.named(estate, bucket, location)
    }

    /// Whether an object in S3 is in a bucket.
    fn is_in(&self, estate: &Estate, object: ObjectId, bucket: Option<&Bucket>) -> Truth {
        match (self.bucket_of(object), bucket) {
            (Some(own), Some(bucket)) => same_bucket(estate, own, bucket),
            _ => Truth::Unknown,
        }
    }

    /// The bucket that a hole stands for: the hole is one of its naming attributes, or the `bucket` of an object in it.
    pub(crate) fn bucket_in(&self, estate: &Estate, hole: &Hole) -> Option<Bucket> {
        let id = hole.object?;
        match (estate.object(id).resource_type(), hole.attribute.as_deref()) {
            (BUCKET, Some("id" | "bucket" | "bucket_domain_name" | "bucket_regional_domain_name")) => {
                Some(Bucket::Object(id))
            }
            (name, Some("bucket")) if OBJECTS.contains(&name) => self.bucket_of(id).cloned(),
            _ => None,
        }
    }

    /// The target by the references of a location whose text is not known: one object whose key is read, and no bucket
    /// but its own. Of an object that only its bucket is read of, only the bucket is known.
    fn referred(&self, estate: &Estate, reached: &Reached) -> Target {
        let (mut lists, mut buckets, mut beside) = (Vec::new(), Vec::new(), Vec::new());
        for (id, attribute) in &reached.objects {
            let (name, attribute) = (estate.object(*id).resource_type(), attribute.as_deref());
            if OBJECTS.contains(&name) && matches!(attribute, None | Some("key" | "id")) {
                lists.push(*id);
            } else if OBJECTS.contains(&name) && attribute == Some("bucket") {
                beside.push(*id);
            } else if name == BUCKET && attribute.is_none_or(names_bucket) {
                buckets.push(Bucket::Object(*id));
            }
        }
        lists.sort_unstable();
        lists.dedup();
        let known = |id: &ObjectId| self.bucket_of(*id).cloned();
        let bucket = buckets.iter().cloned().chain(beside.iter().filter_map(known)).next();
        let unknown = |candidates: Candidates| Target::Unknown {
            bucket: bucket.clone(),
            candidates,
            stops: reached.stops.clone(),
        };
        let [list] = lists[..] else {
            return unknown(if lists.is_empty() { reached.candidates.clone() } else { lists.into_iter().collect() });
        };
        let strangers = beside.iter().filter(|id| **id != list).map(|id| self.bucket_of(*id));
        let is_own = buckets.iter().map(Some).chain(strangers).map(|bucket| self.is_in(estate, list, bucket)).min();
        match is_own.unwrap_or(Truth::True) {
            Truth::False => unknown(Candidates::default()),
            Truth::True if reached.stops.is_empty() => Target::Object(list),
            _ => unknown([list].into_iter().collect()),
        }
    }
}

/// Whether an attribute of a bucket tells which bucket it is.
fn names_bucket(attribute: &str) -> bool {
    matches!(attribute, "id" | "bucket" | "arn" | "bucket_domain_name" | "bucket_regional_domain_name")
}

/// Whether two buckets are one: by their names, where they have some.
fn same_bucket(estate: &Estate, one: &Bucket, other: &Bucket) -> Truth {
    let name = |bucket: &Bucket| match bucket {
        Bucket::Name(name) => Some(name.clone()),
        Bucket::Object(id) => {
            let object = estate.object(*id);
            object.attribute(&["bucket"]).str().or_else(|| object.attribute(&["id"]).str()).map(str::to_owned)
        }
    };
    let are_managed = [one, other].iter().all(|bucket| match bucket {
        Bucket::Object(id) => estate.object(*id).is_managed(),
        Bucket::Name(_) => false,
    });
    match (name(one), name(other)) {
        _ if one == other => Truth::True,
        (Some(one), Some(other)) => Truth::from(one == other),
        // Each block makes a bucket of its own.
        _ if are_managed => Truth::False,
        _ => Truth::Unknown,
    }
}

/// Whether the configuration gives an object's `bucket` this very text.
fn same_text(estate: &Estate, object: ObjectId, text: Option<Pattern>) -> bool {
    let own = evaluate::pattern(estate, object, "bucket");
    text.zip(own).is_some_and(|(text, own)| {
        (&text.text, &text.holes) == (&own.text, &own.holes) && own.holes.iter().all(|hole| hole.reference.is_some())
    })
}

/// The key of an object in S3, where it is known.
pub(crate) fn key_of(object: &Object) -> Option<&str> {
    object.attribute(&["key"]).str()
}

fn drifted_bucket(estate: &Estate, change: &Change) -> Option<Bucket> {
    let name = change.before().get("bucket")?.as_str()?;
    Some(bucket_named(estate, location::bucket_of_arn_or_name(name)))
}

fn drifted_key(change: &Change) -> Option<&str> {
    change.before().get("key")?.as_str()
}

/// The one hole that a text consists of.
pub(crate) fn whole_hole<'a>(text: &str, holes: &'a [Hole]) -> Option<&'a Hole> {
    let mut chars = text.chars();
    let only = chars.next().filter(|_| chars.next().is_none())?;
    holes.get((only as usize).checked_sub(0xE000)?)
}

fn list_object_in(estate: &Estate, hole: &Hole) -> Option<ObjectId> {
    let id = hole.object?;
    let is_key = matches!(hole.attribute.as_deref(), Some("key" | "id"));
    (is_key && OBJECTS.contains(&estate.object(id).resource_type())).then_some(id)
}

/// The bucket of a name: managed in the estate and staying, or going, or a data source, or neither.
pub(crate) fn bucket_named(estate: &Estate, name: &str) -> Bucket {
    estate
        .buckets_named(name)
        .min_by_key(|(_, bucket)| (!bucket.is_managed(), bucket.presence == Presence::Going))
        .map_or_else(|| Bucket::Name(name.to_owned()), |(id, _)| Bucket::Object(id))
}

/// The bucket that an object in S3 is in, or that a setting is for.
pub(crate) fn bucket_of(estate: &Estate, id: ObjectId) -> Option<Bucket> {
    bucket_at(estate, id, &["bucket"])
}

/// The bucket that the attribute at `path` names: by its value (a name or an ARN), else by reference.
pub(crate) fn bucket_at(estate: &Estate, id: ObjectId, path: &[&str]) -> Option<Bucket> {
    if let Some(text) = estate.object(id).attribute(path).str() {
        return Some(bucket_named(estate, location::bucket_of_arn_or_name(text)));
    }
    let reached = references::reached_at(estate, id, path)?;
    match reached.of_types(estate, &[BUCKET])[..] {
        [only] if reached.stops.is_empty() => Some(Bucket::Object(only)),
        _ => None,
    }
}
