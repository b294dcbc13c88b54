//! Objects of which one may be meant, where references do not tell which.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use crate::{estate::Estate, object::ObjectId};

/// Objects of which one may be meant: all instances of a block, mostly. Each of thousands of instances may refer to all of
/// another block, so that they share the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Candidates(Vec<Arc<[ObjectId]>>);

impl Candidates {
    /// Takes in objects that are in the order of the estate.
    pub(crate) fn add(&mut self, ids: Arc<[ObjectId]>) {
        self.0.push(ids);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|ids| ids.len()).sum()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = ObjectId> {
        self.0.iter().flat_map(|ids| ids.iter().copied())
    }

    /// What is the same for candidates that share their lists, for as long as these are held.
    pub(crate) fn shared(&self) -> Vec<usize> {
        self.0.iter().map(|ids| ids.as_ptr().addr()).collect()
    }

    pub(crate) fn contains(&self, id: ObjectId) -> bool {
        self.0.iter().any(|ids| ids.binary_search(&id).is_ok())
    }
}

impl FromIterator<ObjectId> for Candidates {
    fn from_iter<T: IntoIterator<Item = ObjectId>>(ids: T) -> Self {
        let mut ids: Vec<ObjectId> = ids.into_iter().collect();
        ids.sort_unstable();
        if ids.is_empty() { Self::default() } else { Self(vec![ids.into()]) }
    }
}

/// Things in an order that may mean objects, to ask for the first that may mean one of those.
#[derive(Debug)]
pub(crate) struct MayMean<T = ObjectId> {
    /// Of those of which nothing is known but their unit, the first of each unit.
    by_unit: BTreeMap<usize, T>,
    by_meant: HashMap<ObjectId, T>,
    /// The lists whose objects are all in `by_meant`, by their addresses. They are held so that no other list can come to
    /// have one of these.
    known: HashMap<usize, Arc<[ObjectId]>>,
}

impl<T> Default for MayMean<T> {
    fn default() -> Self {
        Self { by_unit: BTreeMap::new(), by_meant: HashMap::new(), known: HashMap::new() }
    }
}

impl<T: Copy + Ord> MayMean<T> {
    /// Takes in, behind all others, what may mean any of these objects, or any of its unit where there are none.
    pub(crate) fn add(&mut self, unit: usize, thing: T, candidates: &Candidates) {
        if candidates.is_empty() {
            self.by_unit.entry(unit).or_insert(thing);
        }
        for ids in &candidates.0 {
            if self.known.insert(ids.as_ptr().addr(), Arc::clone(ids)).is_none() {
                for meant in ids.iter() {
                    self.by_meant.entry(*meant).or_insert(thing);
                }
            }
        }
    }

    /// The first that may mean an object.
    pub(crate) fn first(&self, estate: &Estate, meant: ObjectId) -> Option<T> {
        let of_unit = self.by_unit.get(&estate.object(meant).unit);
        of_unit.into_iter().chain(self.by_meant.get(&meant)).min().copied()
    }
}
