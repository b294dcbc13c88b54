//! Whether a rule may send to another event bus without a role: by the policy of that bus.

use tfduty_aws::{
    arn::is_account_id,
    policy::{Effect, Holes, Principals, Statement, Who},
    truth::Truth,
};

use super::{
    access::{Access, Hindrance, Link},
    bus::{Bus, bus_at},
    request::EVENTS,
};
use crate::{
    object::ObjectId,
    policies::{self, KnownPolicy, PolicyText},
};

const POLICY: &str = "aws_cloudwatch_event_bus_policy";
const PERMISSION: &str = "aws_cloudwatch_event_permission";
const PUT: &str = "events:PutEvents";

/// Whether a rule may send to the bus that its target is, for which it has no role. AWS recommends one for every bus, and a
/// rule can do without one only where the bus lets the account of the rule in (Amazon EventBridge User Guide, "Permissions
/// for event buses").
pub(super) fn bus(link: Link<'_, '_>) -> Access {
    let estate = link.context.estate;
    let Some(bus) = link.aim().object.filter(|id| estate.object(*id).is_managed()) else {
        return link.elsewhere("event bus");
    };
    let unit = estate.object(bus).unit;
    let of_type = |name: &str| estate.of_type(name).filter(|(_, object)| object.is_present());
    let mut lets_in = Truth::False;
    let mut decides = None;
    for (id, object) in of_type(POLICY).chain(of_type(PERMISSION)) {
        let is_its = match bus_at(estate, id) {
            Bus::Object(own) => Truth::from(own == bus),
            Bus::Unknown if object.unit == unit => Truth::Unknown,
            _ => Truth::False,
        };
        let allows =
            is_its.and(if object.resource_type() == POLICY { by_policy(link, id) } else { by_permission(link, id) });
        if allows == Truth::Unknown {
            decides = decides.or(Some(id));
        }
        lets_in = lets_in.or(allows);
    }
    match (lets_in, decides) {
        (Truth::True, _) => Access::Granted,
        (Truth::Unknown, Some(id)) => {
            let text = format!(
                "whether the rule may send to {} is not known: the target has no role, and {} decides whether it does \
                 without",
                link.name(),
                estate.object(id).name()
            );
            let help = format!("{}; or give the target a role that may `{PUT}`", link.context.what_would_decide(id));
            let label = link.context.label(id, &[], "decides");
            Access::Open(Hindrance { attribute: "role_arn", ..Hindrance::new(text, help).at([label]) })
        }
        _ => {
            let text = format!(
                "EventBridge cannot send to {}: it sends to an event bus as a role, and the target has none; nor does a \
                 policy of the bus let the rule's account in",
                link.name()
            );
            let help = format!(
                "set `role_arn` to a role that `{EVENTS}` may assume, with a policy that allows `{PUT}` on the bus"
            );
            Access::Denied(Hindrance { attribute: "role_arn", ..Hindrance::new(text, help) })
        }
    }
}

fn by_policy(link: Link<'_, '_>, id: ObjectId) -> Truth {
    match policies::policy_of(link.context.estate, id, "policy") {
        PolicyText::None => Truth::False,
        PolicyText::Known(known) if known.is_readable() => {
            let account = link.context.estate.object(link.rule.id).account.as_deref();
            let statements = known.document().statements().iter();
            Truth::any(statements.map(|statement| by_statement(statement, &known, account)))
        }
        PolicyText::Known(_) | PolicyText::Unknown(_) => Truth::Unknown,
    }
}

/// Whether a statement lets an account send. Of its conditions nothing is known, nor of what it denies.
fn by_statement(statement: &Statement, known: &KnownPolicy, account: Option<&str>) -> Truth {
    let holes: &dyn Holes = known;
    let is_let_in = |who: &Who| match who {
        Who::Everyone => Truth::True,
        Who::Account(id) => Truth::equal(Some(id), account),
        Who::Service(name) => Truth::from(&**name == EVENTS),
        Who::Identity { .. } | Who::SomeIdentity | Who::GuardDutyRole | Who::Federated(_) => Truth::False,
        Who::Unclear => Truth::Unknown,
    };
    let named = match statement.principals(holes) {
        Principals::Named(named) => Truth::any(named.iter().map(|(who, _)| is_let_in(who))),
        Principals::AllBut(_) | Principals::Unreadable => Truth::Unknown,
    };
    let is_about = named.and(statement.is_about_action(PUT, holes));
    match (statement.effect(), statement.conditions()) {
        (Some(Effect::Allow), Some([])) => is_about,
        (Some(Effect::Deny), _) => Truth::False,
        _ => is_about.and(Truth::Unknown),
    }
}

fn by_permission(link: Link<'_, '_>, id: ObjectId) -> Truth {
    let estate = link.context.estate;
    let object = estate.object(id);
    let principal = object.attribute(&["principal"]);
    let named = match principal.str() {
        Some("*") => Truth::True,
        Some(text) if is_account_id(text) => Truth::equal(Some(text), estate.object(link.rule.id).account.as_deref()),
        Some(_) => Truth::False,
        None => Truth::Unknown,
    };
    let condition = object.attribute(&["condition"]).known().is_some_and(|block| !block.items().is_empty());
    if condition { named.and(Truth::Unknown) } else { named }
}
