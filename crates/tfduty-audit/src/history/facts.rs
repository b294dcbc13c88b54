//! What is compared to tell which inputs are of one unit.

use std::{
    cell::OnceCell,
    collections::{BTreeSet, HashMap},
    hash::Hash,
};

use tfduty_terraform::{Address, Change, Instance, Kind, Mode, Unit, UnitKind, Value};

use crate::{
    estate::{Content, Input, is_drift_delete},
    rule::Command,
};

/// Type and id of an object.
pub(super) type Id<'a> = (&'a str, &'a str);

/// What grouping needs to know of an input.
pub(super) struct Facts<'a> {
    pub(super) command: Command,
    pub(super) input: &'a Input,
    pub(super) path: &'a str,
    pub(super) folder: &'a str,
    pub(super) unit: Option<&'a Unit>,
    pub(super) is_plan: bool,
    pub(super) is_destroy_plan: bool,
    pub(super) lineage: Option<&'a str>,
    pub(super) serial: Option<u64>,
    pub(super) timestamp: Option<&'a str>,
    /// Whether a state, or a plan's prior state, holds no managed object at all.
    pub(super) is_empty: bool,
    /// Looked up when it is first asked for: most inputs of a tree have no other one that they could belong to.
    objects: OnceCell<Objects<'a>>,
}

/// The objects of an input.
#[derive(Default)]
struct Objects<'a> {
    ids: BTreeSet<Id<'a>>,
    addresses: BTreeSet<&'a Address>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(command: Command, input: &'a Input) -> Self {
        let unit = match &input.content {
            Content::Unit(unit) | Content::SavedPlan(unit) => Some(&**unit),
            Content::Empty | Content::List(_) => None,
        };
        let is_plan = unit.is_some_and(|unit| unit.kind == UnitKind::Plan);
        Facts {
            command,
            input,
            path: &input.path,
            folder: input.path.rsplit_once('/').map_or("", |(folder, _)| folder),
            unit,
            is_plan,
            // A plan without a managed object may be the destroy plan of an empty state; here it is a stack that only reads.
            is_destroy_plan: is_plan
                && unit.is_some_and(|unit| {
                    unit.actions.is_destroy_plan() && unit.actions.delete + unit.actions.forget > 0
                }),
            lineage: unit.and_then(|unit| unit.lineage.as_deref()).filter(|lineage| !lineage.is_empty()),
            serial: unit.and_then(|unit| unit.serial),
            timestamp: unit.and_then(|unit| unit.timestamp.as_deref()),
            is_empty: unit.is_none_or(|unit| match unit.kind {
                UnitKind::Plan => {
                    let imported = unit.changes.iter().filter(|change| change.importing).count() as u64;
                    unit.actions.prior <= imported
                }
                UnitKind::State | UnitKind::StateJson => unit.types.values().all(|count| count.managed == 0),
            }),
            objects: OnceCell::new(),
        }
    }

    /// Type and id of each managed object: of a state what it holds, of a plan its prior state, with what refresh found
    /// deleted added back and without what the plan imports.
    pub(super) fn ids(&self) -> &BTreeSet<Id<'a>> {
        &self.objects().ids
    }

    /// Managed addresses: of a state, or the ones that a plan's items name.
    pub(super) fn addresses(&self) -> &BTreeSet<&'a Address> {
        &self.objects().addresses
    }

    fn objects(&self) -> &Objects<'a> {
        self.objects.get_or_init(|| self.collect())
    }

    fn collect(&self) -> Objects<'a> {
        let Objects { mut ids, mut addresses } = Objects::default();
        let Some(unit) = self.unit else { return Objects { ids, addresses } };
        let imported: BTreeSet<&Address> =
            unit.changes.iter().filter(|change| change.importing).map(|change| &change.address).collect();
        for instance in unit.instances.iter().filter(|instance| instance.address.mode == Mode::Managed) {
            if !imported.contains(&instance.address) {
                ids.extend(id(&instance.address, &instance.values));
            }
            if !self.is_plan {
                addresses.insert(&instance.address);
            }
        }
        for change in unit.drift.iter().filter(|change| is_drift_delete(change)) {
            ids.extend(id(&change.address, change.before()));
        }
        for change in unit.changes.iter().filter(|change| change.address.mode == Mode::Managed) {
            addresses.insert(&change.address);
            // Of objects that `destroy` does not look into, the prior state is not read where an item tells of them.
            if self.command == Command::Destroy {
                ids.extend(id(&change.address, change.before()));
            }
        }
        Objects { ids, addresses }
    }

    pub(super) fn is_state(&self) -> bool {
        !self.is_plan
    }

    /// Whether two inputs may be of one unit for where they are. To `destroy` people name what belongs together.
    pub(super) fn is_near(&self, other: &Facts<'_>) -> bool {
        self.folder == other.folder || (self.is_named_to_destroy() && other.is_named_to_destroy())
    }

    pub(super) fn is_named_to_destroy(&self) -> bool {
        self.command == Command::Destroy && self.input.named
    }

    /// Whether the input is said to be from before or after a destroy.
    pub(super) fn is_sided(&self) -> bool {
        self.input.side.is_some()
    }

    /// Whether a plan's prior state is what this state holds now: the same objects, with the same values.
    pub(super) fn is_prior_of(&self, plan: &Facts<'_>) -> bool {
        let same_objects = self.ids() == plan.ids() && (self.is_empty == plan.is_empty || !plan.ids().is_empty());
        let (Some(state), Some(plan)) = (self.unit, plan.unit) else { return same_objects };
        same_objects && same_values(plan, state)
    }

    /// Whether two plans of one folder are about one stack: they start from the same objects, or, where there are none yet,
    /// plan the same ones.
    pub(super) fn is_plan_of(&self, other: &Facts<'_>) -> bool {
        let (Some(one), Some(two)) = (self.unit, other.unit) else { return false };
        if self.folder != other.folder || self.is_destroy_plan != other.is_destroy_plan || self.addresses().is_empty() {
            return false;
        }
        if !self.ids().is_empty() || !other.ids().is_empty() {
            return self.ids() == other.ids();
        }
        if self.addresses() != other.addresses() {
            return false;
        }
        let (one, two) = (planned(one), planned(two));
        self.addresses().iter().all(|address| match (one.get(address), two.get(address)) {
            (Some(one), Some(two)) => agree(&one.after, &two.after),
            _ => false,
        })
    }

    /// How many of the objects that a plan creates may be the ones that a state holds at their addresses.
    pub(super) fn may_have_made(&self, state: &Facts<'_>) -> usize {
        let (Some(plan), Some(unit)) = (self.unit, state.unit) else { return 0 };
        let planned = planned(plan);
        let current = unit.instances.iter().filter(|instance| instance.deposed.is_none());
        let held = first_by(current, |instance| Some(&instance.address));
        let shared = self.addresses().intersection(state.addresses());
        let made = shared.filter(|address| match (planned.get(*address), held.get(*address)) {
            (Some(planned), Some(held)) => is_named_alike(&planned.after, &held.values),
            _ => false,
        });
        made.count()
    }
}

/// The items of a plan by their addresses.
fn planned(plan: &Unit) -> HashMap<&Address, &Change> {
    first_by(plan.changes.iter(), |change| Some(&change.address))
}

/// The first item of each key.
fn first_by<'a, T, K: Eq + Hash>(
    items: impl Iterator<Item = &'a T>,
    key: impl Fn(&'a T) -> Option<K>,
) -> HashMap<K, &'a T> {
    let mut first = HashMap::new();
    for item in items {
        if let Some(key) = key(item) {
            first.entry(key).or_insert(item);
        }
    }
    first
}

/// Whether the objects of a plan's prior state have the values that a state holds. What refresh found changed is undone:
/// the state was written before it.
fn same_values(plan: &Unit, state: &Unit) -> bool {
    let drifted = first_by(plan.drift.iter(), |change| Some((&change.address, change.deposed.as_deref())));
    let held = first_by(state.instances.iter(), |instance| id(&instance.address, &instance.values));
    plan.instances.iter().all(|prior: &Instance| {
        let drifted = drifted.get(&(&prior.address, prior.deposed.as_deref()));
        let values = drifted.map_or(&prior.values, |change| change.before());
        let held = id(&prior.address, values).and_then(|id| held.get(&id));
        held.is_none_or(|instance| agree(values, &instance.values))
    })
}

/// Whether no text, number or truth that both objects state differs.
fn agree(one: &Value, other: &Value) -> bool {
    let is_scalar = |value: &Value| matches!(value.kind, Kind::Bool(_) | Kind::Number(_) | Kind::String(_));
    one.members()
        .iter()
        .filter(|(_, value)| is_scalar(value))
        .all(|(name, value)| other.get(name).is_none_or(|found| !is_scalar(found) || found.kind == value.kind))
}

/// Whether an object that is planned may be one that is there: nothing that names it differs.
fn is_named_alike(planned: &Value, held: &Value) -> bool {
    const NAMES: &[&str] = &["bucket", "key", "name", "location", "region", "account_id", "format"];
    NAMES.iter().all(|name| match (planned.get(name).and_then(Value::as_str), held.get(name).and_then(Value::as_str)) {
        (Some(planned), Some(held)) => planned == held,
        _ => true,
    })
}

fn id<'a>(address: &'a Address, values: &'a Value) -> Option<Id<'a>> {
    Some((&*address.resource_type, values.get("id")?.as_str()?))
}
