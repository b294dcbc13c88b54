//! What the rules on reading judge: each list that sets read, once.

use std::collections::BTreeSet;

use crate::{
    context::{Context, Subject},
    graph::{Bucket, Set, Target},
    object::ObjectId,
};

/// A list as GuardDuty reads it.
#[derive(Debug)]
pub(crate) struct Case {
    /// Whom findings are about: the object if Terraform manages it, else the first set.
    pub(crate) subject: ObjectId,
    /// The sets that read it, never none.
    pub(crate) sets: Vec<ObjectId>,
    /// Its bucket.
    pub(crate) bucket: Option<Bucket>,
    /// Its key, where a location alone says it.
    pub(crate) key: Option<String>,
    /// The object.
    pub(crate) object: Object,
}

/// Which object a list is.
#[derive(Debug)]
pub(crate) enum Object {
    /// This one.
    Found(ObjectId),
    /// That cannot be told, which another rule says: only what holds for each of these is worth saying. `None` is one that
    /// is not among the inputs.
    Open(Vec<Option<ObjectId>>),
}

impl Case {
    /// What the object may be.
    pub(crate) fn objects(&self) -> Vec<Option<ObjectId>> {
        match &self.object {
            Object::Found(object) => vec![Some(*object)],
            Object::Open(objects) => objects.clone(),
        }
    }

    /// The object, where it can be told.
    pub(crate) fn found(&self) -> Option<ObjectId> {
        match self.object {
            Object::Found(object) => Some(object),
            Object::Open(_) => None,
        }
    }

    /// The sets, one of each detector: GuardDuty reads as one role for all of them.
    pub(crate) fn readers(&self, context: &Context<'_>) -> Vec<ObjectId> {
        let mut seen = BTreeSet::new();
        let mut readers = self.sets.clone();
        readers.retain(|set| seen.insert(context.readings.actor(*set)));
        readers
    }
}

/// The lists of an estate: the objects that sets read, and what sets may read of a bucket that is known.
pub(crate) fn cases(context: &Context<'_>) -> Vec<Case> {
    let found = context.lists.iter().filter_map(|list| {
        let (Subject::Object(subject), Some(object)) = (&list.subject, list.object) else { return None };
        Some(Case {
            subject: *subject,
            sets: list.readers.iter().filter_map(|reader| reader.set).collect(),
            bucket: context.graph.bucket_of(object).cloned(),
            key: None,
            object: Object::Found(object),
        })
    });
    let open = context.graph.sets.iter().filter_map(|set| open(context, set));
    found.chain(open).collect()
}

/// A set of which the bucket is known, but not the object.
fn open(context: &Context<'_>, set: &Set) -> Option<Case> {
    let (bucket, key, objects) = match &set.target {
        // Whatever has the key is not among the inputs.
        Target::Missing { bucket, key } => (bucket, Some(key.clone()), vec![None]),
        Target::Unknown { bucket: Some(bucket), candidates, .. } if candidates.is_empty() => {
            let held = context.graph.held_by(bucket).iter().copied().map(Some);
            (bucket, None, held.chain([None]).collect())
        }
        Target::Unknown { bucket: Some(bucket), candidates, .. } => {
            (bucket, None, candidates.iter().map(Some).collect())
        }
        Target::Unknown { bucket: None, .. } | Target::Object(_) | Target::Invalid(_) => return None,
    };
    let sets = vec![set.id];
    Some(Case { subject: set.id, sets, bucket: Some(bucket.clone()), key, object: Object::Open(objects) })
}
