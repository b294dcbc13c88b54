//! Detectors, and which detector an object belongs to.

use std::collections::{BTreeMap, BTreeSet};

use tfduty_aws::truth::Truth;

use crate::{
    estate::Estate,
    object::{Attribute, Object, ObjectId, Presence},
    references, withheld,
};

/// The resource type of detectors, managed and data.
pub(crate) const DETECTOR: &str = "aws_guardduty_detector";

/// Which detector an object names in `detector_id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum DetectorOf {
    /// One of the estate.
    Object(ObjectId),
    /// One that is not among the inputs, by its id: it exists.
    Elsewhere(String),
    /// It cannot be told.
    Unknown,
}

impl DetectorOf {
    pub(crate) fn object(&self) -> Option<ObjectId> {
        match self {
            DetectorOf::Object(id) => Some(*id),
            _ => None,
        }
    }
}

/// Whether an object belongs to a detector.
pub(crate) fn is_child(object: &Object) -> bool {
    let name = object.resource_type();
    name != DETECTOR
        && (name.starts_with("aws_guardduty_") || name.starts_with("awscc_guardduty_"))
        && !detector_id(object).is_absent()
}

/// `detector_id` of a child.
pub(crate) fn detector_id(object: &Object) -> Attribute<'_> {
    object.attribute(&["detector_id"])
}

/// The detector that an object's `detector_id` names: by its value, else by reference.
pub(crate) fn detector_of(estate: &Estate, id: ObjectId) -> DetectorOf {
    let object = estate.object(id);
    if let Some(wanted) = detector_id(object).str() {
        return match by_id(estate, object.unit, wanted) {
            Some(detector) => DetectorOf::Object(detector),
            None if withheld::may_be_named(estate, DETECTOR, "id").next().is_some() => DetectorOf::Unknown,
            None => DetectorOf::Elsewhere(wanted.to_owned()),
        };
    }
    let Some(reached) = references::reached(estate, id, "detector_id") else { return DetectorOf::Unknown };
    match reached.of_types(estate, &[DETECTOR])[..] {
        [only] if reached.stops.is_empty() => DetectorOf::Object(only),
        _ => DetectorOf::Unknown,
    }
}

/// The detector with an id; a managed one before a data source, wherever it is, then one of the same unit.
fn by_id(estate: &Estate, unit: usize, wanted: &str) -> Option<ObjectId> {
    estate
        .detectors_with_id(wanted)
        .min_by_key(|(_, detector)| (!detector.is_managed(), detector.unit != unit))
        .map(|(id, _)| id)
}

/// Whether a detector watches: `enable` of a managed one (not set means true), `status` of a data source (older provider
/// versions do not have it: the detector exists, and no more is known).
pub(crate) fn is_on(detector: &Object) -> Truth {
    if detector.is_managed() {
        let enable = detector.attribute(&["enable"]);
        if enable.is_unknown() {
            return Truth::Unknown;
        }
        return Truth::from(enable.bool() != Some(false));
    }
    match detector.attribute(&["status"]).str() {
        Some("ENABLED") => Truth::True,
        Some("DISABLED") => Truth::False,
        _ => Truth::Unknown,
    }
}

/// Whether the estate manages the detector that a data source reads, be it on its way out.
pub(crate) fn is_managed_too(estate: &Estate, data: &Object) -> bool {
    let Some(id) = data.attribute(&["id"]).str() else { return false };
    let mut same = estate.detectors_with_id(id);
    same.any(|(_, detector)| detector.is_managed() && detector.presence != Presence::Unmanaged)
}

/// Managed detectors that will exist.
pub(crate) fn present(estate: &Estate) -> impl Iterator<Item = (ObjectId, &Object)> {
    estate.of_type(DETECTOR).filter(|(_, detector)| detector.is_present())
}

/// The detectors whose account is a member of another one's: its administrator imposes lists, filters and frequency.
#[derive(Debug, Default)]
pub(crate) struct Members {
    /// Detectors that accept an invitation.
    accepting: BTreeSet<ObjectId>,
    /// For each account that is named as a member the detectors that name it.
    named: BTreeMap<String, Vec<DetectorOf>>,
}

impl Members {
    pub(crate) fn of(estate: &Estate) -> Self {
        let present = |name| estate.of_type(name).filter(|(_, object)| object.is_present());
        let accepting = present("aws_guardduty_invite_accepter").filter_map(|(id, _)| detector_of(estate, id).object());
        let mut members = Members { accepting: accepting.collect(), named: BTreeMap::new() };
        for (id, member) in present("aws_guardduty_member") {
            if let Some(account) = member.attribute(&["account_id"]).str() {
                members.named.entry(account.to_owned()).or_default().push(detector_of(estate, id));
            }
        }
        members
    }

    /// Whether a detector's account is a member.
    pub(crate) fn has(&self, estate: &Estate, detector: ObjectId) -> bool {
        let naming = estate.object(detector).account.as_ref().and_then(|account| self.named.get(&**account));
        self.accepting.contains(&detector) || naming.into_iter().flatten().any(|by| *by != DetectorOf::Object(detector))
    }
}
