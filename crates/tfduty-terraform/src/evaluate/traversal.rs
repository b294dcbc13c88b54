//! References: variables, locals, outputs, resources, and the steps behind them.
//!
//! A resource or module call is at first a hole with a reference that has no path yet. Its value is asked for only when
//! an attribute or output is read, so that a resource may be passed whole through variables and maps.

use hcl_edit::{
    Decorated,
    expr::{Traversal, TraversalOperator},
};

use super::{
    Class, Evaluator, Fault, Frame, Named, Outcome, Scope, expression::key_text, operators::number,
    repetition::Instances, text::Stop,
};
use crate::{
    address::{Key, ModulePath},
    limits::DEEPEST_EXPRESSION,
    reference::{Reference, Step, Target},
    sources::{
        block::{Attribute, Block, Place, variable_name},
        is_marked_sensitive, join, references,
    },
    value::{Kind, Value},
};

type Operators<'a> = &'a [Decorated<TraversalOperator>];

impl Evaluator<'_> {
    pub(super) fn traversal(&mut self, scope: &Scope<'_>, node: &Traversal, at: Place) -> Outcome {
        let operators = node.operators.as_slice();
        let Some(root) = variable_name(&node.expr) else {
            let value = self.expression(scope, &node.expr)?;
            return self.steps(scope, value, operators, at);
        };
        if let Some(bound) = scope.lookup(root) {
            let value = self.copy(bound, at);
            return self.steps(scope, value, operators, at);
        }
        let names = leading_names(operators);
        let module = &scope.frame.module;
        let (value, used) = match (root, names.as_slice()) {
            ("var", [name, ..]) => (self.variable(module, name, at), 1),
            ("local", [name, ..]) => (self.local(module, name, at), 1),
            ("each", [name, ..]) => (self.each(scope.frame, name, at), 1),
            ("count", ["index", ..]) => (count_index(scope.frame, at), 1),
            ("path", [name, ..]) => (self.path(module, name, at), 1),
            ("data", [..]) => (named_hole(module, root, &names, 2, at)?, 2),
            _ => (named_hole(module, root, &names, 1, at)?, 1),
        };
        self.steps(scope, value, operators.get(used..).unwrap_or_default(), at)
    }

    /// Follows the operators of a traversal.
    fn steps(&mut self, scope: &Scope<'_>, mut value: Value, mut operators: Operators<'_>, at: Place) -> Outcome {
        while let Some((operator, mut rest)) = operators.split_first() {
            value = match operator.value() {
                TraversalOperator::GetAttr(name) => self.attribute(value, name.as_str(), at)?,
                TraversalOperator::Index(index) => {
                    let index = self.expression(scope, index)?;
                    self.index(value, &index, at)?
                }
                TraversalOperator::LegacyIndex(index) => {
                    let index = at.value(Kind::Number(index.value().to_string().into()));
                    self.index(value, &index, at)?
                }
                TraversalOperator::FullSplat(_) => return self.splat(scope, value, rest, at),
                TraversalOperator::AttrSplat(_) => {
                    // An index behind `.*` is one of the whole list, not of each item.
                    let is_name =
                        |next: &&Decorated<TraversalOperator>| matches!(next.value(), TraversalOperator::GetAttr(_));
                    let (each, whole) = rest.split_at(rest.iter().take_while(is_name).count());
                    rest = whole;
                    self.splat(scope, value, each, at)?
                }
            };
            operators = rest;
        }
        Ok(value)
    }

    /// A splat, and what follows it for each item. Splats behind it are levels like those of any other expression.
    fn splat(&mut self, scope: &Scope<'_>, value: Value, rest: Operators<'_>, at: Place) -> Outcome {
        if self.depth >= DEEPEST_EXPRESSION {
            return Ok(at.hole(None).marked(value.sensitive));
        }
        self.depth += 1;
        let outcome = self.each_item(scope, value, rest, at);
        self.depth -= 1;
        outcome
    }

    fn each_item(&mut self, scope: &Scope<'_>, value: Value, rest: Operators<'_>, at: Place) -> Outcome {
        let value = match self.repeated(&value) {
            Some(Instances::Single) => at.value(Kind::List(vec![value])),
            _ => self.instances_of(value),
        };
        let sensitive = value.sensitive;
        let items = match value.kind {
            Kind::List(items) => items,
            Kind::Null => Vec::new(),
            Kind::Unknown(_) => return Ok(at.hole(None).marked(sensitive)),
            _ => vec![value],
        };
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            let outcome = self.steps(scope, item, rest, at);
            list.push(self.part(outcome, at)?);
        }
        Ok(at.value(Kind::List(list)).marked(sensitive))
    }

    /// The member `name` of a value.
    pub(super) fn attribute(&mut self, value: Value, name: &str, at: Place) -> Outcome {
        let sensitive = value.sensitive;
        match value.kind {
            Kind::Object(members) => {
                let member = members.into_iter().find(|(key, _)| **key == *name).map(|(_, member)| member);
                member.map(|member| member.marked(sensitive)).ok_or(Fault)
            }
            Kind::Unknown(Some(reference)) => {
                let reference = references::extend(*reference, Step::Attribute(name.into()));
                Ok(self.referenced(reference, at).marked(sensitive))
            }
            Kind::Unknown(None) => Ok(at.hole(None).marked(sensitive)),
            _ => Err(Fault),
        }
    }

    /// The element `index` of a value.
    pub(super) fn index(&mut self, value: Value, index: &Value, at: Place) -> Outcome {
        let sensitive = value.sensitive || index.sensitive;
        let position = match number(index) {
            Ok(position) => position.as_i64(),
            Err(Stop::Unknown) => return Ok(at.hole(None).marked(sensitive)),
            Err(Stop::Fault) => None,
        };
        let element = match value.kind {
            Kind::List(items) => {
                let position = position.and_then(|position| usize::try_from(position).ok()).ok_or(Fault)?;
                items.into_iter().nth(position).ok_or(Fault)?
            }
            Kind::Object(members) => {
                let key = key_text(index)?.ok_or(Fault)?;
                members.into_iter().find(|(name, _)| *name == key).map(|(_, member)| member).ok_or(Fault)?
            }
            Kind::Unknown(Some(reference)) => {
                let key = match (&index.kind, position) {
                    (Kind::Number(_), Some(position)) => Key::Int(position),
                    _ => Key::String(key_text(index)?.ok_or(Fault)?),
                };
                self.instance(references::extend(*reference, Step::Index(key)), at)?
            }
            Kind::Unknown(None) => at.hole(None),
            _ => return Err(Fault),
        };
        Ok(element.marked(sensitive))
    }

    /// A hole that has got an index. One that names an instance which is known not to be there is a fault, which is
    /// what `try(aws_x.y[0].id, …)` waits for.
    fn instance(&mut self, reference: Reference, at: Place) -> Outcome {
        if reference.path.is_empty() && self.caught {
            let (whole, key) = without_key(&reference);
            if let (Some(instances), Some(key)) = (self.instances(&whole), key)
                && !instances.have(&key)
            {
                return Err(Fault);
            }
        }
        Ok(self.referenced(reference, at))
    }

    /// What fills a hole, as far as that is known.
    fn referenced(&mut self, reference: Reference, at: Place) -> Value {
        match (&reference.target, reference.path.as_slice()) {
            (Target::Resource { .. }, [Step::Attribute(_)]) => match self.world.resource(&reference) {
                Some(mut value) if self.charge(super::weight(&value)) => {
                    identify(&mut value, &reference);
                    value
                }
                _ => at.hole(Some(reference)),
            },
            (Target::Module { name, key }, [Step::Attribute(output)]) => {
                let child = reference.module.child(name, key.clone());
                let output = output.clone();
                self.output(child, &output, reference, at)
            }
            _ => at.hole(Some(reference)),
        }
    }

    /// An output of a module instance.
    fn output(&mut self, child: ModulePath, name: &str, reference: Reference, at: Place) -> Value {
        let block = self.module(&child).and_then(|module| module.outputs.get(name));
        let Some(block) = block.filter(|block| block.readable) else { return at.hole(Some(reference)) };
        // Without a key it cannot be told which instance of a repeated call is meant.
        let call = self.sources.module_call(&child).map(|call| call.block);
        if child.0.last().is_some_and(|step| step.key.is_none()) && call.is_some_and(is_repeated) {
            return at.hole(Some(reference));
        }
        let named = Named { module: child.clone(), class: Class::Output, name: name.into() };
        let value = self.named(named, at, |this| {
            let frame = Frame::of_module(child);
            this.argument(&frame, block.body.attribute("value"), block.place())
        });
        self.secured(value, is_marked_sensitive(block))
    }

    /// `var.NAME` of a module instance: the call's argument, or the value of a root variable.
    pub(super) fn variable(&mut self, module: &ModulePath, name: &str, at: Place) -> Value {
        let named = Named { module: module.clone(), class: Class::Variable, name: name.into() };
        self.named(named, at, |this| {
            let block = this.module(module).and_then(|source| source.variables.get(name));
            let value = this.variable_value(module, name, block, at);
            let Some(block) = block else { return Ok(value) };
            let value = this.converted(&Frame::of_module(module.clone()), block, value);
            Ok(this.secured(value, is_marked_sensitive(block)))
        })
    }

    fn variable_value(&mut self, module: &ModulePath, name: &str, block: Option<&Block>, at: Place) -> Value {
        let unknown = Reference { module: module.clone(), target: Target::Variable(name.into()), path: Vec::new() };
        let default = block.filter(|block| block.readable).and_then(|block| block.body.attribute("default"));
        let frame = Frame::of_module(module.clone());
        let Some(parent) = module.parent() else {
            if let Some(value) = self.world.variable(name) {
                return self.copy(&value, at);
            }
            let default = default.filter(|_| self.world.defaults());
            return match default {
                Some(default) => self.settled(at, |this| this.argument(&frame, Some(default), at)),
                None => at.hole(Some(unknown)),
            };
        };
        let key = module.0.last().and_then(|step| step.key.clone());
        let call = self.sources.module_call(module).map(|call| call.block).filter(|call| call.readable);
        // A damaged call may set anything, and a damaged variable may have any default.
        let (Some(call), Some(block)) = (call, block.filter(|block| block.readable)) else {
            return at.hole(Some(unknown));
        };
        if let Some(argument) = call.body.attribute(name) {
            let caller = Frame::of_block(parent, call, key);
            let value = self.settled(at, |this| this.argument(&caller, Some(argument), at));
            let nullable = block.body.attribute("nullable").and_then(|attribute| attribute.value.as_ref()?.as_bool());
            if !value.is_null() || nullable != Some(false) {
                return value;
            }
        }
        match default {
            Some(default) => self.settled(at, |this| this.argument(&frame, Some(default), at)),
            None => at.hole(Some(unknown)),
        }
    }

    fn local(&mut self, module: &ModulePath, name: &str, at: Place) -> Value {
        let local = self.module(module).and_then(|source| source.locals.get(name));
        let Some(local) = local else {
            let target = Target::Local(name.into());
            return at.hole(Some(Reference { module: module.clone(), target, path: Vec::new() }));
        };
        let named = Named { module: module.clone(), class: Class::Local, name: name.into() };
        self.named(named, at, |this| this.argument(&Frame::of_module(module.clone()), Some(local), at))
    }

    /// The value of an argument; without one, a hole.
    pub(super) fn argument(&mut self, frame: &Frame<'_>, attribute: Option<&Attribute>, at: Place) -> Outcome {
        let Some(attribute) = attribute else { return Ok(at.hole(None)) };
        let place = Place { text: attribute.text, span: attribute.value_span };
        let Some(value) = &attribute.value else { return Ok(place.hole(None)) };
        let scope = Scope { frame, origin: attribute.origin, bound: None };
        let outcome = self.expression(&scope, value);
        self.part(outcome, place)
    }

    /// `path.module` and `path.root`, as Terraform writes them when it runs in the root module's folder.
    fn path(&mut self, module: &ModulePath, name: &str, at: Place) -> Value {
        let folder = match name {
            "module" => self.module(module).map(|source| source.folder.clone()),
            "root" => Some(Box::default()),
            _ => None,
        };
        match folder {
            Some(folder) if folder.is_empty() => at.string("."),
            Some(folder) => at.string(folder),
            None => {
                let path = vec![Step::Attribute(name.into())];
                at.hole(Some(Reference { module: module.clone(), target: Target::Other("path".into()), path }))
            }
        }
    }

    /// The bytes of a file that an expression names.
    pub(super) fn file(&mut self, path: &str) -> Option<String> {
        let bytes = self.sources.read(&join("", path)?)?;
        if self.charge(bytes.len()) { String::from_utf8(bytes).ok() } else { None }
    }
}

/// The names that a traversal begins with, at most as many as a reference needs.
fn leading_names<'a>(operators: Operators<'a>) -> Vec<&'a str> {
    let name = |operator: &'a Decorated<TraversalOperator>| match operator.value() {
        TraversalOperator::GetAttr(name) => Some(name.as_str()),
        _ => None,
    };
    operators.iter().take(2).map_while(name).collect()
}

/// The hole that a resource, a module call or anything else of a name is at first.
fn named_hole(module: &ModulePath, root: &str, names: &[&str], needed: usize, at: Place) -> Outcome {
    let names = names.get(..needed).ok_or(Fault)?;
    let steps = names.iter().map(|name| Step::Attribute((*name).into())).collect();
    references::reference(module, root, steps).map(|reference| at.hole(Some(reference))).ok_or(Fault)
}

fn count_index(frame: &Frame<'_>, at: Place) -> Value {
    match frame.key {
        Some(Key::Int(index)) => at.value(Kind::Number(index.to_string().into())),
        _ => at.hole(Some(Reference {
            module: frame.module.clone(),
            target: Target::Count,
            path: vec![Step::Attribute("index".into())],
        })),
    }
}

/// Whether a block has `count` or `for_each`, or may have: nothing is known of a damaged one.
pub(super) fn is_repeated(block: &Block) -> bool {
    !block.readable || block.body.attribute("count").is_some() || block.body.attribute("for_each").is_some()
}

/// The reference to all instances, and the key that named one of them.
fn without_key(reference: &Reference) -> (Reference, Option<Key>) {
    let mut whole = reference.clone();
    let key = match &mut whole.target {
        Target::Resource { key, .. } | Target::Module { key, .. } => key.take(),
        _ => None,
    };
    (whole, key)
}

/// Gives the holes in a resource's value the reference that leads to them.
fn identify(value: &mut Value, reference: &Reference) {
    let below = |step: Step| {
        let mut reference = reference.clone();
        reference.path.push(step);
        reference
    };
    match &mut value.kind {
        Kind::Unknown(hole @ None) => *hole = Some(Box::new(reference.clone())),
        Kind::List(items) => {
            for (index, item) in items.iter_mut().enumerate().filter(|(_, item)| !item.is_wholly_known()) {
                let index = i64::try_from(index).unwrap_or(i64::MAX);
                identify(item, &below(Step::Index(Key::Int(index))));
            }
        }
        Kind::Object(members) => {
            for (name, member) in members.iter_mut().filter(|(_, member)| !member.is_wholly_known()) {
                identify(member, &below(Step::Attribute(name.clone())));
            }
        }
        _ => {}
    }
}
