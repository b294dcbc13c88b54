//! Principals: who a statement is about.
//!
//! Sources: IAM User Guide, "AWS JSON policy elements: Principal" and "AWS JSON policy elements:
//! `NotPrincipal`"; GuardDuty User Guide,
//! "Using service-linked roles", from which GuardDuty reads as the role and not as a service principal.

use super::compare::{Reading, Style};
use super::document::Value;
use super::holes::Identity;
use super::request::{Caller, Role};
use super::statement::Effect;
use super::subject::{Fact, Subject};
use super::text::{Part, Text};
use crate::arn::{Arn, is_account_id};
use crate::partition::Partition;
use crate::truth::Truth;

/// One value of a `Principal` or `NotPrincipal` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Principal {
    pub(super) kind: PrincipalKind,
    pub(super) value: Value,
}

/// The kind of principal under which a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PrincipalKind {
    Aws,
    Service,
    Federated,
    CanonicalUser,
    /// One that does not exist, or that is not known.
    Unknown,
}

impl PrincipalKind {
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "AWS" => Self::Aws,
            "Service" => Self::Service,
            "Federated" => Self::Federated,
            "CanonicalUser" => Self::CanonicalUser,
            _ => return None,
        })
    }
}

/// What a known `AWS` value names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named<'a> {
    /// `*`
    Everyone,
    /// An account, by its number or its root's ARN, whose partition is told too.
    Account { id: &'a str, partition: Option<Partition> },
    /// An ARN of a role, user or session. `account` may be no number: CloudFront's origin access identities stand in
    /// an account called `cloudfront`.
    Identity { partition: Partition, account: &'a str, service: &'a str, resource: &'a str },
    /// The unique id of a role, `AROA…`.
    RoleId,
    /// The unique id of a user, `AIDA…`.
    UserId,
    /// Nothing that AWS accepts; a wildcard within a value is not.
    Malformed,
}

/// Reads a known `AWS` value.
pub(super) fn named(text: &str) -> Named<'_> {
    let is_id = |prefix: &str| text.starts_with(prefix) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match text {
        "*" => Named::Everyone,
        _ if is_account_id(text) => Named::Account { id: text, partition: None },
        _ if is_id("AROA") => Named::RoleId,
        _ if is_id("AIDA") => Named::UserId,
        _ if text.contains(['*', '?']) => Named::Malformed,
        _ => named_by_arn(text).unwrap_or(Named::Malformed),
    }
}

fn named_by_arn(text: &str) -> Option<Named<'_>> {
    let Arn { partition, service, region, account, resource } = Arn::parse(text)?;
    let partition = partition.parse().ok()?;
    let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
    let fits = match service {
        "iam" => kind == "root" && name.is_empty() || matches!(kind, "role" | "user") && !name.is_empty(),
        "sts" => matches!(kind, "assumed-role" | "federated-user") && !name.is_empty(),
        _ => false,
    };
    let is_account = is_account_id(account);
    if !fits || !region.is_empty() || !(is_account || account == "cloudfront" && kind == "user") {
        return None;
    }
    Some(match kind {
        "root" => Named::Account { id: account, partition: Some(partition) },
        _ => Named::Identity { partition, account, service, resource },
    })
}

/// What an `AWS` value has to do with GuardDuty's role R in account A.
struct Relation {
    everyone: Truth,
    /// It names R, a session of it or its unique id.
    role: Truth,
    /// It names A.
    account: Truth,
    /// It cannot be told, for a reason that does not make it R: AWS refuses it, or it is a user's id.
    unclear: bool,
    /// It cannot be told because AWS refuses it.
    malformed: bool,
}

const NONE: Relation =
    Relation { everyone: Truth::False, role: Truth::False, account: Truth::False, unclear: false, malformed: false };

fn relation(text: &Text, role: &Role, reading: Reading<'_>) -> Relation {
    let Some(literal) = reading.resolve(text) else {
        return relation_of_holes(text, role, reading);
    };
    let own = |account: &str| Truth::equal(Some(account), role.account.text());
    match named(&literal) {
        Named::Everyone => Relation { everyone: Truth::True, ..NONE },
        Named::RoleId => Relation { role: Truth::Unknown, ..NONE },
        Named::UserId => Relation { unclear: true, ..NONE },
        Named::Malformed => Relation { unclear: true, malformed: true, ..NONE },
        // With A unknown, an account or ARN cannot be told.
        named if role.account.text().is_none() => Relation { unclear: true, ..relation_of_named(named, role, own) },
        named => relation_of_named(named, role, own),
    }
}

fn relation_of_named(named: Named<'_>, role: &Role, own: impl Fn(&str) -> Truth) -> Relation {
    match named {
        Named::Account { id, partition } if partition.is_none_or(|partition| partition == role.partition) => {
            Relation { account: own(id), ..NONE }
        }
        Named::Identity { partition, account, service, resource } if partition == role.partition => {
            let session = resource.strip_prefix("assumed-role/").and_then(|rest| rest.split_once('/'));
            let is_role = match service {
                "iam" => Truth::from(resource.strip_prefix("role/") == Some(Role::PATH_AND_NAME)),
                _ if session.is_some_and(|(name, _)| name == Role::NAME) => Truth::Unknown,
                _ => Truth::False,
            };
            Relation { role: own(account).and(is_role), ..NONE }
        }
        _ => NONE,
    }
}

/// The same for a value with holes: what it may be is compared as a whole.
fn relation_of_holes(text: &Text, role: &Role, reading: Reading<'_>) -> Relation {
    if let [Part::Hole(hole)] = text.parts() {
        match reading.holes.identity(*hole) {
            Identity::OtherIdentity => return NONE,
            Identity::Role => return Relation { role: Truth::True, ..NONE },
            _ => {}
        }
    }
    let is = |subject: &Subject| reading.compare(text, subject, Style::EXACT);
    let unknown = Fact::unknown();
    let session = Subject::new().text(&format!("arn:{}:sts::", role.partition)).fact(&role.account);
    let session = session.text(&format!(":assumed-role/{}/", Role::NAME)).fact(&unknown);
    let root = Subject::new().text(&format!("arn:{}:iam::", role.partition)).fact(&role.account).text(":root");
    let id = Subject::new().text("AROA").fact(&unknown);
    Relation {
        everyone: is(&Subject::from("*")),
        role: is(&role.subject()).or(is(&session)).or(is(&id)),
        account: is(&Subject::from(&role.account)).or(is(&root)),
        ..NONE
    }
}

/// Whether `principal` of a `Principal` element is `caller`. `delegation` is what an Allow for R's own account is worth
/// to R: it leaves the rest to that account's IAM.
pub(super) fn is_caller(principal: &Principal, caller: &Caller, effect: Effect, reading: Reading<'_>) -> Truth {
    let text = &principal.value.text;
    match (caller, principal.kind) {
        (Caller::Role(role), PrincipalKind::Aws) => {
            let Relation { everyone, role: is_role, account, unclear, .. } = relation(text, role, reading);
            let account = match effect {
                Effect::Deny => account,
                Effect::Allow => account.and(role.delegation),
            };
            let known = everyone.or(is_role).or(account);
            if unclear { known.or(Truth::Unknown) } else { known }
        }
        (Caller::Service { .. }, PrincipalKind::Aws) => is_everyone(text, reading),
        (Caller::Service { name, regional }, PrincipalKind::Service) => {
            is_service(text, name, regional.as_deref(), reading)
        }
        (Caller::Role(_), PrincipalKind::CanonicalUser) | (_, PrincipalKind::Unknown) | (Caller::Identity, _) => {
            Truth::Unknown
        }
        (Caller::Role(_) | Caller::Service { .. }, _) => Truth::False,
    }
}

/// Whether an `AWS` value is `*`, which is every service too.
pub(super) fn is_everyone(text: &Text, reading: Reading<'_>) -> Truth {
    match reading.resolve(text) {
        Some(literal) => match named(&literal) {
            Named::Everyone => Truth::True,
            Named::Malformed => Truth::Unknown,
            _ => Truth::False,
        },
        None if text.holes().any(|hole| is_identity(&reading.holes.identity(hole))) => Truth::False,
        None => reading.compare(text, &Subject::from("*"), Style::EXACT),
    }
}

fn is_identity(identity: &Identity) -> bool {
    matches!(identity, Identity::Role | Identity::OtherIdentity)
}

/// Whether a `Service` value is the service `name`, which in an opt-in region calls as `regional`: there the plain name
/// alone may not do (GuardDuty User Guide, "Exporting findings").
fn is_service(text: &Text, name: &str, regional: Option<&str>, reading: Reading<'_>) -> Truth {
    if reading.resolve(text).is_some_and(|literal| literal.contains(['*', '?'])) {
        return Truth::Unknown;
    }
    let is = |name: &str| reading.compare(text, &Subject::from(name), Style::EXACT);
    match regional {
        None => is(name),
        Some(regional) => is(regional).or(is(name).and(Truth::Unknown)),
    }
}

/// Whether a `NotPrincipal` element that lists `principals` leaves `caller` in.
pub(super) fn leaves_in(principals: &[Principal], caller: &Caller, effect: Effect, reading: Reading<'_>) -> Truth {
    let Caller::Role(role) = caller else {
        return Truth::Unknown;
    };
    let relations = principals.iter().map(|principal| match principal.kind {
        PrincipalKind::Aws => relation(&principal.value.text, role, reading),
        PrincipalKind::CanonicalUser | PrincipalKind::Unknown => Relation { role: Truth::Unknown, ..NONE },
        PrincipalKind::Service | PrincipalKind::Federated => NONE,
    });
    let relations: Vec<_> = relations.collect();
    let any = |of: fn(&Relation) -> Truth| Truth::any(relations.iter().map(of));
    let everyone = any(|relation| relation.everyone);
    match effect {
        // To be left out of a Deny, a caller must be listed with its account and its session, whose name nobody knows;
        // whoever is not listed at all is denied.
        Effect::Deny => {
            let role = any(|relation| relation.role).or(any(|relation| Truth::from(relation.malformed)));
            !everyone.or(role.and(Truth::Unknown))
        }
        // Not to allow A itself is not to delegate to it, which says nothing of R.
        Effect::Allow if any(|relation| relation.account) != Truth::False => Truth::Unknown,
        Effect::Allow => {
            let unclear = Truth::from(relations.iter().any(|relation| relation.unclear)).and(Truth::Unknown);
            !everyone.or(any(|relation| relation.role)).or(unclear)
        }
    }
}
