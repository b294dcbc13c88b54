//! Expressions to values, with holes where something is not known.
//!
//! The evaluator knows HCL's own rules and a fixed list of Terraform's functions; everything else becomes a hole
//! ([`Kind::Unknown`]). What a configuration does not say itself, the values of root variables and of resources, it asks
//! of a [`World`].
//!
//! Where Terraform would report an error there is a hole as well, for the plan at hand is proof that there was none;
//! only `try` and `can` tell the two apart.

mod body;
mod calls;
mod expression;
mod functions;
mod json;
mod number;
mod operators;
mod repetition;
mod template;
mod text;
mod traversal;
mod types;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use hcl_edit::{Span as _, expr::Expression};

use crate::{
    address::{Address, Key, ModulePath},
    limits::EVALUATED_BYTES,
    reference::{Reference, Target},
    sources::{
        BlockRef, ModuleSource, Sources,
        block::{Block, Origin, Place},
    },
    span::{Span, TextId},
    value::{Kind, Value},
};

pub use calls::Call;
pub use json::decode_json;

/// What is known beyond the configuration.
pub trait World {
    /// The value of one attribute of a resource or data source. The target is a [`Target::Resource`], the path one
    /// [`crate::Step::Attribute`]. Without a key it is the one instance of a resource without `count` and `for_each`,
    /// or one that cannot be told.
    ///
    /// What has holes without a reference gets its reference from the evaluator; `None` becomes a hole with the
    /// reference.
    fn resource(&self, reference: &Reference) -> Option<Value>;

    /// The value of a variable of the root module, as a plan's `variables` have it.
    fn variable(&self, name: &str) -> Option<Value>;

    /// The instance keys of a resource or module call, seen from the module instance `module`. An empty list says that
    /// there is no instance; `None` that it is not known. Where it is not known, `count` and `for_each` are evaluated.
    fn keys(&self, module: &ModulePath, target: &Target) -> Option<Vec<Key>> {
        let _ = (module, target);
        None
    }

    /// Whether an attribute of a resource that is not known yet is sure to be a text, and not the empty one. `compact` keeps
    /// it; any other hole may be left out.
    fn is_never_empty(&self, reference: &Reference) -> bool {
        let _ = reference;
        false
    }

    /// Whether a root variable without a value has its default. False for a plan, which lists every variable: what is
    /// missing there is not known. A variable of a called module always has its default where the call sets none.
    fn defaults(&self) -> bool {
        false
    }
}

impl Sources {
    /// The value of an argument of an object's block, for that instance: `each` and `count` of the object and of the
    /// module calls that lead to it have the keys of `address`.
    ///
    /// `path` names arguments, nested blocks, members and indexes: `["rule", "0", "id"]`; the index may be left out where
    /// there is one only. A path that ends at nested blocks gives a list of objects, the empty path an object with
    /// everything but the language's own arguments (`count`, `lifecycle`, …). `None` says that block or argument are not
    /// in the configuration. Everything in a block that did not parse is a hole.
    ///
    /// Every node has the place of the expression that made it: for `x = local.y` that of the local's expression, for
    /// `jsonencode(…)` that of the call; what the world says keeps its own.
    pub fn evaluate(&self, address: &Address, path: &[&str], world: &dyn World) -> Option<Value> {
        let block = self.resource(address)?;
        let frame = Frame::of_block(address.module.clone(), block, address.key.clone());
        Evaluator::new(self, world).block(&frame, block, path)
    }

    /// As [`Sources::evaluate`], for an `action` block of a module, of which no instance is meant.
    pub fn evaluate_action(
        &self,
        module: &ModulePath,
        action: BlockRef<'_>,
        path: &[&str],
        world: &dyn World,
    ) -> Option<Value> {
        let frame = Frame::of_block(module.clone(), action.block, None);
        Evaluator::new(self, world).block(&frame, action.block, path)
    }

    /// As [`Sources::evaluate`], for an argument that holds a JSON text: the document in it. A text that one
    /// `jsonencode` call wrote is the argument of that call, each node with its own place; any other text is read by
    /// [`decode_json`], and all nodes have the place of the text. A text that is `null` or a hole (with the reference that
    /// fills it: `data.aws_iam_policy_document.x.json`) is returned as it is; what is no JSON is a hole.
    pub fn evaluate_json(&self, address: &Address, path: &[&str], world: &dyn World) -> Option<Value> {
        let block = self.resource(address)?;
        let frame = Frame::of_block(address.module.clone(), block, address.key.clone());
        let mut evaluator = Evaluator::new(self, world);
        let text = evaluator.block(&frame, block, path)?;
        if matches!(text.kind, Kind::Null | Kind::Unknown(_)) {
            return Some(text);
        }
        let place = Place { text: text.text, span: text.span };
        // In JSON syntax all of an argument has one place: only the text itself shows that it is nothing but the call's.
        let is_all = |(at, document): &(Place, Value)| *at == place && json::encode(document) == text.kind;
        let encoded = evaluator.encoded.into_iter().find(is_all);
        Some(match encoded {
            Some((_, mut document)) => {
                document.sensitive |= text.sensitive;
                document
            }
            None => decode_json(&text).unwrap_or_else(|| place.hole(None).marked(text.sensitive)),
        })
    }

    /// An argument of the provider configuration that a resource in the module instance `module` gets by this name and
    /// alias: see [`Sources::provider`]. `None` where there is no such block or argument.
    pub fn evaluate_provider(
        &self,
        module: &ModulePath,
        name: &str,
        alias: Option<&str>,
        path: &[&str],
        world: &dyn World,
    ) -> Option<Value> {
        // The block may stand in a module above.
        let (holder, provider) = self.provider(module, name, alias)?;
        let frame = Frame::of_block(holder, provider.block, None);
        Evaluator::new(self, world).block(&frame, provider.block, path)
    }

    /// An argument of any block that stands in the module instance `module`: a `removed` block's `lifecycle.destroy`, a
    /// module call's argument, an output's `value`. `key` is the instance key of a call.
    pub fn evaluate_block(
        &self,
        block: BlockRef<'_>,
        module: &ModulePath,
        key: Option<&Key>,
        path: &[&str],
        world: &dyn World,
    ) -> Option<Value> {
        let frame = Frame::of_block(module.clone(), block.block, key.cloned());
        Evaluator::new(self, world).block(&frame, block.block, path)
    }

    /// Where the argument, or the first nested block, at `path` of an object's block stands, name and value: the header
    /// of a nested block, or of a block that did not parse.
    pub fn attribute_span(&self, address: &Address, path: &[&str]) -> Option<(TextId, Span)> {
        let block = self.resource(address)?;
        let place = if block.readable { body::place_at(&block.body, path)? } else { block.place() };
        Some((place.text, place.span))
    }
}

/// That Terraform would report an error here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault;

/// A value, or a fault.
type Outcome = Result<Value, Fault>;

/// The instance that an expression is evaluated for.
#[derive(Debug, Clone)]
struct Frame<'s> {
    /// The module instance that names are looked up in.
    module: ModulePath,
    /// The block whose `count` or `for_each` gives `count` and `each`.
    repeated: Option<&'s Block>,
    /// Its instance key.
    key: Option<Key>,
    /// The names that a template file is given.
    names: &'s [(Box<str>, Value)],
}

impl<'s> Frame<'s> {
    /// For an expression that has neither `count` nor `each`: a local, an output.
    fn of_module(module: ModulePath) -> Self {
        Frame { module, repeated: None, key: None, names: &[] }
    }

    /// For what stands in a block with this instance key.
    fn of_block(module: ModulePath, block: &'s Block, key: Option<Key>) -> Self {
        Frame { repeated: Some(block), key, ..Frame::of_module(module) }
    }
}

/// What the names in an expression mean.
#[derive(Clone, Copy)]
struct Scope<'p> {
    frame: &'p Frame<'p>,
    /// Where the spans of the expression lie.
    origin: Origin,
    /// What `for` expressions and `dynamic` blocks bind, innermost first.
    bound: Option<&'p Bound<'p>>,
}

/// A name bound by a `for` expression or a `dynamic` block.
struct Bound<'p> {
    name: &'p str,
    value: &'p Value,
    outer: Option<&'p Bound<'p>>,
}

impl<'p> Scope<'p> {
    /// The place of an expression.
    fn at(&self, expression: &Expression) -> Place {
        self.origin.place(expression.span())
    }

    fn lookup(&self, name: &str) -> Option<&'p Value> {
        let mut next = self.bound;
        while let Some(bound) = next {
            if bound.name == name {
                return Some(bound.value);
            }
            next = bound.outer;
        }
        self.frame.names.iter().find(|(given, _)| **given == *name).map(|(_, value)| value)
    }
}

/// What is evaluated once for each question, and must not lead back to itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    module: ModulePath,
    class: Class,
    name: Box<str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Variable,
    Local,
    Output,
    /// `count` or `for_each` of a resource or call; the name is its address.
    Repetition,
    /// `each.value` of a frame; the name is the address of the block with its key.
    Element,
}

struct Evaluator<'s> {
    sources: &'s Sources,
    world: &'s dyn World,
    depth: usize,
    steps: usize,
    bytes: usize,
    /// Whether a `try` or `can` around this is to see a fault.
    caught: bool,
    active: Vec<Named>,
    known: BTreeMap<Named, Value>,
    /// What `jsonencode` calls encoded, by the place of the call.
    encoded: Vec<(Place, Value)>,
}

impl<'s> Evaluator<'s> {
    fn new(sources: &'s Sources, world: &'s dyn World) -> Self {
        Evaluator {
            sources,
            world,
            depth: 0,
            steps: 0,
            bytes: 0,
            caught: false,
            active: Vec::new(),
            known: BTreeMap::new(),
            encoded: Vec::new(),
        }
    }

    fn module(&self, path: &ModulePath) -> Option<&'s ModuleSource> {
        self.sources.module(path)
    }

    /// Notes that `bytes` more are held. False once it is too much: the value is to be replaced by a hole.
    fn charge(&mut self, bytes: usize) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        self.bytes <= EVALUATED_BYTES
    }

    /// A value that the configuration marks as sensitive, or does not. Facts hold none that it does: what stands in its place
    /// is no value.
    fn secured(&self, mut value: Value, is_sensitive: bool) -> Value {
        if is_sensitive && self.sources.withholds && !value.is_null() && !value.is_unknown() {
            value.kind = Kind::withheld(None);
        }
        value.marked(is_sensitive)
    }

    /// A copy of a value that is used again.
    fn copy(&mut self, value: &Value, at: Place) -> Value {
        if self.charge(weight(value)) { value.clone() } else { at.hole(None) }
    }

    /// A value, with faults as holes: for what `try` does not see through.
    fn settled(&mut self, at: Place, evaluate: impl FnOnce(&mut Self) -> Outcome) -> Value {
        let caught = std::mem::replace(&mut self.caught, false);
        let outcome = evaluate(self);
        self.caught = caught;
        outcome.unwrap_or_else(|Fault| at.hole(None))
    }

    /// A part of a collection: where no `try` looks, a fault is a hole in its place and spoils nothing else.
    fn part(&self, outcome: Outcome, at: Place) -> Outcome {
        match outcome {
            Err(Fault) if !self.caught => Ok(at.hole(None)),
            outcome => outcome,
        }
    }

    /// Evaluates what has a name, once. What leads back to itself is a hole.
    fn named(&mut self, named: Named, at: Place, evaluate: impl FnOnce(&mut Self) -> Outcome) -> Value {
        if let Some(value) = self.known.get(&named) {
            let weight = weight(value);
            let value = if self.bytes + weight <= EVALUATED_BYTES { value.clone() } else { at.hole(None) };
            self.charge(weight);
            return value;
        }
        if self.active.contains(&named) {
            return at.hole(None);
        }
        self.active.push(named.clone());
        let value = self.settled(at, evaluate);
        self.active.pop();
        let copy = self.copy(&value, at);
        self.known.insert(named, value);
        copy
    }
}

impl Place {
    fn value(self, kind: Kind) -> Value {
        Value { kind, span: self.span, text: self.text, sensitive: false }
    }

    fn hole(self, reference: Option<Reference>) -> Value {
        self.value(Kind::Unknown(reference.map(Box::new)))
    }

    fn string(self, text: impl Into<Box<str>>) -> Value {
        self.value(Kind::String(text.into()))
    }
}

impl Value {
    /// The value, sensitive where it was or `sensitive` says so.
    fn marked(mut self, sensitive: bool) -> Value {
        self.sensitive |= sensitive;
        self
    }
}

/// Roughly the bytes that a value takes.
fn weight(value: &Value) -> usize {
    use crate::value::Part;
    let own = match &value.kind {
        Kind::Null | Kind::Bool(_) | Kind::Unknown(_) => 0,
        Kind::Number(text) | Kind::String(text) => text.len(),
        Kind::Template(parts) => {
            parts.iter().map(|part| if let Part::Literal(text) = part { text.len() } else { 32 }).sum()
        }
        Kind::List(items) => items.iter().map(weight).sum(),
        Kind::Object(members) => members.iter().map(|(name, value)| name.len() + weight(value)).sum(),
    };
    own + size_of::<Value>()
}
