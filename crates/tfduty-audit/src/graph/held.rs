//! The objects in S3 of an estate, by bucket and key.

use std::collections::{BTreeMap, HashMap};

use tfduty_aws::location;

use super::{Bucket, OBJECTS, bucket_of, drifted_bucket, drifted_key, key_of};
use crate::{
    estate::{Estate, is_drift_delete},
    object::{ObjectId, Presence},
};

/// The objects of each bucket, going ones too.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    of: BTreeMap<Bucket, Held>,
    buckets: BTreeMap<ObjectId, Bucket>,
    /// Those of which the bucket cannot be told.
    loose: Held,
}

/// The objects of one bucket.
#[derive(Debug, Default)]
struct Held {
    objects: Vec<ObjectId>,
    /// The same by the keys that name them in a location.
    by_key: HashMap<String, Vec<ObjectId>>,
    /// Those that stay, and whose key is not known.
    unnamed: Vec<ObjectId>,
}

impl Holdings {
    pub(super) fn of(estate: &Estate) -> Self {
        let mut holdings = Self::default();
        for (id, _) in OBJECTS.iter().flat_map(|name| estate.of_type(name)) {
            match bucket_of(estate, id) {
                Some(bucket) => {
                    holdings.of.entry(bucket.clone()).or_default().add(estate, id);
                    holdings.buckets.insert(id, bucket);
                }
                None => holdings.loose.add(estate, id),
            }
        }
        holdings
    }

    /// The bucket of an object.
    pub(super) fn bucket_of(&self, object: ObjectId) -> Option<&Bucket> {
        self.buckets.get(&object)
    }

    /// The objects of a bucket.
    pub(super) fn in_bucket(&self, bucket: &Bucket) -> &[ObjectId] {
        self.of.get(bucket).map_or(&[], |held| &held.objects)
    }

    /// The objects of a bucket which a location with this key names.
    pub(super) fn named(&self, bucket: &Bucket, key: &str) -> &[ObjectId] {
        self.of.get(bucket).map_or(&[], |held| held.named(key))
    }

    /// The objects that stay and may have this bucket and key, as far as is known: the first `most` of them, and how many
    /// there are.
    pub(super) fn perhaps_named(
        &self,
        estate: &Estate,
        (bucket, key): (&Bucket, &str),
        most: usize,
    ) -> (Vec<ObjectId>, usize) {
        let stays = |id: &ObjectId| estate.object(*id).presence == Presence::Present;
        let (mut first, mut count) = (Vec::new(), 0);
        for held in self.of.get(bucket).into_iter().chain([&self.loose]) {
            let named: Vec<ObjectId> = held.named(key).iter().copied().filter(stays).collect();
            count += named.len() + held.unnamed.len();
            first.extend(named.into_iter().take(most));
            first.extend(held.unnamed.iter().take(most));
        }
        first.sort_by_key(|id| (OBJECTS.iter().position(|name| *name == estate.object(*id).resource_type()), *id));
        first.truncate(most);
        (first, count)
    }
}

impl Held {
    fn add(&mut self, estate: &Estate, id: ObjectId) {
        let object = estate.object(id);
        self.objects.push(id);
        for key in key_of(object).into_iter().flat_map(location::stored_keys) {
            self.by_key.entry(key).or_default().push(id);
        }
        if object.presence == Presence::Present && object.attribute(&["key"]).is_unknown() {
            self.unnamed.push(id);
        }
    }

    fn named(&self, key: &str) -> &[ObjectId] {
        self.by_key.get(location::named_key(key)).map_or(&[], Vec::as_slice)
    }
}

/// Items of `resource_drift`, each by its unit and its place there.
pub(super) type Deleted = HashMap<(Bucket, String), (usize, usize)>;

/// What refresh found deleted among objects in S3, by bucket and the keys that name it in a location; of several the first.
pub(super) fn deleted(estate: &Estate) -> Deleted {
    let mut found = Deleted::new();
    for (unit_index, unit) in estate.units.iter().enumerate() {
        for (item, change) in unit.drift.iter().enumerate() {
            if !OBJECTS.contains(&&*change.address.resource_type) || !is_drift_delete(change) {
                continue;
            }
            let Some((bucket, key)) = drifted_bucket(estate, change).zip(drifted_key(change)) else { continue };
            for key in location::stored_keys(key) {
                found.entry((bucket.clone(), key)).or_insert((unit_index, item));
            }
        }
    }
    found
}
