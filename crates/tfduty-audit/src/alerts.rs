//! The alert path: how a finding of a detector gets to somebody, link by link.
//!
//! A detector sends its findings to the default event bus of its account and region. There an event rule with a pattern
//! picks them up and sends them to its targets, each of which must let EventBridge in: by its own policy, or by a role
//! that EventBridge takes on; if it is encrypted, by the policy of its key as well. What a topic gets, its subscribers
//! get. A target may be another event bus, of another account or region too, where other rules go on from.

mod access;
mod aim;
mod bus;
mod functions;
mod keys;
mod logs;
mod others;
mod request;
mod roles;
mod subscribers;

use std::{collections::BTreeMap, sync::OnceLock};

use tfduty_aws::{
    pattern::{Reach, Verdict},
    truth::Truth,
};
use tfduty_terraform::UnitKind;

pub(crate) use self::{
    access::{Access, Hindrance, access},
    aim::{Aim, Kind},
    bus::{BUS, Bus, Feed},
    keys::{key, key_attribute, key_of},
    subscribers::{Subscribers, Subscriptions},
};
use self::{aim::Aims, bus::bus_at, functions::Permissions};
use crate::{
    by_place::ByPlace,
    candidates::{Candidates, MayMean},
    detectors,
    estate::Estate,
    facts,
    object::{Object, ObjectId},
    policies::{self, PatternText},
    references, withheld,
};

/// The resource type of event rules.
pub(crate) const RULE: &str = "aws_cloudwatch_event_rule";
/// The resource type of their targets.
pub(crate) const TARGET: &str = "aws_cloudwatch_event_target";

/// The attribute of a rule that says whether it is on, and the older one.
const STATE: &str = "state";
const IS_ENABLED: &str = "is_enabled";

/// The event rules of an estate, and what they send to.
#[derive(Debug)]
pub(crate) struct Alerts {
    /// Every event rule that stays, in the order of the estate.
    pub(crate) rules: Vec<EventRule>,
    /// Every target that stays, in the same order.
    pub(crate) targets: Vec<EventTarget>,
    /// Places in `targets`, by the rule that they belong to.
    by_rule: BTreeMap<ObjectId, Vec<usize>>,
    /// The same by the object that they aim at.
    by_aim: BTreeMap<ObjectId, Vec<usize>>,
    /// Targets of which the rule cannot be told.
    loose: MayMean,
    /// The permissions of functions, and what gets what a topic gets, sorted out when they are asked for.
    permissions: OnceLock<Permissions>,
    subscriptions: OnceLock<Subscriptions>,
    others: OnceLock<bus::Others>,
}

/// An event rule.
#[derive(Debug)]
pub(crate) struct EventRule {
    pub(crate) id: ObjectId,
    /// The bus that it listens to.
    pub(crate) bus: Bus,
    pub(crate) pattern: PatternText,
    /// What the pattern can match of what GuardDuty sends, where it is known.
    pub(crate) reach: Option<Reach>,
}

/// A target of an event rule.
#[derive(Debug)]
pub(crate) struct EventTarget {
    pub(crate) id: ObjectId,
    /// The rule that it belongs to.
    pub(crate) rule: RuleOf,
    /// What it is.
    pub(crate) aim: Aim,
}

/// The rule that a target names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RuleOf {
    /// One of the estate.
    Rule(ObjectId),
    /// One that is not among the inputs.
    Elsewhere,
    /// It cannot be told: perhaps one of these; any of the stack where there is none.
    Unknown(Candidates),
}

impl EventRule {
    /// The event rule that an object is.
    pub(crate) fn of(estate: &Estate, id: ObjectId) -> Self {
        let pattern = policies::pattern_of(estate, id);
        let reach = match &pattern {
            PatternText::Known(pattern, _) => Some(pattern.reach()),
            _ => None,
        };
        Self { id, bus: bus_at(estate, id), pattern, reach }
    }

    /// Whether it can match a finding.
    pub(crate) fn findings(&self) -> Truth {
        match (&self.pattern, &self.reach) {
            (_, Some(reach)) => reach.findings,
            (PatternText::Unknown(_), None) => Truth::Unknown,
            _ => Truth::False,
        }
    }

    /// Whether it can match a finding, or what GuardDuty tells of scans, agents and protected buckets. A pattern that is
    /// known only in parts, and does not name GuardDuty, is most likely about something else.
    pub(crate) fn is_alert(&self) -> bool {
        let Some(reach) = &self.reach else { return false };
        match reach.findings.or(reach.notices) {
            Truth::True => true,
            Truth::Unknown => self.names_guardduty(),
            Truth::False => false,
        }
    }

    /// Whether its pattern has the name of GuardDuty, in whatever spelling.
    pub(crate) fn names_guardduty(&self) -> bool {
        match &self.pattern {
            PatternText::Known(_, written) | PatternText::Refused(_, written) => written.names_guardduty,
            PatternText::None | PatternText::Unknown(_) => false,
        }
    }

    /// Whether it is about GuardDuty, and never matches anything.
    pub(crate) fn is_dead(&self) -> bool {
        match (&self.pattern, &self.reach) {
            (PatternText::Refused(_, written), _) => written.names_guardduty,
            (_, Some(reach)) => reach.verdict == Verdict::Dead,
            _ => false,
        }
    }

    /// Whether it is on. Of the two attributes that say so the configuration sets one; the other may show what was before.
    pub(crate) fn is_on(&self, estate: &Estate) -> Truth {
        let object = estate.object(self.id);
        let is_set = |name: &str| estate.sets(object, name);
        let says = |name: &str, other: &str, is_off: bool| {
            let is_stale = is_set(name) == Some(false) && is_set(other) == Some(true);
            match (is_stale, is_off, object.attribute(&[name]).is_unknown() && is_set(name) != Some(false)) {
                (false, true, _) => Truth::False,
                (false, false, true) => Truth::Unknown,
                _ => Truth::True,
            }
        };
        let is_disabled = object.attribute(&[STATE]).str() == Some("DISABLED");
        let is_not_enabled = object.attribute(&[IS_ENABLED]).bool() == Some(false);
        says(STATE, IS_ENABLED, is_disabled).and(says(IS_ENABLED, STATE, is_not_enabled))
    }
}

impl Alerts {
    pub(crate) fn of(estate: &Estate) -> Self {
        let present = |name: &str| estate.of_type(name).filter(|(_, object)| object.is_present());
        let rules: Vec<EventRule> = present(RULE).map(|(id, _)| EventRule::of(estate, id)).collect();
        let mut by_name: BTreeMap<&str, Vec<&EventRule>> = BTreeMap::new();
        for rule in &rules {
            if let Some(name) = estate.object(rule.id).attribute(&["name"]).str() {
                by_name.entry(name).or_default().push(rule);
            }
        }
        let aims = Aims::of(estate);
        let targets: Vec<EventTarget> = present(TARGET)
            .map(|(id, _)| EventTarget { id, rule: rule_of(estate, id, &by_name), aim: aims.of_target(estate, id) })
            .collect();
        let (mut by_rule, mut by_aim): (BTreeMap<_, Vec<usize>>, BTreeMap<_, Vec<usize>>) = Default::default();
        let mut loose = MayMean::default();
        for (place, target) in targets.iter().enumerate() {
            match &target.rule {
                RuleOf::Rule(rule) => by_rule.entry(*rule).or_default().push(place),
                RuleOf::Unknown(candidates) => loose.add(estate.object(target.id).unit, target.id, candidates),
                RuleOf::Elsewhere => {}
            }
            if let Some(object) = target.aim.object {
                by_aim.entry(object).or_default().push(place);
            }
        }
        let (permissions, subscriptions, others) = Default::default();
        Self { rules, targets, by_rule, by_aim, loose, permissions, subscriptions, others }
    }

    /// An event rule of the estate.
    pub(crate) fn rule(&self, id: ObjectId) -> Option<&EventRule> {
        self.rules.binary_search_by_key(&id, |rule| rule.id).ok().and_then(|place| self.rules.get(place))
    }

    /// A target of the estate.
    pub(crate) fn target(&self, id: ObjectId) -> Option<&EventTarget> {
        self.targets.binary_search_by_key(&id, |target| target.id).ok().and_then(|place| self.targets.get(place))
    }

    /// The rule that a target belongs to.
    pub(crate) fn rule_of(&self, target: &EventTarget) -> Option<&EventRule> {
        match target.rule {
            RuleOf::Rule(id) => self.rule(id),
            _ => None,
        }
    }

    /// The targets of a rule.
    pub(crate) fn targets_of(&self, rule: ObjectId) -> impl Iterator<Item = &EventTarget> {
        self.targets_at(self.by_rule.get(&rule))
    }

    /// The targets that are an object.
    pub(crate) fn aimed_at(&self, object: ObjectId) -> impl Iterator<Item = &EventTarget> {
        self.targets_at(self.by_aim.get(&object))
    }

    fn targets_at<'s>(&'s self, places: Option<&'s Vec<usize>>) -> impl Iterator<Item = &'s EventTarget> {
        places.into_iter().flatten().filter_map(|place| self.targets.get(*place))
    }

    /// A target that may belong to a rule, for all that the inputs tell.
    pub(crate) fn may_be_target(&self, estate: &Estate, rule: ObjectId) -> Option<ObjectId> {
        self.loose.first(estate, rule)
    }

    /// The rules that send alerts to a topic.
    pub(crate) fn rules_of_topic(&self, topic: ObjectId) -> impl Iterator<Item = &EventRule> {
        self.aimed_at(topic).filter_map(|target| self.rule_of(target)).filter(|rule| rule.is_alert())
    }

    /// The subscriptions of the estate.
    pub(crate) fn subscriptions(&self, estate: &Estate) -> &Subscriptions {
        self.subscriptions.get_or_init(|| Subscriptions::of(estate))
    }

    /// The permissions of the estate.
    fn permissions(&self, estate: &Estate) -> &Permissions {
        self.permissions.get_or_init(|| Permissions::of(estate))
    }
}

/// The present detectors of an estate by their places.
pub(crate) fn detectors_by_place(estate: &Estate) -> ByPlace<'_> {
    let mut places = ByPlace::default();
    for (id, detector) in detectors::present(estate) {
        places.add(id, detector);
    }
    places
}

/// Of these detectors those whose findings come to the default bus of a rule's account and region, in the order of the
/// estate.
pub(crate) fn detectors_of(estate: &Estate, places: &ByPlace<'_>, rule: ObjectId) -> Vec<ObjectId> {
    let object = estate.object(rule);
    let beside = places.beside(object).flatten().copied();
    let mut own: Vec<ObjectId> = beside.filter(|id| fits(estate, estate.object(*id), object) == Truth::True).collect();
    own.sort_unstable();
    own
}

/// Whether two objects are in one account and region. What `show -json` prints of a state does not tell the region of
/// most objects: there the two are taken to be in one unless a difference is known.
pub(crate) fn fits(estate: &Estate, one: &Object, other: &Object) -> Truth {
    let is_shown = |object: &Object| estate.unit(object).kind == UnitKind::StateJson;
    match facts::same_place(estate, one, other) {
        Truth::Unknown if one.unit == other.unit && is_shown(one) => Truth::True,
        truth => truth,
    }
}

/// The rule that a target names: by its value, else by reference.
fn rule_of(estate: &Estate, target: ObjectId, by_name: &BTreeMap<&str, Vec<&EventRule>>) -> RuleOf {
    let object = estate.object(target);
    let Some(name) = object.attribute(&["rule"]).str() else {
        let Some(reached) = references::reached(estate, target, "rule") else {
            return RuleOf::Unknown(Candidates::default());
        };
        return match reached.of_types(estate, &[RULE])[..] {
            [only] if reached.stops.is_empty() && estate.object(only).is_present() => RuleOf::Rule(only),
            [_] if reached.stops.is_empty() => RuleOf::Elsewhere,
            _ => RuleOf::Unknown(reached.candidates),
        };
    };
    let bus = bus_at(estate, target);
    let named = by_name.get(name).into_iter().flatten();
    let judged = named.filter_map(|rule| {
        let own = estate.object(rule.id);
        let truth = fits(estate, own, object).and(bus.is(&rule.bus));
        let is_strange = own.unit != object.unit;
        (truth != Truth::False).then_some((is_strange, !truth, own.address.module != object.address.module, rule.id))
    });
    // Of another stack a name alone proves nothing, but it may be the one.
    let (mut found, strange): (Vec<_>, Vec<_>) =
        judged.partition(|(is_strange, untruth, ..)| !is_strange || *untruth == Truth::False);
    found.sort_unstable();
    match found[..] {
        [] => {
            let named = withheld::may_be_named(estate, RULE, "name");
            let candidates: Candidates = strange.into_iter().map(|(.., id)| id).chain(named).collect();
            if candidates.is_empty() { RuleOf::Elsewhere } else { RuleOf::Unknown(candidates) }
        }
        [(strange, truth, module, _), (other_strange, other_truth, other_module, _), ..]
            if (strange, truth, module) == (other_strange, other_truth, other_module) =>
        {
            RuleOf::Unknown(found.iter().map(|(.., id)| *id).collect())
        }
        [(.., first), ..] => RuleOf::Rule(first),
    }
}
