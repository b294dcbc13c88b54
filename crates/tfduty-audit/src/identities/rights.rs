//! What identity policies come to for one action.

use tfduty_aws::{
    managed,
    partition::Partition,
    policy::{Effect, Element, Fact, Judged, Place, Request, Resource, Statement, Subject},
    truth::Truth,
};

use super::Held;
use crate::policies::{KnownPolicy, PolicyText};

/// Whether identity policies together allow something, and what that hangs on.
#[derive(Debug)]
pub(crate) struct Right<'i> {
    pub(crate) truth: Truth,
    /// Where it cannot be told: the policies that decide, each with its statement where its text is known.
    pub(crate) open: Vec<(Held<'i>, Option<Judged>)>,
}

/// Whether policies together allow an action on a resource: an Allow matches, and no Deny does.
pub(crate) fn right<'i>(held: &[Held<'i>], action: &str, resource: &Resource) -> Right<'i> {
    let request = Request::identity(action, resource.clone());
    let (mut allow, mut deny, mut open) = (Truth::False, Truth::False, Vec::new());
    for its in held {
        let known = match its {
            Held::Foreign(foreign) => {
                let allows = foreign.managed_by_aws().map_or(Truth::Unknown, |name| managed::allows(name, action));
                allow = allow.or(allows);
                open.extend((allows == Truth::Unknown).then_some((*its, None)));
                continue;
            }
            Held::Policy(policy) => match &policy.text {
                PolicyText::None => continue,
                PolicyText::Known(known) if known.is_readable() => known,
                PolicyText::Known(_) | PolicyText::Unknown(_) => {
                    allow = allow.or(Truth::Unknown);
                    open.push((*its, None));
                    continue;
                }
            },
        };
        for judged in judge(known, &request) {
            let sum = if judged.effect == Effect::Allow { &mut allow } else { &mut deny };
            *sum = sum.or(judged.truth);
            if judged.truth == Truth::Unknown {
                open.push((*its, Some(judged)));
            }
        }
    }
    Right { truth: allow.and(!deny), open }
}

/// What came of asking the statements of a policy.
pub(crate) fn judge(known: &KnownPolicy, request: &Request) -> Vec<Judged> {
    let each = known.document().statements().iter().flat_map(|statement| {
        let effects = [Effect::Deny, Effect::Allow].into_iter();
        let asked = effects.filter(|effect| statement.effect().is_none_or(|its| its == *effect));
        asked.map(|effect| statement.judge(effect, request, known))
    });
    each.collect()
}

/// Whether a statement would match but for its conditions, which nobody can look into without the request.
pub(crate) fn hangs_on_conditions(judged: &Judged) -> bool {
    let is_condition = |place: &Place| matches!(place, Place::Condition { .. });
    judged.grounds.iter().all(|ground| is_condition(&ground.place) && ground.holes.is_empty())
}

/// Anything of GuardDuty's, as what a request is about.
pub(crate) fn guardduty_resource(partition: Partition) -> Resource {
    let unknown = Fact::unknown();
    let begin = Subject::new().text(&format!("arn:{partition}:guardduty:")).fact(&unknown).text(":").fact(&unknown);
    Resource::Arn(begin.text(":").free(&unknown))
}

/// Whether a statement names actions of a service, and not only all that AWS has.
pub(crate) fn names_service(statement: &Statement, service: &str) -> bool {
    let mut actions = statement.texts().filter(|(element, _)| *element == Element::Action);
    actions.any(|(_, value)| {
        let begin = value.text.literals().next().unwrap_or_default();
        begin.split_once(':').is_some_and(|(named, _)| named.eq_ignore_ascii_case(service))
    })
}
