//! Lists in the matrix.

use tfduty_aws::truth::Truth;

use super::{
    Answer, Column, State, View,
    places::{Place, Seen},
};
use crate::{
    detectors::DetectorOf,
    graph::{Set, SetKind, Target},
};

impl View<'_, '_> {
    /// Whether the detector has a list of a kind that GuardDuty can read. Lists of a member's administrator are its own.
    pub(super) fn list(&self, place: &Place, column: Column) -> Answer {
        let kind = if column == Column::TrustedList { SetKind::Trusted } else { SetKind::Threat };
        let own = self.list_of(&place.detectors, kind);
        let own = own.or(|| self.by_administrator(place, "lists", |detectors| self.list_of(detectors, kind)));
        own.or(|| self.loose_list(place, kind))
    }

    fn list_of(&self, detectors: &[Seen], kind: SetKind) -> Answer {
        let graph = self.context.graph;
        let hangs_here = |set: &&Set| detectors.iter().any(|seen| seen.detector == *graph.detector_of(set.id));
        let sets = graph.sets.iter().filter(|set| set.kind == kind).filter(hangs_here);
        let answers = sets.map(|set| self.is_readable(set));
        let best = answers.reduce(|first, other| first.or(|| Some(other)));
        best.unwrap_or_else(|| self.nothing(detectors, "no input has one for this detector"))
    }

    fn is_readable(&self, set: &Set) -> Answer {
        let estate = self.context.estate;
        let object = match &set.target {
            Target::Object(id) => Some(*id),
            Target::Missing { .. } | Target::Invalid(_) | Target::Unknown { .. } => None,
        };
        let works = self.judged.works(estate, [Some(set.id), object].into_iter().flatten());
        match works.state {
            State::Yes => Answer::new(State::Yes, estate.object(set.id).name()).with(set.id),
            _ => works,
        }
    }

    /// A list whose detector cannot be told, and may be this one.
    fn loose_list(&self, place: &Place, kind: SetKind) -> Option<Answer> {
        let (estate, graph) = (self.context.estate, self.context.graph);
        let may_be = |set: &&Set| {
            set.kind == kind
                && *graph.detector_of(set.id) == DetectorOf::Unknown
                && place.holds(estate, estate.object(set.id)) != Truth::False
        };
        let set = graph.sets.iter().find(may_be)?;
        let reason = format!("to which detector {} belongs cannot be told", estate.object(set.id).name());
        Some(Answer::new(State::Unknown, reason).with(set.id))
    }

    /// That nothing of a kind hangs on these detectors. The stack that manages one shows what hangs on it; another one that
    /// only reads or names it does not.
    pub(super) fn nothing(&self, detectors: &[Seen], reason: &str) -> Answer {
        let estate = self.context.estate;
        let is_managed = |seen: &Seen| seen.detector.object().is_some_and(|id| estate.object(id).is_managed());
        if detectors.iter().any(is_managed) {
            return Answer::new(State::No, reason);
        }
        Answer::new(State::Unknown, format!("{reason}, and the stack of the detector is not among them"))
    }
}
