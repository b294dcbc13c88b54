//! Items of plans and instances of states to objects.

use std::collections::HashSet;

use tfduty_terraform::{
    Action, Address, Before, Change, Configuration, Instance, Kind, Mode, ModulePath, Unit, UnitKind,
};

use super::sorted::{Entry, sorted};
use crate::{
    facts,
    history::Part,
    object::{ChangeKind, Object, Presence},
    shared::Shared,
};

/// Takes the objects out of a unit, in the order of their addresses: of a plan its items, and what of its prior state no item
/// is about; of a state its instances. To `destroy` every managed object of a state from before it is going.
pub(super) fn objects(number: usize, unit: &mut Unit, part: Option<Part>) -> Vec<Object> {
    let (changes, instances) = (std::mem::take(&mut unit.changes), std::mem::take(&mut unit.instances));
    let order = sorted(&changes, &instances);
    let moved: HashSet<Address> =
        changes.iter().filter_map(|change| change.previous_address.as_deref()?.parse().ok()).collect();
    let (mut changes, mut instances) = (slots(changes), slots(instances));
    let mut texts = Shared::default();
    let mut objects: Vec<Object> = Vec::with_capacity(order.len());
    // How many of the last objects are what items say of one address.
    let mut told = 0;
    for entry in order {
        match entry {
            Entry::Change(place) => {
                let Some(change) = changes[place].take() else { continue };
                let mut object = object_of_change(number, change);
                facts::take_said(&mut object, &mut texts);
                let goes_on = told > 0
                    && objects.last().is_some_and(|last| last.is_at(&object.address, object.deposed.as_deref()));
                told = if goes_on { told + 1 } else { 1 };
                objects.push(object);
            }
            Entry::Instance(place) => {
                let Some(instance) = instances[place].take() else { continue };
                let is_told = told > 0
                    && objects.last().is_some_and(|last| last.is_at(&instance.address, instance.deposed.as_deref()));
                if is_told && part == Some(Part::DestroyPlan) {
                    // A destroy goes by the dependencies that the prior state records.
                    let of_items = objects.iter_mut().rev().take(told);
                    of_items.for_each(|object| object.dependencies.clone_from(&instance.dependencies));
                }
                // A deposed object of a state is on its way out: `destroy` judges it, `check` does not.
                let is_left_out = match instance.deposed {
                    Some(_) => part.is_none(),
                    None => moved.contains(&instance.address),
                };
                if !is_told && !is_left_out {
                    told = 0;
                    let mut object = object_of_instance(number, instance, (unit.kind, part, &mut texts));
                    facts::take_said(&mut object, &mut texts);
                    objects.push(object);
                }
            }
        }
    }
    if let Some(configuration) = unit.configuration.as_ref().filter(|_| unit.kind == UnitKind::Plan) {
        put_under_providers(&mut objects, configuration, &mut texts);
    }
    objects
}

/// The same, each to be taken out once.
fn slots<T>(items: Vec<T>) -> Vec<Option<T>> {
    items.into_iter().map(Some).collect()
}

/// Gives the objects of a plan the keys of their provider configurations.
fn put_under_providers(objects: &mut [Object], configuration: &Configuration, texts: &mut Shared) {
    let (mut module, mut before) = (Some(&configuration.root), &ModulePath::default());
    for object in objects {
        let Address { module: path, mode, resource_type, name, .. } = &object.address;
        // Most objects follow one of their module.
        if path != before {
            (module, before) = (configuration.module(path), path);
        }
        let block = module.and_then(|module| module.resource(*mode, resource_type, name));
        object.provider = block.and_then(|block| block.provider_key.as_deref()).map(|key| texts.get(key));
    }
}

fn object_of_change(unit: usize, change: Change) -> Object {
    let stays = !matches!(change.after.kind, Kind::Null);
    let kind = ChangeKind::of(&change.actions, stays);
    let presence = match kind {
        ChangeKind::Delete => Presence::Going,
        ChangeKind::Forget => Presence::Unmanaged,
        _ => Presence::Present,
    };
    let (values, before, branch) = if stays {
        let before = (!change.before().is_null()).then_some(change.before);
        (change.after, before, "/after")
    } else {
        let before = match change.before {
            Before::Same => change.after,
            Before::Other(before) => before,
        };
        (before, None, "/before")
    };
    let mut pointer = String::from(change.pointer);
    pointer.push_str(branch);
    Object {
        unit,
        address: change.address,
        deposed: change.deposed,
        presence,
        tainted: false,
        skip_destroy: false,
        change: kind,
        values,
        before,
        pointer,
        actions_span: change.actions_span,
        has_actions: !change.actions.is_empty(),
        action_reason: change.action_reason,
        replace_paths: change.replace_paths,
        provider: None,
        dependencies: Vec::new(),
        account: None,
        region: None,
        own_region: None,
    }
}

fn object_of_instance(
    number: usize,
    instance: Instance,
    (kind, part, texts): (UnitKind, Option<Part>, &mut Shared),
) -> Object {
    let is_managed = instance.address.mode == Mode::Managed;
    let is_plan = kind == UnitKind::Plan;
    // `show -json` gives the provider's name without its alias: nothing can be told from that.
    let provider = instance.provider.filter(|_| !is_plan).filter(|provider| provider.contains("provider"));
    Object {
        unit: number,
        address: instance.address,
        deposed: instance.deposed,
        presence: match part {
            Some(Part::Before) if is_managed => Presence::Going,
            Some(Part::Forgotten) => Presence::Unmanaged,
            _ => Presence::Present,
        },
        tainted: instance.tainted,
        skip_destroy: instance.skip_destroy,
        change: if is_plan { ChangeKind::NoOp } else { ChangeKind::State },
        values: instance.values,
        before: None,
        pointer: instance.pointer.into(),
        actions_span: instance.span,
        has_actions: false,
        action_reason: None,
        replace_paths: Vec::new(),
        provider: provider.map(|provider| texts.get(&provider)),
        dependencies: instance.dependencies,
        account: None,
        region: None,
        own_region: None,
    }
}

/// How many objects of a state, read for `destroy`, are not among these: those without a type or mode that is known, and
/// managed ones without an address.
pub(super) fn unread(unit: &Unit, objects: &[Object]) -> u64 {
    let counted: u64 = unit.types.values().map(|count| count.managed + count.data).sum();
    let managed: u64 = unit.types.values().map(|count| count.managed).sum();
    let read = objects.iter().filter(|object| object.is_managed()).count() as u64;
    unit.resources.saturating_sub(counted) + managed.saturating_sub(read)
}

/// Leaves of a document only what it forgets.
pub(super) fn keep_forgotten(unit: &mut Unit) {
    unit.changes.retain(|change| change.actions == [Action::Forget]);
    unit.instances.retain(|instance| instance.skip_destroy);
}
