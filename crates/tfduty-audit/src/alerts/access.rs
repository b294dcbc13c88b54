//! Whether EventBridge gets in at a target: by the target's own policy, or as a role.

use tfduty_aws::{
    policy::{
        self, Decision, Effect, Element, Ground, Judged, NothingKnown, Outcome, Place, Reason, Request, Resource,
        Statement,
    },
    truth::Truth,
};
use tfduty_terraform::escape;

use super::{
    Aim, EventRule, EventTarget, Kind,
    aim::{Assumed, EVENT_BUS, On},
    functions, logs, others,
    request::{self, EVENTS, Others},
    roles::{self, RoleAt},
};
use crate::{
    context::{self, Context, Label},
    explain::{self, Calling},
    facts,
    finding::Anchor,
    object::ObjectId,
    policies::{self, KnownPolicy, PolicyText},
};

/// Whether EventBridge gets in.
#[derive(Debug)]
pub(crate) enum Access {
    /// It does.
    Granted,
    /// That is not asked: nothing is known of how it gets in there.
    Skipped,
    /// It does not.
    Denied(Hindrance),
    /// It cannot be told.
    Open(Hindrance),
}

/// What keeps EventBridge out, or may.
#[derive(Debug)]
pub(crate) struct Hindrance {
    /// A sentence.
    pub(crate) text: String,
    /// What to do, or what to add to the run.
    pub(crate) help: String,
    /// The attribute of the target that it is about.
    pub(crate) attribute: &'static str,
    /// Where it is told.
    pub(crate) labels: Vec<Label>,
}

impl Hindrance {
    pub(super) fn new(text: String, help: String) -> Self {
        Self { text, help, attribute: "arn", labels: Vec::new() }
    }

    pub(super) fn at(self, labels: impl IntoIterator<Item = Label>) -> Self {
        Self { labels: labels.into_iter().collect(), ..self }
    }
}

/// A target and its rule, about which is asked.
#[derive(Clone, Copy)]
pub(super) struct Link<'l, 'a> {
    pub(super) context: &'l Context<'a>,
    pub(super) rule: &'l EventRule,
    pub(super) target: &'l EventTarget,
}

/// Whether EventBridge may send to a target of a rule.
pub(crate) fn access(context: &Context<'_>, rule: &EventRule, target: &EventTarget) -> Access {
    let link = Link { context, rule, target };
    let Some(kind) = target.aim.kind else { return link.not_told() };
    if kind == Kind::Queue && link.lacks_group() {
        return link.without_group();
    }
    let assumes = |asked: Option<(&[&str], On)>, at: RoleAt| roles::access(link, at, asked);
    match (kind, roles::role_of(context.estate, rule, target)) {
        (Kind::LogGroup, _) => logs::access(link),
        (Kind::Topic, RoleAt::None) => link.by_policy(&TOPIC),
        (Kind::Queue, RoleAt::None) => link.by_policy(&QUEUE),
        (Kind::Function, RoleAt::None) => functions::access(link),
        (Kind::Bus, RoleAt::None) => others::bus(link),
        (Kind::Assumed(kind), RoleAt::None) => link.without_role(kind),
        (Kind::Other, RoleAt::None) => Access::Skipped,
        (Kind::Topic, at) => assumes(Some((&[TOPIC.action], On::Target)), at),
        (Kind::Queue, at) => assumes(Some((&[QUEUE.action], On::Target)), at),
        (Kind::Function, at) => assumes(Some((&[functions::INVOKE], On::Target)), at),
        (Kind::Bus, at) => assumes(Some((EVENT_BUS.actions, EVENT_BUS.on)), at),
        (Kind::Assumed(kind), at) => assumes(Some((kind.actions, kind.on)), at),
        (Kind::Other, at) => assumes(None, at),
    }
}

/// A kind of target with a policy of its own.
struct Owner {
    word: &'static str,
    /// What EventBridge does there.
    verb: &'static str,
    action: &'static str,
    /// The resource that sets the policy.
    holder: &'static str,
    policy: fn(&Context<'_>, ObjectId) -> PolicyText,
    /// What it means that none is set.
    without: &'static str,
}

const TOPIC: Owner = Owner {
    word: "topic",
    verb: "publish to",
    action: "sns:Publish",
    holder: "`aws_sns_topic_policy` (it replaces the default policy)",
    policy: |context, topic| policies::topic_policy(context.estate, context.graph, topic),
    without: "it has the default policy, which lets only its own account publish",
};

const QUEUE: Owner = Owner {
    word: "queue",
    verb: "send to",
    action: "sqs:SendMessage",
    holder: "`aws_sqs_queue_policy`",
    policy: |context, queue| policies::queue_policy(context.estate, context.graph, queue),
    without: "it has no policy",
};

/// The statement of the policy that every topic begins with.
const DEFAULT_STATEMENT: &str = "__default_statement_ID";

impl Link<'_, '_> {
    pub(super) fn aim(&self) -> &Aim {
        &self.target.aim
    }

    /// The target, as messages name it.
    pub(super) fn name(&self) -> String {
        let estate = self.context.estate;
        match (self.aim().object, &self.aim().arn) {
            (Some(id), _) => estate.object(id).name(),
            (None, Some(arn)) => {
                let own = estate.object(self.target.id).attribute(&["arn"]);
                context::shown(own.known(), arn)
            }
            (None, None) => "the target".into(),
        }
    }

    /// EventBridge does an action there, as itself.
    pub(super) fn request(&self, action: &str, resource: Resource) -> Request {
        request::call(self.context.estate, (self.rule.id, &self.rule.bus), action, resource)
    }

    /// The target, as what a request is about.
    pub(super) fn resource(&self) -> Resource {
        Resource::Arn(request::target_arn(self.context.estate, self.aim()))
    }

    /// What a policy says of a request.
    pub(super) fn decide(&self, text: &PolicyText, request: &Request) -> Decision {
        match text {
            PolicyText::Known(known) => policy::access(&[text.as_policy()], request, &self.holes(known)),
            _ => policy::access(&[text.as_policy()], request, &NothingKnown),
        }
    }

    pub(super) fn holes<'h>(&'h self, known: &'h KnownPolicy) -> Others<'h> {
        Others { estate: self.context.estate, holes: known, own: [Some(self.rule.id), self.aim().object] }
    }

    /// What the target is cannot be told.
    fn not_told(self) -> Access {
        let id = self.target.id;
        let is_unknown = self.context.estate.object(id).attribute(&["arn"]).is_unknown();
        let why = if is_unknown { self.context.unknown(id, "arn") } else { "it is no ARN".into() };
        let text = format!("whether EventBridge may send to the target is not known: `arn` decides, and {why}");
        Access::Open(Hindrance::new(text, self.context.what_would_decide(id)))
    }

    /// The target is not among the inputs.
    pub(super) fn elsewhere(&self, word: &str) -> Access {
        let text = format!("whether EventBridge may send to {} is not known: it is not among the inputs", self.name());
        Access::Open(Hindrance::new(text, format!("add the state or plan that manages the {word}")))
    }

    fn without_role(&self, kind: &Assumed) -> Access {
        let (name, word) = (self.name(), kind.word);
        let text =
            format!("EventBridge cannot send to {name}: it sends to a {word} as a role, and the target has none");
        let help = format!(
            "set `role_arn` to a role that `{EVENTS}` may assume, with a policy that allows `{}`",
            kind.actions.join("` or `")
        );
        Access::Denied(Hindrance { attribute: "role_arn", ..Hindrance::new(text, help) })
    }

    /// Whether the target is a FIFO queue, and names no message group.
    fn lacks_group(&self) -> bool {
        let estate = self.context.estate;
        let is_fifo = match (self.aim().object, &self.aim().arn) {
            (_, Some(arn)) => arn.rsplit('.').next() == Some("fifo"),
            (Some(id), None) => estate.object(id).attribute(&["fifo_queue"]).bool() == Some(true),
            (None, None) => false,
        };
        let group = estate.object(self.target.id).attribute(&["sqs_target", "message_group_id"]);
        is_fifo && group.is_absent()
    }

    fn without_group(self) -> Access {
        let text = format!(
            "EventBridge cannot send to {}: a FIFO queue takes only messages of a group, and the target names none",
            self.name()
        );
        let help = "add `sqs_target { message_group_id = \"guardduty\" }` to the target".to_owned();
        Access::Denied(Hindrance { attribute: "sqs_target", ..Hindrance::new(text, help) })
    }

    /// By the policy of the target.
    fn by_policy(self, owner: &Owner) -> Access {
        let (context, estate) = (self.context, self.context.estate);
        let Some(id) = self.aim().object else { return self.elsewhere(owner.word) };
        let (name, verb, word) = (self.name(), owner.verb, owner.word);
        let text = (owner.policy)(context, id);
        let decision = self.decide(&text, &self.request(owner.action, self.resource()));
        let is_away = facts::same_account(estate, estate.object(id), estate.object(self.rule.id)) == Truth::False;
        let unknown = |why: &str| format!("whether EventBridge may {verb} {name} is not known: {why}");
        match decision.outcome {
            Outcome::Deny => self.denied(owner, &text, &decision),
            Outcome::Undecided => {
                let open = explain::open(context, &text, &decision.reasons);
                let open = open.unwrap_or_else(|| explain::unknown(context, &text));
                let help = self.what_would_settle((&text, word), &decision);
                Access::Open(Hindrance::new(unknown(&open.text), help).at(open.labels))
            }
            Outcome::Allow if is_away => {
                let why =
                    "it is in another account than the rule, and what that takes besides its policy no input shows";
                let help = format!("send to a {word} of the rule's account, or to an event bus of the other one");
                Access::Open(Hindrance::new(unknown(why), help))
            }
            Outcome::Allow => Access::Granted,
        }
    }

    fn denied(&self, owner: &Owner, text: &PolicyText, decision: &Decision) -> Access {
        let name = self.name();
        let why = match text {
            PolicyText::Known(known) => self.why_denied(known, decision, (owner.action, self.resource())),
            _ => (owner.without.to_owned(), self.aim().object.map(|id| self.context.label(id, &["policy"], "not set"))),
        };
        let is_default = matches!(text, PolicyText::Known(known) if is_default(known));
        let why = if is_default { (owner.without.to_owned(), why.1) } else { why };
        let text = format!("EventBridge may not {} {name}: {}", owner.verb, why.0);
        if is_denied(decision) {
            return Access::Denied(Hindrance::new(text, explain::exempt(EVENTS)).at(why.1));
        }
        let help = format!(
            "allow it in {}: `{{\"Effect\":\"Allow\",\"Principal\":{{\"Service\":\"{EVENTS}\"}},\"Action\":\"{}\",\
             \"Resource\":\"{}\"}}`",
            owner.holder,
            owner.action,
            self.shown_arn(owner.word)
        );
        Access::Denied(Hindrance::new(text, help).at(why.1))
    }

    /// What to do where it cannot be told whether a policy lets EventBridge in.
    pub(super) fn what_would_settle(&self, (text, of): (&PolicyText, &str), decision: &Decision) -> String {
        let calling = Calling { service: EVENTS, name: "EventBridge", source: self.rule.id };
        explain::what_would_settle(self.context, (text, of), &decision.reasons, &calling)
    }

    /// The ARN of the target, for a reader to copy.
    fn shown_arn(&self, word: &str) -> String {
        let estate = self.context.estate;
        let is_sensitive = |id: ObjectId| estate.object(id).attribute(&["arn"]).is_sensitive();
        let hidden = is_sensitive(self.target.id) || self.aim().object.is_some_and(is_sensitive);
        match &self.aim().arn {
            Some(arn) if !hidden => escape(arn).into_owned(),
            _ => format!("the {word}'s ARN"),
        }
    }

    /// Why a policy keeps EventBridge out, as the second half of a sentence, with the place.
    pub(super) fn why_denied(
        &self,
        known: &KnownPolicy,
        decision: &Decision,
        (action, resource): (&str, Resource),
    ) -> (String, Option<Label>) {
        let estate = self.context.estate;
        let holder = estate.object(known.holder).name();
        let denying = decision.reasons.iter().find_map(|reason| match reason {
            Reason::Statement(judged) => Some(judged),
            _ => None,
        });
        if let Some(judged) = denying {
            let statement = explain::statement(known, judged.statement, judged.sid.as_deref());
            let label = known.label(estate, judged.origin, "denies it to EventBridge");
            return (format!("{statement} of {holder} denies it `{action}`"), Some(label));
        }
        let why = format!("no statement of {holder} allows `{EVENTS}` `{action}`");
        let request = self.request(action, resource);
        match self.nearest(known, &request) {
            Some((judged, statement)) if !known.sensitive => {
                let grounds: Vec<_> = judged.grounds.iter().collect();
                let name = explain::statement(known, statement.index(), statement.sid());
                let origin = grounds.first().map_or(judged.origin, |ground| ground.origin);
                let label = known.label(estate, origin, "keeps EventBridge out");
                (format!("{why}; {name} would, but for its {}", explain::parts(&grounds)), Some(label))
            }
            _ => {
                let (object, anchor) =
                    self.context.label(known.holder, &[known.attribute], "lets EventBridge do nothing");
                let sensitive = anchor.sensitive || known.sensitive;
                (why, Some((object, Anchor { sensitive, ..anchor })))
            }
        }
    }

    /// The statement that comes nearest to letting EventBridge in: it fails on one part alone.
    fn nearest<'k>(&self, known: &'k KnownPolicy, request: &Request) -> Option<(Judged, &'k Statement)> {
        let allowing =
            known.document().statements().iter().filter(|statement| statement.effect() == Some(Effect::Allow));
        let judged = allowing.map(|statement| (statement.judge(Effect::Allow, request, &self.holes(known)), statement));
        // One that is for somebody else was not meant for EventBridge.
        let is_meant = |ground: &Ground| ground.place != Place::Element(Element::Principal);
        let is_near = |grounds: &[Ground]| matches!(grounds, [only] if is_meant(only));
        let is_condition =
            |grounds: &[Ground]| grounds.iter().any(|ground| matches!(ground.place, Place::Condition { .. }));
        judged.filter(|(judged, _)| is_near(&judged.grounds)).max_by_key(|(judged, _)| is_condition(&judged.grounds))
    }
}

/// Whether a statement denies: then none that allows is of any use.
pub(super) fn is_denied(decision: &Decision) -> bool {
    decision.reasons.iter().any(|reason| matches!(reason, Reason::Statement(_)))
}

/// Whether a policy is the one that every topic begins with.
fn is_default(known: &KnownPolicy) -> bool {
    let statements = known.document().statements();
    matches!(statements, [only] if only.sid() == Some(DEFAULT_STATEMENT))
}
