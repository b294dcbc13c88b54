//! Where findings go, in the matrix.

use tfduty_aws::truth::Truth;

use super::{
    Answer, State, View,
    places::{Place, Seen},
};
use crate::{
    alerts::{self, Bus, EventRule, Feed},
    detectors::DetectorOf,
    exports::DESTINATION,
    object::ObjectId,
};

impl View<'_, '_> {
    /// Whether findings go from here through EventBridge to somebody. Those of a member go to its administrator too.
    pub(super) fn alerts(&self, place: &Place) -> Answer {
        let own = self.alerts_of(&place.detectors);
        own.or(|| self.by_administrator(place, "alerts", |detectors| self.alerts_of(detectors)))
    }

    fn alerts_of(&self, detectors: &[Seen]) -> Answer {
        let rules = &self.context.readings.alerts().rules;
        let answers = rules.iter().filter_map(|rule| self.by_rule(detectors, rule));
        let best = answers.reduce(|first, other| first.or(|| Some(other)));
        best.unwrap_or_else(|| self.nothing(detectors, "no event rule of the inputs picks its findings up"))
    }

    /// What an event rule does with the findings of detectors; nothing where it is elsewhere, or about something else.
    fn by_rule(&self, detectors: &[Seen], rule: &EventRule) -> Option<Answer> {
        let estate = self.context.estate;
        let object = estate.object(rule.id);
        let is_there = detectors.iter().map(|seen| alerts::fits(estate, estate.object(seen.by), object)).max()?;
        let picks_up = rule.findings();
        if is_there == Truth::False || picks_up == Truth::False && !(rule.is_dead() && rule.names_guardduty()) {
            return None;
        }
        let works = self.judged.works(estate, [rule.id]);
        if works.state != State::Yes {
            return Some(works);
        }
        let open = |why: &str| Answer::new(State::Unknown, format!("{} {why}", object.name())).with(rule.id);
        if is_there == Truth::Unknown {
            return Some(open("picks them up, if it is in the detector's account and region"));
        }
        let arrives = match &rule.bus {
            Bus::Default => true,
            Bus::Object(bus) => matches!(self.context.readings.alerts().feed(estate, *bus), Feed::By(_)),
            Bus::Elsewhere(_) | Bus::Unknown => false,
        };
        if picks_up == Truth::Unknown || rule.is_on(estate) != Truth::True || !arrives {
            return Some(open("may pick them up: its pattern, state or event bus is not known"));
        }
        Some(self.by_targets(rule))
    }

    /// Whether one of a rule's targets gets what it picks up.
    fn by_targets(&self, rule: &EventRule) -> Answer {
        let (estate, alerts) = (self.context.estate, self.context.readings.alerts());
        let name = estate.object(rule.id).name();
        let answers = alerts.targets_of(rule.id).map(|target| {
            let works = self.judged.works(estate, [Some(target.id), target.aim.object].into_iter().flatten());
            match works.state {
                State::Yes => {
                    let target_name = estate.object(target.id).name();
                    Answer::new(State::Yes, format!("by {name} to {target_name}")).with(rule.id).with(target.id)
                }
                _ => works,
            }
        });
        let best = answers.reduce(|first, other| first.or(|| Some(other)));
        best.unwrap_or_else(|| {
            Answer::new(State::Unknown, format!("the targets of {name} are not known")).with(rule.id)
        })
    }

    /// Whether findings are exported to a bucket.
    pub(super) fn export(&self, place: &Place) -> Answer {
        let own = self.export_of(&place.detectors);
        let own = own.or(|| self.by_administrator(place, "exports", |detectors| self.export_of(detectors)));
        own.or(|| self.loose_export(place))
    }

    fn export_of(&self, detectors: &[Seen]) -> Answer {
        let (estate, graph) = (self.context.estate, self.context.graph);
        let hangs_here = |id: ObjectId| detectors.iter().any(|seen| seen.detector == *graph.detector_of(id));
        let destinations = self.context.present(DESTINATION).filter(|(id, _)| hangs_here(*id));
        let answers = destinations.map(|(id, object)| {
            let works = self.judged.works(estate, [id]);
            if works.state == State::Yes { Answer::new(State::Yes, object.name()).with(id) } else { works }
        });
        let best = answers.reduce(|first, other| first.or(|| Some(other)));
        best.unwrap_or_else(|| self.nothing(detectors, "no input has a publishing destination for this detector"))
    }

    /// A destination whose detector cannot be told, and may be this one.
    fn loose_export(&self, place: &Place) -> Option<Answer> {
        let (estate, graph) = (self.context.estate, self.context.graph);
        let (id, object) = self.context.present(DESTINATION).find(|(id, object)| {
            *graph.detector_of(*id) == DetectorOf::Unknown && place.holds(estate, object) != Truth::False
        })?;
        let reason = format!("to which detector {} belongs cannot be told", object.name());
        Some(Answer::new(State::Unknown, reason).with(id))
    }
}
