//! Event buses, and what comes to one that is not the default.

use std::collections::BTreeMap;

use tfduty_aws::{arn::Arn, truth::Truth};

use super::{Alerts, EventRule, EventTarget, RuleOf, fits};
use crate::{
    estate::Estate,
    index::By,
    object::{Object, ObjectId},
    policies::PatternText,
    references,
};

/// The resource type of event buses, managed and data.
pub(crate) const BUS: &str = "aws_cloudwatch_event_bus";
/// Resource types that let others send to a bus.
const OPENING: [&str; 2] = ["aws_cloudwatch_event_bus_policy", "aws_cloudwatch_event_permission"];
/// The name of the bus that services of AWS send to.
const DEFAULT: &str = "default";

/// An event bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bus {
    /// The one that services of AWS send to, of the account and region at hand.
    Default,
    /// Another one of the estate.
    Object(ObjectId),
    /// One that is not among the inputs, by its name.
    Elsewhere(String),
    /// It cannot be told.
    Unknown,
}

impl Bus {
    /// Whether two are the same.
    pub(crate) fn is(&self, other: &Bus) -> Truth {
        match (self, other) {
            (Bus::Unknown, _) | (_, Bus::Unknown) => Truth::Unknown,
            _ => Truth::from(self == other),
        }
    }
}

/// What brings GuardDuty's events to a bus that is not the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Feed {
    /// A rule of the default bus.
    By(ObjectId),
    /// This object may: it lets others send, or it cannot be told what it sends, or where to.
    Perhaps(ObjectId),
    /// Nothing among the inputs.
    None,
}

/// The bus that `event_bus_name` of an object names: by its value, else by reference.
pub(crate) fn bus_at(estate: &Estate, id: ObjectId) -> Bus {
    let object = estate.object(id);
    let attribute = object.attribute(&["event_bus_name"]);
    if attribute.is_absent() || (attribute.is_unknown() && estate.sets(object, "event_bus_name") == Some(false)) {
        return Bus::Default;
    }
    if let Some(text) = attribute.str() {
        return named(estate, object, text);
    }
    let Some(reached) = references::reached(estate, id, "event_bus_name") else { return Bus::Unknown };
    match reached.of_types(estate, &[BUS])[..] {
        [only] if reached.stops.is_empty() => of_object(estate, only),
        _ => Bus::Unknown,
    }
}

/// The bus that an object of the estate stands for.
pub(super) fn of_object(estate: &Estate, id: ObjectId) -> Bus {
    match estate.object(id).attribute(&["name"]).str() {
        Some(DEFAULT) => Bus::Default,
        _ => Bus::Object(id),
    }
}

/// The bus with a name or ARN, as `by` knows it.
fn named(estate: &Estate, by: &Object, text: &str) -> Bus {
    let arn = Arn::parse(text);
    let name = arn.map_or(text, |arn| arn.resource.strip_prefix("event-bus/").unwrap_or(arn.resource));
    let is_away = arn.is_some_and(|arn| {
        Truth::equal(Some(arn.region), by.region.as_deref()) == Truth::False
            || Truth::equal(Some(arn.account), by.account.as_deref()) == Truth::False
    });
    if is_away {
        return Bus::Elsewhere(text.to_owned());
    }
    if name == DEFAULT {
        return Bus::Default;
    }
    let own = estate.with_text(By::BusName, name).filter(|(_, bus)| fits(estate, bus, by) != Truth::False);
    let best = own.min_by_key(|(_, bus)| (bus.unit != by.unit, !bus.is_managed()));
    best.map_or_else(|| Bus::Elsewhere(name.to_owned()), |(id, _)| Bus::Object(id))
}

/// What may bring events to a bus besides the rules that surely do.
#[derive(Debug)]
pub(super) struct Others {
    /// Targets of which nothing is known, by unit: their places among all.
    open: BTreeMap<usize, Vec<usize>>,
    /// For each bus the first object that lets others send to it.
    opens: BTreeMap<ObjectId, (usize, ObjectId)>,
    /// For each unit the first that does of which the bus cannot be told.
    opens_any: BTreeMap<usize, (usize, ObjectId)>,
}

impl Others {
    fn of(alerts: &Alerts, estate: &Estate) -> Self {
        let mut others = Self { open: BTreeMap::new(), opens: BTreeMap::new(), opens_any: BTreeMap::new() };
        for (place, target) in alerts.targets.iter().enumerate().filter(|(_, target)| target.aim.is_unknown()) {
            others.open.entry(estate.object(target.id).unit).or_default().push(place);
        }
        let opening = OPENING.iter().flat_map(|name| estate.of_type(name)).filter(|(_, object)| object.is_present());
        for (place, (id, object)) in opening.enumerate() {
            match bus_at(estate, id) {
                Bus::Object(bus) => others.opens.entry(bus).or_insert((place, id)),
                Bus::Unknown => others.opens_any.entry(object.unit).or_insert((place, id)),
                Bus::Default | Bus::Elsewhere(_) => continue,
            };
        }
        others
    }
}

impl Alerts {
    /// What brings findings, or GuardDuty's other news, to a bus of the estate. A bus takes from others what its policy lets
    /// in: where it has one, the sender may be in another account, and not among the inputs.
    pub(crate) fn feed(&self, estate: &Estate, bus: ObjectId) -> Feed {
        let by = |rule: &&EventRule| rule.bus == Bus::Default && rule.is_alert() && rule.is_on(estate) != Truth::False;
        if let Some(rule) = self.aimed_at(bus).filter_map(|target| self.rule_of(target)).find(by) {
            return Feed::By(rule.id);
        }
        let unit = estate.object(bus).unit;
        let others = self.others.get_or_init(|| Others::of(self, estate));
        let open = others.open.get(&unit).into_iter().flatten().filter_map(|place| self.targets.get(*place));
        let may_send = |target: &&EventTarget| self.may_alert(estate, target);
        let of_bus = self.aimed_at(bus).find(may_send);
        if let Some(target) = of_bus.into_iter().chain(open.clone().find(may_send)).map(|target| target.id).min() {
            return Feed::Perhaps(target);
        }
        let opens = others.opens.get(&bus).into_iter().chain(others.opens_any.get(&unit)).min();
        opens.map_or(Feed::None, |(_, id)| Feed::Perhaps(*id))
    }

    /// Whether a target may get GuardDuty's events: its rule, or what that picks up, cannot be told.
    fn may_alert(&self, estate: &Estate, target: &EventTarget) -> bool {
        match &target.rule {
            RuleOf::Elsewhere => false,
            RuleOf::Unknown(_) => true,
            RuleOf::Rule(id) => self.rule(*id).is_some_and(|rule| {
                let is_open = matches!(rule.pattern, PatternText::Unknown(_)) || rule.findings() == Truth::Unknown;
                rule.bus.is(&Bus::Default) != Truth::False
                    && rule.is_on(estate) != Truth::False
                    && (is_open || rule.is_alert())
            }),
        }
    }
}
