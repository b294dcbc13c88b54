//! Policies that are JSON texts. Each text is looked at once, however many objects have it, and read when something is asked
//! that a look does not tell: of the policies of an estate, hardly any is about GuardDuty.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use tfduty_aws::policy::{Document, Glance, Kind, Node, Origin, PolicyKind};
use tfduty_terraform::JsonNode;

use super::tree::{node_of, number};

/// The service of all calls that rules look for in every policy.
pub(crate) const GUARDDUTY: &str = "guardduty";

/// The texts of an estate that hold policies, by what they are attached to.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    resources: Policies,
    trust: Policies,
    identities: Policies,
}

/// Policies by their texts; `None` for what is no JSON.
type Policies = Mutex<HashMap<Arc<str>, Option<Arc<JsonPolicy>>>>;

impl Texts {
    /// The policy in a text; `None` where it is no JSON.
    pub(super) fn policy(&self, text: &str, kind: PolicyKind) -> Option<Arc<JsonPolicy>> {
        let policies = match kind {
            PolicyKind::Resource => &self.resources,
            PolicyKind::Trust => &self.trust,
            PolicyKind::Identity => &self.identities,
        };
        let mut policies = policies.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(policy) = policies.get(text) {
            return policy.clone();
        }
        let text: Arc<str> = text.into();
        let policy = JsonPolicy::of(Arc::clone(&text), kind).map(Arc::new);
        policies.insert(text, policy.clone());
        policy
    }
}

/// A policy that is a JSON text.
#[derive(Debug)]
pub(super) struct JsonPolicy {
    text: Arc<str>,
    kind: PolicyKind,
    /// Where a look tells what the policy is about: whether that may be GuardDuty. Nothing is to be filled into such a one.
    seen: Option<bool>,
    document: OnceLock<Document>,
}

impl JsonPolicy {
    fn of(text: Arc<str>, kind: PolicyKind) -> Option<Self> {
        let seen = Glance::of(&text).map(|glance| glance.may_be_about(GUARDDUTY));
        let document = OnceLock::new();
        if seen.is_none() {
            let _ = document.set(read(&text, kind)?);
        }
        Some(Self { text, kind, seen, document })
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn seen(&self) -> Option<bool> {
        self.seen
    }

    /// The document, with origins that number its parts in the order of the text.
    pub(super) fn document(&self) -> &Document {
        self.document.get_or_init(|| {
            let nothing = || Document::read(&Node { kind: Kind::Null, origin: Origin(0) }, self.kind);
            read(&self.text, self.kind).unwrap_or_else(nothing)
        })
    }
}

fn read(text: &str, kind: PolicyKind) -> Option<Document> {
    let mut parts = 0;
    let node = node_of(JsonNode::read(text)?, &mut |_| {
        parts += 1;
        Origin(number(parts - 1))
    });
    Some(Document::read(&node, kind))
}
