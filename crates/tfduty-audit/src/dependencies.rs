//! Whether Terraform makes one object before another.

use std::collections::BTreeSet;

use tfduty_terraform::{Configuration, ConfigurationResource, Mode, Module, ModulePath, Reference, Target, UnitKind};

use crate::{
    estate::{Estate, JudgedUnit},
    object::{Object, ObjectId},
    truth::Truth,
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

/// Whether a state tells dependencies of this object at all. An imported object has none, and neither has one of an old
/// state, unless the unit's other objects have some.
pub(crate) fn are_recorded(estate: &Estate, id: ObjectId) -> bool {
    let object = estate.object(id);
    estate.unit(object).kind == UnitKind::Plan || estate.has_dependencies(object.unit)
}

/// The managed blocks of a plan's configuration that can run something.
pub(crate) fn loaders(unit: &JudgedUnit) -> Vec<Block> {
    let Some(configuration) = &unit.configuration else { return Vec::new() };
    let mut found = Vec::new();
    let mut open = vec![ModulePath::default()];
    while let Some(path) = open.pop() {
        let Some(module) = configuration.module(&path) else { continue };
        open.extend(module.calls.keys().map(|name| path.child(name, None)));
        for block in module.resources.iter().filter(|block| LOADERS.contains(&&*block.resource_type)) {
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
        let node = Node { module: block.module.clone(), text: format!("{}.{}", block.resource_type, block.name) };
        let mut walk =
            Walk { unit, configuration, wanted: place(object), seen: BTreeSet::new(), open: vec![node], local: false };
        walk.found() != Truth::False
    };
    blocks.iter().filter(may_depend).collect()
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
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = from.dependencies.iter().map(|address| &**address).collect();
    while let Some(address) = open.pop() {
        if address == wanted {
            return Truth::True;
        }
        if seen.insert(address) {
            let made = estate.made_by(from.unit, address).iter().map(|id| estate.object(*id));
            open.extend(made.flat_map(|object| object.dependencies.iter().map(|address| &**address)));
        }
    }
    Truth::False
}

/// A place in the configuration that may depend on others: a block, or one of a module's variables and outputs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    module: ModulePath,
    text: String,
}

impl Node {
    /// The block that it is, where it is one.
    fn block<'m>(&self, module: &'m Module) -> Option<&'m ConfigurationResource> {
        let (mode, block) = match self.text.strip_prefix("data.") {
            Some(block) => (Mode::Data, block),
            None => (Mode::Managed, &*self.text),
        };
        let (resource_type, name) = block.split_once('.')?;
        module.resource(mode, resource_type, name)
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

fn without_keys(module: &ModulePath) -> ModulePath {
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

impl Walk<'_> {
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
        if let Some(block) = node.block(module) {
            for reference in block.references.iter().chain(&block.depends_on) {
                found |= self.refer(&node.module, reference);
            }
            found |= self.calls_around(&node.module);
        } else if let Some(name) = node.text.strip_prefix("var.") {
            found |= self.argument(&node.module, name);
        } else if let Some(output) = node.text.strip_prefix("output.").and_then(|name| module.outputs.get(name)) {
            for reference in output.expression.all_references() {
                found |= self.refer(&node.module, reference);
            }
            for reference in &output.depends_on {
                found |= self.refer(&node.module, reference);
            }
        }
        found
    }

    /// `depends_on` of every module call around a module.
    fn calls_around(&mut self, module: &ModulePath) -> bool {
        let mut found = false;
        let mut inner = module.clone();
        while let Some(outer) = inner.parent() {
            let call = inner.0.last().and_then(|step| self.configuration.module(&outer)?.calls.get(&step.name));
            for reference in call.iter().flat_map(|call| &call.depends_on) {
                found |= self.refer(&outer, reference);
            }
            inner = outer;
        }
        found
    }

    /// The argument of a module call that sets a variable.
    fn argument(&mut self, module: &ModulePath, name: &str) -> bool {
        let Some(parent) = module.parent() else { return false };
        let call = module.0.last().and_then(|step| self.configuration.module(&parent)?.calls.get(&step.name));
        let mut found = false;
        for reference in
            call.and_then(|call| call.expressions.get(name)).iter().flat_map(|argument| argument.all_references())
        {
            found |= self.refer(&parent, reference);
        }
        found
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
                Some(sources) => {
                    let references = sources.local_references(module, name);
                    return references.iter().fold(false, |found, reference| {
                        self.refer(&without_keys(&reference.module), &reference.to_string()) || found
                    });
                }
                None => self.local = true,
            },
            Target::Each(_) | Target::Count | Target::Other(_) => {}
        }
        false
    }
}
