//! Whether Terraform makes one object before another.

use std::collections::BTreeSet;

use tfduty_aws::truth::Truth;
use tfduty_terraform::{
    Address, Configuration, ConfigurationResource, Mode, ModuleCall, ModulePath, Reference, Target, UnitKind,
};

use crate::{
    Part,
    estate::{Estate, JudgedUnit},
    object::{Object, ObjectId},
};

/// Whether `dependent` depends on `dependency`, an object of the same unit: through references, through other resources,
/// or through `depends_on` of itself or of a module call around it.
pub(crate) fn depends_on(estate: &Estate, dependent: ObjectId, dependency: ObjectId) -> Truth {
    let (from, to) = (estate.object(dependent), estate.object(dependency));
    let unit = estate.unit(from);
    match &unit.configuration {
        Some(configuration) => in_configuration(unit, configuration, from, to),
        None if unit.kind == UnitKind::Plan => Truth::Unknown,
        None => in_state(estate, from, to),
    }
}

/// Whether the unit tells dependencies of this object at all: a plan by its configuration. In a state an imported object
/// has none, and neither has one of an old version, unless the unit's other objects have some.
pub(crate) fn are_shown(estate: &Estate, id: ObjectId) -> bool {
    let object = estate.object(id);
    let unit = estate.unit(object);
    match unit.kind {
        UnitKind::Plan => unit.configuration.is_some(),
        _ => estate.has_dependencies(object.unit),
    }
}

/// Whether a destroy deletes `dependent` before `dependency`, because it depends on it. Not known across stacks, nor where
/// the input does not tell. A destroy works from the state, so that its plan tells it by the prior state, and only where
/// that records nothing by the block that made `dependent`, which may be gone from the configuration.
pub(crate) fn goes_first(estate: &Estate, dependent: ObjectId, dependency: ObjectId) -> Truth {
    let (from, to) = (estate.object(dependent), estate.object(dependency));
    if from.unit == to.unit && estate.unit(from).part == Some(Part::DestroyPlan) && estate.has_dependencies(from.unit) {
        return in_state(estate, from, to);
    }
    let is_told = estate.unit(from).kind != UnitKind::Plan || estate.block(from).is_some();
    if from.unit != to.unit || !is_told || !are_shown(estate, dependent) {
        return Truth::Unknown;
    }
    depends_on(estate, dependent, dependency)
}

/// The managed blocks of a plan's configuration that can run something.
pub(crate) fn loaders(unit: &JudgedUnit) -> Vec<Block> {
    let runs = |resource_type: &str| LOADERS.contains(&resource_type);
    unit.configuration.as_ref().map(|configuration| blocks(configuration, &runs)).unwrap_or_default()
}

/// The managed blocks of a configuration whose resource types count.
fn blocks(configuration: &Configuration, counts: &dyn Fn(&str) -> bool) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open = vec![ModulePath::default()];
    while let Some(path) = open.pop() {
        let Some(module) = configuration.module(&path) else { continue };
        open.extend(module.calls.keys().map(|name| path.child(name, None)));
        let managed = module.resources.iter().filter(|block| block.mode == Mode::Managed);
        for block in managed.filter(|block| counts(&block.resource_type)) {
            let (resource_type, name) = (block.resource_type.clone(), block.name.clone());
            found.push(Block { module: path.clone(), resource_type, name });
        }
    }
    found
}

/// Those of the blocks that may depend on an object.
pub(crate) fn depending_on<'b>(unit: &JudgedUnit, blocks: &'b [Block], object: &Object) -> Vec<&'b Block> {
    let Some(configuration) = &unit.configuration else { return Vec::new() };
    let may_depend = |block: &&Block| {
        let (wanted, open) = (place(object), vec![Node::of(block)]);
        let mut walk = Walk { unit, configuration, wanted, seen: BTreeSet::new(), open, local: false };
        walk.found() != Truth::False
    };
    blocks.iter().filter(may_depend).collect()
}

/// What some of a unit's objects depend on.
#[derive(Debug, Default)]
pub(crate) struct Used {
    /// In a plan: blocks, variables and outputs.
    nodes: BTreeSet<Node>,
    /// In a state: configuration addresses.
    addresses: BTreeSet<String>,
}

impl Used {
    /// Whether an object is among it.
    pub(crate) fn has(&self, object: &Object) -> bool {
        self.nodes.contains(&place(object)) || self.addresses.contains(&object.address.configuration_address())
    }
}

/// What the managed objects of a unit depend on whose resource types count: through references and other resources, in
/// a plan without what only locals tell that nothing shows the inside of.
pub(crate) fn used(estate: &Estate, unit: usize, counts: &dyn Fn(&str) -> bool) -> Used {
    let judged = &estate.units[unit];
    let mut used = Used::default();
    if let Some(configuration) = &judged.configuration {
        let wanted = Node { module: ModulePath::default(), text: String::new() };
        let (seen, open) = (BTreeSet::new(), Vec::new());
        let mut walk = Walk { unit: judged, configuration, wanted, seen, open, local: false };
        for block in blocks(configuration, counts) {
            walk.expand(&Node::of(&block));
        }
        walk.found();
        used.nodes = walk.seen;
    } else {
        let own = estate.of_unit(unit).filter(|object| object.is_managed() && counts(object.resource_type()));
        used.addresses = own.flat_map(|object| named_by(estate, object)).collect();
        let others = judged.dependents.iter().filter(|(_, types)| types.iter().any(|name| counts(name)));
        used.addresses.extend(others.map(|(address, _)| without_splat(address).to_owned()));
    }
    used
}

/// Resource types that can run something.
const LOADERS: &[&str] = &["aws_lambda_invocation", "terraform_data", "null_resource"];

/// A block of the configuration.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// Its module, without instance keys.
    pub(crate) module: ModulePath,
    pub(crate) resource_type: Box<str>,
    pub(crate) name: Box<str>,
}

fn in_state(estate: &Estate, from: &Object, to: &Object) -> Truth {
    let wanted = to.address.configuration_address();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<String> = named_by(estate, from).collect();
    let mut is_open = false;
    while let Some(address) = open.pop() {
        let address = without_splat(&address);
        let goes_on = |rest: &str| rest.is_empty() || (is_module(address) && rest.starts_with('.'));
        if wanted.strip_prefix(address).is_some_and(goes_on) {
            return Truth::True;
        }
        if !seen.contains(address) {
            let made = estate.made_by(from.unit, address).iter().map(|id| estate.object(*id));
            open.extend(made.flat_map(|object| named_by(estate, object)));
            is_open |= hides_dependencies(estate.unit(from), estate, address);
            seen.insert(address.to_owned());
        }
    }
    if is_open { Truth::Unknown } else { Truth::False }
}

/// An address as Terraform 0.11 recorded it (`aws_s3_object.o.*`, `aws_s3_object.o.0`), without its end.
fn without_splat(address: &str) -> &str {
    let is_index = |end: &str| end == "*" || (!end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit()));
    address.rsplit_once('.').map_or(address, |(block, end)| if is_index(end) { block } else { address })
}

/// Whether an address is that of a module.
fn is_module(address: &str) -> bool {
    address.rsplit('.').nth(1) == Some("module")
}

/// Whether a resource of a state depends on what is not told here: old versions record direct dependencies only, and
/// resources that rules do not look at are not read.
fn hides_dependencies(unit: &JudgedUnit, estate: &Estate, address: &str) -> bool {
    let version = estate.inputs[unit.input].terraform_version.as_deref();
    let is_direct = version.is_some_and(|version| version.starts_with("0."));
    let resource_type = address.rsplit('.').nth(1).unwrap_or_default();
    is_direct && !crate::is_audited(resource_type) && unit.types.contains_key(resource_type)
}

/// What an object of a state depends on by its own record. Old versions of `show -json` write an address as the object's
/// module sees it: there it is read both ways.
fn named_by<'a>(estate: &'a Estate, object: &'a Object) -> impl Iterator<Item = String> + use<'a> {
    let module = without_keys(&object.address.module);
    let is_shown = estate.unit(object).kind != UnitKind::State && !module.0.is_empty();
    object.dependencies.iter().flat_map(move |address| {
        let inside = is_shown.then(|| format!("{module}.{address}"));
        std::iter::once(address.to_string()).chain(inside)
    })
}

/// The configuration addresses that an object of a state depends on by its own record.
pub(crate) fn recorded<'a>(estate: &'a Estate, object: &'a Object) -> impl Iterator<Item = String> + use<'a> {
    named_by(estate, object).map(|address| without_splat(&address).to_owned())
}

/// A place in the configuration that may depend on others: a block, or one of a module's variables and outputs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    module: ModulePath,
    text: String,
}

impl Node {
    fn of(block: &Block) -> Self {
        Self { module: block.module.clone(), text: format!("{}.{}", block.resource_type, block.name) }
    }
}

fn in_configuration(unit: &JudgedUnit, configuration: &Configuration, from: &Object, to: &Object) -> Truth {
    let mut walk =
        Walk { unit, configuration, wanted: place(to), seen: BTreeSet::new(), open: Vec::new(), local: false };
    walk.open.push(place(from));
    walk.found()
}

/// The place of an object's block; instance keys do not matter to the graph.
fn place(object: &Object) -> Node {
    Node { module: without_keys(&object.address.module), text: object.address.relative_block() }
}

/// A module without the instance keys of the calls that lead to it.
pub(crate) fn without_keys(module: &ModulePath) -> ModulePath {
    module.names().fold(ModulePath::default(), |path, name| path.child(name, None))
}

struct Walk<'a> {
    unit: &'a JudgedUnit,
    configuration: &'a Configuration,
    wanted: Node,
    seen: BTreeSet<Node>,
    open: Vec<Node>,
    /// Whether a local was met that nothing shows the inside of.
    local: bool,
}

impl<'a> Walk<'a> {
    fn found(&mut self) -> Truth {
        while let Some(node) = self.open.pop() {
            if node == self.wanted {
                return Truth::True;
            }
            if self.seen.insert(node.clone()) && self.expand(&node) {
                return Truth::True;
            }
        }
        if self.local { Truth::Unknown } else { Truth::False }
    }

    /// Opens everything that `node` refers to. Whether a `depends_on` names a module that holds what is wanted.
    fn expand(&mut self, node: &Node) -> bool {
        let Some(module) = self.configuration.module(&node.module) else { return false };
        let mut found = false;
        let (mode, name) = match node.text.strip_prefix("data.") {
            Some(name) => (Mode::Data, name),
            None => (Mode::Managed, &*node.text),
        };
        let block = name.split_once('.').and_then(|(resource_type, name)| module.resource(mode, resource_type, name));
        if let Some(block) = block {
            found |= self.refer_all(&node.module, block.references.iter().map(|reference| &**reference));
            found |= self.depends(&node.module, &block.depends_on);
            found |= self.written(&node.module, block);
            found |= self.calls_around(&node.module);
        } else if let Some(name) = node.text.strip_prefix("var.") {
            found |= self.argument(&node.module, name);
        } else if let Some(output) = node.text.strip_prefix("output.").and_then(|name| module.outputs.get(name)) {
            found |= self.refer_all(&node.module, output.expression.all_references());
            found |= self.depends(&node.module, &output.depends_on);
        }
        found
    }

    /// What sources add to a block's references: plans leave out `dynamic` blocks and `replace_triggered_by`.
    fn written(&mut self, module: &ModulePath, block: &ConfigurationResource) -> bool {
        let Some(sources) = &self.unit.sources else { return false };
        let (resource_type, name) = (block.resource_type.clone(), block.name.clone());
        let address = Address { module: module.clone(), mode: block.mode, resource_type, name, key: None };
        self.seen_from_inside(sources.references(&address))
    }

    /// `depends_on`, `count` and `for_each` of every module call around a module.
    fn calls_around(&mut self, module: &ModulePath) -> bool {
        let mut found = false;
        let mut inner = module.clone();
        while let Some(outer) = inner.parent() {
            if let Some(call) = self.call(&outer, &inner) {
                found |= self.depends(&outer, &call.depends_on);
                for repetition in [&call.count, &call.for_each].into_iter().flatten() {
                    found |= self.refer_all(&outer, repetition.all_references());
                }
            }
            inner = outer;
        }
        found
    }

    /// The argument of a module call that sets a variable.
    fn argument(&mut self, module: &ModulePath, name: &str) -> bool {
        let Some(parent) = module.parent() else { return false };
        let argument = self.call(&parent, module).and_then(|call| call.expressions.get(name));
        argument.is_some_and(|argument| self.refer_all(&parent, argument.all_references()))
    }

    /// The call in `outer` that makes the module `inner`.
    fn call(&self, outer: &ModulePath, inner: &ModulePath) -> Option<&'a ModuleCall> {
        self.configuration.module(outer)?.calls.get(&inner.0.last()?.name)
    }

    /// Opens what a `depends_on` names.
    fn depends(&mut self, module: &ModulePath, names: &[Box<str>]) -> bool {
        names.iter().fold(false, |found, name| self.refer(module, name) | found)
    }

    /// Opens what expressions refer to. Plans list `module.m` behind every `module.m.output`: that is no reference to
    /// the module as a whole.
    fn refer_all<'r>(&mut self, module: &ModulePath, texts: impl IntoIterator<Item = &'r str>) -> bool {
        let texts: Vec<&str> = texts.into_iter().collect();
        let shortens = |text: &str| {
            let goes_on = |longer: &&str| longer.strip_prefix(text).is_some_and(|rest| rest.starts_with(['.', '[']));
            text.starts_with("module.") && texts.iter().any(goes_on)
        };
        let own = texts.iter().filter(|text| !shortens(text));
        own.fold(false, |found, text| self.refer(module, text) | found)
    }

    /// Opens references that sources show.
    fn seen_from_inside(&mut self, references: Vec<Reference>) -> bool {
        let refer =
            |found, reference: Reference| self.refer(&without_keys(&reference.module), &reference.to_string()) | found;
        references.into_iter().fold(false, refer)
    }

    /// Opens what one reference names. Whether it names a module, as a whole, that holds what is wanted.
    fn refer(&mut self, module: &ModulePath, text: &str) -> bool {
        let Ok(reference) = Reference::parse(module.clone(), text) else { return false };
        match &reference.target {
            Target::Resource { mode, resource_type, name, .. } => {
                let data = if *mode == Mode::Data { "data." } else { "" };
                self.open.push(Node { module: module.clone(), text: format!("{data}{resource_type}.{name}") });
            }
            Target::Variable(name) => self.open.push(Node { module: module.clone(), text: format!("var.{name}") }),
            Target::Module { name, .. } => {
                let inner = module.child(name, None);
                let Some(output) = reference.attribute() else {
                    return self.wanted.module.0.starts_with(&inner.0);
                };
                self.open.push(Node { module: inner, text: format!("output.{output}") });
            }
            Target::Local(name) => match &self.unit.sources {
                Some(sources) => return self.seen_from_inside(sources.local_references(module, name)),
                None => self.local = true,
            },
            Target::Each(_) | Target::Count | Target::Other(_) | Target::Withheld => {}
        }
        false
    }
}
