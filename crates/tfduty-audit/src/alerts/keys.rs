//! Whether EventBridge may use the key that encrypts a topic or a queue.

use tfduty_aws::{
    arn::Arn,
    policy::{Outcome, Resource},
};

use super::{
    EventRule, EventTarget, Kind,
    access::{self, Access, Hindrance, Link},
    request::EVENTS,
    roles::{self, RoleAt},
};
use crate::{
    context::{self, Context},
    estate::Estate,
    explain, facts,
    keys::{self, Fitness, Named},
    object::ObjectId,
    policies::PolicyText,
    references,
};

/// The attribute of topics and queues that names the key.
const KEY: &str = "kms_master_key_id";
/// What EventBridge does with the key (Amazon SNS Developer Guide, "Key management"; Amazon SQS Developer Guide, "Key
/// management").
const ACTIONS: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];
/// Names of the keys that AWS manages for SNS and SQS in each account and region.
const MANAGED: [&str; 2] = ["alias/aws/sns", "alias/aws/sqs"];

/// The topic or queue of a target that is encrypted with a key of KMS.
pub(crate) fn key_attribute(estate: &Estate, target: &EventTarget) -> Option<ObjectId> {
    let id = target.aim.object.filter(|_| matches!(target.aim.kind, Some(Kind::Topic | Kind::Queue)))?;
    let object = estate.object(id);
    let key = object.attribute(&[KEY]);
    let is_open = key.is_unknown() && estate.sets(object, KEY) != Some(false);
    (key.str().is_some() || is_open).then_some(id)
}

/// The key of a topic or queue that has one.
pub(crate) fn key_of(estate: &Estate, keys: &keys::Keys, owner: ObjectId) -> Named {
    if is_managed(estate, owner) {
        return Named::AwsManaged;
    }
    keys.named(estate, owner, &[KEY], estate.object(owner).region.as_deref())
}

/// Whether EventBridge may use the key of a topic or queue.
pub(crate) fn key(context: &Context<'_>, (rule, target): (&EventRule, &EventTarget), owner: ObjectId) -> Access {
    let link = Link { context, rule, target };
    let estate = context.estate;
    let has_role = roles::role_of(estate, rule, target) != RoleAt::None;
    if is_managed(estate, owner) {
        // The key lets every identity of its account use it by way of the service, but no other service.
        return if has_role { Access::Granted } else { managed(link, owner) };
    }
    match key_of(estate, context.readings.keys(), owner) {
        Named::Object(key) if is_managed_key(estate, key) && has_role => Access::Granted,
        Named::Object(key) if is_managed_key(estate, key) => managed(link, owner),
        Named::Object(key) if has_role => by_role(link, (owner, key)),
        Named::Object(key) => by_policy(link, (owner, key)),
        Named::AwsManaged => managed(link, owner),
        Named::Elsewhere { .. } => {
            let value = estate.object(owner).attribute(&[KEY]);
            let shown = context::shown(value.known(), value.str().unwrap_or_default());
            open(link, owner, &format!("its key {shown} is not among the inputs"))
        }
        Named::Unknown { stops } if stops.is_empty() => {
            open(link, owner, &format!("`{KEY}` decides, and {}", context.unknown(owner, KEY)))
        }
        Named::Unknown { stops } => {
            open(link, owner, &format!("`{KEY}` decides, and {} cannot be followed", context::quoted_list(&stops)))
        }
    }
}

/// Whether the key of a topic or queue is the one that AWS manages for its service: by its name, or by a data source that
/// reads it by that name.
fn is_managed(estate: &Estate, owner: ObjectId) -> bool {
    let is_name = |text: &str| MANAGED.contains(&Arn::parse(text).map_or(text, |arn| arn.resource));
    if let Some(text) = estate.object(owner).attribute(&[KEY]).str() {
        return is_name(text) || is_read(estate, text);
    }
    let Some(reached) = references::reached(estate, owner, KEY).filter(|reached| reached.stops.is_empty()) else {
        return false;
    };
    match reached.of_types(estate, &["aws_kms_alias", "aws_kms_key"])[..] {
        [only] => {
            ["name", "key_id"].iter().any(|name| estate.object(only).attribute(&[name]).str().is_some_and(is_name))
        }
        _ => false,
    }
}

/// Whether a data source reads the key with an id or ARN as one that AWS manages for SNS or SQS.
fn is_read(estate: &Estate, text: &str) -> bool {
    estate.of_type("aws_kms_alias").any(|(_, alias)| {
        let says = |name: &str| alias.attribute(&[name]).str() == Some(text);
        let is_managed = alias.attribute(&["name"]).str().is_some_and(|name| MANAGED.contains(&name));
        is_managed && (says("target_key_arn") || says("target_key_id"))
    })
}

/// Whether a data source says that AWS manages a key.
fn is_managed_key(estate: &Estate, key: ObjectId) -> bool {
    estate.object(key).attribute(&["key_manager"]).str() == Some("AWS")
}

/// The statement that a key's policy takes.
fn statement() -> String {
    format!(
        "`{{\"Effect\":\"Allow\",\"Principal\":{{\"Service\":\"{EVENTS}\"}},\
         \"Action\":[\"kms:Decrypt\",\"kms:GenerateDataKey*\"],\"Resource\":\"*\"}}`"
    )
}

/// What to do about a customer key that does not allow it.
fn allow() -> String {
    format!("allow both in the policy of the key: {}", statement())
}

fn managed(link: Link<'_, '_>, owner: ObjectId) -> Access {
    let text = format!(
        "EventBridge cannot send to {}: it is encrypted with the key that AWS manages for its service, which lets no other \
         service in, and whose policy nobody can change",
        link.name()
    );
    let label = link.context.label(owner, &[KEY], "managed by AWS");
    let help = format!("encrypt it with a customer key whose policy has {}", statement());
    Access::Denied(Hindrance { attribute: KEY, ..Hindrance::new(text, help).at([label]) })
}

fn open(link: Link<'_, '_>, owner: ObjectId, why: &str) -> Access {
    let text = format!("whether EventBridge may use the key of {} is not known: {why}", link.name());
    let label = link.context.label(owner, &[KEY], "decides");
    let help = "add the state or plan that manages the key".to_owned();
    Access::Open(Hindrance { attribute: KEY, ..Hindrance::new(text, help).at([label]) })
}

/// What a role needs of a key may come from the key's policy, or from the role's own: neither is looked into.
fn by_role(link: Link<'_, '_>, (owner, key): (ObjectId, ObjectId)) -> Access {
    let name = link.context.estate.object(key).name();
    let text = format!(
        "whether EventBridge may use the key of {} is not known: it sends as a role, which needs `{}` on {name}",
        link.name(),
        ACTIONS.join("` and `")
    );
    let help =
        "let the target do without a role, and allow it in the topic's or queue's policy and in the key's".to_owned();
    let label = link.context.label(owner, &[KEY], "decides");
    Access::Open(Hindrance { attribute: KEY, ..Hindrance::new(text, help).at([label]) })
}

/// The key, as what a request is about.
fn own_key(estate: &Estate, key: ObjectId) -> Resource {
    keys::request_key(estate, key).resource(facts::partition(estate, estate.object(key)))
}

fn by_policy(link: Link<'_, '_>, (owner, key): (ObjectId, ObjectId)) -> Access {
    let (context, estate) = (link.context, link.context.estate);
    let (name, of) = (estate.object(key).name(), link.name());
    let own = context.label(owner, &[KEY], "the key");
    if let Fitness::Unfit(attribute, says) = keys::fitness(estate, key, None) {
        let text = format!("EventBridge cannot send to {of}: its key {name} {says}");
        let help = "encrypt it with an enabled symmetric key of KMS, or with no key of KMS at all".to_owned();
        let labels = [own, context.label(key, &[attribute], says)];
        return Access::Denied(Hindrance { attribute: KEY, ..Hindrance::new(text, help).at(labels) });
    }
    let text = context.readings.key_policy(key);
    let mut undecided = None;
    for action in ACTIONS {
        let decision = link.decide(&text, &link.request(action, own_key(estate, key)));
        match (decision.outcome, &*text) {
            (Outcome::Allow, _) => {}
            (Outcome::Undecided, _) => undecided = undecided.or(Some(decision)),
            (Outcome::Deny, PolicyText::Known(known)) => {
                let (why, label) = link.why_denied(known, &decision, (action, own_key(estate, key)));
                let text = format!("EventBridge may not use {name}, the key of {of}: {why}");
                let labels = [own].into_iter().chain(label);
                let help = if access::is_denied(&decision) { explain::exempt(EVENTS) } else { allow() };
                return Access::Denied(Hindrance { attribute: KEY, ..Hindrance::new(text, help).at(labels) });
            }
            (Outcome::Deny, _) => {
                let text = format!(
                    "EventBridge may not use {name}, the key of {of}: it has the default policy, which lets in only its own \
                     account"
                );
                let labels = [own, context.label(key, &["policy"], "not set")];
                return Access::Denied(Hindrance { attribute: KEY, ..Hindrance::new(text, allow()).at(labels) });
            }
        }
    }
    let Some(decision) = undecided else { return Access::Granted };
    let open = explain::open(context, &text, &decision.reasons).unwrap_or_else(|| explain::unknown(context, &text));
    let said = format!("whether EventBridge may use {name}, the key of {of}, is not known: {}", open.text);
    let help = link.what_would_settle((&text, "key"), &decision);
    let labels = [own].into_iter().chain(open.labels);
    Access::Open(Hindrance { attribute: KEY, ..Hindrance::new(said, help).at(labels) })
}
