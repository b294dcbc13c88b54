//! What expressions refer to, without evaluating them.

use std::collections::BTreeSet;

use hcl_edit::{
    expr::{Expression, ForExpr, Traversal, TraversalOperator},
    template::ForDirective,
    visit::{self, Visit},
};

use crate::{
    address::{Address, Key, Mode, ModulePath},
    reference::{Reference, Step, Target},
    sources::{
        Sources,
        block::{Attribute, Block, Body, static_steps, static_text, variable_name},
    },
};

impl Sources {
    /// Everything the block of an object refers to: its arguments, `count` and `for_each`, nested and `dynamic` blocks,
    /// provisioners, `replace_triggered_by` and conditions, but neither `depends_on`, `provider` nor `ignore_changes`.
    ///
    /// `local.x` is replaced by what that local refers to, and so on. All references are seen from the object's module
    /// instance; each is there once, sorted. One that goes on behind an index that only evaluation can tell ends
    /// before it. A block that did not parse refers to nothing that is known: see [`BlockRef::is_readable`].
    ///
    /// [`BlockRef::is_readable`]: crate::BlockRef::is_readable
    pub fn references(&self, address: &Address) -> Vec<Reference> {
        let found = self.references_as_written(address);
        self.without_locals(found)
    }

    /// As [`Sources::references`], but with `local.x` left as it is: what the `configuration` of a plan lists, but for
    /// `dynamic` blocks, which plans leave out.
    pub fn references_as_written(&self, address: &Address) -> Vec<Reference> {
        let mut collector = Collector::new(&address.module);
        if let Some(block) = self.resource(address) {
            collector.body(&block.body, Part::Top);
        }
        collector.finish()
    }

    /// What `depends_on` of an object's block names: resources, or modules (a target without a path).
    pub fn depends_on(&self, address: &Address) -> Vec<Reference> {
        self.resource(address).map(|block| depends_on(block, &address.module)).unwrap_or_default()
    }

    /// What `depends_on` of the call names that makes the module at `path`, seen from the calling module.
    pub fn call_depends_on(&self, path: &ModulePath) -> Vec<Reference> {
        let call = self.module_call(path).zip(path.parent());
        call.map(|(call, parent)| depends_on(call.block, &parent)).unwrap_or_default()
    }

    /// What one argument of an object's block refers to, locals followed as in [`Sources::references`]. `path` is as in
    /// [`Sources::evaluate`], but an index is not looked at: of several nested blocks of one name, all count.
    pub fn attribute_references(&self, address: &Address, path: &[&str]) -> Vec<Reference> {
        if path.is_empty() {
            return self.references(address);
        }
        let mut collector = Collector::new(&address.module);
        if let Some(block) = self.resource(address) {
            collector.at(&block.body, path);
        }
        self.without_locals(collector.finish())
    }

    /// What `local.NAME` of a module refers to, other locals followed.
    pub fn local_references(&self, module: &ModulePath, name: &str) -> Vec<Reference> {
        let target = Target::Local(name.into());
        self.without_locals(vec![Reference { module: module.clone(), target, path: Vec::new() }])
    }

    /// What `var.NAME` of a called module refers to: the call's argument, seen from the calling module. None for a
    /// variable of the root module, and for one that the call leaves to its default.
    pub fn argument_references(&self, module: &ModulePath, name: &str) -> Vec<Reference> {
        let Some((call, parent)) = self.module_call(module).zip(module.parent()) else { return Vec::new() };
        let mut collector = Collector::new(&parent);
        collector.attribute(call.block.body.attribute(name));
        self.without_locals(collector.finish())
    }

    /// What `count` or `for_each` of the call refers to that makes the module at `path`, seen from the calling module.
    pub fn call_repetition_references(&self, path: &ModulePath) -> Vec<Reference> {
        let Some((call, parent)) = self.module_call(path).zip(path.parent()) else { return Vec::new() };
        let mut collector = Collector::new(&parent);
        collector.attribute(call.block.body.attribute("count"));
        collector.attribute(call.block.body.attribute("for_each"));
        self.without_locals(collector.finish())
    }

    /// What the output `name` of a module refers to, seen from that module.
    pub fn output_references(&self, module: &ModulePath, name: &str) -> Vec<Reference> {
        let mut collector = Collector::new(module);
        if let Some(output) = self.output(module, name) {
            collector.attribute(output.block.body.attribute("value"));
        }
        self.without_locals(collector.finish())
    }

    /// Replaces locals by what they refer to. Each local is followed once, so that a circle ends.
    pub(crate) fn without_locals(&self, references: Vec<Reference>) -> Vec<Reference> {
        let mut done = BTreeSet::new();
        let mut found = BTreeSet::new();
        let mut open = references;
        while let Some(reference) = open.pop() {
            let Target::Local(name) = &reference.target else {
                found.insert(reference);
                continue;
            };
            if done.insert((reference.module.clone(), name.clone())) {
                let mut collector = Collector::new(&reference.module);
                collector.attribute(self.module(&reference.module).and_then(|module| module.locals.get(name)));
                open.extend(collector.finish());
            }
        }
        found.into_iter().collect()
    }
}

fn depends_on(block: &Block, module: &ModulePath) -> Vec<Reference> {
    let mut collector = Collector::new(module);
    collector.attribute(block.body.attribute("depends_on"));
    collector.finish()
}

/// Which part of a block a body is: what counts as a reference differs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The block's own body.
    Top,
    /// `lifecycle`.
    Lifecycle,
    /// Any other nested block.
    Nested,
}

/// Collects references from expressions.
pub(crate) struct Collector<'a> {
    module: &'a ModulePath,
    /// Names that `for` expressions and `dynamic` blocks bind at this point: they hide resource types.
    bound: Vec<String>,
    found: Vec<Reference>,
}

impl<'a> Collector<'a> {
    pub(crate) fn new(module: &'a ModulePath) -> Self {
        Self::with_bound(module, Vec::new())
    }

    /// For expressions in which these names are bound.
    pub(crate) fn with_bound(module: &'a ModulePath, bound: Vec<String>) -> Self {
        Self { module, bound, found: Vec::new() }
    }

    pub(crate) fn finish(mut self) -> Vec<Reference> {
        self.found.sort_unstable();
        self.found.dedup();
        self.found
    }

    pub(crate) fn expression(&mut self, expression: &Expression) {
        self.visit_expr(expression);
    }

    fn attribute(&mut self, attribute: Option<&Attribute>) {
        if let Some(value) = attribute.and_then(|attribute| attribute.value.as_ref()) {
            self.visit_expr(value);
        }
    }

    fn body(&mut self, body: &Body, part: Part) {
        let counts = |name: &str| match part {
            Part::Top => !matches!(name, "depends_on" | "provider" | "providers"),
            Part::Lifecycle => name == "replace_triggered_by",
            Part::Nested => true,
        };
        for attribute in body.attributes.iter().filter(|attribute| counts(&attribute.name)) {
            self.attribute(Some(attribute));
        }
        for block in &body.blocks {
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        if !block.is_dynamic() {
            let part = if &*block.kind == "lifecycle" { Part::Lifecycle } else { Part::Nested };
            return self.body(&block.body, part);
        }
        self.attribute(block.body.attribute("for_each"));
        self.attribute(block.body.attribute("labels"));
        self.bound.push(iterator(block));
        for content in block.body.nested("content") {
            self.body(&content.body, Part::Nested);
        }
        self.bound.pop();
    }

    /// Collects from what stands at `path`; where the path ends at nested blocks, from all of them.
    fn at(&mut self, body: &Body, path: &[&str]) {
        let path = without_index(path);
        let Some((name, rest)) = path.split_first() else { return self.body(body, Part::Nested) };
        self.attribute(body.attribute(name));
        for block in body.nested(name) {
            if block.is_dynamic() {
                self.attribute(block.body.attribute("for_each"));
                self.bound.push(iterator(block));
                for content in block.body.nested("content") {
                    self.at(&content.body, rest);
                }
                self.bound.pop();
            } else {
                self.at(&block.body, rest);
            }
        }
    }
}

/// The arguments at `path` of a body, of all blocks where there are several of one name; where the path ends at nested
/// blocks, all their arguments.
pub(crate) fn attributes_at<'a>(body: &'a Body, path: &[&str]) -> Vec<&'a Attribute> {
    let path = without_index(path);
    let Some((name, rest)) = path.split_first() else { return body.attributes.iter().collect() };
    let mut found: Vec<&Attribute> = body.attribute(name).into_iter().collect();
    for block in body.nested(name) {
        if block.is_dynamic() {
            found.extend(block.body.attribute("for_each"));
            found.extend(block.body.nested("content").flat_map(|content| attributes_at(&content.body, rest)));
        } else {
            found.extend(attributes_at(&block.body, rest));
        }
    }
    found
}

fn without_index<'a, 'p>(path: &'a [&'p str]) -> &'a [&'p str] {
    match path {
        [index, rest @ ..] if !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => path,
    }
}

/// The name that a `dynamic` block binds.
pub(crate) fn iterator(block: &Block) -> String {
    let named = block.body.attribute("iterator").and_then(|attribute| static_text(attribute.value.as_ref()?));
    named.unwrap_or_else(|| block.label(0).to_owned())
}

impl Visit for Collector<'_> {
    fn visit_traversal(&mut self, node: &Traversal) {
        match variable_name(&node.expr) {
            Some(root) if self.bound.iter().any(|name| name == root) => {}
            Some(root) => self.found.extend(reference(self.module, root, static_steps(node))),
            None => self.visit_expr(&node.expr),
        }
        for operator in &node.operators {
            if let TraversalOperator::Index(index) = operator.value() {
                self.visit_expr(index);
            }
        }
    }

    fn visit_for_expr(&mut self, node: &ForExpr) {
        self.visit_expr(&node.intro.collection_expr);
        let before = self.bound.len();
        self.bound.extend(node.intro.key_var.iter().map(|name| name.as_str().to_owned()));
        self.bound.push(node.intro.value_var.as_str().to_owned());
        if let Some(key) = &node.key_expr {
            self.visit_expr(key);
        }
        self.visit_expr(&node.value_expr);
        if let Some(condition) = &node.cond {
            self.visit_expr(&condition.expr);
        }
        self.bound.truncate(before);
    }

    fn visit_for_directive(&mut self, node: &ForDirective) {
        self.visit_expr(&node.for_expr.collection_expr);
        let before = self.bound.len();
        self.bound.extend(node.for_expr.key_var.iter().map(|name| name.as_str().to_owned()));
        self.bound.push(node.for_expr.value_var.as_str().to_owned());
        visit::visit_template(self, &node.for_expr.template);
        self.bound.truncate(before);
    }
}

/// The reference that a traversal from `root` is; `None` for one that names nothing.
pub(crate) fn reference(module: &ModulePath, root: &str, steps: Vec<Step>) -> Option<Reference> {
    let mut steps = steps.into_iter().peekable();
    let mut name = || match steps.peek() {
        Some(Step::Attribute(_)) => steps.next().and_then(|step| match step {
            Step::Attribute(name) => Some(name),
            Step::Index(_) => None,
        }),
        _ => None,
    };
    let target = match root {
        "var" => Target::Variable(name()?),
        "local" => Target::Local(name()?),
        "each" => Target::Each(name()?),
        "count" => Target::Count,
        "ephemeral" | "path" | "self" | "terraform" => Target::Other(root.into()),
        "module" => Target::Module { name: name()?, key: None },
        "data" => Target::Resource { mode: Mode::Data, resource_type: name()?, name: name()?, key: None },
        _ => Target::Resource { mode: Mode::Managed, resource_type: root.into(), name: name()?, key: None },
    };
    let mut path: Vec<Step> = steps.collect();
    let key = match path.first() {
        Some(Step::Index(key)) => Some(key.clone()),
        _ => None,
    };
    let target = match (target, key) {
        (Target::Module { name, .. }, Some(key)) => {
            path.remove(0);
            Target::Module { name, key: Some(key) }
        }
        (Target::Resource { mode, resource_type, name, .. }, Some(key)) => {
            path.remove(0);
            Target::Resource { mode, resource_type, name, key: Some(key) }
        }
        (target, _) => target,
    };
    Some(Reference { module: module.clone(), target, path })
}

/// The reference with one more step. A first index of a resource or module call is its instance key.
pub(crate) fn extend(mut reference: Reference, step: Step) -> Reference {
    if let (
        true,
        Step::Index(index),
        Target::Resource { key: key @ None, .. } | Target::Module { key: key @ None, .. },
    ) = (reference.path.is_empty(), &step, &mut reference.target)
    {
        *key = Some(Key::clone(index));
        return reference;
    }
    reference.path.push(step);
    reference
}
