//! Whether EventBridge may send to a target as a role.

use tfduty_aws::{
    arn::Arn,
    policy::{Fact, Outcome, Resource, Subject},
    truth::Truth,
};

use super::{
    EventRule, EventTarget,
    access::{self, Access, Hindrance, Link},
    aim::On,
    request::EVENTS,
};
use crate::{
    estate::Estate,
    explain::{self, Explained},
    identities::{self, Held, Right},
    object::ObjectId,
    policies::{self, PolicyText},
    references,
};

const ROLE: &str = "aws_iam_role";
const ROLE_ARN: &str = "role_arn";

/// The role that EventBridge is to take on for a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RoleAt {
    /// None.
    None,
    /// One of the estate.
    Object(ObjectId),
    /// One that is not among the inputs.
    Elsewhere,
    /// It cannot be told which.
    Unknown,
}

/// The role of a target, by value, else by reference. What a role of the rule is good for AWS does not say.
pub(super) fn role_of(estate: &Estate, rule: &EventRule, target: &EventTarget) -> RoleAt {
    match role_at(estate, target.id) {
        RoleAt::None if role_at(estate, rule.id) != RoleAt::None => RoleAt::Unknown,
        at => at,
    }
}

fn role_at(estate: &Estate, id: ObjectId) -> RoleAt {
    let object = estate.object(id);
    let attribute = object.attribute(&[ROLE_ARN]);
    if attribute.is_absent() || (attribute.is_unknown() && estate.sets(object, ROLE_ARN) == Some(false)) {
        return RoleAt::None;
    }
    if let Some(arn) = attribute.str() {
        return policies::role_with_arn(estate, arn).map_or(RoleAt::Elsewhere, RoleAt::Object);
    }
    match references::reached(estate, id, ROLE_ARN) {
        Some(reached) if reached.stops.is_empty() => match reached.of_types(estate, &[ROLE])[..] {
            [only] => RoleAt::Object(only),
            _ => RoleAt::Unknown,
        },
        _ => RoleAt::Unknown,
    }
}

/// Whether EventBridge gets in as a role: it must be let take it on, and the role must be allowed one of these actions, on
/// the target or on something else; `None` where what it must be allowed is not known.
pub(super) fn access(link: Link<'_, '_>, role: RoleAt, asked: Option<(&[&str], On)>) -> Access {
    let role = match role {
        RoleAt::Object(role) => role,
        RoleAt::None => return Access::Skipped,
        RoleAt::Elsewhere | RoleAt::Unknown => return not_told(link, role),
    };
    match assumes(link, role) {
        Access::Granted => asked.map_or(Access::Granted, |asked| allowed(link, role, asked)),
        hindered => hindered,
    }
}

fn not_told(link: Link<'_, '_>, role: RoleAt) -> Access {
    let id = link.target.id;
    let why = match role {
        RoleAt::Elsewhere => "its role is not among the inputs".to_owned(),
        _ if link.context.estate.object(id).attribute(&[ROLE_ARN]).is_absent() => {
            "the rule has a role, and the target has none".to_owned()
        }
        _ => format!("`{ROLE_ARN}` decides, and {}", link.context.unknown(id, ROLE_ARN)),
    };
    let text = format!("whether EventBridge may send to {} is not known: {why}", link.name());
    let help = match role {
        RoleAt::Elsewhere => "add the state or plan that manages the role".to_owned(),
        _ => link.context.what_would_decide(id),
    };
    Access::Open(Hindrance { attribute: ROLE_ARN, ..Hindrance::new(text, help) })
}

/// Whether EventBridge may take the role on.
fn assumes(link: Link<'_, '_>, role: ObjectId) -> Access {
    let context = link.context;
    let text = policies::policy_of(context.estate, role, "assume_role_policy");
    let decision = link.decide(&text, &link.request("sts:AssumeRole", Resource::Unnamed));
    let name = context.estate.object(role).name();
    match (decision.outcome, &text) {
        (Outcome::Allow, _) => Access::Granted,
        (Outcome::Deny, PolicyText::Known(known)) => {
            let (why, label) = link.why_denied(known, &decision, ("sts:AssumeRole", Resource::Unnamed));
            let text = format!("EventBridge cannot send to {}: it may not assume {name}; {why}", link.name());
            let allow = format!(
                "allow it in the role's trust policy: `{{\"Effect\":\"Allow\",\"Principal\":{{\"Service\":\"{EVENTS}\"}},\
                 \"Action\":\"sts:AssumeRole\"}}`"
            );
            let help = if access::is_denied(&decision) { explain::exempt(EVENTS) } else { allow };
            Access::Denied(Hindrance { attribute: ROLE_ARN, ..Hindrance::new(text, help).at(label) })
        }
        _ => {
            let open =
                explain::open(context, &text, &decision.reasons).unwrap_or_else(|| explain::unknown(context, &text));
            let help = link.what_would_settle((&text, "role"), &decision);
            let text = format!("whether EventBridge may assume {name} is not known: {}", open.text);
            Access::Open(Hindrance { attribute: ROLE_ARN, ..Hindrance::new(text, help).at(open.labels) })
        }
    }
}

/// Whether the role may do one of these actions.
fn allowed(link: Link<'_, '_>, role: ObjectId, (actions, on): (&[&str], On)) -> Access {
    let (context, estate) = (link.context, link.context.estate);
    let resource = resource(link, on);
    let identities = context.readings.identities();
    let own = identities.held_by(role);
    let perhaps = identities.perhaps_held_by(estate, role);
    let (name, target) = (estate.object(role).name(), link.name());
    let listed = format!("`{}`", actions.join("` or `"));
    let open = |why: Explained, help: &str| {
        let text = format!("whether {name} may send to {target} is not known: {}", why.text);
        let help = format!("{help}; or give the role a policy that allows {listed}");
        Access::Open(Hindrance { attribute: ROLE_ARN, ..Hindrance::new(text, help).at(why.labels) })
    };
    let Some(right) = best(&own, actions, &resource) else { return Access::Granted };
    if right.truth == Truth::True {
        return Access::Granted;
    }
    if let (Truth::Unknown, Some((policy, judged))) = (right.truth, right.open.first()) {
        let (why, help) = explain::open_right(context, *policy, judged.as_ref());
        return open(why, &help);
    }
    let all: Vec<Held<'_>> = own.iter().chain(&perhaps).copied().collect();
    let may_be_let = best(&all, actions, &resource).is_some_and(|right| right.truth != Truth::False);
    if let Some(policy) = perhaps.first().filter(|_| may_be_let) {
        let (at, attribute) = policy.place();
        let text = format!("{} may be a policy of the role", estate.object(at).name());
        let labels = vec![context.label(at, &[attribute], "decides")];
        return open(Explained { text, labels }, &context.what_would_decide(at));
    }
    let text = format!("EventBridge cannot send to {target}: no policy of {name} allows it {listed} there");
    let help = format!("give the role a policy that allows {listed} on the target");
    let label = context.label(role, &["name"], "no policy of this role allows it");
    Access::Denied(Hindrance { attribute: ROLE_ARN, ..Hindrance::new(text, help).at([label]) })
}

/// What the actions are about that the role must be allowed. A task definition without a revision stands for its latest one.
fn resource(link: Link<'_, '_>, on: On) -> Resource {
    let anything = || Subject::new().free(&Fact::unknown());
    let definition =
        || link.context.estate.object(link.target.id).attribute(&["ecs_target", "task_definition_arn"]).str();
    Resource::Arn(match (on, definition()) {
        (On::Target, _) => return link.resource(),
        (On::TaskDefinition, Some(arn)) => match Arn::parse(arn) {
            Some(parsed) if parsed.resource.contains(':') => Subject::from(arn),
            Some(_) => Subject::from(arn).text(":").fact(&Fact::unknown()),
            None => anything(),
        },
        (On::TaskDefinition | On::Others, _) => anything(),
    })
}

/// What policies come to for the one of several actions that they are most likely to allow.
fn best<'i>(policies: &[Held<'i>], actions: &[&str], resource: &Resource) -> Option<Right<'i>> {
    let rights = actions.iter().map(|action| identities::right(policies, action, resource));
    rights.max_by_key(|right| right.truth)
}
