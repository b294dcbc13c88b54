//! Who gets what a topic gets.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use tfduty_aws::{arn::Arn, truth::Truth};
use tfduty_terraform::Value;

use crate::{
    candidates::MayMean,
    estate::Estate,
    object::{Object, ObjectId},
    references::{self, Reached},
};

const TOPIC: &str = "aws_sns_topic";
/// The resource type of subscriptions.
const SUBSCRIPTION: &str = "aws_sns_topic_subscription";
/// Resource types that subscribe a chat to the topics that they list.
const CHATS: [&str; 4] = [
    "aws_chatbot_slack_channel_configuration",
    "aws_chatbot_teams_channel_configuration",
    "awscc_chatbot_microsoft_teams_channel_configuration",
    "awscc_chatbot_slack_channel_configuration",
];

/// Who gets what a topic gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subscribers {
    /// Somebody, or something.
    Some,
    /// Only those who have not confirmed it yet.
    Pending(Vec<ObjectId>),
    /// It cannot be told: this object may subscribe somebody.
    Perhaps(ObjectId, &'static str),
    /// Nobody among the inputs, but an output tells the topic to others.
    Told,
    /// Nobody.
    None,
}

/// Everything that subscribes to topics, by the topic: there may be thousands of both.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    named: Vec<Named>,
    /// What names an ARN, and what names one of which the name is in it: places in `named`.
    by_arn: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
    /// What refers to a topic, and perhaps to others.
    by_object: BTreeMap<ObjectId, Vec<usize>>,
    /// What refers to one of several topics alone.
    perhaps: MayMean<usize>,
    /// What refers to something that cannot be told, by unit.
    open: BTreeMap<usize, Vec<usize>>,
    /// What the outputs of the root modules of units tell.
    told: Mutex<BTreeMap<usize, BTreeSet<ObjectId>>>,
}

/// What names a topic, or several.
#[derive(Debug)]
struct Named {
    id: ObjectId,
    attribute: &'static str,
    /// What its references lead to, where not all of it is known: `None` where nothing shows them.
    reached: Option<Reached>,
    /// Whether references were to be followed.
    is_open: bool,
}

impl Subscriptions {
    pub(super) fn of(estate: &Estate) -> Self {
        let mut subscriptions = Self::default();
        for (id, _) in present(estate, SUBSCRIPTION) {
            subscriptions.add(estate, id, "topic_arn");
        }
        for (id, _) in CHATS.iter().flat_map(|name| present(estate, name)) {
            subscriptions.add(estate, id, "sns_topic_arns");
        }
        subscriptions
    }

    fn add(&mut self, estate: &Estate, id: ObjectId, attribute: &'static str) {
        let object = estate.object(id);
        let Some(value) = object.values.get(attribute).filter(|value| !value.is_null()) else { return };
        let place = self.named.len();
        for text in value.items().iter().filter_map(Value::as_str) {
            self.by_arn.entry(text.to_owned()).or_default().push(place);
            if let Some(arn) = Arn::parse(text) {
                self.by_name.entry(arn.resource.to_owned()).or_default().push(place);
            }
        }
        let is_open = !value.is_wholly_known();
        let reached = if is_open { references::reached(estate, id, attribute) } else { None };
        if let Some(reached) = &reached {
            let topics = reached.of_types(estate, &[TOPIC]);
            let is_mixed = !topics.is_empty();
            let candidates = reached.candidates.iter().filter(|_| is_mixed);
            for topic in topics.into_iter().chain(candidates).collect::<BTreeSet<_>>() {
                self.by_object.entry(topic).or_default().push(place);
            }
            if !is_mixed && !reached.candidates.is_empty() {
                self.perhaps.add(object.unit, place, &reached.candidates);
            }
        }
        let tells = |reached: &Reached| {
            (reached.stops.is_empty() && !reached.objects.is_empty()) || !reached.candidates.is_empty()
        };
        if is_open && !reached.as_ref().is_some_and(tells) {
            self.open.entry(object.unit).or_default().push(place);
        }
        self.named.push(Named { id, attribute, reached, is_open });
    }

    /// Everything that names a topic, and the first of what may, in the order of subscriptions, then chats: with whether it
    /// does.
    fn of_topic(&self, estate: &Estate, topic: ObjectId) -> Vec<(&Named, Option<bool>)> {
        let own = estate.object(topic);
        let (arn, name) = (own.attribute(&["arn"]).str(), own.attribute(&["name"]).str());
        let by_arn = arn.and_then(|arn| self.by_arn.get(arn));
        // The ARN of a topic that is not made yet may be written down: its name is in it.
        let by_name = name.filter(|_| arn.is_none()).and_then(|name| self.by_name.get(name));
        let lists = [by_arn, by_name, self.by_object.get(&topic)];
        let mut places: BTreeSet<usize> = lists.into_iter().flatten().flatten().copied().collect();
        let names = |place: usize| Some((self.named.get(place)?, self.named.get(place)?.names(estate, topic)));
        let is_doubtful = |place: &usize| names(*place).is_some_and(|(_, names)| names.is_none());
        places.extend(self.open.get(&own.unit).into_iter().flatten().copied().find(is_doubtful));
        places.extend(self.perhaps.first(estate, topic));
        places.into_iter().filter_map(names).filter(|(_, names)| *names != Some(false)).collect()
    }

    /// Who gets what a topic gets.
    pub(crate) fn subscribers(&self, estate: &Estate, topic: ObjectId) -> Subscribers {
        let mut perhaps = None;
        let mut pending = Vec::new();
        for (Named { id, attribute, .. }, names) in self.of_topic(estate, topic) {
            let is_pending = || estate.object(*id).attribute(&["pending_confirmation"]).bool() == Some(true);
            match names {
                Some(_) if *attribute == "topic_arn" && is_pending() => pending.push(*id),
                Some(_) => return Subscribers::Some,
                None => perhaps = perhaps.or(Some((*id, *attribute))),
            }
        }
        match perhaps {
            Some((id, attribute)) => Subscribers::Perhaps(id, attribute),
            None if !pending.is_empty() => Subscribers::Pending(pending),
            None if self.is_told(estate, topic) => Subscribers::Told,
            None => Subscribers::None,
        }
    }

    /// The subscriptions of a topic that stay.
    pub(crate) fn naming(&self, estate: &Estate, topic: ObjectId) -> Vec<ObjectId> {
        let named = self.of_topic(estate, topic).into_iter();
        named.filter(|(_, names)| *names == Some(true)).map(|(named, _)| named.id).collect()
    }

    /// Whether an output of the root module is the ARN of a topic: somebody else may subscribe to it.
    fn is_told(&self, estate: &Estate, topic: ObjectId) -> bool {
        let object = estate.object(topic);
        let unit = estate.unit(object);
        let arn = object.attribute(&["arn"]);
        let by_value = arn.str().is_some_and(|arn| unit.harmless.output_arns.iter().any(|output| &**output == arn));
        let read = || {
            let objects = references::reached_by_outputs(estate, object.unit).objects.into_iter();
            let arns = objects.filter(|(_, attribute)| matches!(attribute.as_deref(), None | Some("arn" | "id")));
            arns.map(|(id, _)| id).collect()
        };
        by_value
            || self
                .told
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(object.unit)
                .or_insert_with(read)
                .contains(&topic)
    }
}

impl Named {
    /// Whether this names a topic, alone or in a list: by its value, else by reference. `None` where it cannot be told.
    fn names(&self, estate: &Estate, topic: ObjectId) -> Option<bool> {
        let (object, own) = (estate.object(self.id), estate.object(topic));
        let texts = || object.values.get(self.attribute).into_iter().flat_map(Value::items).filter_map(Value::as_str);
        let arn = own.attribute(&["arn"]);
        if texts().any(|text| arn.str() == Some(text)) {
            return Some(true);
        }
        if !self.is_open || object.unit != own.unit {
            return Some(arn.str().is_none() && texts().any(|text| is_named(own, text)));
        }
        let reached = self.reached.as_ref()?;
        let topics = reached.of_types(estate, &[TOPIC]);
        match topics.contains(&topic) {
            true if topics.len() == 1 || self.attribute.ends_with('s') => Some(true),
            false if reached.stops.is_empty() && !reached.objects.is_empty() => Some(false),
            false if !reached.candidates.is_empty() && !reached.candidates.contains(topic) => Some(false),
            _ => None,
        }
    }
}

fn present<'a>(estate: &'a Estate, resource_type: &str) -> impl Iterator<Item = (ObjectId, &'a Object)> + use<'a> {
    estate.of_type(resource_type).filter(|(_, object)| object.is_present())
}

/// Whether an ARN has the name of a topic, and names no other place.
fn is_named(topic: &Object, text: &str) -> bool {
    let Some(arn) = Arn::parse(text) else { return false };
    topic.attribute(&["name"]).str() == Some(arn.resource)
        && Truth::equal(topic.region.as_deref(), Some(arn.region)) != Truth::False
        && Truth::equal(topic.account.as_deref(), Some(arn.account)) != Truth::False
}
