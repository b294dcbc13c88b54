//! What a destroy does and what it leaves, object by object: the answer to the one question of `tfduty destroy`.
//!
//! Rules speak of causes. Here their verdicts are put together again by object, so that people can act on them.

mod effect;
mod left;
mod order;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use tfduty_terraform::Harmless;

use self::{
    effect::{Effect, effect},
    left::Left,
};
use crate::{
    Part,
    estate::{Estate, JudgedUnit},
    facts,
    finding::{Finding, FindingVerdict},
    going,
    object::{Object, ObjectId, Presence},
    removal, retain,
};

/// The attributes that are read of the resource types that keep, block or delay, by type.
static ATTRIBUTES: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let all = retain::attributes().map(|(name, looked_at)| {
        let identity = removal::identity_attributes(name).iter().copied();
        let names: BTreeSet<&str> = looked_at.chain(identity).chain(left::attributes(name)).collect();
        (name, names.into_iter().collect())
    });
    all.collect()
});

/// The attributes that `destroy` reads of an object that no rule looks into any further: what identifies it, and what
/// keeps, blocks or delays its delete.
pub(crate) fn attributes(resource_type: &str) -> &'static [&'static str] {
    ATTRIBUTES.get(resource_type).map_or_else(|| removal::identity_attributes(resource_type), Vec::as_slice)
}

/// What a destroy does and what it leaves. An object is in a list at most once; one that stays, blocks, comes later or
/// cannot be told is not among those that are deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DestroySummary {
    /// Whether states after a destroy were judged, so that this is no prediction.
    pub is_done: bool,
    /// Paths of inputs that prove nothing: a plan that is no destroy plan or cannot be applied, states that do not belong
    /// together. None of their objects counts as deleted.
    pub void: Vec<String>,
    /// What is deleted.
    pub deletes: Vec<DestroyItem>,
    /// What stops the destroy.
    pub blocks: Vec<DestroyItem>,
    /// What stays, in an order in which it can be removed.
    pub remains: Vec<Remain>,
    /// What is only scheduled for deletion.
    pub delayed: Vec<DestroyItem>,
    /// What the inputs do not tell enough of.
    pub undecided: Vec<DestroyItem>,
    /// What stays or blocks as somebody has said it shall: a suppression covers it.
    pub accepted: Vec<DestroyItem>,
    /// What is nothing in AWS, and never a leftover.
    pub harmless: Vec<HarmlessItem>,
}

/// An object, or an input as a whole, and the rules that speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestroyItem {
    /// Path of the input.
    pub path: String,
    /// Address of the instance, with ` (deposed 701a98cd)` for an old copy; `None` for an input as a whole.
    pub address: Option<String>,
    /// Account id, where known.
    pub account: Option<String>,
    /// Region, where known.
    pub region: Option<String>,
    /// Resource type.
    pub resource_type: Option<String>,
    /// ARN, or else id: what to look for in AWS. `None` where it is not known, or sensitive.
    pub id: Option<String>,
    /// Ids of the rules that say so; none where the input does, and for what is deleted.
    pub rules: Vec<&'static str>,
}

/// Something that stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remain {
    /// The object; where something else stays, type, account and id are those of what stays, as far as they are known.
    pub item: DestroyItem,
    /// What stays of the object, or because of it (`the final snapshot`), where that is not the object itself.
    pub what: Option<String>,
    /// Commands that remove it, in the order in which they work. Each is one line for a POSIX shell.
    pub commands: Vec<String>,
}

/// Something in an input that is nothing in AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HarmlessItem {
    /// Path of the input.
    pub path: String,
    /// What it is.
    pub kind: HarmlessKind,
    /// The resource type of data, the name of an output, the address of a resource.
    pub name: Option<String>,
    /// How many there are.
    pub count: u64,
}

/// Kinds of [`HarmlessItem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HarmlessKind {
    /// Data objects: they were read, not made.
    Data,
    /// An output.
    Output,
    /// Results of checks.
    CheckResults,
    /// A resource without instances.
    EmptyResource,
}

/// What the rules say of one object, or of an input as a whole.
#[derive(Debug, Default)]
struct Told {
    blocks: BTreeSet<&'static str>,
    stays: BTreeSet<&'static str>,
    /// Whether the inputs show that it stays, whether or not a rule ran to say so.
    is_kept: bool,
    left: Vec<(&'static str, Left)>,
    delays: BTreeSet<&'static str>,
    undecided: BTreeSet<&'static str>,
    accepted: BTreeSet<&'static str>,
    /// Whether what is undecided or accepted is whether the object goes at all.
    is_open: bool,
}

/// An object, or else the whole input, by the index of the input.
type Key = (usize, Option<ObjectId>);

/// Puts the verdicts together. Findings bear their suppressions already.
pub(crate) fn summary(estate: &Estate, findings: &[Finding]) -> DestroySummary {
    let mut summary = DestroySummary {
        is_done: estate.units.iter().any(|unit| unit.part == Some(Part::After)),
        harmless: estate.units.iter().flat_map(|unit| harmless(estate, unit)).collect(),
        ..DestroySummary::default()
    };
    let mut told: BTreeMap<Key, Told> = BTreeMap::new();
    let mut void = BTreeSet::new();
    for finding in findings {
        let Some(effect) = effect(finding.rule.id) else { continue };
        let input = finding.object.map_or(finding.anchor.input, |id| estate.input(estate.object(id)));
        if effect == Effect::Voids && finding.verdict == FindingVerdict::Fail && finding.suppressed.is_none() {
            void.insert(input);
            continue;
        }
        told.entry((input, finding.object)).or_default().add(estate, finding, effect);
    }
    summary.void = void.iter().map(|input| estate.inputs[*input].path.clone()).collect();
    let kept = estate.objects().filter(|(_, object)| is_kept(object) && !void.contains(&estate.input(object)));
    for (id, object) in kept {
        told.entry((estate.input(object), Some(id))).or_default().is_kept = true;
    }
    // The state after the destroy does not show them, and no rule speaks of them beside it.
    let is_forgotten = |object: &Object| object.is_managed() && estate.unit(object).part == Some(Part::Forgotten);
    for (id, object) in estate.objects().filter(|(_, object)| is_forgotten(object)) {
        told.entry((estate.input(object), Some(id))).or_default().stays.insert("destroy-forgets");
    }
    summary.deletes = deletes(estate, &told, &void);
    let mut remains = Vec::new();
    for (key, told) in &mut told {
        let lists = [
            (&told.blocks, &mut summary.blocks),
            (&told.delays, &mut summary.delayed),
            (&told.undecided, &mut summary.undecided),
            (&told.accepted, &mut summary.accepted),
        ];
        for (rules, list) in lists {
            list.extend((!rules.is_empty()).then(|| item(estate, *key, rules.iter().copied().collect())));
        }
        remains.extend(remains_of(estate, *key, told));
    }
    summary.remains = order::in_order(estate, remains);
    summary
}

impl Told {
    /// Takes what a finding says of the object.
    fn add(&mut self, estate: &Estate, finding: &Finding, effect: Effect) {
        let rule = finding.rule.id;
        let object = finding.object.map(|id| estate.object(id));
        if finding.suppressed.is_some() || finding.verdict == FindingVerdict::Undecided {
            let rules = if finding.suppressed.is_some() { &mut self.accepted } else { &mut self.undecided };
            rules.insert(rule);
            self.is_open |= object.is_none_or(|object| concerns_object(estate, object, effect));
            return;
        }
        match effect {
            Effect::Blocks => drop(self.blocks.insert(rule)),
            Effect::Delays => drop(self.delays.insert(rule)),
            Effect::Stays | Effect::StaysTracked | Effect::Expires => drop(self.stays.insert(rule)),
            Effect::Outlives if object.is_some_and(|object| !going::goes(object)) => drop(self.stays.insert(rule)),
            Effect::Keeps => {
                let Some(object) = object else { return };
                let kept = left::kept(estate, object);
                if kept.makes_no_snapshot {
                    self.blocks.insert(rule);
                }
                if kept.is_whole {
                    self.stays.insert(rule);
                }
                self.leave(rule, kept.left);
            }
            Effect::Leaves | Effect::Outlives => self.leave(rule, left::beside(estate, finding)),
            Effect::Voids => {}
        }
    }

    fn stays(&self) -> bool {
        !self.stays.is_empty() || (self.is_kept && self.accepted.is_empty())
    }

    /// Several findings may be about one thing that is left.
    fn leave(&mut self, rule: &'static str, left: impl IntoIterator<Item = Left>) {
        for left in left {
            if !self.left.contains(&(rule, left.clone())) {
                self.left.push((rule, left));
            }
        }
    }

    /// Whether the object counts as deleted for all that the rules say.
    fn goes(&self) -> bool {
        self.blocks.is_empty() && self.stays.is_empty() && self.delays.is_empty() && !self.is_open
    }
}

/// Whether an input shows that a managed object stays under Terraform: a state after a destroy, or a plan that leaves it
/// out.
fn is_kept(object: &Object) -> bool {
    object.is_managed() && object.presence == Presence::Present
}

/// Whether a rule with this effect speaks of whether the object itself goes, and not of something else that is left.
fn concerns_object(estate: &Estate, object: &Object, effect: Effect) -> bool {
    match effect {
        Effect::Leaves => false,
        Effect::Outlives => !going::goes(object),
        Effect::Keeps => {
            let kept = left::kept(estate, object);
            kept.is_whole || kept.makes_no_snapshot
        }
        _ => true,
    }
}

/// What the inputs delete, without what stays, blocks, comes later or cannot be told.
fn deletes(estate: &Estate, told: &BTreeMap<Key, Told>, void: &BTreeSet<usize>) -> Vec<DestroyItem> {
    let counts = |(id, object): &(ObjectId, &Object)| {
        let input = estate.input(object);
        going::goes(object) && !void.contains(&input) && told.get(&(input, Some(*id))).is_none_or(Told::goes)
    };
    let deleted = estate.objects().filter(counts);
    deleted.map(|(id, object)| item(estate, (estate.input(object), Some(id)), Vec::new())).collect()
}

/// What stays of an object or because of it, each with the object whose place in the order it has.
fn remains_of(estate: &Estate, key: Key, told: &mut Told) -> Vec<(Option<ObjectId>, Remain)> {
    let mut remains = Vec::new();
    if told.stays() {
        let item = item(estate, key, told.stays.iter().copied().collect());
        let commands = key.1.map_or_else(Vec::new, |id| commands(estate.object(id), told));
        let what = key.1.is_none().then(|| "what the plan leaves out".to_owned());
        remains.push((key.1, Remain { item, what, commands }));
    }
    for (rule, left) in told.left.drain(..) {
        let own = item(estate, key, vec![rule]);
        let item = DestroyItem {
            account: left.account.or(own.account),
            resource_type: left.resource_type.map(Into::into).or(own.resource_type),
            id: left.id.or(own.id),
            ..own
        };
        remains.push((None, Remain { item, what: Some(left.what), commands: left.commands }));
    }
    remains
}

/// The commands that remove an object that stays.
fn commands(object: &Object, told: &Told) -> Vec<String> {
    let says = |wanted: Effect| told.stays.iter().any(|rule| effect(rule) == Some(wanted));
    let mut commands = if says(Effect::Expires) { Vec::new() } else { removal::commands(object) };
    // `state rm` takes the current object along with its old copies.
    let is_tracked = told.is_kept || says(Effect::StaysTracked) || says(Effect::Outlives);
    if is_tracked && object.deposed.is_none() && object.presence != Presence::Unmanaged {
        let address = removal::quoted(&object.address.to_string());
        commands.extend(address.map(|address| format!("terraform state rm {address}")));
    }
    commands
}

fn item(estate: &Estate, (input, id): Key, rules: Vec<&'static str>) -> DestroyItem {
    let object = id.map(|id| estate.object(id));
    let place = |fact: &Option<facts::Fact>| fact.as_ref().and_then(facts::Fact::shown).map(str::to_owned);
    DestroyItem {
        path: estate.inputs[input].path.clone(),
        address: object.map(Object::name),
        account: object.and_then(|object| place(&object.account)),
        region: object.and_then(|object| place(&object.region)),
        resource_type: object.map(|object| object.resource_type().to_owned()),
        id: object.and_then(shown_id),
        rules,
    }
}

/// The ARN of an object, else its id, unless it is sensitive.
fn shown_id(object: &Object) -> Option<String> {
    let names = if facts::has_own_arn(object) { &["arn", "id"][..] } else { &["id"] };
    let attribute = names.iter().map(|name| object.attribute(&[name])).find(|attribute| attribute.str().is_some())?;
    attribute.str().filter(|_| !attribute.is_sensitive()).map(str::to_owned)
}

/// What a unit holds that is nothing in AWS.
fn harmless(estate: &Estate, unit: &JudgedUnit) -> Vec<HarmlessItem> {
    if matches!(unit.part, Some(Part::OtherPlan | Part::Forgotten)) {
        return Vec::new();
    }
    let path = &estate.inputs[unit.input].path;
    let item = |kind, name: Option<&str>, count| HarmlessItem {
        path: path.clone(),
        kind,
        name: name.map(str::to_owned),
        count,
    };
    let data = unit.types.iter().filter(|(_, count)| count.data > 0);
    let mut items: Vec<HarmlessItem> =
        data.map(|(name, count)| item(HarmlessKind::Data, Some(name), count.data)).collect();
    let Harmless { outputs, check_results, empty_resources, .. } = &unit.harmless;
    // Outputs are members of an object, whose order in the file says nothing.
    let outputs: BTreeSet<_> = outputs.iter().collect();
    items.extend(outputs.into_iter().map(|name| item(HarmlessKind::Output, Some(name), 1)));
    if *check_results > 0 {
        items.push(item(HarmlessKind::CheckResults, None, *check_results));
    }
    items.extend(empty_resources.iter().map(|name| item(HarmlessKind::EmptyResource, Some(name), 1)));
    items
}

#[cfg(test)]
mod tests;
