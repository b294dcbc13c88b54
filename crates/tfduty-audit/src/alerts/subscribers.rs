//! Who gets what a topic gets.

use tfduty_aws::{arn::Arn, truth::Truth};
use tfduty_terraform::Value;

use crate::{
    estate::Estate,
    object::{Object, ObjectId},
    references,
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

/// Who gets what a topic gets, by the subscriptions and chats of the estate.
pub(crate) fn subscribers(estate: &Estate, topic: ObjectId) -> Subscribers {
    let mut perhaps = None;
    let mut pending = Vec::new();
    for (id, subscription) in present(estate, SUBSCRIPTION) {
        match names(estate, (id, "topic_arn"), topic) {
            Some(true) if subscription.attribute(&["pending_confirmation"]).bool() == Some(true) => pending.push(id),
            Some(true) => return Subscribers::Some,
            Some(false) => {}
            None => perhaps = perhaps.or(Some((id, "topic_arn"))),
        }
    }
    for (id, _) in CHATS.iter().flat_map(|name| present(estate, name)) {
        match names(estate, (id, "sns_topic_arns"), topic) {
            Some(true) => return Subscribers::Some,
            Some(false) => {}
            None => perhaps = perhaps.or(Some((id, "sns_topic_arns"))),
        }
    }
    match perhaps {
        Some((id, attribute)) => Subscribers::Perhaps(id, attribute),
        None if !pending.is_empty() => Subscribers::Pending(pending),
        None if is_told(estate, topic) => Subscribers::Told,
        None => Subscribers::None,
    }
}

/// The subscriptions of a topic that stay.
pub(crate) fn subscriptions(estate: &Estate, topic: ObjectId) -> Vec<ObjectId> {
    let named = |id: ObjectId, attribute| names(estate, (id, attribute), topic) == Some(true);
    let subscriptions = present(estate, SUBSCRIPTION).filter(|(id, _)| named(*id, "topic_arn"));
    let chats = CHATS.iter().flat_map(|name| present(estate, name)).filter(|(id, _)| named(*id, "sns_topic_arns"));
    subscriptions.chain(chats).map(|(id, _)| id).collect()
}

fn present<'a>(estate: &'a Estate, resource_type: &str) -> impl Iterator<Item = (ObjectId, &'a Object)> + use<'a> {
    estate.of_type(resource_type).filter(|(_, object)| object.is_present())
}

/// Whether an attribute names a topic, alone or in a list: by its value, else by reference. `None` where it cannot be told.
fn names(estate: &Estate, (id, attribute): (ObjectId, &str), topic: ObjectId) -> Option<bool> {
    let (object, own) = (estate.object(id), estate.object(topic));
    let Some(value) = object.values.get(attribute).filter(|value| !value.is_null()) else { return Some(false) };
    let arn = own.attribute(&["arn"]);
    let is_it = |text: &str| arn.str() == Some(text);
    if value.items().iter().filter_map(Value::as_str).any(is_it) {
        return Some(true);
    }
    if value.is_wholly_known() || object.unit != own.unit {
        // The ARN of a topic that is not made yet may be written down: its name is in it.
        let is_named = |text: &str| is_named(own, text);
        let may_be = arn.str().is_none() && value.items().iter().filter_map(Value::as_str).any(is_named);
        return Some(may_be);
    }
    let reached = references::reached(estate, id, attribute)?;
    let topics = reached.of_types(estate, &[TOPIC]);
    match topics.contains(&topic) {
        true if topics.len() == 1 || attribute.ends_with('s') => Some(true),
        false if reached.stops.is_empty() && !reached.objects.is_empty() => Some(false),
        false if !reached.candidates.is_empty() && !reached.candidates.contains(&topic) => Some(false),
        _ => None,
    }
}

/// Whether an ARN has the name of a topic, and names no other place.
fn is_named(topic: &Object, text: &str) -> bool {
    let Some(arn) = Arn::parse(text) else { return false };
    topic.attribute(&["name"]).str() == Some(arn.resource)
        && Truth::equal(topic.region.as_deref(), Some(arn.region)) != Truth::False
        && Truth::equal(topic.account.as_deref(), Some(arn.account)) != Truth::False
}

/// Whether an output of the root module is the ARN of a topic: somebody else may subscribe to it.
fn is_told(estate: &Estate, topic: ObjectId) -> bool {
    let object = estate.object(topic);
    let unit = estate.unit(object);
    let arn = object.attribute(&["arn"]);
    let by_value = arn.str().is_some_and(|arn| unit.harmless.output_arns.iter().any(|output| &**output == arn));
    by_value
        || references::reached_by_outputs(estate, object.unit)
            .objects
            .iter()
            .any(|(id, attribute)| *id == topic && matches!(attribute.as_deref(), None | Some("arn" | "id")))
}
