//! Whom a statement names, for those who ask more than whether it is about R.

use super::document::Value;
use super::holes::{Holes, Identity};
use super::principal::{Named, PrincipalKind, is_everyone, named};
use super::statement::{Effect, Slot, Statement};
use super::text::{Part, Text};
use crate::truth::Truth;

/// Whom one value of a `Principal` element names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Everyone.
    Everyone,
    /// All that an account's own policies let in.
    Account(Box<str>),
    /// A role, user or session of a known account.
    Identity {
        /// The account.
        account: Box<str>,
        /// The ARN.
        arn: Box<str>,
    },
    /// A role, user or group that someone made, whose ARN is not known.
    SomeIdentity,
    /// GuardDuty's service-linked role.
    GuardDutyRole,
    /// A service, by its name.
    Service(Box<str>),
    /// An identity provider.
    Federated(Box<str>),
    /// Whoever has a canonical user id or a unique id, or a value that is not known or that AWS refuses.
    Unclear,
}

/// Whom a statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principals<'a> {
    /// These, each with the value that names it.
    Named(Vec<(Who, &'a Value)>),
    /// Everyone but these: `NotPrincipal`.
    AllBut(Vec<(Who, &'a Value)>),
    /// It has no such element, or one that cannot be read.
    Unreadable,
}

impl Statement {
    /// Whom the statement's `Principal` or `NotPrincipal` names.
    pub fn principals(&self, holes: &dyn Holes) -> Principals<'_> {
        let Slot::Present { element, value, .. } = &self.principals else {
            return Principals::Unreadable;
        };
        let named = value.iter().map(|its| (self.who(its.kind, &its.value.text, holes), &its.value)).collect();
        if element.is_negated() { Principals::AllBut(named) } else { Principals::Named(named) }
    }

    fn who(&self, kind: PrincipalKind, text: &Text, holes: &dyn Holes) -> Who {
        if let [Part::Hole(hole)] = text.parts() {
            match holes.identity(*hole) {
                Identity::Role => return Who::GuardDutyRole,
                Identity::OtherIdentity => return Who::SomeIdentity,
                _ => {}
            }
        }
        let Some(literal) = self.reading(holes).resolve(text) else {
            return Who::Unclear;
        };
        match kind {
            PrincipalKind::Aws => match named(&literal) {
                Named::Everyone => Who::Everyone,
                Named::Account { id, .. } => Who::Account(id.into()),
                Named::Identity { account, .. } => {
                    Who::Identity { account: account.into(), arn: literal.as_str().into() }
                }
                Named::RoleId | Named::UserId | Named::Malformed => Who::Unclear,
            },
            PrincipalKind::Service => Who::Service(literal.into()),
            PrincipalKind::Federated => Who::Federated(literal.into()),
            PrincipalKind::CanonicalUser | PrincipalKind::Unknown => Who::Unclear,
        }
    }

    /// Whether the statement makes its policy public: an Allow for everyone without a condition that fixes who or from
    /// where (Amazon S3 User Guide, "The meaning of 'public'").
    pub fn is_public(&self, holes: &dyn Holes) -> Truth {
        let allow = self.effect().map_or(Truth::Unknown, |effect| Truth::from(effect == Effect::Allow));
        let everyone = match &self.principals {
            // Everyone but a few is the public too.
            Slot::Present { element, .. } if element.is_negated() => Truth::True,
            Slot::Present { value, .. } => Truth::any(value.iter().map(|principal| match principal.kind {
                PrincipalKind::Aws => is_everyone(&principal.value.text, self.reading(holes)),
                PrincipalKind::Unknown => Truth::Unknown,
                _ => Truth::False,
            })),
            Slot::Absent | Slot::Unreadable { .. } => Truth::Unknown,
        };
        let fixed = match self.conditions() {
            Some(conditions) => Truth::any(conditions.iter().map(|condition| self.fixes_caller(condition, holes))),
            None => Truth::Unknown,
        };
        allow.and(everyone).and(!fixed)
    }

    /// Whether `condition` fixes who calls, or from where.
    fn fixes_caller(&self, condition: &super::Condition, holes: &dyn Holes) -> Truth {
        const FIXING: &[&str] = &[
            "aws:PrincipalAccount",
            "aws:PrincipalArn",
            "aws:PrincipalOrgID",
            "aws:PrincipalOrgPaths",
            "aws:SourceAccount",
            "aws:SourceArn",
            "aws:SourceIp",
            "aws:SourceOwner",
            "aws:SourceVpc",
            "aws:SourceVpce",
            "aws:userid",
            "s3:DataAccessPointAccount",
            "s3:DataAccessPointArn",
            "s3:x-amz-server-side-encryption-aws-kms-key-id",
        ];
        let reading = self.reading(holes);
        let Some(key) = reading.resolve(&condition.key) else {
            return Truth::Unknown;
        };
        if !FIXING.iter().any(|fixing| fixing.eq_ignore_ascii_case(&key)) {
            return Truth::False;
        }
        // What is fixed to a pattern, or only ruled out, may be no fixing at all.
        let fixed = condition.operator.as_literal().is_some_and(|operator| !operator.contains("Not"))
            && condition.values.iter().all(|value| {
                reading.resolve(&value.text).is_some_and(|text| !text.contains(['*', '?']))
                    && !reading.has_variable(&value.text)
            });
        if fixed { Truth::True } else { Truth::Unknown }
    }
}
