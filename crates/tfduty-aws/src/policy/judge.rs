//! Whether a statement matches a request, and why.

use super::compare::{Reading, Style};
use super::condition;
use super::document::Value;
use super::fault::Element;
use super::holes::{HoleId, Holes};
use super::node::Origin;
use super::principal::{Principal, is_caller, leaves_in};
use super::request::{Request, Resource};
use super::statement::{Effect, Slot, Statement};
use super::subject::{Fact, Subject};
use super::text::Text;
use super::weigh::Weighed;
use crate::truth::Truth;

/// What came of asking a statement whether it matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The index of its policy among those that were asked.
    pub policy: usize,
    /// Its index in that policy.
    pub statement: usize,
    /// Its `Sid`, where that is known.
    pub sid: Option<Box<str>>,
    /// Where it comes from.
    pub origin: Origin,
    /// As what it was asked. A statement whose `Effect` is not known is asked as both.
    pub effect: Effect,
    /// Whether it matches.
    pub truth: Truth,
    /// What decides: where the statement matches, all its elements; else those that do not match, or, where that cannot
    /// be told, those that keep it from being told.
    pub grounds: Vec<Ground>,
}

/// A part of a statement that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// Which part.
    pub place: Place,
    /// Where it comes from: the value that decides, where one alone does.
    pub origin: Origin,
    /// The holes that keep it from being told.
    pub holes: Vec<HoleId>,
}

/// A part of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An element; the condition only where it cannot be read.
    Element(Element),
    /// One condition.
    Condition {
        /// Its operator, as written.
        operator: Text,
        /// Its key, as written.
        key: Text,
    },
    /// An element of no known name.
    Unknown(Box<str>),
}

/// The parts of a statement, weighed.
struct Parts(Vec<(Place, Origin, Weighed)>);

impl Statement {
    /// Asks whether the statement, as one of `effect`, matches `request`: whether its principal, action, resource and
    /// conditions all do (IAM User Guide, "IAM JSON policy elements reference").
    pub fn judge(&self, effect: Effect, request: &Request, holes: &dyn Holes) -> Judged {
        let reading = self.reading(holes);
        let mut parts = Parts(Vec::new());
        parts.weigh_effect(&self.effect);
        parts.weigh(&self.principals, |element, principals: &Vec<Principal>| {
            weigh_principals(element, principals, effect, request, reading)
        });
        parts.weigh(&self.actions, |element, values| weigh_actions(element, values, &request.action, reading));
        parts.weigh(&self.resources, |element, values| weigh_resources(element, values, &request.resource, reading));
        if let Slot::Unreadable { element, origin, hole } = &self.conditions {
            parts.unreadable(*element, *origin, *hole);
        }
        for condition in self.conditions.value().into_iter().flatten() {
            let place = Place::Condition { operator: condition.operator.clone(), key: condition.key.clone() };
            parts.0.push((place, condition.origin, condition::weigh(condition, request, effect, reading)));
        }
        for (name, origin) in &self.strange {
            parts.0.push((Place::Unknown(name.clone()), *origin, Weighed::plain(Truth::Unknown)));
        }
        let truth = Truth::all(parts.0.iter().map(|(.., weighed)| weighed.truth));
        let deciding = parts.0.into_iter().filter(|(.., weighed)| weighed.truth == truth);
        let grounds = deciding.map(|(place, origin, weighed)| Ground {
            place,
            origin: weighed.origin.unwrap_or(origin),
            holes: weighed.holes,
        });
        Judged {
            policy: 0,
            statement: self.index,
            sid: self.sid().map(Into::into),
            origin: self.origin,
            effect,
            truth,
            grounds: grounds.collect(),
        }
    }

    /// Whether the statement is about `action`, whatever else it asks for.
    pub fn is_about_action(&self, action: &str, holes: &dyn Holes) -> Truth {
        let reading = self.reading(holes);
        self.actions.truth(|element, values| weigh_actions(element, values, action, reading).truth)
    }

    /// Whether the statement is about actions of a service (`guardduty`): about all of them, or about none. Of most
    /// statements this is all that need be asked.
    pub fn is_about_service(&self, service: &str, holes: &dyn Holes) -> Truth {
        let reading = self.reading(holes);
        let any = Subject::new().text(service).text(":").free(&Fact::unknown());
        let is_it = |value: &Value| reading.compare(&value.text, &any, ACTIONS);
        self.actions.truth(|element, values| listed(element, values, is_it).truth)
    }

    /// Whether the statement is about `resource`, whatever else it asks for.
    pub fn is_about_resource(&self, resource: &Resource, holes: &dyn Holes) -> Truth {
        let reading = self.reading(holes);
        self.resources.truth(|element, values| weigh_resources(element, values, resource, reading).truth)
    }

    pub(super) fn reading<'h>(&self, holes: &'h dyn Holes) -> Reading<'h> {
        Reading { holes, variables: self.variables }
    }
}

impl Parts {
    fn weigh<T>(&mut self, slot: &Slot<T>, weigh: impl FnOnce(Element, &T) -> Weighed) {
        match slot {
            Slot::Absent => {}
            Slot::Unreadable { element, origin, hole } => self.unreadable(*element, *origin, *hole),
            Slot::Present { element, origin, value } => {
                self.0.push((Place::Element(*element), *origin, weigh(*element, value)));
            }
        }
    }

    /// A known effect does not decide whether the statement matches.
    fn weigh_effect(&mut self, effect: &Slot<Effect>) {
        if let Slot::Unreadable { element, origin, hole } = effect {
            self.unreadable(*element, *origin, *hole);
        }
    }

    fn unreadable(&mut self, element: Element, origin: Origin, hole: Option<HoleId>) {
        let weighed = Weighed { holes: hole.into_iter().collect(), ..Weighed::plain(Truth::Unknown) };
        self.0.push((Place::Element(element), origin, weighed));
    }
}

impl<T> Slot<T> {
    /// What an element comes to by itself: one that is not there asks for nothing.
    fn truth(&self, weigh: impl FnOnce(Element, &T) -> Truth) -> Truth {
        match self {
            Slot::Absent => Truth::True,
            Slot::Unreadable { .. } => Truth::Unknown,
            Slot::Present { element, value, .. } => weigh(*element, value),
        }
    }
}

fn weigh_principals(
    element: Element,
    principals: &[Principal],
    effect: Effect,
    request: &Request,
    reading: Reading<'_>,
) -> Weighed {
    if element.is_negated() {
        let truth = leaves_in(principals, &request.caller, effect, reading);
        let holes = principals.iter().flat_map(|principal| principal.value.holes());
        let holes = if truth == Truth::Unknown { holes.collect() } else { Vec::new() };
        return Weighed { holes, ..Weighed::plain(truth) };
    }
    let mut principals_left = principals.iter();
    Weighed::any(principals.iter().map(|principal| &principal.value), |_| {
        let principal = principals_left.next();
        principal.map_or(Truth::Unknown, |principal| is_caller(principal, &request.caller, effect, reading))
    })
}

/// Actions are the same in upper and lower case (IAM User Guide, "IAM JSON policy elements: Action").
pub(super) const ACTIONS: Style = Style { wild: true, folded: true };

fn weigh_actions(element: Element, values: &[Value], action: &str, reading: Reading<'_>) -> Weighed {
    listed(element, values, |value| reading.compare_known(&value.text, action, ACTIONS))
}

fn weigh_resources(element: Element, values: &[Value], resource: &Resource, reading: Reading<'_>) -> Weighed {
    listed(element, values, |value| match resource {
        // A policy that has no place for resources has none to compare.
        Resource::Unnamed => Truth::Unknown,
        Resource::Arn(subject) => reading.compare(&value.text, subject, Style::WILD),
        Resource::OwnKey(subject) => reading.compare_own_key(&value.text, subject),
    })
}

/// Whether a list names something, or, of an element that names exceptions, does not.
fn listed(element: Element, values: &[Value], is_it: impl FnMut(&Value) -> Truth) -> Weighed {
    let listed = Weighed::any(values.iter(), is_it);
    if element.is_negated() { listed.negated() } else { listed }
}
