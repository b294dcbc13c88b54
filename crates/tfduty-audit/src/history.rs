//! One folder is often the history of one stack: a plan, the state it made, a destroy plan, the empty state. Inputs of
//! one history are one unit, and of each unit one input is judged.

use crate::{
    estate::Input,
    report::{InputRole, Note, Problem},
    rule::Command,
};

use facts::Facts;

mod copies;
mod destroy;
mod facts;
mod groups;
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
    /// The destroy plans, which only `destroy` judges.
    pub(crate) destroy_plans: Vec<usize>,
}

/// Decides the role of every input (in sorted path order) for a command.
pub(crate) fn roles(command: Command, inputs: &[Input]) -> Roles {
    let facts: Vec<Facts<'_>> = inputs.iter().map(|input| Facts::of(command, input)).collect();
    let (of, parts) = (vec![InputRole::LeftOut; inputs.len()], vec![None; inputs.len()]);
    let mut outcome = Roles { of, parts, ..Roles::default() };
    if command == Command::List {
        outcome.of.fill(InputRole::Judged);
        return outcome;
    }
    let groups = groups::groups(&facts);
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
            outcome.destroy_plans.push(index);
            refuse_destroy_plan(inputs[index].named, fact.path, &mut outcome);
        }
    }
    outcome
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

/// What is said to those who name a destroy plan.
pub(crate) const DESTROY_PLAN: &str = "`check` judges what will exist; a destroy plan leaves nothing to judge";

fn refuse_destroy_plan(named: bool, path: &str, outcome: &mut Roles) {
    let message = format!("destroy plan: run `tfduty destroy {path}`");
    if named {
        let help = Some(DESTROY_PLAN.into());
        outcome.problems.push(Problem { path: Some(path.to_owned()), message, help, place: None });
    } else {
        outcome.notes.push(Note::new(Some(path.to_owned()), "destroy-plan", format!("left out: {message}")));
    }
}

#[cfg(test)]
mod tests;
