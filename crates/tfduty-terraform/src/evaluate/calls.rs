//! Which functions an argument's expression calls.

use std::collections::BTreeSet;

use hcl_edit::{
    Span as _,
    expr::{ForExpr, FuncCall, Traversal},
    template::ForDirective,
    visit::{self, Visit},
};

use super::{Evaluator, Frame, Scope, World};
use crate::{
    address::{Address, ModulePath},
    reference::{Reference, Target},
    sources::{
        Sources,
        block::{Attribute, Origin, Place, static_steps, variable_name},
        references::{self, Collector},
    },
    span::{Span, TextId},
    value::Value,
};

/// Calls that are told of one argument.
const MOST_CALLS: usize = 256;

/// One function call in the expression of an argument, or in what that expression leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The name of the function: `filemd5`; with its namespace `provider::aws::arn_parse`.
    pub name: String,
    /// Its arguments as far as they are known. Inside a `for` expression, what depends on its names is a hole.
    pub arguments: Vec<Value>,
    /// What the arguments refer to: locals as they are written *and* what they stand for, sorted.
    pub references: Vec<Reference>,
    /// The file.
    pub text: TextId,
    /// The call, its arguments included.
    pub span: Span,
}

impl Sources {
    /// Every function call in the argument at `path` of an object's block (without an index; see
    /// [`Sources::attribute_references`]), in locals that it leads to, and in the arguments of module calls where it
    /// leads to `var.x` of a called module. Each expression is looked at once.
    ///
    /// This is how to see a hash: `key = "list-${filemd5("list.txt")}"` evaluates to a string with a hole, and this
    /// tells that a file's hash fills it, and of which file.
    pub fn calls(&self, address: &Address, path: &[&str], world: &dyn World) -> Vec<Call> {
        let evaluator = Evaluator::new(self, world);
        let mut finder = Finder { sources: self, evaluator, done: BTreeSet::new(), calls: Vec::new() };
        let Some(block) = self.resource(address) else { return Vec::new() };
        let frame = Frame::of_block(address.module.clone(), block, address.key.clone());
        for attribute in references::attributes_at(&block.body, path) {
            finder.attribute(&frame, attribute);
        }
        finder.calls
    }
}

struct Finder<'s> {
    sources: &'s Sources,
    evaluator: Evaluator<'s>,
    done: BTreeSet<(ModulePath, Target)>,
    calls: Vec<Call>,
}

impl Finder<'_> {
    /// Looks at an argument, and then at what it names.
    fn attribute(&mut self, frame: &Frame<'_>, attribute: &Attribute) {
        let mut open = self.expression(frame, attribute);
        // Names are followed in a loop and not by recursion: a chain of locals may be long.
        while let Some(reference) = open.pop() {
            if !self.done.insert((reference.module.clone(), reference.target.clone())) {
                continue;
            }
            let module = &reference.module;
            match &reference.target {
                Target::Local(name) => {
                    let local = self.sources.module(module).and_then(|source| source.locals.get(name));
                    if let Some(local) = local {
                        open.extend(self.expression(&Frame::of_module(module.clone()), local));
                    }
                }
                Target::Variable(name) => {
                    let call = self.sources.module_call(module).map(|call| call.block);
                    let argument = call.and_then(|call| Some((call, call.body.attribute(name)?, module.parent()?)));
                    if let Some((call, argument, parent)) = argument {
                        let key = module.0.last().and_then(|step| step.key.clone());
                        open.extend(self.expression(&Frame::of_block(parent, call, key), argument));
                    }
                }
                _ => {}
            }
        }
    }

    /// The calls in one expression, and the locals and variables that it names.
    fn expression(&mut self, frame: &Frame<'_>, attribute: &Attribute) -> Vec<Reference> {
        let Some(value) = &attribute.value else { return Vec::new() };
        let mut visitor =
            Visitor { finder: self, frame, origin: attribute.origin, bound: Vec::new(), named: Vec::new() };
        visitor.visit_expr(value);
        visitor.named
    }
}

struct Visitor<'v, 's> {
    finder: &'v mut Finder<'s>,
    frame: &'v Frame<'v>,
    origin: Origin,
    /// The names that `for` expressions bind at this point, each a hole.
    bound: Vec<(Box<str>, Value)>,
    named: Vec<Reference>,
}

impl Visitor<'_, '_> {
    fn call(&mut self, node: &FuncCall) -> Call {
        let frame = Frame { names: &self.bound, ..self.frame.clone() };
        let scope = Scope { frame: &frame, origin: self.origin, bound: None };
        let bound = self.bound.iter().map(|(name, _)| name.to_string()).collect();
        let mut collector = Collector::with_bound(&frame.module, bound);
        let evaluator = &mut self.finder.evaluator;
        let mut arguments = Vec::with_capacity(node.args.len());
        for argument in &node.args {
            collector.expression(argument);
            let at = scope.at(argument);
            arguments.push(evaluator.settled(at, |this| this.expression(&scope, argument)));
        }
        let mut references = collector.finish();
        references.extend(self.finder.sources.without_locals(references.clone()));
        references.sort_unstable();
        references.dedup();
        let namespace = node.name.namespace.iter().map(|part| part.as_str());
        let name = namespace.chain([node.name.name.as_str()]).collect::<Vec<_>>().join("::");
        let place = self.origin.place(node.span());
        Call { name, arguments, references, text: place.text, span: place.span }
    }

    /// Visits what a loop repeats, with the names that it binds.
    fn within(&mut self, key: Option<&str>, value: &str, visit: impl FnOnce(&mut Self)) {
        let before = self.bound.len();
        for name in key.into_iter().chain([value]) {
            self.bound.push((name.into(), Place::default().hole(None)));
        }
        visit(self);
        self.bound.truncate(before);
    }
}

impl Visit for Visitor<'_, '_> {
    fn visit_func_call(&mut self, node: &FuncCall) {
        if self.finder.calls.len() < MOST_CALLS {
            let call = self.call(node);
            self.finder.calls.push(call);
        }
        visit::visit_func_call(self, node);
    }

    fn visit_traversal(&mut self, node: &Traversal) {
        if let Some(root @ ("local" | "var")) = variable_name(&node.expr) {
            let mut steps = static_steps(node);
            steps.truncate(1);
            self.named.extend(references::reference(&self.frame.module, root, steps));
        }
        visit::visit_traversal(self, node);
    }

    fn visit_for_expr(&mut self, node: &ForExpr) {
        self.visit_expr(&node.intro.collection_expr);
        let key = node.intro.key_var.as_ref().map(|name| name.as_str());
        self.within(key, node.intro.value_var.as_str(), |this| {
            node.key_expr.iter().for_each(|key| this.visit_expr(key));
            this.visit_expr(&node.value_expr);
            node.cond.iter().for_each(|condition| this.visit_expr(&condition.expr));
        });
    }

    fn visit_for_directive(&mut self, node: &ForDirective) {
        let intro = &node.for_expr;
        self.visit_expr(&intro.collection_expr);
        let key = intro.key_var.as_ref().map(|name| name.as_str());
        self.within(key, intro.value_var.as_str(), |this| visit::visit_template(this, &intro.template));
    }
}
