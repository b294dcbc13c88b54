//! What `destroy` takes its inputs for: destroy plans and states from before a destroy are predicted from, states from
//! after it tell the outcome.

use std::{cmp::Reverse, collections::BTreeSet};

use tfduty_terraform::{Action, Address, Mode, UnitKind};

use super::{Facts, Roles, pairs};
use crate::{
    estate::Content,
    report::{InputRole, Note, Problem},
};

/// Which side of a destroy a state is said to be from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Before it.
    Before,
    /// After it.
    After,
}

/// What `destroy` takes a judged unit for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A plan that destroys.
    DestroyPlan,
    /// A plan that does something else.
    OtherPlan,
    /// A state from before the destroy: as if everything in it were to be deleted.
    Before,
    /// A state from after the destroy: what it still holds has stayed.
    After,
    /// What was before a state from after the destroy: of interest is only what it forgot, since the state cannot show that.
    /// It is evidence, and no rule has a subject in it.
    Forgotten,
}

/// An object in a document: what tells whether another document holds the same one.
type Held<'a> = (&'a Address, Option<&'a str>, Option<&'a str>);

/// Decides the role of every input.
pub(super) fn take_roles(facts: &[Facts<'_>], mut groups: Vec<Vec<usize>>, outcome: &mut Roles) {
    for group in &mut groups {
        group.retain(|index| match refuse_side(&facts[*index]) {
            Some(problem) => {
                outcome.problems.push(problem);
                false
            }
            None => true,
        });
    }
    groups.retain(|group| !group.is_empty());
    let groups = join_afters(facts, groups);
    for group in &groups {
        // A plan that does not destroy is judged as what it is, whatever else is known of its stack.
        let (others, group): (Vec<usize>, Vec<usize>) =
            group.iter().partition(|index| facts[**index].is_plan && !is_destroy_plan(&facts[**index]));
        for index in others {
            take_other_plan(&facts[index], index, outcome);
        }
        match after(facts, &group) {
            Some(after) => take_after(facts, &group, after, outcome),
            None => take_before(facts, &group, outcome),
        }
    }
}

/// What is no state is not from before or after a destroy.
fn refuse_side(facts: &Facts<'_>) -> Option<Problem> {
    let (option, other) = match facts.input.side? {
        Side::Before => ("--before", "give the plan as an input, without `--before`"),
        Side::After => ("--after", "give what `terraform state pull` prints after the destroy"),
    };
    // The state in a saved plan is from before what the plan does.
    let is_state = facts.is_state() && !(is_saved_plan(facts) && option == "--after");
    (!is_state).then(|| Problem {
        path: Some(facts.path.to_owned()),
        message: format!("`{option}` takes a state, and this is a plan"),
        help: Some(other.into()),
        place: None,
    })
}

fn judge(index: usize, part: Part, outcome: &mut Roles) {
    outcome.of[index] = InputRole::Judged;
    outcome.parts[index] = Some(part);
}

/// Whether a plan destroys: the plan of an empty state does, too.
fn is_destroy_plan(facts: &Facts<'_>) -> bool {
    facts.is_plan && facts.unit.is_some_and(|unit| unit.actions.is_destroy_plan())
}

fn take_other_plan(facts: &Facts<'_>, index: usize, outcome: &mut Roles) {
    let has_failed = facts.unit.is_some_and(|unit| unit.flags.errored.is_some_and(|(errored, _)| errored));
    if facts.input.named {
        judge(index, Part::OtherPlan, outcome);
    } else if has_failed {
        outcome.problems.push(Problem {
            path: Some(facts.path.to_owned()),
            message: "planning failed (`errored` is true): whether this was to be a destroy plan does not show".into(),
            help: Some(
                "read the diagnostics of the plan, and make it anew: `terraform plan -destroy -out=tfdestroy`".into(),
            ),
            place: None,
        });
    } else {
        outcome.notes.push(Note::new(
            Some(facts.path.to_owned()),
            "no-destroy-plan",
            "left out: this plan does not destroy the stack (name it to have it judged)",
        ));
    }
}

/// With a state from after the destroy, what was before is evidence only: nothing need be predicted.
fn take_after(facts: &[Facts<'_>], group: &[usize], after: usize, outcome: &mut Roles) {
    let is_after = |index: &usize| *index == after || facts[*index].input.side == Some(Side::After);
    for index in group.iter().copied() {
        if is_after(&index) {
            judge(index, Part::After, outcome);
            continue;
        }
        outcome.of[index] = InputRole::Evidence;
        if facts[index].input.side.is_none() {
            let message = format!("evidence only: {}, the state after the destroy, is judged", facts[after].path);
            outcome.notes.push(Note::new(Some(facts[index].path.to_owned()), "state-after", message));
        }
        if let Some(note) = forgotten(&facts[index]) {
            outcome.notes.push(note);
            outcome.parts[index] = Some(Part::Forgotten);
        }
    }
    let sided: Vec<usize> =
        group.iter().copied().filter(|index| facts[*index].input.side == Some(Side::Before)).collect();
    let befores = if sided.is_empty() { raw_before(facts, group, after).into_iter().collect() } else { sided };
    let plan = group.iter().copied().find(|index| facts[*index].is_plan).filter(|_| befores.is_empty());
    for after in group.iter().copied().filter(is_after) {
        outcome.pairs.extend(befores.iter().map(|before| pairs::pair(facts, *before, after)));
        outcome.pairs.extend(plan.and_then(|plan| pairs::pair_with_plan(facts, plan, after)));
    }
}

/// The newest other state of the group that knows its lineage: a raw one, or the one in a saved plan.
fn raw_before(facts: &[Facts<'_>], group: &[usize], after: usize) -> Option<usize> {
    let others = group.iter().copied().filter(|index| *index != after && facts[*index].lineage.is_some());
    others.max_by_key(|index| (facts[*index].serial, Reverse(*index)))
}

/// What a plan, or a state of OpenTofu's, forgets: the outcome of the destroy does not show it.
fn forgotten(facts: &Facts<'_>) -> Option<Note> {
    let unit = facts.unit?;
    let plans = unit.changes.iter().filter(|change| change.actions == [Action::Forget]).map(|change| &change.address);
    let states = unit.instances.iter().filter(|instance| instance.skip_destroy).map(|instance| &instance.address);
    let names: Vec<String> = plans.chain(states).map(ToString::to_string).collect();
    let shown = crate::context::quoted_list(&names);
    (!names.is_empty()).then(|| {
        Note::new(
            Some(facts.path.to_owned()),
            "forgotten",
            format!("forgotten, not deleted: {shown} left the state, but not AWS"),
        )
    })
}

/// Without a state from after the destroy, its plan is judged; without one, the newest state.
fn take_before(facts: &[Facts<'_>], group: &[usize], outcome: &mut Roles) {
    let plan = group.iter().copied().filter(|index| facts[*index].is_plan).max_by_key(|index| facts[*index].timestamp);
    let newest = newest_state(facts, group);
    let copies = super::copies::copies(facts, group);
    let stale: BTreeSet<usize> = copies.iter().filter(|copy| copy.is_stale()).map(|copy| copy.input.input).collect();
    outcome.copies.extend(copies);
    let Some(judged) = plan.or(newest) else { return };
    let part = match plan {
        Some(_) => Part::DestroyPlan,
        None if facts[judged].is_empty => Part::After,
        None => Part::Before,
    };
    judge(judged, part, outcome);
    for index in group.iter().copied().filter(|index| *index != judged) {
        let is_stale = stale.contains(&index);
        outcome.of[index] = if is_stale { InputRole::LeftOut } else { InputRole::Evidence };
        if !is_stale {
            outcome.notes.push(left_out(&facts[index], &facts[judged]));
        }
    }
    if let (Some(plan), Some(state)) = (plan, newest) {
        outcome.notes.extend(stale_plan(&facts[plan], &facts[state]));
    }
}

fn left_out(facts: &Facts<'_>, judged: &Facts<'_>) -> Note {
    let (code, why) = match (facts.is_plan, judged.is_plan) {
        (true, _) => ("other-plan", "another destroy plan of the same stack is judged"),
        (false, true) => ("planned", "the destroy plan made from this state is judged"),
        (false, false) if facts.lineage.is_some() && facts.serial != judged.serial => {
            ("older-state", "a newer state of the same lineage is judged")
        }
        (false, false) => ("same-state", "a state with the same objects is judged"),
    };
    Note::new(Some(facts.path.to_owned()), code, format!("left out: {why}, {}", judged.path))
}

/// A destroy plan that was made before its state got more objects destroys none of them, and Terraform refuses it.
fn stale_plan(plan: &Facts<'_>, state: &Facts<'_>) -> Option<Note> {
    let object = |(address, _, id): &Held<'_>| Some((address.resource_type.clone(), (*id)?.to_owned()));
    let planned: BTreeSet<(Box<str>, String)> = held(plan).iter().filter_map(object).collect();
    let is_unknown = |held: &Held<'_>| object(held).is_some_and(|object| !planned.contains(&object));
    let names: Vec<String> =
        held(state).into_iter().filter(is_unknown).map(|(address, ..)| address.to_string()).collect();
    (!names.is_empty()).then(|| {
        Note::new(
            Some(plan.path.to_owned()),
            "stale-plan",
            format!(
                "{} holds what this plan does not know of: {}; if the state is the newer one, make the plan anew",
                state.path,
                crate::context::quoted_list(&names)
            ),
        )
    })
}

/// The state of a group from after the destroy, said or seen to be: what an older state or the plan of the destroy held,
/// and less.
fn after(facts: &[Facts<'_>], group: &[usize]) -> Option<usize> {
    let of_side = |side| group.iter().copied().filter(move |index| facts[*index].input.side == Some(side));
    let newest = |index: &usize| (facts[*index].serial, Reverse(*index));
    if let Some(said) = of_side(Side::After).max_by_key(newest) {
        return Some(said);
    }
    let now = newest_state(facts, group).filter(|index| facts[*index].input.side.is_none())?;
    let is_raw = |index: &usize| facts[*index].lineage.is_some();
    let mut others = group.iter().copied().filter(|index| *index != now && holds_objects(&facts[*index]));
    if facts[now].is_empty {
        return others.next().map(|_| now);
    }
    let befores: Vec<usize> =
        of_side(Side::Before).chain(group.iter().copied().filter(|i| facts[*i].is_plan)).collect();
    let left = held(&facts[now]);
    let is_rest = |before: usize| {
        let held = held(&facts[before]);
        let (newer, older) = (facts[now].serial, facts[before].serial);
        left.is_subset(&held) && left.len() < held.len() && (!is_raw(&before) || older < newer)
    };
    befores.into_iter().any(is_rest).then_some(now)
}

fn newest_state(facts: &[Facts<'_>], group: &[usize]) -> Option<usize> {
    let states = group.iter().copied().filter(|index| facts[*index].is_state() && !is_saved_plan(&facts[*index]));
    let newest = states.max_by_key(|index| (facts[*index].serial, Reverse(*index)));
    newest.or_else(|| group.iter().copied().find(|index| is_saved_plan(&facts[*index])))
}

/// Whether the state is that of a saved plan: it was there before the plan was applied.
pub(super) fn is_saved_plan(facts: &Facts<'_>) -> bool {
    matches!(&facts.input.content, Content::SavedPlan(unit) if unit.kind == UnitKind::State)
}

/// Whether there is something to destroy in a state, or for a plan. Old plans do not say what they start from.
fn holds_objects(facts: &Facts<'_>) -> bool {
    let goes = || facts.unit.is_some_and(|unit| unit.actions.delete + unit.actions.forget > 0);
    !facts.is_empty || (facts.is_plan && goes())
}

/// The managed objects of a state, or those that a plan starts from.
pub(super) fn held<'a>(facts: &Facts<'a>) -> BTreeSet<Held<'a>> {
    let Some(unit) = facts.unit else { return BTreeSet::new() };
    let instances =
        unit.instances.iter().map(|instance| (&instance.address, instance.deposed.as_deref(), &instance.values));
    let changes = unit.changes.iter().filter(|change| !change.before().is_null());
    let changes = changes.map(|change| (&change.address, change.deposed.as_deref(), change.before()));
    let all = instances.chain(changes).filter(|(address, ..)| address.mode == Mode::Managed);
    all.map(|(address, deposed, values)| (address, deposed, values.get("id").and_then(|id| id.as_str()))).collect()
}

/// Joins states from after a destroy with what they are the outcome of where nothing in them tells: an empty state has no
/// object, and a plan no lineage. Where two would fit, none is joined.
fn join_afters(facts: &[Facts<'_>], mut groups: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let has = |group: &[usize], side| group.iter().any(|index| facts[*index].input.side == Some(side));
    let is_said = |group: &[usize]| has(group, Side::After);
    // A state that was named beside a destroy plan, and holds nothing.
    let is_named_empty = |group: &[usize]| {
        group.iter().all(|index| {
            facts[*index].is_state() && facts[*index].is_empty && facts[*index].input.named && !has(group, Side::Before)
        })
    };
    let holds = |group: &[usize]| {
        group.iter().any(|index| facts[*index].input.side != Some(Side::After) && holds_objects(&facts[*index]))
    };
    let is_lone = |group: &[usize]| (is_said(group) && !holds(group)) || is_named_empty(group);
    let lone: Vec<Vec<usize>> = groups.iter().filter(|group| is_lone(group)).cloned().collect();
    let said = lone.iter().filter(|group| is_said(group)).count();
    for after in lone {
        let fits = |group: &&Vec<usize>| **group != after && !is_said(group);
        let befores: Vec<&Vec<usize>> = groups.iter().filter(fits).filter(|group| has(group, Side::Before)).collect();
        let plans: Vec<&Vec<usize>> = groups
            .iter()
            .filter(fits)
            .filter(|group| {
                group.iter().any(|index| is_destroy_plan(&facts[*index])) && !contradicts(facts, group, &after)
            })
            .collect();
        let of_folder = |groups: &[&Vec<usize>]| {
            let beside =
                |group: &&&Vec<usize>| group.iter().any(|index| facts[*index].folder == facts[after[0]].folder);
            let beside: Vec<&Vec<usize>> = groups.iter().filter(beside).copied().collect();
            match (groups, &beside[..]) {
                (_, [only]) => Some((*only).clone()),
                // An empty state of another folder may well be another stack's.
                ([only], _) if is_said(&after) => Some((*only).clone()),
                _ => None,
            }
        };
        let found =
            if is_said(&after) && said == 1 && befores.len() == 1 { of_folder(&befores) } else { of_folder(&plans) };
        if let Some(found) = found {
            groups.retain(|group| *group != after);
            groups.iter_mut().filter(|group| **group == found).for_each(|group| group.extend(&after));
        }
    }
    groups
}

/// Whether two groups have states of different lineages.
fn contradicts(facts: &[Facts<'_>], one: &[usize], other: &[usize]) -> bool {
    let lineage = |group: &[usize]| group.iter().find_map(|index| facts[*index].lineage);
    matches!((lineage(one), lineage(other)), (Some(one), Some(other)) if one != other)
}

#[cfg(test)]
mod tests;
