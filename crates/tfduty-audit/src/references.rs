//! What an attribute refers to, by the configuration that a plan shows (without locals), or by its sources.

use std::{collections::BTreeSet, sync::Arc};

use tfduty_terraform::{Configuration, Expression, Key, Mode, ModulePath, Reference, Step, Target};

use crate::{
    candidates::Candidates,
    estate::Estate,
    evaluate,
    index::{Calls, Instances, Keys},
    object::ObjectId,
};

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
    pub(crate) candidates: Candidates,
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
    reached_at(estate, id, &[name])
}

/// As [`reached`], for an attribute of nested blocks: of each name on the way there must be one.
pub(crate) fn reached_at(estate: &Estate, id: ObjectId, path: &[&str]) -> Option<Reached> {
    if let Some(reached) = evaluate::reached(estate, id, path) {
        return Some(reached);
    }
    let object = estate.object(id);
    let block = estate.block(object)?;
    let (name, blocks) = path.split_last()?;
    let holder = blocks.iter().try_fold(&block.expressions, |holder, step| match &holder.get(*step)?.blocks[..] {
        [only] => Some(only),
        _ => None,
    })?;
    let expression = holder.get(*name)?;
    let configuration = estate.unit(object).configuration.as_ref()?;
    let mut walk =
        Walk { estate, unit: object.unit, configuration, seen: BTreeSet::new(), reached: Reached::default() };
    let instances = estate.instances_with_keys(object.unit, &object.address.module, object.address.relative_block());
    let scope = Scope {
        module: object.address.module.clone(),
        each: block.for_each.as_ref(),
        own: Repetition { key: object.address.key.clone(), keys: keys(instances) },
        through: Vec::new(),
    };
    walk.follow(expression, &scope, 0);
    Some(walk.reached)
}

/// What the outputs of the root module of a unit refer to, as far as its configuration shows.
pub(crate) fn reached_by_outputs(estate: &Estate, unit: usize) -> Reached {
    let Some(configuration) = estate.units.get(unit).and_then(|unit| unit.configuration.as_ref()) else {
        return Reached::default();
    };
    let mut walk = Walk { estate, unit, configuration, seen: BTreeSet::new(), reached: Reached::default() };
    let scope = Scope { module: ModulePath::default(), each: None, own: Repetition::default(), through: Vec::new() };
    for output in configuration.root.outputs.values() {
        walk.follow(&output.expression, &scope, 0);
    }
    walk.reached
}

fn keys(instances: Option<&Instances>) -> Keys {
    instances.map(|instances| instances.keys).unwrap_or_default()
}

/// The block whose expression is followed: what `each` and `count` mean in it.
#[derive(Clone)]
struct Scope<'a> {
    module: ModulePath,
    /// `for_each` of the block.
    each: Option<&'a Expression>,
    /// The instance and its siblings.
    own: Repetition,
    /// The repetitions whose `each` or `count` the way here went through.
    through: Vec<Repetition>,
}

/// One instance of a repeated block.
#[derive(Clone, Default)]
struct Repetition {
    /// Its key.
    key: Option<Key>,
    /// The keys of all instances of the block.
    keys: Keys,
}

impl Scope<'_> {
    /// The key that the way here says for a block with these instances: that of a repetition of the same keys.
    fn key_among(&self, keys: Keys) -> Option<&Key> {
        let mut said = self.through.iter().filter(|repetition| repetition.keys == keys);
        let key = said.next()?.key.as_ref()?;
        said.all(|repetition| repetition.key.as_ref() == Some(key)).then_some(key)
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
        let mut scope = scope.clone();
        scope.through.extend(repeats.then(|| scope.own.clone()));
        for reference in parsed {
            let text = reference.to_string();
            if steps >= MOST_STEPS {
                self.reached.stops.push(text);
                continue;
            }
            match &reference.target {
                Target::Resource { .. } => self.resource(reference, &scope),
                Target::Variable(name) => self.variable(name, &scope, steps),
                Target::Module { .. } => self.output(reference, &scope, steps),
                Target::Local(name) => self.local(name, text, &scope, steps),
                Target::Each(_) => {
                    if let Some(each) = scope.each.filter(|_| self.seen.insert((scope.module.clone(), text))) {
                        // The elements of `for_each` are not told apart here: one object reached is the one.
                        self.follow(each, &scope, steps + 1);
                    }
                }
                Target::Count | Target::Other(_) | Target::Withheld => {}
            }
        }
    }

    fn resource(&mut self, reference: &Reference, scope: &Scope<'_>) {
        let Target::Resource { mode, resource_type, name, key } = &reference.target else { return };
        let data = if *mode == Mode::Data { "data." } else { "" };
        let block = format!("{data}{resource_type}.{name}");
        let instances = self.estate.instances_with_keys(self.unit, &scope.module, block);
        let attribute = reference.attribute().map(Into::into);
        match self.choose(instances, key.as_ref(), scope) {
            Ok(found) => self.reached.objects.extend(found.map(|id| (id, attribute))),
            Err(candidates) => {
                self.reached.stops.push(reference.to_string());
                self.reached.candidates.add(candidates);
            }
        }
    }

    /// The instance that a reference means: by its literal key; the only one; or, where the reference goes through `each` or
    /// `count` and both blocks have the same keys, the one with the same key. `Err` holds the candidates.
    fn choose(
        &self,
        instances: Option<&Instances>,
        key: Option<&Key>,
        scope: &Scope<'_>,
    ) -> Result<Option<ObjectId>, Arc<[ObjectId]>> {
        let Some(Instances { ids, keys }) = instances else { return Ok(None) };
        match &ids[..] {
            _ if key.is_some() => Ok(self.estate.with_key(ids, key)),
            [only] => Ok(Some(*only)),
            _ => match scope.key_among(*keys) {
                Some(key) => Ok(self.estate.with_key(ids, Some(key))),
                None => Err(Arc::clone(ids)),
            },
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

    fn variable(&mut self, name: &str, scope: &Scope<'_>, steps: usize) {
        // A variable of the root module is a value, and a default is a constant: neither refers to an object.
        let Some((step, parents)) = scope.module.0.split_last() else { return };
        let parent = ModulePath(parents.to_vec());
        let call = self.configuration.module(&parent).and_then(|module| module.calls.get(&step.name));
        let Some(call) = call.filter(|_| self.seen.insert((scope.module.clone(), format!("var.{name}")))) else {
            return;
        };
        if let Some(argument) = call.expressions.get(name) {
            let keys = self.estate.calls(self.unit, &parent, &step.name).map(|call| call.keys).unwrap_or_default();
            let own = Repetition { key: step.key.clone(), keys };
            let through = scope.through.clone();
            let scope = Scope { module: parent, each: call.for_each.as_ref(), own, through };
            self.follow(argument, &scope, steps + 1);
        }
    }

    fn output(&mut self, reference: &Reference, scope: &Scope<'a>, steps: usize) {
        let Target::Module { name, key } = &reference.target else { return };
        let text = reference.to_string();
        let called = self.configuration.module(&scope.module).and_then(|module| module.calls.get(&**name));
        let output = match reference.path.first() {
            Some(Step::Attribute(output)) => called.and_then(|call| call.module.outputs.get(output)),
            _ => None,
        };
        let instances = self.estate.calls(self.unit, &scope.module, name);
        let key = match (key, instances) {
            (Some(key), _) => Some(Some(key.clone())),
            (None, None) => Some(None),
            (None, Some(Calls { of, .. })) if of.len() == 1 => of.first().cloned(),
            (None, Some(Calls { keys, .. })) => scope.key_among(*keys).map(|key| Some(key.clone())),
        };
        let (Some(output), Some(key)) = (output, key) else {
            self.reached.stops.push(text);
            return;
        };
        let module = scope.module.child(name, key);
        if self.seen.insert((module.clone(), text)) {
            let through = scope.through.clone();
            let scope = Scope { module, each: None, own: Repetition::default(), through };
            self.follow(&output.expression, &scope, steps + 1);
        }
    }
}
