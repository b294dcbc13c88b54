//! What decides about a policy, in words and with the places that show it.

use tfduty_aws::{
    policy::{Effect, Element, FaultKind, Ground, Judged, Origin, Place, Reason, Request, Text},
    truth::Truth,
};
use tfduty_terraform::escape;

use crate::{
    context::{Context, Label},
    finding::Anchor,
    identities::Held,
    object::ObjectId,
    policies::{KnownPolicy, PolicyText, UnknownPolicy},
    reading::Case,
};

/// Reasons that are spelled out in one message.
const MOST_REASONS: usize = 3;

/// What decides, in words and with its places.
#[derive(Debug)]
pub(crate) struct Explained {
    /// A sentence, or the second half of one.
    pub(crate) text: String,
    /// The places, the one that decides first.
    pub(crate) labels: Vec<Label>,
}

/// A statement by its `Sid` and its place. Of a sensitive policy only the place may be shown.
pub(crate) fn statement(policy: &KnownPolicy, index: usize, sid: Option<&str>) -> String {
    let place = format!("`Statement[{index}]`, counted from 0");
    match sid.filter(|sid| !policy.sensitive && !sid.is_empty()) {
        Some(sid) => format!("statement `{}` ({place})", escape(sid)),
        None => format!("a statement ({place})"),
    }
}

/// The parts of a statement that tell whether it is about GuardDuty's role: of those that decide its conditions, else whom
/// it names, else all.
fn telling(judged: &Judged) -> Vec<&Ground> {
    let of = |is_one: fn(&Place) -> bool| judged.grounds.iter().filter(|ground| is_one(&ground.place)).collect();
    let conditions: Vec<&Ground> = of(|place| matches!(place, Place::Condition { .. }));
    if !conditions.is_empty() {
        return conditions;
    }
    let named: Vec<&Ground> = of(|place| matches!(place, Place::Element(Element::Principal | Element::NotPrincipal)));
    if named.is_empty() { judged.grounds.iter().collect() } else { named }
}

/// A part of a statement, in backquotes.
fn part(place: &Place) -> String {
    let written = |text: &Text| match text.as_literal() {
        Some(literal) => escape(literal).into_owned(),
        None => format!("{}…", escape(text.literals().next().unwrap_or_default())),
    };
    match place {
        Place::Element(element) => format!("`{element}`"),
        Place::Condition { operator, key } => format!("`{}` on `{}`", written(operator), written(key)),
        Place::Unknown(name) => format!("`{}`", escape(&**name)),
    }
}

/// Parts of a statement, in backquotes.
pub(crate) fn parts(grounds: &[&Ground]) -> String {
    let parts: Vec<String> = grounds.iter().map(|ground| part(&ground.place)).collect();
    parts.join(" and ")
}

/// Statements that deny, as the second half of a sentence: "statement `X` (…) of `aws_s3_bucket_policy.x` denies it
/// `s3:GetObject` by `StringNotEquals` on `aws:PrincipalArn`".
pub(crate) fn denies(context: &Context<'_>, policy: &KnownPolicy, reasons: &[Reason], action: &str) -> Explained {
    let denying: Vec<&Judged> = reasons.iter().filter_map(statement_of).collect();
    let label = |judged: &Judged| {
        let grounds = telling(judged);
        let origin = grounds.first().map_or(judged.origin, |ground| ground.origin);
        policy.label(context.estate, origin, "denies GuardDuty's role")
    };
    let labels: Vec<Label> = denying.iter().map(|judged| label(judged)).collect();
    let Some(first) = denying.first() else { return Explained { text: String::new(), labels } };
    let by = if policy.sensitive { String::new() } else { format!(" by {}", parts(&telling(first))) };
    let name = |judged: &&Judged| match &judged.sid {
        Some(sid) if !policy.sensitive => format!("`{}`", escape(&**sid)),
        _ => format!("`Statement[{}]`", judged.statement),
    };
    let mut others: Vec<String> = denying[1..].iter().take(MOST_REASONS).map(name).collect();
    if denying.len() - 1 > others.len() {
        others.push(format!("{} more", denying.len() - 1 - others.len()));
    }
    let more = if others.is_empty() { String::new() } else { format!(" (and so do {})", others.join(", ")) };
    let statement = statement(policy, first.statement, first.sid.as_deref());
    let text = format!("{statement} of {} denies it `{action}`{by}{more}", holder(context, policy));
    Explained { text, labels }
}

/// Of a policy that allows a caller nothing, the statement that comes nearest to it, as a clause: it is about the action
/// and names the caller.
pub(crate) fn near_miss(
    context: &Context<'_>,
    policy: &KnownPolicy,
    (action, request): (&str, &Request),
) -> Option<Explained> {
    let allowing = policy.document().statements().iter().filter(|statement| {
        statement.effect() == Some(Effect::Allow) && statement.is_about_action(action, policy) == Truth::True
    });
    let judged = allowing.map(|statement| statement.judge(Effect::Allow, request, policy));
    let is_for_caller = |ground: &Ground| {
        !matches!(ground.place, Place::Element(Element::Principal | Element::NotPrincipal | Element::Action))
    };
    let missing = judged.filter(|judged| judged.truth == Truth::False && judged.grounds.iter().all(is_for_caller));
    let nearest = missing.min_by_key(|judged| judged.grounds.len())?;
    let grounds: Vec<&Ground> = nearest.grounds.iter().collect();
    let statement = statement(policy, nearest.statement, nearest.sid.as_deref());
    let but_for = if policy.sensitive { "a part of it".into() } else { format!("its {}", parts(&grounds)) };
    let label = |ground: &&Ground| policy.label(context.estate, ground.origin, "does not match");
    Some(Explained {
        text: format!("{statement} would, but for {but_for}"),
        labels: grounds.iter().take(MOST_REASONS).map(label).collect(),
    })
}

/// A policy by the object that holds it.
fn holder(context: &Context<'_>, policy: &KnownPolicy) -> String {
    context.estate.object(policy.holder).name()
}

/// What would have to be known of a policy: the statements, with the parts and the holes that keep them from being judged,
/// or why there is none to judge. `None` where the reasons lie elsewhere.
pub(crate) fn open(context: &Context<'_>, policy: &PolicyText, reasons: &[Reason]) -> Option<Explained> {
    if reasons.iter().any(|reason| matches!(reason, Reason::PolicyUnknown(_))) {
        return Some(unknown(context, policy));
    }
    let PolicyText::Known(policy) = policy else { return None };
    let is_open = |judged: &&Judged| judged.truth == Truth::Unknown;
    let statements: Vec<&Judged> = reasons.iter().filter_map(statement_of).filter(is_open).collect();
    if statements.is_empty() {
        return None;
    }
    let mut texts: Vec<String> =
        statements.iter().take(MOST_REASONS).map(|judged| undecided_statement(policy, judged)).collect();
    if statements.len() > texts.len() {
        texts.push(format!("{} more", statements.len() - texts.len()));
    }
    let labels = statements.iter().flat_map(|judged| {
        telling(judged).into_iter().map(|ground| policy.label(context.estate, ground.origin, "decides"))
    });
    let labels: Vec<Label> = labels.take(2 * MOST_REASONS).collect();
    let faults = faults(context, policy, &statements);
    let text = format!("{} has {}{}", holder(context, policy), texts.join(", "), faults.text);
    Some(Explained { text, labels: labels.into_iter().chain(faults.labels).collect() })
}

fn statement_of(reason: &Reason) -> Option<&Judged> {
    match reason {
        Reason::Statement(judged) => Some(judged),
        _ => None,
    }
}

fn undecided_statement(policy: &KnownPolicy, judged: &Judged) -> String {
    let statement = statement(policy, judged.statement, judged.sid.as_deref());
    if policy.sensitive {
        return format!("{statement} that cannot be judged");
    }
    let grounds = telling(judged);
    let mut holes: Vec<String> = Vec::new();
    for hole in judged.grounds.iter().flat_map(|ground| &ground.holes).map(|hole| policy.hole(*hole)) {
        if !holes.contains(&hole) {
            holes.push(hole);
        }
    }
    holes.truncate(MOST_REASONS);
    let decides = parts(&grounds);
    match holes.as_slice() {
        [] => format!("{statement} in which {decides} decides"),
        holes => format!("{statement} in which {decides} decides, with {}", holes.join(", ")),
    }
}

/// Why nothing is known of a policy.
pub(crate) fn unknown(context: &Context<'_>, policy: &PolicyText) -> Explained {
    match policy {
        PolicyText::Unknown(unknown) => {
            let Some(holder) = unknown.holder else {
                return Explained { text: unknown.why.clone(), labels: Vec::new() };
            };
            let name = context.estate.object(holder).name();
            let text = format!("`{}` of {name} decides, and {}", unknown.attribute, unknown.why);
            let (object, anchor) = context.label(holder, &[unknown.attribute], "not known");
            let sensitive = anchor.sensitive || unknown.sensitive;
            Explained { text, labels: vec![(object, Anchor { sensitive, ..anchor })] }
        }
        PolicyText::Known(policy) => {
            let faults = faults(context, policy, &[]);
            let text = format!("the policy in {} cannot be read{}", holder(context, policy), faults.text);
            Explained { text, labels: faults.labels }
        }
        PolicyText::None => Explained { text: "there is no policy".into(), labels: Vec::new() },
    }
}

/// What to add to the run so that more is known of the policy of a bucket or key.
pub(crate) fn what_would_tell(context: &Context<'_>, policy: &PolicyText, of: &str) -> String {
    let holder = match policy {
        PolicyText::Known(known) => Some(known.holder),
        PolicyText::Unknown(UnknownPolicy { mend: Some(mend), .. }) => return (*mend).to_owned(),
        PolicyText::Unknown(unknown) => unknown.holder,
        PolicyText::None => None,
    };
    match holder {
        Some(holder) => context.what_would_decide(holder),
        None => format!("add the state or plan that manages the {of}"),
    }
}

/// A service that calls as itself.
pub(crate) struct Calling<'a> {
    /// As which one.
    pub(crate) service: &'a str,
    /// How people call it.
    pub(crate) name: &'static str,
    /// For what: a detector, a rule.
    pub(crate) source: ObjectId,
}

/// What to do where it cannot be told whether a policy lets a service in: change its statements, where nothing that might be
/// added would tell what they come to; else add it.
pub(crate) fn what_would_settle(
    context: &Context<'_>,
    (policy, of): (&PolicyText, &str),
    reasons: &[Reason],
    calling: &Calling<'_>,
) -> String {
    let source = context.estate.object(calling.source);
    let is_open = |ground: &Ground| match &ground.place {
        Place::Condition { key, .. } => match key.as_literal() {
            Some(key) if key.eq_ignore_ascii_case("aws:SourceAccount") => source.account.is_none(),
            Some(key) if key.eq_ignore_ascii_case("aws:SourceArn") => source.attribute(&["arn"]).str().is_none(),
            _ => !ground.holes.is_empty(),
        },
        _ => !ground.holes.is_empty(),
    };
    let effects: Option<Vec<Effect>> = reasons
        .iter()
        .map(|reason| match reason {
            Reason::Statement(judged) if !judged.grounds.iter().any(is_open) => Some(judged.effect),
            _ => None,
        })
        .collect();
    match effects {
        Some(effects) if effects.contains(&Effect::Deny) => exempt(calling.service),
        Some(effects) if !effects.is_empty() => format!(
            "let {} in by a statement with no other conditions than `aws:SourceAccount` and `aws:SourceArn`",
            calling.name
        ),
        _ => what_would_tell(context, policy, of),
    }
}

/// What to do about a statement that keeps a service out.
pub(crate) fn exempt(service: &str) -> String {
    format!("exempt `{service}` in the Deny")
}

/// Why it cannot be told whether an identity has a right, with what to add: a policy that it has, and the statement of it where
/// the text is known.
pub(crate) fn open_right(context: &Context<'_>, held: Held<'_>, judged: Option<&Judged>) -> (Explained, String) {
    let (holder, attribute) = held.place();
    let label = |text: &str| context.label(holder, &[attribute], text);
    match held {
        Held::Foreign(_) => {
            let name = context.estate.object(holder).name();
            let text = format!("{name} attaches a policy that is not among the inputs, or not known by its name");
            (Explained { text, labels: vec![label("decides")] }, "add the state that holds that policy".into())
        }
        Held::Policy(policy) => match (&policy.text, judged) {
            (PolicyText::Known(known), Some(judged)) => {
                let text = format!("{} has {}", self::holder(context, known), undecided_statement(known, judged));
                let labels = vec![known.label(context.estate, judged.origin, "decides")];
                (Explained { text, labels }, context.what_would_decide(holder))
            }
            (text, _) => (unknown(context, text), what_would_tell(context, text, "policy")),
        },
    }
}

/// What is wrong with the statements that decide, and with the policy as a whole. Of a sensitive policy no names are shown.
fn faults(context: &Context<'_>, policy: &KnownPolicy, statements: &[&Judged]) -> Explained {
    let concerns = |statement: Option<usize>| {
        statement.is_none_or(|index| statements.is_empty() || statements.iter().any(|judged| judged.statement == index))
    };
    let faults: Vec<(Origin, String)> = policy
        .document()
        .faults()
        .iter()
        .filter(|fault| concerns(fault.statement))
        .map(|fault| {
            let shown = |kind: &FaultKind| escape(kind.to_string()).into_owned();
            let text = if policy.sensitive { "AWS does not take this".into() } else { shown(&fault.kind) };
            (fault.origin, text)
        })
        .collect();
    let text = faults.first().map_or_else(String::new, |(_, first)| format!(": {first}"));
    let label = |(origin, text): (Origin, String)| policy.label(context.estate, origin, text);
    Explained { text, labels: faults.into_iter().take(MOST_REASONS).map(label).collect() }
}

/// The list of a case: the object, or what a set reads.
pub(crate) fn list(context: &Context<'_>, case: &Case) -> String {
    match case.found() {
        Some(object) => context.estate.object(object).name(),
        None => format!("the list of {}", context.estate.object(case.subject).name()),
    }
}

/// How a condition exempts the role.
pub(crate) fn exemption(role: &str) -> String {
    format!("`condition {{ test = \"ArnNotEquals\" variable = \"aws:PrincipalArn\" values = [\"{role}\"] }}`")
}

/// The place of a list where nothing else shows: where the object names its bucket, or the set the object.
pub(crate) fn own_place(context: &Context<'_>, case: &Case) -> Label {
    match case.found().filter(|object| *object == case.subject) {
        Some(object) => context.label(object, &["bucket"], "in this bucket"),
        None => context.label(case.subject, &["location"], "points here"),
    }
}

#[cfg(test)]
mod tests;
