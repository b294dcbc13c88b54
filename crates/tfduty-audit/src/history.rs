//! One folder is often the history of one stack: a plan, the state it made, a destroy plan, the empty state. Inputs of
//! one history are one unit, and of each unit one input is judged.

use std::collections::BTreeSet;

use tfduty_terraform::{Address, Instance, Kind, Mode, Unit, UnitKind, Value};

use crate::{
    estate::{Content, Input, is_drift_delete},
    report::{InputRole, Note, Problem},
    rule::Command,
};

mod copies;
mod destroy;
mod pairs;

pub(crate) use copies::{Place, Standing, StateCopy, is_unsaved};
pub use destroy::{Part, Side};
pub(crate) use pairs::{Doubt, StateOf, StatePair};

/// What each input is used for, in the order of the inputs.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    pub(crate) of: Vec<InputRole>,
    /// What `destroy` takes the judged ones for.
    pub(crate) parts: Vec<Option<Part>>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) notes: Vec<Note>,
    pub(crate) copies: Vec<StateCopy>,
    pub(crate) pairs: Vec<StatePair>,
}

/// Decides the role of every input (in sorted path order) for a command.
pub(crate) fn roles(command: Command, inputs: &[Input]) -> Roles {
    let mut facts: Vec<Facts<'_>> = inputs.iter().map(|input| Facts::of(command, input)).collect();
    // What a single input holds need not be compared.
    if let [_, _, ..] = &facts[..] {
        facts.iter_mut().for_each(Facts::collect);
    }
    let (of, parts) = (vec![InputRole::LeftOut; inputs.len()], vec![None; inputs.len()]);
    let mut outcome = Roles { of, parts, ..Roles::default() };
    if command == Command::List {
        outcome.of.fill(InputRole::Judged);
        return outcome;
    }
    let groups = groups(&facts);
    if command == Command::Destroy {
        destroy::take_roles(&facts, groups, &mut outcome);
        return outcome;
    }
    outcome.copies = groups.iter().flat_map(|group| copies::copies(&facts, group)).collect();
    for group in groups {
        judge_one(&facts, &group, &mut outcome);
    }
    for (index, fact) in facts.iter().enumerate() {
        if outcome.of[index] == InputRole::Judged
            && fact.unit.is_some_and(|unit| unit.flags.errored.is_some_and(|(errored, _)| errored))
        {
            outcome.problems.push(Problem {
                path: Some(fact.path.to_owned()),
                message: "planning failed (`errored` is true): the plan shows only a part of what was to be done"
                    .into(),
                help: Some("read the diagnostics of `terraform plan`, and audit the plan that succeeds".into()),
                place: None,
            });
        }
        if fact.is_destroy_plan {
            refuse_destroy_plan(inputs[index].named, fact.path, &mut outcome);
        }
    }
    outcome
}

/// What grouping needs to know of an input.
struct Facts<'a> {
    command: Command,
    input: &'a Input,
    path: &'a str,
    folder: &'a str,
    unit: Option<&'a Unit>,
    is_plan: bool,
    is_destroy_plan: bool,
    lineage: Option<&'a str>,
    serial: Option<u64>,
    timestamp: Option<&'a str>,
    /// Type and id of each managed object: of a state what it holds, of a plan its prior state, with what refresh found
    /// deleted added back and without what the plan imports.
    ids: BTreeSet<(&'a str, &'a str)>,
    /// Managed addresses: of a state, or the ones that a plan's items name.
    addresses: BTreeSet<&'a Address>,
    /// Whether a state, or a plan's prior state, holds no managed object at all.
    is_empty: bool,
}

impl<'a> Facts<'a> {
    fn of(command: Command, input: &'a Input) -> Self {
        let unit = match &input.content {
            Content::Unit(unit) | Content::SavedPlan(unit) => Some(&**unit),
            Content::Empty | Content::List(_) => None,
        };
        let is_plan = unit.is_some_and(|unit| unit.kind == UnitKind::Plan);
        let mut facts = Facts {
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
            ids: BTreeSet::new(),
            addresses: BTreeSet::new(),
            is_empty: true,
        };
        facts.is_empty = unit.is_none_or(|unit| match unit.kind {
            UnitKind::Plan => {
                let imported = unit.changes.iter().filter(|change| change.importing).count() as u64;
                unit.actions.prior <= imported
            }
            UnitKind::State | UnitKind::StateJson => unit.types.values().all(|count| count.managed == 0),
        });
        facts
    }

    /// Collects the objects and addresses of the input.
    fn collect(&mut self) {
        let Some(unit) = self.unit else { return };
        let imported: BTreeSet<&Address> =
            unit.changes.iter().filter(|change| change.importing).map(|change| &change.address).collect();
        for instance in unit.instances.iter().filter(|instance| instance.address.mode == Mode::Managed) {
            if !imported.contains(&instance.address) {
                self.ids.extend(id(&instance.address, &instance.values));
            }
            if !self.is_plan {
                self.addresses.insert(&instance.address);
            }
        }
        for change in unit.drift.iter().filter(|change| is_drift_delete(change)) {
            self.ids.extend(id(&change.address, &change.before));
        }
        for change in unit.changes.iter().filter(|change| change.address.mode == Mode::Managed) {
            self.addresses.insert(&change.address);
            // Of objects that `destroy` does not look into, the prior state is not read where an item tells of them.
            if self.command == Command::Destroy {
                self.ids.extend(id(&change.address, &change.before));
            }
        }
    }

    fn is_state(&self) -> bool {
        !self.is_plan
    }

    /// Whether two inputs may be of one unit for where they are. To `destroy` people name what belongs together.
    fn is_near(&self, other: &Facts<'_>) -> bool {
        self.folder == other.folder || (self.command == Command::Destroy && self.input.named && other.input.named)
    }

    /// Whether one of two inputs is said to be from before or after a destroy.
    fn is_sided(&self, other: &Facts<'_>) -> bool {
        self.input.side.is_some() || other.input.side.is_some()
    }

    /// Whether a plan's prior state is what this state holds now: the same objects, with the same values.
    fn is_prior_of(&self, plan: &Facts<'_>) -> bool {
        let same_objects = self.ids == plan.ids && (self.is_empty == plan.is_empty || !plan.ids.is_empty());
        let (Some(state), Some(plan)) = (self.unit, plan.unit) else { return same_objects };
        same_objects && plan.instances.iter().all(|prior| same_values(plan, prior, state))
    }

    /// Whether two plans of one folder are about one stack: they start from the same objects, or, where there are none yet,
    /// plan the same ones.
    fn is_plan_of(&self, other: &Facts<'_>) -> bool {
        let (Some(one), Some(two)) = (self.unit, other.unit) else { return false };
        if self.folder != other.folder || self.is_destroy_plan != other.is_destroy_plan || self.addresses.is_empty() {
            return false;
        }
        if !self.ids.is_empty() || !other.ids.is_empty() {
            return self.ids == other.ids;
        }
        let planned = |unit: &'_ Unit, address: &Address| {
            unit.changes.iter().find(|change| change.address == *address).map(|change| change.after.clone())
        };
        self.addresses == other.addresses
            && self.addresses.iter().all(|address| match (planned(one, address), planned(two, address)) {
                (Some(one), Some(two)) => agree(&one, &two),
                _ => false,
            })
    }
}

/// Whether an object of a plan's prior state has the values that a state holds. What refresh found changed is undone: the
/// state was written before it.
fn same_values(plan: &Unit, prior: &Instance, state: &Unit) -> bool {
    let drifted = plan.drift.iter().find(|change| change.address == prior.address && change.deposed == prior.deposed);
    let values = drifted.map_or(&prior.values, |change| &change.before);
    let wanted = id(&prior.address, values);
    let held =
        state.instances.iter().find(|instance| wanted.is_some() && id(&instance.address, &instance.values) == wanted);
    held.is_none_or(|instance| agree(values, &instance.values))
}

/// Whether no text, number or truth that both objects state differs.
fn agree(one: &Value, other: &Value) -> bool {
    let is_scalar = |value: &Value| matches!(value.kind, Kind::Bool(_) | Kind::Number(_) | Kind::String(_));
    one.members()
        .iter()
        .filter(|(_, value)| is_scalar(value))
        .all(|(name, value)| other.get(name).is_none_or(|found| !is_scalar(found) || found.kind == value.kind))
}

/// Whether an object that a plan creates may be the one that a state holds at its address: nothing that names it differs.
fn may_have_made(plan: &Unit, state: &Unit, address: &Address) -> bool {
    const NAMES: &[&str] = &["bucket", "key", "name", "location", "region", "account_id", "format"];
    let planned = plan.changes.iter().find(|change| change.address == *address);
    let held = state.instances.iter().find(|instance| instance.address == *address && instance.deposed.is_none());
    let (Some(planned), Some(held)) = (planned, held) else { return false };
    NAMES.iter().all(|name| match (planned.after.get(name), held.values.get(name)) {
        (Some(planned), Some(held)) => {
            planned.as_str().is_none() || held.as_str().is_none() || planned.as_str() == held.as_str()
        }
        _ => true,
    })
}

fn id<'a>(address: &'a Address, values: &'a Value) -> Option<(&'a str, &'a str)> {
    Some((&*address.resource_type, values.get("id")?.as_str()?))
}

/// The inputs of each unit, by their indices. A unit never holds states of two lineages. States of one lineage in two
/// folders are copies where they share an object; else somebody started a stack from another one's file.
fn groups(facts: &[Facts<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, fact) in facts.iter().enumerate().filter(|(_, fact)| fact.lineage.is_some()) {
        let copies = |other: usize| {
            let other = &facts[other];
            let is_emptied = fact.is_near(other) && (fact.is_empty || other.is_empty);
            other.lineage == fact.lineage
                && (other.folder == fact.folder
                    || !other.ids.is_disjoint(&fact.ids)
                    || is_emptied
                    || fact.is_sided(other))
        };
        match groups.iter_mut().find(|group| group.iter().any(|other| copies(*other))) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    // States without a lineage join the raw state whose objects they show, plans the one state they were made from or
    // made. What fits two units stays by itself: judging it alone is the safe mistake.
    let without: Vec<usize> = (0..facts.len()).filter(|index| facts[*index].lineage.is_none()).collect();
    let (states, plans): (Vec<usize>, Vec<usize>) = without.into_iter().partition(|index| facts[*index].is_state());
    for index in states.into_iter().chain(plans) {
        let fits: Vec<usize> = (0..groups.len())
            .filter(|group| groups[*group].iter().any(|member| belongs(&facts[index], &facts[*member])))
            .collect();
        match fits.as_slice() {
            [group] => groups[*group].push(index),
            _ => groups.push(vec![index]),
        }
    }
    join_plans(facts, groups)
}

/// Plans that no state joins are of one unit where they start from the same objects, or create the same ones.
fn join_plans(facts: &[Facts<'_>], groups: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let mut joined: Vec<Vec<usize>> = Vec::new();
    for group in groups {
        let lone = |group: &[usize]| group.iter().all(|index| facts[*index].is_plan);
        let twin =
            joined.iter_mut().find(|other| lone(other) && lone(&group) && facts[other[0]].is_plan_of(&facts[group[0]]));
        match twin {
            Some(other) => other.extend(group),
            None => joined.push(group),
        }
    }
    joined
}

/// Whether two inputs are of one unit, by their objects. Only inputs of one folder are.
fn belongs(one: &Facts<'_>, state: &Facts<'_>) -> bool {
    if !one.is_near(state) || !state.is_state() {
        return false;
    }
    let at_least_half = |shared: usize, of: usize| of > 0 && shared * 2 >= of;
    if one.is_state() {
        let is_part = one.is_sided(state) && !one.ids.is_disjoint(&state.ids);
        return is_part || (!one.ids.is_empty() && one.ids == state.ids);
    }
    if one.is_destroy_plan {
        return one.ids.intersection(&state.ids).next().is_some();
    }
    if one.is_empty {
        let (Some(plan), Some(unit)) = (one.unit, state.unit) else { return false };
        let shared = one.addresses.intersection(&state.addresses);
        return at_least_half(shared.filter(|address| may_have_made(plan, unit, address)).count(), one.addresses.len());
    }
    at_least_half(one.ids.intersection(&state.ids).count(), one.ids.len())
}

/// Gives the inputs of one unit their roles.
fn judge_one(facts: &[Facts<'_>], group: &[usize], outcome: &mut Roles) {
    // Among states of equal serial the raw one tells more than its `show -json`.
    let newest = group
        .iter()
        .copied()
        .filter(|index| facts[*index].is_state())
        .max_by_key(|index| (facts[*index].serial, std::cmp::Reverse(*index)));
    let plans = || group.iter().copied().filter(|index| facts[*index].is_plan && !facts[*index].is_destroy_plan);
    let Some(newest) = newest else {
        let judged = plans().max_by_key(|plan| facts[*plan].timestamp);
        for plan in plans() {
            outcome.of[plan] = if Some(plan) == judged { InputRole::Judged } else { InputRole::Evidence };
            if let Some(judged) = judged.filter(|judged| *judged != plan) {
                outcome.notes.push(left_out(&facts[plan], &facts[judged]));
            }
        }
        return;
    };
    let older_hold_objects = group.iter().any(|index| {
        *index != newest
            && facts[*index].is_state()
            && facts[*index].lineage.is_some()
            && facts[*index].folder == facts[newest].folder
            && !facts[*index].is_empty
    });
    if facts[newest].is_empty && facts[newest].unit.is_some() && older_hold_objects {
        let message = "the newest state of this stack holds no managed object any more: it was destroyed, so nothing of it is judged \
                       (`tfduty destroy` tells whether anything stayed)";
        outcome.notes.push(Note::new(Some(facts[newest].path.to_owned()), "unit-destroyed", message));
        for index in group.iter().copied().filter(|index| *index != newest && !facts[*index].is_destroy_plan) {
            outcome.notes.push(Note::new(Some(facts[index].path.to_owned()), "unit-destroyed", format!(
                    "left out: its stack was destroyed, {} says; a plan that makes it anew is audited when it is named alone",
                    facts[newest].path
                )));
        }
        return;
    }
    let fresh =
        plans().filter(|plan| facts[newest].is_prior_of(&facts[*plan])).max_by_key(|plan| facts[*plan].timestamp);
    let judged = fresh.unwrap_or(newest);
    for index in group.iter().copied().filter(|index| !facts[*index].is_destroy_plan) {
        outcome.of[index] = if index == judged { InputRole::Judged } else { InputRole::Evidence };
        if index != judged {
            outcome.notes.push(left_out(&facts[index], &facts[judged]));
        }
    }
}

fn left_out(fact: &Facts<'_>, judged: &Facts<'_>) -> Note {
    let (code, why) = if fact.is_plan && judged.is_plan {
        ("other-plan", "another plan of the same stack is judged")
    } else if fact.is_plan {
        ("stale-plan", "stale plan, already applied: the newer state is judged")
    } else if judged.is_plan {
        ("planned", "the plan made from this state is judged")
    } else if fact.lineage.is_none() {
        ("same-state", "a state with the same objects is judged")
    } else if fact.serial == judged.serial {
        ("same-state", "another state of the same lineage and serial is judged")
    } else if copies::is_unsaved(judged.path) {
        ("older-state", "a newer state of the same lineage, which the last run could not save, is judged")
    } else {
        ("older-state", "a newer state of the same lineage is judged")
    };
    Note::new(Some(fact.path.to_owned()), code, format!("left out: {why}, {}", judged.path))
}

fn refuse_destroy_plan(named: bool, path: &str, outcome: &mut Roles) {
    let message = format!("destroy plan: run `tfduty destroy {path}`");
    if named {
        let help = Some("`check` judges what will exist; a destroy plan leaves nothing to judge".into());
        outcome.problems.push(Problem { path: Some(path.to_owned()), message, help, place: None });
    } else {
        outcome.notes.push(Note::new(Some(path.to_owned()), "destroy-plan", format!("left out: {message}")));
    }
}

#[cfg(test)]
mod tests;
