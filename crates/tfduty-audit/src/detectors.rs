//! Detectors, and which detector an object belongs to.

use crate::{
    estate::Estate,
    object::{Attribute, Object, ObjectId},
    references,
    truth::Truth,
};

/// The resource type of detectors, managed and data.
pub(crate) const DETECTOR: &str = "aws_guardduty_detector";

/// Which detector an object names in `detector_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
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
        return by_id(estate, object.unit, wanted)
            .map_or_else(|| DetectorOf::Elsewhere(wanted.to_owned()), DetectorOf::Object);
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
        .of_type(DETECTOR)
        .filter(|(_, detector)| detector.attribute(&["id"]).str() == Some(wanted))
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

/// Managed detectors that will exist.
pub(crate) fn present(estate: &Estate) -> impl Iterator<Item = (ObjectId, &Object)> {
    estate.of_type(DETECTOR).filter(|(_, detector)| detector.is_present())
}

/// Whether a detector's account is a member of another one's: its administrator imposes lists, filters and frequency.
pub(crate) fn is_member(estate: &Estate, id: ObjectId) -> bool {
    let detector = estate.object(id);
    let accepts = estate
        .of_type("aws_guardduty_invite_accepter")
        .any(|(accepter, object)| object.is_present() && detector_of(estate, accepter) == DetectorOf::Object(id));
    let is_named = |member: &Object| {
        let account = member.attribute(&["account_id"]);
        account.str().is_some() && account.str() == detector.account.as_deref()
    };
    let named = estate.of_type("aws_guardduty_member").any(|(member, object)| {
        object.is_present() && is_named(object) && detector_of(estate, member) != DetectorOf::Object(id)
    });
    accepts || named
}
