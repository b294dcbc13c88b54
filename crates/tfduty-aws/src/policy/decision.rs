//! What policies come to for a request.

use super::document::Document;
use super::grant::{Grant, allows};
use super::holes::Holes;
use super::judge::Judged;
use super::request::Request;
use super::statement::Effect;
use crate::truth::Truth;

/// A policy as far as it is known.
#[derive(Debug, Clone, Copy)]
pub enum Policy<'a> {
    /// There is none: it allows nothing and denies nothing. A key without a policy has the default one, which only
    /// delegates to its account, and to R that is worth nothing.
    None,
    /// There may be one, of which nothing is known.
    Unknown,
    /// This document.
    Known(&'a Document),
}

/// Whether the request goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It does not.
    Deny,
    /// The inputs do not say.
    Undecided,
    /// It does.
    Allow,
}

/// An outcome, with what decides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request goes through.
    pub outcome: Outcome,
    /// What decides: of an undecided outcome, all that would have to be known. Nothing where the request goes through
    /// because nothing speaks against it.
    pub reasons: Vec<Reason>,
}

/// A reason for an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A statement that matches, or of which that cannot be told.
    Statement(Judged),
    /// No statement allows the request, and one must.
    NoAllow,
    /// The text of the policy is not known: its index among those that were asked.
    PolicyUnknown(usize),
    /// Whether the object can be decrypted.
    Decryption,
    /// Whether the bucket is in R's account.
    SameAccount,
    /// The bucket lets nobody from other accounts in because its policy is public, or may be.
    RestrictedPublic,
    /// Whether R's account lets R use a key of another account.
    KeyAccount,
    /// A grant, by its index.
    Grant(usize),
}

/// What is known beside the bucket's policy when R reads an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadFacts {
    /// Whether the bucket is in R's account.
    pub same_account: Truth,
    /// Whether the object can be decrypted for R: true where it is not encrypted with KMS; what [`key`] says of a
    /// customer's key.
    pub decryptable: Truth,
    /// Whether `restrict_public_buckets` is set for the bucket.
    pub restricts_public: Truth,
}

/// What the statements of policies come to, before anything else is known.
struct Votes {
    deny: Truth,
    allow: Truth,
    judged: Vec<Judged>,
    unknown: Vec<usize>,
}

fn votes(policies: &[Policy<'_>], request: &Request, holes: &dyn Holes) -> Votes {
    let mut votes = Votes { deny: Truth::False, allow: Truth::False, judged: Vec::new(), unknown: Vec::new() };
    for (index, policy) in policies.iter().enumerate() {
        match policy {
            Policy::None => {}
            Policy::Known(document) if document.is_readable() => {
                for statement in document.statements() {
                    let effects = [Effect::Deny, Effect::Allow].into_iter();
                    let asked = effects.filter(|&effect| statement.effect().is_none_or(|its| its == effect));
                    votes.judged.extend(
                        asked.map(|effect| Judged { policy: index, ..statement.judge(effect, request, holes) }),
                    );
                }
            }
            Policy::Known(_) | Policy::Unknown => votes.unknown.push(index),
        }
    }
    votes.deny = votes.of(Effect::Deny);
    votes.allow = votes.of(Effect::Allow);
    votes
}

impl Votes {
    fn of(&self, effect: Effect) -> Truth {
        let judged = self.judged.iter().filter(|judged| judged.effect == effect).map(|judged| judged.truth);
        let unknown = if self.unknown.is_empty() { Truth::False } else { Truth::Unknown };
        Truth::any(judged).or(unknown)
    }

    /// The statements of `effect` that are `truth`.
    fn reasons(&self, effect: Effect, truth: Truth) -> impl Iterator<Item = Reason> {
        let of = move |judged: &&Judged| judged.effect == effect && judged.truth == truth;
        self.judged.iter().filter(of).cloned().map(Reason::Statement)
    }

    /// What would have to be known of the policies: of the Denies, and of the Allows where none is true.
    fn open(&self, needs_allow: bool) -> Vec<Reason> {
        let mut reasons: Vec<_> = self.reasons(Effect::Deny, Truth::Unknown).collect();
        if needs_allow && self.allow == Truth::Unknown {
            reasons.extend(self.reasons(Effect::Allow, Truth::Unknown));
        }
        reasons.extend(self.unknown.iter().copied().map(Reason::PolicyUnknown));
        reasons
    }
}

/// Whether `policies`, taken together, let the request through: an Allow matches, and no Deny does. For the policies of
/// a resource that a service calls, and for all policies of an identity.
pub fn access(policies: &[Policy<'_>], request: &Request, holes: &dyn Holes) -> Decision {
    let votes = votes(policies, request, holes);
    match votes.allow.and(!votes.deny) {
        Truth::True => Decision::new(Outcome::Allow, votes.reasons(Effect::Allow, Truth::True)),
        Truth::Unknown => Decision::new(Outcome::Undecided, votes.open(true)),
        Truth::False if votes.deny == Truth::True => {
            Decision::new(Outcome::Deny, votes.reasons(Effect::Deny, Truth::True))
        }
        Truth::False => Decision::new(Outcome::Deny, [Reason::NoAllow]),
    }
}

/// Whether R can read an object ([`Request::read`]) of a bucket with this `policy`.
///
/// A Deny that matches, and an object that cannot be decrypted, keep R out for sure. In the same account nothing else
/// does: no Allow is needed, since GuardDuty puts an inline policy on R when a list is made. Across accounts an Allow
/// must match too. Access lists, the public access block in the same account, and the organization's policies, which
/// do not apply to service-linked roles, change nothing (IAM User Guide, "Policy evaluation logic"; AWS Organizations
/// User Guide, "Service control policies").
pub fn read(policy: Policy<'_>, request: &Request, facts: ReadFacts, holes: &dyn Holes) -> Decision {
    let votes = votes(&[policy], request, holes);
    if votes.deny == Truth::True {
        return Decision::new(Outcome::Deny, votes.reasons(Effect::Deny, Truth::True));
    }
    if facts.decryptable == Truth::False {
        return Decision::new(Outcome::Deny, [Reason::Decryption]);
    }
    // Across accounts both sides must allow; the bucket's side is this policy.
    let needs_allow = facts.same_account != Truth::True;
    if facts.same_account == Truth::False && votes.allow == Truth::False {
        return Decision::new(Outcome::Deny, [Reason::NoAllow]);
    }
    let mut open = votes.open(needs_allow);
    if facts.decryptable == Truth::Unknown {
        open.push(Reason::Decryption);
    }
    if needs_allow && is_cut_off(policy, facts.restricts_public, holes) {
        open.push(Reason::RestrictedPublic);
    }
    // With an Allow the account makes no difference.
    if facts.same_account == Truth::Unknown && votes.allow != Truth::True {
        open.push(Reason::SameAccount);
    }
    if !open.is_empty() {
        return Decision::new(Outcome::Undecided, open);
    }
    Decision::new(Outcome::Allow, votes.reasons(Effect::Allow, Truth::True).filter(|_| needs_allow))
}

/// Whether the bucket may let nobody from other accounts in: `restrict_public_buckets` cuts a bucket with a public
/// policy off from them, whatever else the policy allows (Amazon S3 User Guide, "Blocking public access to your Amazon
/// S3 storage").
fn is_cut_off(policy: Policy<'_>, restricts_public: Truth, holes: &dyn Holes) -> bool {
    let public = match policy {
        Policy::Known(document) if document.is_readable() => {
            Truth::any(document.statements().iter().map(|statement| statement.is_public(holes)))
        }
        _ => Truth::False,
    };
    public.and(restricts_public) != Truth::False
}

/// Whether a customer's key with this `policy` and these `grants` decrypts for R ([`Request::decrypt`]).
///
/// An Allow or a grant must match, and no Deny. An Allow for the account alone is none: it leaves the rest to IAM,
/// where R has no right to any key, which is why AWS asks for a statement in the key's policy (GuardDuty User Guide,
/// "Prerequisites for lists"). `own_account` says whether the key is in R's account: a key of another account also
/// takes a right in R's own, which nothing is known of.
pub fn key(policy: Policy<'_>, grants: &[Grant], own_account: Truth, request: &Request, holes: &dyn Holes) -> Decision {
    let votes = votes(&[policy], request, holes);
    if votes.deny == Truth::True {
        return Decision::new(Outcome::Deny, votes.reasons(Effect::Deny, Truth::True));
    }
    let grants: Vec<_> = grants.iter().map(|grant| allows(grant, request, holes)).collect();
    let granted = |truth: Truth| {
        grants.iter().enumerate().filter(move |(_, grant)| **grant == truth).map(|(index, _)| Reason::Grant(index))
    };
    let allow = Truth::any(grants.iter().copied()).or(votes.allow);
    let mut open = match allow {
        Truth::False => return Decision::new(Outcome::Deny, [Reason::NoAllow]),
        Truth::Unknown => votes.open(true).into_iter().chain(granted(Truth::Unknown)).collect(),
        Truth::True => votes.open(false),
    };
    let allowing = votes.reasons(Effect::Allow, Truth::True).chain(granted(Truth::True));
    if open.is_empty() && own_account != Truth::False {
        return Decision::new(Outcome::Allow, allowing);
    }
    if allow == Truth::True && own_account == Truth::False {
        open.extend(allowing);
        open.push(Reason::KeyAccount);
    }
    Decision::new(Outcome::Undecided, open)
}

impl Decision {
    fn new(outcome: Outcome, reasons: impl IntoIterator<Item = Reason>) -> Self {
        Self { outcome, reasons: reasons.into_iter().collect() }
    }
}
