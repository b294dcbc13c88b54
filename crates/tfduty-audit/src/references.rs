//! What an attribute refers to, by the configuration that a plan shows (without locals), or by its sources.

use std::collections::BTreeSet;

use tfduty_terraform::{Configuration, Expression, Key, Mode, ModulePath, Reference, Step, Target};

use crate::{estate::Estate, evaluate, object::ObjectId};

/// References are followed this many steps at most.
const MOST_STEPS: usize = 32;

/// What the references of one attribute lead to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reached {
    /// Objects of the estate, each with the attribute that is read of it where the reference says so; each pair once, in
    /// the order they are met.
    pub(crate) objects: Vec<(ObjectId, Option<Box<str>>)>,
    /// References that could not be followed to an object, as they are written: a local without sources, several
    /// instances without a key.
    pub(crate) stops: Vec<String>,
    /// Where a reference leads to several instances and nothing says which: these.
    pub(crate) candidates: Vec<ObjectId>,
}

impl Reached {
    /// The objects of the given types, each once.
    pub(crate) fn of_types(&self, estate: &Estate, types: &[&str]) -> Vec<ObjectId> {
        let mut found = Vec::new();
        for (id, _) in &self.objects {
            if types.contains(&estate.object(*id).resource_type()) && !found.contains(id) {
                found.push(*id);
            }
        }
        found
    }
}

/// Follows the references of the attribute `name` of an object. `None` where neither configuration nor sources show the
/// attribute.
pub(crate) fn reached(estate: &Estate, id: ObjectId, name: &str) -> Option<Reached> {
    if let Some(reached) = evaluate::reached(estate, id, name) {
        return Some(reached);
    }
    let object = estate.object(id);
    let block = estate.block(object)?;
    let expression = block.expressions.get(name)?;
    let configuration = estate.unit(object).configuration.as_ref()?;
    let mut walk =
        Walk { estate, unit: object.unit, configuration, seen: BTreeSet::new(), reached: Reached::default() };
    let scope = Scope {
        module: object.address.module.clone(),
        each: block.for_each.as_ref(),
        key: object.address.key.clone(),
        siblings: Siblings::Block(estate.instances(
            object.unit,
            &object.address.module,
            object.address.relative_block(),
        )),
    };
    walk.follow(expression, &scope, 0);
    Some(walk.reached)
}

/// The block whose expression is followed: what `each` and `count` mean in it.
struct Scope<'a> {
    module: ModulePath,
    /// `for_each` of the block.
    each: Option<&'a Expression>,
    /// The instance's own key.
    key: Option<Key>,
    /// All instances of the block.
    siblings: Siblings<'a>,
}

/// The instances of a block or of a module call, in the order of their keys.
#[derive(Clone, Copy)]
enum Siblings<'a> {
    Block(&'a [ObjectId]),
    Call(Option<&'a BTreeSet<Option<Key>>>),
}

impl Siblings<'_> {
    fn keys<'k>(&'k self, estate: &'k Estate) -> impl Iterator<Item = Option<&'k Key>> {
        let (block, call) = match self {
            Siblings::Block(instances) => (*instances, None),
            Siblings::Call(keys) => (&[][..], *keys),
        };
        let of_block = block.iter().map(|id| estate.object(*id).address.key.as_ref());
        of_block.chain(call.into_iter().flatten().map(Option::as_ref))
    }

    /// Whether both have the same keys.
    fn match_keys(&self, estate: &Estate, other: &Self) -> bool {
        self.keys(estate).eq(other.keys(estate))
    }
}

struct Walk<'a> {
    estate: &'a Estate,
    unit: usize,
    configuration: &'a Configuration,
    seen: BTreeSet<(ModulePath, String)>,
    reached: Reached,
}

impl<'a> Walk<'a> {
    fn follow(&mut self, expression: &'a Expression, scope: &Scope<'a>, steps: usize) {
        let texts = expression.longest_references();
        let parsed = texts.iter().filter_map(|text| Reference::parse(scope.module.clone(), text).ok());
        self.follow_all(&parsed.collect::<Vec<_>>(), scope, steps);
    }

    fn follow_all(&mut self, parsed: &[Reference], scope: &Scope<'a>, steps: usize) {
        let repeats = parsed.iter().any(|reference| matches!(reference.target, Target::Each(_) | Target::Count));
        for reference in parsed {
            let text = reference.to_string();
            if steps >= MOST_STEPS {
                self.reached.stops.push(text);
                continue;
            }
            match &reference.target {
                Target::Resource { .. } => self.resource(reference, scope, repeats),
                Target::Variable(name) => self.variable(name, scope, steps),
                Target::Module { .. } => self.output(reference, scope, repeats, steps),
                Target::Local(name) => self.local(name, text, scope, steps),
                Target::Each(_) => {
                    if let Some(each) = scope.each.filter(|_| self.seen.insert((scope.module.clone(), text))) {
                        // The elements of `for_each` are not told apart here: one object reached is the one.
                        self.follow(each, scope, steps + 1);
                    }
                }
                Target::Count | Target::Other(_) => {}
            }
        }
    }

    fn resource(&mut self, reference: &Reference, scope: &Scope<'_>, repeats: bool) {
        let Target::Resource { mode, resource_type, name, key } = &reference.target else { return };
        let data = if *mode == Mode::Data { "data." } else { "" };
        let instances = self.estate.instances(self.unit, &scope.module, format!("{data}{resource_type}.{name}"));
        let attribute = reference.attribute().map(Into::into);
        match self.choose(instances, key.as_ref(), scope, repeats) {
            Ok(found) => self.reached.objects.extend(found.map(|id| (id, attribute))),
            Err(candidates) => {
                self.reached.stops.push(reference.to_string());
                self.reached.candidates.extend(candidates);
            }
        }
    }

    /// The instance that a reference means: by its literal key; the only one; or, where the reference goes through `each` or
    /// `count` and both blocks have the same keys, the one with the same key. `Err` holds the candidates.
    fn choose(
        &self,
        instances: &[ObjectId],
        key: Option<&Key>,
        scope: &Scope<'_>,
        repeats: bool,
    ) -> Result<Option<ObjectId>, Vec<ObjectId>> {
        let with_key = |key: Option<&Key>| self.estate.with_key(instances, key);
        let matches = || Siblings::Block(instances).match_keys(self.estate, &scope.siblings);
        match instances {
            _ if key.is_some() => Ok(with_key(key)),
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            _ if repeats && scope.key.is_some() && matches() => Ok(with_key(scope.key.as_ref())),
            _ => Err(instances.to_vec()),
        }
    }

    /// A local shows only in sources: there its references are followed like those of the expression that uses it.
    fn local(&mut self, name: &str, text: String, scope: &Scope<'a>, steps: usize) {
        let Some(sources) = &self.estate.units[self.unit].sources else {
            self.reached.stops.push(text);
            return;
        };
        if self.seen.insert((scope.module.clone(), text)) {
            let references = sources.local_references(&scope.module, name);
            self.follow_all(&references, scope, steps + 1);
        }
    }

    fn variable(&mut self, name: &str, scope: &Scope<'a>, steps: usize) {
        // A variable of the root module is a value, and a default is a constant: neither refers to an object.
        let Some((step, parents)) = scope.module.0.split_last() else { return };
        let parent = ModulePath(parents.to_vec());
        let call = self.configuration.module(&parent).and_then(|module| module.calls.get(&step.name));
        let Some(call) = call.filter(|_| self.seen.insert((scope.module.clone(), format!("var.{name}")))) else {
            return;
        };
        if let Some(argument) = call.expressions.get(name) {
            let siblings = Siblings::Call(self.estate.calls(self.unit, &parent, &step.name));
            let scope = Scope { module: parent, each: call.for_each.as_ref(), key: step.key.clone(), siblings };
            self.follow(argument, &scope, steps + 1);
        }
    }

    fn output(&mut self, reference: &Reference, scope: &Scope<'a>, repeats: bool, steps: usize) {
        let Target::Module { name, key } = &reference.target else { return };
        let text = reference.to_string();
        let called = self.configuration.module(&scope.module).and_then(|module| module.calls.get(&**name));
        let output = match reference.path.first() {
            Some(Step::Attribute(output)) => called.and_then(|call| call.module.outputs.get(output)),
            _ => None,
        };
        let instances = self.estate.calls(self.unit, &scope.module, name);
        let matches = || Siblings::Call(instances).match_keys(self.estate, &scope.siblings);
        let key = match (key, instances.map_or(0, BTreeSet::len)) {
            (Some(key), _) => Some(Some(key.clone())),
            (None, 0) => Some(None),
            (None, 1) => instances.and_then(BTreeSet::first).cloned(),
            _ if repeats && scope.key.is_some() && matches() => Some(scope.key.clone()),
            _ => None,
        };
        let (Some(output), Some(key)) = (output, key) else {
            self.reached.stops.push(text);
            return;
        };
        let module = scope.module.child(name, key);
        if self.seen.insert((module.clone(), text)) {
            let scope = Scope { module, each: None, key: None, siblings: Siblings::Call(None) };
            self.follow(&output.expression, &scope, steps + 1);
        }
    }
}
