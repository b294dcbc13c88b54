//! One state's worth of objects: what the audit keeps of a document.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    address::{Address, Mode},
    configuration::Configuration,
    detail::Detail,
    harmless::Harmless,
    span::Span,
    value::Value,
};

/// What the audit keeps of one plan or state: owned, without a borrow of the text, and with decoded attributes only for
/// the resource types that were asked for, so that ten thousand states fit in memory.
#[derive(Debug, Clone, Default)]
pub struct Unit {
    /// Plan, raw state, or a state as `terraform show -json` prints it.
    pub kind: UnitKind,
    /// `format_version` of `show -json` output, the state version (`3`, `4`) of a raw state; `None` where it is missing.
    pub format_version: Option<Box<str>>,
    /// `terraform_version`; OpenTofu writes its own version there.
    pub terraform_version: Option<Box<str>>,
    /// `timestamp` of a plan (Terraform 1.5 and later): when it was made, in UTC.
    pub timestamp: Option<Box<str>>,
    /// `lineage` of a raw state: equal in all states of one stack.
    pub lineage: Option<Box<str>>,
    /// `serial` of a raw state: the higher, the newer.
    pub serial: Option<u64>,
    /// Where a raw state says which state of which stack it is; `None` where it does not say both.
    pub identity: Option<Identity>,
    /// How many objects there are: managed and data instances of a state, items of `resource_changes` of a plan.
    pub resources: u64,
    /// Every resource type in the document with how often it occurs: instances of a state; of a plan the items of
    /// `resource_changes` and the objects of `prior_state` (an object in both counts in both).
    pub types: BTreeMap<Box<str>, TypeCount>,
    /// States: the decoded instances, deposed ones too. Plans: those of `prior_state`; of what the plan deletes the `id` alone,
    /// since its item tells the rest.
    pub instances: Vec<Instance>,
    /// States: what managed objects that are not decoded depend on, as far as it is of a decoded type (configuration
    /// addresses without instance keys), each with the resource types of those objects.
    pub dependents: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
    /// Plans: the decoded items of `resource_changes`.
    pub changes: Vec<Change>,
    /// Plans: the decoded items of `resource_drift`.
    pub drift: Vec<Change>,
    /// Plans: what the items of `resource_changes` do, over all of them, decoded or not.
    pub actions: ActionCount,
    /// Plans: root variables with their values, from `variables`.
    pub variables: BTreeMap<Box<str>, Value>,
    /// Plans: the configuration, where the document has one.
    pub configuration: Option<Configuration>,
    /// Plans: `errored`, `applyable` and `complete`, each with the span of its value, where the document has them.
    pub flags: PlanFlags,
    /// Plans: what this plan puts off, from `deferred_changes`.
    pub deferred: Vec<Deferred>,
    /// What a state, or a plan's `prior_state`, holds that is nothing in the cloud.
    pub harmless: Harmless,
    /// What the document holds that was passed over: items that no address can be made of, deferred changes. In words,
    /// without anything the document says but positions and keys.
    pub notes: Vec<String>,
    /// Whether something sensitive was taken out of the objects: see [`crate::Value::is_withheld`].
    pub withholds: bool,
}

/// Where a raw state says which state of which stack it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The whole document.
    pub document: Span,
    /// The value of `lineage`.
    pub lineage: Span,
    /// The value of `serial`.
    pub serial: Span,
}

/// Kinds of a [`Unit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnitKind {
    /// `terraform show -json PLAN`.
    Plan,
    /// A raw state, version 3 or 4.
    #[default]
    State,
    /// `terraform show -json` of a state.
    StateJson,
}

/// How often a resource type occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TypeCount {
    /// Managed objects.
    pub managed: u64,
    /// Data objects.
    pub data: u64,
}

/// One object of a state.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Its address.
    pub address: Address,
    /// The deposed key of an old copy that waits for its deletion.
    pub deposed: Option<Box<str>>,
    /// Whether the object is tainted.
    pub tainted: bool,
    /// Raw state: the provider string, module path and alias included
    /// (`module.a.provider["registry.terraform.io/hashicorp/aws"].eu`). `show -json`: the provider's name only.
    pub provider: Option<Box<str>>,
    /// The attributes.
    pub values: Value,
    /// Configuration addresses, without instance keys, that the object depends on. Raw state: resolved and absolute
    /// (`dependencies`). `show -json`: as in the configuration, relative to the object's module (`depends_on`).
    pub dependencies: Vec<Box<str>>,
    /// OpenTofu's `skip_destroy`: a destroy will forget the object instead of deleting it.
    pub skip_destroy: bool,
    /// JSON pointer of the attributes object.
    pub pointer: Box<str>,
    /// Span of the object in the document that holds the attributes object.
    pub span: Span,
}

/// One item of `resource_changes` or `resource_drift`.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its address.
    pub address: Address,
    /// The address before a `moved` block took effect.
    pub previous_address: Option<Box<str>>,
    /// The deposed key, where the item is about an old copy.
    pub deposed: Option<Box<str>>,
    /// What Terraform will do, in the order of the document; empty where the document does not say.
    pub actions: Vec<Action>,
    /// Why, in Terraform's words.
    pub action_reason: Option<Box<str>>,
    /// The object before; [`Change::before`] gives its attributes.
    pub before: Before,
    /// The object after, `null` where it goes. What is known only after apply is a hole ([`crate::Kind::Unknown`])
    /// without a reference, also where `after` leaves it out; such a hole has the span of the object it belongs to.
    /// Sensitive marks are applied.
    pub after: Value,
    /// Whether the object is imported by this plan (`importing`).
    pub importing: bool,
    /// `replace_paths`: the attributes that force the replacement, in dotted form (`rule.0.x`).
    pub replace_paths: Vec<Box<str>>,
    /// Span of the value of `actions`, or of the item where it is missing.
    pub actions_span: Span,
    /// JSON pointer of `change` (its attributes are below `/after` and `/before`).
    pub pointer: Box<str>,
    /// Span of the value of `change`, or of the item where it is missing.
    pub span: Span,
}

/// The object before a change. Most changes of a plan change nothing, and their objects are read once.
#[derive(Debug, Clone, PartialEq)]
pub enum Before {
    /// What stands in `before` is, byte for byte, what stands in `after`, and is marked alike.
    Same,
    /// These attributes, `null` for a new object. Sensitive marks are applied.
    Other(Value),
}

impl Change {
    /// The attributes before, `null` for a new object. Their spans are in `after` where nothing differs.
    pub fn before(&self) -> &Value {
        match &self.before {
            Before::Same => &self.after,
            Before::Other(before) => before,
        }
    }
}

/// One word of `change.actions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// `no-op`
    NoOp,
    /// `create`
    Create,
    /// `read`
    Read,
    /// `update`
    Update,
    /// `delete`
    Delete,
    /// `forget`: the object leaves the state and stays in the cloud.
    Forget,
    /// A word this version does not know.
    Other,
}

/// What the managed items of a plan do, each counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ActionCount {
    /// Exactly `["delete"]`.
    pub delete: u64,
    /// Exactly `["forget"]`.
    pub forget: u64,
    /// Exactly `["no-op"]`.
    pub no_op: u64,
    /// Anything else.
    pub other: u64,
    /// Managed objects in `planned_values`.
    pub planned: u64,
    /// Managed objects in `prior_state`.
    pub prior: u64,
}

impl ActionCount {
    /// Whether this is a destroy plan: every managed item deletes or forgets, at least one does, and nothing stays
    /// planned beyond what is forgotten; or there is no managed object anywhere (the destroy plan of an empty state).
    /// The format has no field for the plan's mode.
    pub fn is_destroy_plan(self) -> bool {
        let going = self.delete + self.forget;
        let stays = self.no_op + self.other;
        if stays > 0 {
            return false;
        }
        if going == 0 { self.planned == 0 && self.prior == 0 } else { self.planned <= self.forget }
    }
}

/// Booleans at the top of a plan document, with their spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlanFlags {
    /// `errored`: planning failed (Terraform 1.6 and later).
    pub errored: Option<(bool, Span)>,
    /// `applyable`: there is something to apply and it can be applied (1.8 and later).
    pub applyable: Option<(bool, Span)>,
    /// `complete`: false for targeted plans and for plans with deferred changes (1.8 and later).
    pub complete: Option<(bool, Span)>,
}

/// One item of `deferred_changes`: a change that waits for another plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferred {
    /// Why, in Terraform's words.
    pub reason: Option<Box<str>>,
    /// Address of the object that would change.
    pub address: Option<Box<str>>,
    /// The item.
    pub span: Span,
}

impl Unit {
    /// Counts one object of a resource type.
    pub(crate) fn count(&mut self, resource_type: &str, mode: Mode) {
        if !self.types.contains_key(resource_type) {
            self.types.insert(resource_type.into(), TypeCount::default());
        }
        if let Some(count) = self.types.get_mut(resource_type) {
            match mode {
                Mode::Managed => count.managed += 1,
                Mode::Data => count.data += 1,
            }
        }
    }

    /// Keeps what an object of a resource type depends on that is not decoded itself: of the absolute addresses those
    /// whose type is read with everything.
    pub(crate) fn depend(&mut self, resource_type: &str, addresses: Vec<Box<str>>, wanted: &dyn Fn(&str) -> Detail) {
        for address in addresses {
            if address.rsplit('.').nth(1).is_some_and(|name| wanted(name) == Detail::All) {
                self.dependents.entry(address).or_default().insert(resource_type.into());
            }
        }
    }
}
