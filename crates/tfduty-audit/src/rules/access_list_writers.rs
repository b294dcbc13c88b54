//! Others than the pipeline can rewrite a GuardDuty list: adding an address to the trusted list hides an attacker.
//!
//! ## Why it matters
//!
//! GuardDuty makes no findings for the addresses of a trusted list. Whoever can write the object that holds it needs no right
//! in GuardDuty to get out of sight, and with a threat list that is emptied nobody is looked for any more. A right that was
//! given for a bucket as a whole, or for all of S3, is a right to the list too.
//!
//! ## How to fix it
//!
//! Keep lists in a bucket of their own, and deny writes there to all but the pipeline's role. The Deny must not be about
//! `s3:GetObject`, with which GuardDuty reads:
//!
//! ```hcl
//! data "aws_iam_policy_document" "lists" {
//!   statement {
//!     effect    = "Deny"
//!     actions   = ["s3:PutObject", "s3:DeleteObject"]
//!     resources = ["${aws_s3_bucket.lists.arn}/*"]
//!     principals {
//!       type        = "*"
//!       identifiers = ["*"]
//!     }
//!     condition {
//!       test     = "ArnNotEquals"
//!       variable = "aws:PrincipalArn"
//!       values   = ["arn:aws:iam::123456789012:role/pipeline"]
//!     }
//!   }
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_bucket", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "lists", "bucket": "lists", "region": "eu-west-1"}}]},
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_bucket", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "lists", "bucket": "lists", "region": "eu-west-1"}}]},
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}}]},
//!   {"mode": "managed", "type": "aws_iam_user_policy", "name": "uploads", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "ann:uploads", "name": "uploads", "user": "ann", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - A bucket whose policy denies writes of the list to everyone, or to all but those whom a condition exempts.
//! - The roles of AWS services and of CI providers, and a role that only certain other roles may assume; a role of the
//!   bucket's own account, or of another one, that the bucket policy names by its ARN: that is the pipeline.
//! - Rights to everything (`*`, `AdministratorAccess`, `PowerUserAccess`): `access-can-blind` speaks of administrators.
//! - Statements on a condition, except where the bucket policy lets everyone in and asks for nothing but TLS; statements on
//!   other buckets and other keys; a policy that is attached to nobody, or that a permissions boundary undoes.
//! - GuardDuty itself, whose exports have keys of their own.
//!
//! It is undecided when the bucket policy is not known and no other rule has said so, and when a statement names a prefix and
//! the key of the list is not known. An identity policy that is not known is passed over: `access-can-blind` says that.
//!
//! ## References
//!
//! - GuardDuty user guide, "Working with trusted IP lists and threat lists"; Amazon S3 user guide, "Bucket policies"
//! - Reasoned: AWS does not say who should be able to write a list.

mod given;

use tfduty_aws::{
    managed,
    policy::{Condition, Effect, Holes, Judged, Principals, Request, Resource, Statement, Who},
    truth::Truth,
};

use self::given::{Given, Policies, lets_write, may_allow};
use crate::{
    context::{Context, Draft, Judgement, Label},
    explain::{self, Explained},
    facts,
    graph::Bucket,
    identities::{Foreign, Held, Kind, To, Trust, judge, right, trust},
    object::ObjectId,
    policies::{KnownPolicy, PolicyText},
    reading::{self, Case},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "access-list-writers",
    severity: Severity::Warning,
    certainty: Certainty::Reasoned,
    commands: &[Command::Check],
    file: include_str!("access_list_writers.rs"),
    check,
};

/// What writes an object.
const WRITE: &str = "s3:PutObject";

const HELP: &str = "keep lists in a bucket of their own, and deny `s3:PutObject` there to all but the pipeline's role \
                    (`ArnNotEquals` on `aws:PrincipalArn`), never `s3:GetObject`";

/// A list in a bucket that Terraform manages.
struct Written<'c> {
    case: &'c Case,
    list: ObjectId,
    bucket: ObjectId,
    resource: Resource,
}

/// What a policy says.
enum Said {
    /// It lets nobody write that it should not.
    Nothing,
    /// It does.
    Lets(Explained),
    /// It may, as far as is known; with what to add.
    Open(Explained, String),
    /// It may, and another rule says so.
    PassedOver,
}

fn check(context: &mut Context<'_>) {
    let given = Policies::of(context);
    for case in reading::cases(context) {
        let (Some(list), Some(Bucket::Object(bucket))) = (case.found(), &case.bucket) else { continue };
        let held_in = context.estate.object(*bucket);
        if held_in.is_managed() {
            let object = context.readings.object(case.bucket.as_ref(), Some(list), None);
            let resource = object.resource(facts::partition(context.estate, held_in));
            judge_list(context, &Written { case: &case, list, bucket: *bucket, resource }, &given);
        }
    }
}

/// Whether people come to have what is attached so.
fn is_for_people(context: &Context<'_>, to: To) -> bool {
    match to {
        To::Identity(id) if Kind::of(context.estate.object(id)) == Some(Kind::Role) => {
            matches!(trust(context.estate, id), Trust::Federated | Trust::People)
        }
        To::Identity(_) => true,
        To::Elsewhere(kind) | To::Unknown(kind) => kind != Kind::Role,
        To::PermissionSet => false,
    }
}

fn judge_list(context: &mut Context<'_>, written: &Written<'_>, given: &Policies<'_>) {
    let case = written.case;
    let text = context.readings.policy(case.bucket.as_ref());
    let rank = |said: &Said| match said {
        Said::Nothing => 0,
        Said::PassedOver => 1,
        Said::Open(..) => 2,
        Said::Lets(_) => 3,
    };
    // Of several the first: the bucket's own policy stands before those of identities.
    let mut worst = by_bucket_policy(context, written, &text);
    if !matches!(worst, Said::Open(..)) {
        if is_guarded(written, &text) {
            return context.pass(case.subject);
        }
        let object = context.estate.object(written.bucket);
        let name = ["bucket", "id"].into_iter().find_map(|name| object.attribute(&[name]).str());
        for given in given.perhaps_about(name) {
            if matches!(worst, Said::Lets(_)) {
                break;
            }
            let said = by_identity(context, written, given);
            if rank(&said) > rank(&worst) {
                worst = said;
            }
        }
    }
    match worst {
        Said::Nothing => context.pass(case.subject),
        Said::PassedOver => context.skip(case.subject),
        Said::Open(explained, help) => {
            let (holder, draft) = draft(context, written, (explained, help));
            context.judge_at(holder, case.subject, Judgement::Undecided(draft));
        }
        Said::Lets(explained) => {
            let (holder, draft) = draft(context, written, (explained, HELP.into()));
            context.judge_at(holder, case.subject, Judgement::Fail(draft));
        }
    }
}

/// Whether the policy of the bucket denies writes of the list, at most with exemptions.
fn is_guarded(written: &Written<'_>, text: &PolicyText) -> bool {
    let PolicyText::Known(known) = text else { return false };
    let denies = |statement: &Statement| {
        let everyone = match statement.principals(&**known) {
            Principals::Named(named) => named.iter().any(|(who, _)| *who == Who::Everyone),
            Principals::AllBut(_) => true,
            Principals::Unreadable => false,
        };
        let exempts = |conditions: &[Condition]| conditions.is_empty() || conditions.iter().any(is_about_caller);
        statement.effect() == Some(Effect::Deny)
            && everyone
            && statement.is_about_action(WRITE, &**known) == Truth::True
            && statement.is_about_resource(&written.resource, &**known) == Truth::True
            && statement.conditions().is_some_and(exempts)
    };
    known.document().statements().iter().any(denies)
}

/// Whether a condition asks who calls, or from where.
fn is_about_caller(condition: &Condition) -> bool {
    let key = condition.key.as_literal().unwrap_or_default().to_ascii_lowercase();
    ["aws:principal", "aws:userid", "aws:username", "aws:sourcevpc", "aws:sourceip"]
        .iter()
        .any(|begin| key.starts_with(begin))
        && key != "aws:principalisawsservice"
}

/// What the policy of the bucket says.
fn by_bucket_policy(context: &Context<'_>, written: &Written<'_>, text: &PolicyText) -> Said {
    let known = match text {
        PolicyText::None => return Said::Nothing,
        PolicyText::Known(known) if known.is_readable() => known,
        _ => {
            let Explained { text: why, labels } = explain::unknown(context, text);
            let explained = Explained { text: format!("{}: {why}", unknown(context, written)), labels };
            return Said::Open(explained, explain::what_would_tell(context, text, "bucket"));
        }
    };
    let mut open = None;
    for statement in known.document().statements() {
        let lets = lets_in(context, written, (statement, &**known))
            .and(statement.is_about_action(WRITE, &**known))
            .and(statement.is_about_resource(&written.resource, &**known));
        let named = explain::statement(known, statement.index(), statement.sid());
        let named = format!("{named} of {}", context.estate.object(known.holder).name());
        let label = |text: &str| vec![known.label(context.estate, statement.origin(), text)];
        match lets {
            Truth::False => {}
            Truth::True => {
                let list = context.estate.object(written.list).name();
                let text = format!(
                    "others than the pipeline can rewrite {list}: {named} lets {} write it",
                    whom(statement, &**known)
                );
                return Said::Lets(Explained { text, labels: label("lets others write the list") });
            }
            Truth::Unknown if open.is_some() => {}
            Truth::Unknown => {
                let text = format!("{}: {named} decides", unknown(context, written));
                let explained = Explained { text, labels: label("decides") };
                open = Some(Said::Open(explained, context.what_would_decide(known.holder)));
            }
        }
    }
    open.unwrap_or(Said::Nothing)
}

fn unknown(context: &Context<'_>, written: &Written<'_>) -> String {
    format!("whether others than the pipeline can rewrite {} is not known", context.estate.object(written.list).name())
}

/// Whether a statement of the bucket's policy lets everyone in, or all that another account lets in.
fn lets_in(context: &Context<'_>, written: &Written<'_>, (statement, holes): (&Statement, &dyn Holes)) -> Truth {
    let allows = statement.effect().map_or(Truth::Unknown, |effect| Truth::from(effect == Effect::Allow));
    let own = context.estate.object(written.bucket).account.as_deref();
    let conditions = statement.conditions();
    let free = conditions.map_or(Truth::Unknown, |conditions| Truth::from(conditions.is_empty()));
    let asks_for_tls = |condition: &Condition| {
        condition.key.as_literal().is_some_and(|key| key.eq_ignore_ascii_case("aws:SecureTransport"))
    };
    let open = conditions.map_or(Truth::Unknown, |conditions| Truth::from(conditions.iter().all(asks_for_tls)));
    let others = match statement.principals(holes) {
        Principals::Named(named) => Truth::any(named.iter().map(|(who, value)| match who {
            Who::Everyone => open,
            Who::Account(account) => free.and(!Truth::equal(Some(account), own)),
            Who::Identity { account, arn } if arn.contains(":user/") => free.and(!Truth::equal(Some(account), own)),
            // Only what is not known at all may be everyone.
            Who::Unclear if value.text.literals().next().is_none() => Truth::Unknown,
            _ => Truth::False,
        })),
        // Everyone but a few.
        Principals::AllBut(_) => open,
        Principals::Unreadable => Truth::Unknown,
    };
    allows.and(others)
}

/// Whom a statement lets in, in words.
fn whom(statement: &Statement, holes: &dyn Holes) -> &'static str {
    match statement.principals(holes) {
        Principals::Named(named) if !named.iter().any(|(who, _)| *who == Who::Everyone) => "another account",
        _ => "everyone",
    }
}

/// What a policy says that people have. In another account they need the policy of the bucket too.
fn by_identity(context: &Context<'_>, written: &Written<'_>, given: &Given<'_>) -> Said {
    let object = |id: ObjectId| context.estate.object(id);
    let in_account = facts::same_account(context.estate, object(given.by.0), object(written.bucket));
    if in_account == Truth::False || is_bounded(context, written, given.to) {
        return Said::Nothing;
    }
    match given.held {
        Held::Foreign(foreign) => by_foreign(context, written, (foreign, given, in_account)),
        Held::Policy(policy) => match &policy.text {
            PolicyText::None => Said::Nothing,
            PolicyText::Known(known) if known.is_readable() => by_text(context, written, (known, given, in_account)),
            _ => Said::PassedOver,
        },
    }
}

/// Whether a permissions boundary keeps an identity from writing.
fn is_bounded(context: &Context<'_>, written: &Written<'_>, to: To) -> bool {
    let To::Identity(id) = to else { return false };
    let boundary = context.readings.identities().boundary_of(id);
    boundary.is_some_and(|policy| right(&[Held::Policy(policy)], WRITE, &written.resource).truth == Truth::False)
}

fn by_text(
    context: &Context<'_>,
    written: &Written<'_>,
    (known, given, in_account): (&KnownPolicy, &Given<'_>, Truth),
) -> Said {
    let Some(judged) = allowing(known, &written.resource) else { return Said::Nothing };
    if judged.grounds.iter().any(|ground| !ground.holes.is_empty()) {
        return Said::PassedOver;
    }
    let statement = explain::statement(known, judged.statement, judged.sid.as_deref());
    let of = context.estate.object(known.holder).name();
    let origin = judged.grounds.first().map_or(judged.origin, |ground| ground.origin);
    let (by, attribute) = given.by;
    let labels =
        |text: &str| vec![known.label(context.estate, origin, text), context.label(by, &[attribute], "attached here")];
    if judged.truth.and(in_account) == Truth::Unknown {
        let text = format!("{}: {statement} of {of} decides", unknown(context, written));
        return Said::Open(Explained { text, labels: labels("decides") }, context.what_would_decide(written.list));
    }
    let list = context.estate.object(written.list).name();
    let whom = of_whom(context, given.to);
    let text = format!("others than the pipeline can rewrite {list}: {statement} of {of} lets {whom} write it");
    Said::Lets(Explained { text, labels: labels("lets people write the list") })
}

/// What a policy that no object holds lets people do. Those of AWS for S3 say it by their names.
fn by_foreign(
    context: &Context<'_>,
    written: &Written<'_>,
    (foreign, given, in_account): (&Foreign, &Given<'_>, Truth),
) -> Said {
    let Some(name) = lets_write(foreign).filter(|name| managed::allows(name, WRITE).and(in_account) == Truth::True)
    else {
        return Said::Nothing;
    };
    let list = context.estate.object(written.list).name();
    let whom = of_whom(context, given.to);
    let text = format!("others than the pipeline can rewrite {list}: `{name}` lets {whom} write it");
    let label = context.label(foreign.by, &[foreign.attribute], "lets people write the list");
    Said::Lets(Explained { text, labels: vec![label] })
}

/// The statement that allows writes of a list by its own words, where none denies them.
fn allowing(known: &KnownPolicy, resource: &Resource) -> Option<Judged> {
    let judged = judge(known, &Request::identity(WRITE, resource.clone()));
    if judged.iter().any(|judged| judged.effect == Effect::Deny && judged.truth == Truth::True) {
        return None;
    }
    let counts = |judged: &Judged| {
        let statement = known.document().statements().get(judged.statement);
        judged.effect == Effect::Allow && judged.truth != Truth::False && statement.is_some_and(may_allow)
    };
    judged.into_iter().filter(counts).max_by_key(|judged| judged.truth)
}

fn of_whom(context: &Context<'_>, to: To) -> String {
    match to {
        To::Identity(id) => context.estate.object(id).name(),
        To::Elsewhere(kind) | To::Unknown(kind) => format!("a {}", kind.word()),
        To::PermissionSet => "people".into(),
    }
}

/// A draft at the place that decides; the sets stand beside it.
fn draft(
    context: &Context<'_>,
    written: &Written<'_>,
    (explained, help): (Explained, String),
) -> (Option<ObjectId>, Draft) {
    let mut labels = explained.labels.into_iter();
    let (holder, anchor) = labels.next().unwrap_or_else(|| explain::own_place(context, written.case));
    let related: Vec<Label> = labels.chain(context.read_by(written.case.sets.iter().copied())).collect();
    let draft =
        Draft { message: explained.text, help, attribute: "policy", discriminator: String::new(), anchor, related };
    (holder, draft)
}

#[cfg(test)]
mod tests;
