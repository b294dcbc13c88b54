//! All inputs of one run together.

mod input;
mod objects;
mod sets;
mod sorted;
mod uploads;

use std::collections::{BTreeMap, BTreeSet};

use tfduty_terraform::{
    Action, ActionCount, Address, Change, Configuration, ConfigurationResource, Deferred, Harmless, Key, Mode,
    ModulePath, PlanFlags, Sources, Unit, UnitKind, Value,
};

use self::input::summary;
use self::objects::{keep_forgotten, objects, unread};
use crate::{
    facts,
    history::{self, Part, StateCopy, StatePair},
    index::{By, Calls, Index, Instances},
    lifecycle,
    object::{Object, ObjectId, Presence},
    policies::Texts,
    report::{InputRole, InputSummary, Note, Problem},
    rule::Command,
};

pub use input::{Beside, Content, FoundSources, Input, ListFile};
pub(crate) use uploads::Upload;
pub use uploads::{FoundFile, ListFiles, LookUp, Wanted};

/// All inputs of one run together: what rules judge.
#[derive(Debug)]
pub struct Estate {
    /// The inputs in sorted path order, as the report lists them.
    pub inputs: Vec<InputSummary>,
    /// For each input its folder relative to the repository root.
    pub folders: Vec<String>,
    /// The judged units.
    pub units: Vec<JudgedUnit>,
    /// The list files, each with the index of its input.
    pub files: Vec<(usize, ListFile)>,
    /// The bytes of the files that objects upload as lists, by their inputs.
    pub uploaded: BTreeMap<usize, Vec<u8>>,
    /// What is known of the file that an object uploads as a list.
    pub(crate) uploads: BTreeMap<ObjectId, Upload>,
    /// The texts that are policies.
    pub(crate) policies: Texts,
    /// The raw states that have a copy among the inputs.
    pub(crate) copies: Vec<StateCopy>,
    /// The states from before a destroy with the ones it left.
    pub(crate) pairs: Vec<StatePair>,
    /// The destroy plans, which only `destroy` judges.
    pub(crate) destroy_plans: Vec<usize>,
    /// What kept inputs from being audited.
    pub problems: Vec<Problem>,
    /// What a reader should know of the inputs.
    pub notes: Vec<Note>,
    objects: Vec<Object>,
    index: Index,
}

/// What rules need of a judged unit besides its objects.
#[derive(Debug)]
pub struct JudgedUnit {
    /// Index of its input.
    pub input: usize,
    /// What `destroy` takes it for.
    pub part: Option<Part>,
    /// Plan, raw state, or a state as `show -json` prints it.
    pub kind: UnitKind,
    /// `serial` of a raw state.
    pub serial: Option<u64>,
    /// The configuration that a plan holds.
    pub configuration: Option<Configuration>,
    /// Root variables of a plan.
    pub variables: BTreeMap<Box<str>, Value>,
    /// What refresh found changed outside Terraform.
    pub drift: Vec<Change>,
    /// How many objects of a state from after a destroy cannot be read: no address can be made of them.
    pub unread: u64,
    /// What a plan does that `destroy` was given and that does not destroy: there are no objects of it.
    pub other: Vec<Change>,
    /// Top-level booleans of a plan.
    pub flags: PlanFlags,
    /// What the managed items of a plan do, each counted once.
    pub actions: ActionCount,
    /// What a plan puts off.
    pub deferred: Vec<Deferred>,
    /// What objects of a state that are not decoded depend on, with their resource types.
    pub dependents: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
    /// Every resource type with how often it occurs.
    pub types: BTreeMap<Box<str>, tfduty_terraform::TypeCount>,
    /// What a state, or a plan's `prior_state`, holds that is nothing in AWS.
    pub harmless: Harmless,
    /// Whether it is a plan that changes nothing: a refresh-only plan, or one without changes.
    pub changes_nothing: bool,
    /// The configuration's sources, where they are known well enough to state facts.
    pub sources: Option<Sources>,
    /// The folder that their paths are relative to; empty where it is not known.
    pub source_folder: String,
    /// Where there are none: what lies beside the input. See [`Estate::configured`].
    pub beside: Beside,
    /// Whether facts stand for it that leave something sensitive out.
    pub withholds: bool,
}

impl Estate {
    /// Joins the inputs of a run: decides which input of each unit the command judges, and what is known of every
    /// object's account and region.
    pub fn new(command: Command, mut inputs: Vec<Input>, problems: Vec<Problem>, notes: Vec<Note>) -> Self {
        inputs.sort_by(|left, right| left.path.cmp(&right.path));
        let mut estate = Estate {
            inputs: inputs.iter().map(summary).collect(),
            folders: inputs.iter().map(|input| input.folder.clone()).collect(),
            units: Vec::new(),
            files: Vec::new(),
            uploaded: BTreeMap::new(),
            uploads: BTreeMap::new(),
            policies: Texts::default(),
            copies: Vec::new(),
            pairs: Vec::new(),
            destroy_plans: Vec::new(),
            problems,
            notes,
            objects: Vec::new(),
            index: Index::default(),
        };
        let roles = history::roles(command, &inputs);
        estate.problems.extend(roles.problems);
        estate.notes.extend(roles.notes);
        estate.copies = roles.copies;
        estate.pairs = roles.pairs;
        estate.destroy_plans = roles.destroy_plans;
        for (index, (input, role)) in inputs.into_iter().zip(roles.of).enumerate() {
            estate.inputs[index].role = role;
            let part = roles.parts[index];
            match input.content {
                Content::Unit(unit) | Content::SavedPlan(unit)
                    if role == InputRole::Judged || part == Some(Part::Forgotten) =>
                {
                    estate.judge((index, part), *unit, (input.sources, input.source_folder, input.beside));
                }
                Content::Empty if part.is_some() => {
                    estate.judge((index, part), Unit::default(), (input.sources, input.source_folder, input.beside));
                }
                Content::List(file) => estate.files.push((index, file)),
                Content::Unit(_) | Content::SavedPlan(_) | Content::Empty => {}
            }
        }
        match command {
            Command::Check | Command::Coverage => estate.refuse_nothing(command),
            Command::Destroy => estate.refuse_no_destroy(),
            Command::List => {}
        }
        estate.index();
        lifecycle::settle_forgotten(&mut estate);
        facts::settle_places(&mut estate);
        if estate.drop_doubles() {
            estate.index();
        }
        estate
    }

    /// Every object, in the order of units and addresses.
    pub fn objects(&self) -> impl Iterator<Item = (ObjectId, &Object)> {
        self.objects.iter().enumerate().map(|(index, object)| (ObjectId(index), object))
    }

    /// The object behind an id of this estate.
    pub fn object(&self, id: ObjectId) -> &Object {
        &self.objects[id.0]
    }

    /// The objects of one resource type, managed and data, in the order of units and addresses.
    pub fn of_type<'a>(&'a self, resource_type: &str) -> impl Iterator<Item = (ObjectId, &'a Object)> + use<'a> {
        self.listed(self.index.of_type(resource_type))
    }

    /// The unit of an object.
    pub fn unit(&self, object: &Object) -> &JudgedUnit {
        &self.units[object.unit]
    }

    /// The input of an object.
    pub fn input(&self, object: &Object) -> usize {
        self.unit(object).input
    }

    /// The block that made an object, in a plan that shows its configuration.
    pub fn block(&self, object: &Object) -> Option<&ConfigurationResource> {
        let module = self.unit(object).configuration.as_ref()?.module(&object.address.module)?;
        module.resource(object.address.mode, &object.address.resource_type, &object.address.name)
    }

    /// The current instances of a block (`aws_s3_object.list`, `data.aws_s3_object.list`) in one module instance.
    pub fn instances(&self, unit: usize, module: &ModulePath, block: &str) -> &[ObjectId] {
        let (mode, block) = match block.strip_prefix("data.") {
            Some(block) => (Mode::Data, block),
            None => (Mode::Managed, block),
        };
        let (resource_type, name) = block.split_once('.').unwrap_or((block, ""));
        self.index.of_block(&self.objects, (unit, module, mode, resource_type, name))
    }

    /// As [`Estate::instances`], with the number of their keys; `None` where there are none.
    pub(crate) fn instances_with_keys(&self, unit: usize, module: &ModulePath, block: String) -> Option<&Instances> {
        self.index.numbered(&self.objects).by_block.get(&(unit, module.clone(), block))
    }

    /// Every object that a configuration address (no instance keys) made in a unit.
    pub fn made_by(&self, unit: usize, configuration_address: &str) -> &[ObjectId] {
        self.index.made_by(&self.objects, unit, configuration_address)
    }

    /// The one of several instances of a block in one module instance that has a key, or has none.
    pub fn with_key(&self, instances: &[ObjectId], key: Option<&Key>) -> Option<ObjectId> {
        let key_of = |id: &ObjectId| self.object(*id).address.key.as_ref();
        let first = instances.partition_point(|id| key_of(id) < key);
        instances.get(first).copied().filter(|id| key_of(id) == key)
    }

    /// The objects of a unit with an address: the current one, then its old copies.
    pub fn at(&self, unit: usize, address: &Address) -> impl Iterator<Item = (ObjectId, &Object)> {
        let first = self.objects.partition_point(|object| (object.unit, &object.address) < (unit, address));
        let rest =
            self.objects[first..].iter().enumerate().map(move |(index, object)| (ObjectId(first + index), object));
        rest.take_while(move |(_, object)| object.unit == unit && object.address == *address)
    }

    /// What refresh found of an address in a unit.
    pub(crate) fn drift_at<'a>(&'a self, unit: usize, address: &Address) -> impl Iterator<Item = &'a Change> + use<'a> {
        let (items, drift) = (&self.index.drift[unit], &self.units[unit].drift);
        let first = items.partition_point(|item| drift[*item].address < *address);
        let behind = items.partition_point(|item| drift[*item].address <= *address);
        items[first..behind].iter().map(|item| &drift[*item])
    }

    /// The detectors with an id, managed and read.
    pub(crate) fn detectors_with_id(&self, id: &str) -> impl Iterator<Item = (ObjectId, &Object)> {
        self.with_text(By::DetectorId, id)
    }

    /// The buckets of a name, managed and read.
    pub(crate) fn buckets_named(&self, name: &str) -> impl Iterator<Item = (ObjectId, &Object)> {
        self.with_text(By::BucketName, name)
    }

    /// The objects, managed and read, that have a text where they are looked up by it.
    pub(crate) fn with_text<'a>(
        &'a self,
        by: By,
        text: &str,
    ) -> impl Iterator<Item = (ObjectId, &'a Object)> + use<'a> {
        self.listed(self.index.with_text(&self.objects, by, text).map_or(&[], Vec::as_slice))
    }

    fn listed<'a>(&'a self, ids: &'a [ObjectId]) -> impl Iterator<Item = (ObjectId, &'a Object)> + use<'a> {
        ids.iter().map(|id| (*id, self.object(*id)))
    }

    /// Whether any object of a unit shows what it depends on.
    pub(crate) fn has_dependencies(&self, unit: usize) -> bool {
        self.index.with_dependencies.contains(&unit)
    }

    /// The instance keys of a module call, as far as objects of the unit show them.
    pub(crate) fn calls(&self, unit: usize, module: &ModulePath, name: &str) -> Option<&Calls> {
        self.index.numbered(&self.objects).calls.get(&(unit, module.clone(), name.into()))
    }

    /// Takes the objects of a unit in. To `destroy` nothing is of use in a plan that does something else.
    fn judge(
        &mut self,
        (input, part): (usize, Option<Part>),
        mut unit: Unit,
        (sources, source_folder, beside): (Option<Sources>, String, Beside),
    ) {
        if part == Some(Part::Forgotten) {
            keep_forgotten(&mut unit);
        }
        let mut other = Vec::new();
        if part == Some(Part::OtherPlan) {
            other = std::mem::take(&mut unit.changes);
            unit.instances.clear();
        }
        let mut objects = objects(self.units.len(), &mut unit, part);
        let is_plan = unit.kind == UnitKind::Plan;
        let unread = if part == Some(Part::After) { unread(&unit, &objects) } else { 0 };
        self.units.push(JudgedUnit {
            input,
            part,
            kind: unit.kind,
            serial: unit.serial,
            configuration: unit.configuration,
            variables: unit.variables,
            drift: unit.drift,
            other,
            unread,
            flags: unit.flags,
            actions: unit.actions,
            deferred: unit.deferred,
            dependents: unit.dependents,
            types: unit.types,
            harmless: unit.harmless,
            changes_nothing: is_plan && unit.actions.delete + unit.actions.forget + unit.actions.other == 0,
            sources,
            source_folder,
            beside,
            withholds: unit.withholds,
        });
        self.objects.append(&mut objects);
    }

    /// Takes back what was said against destroy plans, for a caller who asks [`Command::Destroy`] of them as well. Whether
    /// there is one.
    pub fn admit_destroy_plans(&mut self) -> bool {
        let Self { inputs, destroy_plans, problems, notes, .. } = self;
        let is_one = |path: Option<&String>| destroy_plans.iter().any(|plan| Some(&inputs[*plan].path) == path);
        problems.retain(|its| its.help.as_deref() != Some(history::DESTROY_PLAN) || !is_one(its.path.as_ref()));
        notes.retain(|note| note.code != "destroy-plan" || !is_one(note.path.as_ref()));
        !destroy_plans.is_empty()
    }

    /// Whether there is an input that its command judges.
    pub fn judges_anything(&self) -> bool {
        !self.units.is_empty()
    }

    /// Whether any judged input holds an object of the aws or awscc provider.
    pub fn holds_aws_objects(&self) -> bool {
        let is_aws = |name: &str| name.starts_with("aws_") || name.starts_with("awscc_");
        self.units.iter().any(|unit| unit.types.keys().any(|name| is_aws(name)))
    }

    /// A run that examined nothing never passes. Where there was no input at all, or each is refused, that is said already.
    fn refuse_nothing(&mut self, command: Command) {
        if self.inputs.is_empty() || !self.problems.is_empty() || self.holds_aws_objects() {
            return;
        }
        let plan = "`terraform plan -out=tfplan`, then `terraform show -json tfplan";
        let give = format!("give a plan or a state: {plan} | tfduty {command} -`");
        let (message, help) = if self.units.is_empty() {
            (
                "nothing to audit: none of the inputs is judged (the notes say why)",
                "give the newest state (`terraform state pull > now.tfstate`), or a new plan",
            )
        } else {
            ("nothing to audit: no input holds an object of the aws provider", &*give)
        };
        self.problems.push(Problem { path: None, message: message.into(), help: Some(help.into()), place: None });
    }

    /// The same of `destroy`: without a destroy plan and a state nothing was examined.
    fn refuse_no_destroy(&mut self) {
        if self.inputs.is_empty() || !self.problems.is_empty() || !self.units.is_empty() {
            return;
        }
        self.problems.push(Problem {
            path: None,
            message: "nothing to judge: no destroy plan and no state among the inputs (the notes say what they are)".into(),
            help: Some(
                "make a destroy plan: `terraform plan -destroy -out=tfdestroy`, then `terraform show -json tfdestroy | tfduty destroy -`"
                    .into(),
            ),
            place: None,
        });
    }

    /// Of one object in two inputs only one is judged: the one that stays managed where the other forgets it (it moves from
    /// stack to stack), a plan's before a state's, else that of the first path. What a destroy left has stayed, whatever
    /// another input wants to do with it. Whether there was any.
    fn drop_doubles(&mut self) -> bool {
        // Objects of one unit are never the same.
        if self.units.len() < 2 {
            return false;
        }
        let mut order: Vec<usize> = (0..self.objects.len()).collect();
        order.sort_by_key(|index| {
            let object = &self.objects[*index];
            let unit = &self.units[object.unit];
            (object.presence == Presence::Unmanaged, unit.kind != UnitKind::Plan, std::cmp::Reverse(unit.serial))
        });
        let mut seen: BTreeMap<(bool, Mode, Box<str>, String), usize> = BTreeMap::new();
        let mut dropped = BTreeSet::new();
        for index in order {
            let object = &self.objects[index];
            let Some(identity) = facts::identity(object) else { continue };
            let is_left = self.units[object.unit].part == Some(Part::After);
            let key = (is_left, object.address.mode, object.address.resource_type.clone(), identity);
            match seen.get(&key) {
                Some(unit) if *unit != object.unit => {
                    dropped.insert(index);
                }
                _ => {
                    seen.insert(key, object.unit);
                }
            }
        }
        let mut index = 0;
        self.objects.retain(|_| {
            index += 1;
            !dropped.contains(&(index - 1))
        });
        !dropped.is_empty()
    }

    fn index(&mut self) {
        self.index = Index::of(&self.units, &self.objects);
    }

    /// Takes what states from after a destroy hold as if it were to be deleted, or as what it is: the rules that predict
    /// say why something stayed.
    pub(crate) fn predict(&mut self, predicts: bool) {
        for object in &mut self.objects {
            if self.units[object.unit].part == Some(Part::After) && object.is_managed() {
                object.presence = if predicts { Presence::Going } else { Presence::Present };
            }
        }
    }

    /// The objects of a unit.
    pub(crate) fn of_unit(&self, unit: usize) -> impl Iterator<Item = &Object> {
        let first = self.objects.partition_point(|object| object.unit < unit);
        self.objects[first..].iter().take_while(move |object| object.unit == unit)
    }

    pub(crate) fn objects_mut(&mut self) -> &mut [Object] {
        &mut self.objects
    }

    pub(crate) fn object_slice(&self) -> &[Object] {
        &self.objects
    }
}

/// Whether an item of `resource_drift` says that the object is gone.
pub(crate) fn is_drift_delete(change: &Change) -> bool {
    change.actions.contains(&Action::Delete) || change.after.is_null()
}

#[cfg(test)]
mod tests;
