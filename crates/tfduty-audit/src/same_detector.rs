//! Whether sets belong to one detector, as far as the inputs tell.

use std::collections::{BTreeMap, BTreeSet};

use tfduty_aws::truth::Truth;

use crate::{
    by_place::ByPlace,
    context::Context,
    detectors::{DETECTOR, DetectorOf},
    object::{ObjectId, Presence},
};

/// Everything that tells a set's detector from others: the object, its id, its account and region. None where nothing is
/// known.
pub(crate) fn names(context: &Context<'_>, set: ObjectId) -> Vec<String> {
    let (object, id) = match context.graph.detector_of(set) {
        DetectorOf::Object(detector) => {
            (Some(detector.0), context.estate.object(*detector).attribute(&["id"]).str().map(str::to_owned))
        }
        DetectorOf::Elsewhere(id) => (None, Some(id.clone())),
        DetectorOf::Unknown => (None, None),
    };
    let (account, region) = place(context, set);
    let object = object.map(|object| format!("object {object}"));
    let id = id.map(|id| format!("id {id}"));
    let place = account.zip(region).map(|(account, region)| format!("place {account} {region}"));
    object.into_iter().chain(id).chain(place).collect()
}

/// Account and region of a set's detector.
fn place<'a>(context: &Context<'a>, set: ObjectId) -> (Option<&'a str>, Option<&'a str>) {
    let object = context.estate.object(context.graph.detector_of(set).object().unwrap_or(set));
    (object.account.as_deref(), object.region.as_deref())
}

/// Whether two sets may belong to one detector: neither account nor region tells them apart.
pub(crate) fn may_be(context: &Context<'_>, one: ObjectId, other: ObjectId) -> bool {
    let (one, other) = (place(context, one), place(context, other));
    Truth::equal(one.0, other.0) != Truth::False && Truth::equal(one.1, other.1) != Truth::False
}

/// Whether the same is known of the account and region of two sets' detectors.
pub(crate) fn are_told_alike(context: &Context<'_>, one: ObjectId, other: ObjectId) -> bool {
    place(context, one) == place(context, other)
}

/// A number that sets have in common which belong with the same others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kin(usize);

/// The sets of each detector.
pub(crate) struct SameDetector {
    kin: BTreeMap<ObjectId, Kin>,
    /// The sets of the detector of each kin, itself among them, in the order of the estate.
    sets: Vec<Vec<ObjectId>>,
}

impl SameDetector {
    pub(crate) fn of(context: &Context<'_>) -> Self {
        let mut by_name: BTreeMap<String, Vec<ObjectId>> = BTreeMap::new();
        for set in &context.graph.sets {
            for name in names(context, set.id) {
                by_name.entry(name).or_default().push(set.id);
            }
        }
        // Where everything speaks of one detector, a set whose detector cannot be told is taken for its own.
        let is_only = is_only_one(context);
        let is_open = |set: ObjectId| *context.graph.detector_of(set) == DetectorOf::Unknown;
        let mut numbers = BTreeMap::new();
        let mut same = Self { kin: BTreeMap::new(), sets: Vec::new() };
        for set in context.graph.sets.iter().map(|set| set.id) {
            let names = names(context, set);
            let what_tells = (names.clone(), is_only.then(|| (is_open(set), place(context, set))));
            let kin = *numbers.entry(what_tells).or_insert_with(|| {
                let alike = names.iter().filter_map(|name| by_name.get(name)).flatten().copied();
                let mut sets: BTreeSet<ObjectId> = alike.collect();
                if is_only {
                    let others = context.graph.sets.iter().map(|other| other.id);
                    sets.extend(
                        others.filter(|other| (is_open(set) || is_open(*other)) && may_be(context, set, *other)),
                    );
                }
                same.sets.push(sets.into_iter().collect());
                Kin(same.sets.len() - 1)
            });
            same.kin.insert(set, kin);
        }
        same
    }

    /// What a set has in common with those that belong with the same others.
    pub(crate) fn kin(&self, set: ObjectId) -> Option<Kin> {
        self.kin.get(&set).copied()
    }

    /// All sets of the detector of one kin, in the order of the estate.
    pub(crate) fn sets(&self, kin: Kin) -> &[ObjectId] {
        self.sets.get(kin.0).map_or(&[], Vec::as_slice)
    }
}

/// Whether inputs and sets together speak of exactly one detector.
fn is_only_one(context: &Context<'_>) -> bool {
    let objects = context.estate.of_type(DETECTOR).filter(|(_, detector)| detector.presence != Presence::Going);
    let mut found: BTreeSet<String> = objects
        .map(|(id, detector)| {
            detector.attribute(&["id"]).str().map_or_else(|| format!("object {}", id.0), |id| format!("id {id}"))
        })
        .collect();
    found.extend(context.graph.sets.iter().filter_map(|set| match context.graph.detector_of(set.id) {
        DetectorOf::Elsewhere(id) => Some(format!("id {id}")),
        DetectorOf::Object(_) | DetectorOf::Unknown => None,
    }));
    found.len() == 1
}

/// Whether a set is active, as far as is known.
pub(crate) fn is_active(context: &Context<'_>, set: ObjectId) -> bool {
    context.estate.object(set).attribute(&["activate"]).bool() != Some(false)
}

/// The detectors of objects, to ask whether one of them is taken for that of another object: something known of both is the
/// same, or nothing tells them apart.
pub(crate) struct Detectors<'a> {
    names: BTreeSet<String>,
    places: ByPlace<'a>,
    /// The same of those of which the detector cannot be told.
    open: ByPlace<'a>,
}

impl<'a> Detectors<'a> {
    pub(crate) fn of(context: &Context<'a>, objects: impl Iterator<Item = ObjectId>) -> Self {
        let mut detectors = Self { names: BTreeSet::new(), places: ByPlace::default(), open: ByPlace::default() };
        for id in objects {
            let (detector, estate) = (context.graph.detector_of(id), context.estate);
            let object = estate.object(detector.object().unwrap_or(id));
            detectors.names.extend(names(context, id));
            detectors.places.add(id, object);
            if *detector == DetectorOf::Unknown {
                detectors.open.add(id, object);
            }
        }
        detectors
    }

    /// Whether the detector of an object is taken for one of them.
    pub(crate) fn may_have(&self, context: &Context<'_>, id: ObjectId) -> bool {
        let detector = context.graph.detector_of(id);
        let object = context.estate.object(detector.object().unwrap_or(id));
        let places = if *detector == DetectorOf::Unknown { &self.places } else { &self.open };
        names(context, id).iter().any(|name| self.names.contains(name))
            || places.beside(object).flatten().next().is_some()
    }
}
