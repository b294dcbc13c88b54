//! `count`, `for_each`, and what `each` is for one instance.

use hcl_edit::expr::{Conditional, Expression, ForExpr, FuncCall, Traversal, TraversalOperator};

use super::{
    Bound, Class, Evaluator, Fault, Frame, Named, Outcome, Scope,
    expression::sorted,
    operators::{number, truth},
    text::{self, Stop},
    traversal::is_repeated,
};
use crate::{
    address::{Key, Mode, ModulePath},
    limits::{DEEPEST_EXPRESSION, MOST_STEPS},
    reference::{Reference, Step, Target},
    sources::{
        block::{Attribute, Block, Place, variable_name},
        references,
    },
    value::{Kind, Value},
};

/// A larger `count` is taken for unknown.
const MOST_INSTANCES: i64 = 10_000;

/// Functions that return a set: its elements are their own keys.
const SETS: [&str; 5] = ["fileset", "setintersection", "setsubtract", "setunion", "toset"];

/// The instances of a resource or module call.
pub(super) enum Instances {
    /// One, without a key.
    Single,
    /// Those of `count`.
    List(Vec<i64>),
    /// Those of `for_each`.
    Map(Vec<Box<str>>),
}

impl Instances {
    pub(super) fn have(&self, key: &Key) -> bool {
        match (self, key) {
            (Instances::List(keys), Key::Int(key)) => keys.contains(key),
            (Instances::Map(keys), Key::String(key)) => keys.contains(key),
            _ => false,
        }
    }

    /// Instances by their keys; which kind they are says the first.
    fn of_keys(keys: Vec<Key>) -> Option<Self> {
        let mut numbers = Vec::new();
        let mut names = Vec::new();
        for key in keys {
            match key {
                Key::Int(index) => numbers.push(index),
                Key::String(name) => names.push(name),
            }
        }
        numbers.sort_unstable();
        names.sort_unstable();
        match (numbers.is_empty(), names.is_empty()) {
            (false, true) => Some(Instances::List(numbers)),
            (true, false) => Some(Instances::Map(names)),
            _ => None,
        }
    }
}

impl Evaluator<'_> {
    /// The instances of what a reference names; `None` where they are not known.
    pub(super) fn instances(&mut self, whole: &Reference) -> Option<Instances> {
        let module = self.module(&whole.module);
        let block = module.and_then(|module| match &whole.target {
            Target::Resource { mode: Mode::Managed, resource_type, name, .. } => {
                module.resources.get(&format!("{resource_type}.{name}"))
            }
            Target::Resource { mode: Mode::Data, resource_type, name, .. } => {
                module.resources.get(&format!("data.{resource_type}.{name}"))
            }
            Target::Module { name, .. } => module.calls.get(name),
            _ => None,
        });
        if block.is_some_and(|block| !is_repeated(block)) {
            return Some(Instances::Single);
        }
        let keys = self.world.keys(&whole.module, &whole.target);
        let count = block.and_then(|block| block.body.attribute("count"));
        let for_each = block.and_then(|block| block.body.attribute("for_each"));
        match (keys, count, for_each) {
            (Some(keys), Some(_), _) if keys.is_empty() => Some(Instances::List(Vec::new())),
            (Some(keys), None, Some(_)) if keys.is_empty() => Some(Instances::Map(Vec::new())),
            (Some(keys), ..) => Instances::of_keys(keys),
            (None, Some(count), _) => {
                let count = self.repetition(whole, count);
                let count = number(&count).ok()?.as_i64().filter(|count| (0..=MOST_INSTANCES).contains(count))?;
                Some(Instances::List((0..count).collect()))
            }
            (None, None, Some(for_each)) => {
                let collection = self.repetition(whole, for_each);
                let names = match collection.kind {
                    Kind::Object(members) => sorted(members).into_iter().map(|(name, _)| name).collect(),
                    Kind::List(items) => {
                        items.iter().map(|item| text::known(item).map(Into::into)).collect::<Result<_, _>>().ok()?
                    }
                    _ => return None,
                };
                Some(Instances::Map(names))
            }
            (None, None, None) => None,
        }
    }

    fn repetition(&mut self, whole: &Reference, attribute: &Attribute) -> Value {
        let at = Place { text: attribute.text, span: attribute.value_span };
        let named = Named { module: whole.module.clone(), class: Class::Repetition, name: whole.to_string().into() };
        let value =
            self.named(named, at, |this| this.argument(&Frame::of_module(whole.module.clone()), Some(attribute), at));
        self.instances_of(value)
    }

    /// What is known of the instances, where a value is a whole resource or module call.
    pub(super) fn repeated(&mut self, value: &Value) -> Option<Instances> {
        let Kind::Unknown(Some(reference)) = &value.kind else { return None };
        let is_whole =
            matches!(&reference.target, Target::Resource { key: None, .. } | Target::Module { key: None, .. });
        if is_whole && reference.path.is_empty() { self.instances(reference) } else { None }
    }

    /// A whole resource or module call as the list or map of its instances; any other value as it is.
    pub(super) fn instances_of(&mut self, value: Value) -> Value {
        let instances = self.repeated(&value);
        let place = Place { text: value.text, span: value.span };
        let Kind::Unknown(Some(reference)) = &value.kind else { return value };
        let one = |key| place.hole(Some(references::extend((**reference).clone(), Step::Index(key))));
        let kind = match instances {
            Some(Instances::List(keys)) => Kind::List(keys.into_iter().map(|key| one(Key::Int(key))).collect()),
            Some(Instances::Map(keys)) => {
                Kind::Object(keys.into_iter().map(|key| (key.clone(), one(Key::String(key)))).collect())
            }
            Some(Instances::Single) | None => return value,
        };
        place.value(kind).marked(value.sensitive)
    }

    /// `each.key` and `each.value` of an instance.
    pub(super) fn each(&mut self, frame: &Frame<'_>, name: &str, at: Place) -> Value {
        let unknown = Reference { module: frame.module.clone(), target: Target::Each(name.into()), path: Vec::new() };
        let (Some(Key::String(key)), Some(block)) = (&frame.key, frame.repeated) else { return at.hole(Some(unknown)) };
        match (name, block.body.attribute("for_each")) {
            ("key", _) => at.string(key.clone()),
            ("value", Some(for_each)) => {
                let value = self.element_of(&frame.module, block, for_each, key);
                if value.kind == Kind::Unknown(None) { at.hole(Some(unknown)).marked(value.sensitive) } else { value }
            }
            _ => at.hole(Some(unknown)),
        }
    }

    fn element_of(&mut self, module: &ModulePath, block: &Block, for_each: &Attribute, key: &str) -> Value {
        let at = Place { text: for_each.text, span: for_each.value_span };
        let name = format!("{} {}[{key}]", block.kind, block.labels.join(".")).into();
        let named = Named { module: module.clone(), class: Class::Element, name };
        self.named(named, at, |this| {
            let frame = Frame::of_module(module.clone());
            let scope = Scope { frame: &frame, origin: for_each.origin, bound: None };
            for_each.value.as_ref().map_or(Err(Fault), |value| this.element(&scope, value, key))
        })
    }

    /// The element `key` of a collection. The instance exists, so the key does: where the whole is not known, the
    /// expression may show the element all the same. A fault says that the element is not in it.
    fn element(&mut self, scope: &Scope<'_>, expression: &Expression, key: &str) -> Outcome {
        let at = scope.at(expression);
        if self.depth >= DEEPEST_EXPRESSION || self.steps > MOST_STEPS {
            return Ok(at.hole(None));
        }
        let whole = self.settled(at, |this| this.expression(scope, expression));
        let whole = self.instances_of(whole);
        let sensitive = whole.sensitive;
        let value = match whole.kind {
            Kind::Object(members) => {
                members.into_iter().find(|(name, _)| **name == *key).map(|(_, member)| member).ok_or(Fault)?
            }
            Kind::List(items) => {
                let unknown = items.iter().any(|item| text::known(item) == Err(Stop::Unknown));
                let item = items.into_iter().find(|item| text::known(item) == Ok(key));
                match item {
                    Some(item) => item,
                    None if unknown => at.string(key),
                    None => return Err(Fault),
                }
            }
            Kind::Unknown(Some(reference)) if is_instances(&reference) => {
                at.hole(Some(references::extend(*reference, Step::Index(Key::String(key.into())))))
            }
            Kind::Unknown(reference) => {
                self.depth += 1;
                let found = self.element_within(scope, expression, key, at);
                self.depth -= 1;
                match (found?, reference) {
                    (Value { kind: Kind::Unknown(None), .. }, _) if self.makes_set(scope, expression, 0) => {
                        at.string(key)
                    }
                    (Value { kind: Kind::Unknown(None), .. }, Some(reference)) => {
                        at.hole(Some(references::extend(*reference, Step::Index(Key::String(key.into())))))
                    }
                    (found, _) => found,
                }
            }
            _ => return Err(Fault),
        };
        Ok(value.marked(sensitive))
    }

    fn element_within(&mut self, scope: &Scope<'_>, expression: &Expression, key: &str, at: Place) -> Outcome {
        match expression {
            Expression::Parenthesis(node) => self.element(scope, node.inner(), key),
            Expression::Object(node) => {
                let mut found = None;
                for (name, value) in node {
                    if self.object_key(scope, name)?.is_some_and(|name| *name == *key) {
                        found = Some(value.expr());
                    }
                }
                found.map_or(Ok(at.hole(None)), |value| self.expression(scope, value))
            }
            Expression::Conditional(node) => self.element_of_arms(scope, node, key, at),
            Expression::FuncCall(node) => self.element_of_call(scope, node, key, at),
            Expression::ForExpr(node) => self.element_of_loop(scope, node, key, at),
            Expression::Traversal(node) => self.element_of_name(scope, node, key, at),
            _ => Ok(at.hole(None)),
        }
    }

    fn element_of_arms(&mut self, scope: &Scope<'_>, node: &Conditional, key: &str, at: Place) -> Outcome {
        let condition = self.settled(at, |this| this.expression(scope, &node.cond_expr));
        match truth(&condition) {
            Ok(true) => self.element(scope, &node.true_expr, key),
            Ok(false) => self.element(scope, &node.false_expr, key),
            Err(_) => match (self.element(scope, &node.true_expr, key), self.element(scope, &node.false_expr, key)) {
                (Ok(only), Err(Fault)) | (Err(Fault), Ok(only)) => Ok(only),
                (Ok(one), Ok(other)) if one.kind == other.kind => Ok(one),
                _ => Ok(at.hole(None)),
            },
        }
    }

    fn element_of_call(&mut self, scope: &Scope<'_>, node: &FuncCall, key: &str, at: Place) -> Outcome {
        let name = if node.name.is_namespaced() { "" } else { node.name.name.as_str() };
        match name {
            "merge" if !node.args.expand_final() => {
                let holders = node.args.iter().map(|argument| (argument, self.holds(scope, argument, key)));
                let mut holders = holders.filter(|(_, holds)| *holds != Some(false)).collect::<Vec<_>>();
                match (holders.pop(), holders.as_slice()) {
                    (None, _) => Err(Fault),
                    // The last that has the key wins, whatever the ones before say. One that may have it wins if it is
                    // the only one: the key must come from somewhere.
                    (Some((last, Some(true))), _) | (Some((last, _)), []) => self.element(scope, last, key),
                    (Some(_), _) => Ok(at.hole(None)),
                }
            }
            "tomap" => node.args.get(0).map_or(Err(Fault), |argument| self.element(scope, argument, key)),
            _ => Ok(at.hole(None)),
        }
    }

    /// Whether a collection has the element `key`.
    fn holds(&mut self, scope: &Scope<'_>, expression: &Expression, key: &str) -> Option<bool> {
        let whole = self.settled(scope.at(expression), |this| this.expression(scope, expression));
        match self.instances_of(whole).kind {
            Kind::Object(members) => Some(members.iter().any(|(name, _)| **name == *key)),
            Kind::Null => Some(false),
            _ => None,
        }
    }

    /// `{ for k, v in m : k => … }`: the item of the same key.
    fn element_of_loop(&mut self, scope: &Scope<'_>, node: &ForExpr, key: &str, at: Place) -> Outcome {
        let key_name = node.intro.key_var.as_ref().map(|name| name.as_str());
        let keeps_keys = node.key_expr.as_ref().and_then(variable_name) == key_name && key_name.is_some();
        if !keeps_keys || node.grouping {
            return Ok(at.hole(None));
        }
        let item = self.element(scope, &node.intro.collection_expr, key)?;
        let key = at.string(key);
        let outer = Bound { name: key_name.unwrap_or(""), value: &key, outer: scope.bound };
        let bound = Bound { name: node.intro.value_var.as_str(), value: &item, outer: Some(&outer) };
        self.expression(&Scope { bound: Some(&bound), ..*scope }, &node.value_expr)
    }

    /// `local.x`, and `var.x` of a called module: where they are written.
    fn element_of_name(&mut self, scope: &Scope<'_>, node: &Traversal, key: &str, at: Place) -> Outcome {
        let sources = self.sources;
        let module = &scope.frame.module;
        let Some((root, name)) = root_and_name(node) else { return Ok(at.hole(None)) };
        let (frame, attribute) = match (root, module.parent()) {
            ("local", _) => {
                let local = self.module(module).and_then(|source| source.locals.get(name));
                (Frame::of_module(module.clone()), local)
            }
            ("var", Some(parent)) => {
                let call = sources.module_call(module).map(|call| call.block);
                let argument = call.and_then(|call| call.body.attribute(name));
                let key = module.0.last().and_then(|step| step.key.clone());
                (Frame { repeated: call, key, ..Frame::of_module(parent) }, argument)
            }
            _ => return Ok(at.hole(None)),
        };
        let Some((value, origin)) = attribute.and_then(|attribute| Some((attribute.value.as_ref()?, attribute.origin)))
        else {
            return Ok(at.hole(None));
        };
        self.element(&Scope { frame: &frame, origin, bound: None }, value, key)
    }

    /// Whether an expression makes a set, of which a loop binds each element as its own key.
    pub(super) fn makes_set(&self, scope: &Scope<'_>, expression: &Expression, depth: usize) -> bool {
        match expression {
            _ if depth > DEEPEST_EXPRESSION => false,
            Expression::Parenthesis(node) => self.makes_set(scope, node.inner(), depth + 1),
            Expression::FuncCall(node) => !node.name.is_namespaced() && SETS.contains(&node.name.name.as_str()),
            Expression::Traversal(node) => {
                let Some(module) = self.module(&scope.frame.module) else { return false };
                match root_and_name(node) {
                    Some(("local", name)) => {
                        let value = module.locals.get(name).and_then(|local| local.value.as_ref());
                        value.is_some_and(|value| self.makes_set(scope, value, depth + 1))
                    }
                    Some(("var", name)) => {
                        let variable = module.variables.get(name);
                        let declared = variable.and_then(|block| block.body.attribute("type")?.value.as_ref());
                        let call = declared.and_then(Expression::as_func_call);
                        call.is_some_and(|call| call.name.name.as_str() == "set")
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

/// `local.x` or `var.x`, where nothing follows.
fn root_and_name(node: &Traversal) -> Option<(&str, &str)> {
    let [operator] = node.operators.as_slice() else { return None };
    let TraversalOperator::GetAttr(name) = operator.value() else { return None };
    Some((variable_name(&node.expr)?, name.as_str()))
}

/// Whether a reference names a resource or module call as a whole.
fn is_instances(reference: &Reference) -> bool {
    reference.path.is_empty()
        && matches!(&reference.target, Target::Resource { key: None, .. } | Target::Module { key: None, .. })
}
