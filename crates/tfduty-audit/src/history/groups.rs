//! Which inputs are of one unit.

use std::collections::{BTreeSet, HashMap, HashSet};

use tfduty_terraform::Address;

use super::facts::{Facts, Id};

/// The inputs of each unit, by their indices. A unit never holds states of two lineages. States of one lineage in two
/// folders are copies where they share an object; else somebody started a stack from another one's file.
///
/// What may belong together is looked up, and not compared each with each: there may be ten thousand inputs, in one folder
/// or in as many.
pub(super) fn groups(facts: &[Facts<'_>]) -> Vec<Vec<usize>> {
    let mut groups = of_lineages(facts);
    // States without a lineage join the raw state whose objects they show, plans the one state they were made from or
    // made. What fits two units stays by itself: judging it alone is the safe mistake.
    let without: Vec<usize> = (0..facts.len()).filter(|index| facts[*index].lineage.is_none()).collect();
    let (states, plans): (Vec<usize>, Vec<usize>) = without.into_iter().partition(|index| facts[*index].is_state());
    let mut held = Held::of(facts, &groups);
    for index in states.into_iter().chain(plans) {
        let fact = &facts[index];
        let mut fits = held.candidates(fact);
        fits.retain(|group| groups[*group].iter().any(|member| belongs(fact, &facts[*member])));
        let group = if let [group] = fits.into_iter().collect::<Vec<_>>()[..] {
            groups[group].push(index);
            group
        } else {
            groups.push(vec![index]);
            groups.len() - 1
        };
        held.add(fact, group);
    }
    join_plans(facts, groups)
}

/// Groups of raw states that are copies of each other.
fn of_lineages(facts: &[Facts<'_>]) -> Vec<Vec<usize>> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for lineage in facts.iter().filter_map(|fact| fact.lineage) {
        *counts.entry(lineage).or_default() += 1;
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut first: HashMap<(&str, Mark<'_>), usize> = HashMap::new();
    for (index, fact) in facts.iter().enumerate() {
        let Some(lineage) = fact.lineage else { continue };
        if counts[lineage] == 1 {
            groups.push(vec![index]);
            continue;
        }
        let found = Mark::sought_by(fact).into_iter().filter_map(|mark| first.get(&(lineage, mark)).copied()).min();
        let group = found.unwrap_or_else(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(index);
        for mark in Mark::borne_by(fact) {
            first.entry((lineage, mark)).and_modify(|first| *first = group.min(*first)).or_insert(group);
        }
    }
    groups
}

/// What makes a state a copy of another one of its lineage: the one seeks it, and the other bears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Mark<'a> {
    /// It is in a folder.
    Folder(&'a str),
    /// It holds an object.
    Object(Id<'a>),
    /// Anything is.
    Any,
    /// It is said to be from before or after a destroy.
    Sided,
    /// It is named to `destroy`, ...
    Named,
    /// ... and empty.
    NamedEmpty,
}

impl<'a> Mark<'a> {
    fn borne_by(fact: &Facts<'a>) -> Vec<Self> {
        let mut marks = vec![Self::Any, Self::Folder(fact.folder)];
        marks.extend(fact.ids().iter().copied().map(Self::Object));
        if fact.is_sided() {
            marks.push(Self::Sided);
        }
        if fact.is_named_to_destroy() {
            marks.push(Self::Named);
            marks.extend(fact.is_empty.then_some(Self::NamedEmpty));
        }
        marks
    }

    fn sought_by(fact: &Facts<'a>) -> Vec<Self> {
        let mut marks = vec![Self::Folder(fact.folder)];
        marks.extend(fact.ids().iter().copied().map(Self::Object));
        marks.push(if fact.is_sided() { Self::Any } else { Self::Sided });
        if fact.is_named_to_destroy() {
            marks.push(if fact.is_empty { Self::Named } else { Self::NamedEmpty });
        }
        marks
    }
}

/// Where an input may have others of its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place<'a> {
    Folder(&'a str),
    /// On the command line of `destroy`.
    Named,
}

impl<'a> Place<'a> {
    fn all_of(fact: &Facts<'a>) -> impl Iterator<Item = Self> + use<'a> {
        [Some(Self::Folder(fact.folder)), fact.is_named_to_destroy().then_some(Self::Named)].into_iter().flatten()
    }
}

/// The groups whose states hold an object or an address, where something without a lineage may belong to them.
struct Held<'a> {
    /// Places of inputs without a lineage that are not alone there.
    places: HashSet<Place<'a>>,
    ids: HashMap<(Place<'a>, Id<'a>), Vec<usize>>,
    addresses: HashMap<(Place<'a>, &'a Address), Vec<usize>>,
}

impl<'a> Held<'a> {
    fn of(facts: &[Facts<'a>], groups: &[Vec<usize>]) -> Self {
        let mut counts: HashMap<Place<'a>, (usize, bool)> = HashMap::new();
        for fact in facts {
            for place in Place::all_of(fact) {
                let (count, has_without) = counts.entry(place).or_default();
                *count += 1;
                *has_without |= fact.lineage.is_none();
            }
        }
        let places = counts.into_iter().filter(|(_, (count, has_without))| *count > 1 && *has_without);
        let places = places.map(|(place, _)| place).collect();
        let mut held = Self { places, ids: HashMap::new(), addresses: HashMap::new() };
        for (group, members) in groups.iter().enumerate() {
            for member in members {
                held.add(&facts[*member], group);
            }
        }
        held
    }

    /// Takes in what a group holds by one of its members.
    fn add(&mut self, fact: &Facts<'a>, group: usize) {
        if !fact.is_state() {
            return;
        }
        for place in Place::all_of(fact).filter(|place| self.places.contains(place)) {
            for id in fact.ids() {
                self.ids.entry((place, *id)).or_default().push(group);
            }
            for address in fact.addresses() {
                self.addresses.entry((place, *address)).or_default().push(group);
            }
        }
    }

    /// The groups that hold something of an input.
    fn candidates(&self, fact: &Facts<'a>) -> BTreeSet<usize> {
        let mut groups = BTreeSet::new();
        for place in Place::all_of(fact).filter(|place| self.places.contains(place)) {
            let ids = fact.ids().iter().filter_map(|id| self.ids.get(&(place, *id)));
            groups.extend(ids.flatten());
            // Only of what is planned from nothing do addresses tell.
            if fact.is_plan && fact.is_empty {
                let addresses = fact.addresses().iter().filter_map(|address| self.addresses.get(&(place, *address)));
                groups.extend(addresses.flatten());
            }
        }
        groups
    }
}

/// Whether two inputs are of one unit, by their objects. Only inputs of one folder are.
fn belongs(one: &Facts<'_>, state: &Facts<'_>) -> bool {
    if !one.is_near(state) || !state.is_state() {
        return false;
    }
    let at_least_half = |shared: usize, of: usize| of > 0 && shared * 2 >= of;
    if one.is_state() {
        let is_part = (one.is_sided() || state.is_sided()) && !one.ids().is_disjoint(state.ids());
        return is_part || (!one.ids().is_empty() && one.ids() == state.ids());
    }
    if one.is_destroy_plan {
        return !one.ids().is_disjoint(state.ids());
    }
    if one.is_empty {
        return at_least_half(one.may_have_made(state), one.addresses().len());
    }
    at_least_half(one.ids().intersection(state.ids()).count(), one.ids().len())
}

/// Plans that no state joins are of one unit where they start from the same objects, or create the same ones.
fn join_plans(facts: &[Facts<'_>], groups: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let is_lone = |group: &[usize]| group.iter().all(|index| facts[*index].is_plan);
    let mut lone: HashMap<&str, usize> = HashMap::new();
    for group in groups.iter().filter(|group| is_lone(group)) {
        *lone.entry(facts[group[0]].folder).or_default() += 1;
    }
    let mut joined: Vec<Vec<usize>> = Vec::new();
    // Equal plans start from equal objects; where there are none, they name equal addresses.
    let mut alike: HashMap<_, Vec<usize>> = HashMap::new();
    for group in groups {
        let first = &facts[group[0]];
        if !is_lone(&group) || lone[first.folder] == 1 {
            joined.push(group);
            continue;
        }
        let addresses = first.ids().is_empty().then(|| first.addresses());
        let others = alike.entry((first.folder, first.is_destroy_plan, first.ids(), addresses)).or_default();
        if let Some(twin) = others.iter().find(|other| facts[joined[**other][0]].is_plan_of(first)) {
            joined[*twin].extend(group);
        } else {
            others.push(joined.len());
            joined.push(group);
        }
    }
    joined
}

#[cfg(test)]
mod tests;
