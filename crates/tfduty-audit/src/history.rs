//! One folder is often the history of one stack: a plan, the state it made, a destroy plan, the empty state. Inputs of
//! one history are one unit, and of each unit one input is judged.

use std::collections::{BTreeMap, BTreeSet};

use tfduty_terraform::{Address, Mode, Unit, UnitKind, Value};

use crate::{
    estate::{Content, Input, is_drift_delete},
    report::{InputRole, Note, Problem},
    rule::Command,
};

/// What each input is used for, in the order of the inputs.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    pub(crate) of: Vec<InputRole>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) notes: Vec<Note>,
}

/// Decides the role of every input (in sorted path order) for a command.
pub(crate) fn roles(command: Command, inputs: &[Input]) -> Roles {
    let facts: Vec<Facts<'_>> = inputs.iter().map(Facts::of).collect();
    let mut outcome = Roles { of: vec![InputRole::LeftOut; inputs.len()], ..Roles::default() };
    if command != Command::Check {
        outcome.of.fill(InputRole::Judged);
        return outcome;
    }
    for group in groups(&facts) {
        judge_one(&facts, &group, &mut outcome);
    }
    for (index, fact) in facts.iter().enumerate() {
        if fact.is_destroy_plan {
            refuse_destroy_plan(inputs[index].named, fact.path, &mut outcome);
        }
    }
    outcome
}

/// What grouping needs to know of an input.
struct Facts<'a> {
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
    fn of(input: &'a Input) -> Self {
        let unit = match &input.content {
            Content::Unit(unit) | Content::SavedPlan(unit) => Some(&**unit),
            Content::Empty => None,
        };
        let is_plan = unit.is_some_and(|unit| unit.kind == UnitKind::Plan);
        let mut facts = Facts {
            path: &input.path,
            folder: input.path.rsplit_once('/').map_or("", |(folder, _)| folder),
            unit,
            is_plan,
            is_destroy_plan: is_plan && unit.is_some_and(|unit| unit.actions.is_destroy_plan()),
            lineage: unit.and_then(|unit| unit.lineage.as_deref()).filter(|lineage| !lineage.is_empty()),
            serial: unit.and_then(|unit| unit.serial),
            timestamp: unit.and_then(|unit| unit.timestamp.as_deref()),
            ids: BTreeSet::new(),
            addresses: BTreeSet::new(),
            is_empty: true,
        };
        if let Some(unit) = unit {
            facts.collect(unit);
        }
        facts
    }

    fn collect(&mut self, unit: &'a Unit) {
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
        }
        self.is_empty = if self.is_plan {
            unit.actions.prior <= imported.len() as u64
        } else {
            unit.types.values().all(|count| count.managed == 0)
        };
    }

    fn is_state(&self) -> bool {
        !self.is_plan
    }

    /// Whether a plan's prior state is what this state holds now.
    fn is_prior_of(&self, plan: &Facts<'_>) -> bool {
        self.ids == plan.ids && (self.is_empty == plan.is_empty || !plan.ids.is_empty())
    }
}

fn id<'a>(address: &'a Address, values: &'a Value) -> Option<(&'a str, &'a str)> {
    Some((&*address.resource_type, values.get("id")?.as_str()?))
}

/// The inputs of each unit, by their indices. A unit never holds states of two lineages.
fn groups(facts: &[Facts<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut by_lineage: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, fact) in facts.iter().enumerate().filter(|(_, fact)| fact.lineage.is_some()) {
        let lineage = fact.lineage.unwrap_or_default();
        let group = *by_lineage.entry(lineage).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(index);
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
    groups
}

/// Whether two inputs are of one unit, by their objects. Only inputs of one folder are.
fn belongs(one: &Facts<'_>, state: &Facts<'_>) -> bool {
    if one.folder != state.folder || !state.is_state() {
        return false;
    }
    let at_least_half = |shared: usize, of: usize| of > 0 && shared * 2 >= of;
    if one.is_state() {
        return !one.ids.is_empty() && one.ids == state.ids;
    }
    if one.is_destroy_plan {
        return one.ids.intersection(&state.ids).next().is_some();
    }
    if one.is_empty {
        return at_least_half(one.addresses.intersection(&state.addresses).count(), one.addresses.len());
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
        for plan in plans() {
            outcome.of[plan] = InputRole::Judged;
        }
        return;
    };
    let older_hold_objects = group.iter().any(|index| {
        *index != newest && facts[*index].is_state() && facts[*index].lineage.is_some() && !facts[*index].is_empty
    });
    if facts[newest].is_empty && facts[newest].unit.is_some() && older_hold_objects {
        outcome.notes.push(Note {
            path: Some(facts[newest].path.to_owned()),
            code: "unit-destroyed",
            message: "the newest state of this stack holds no managed object any more: it was destroyed, so nothing of it is judged \
                      (`tfduty destroy` tells whether anything stayed)"
                .into(),
        });
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
        ("same-state", "the raw state with the same objects is judged")
    } else {
        ("older-state", "a newer state of the same lineage is judged")
    };
    Note { path: Some(fact.path.to_owned()), code, message: format!("left out: {why}, {}", judged.path) }
}

fn refuse_destroy_plan(named: bool, path: &str, outcome: &mut Roles) {
    let message = format!("destroy plan: run `tfduty destroy {path}`");
    if named {
        let help = Some("`check` judges what will exist; a destroy plan leaves nothing to judge".into());
        outcome.problems.push(Problem { path: Some(path.to_owned()), message, help, place: None });
    } else {
        outcome.notes.push(Note {
            path: Some(path.to_owned()),
            code: "destroy-plan",
            message: format!("left out: {message}"),
        });
    }
}
