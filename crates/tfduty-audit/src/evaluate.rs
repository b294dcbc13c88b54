//! What the sources of a unit say of values that its document does not know yet.

mod hashes;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use tfduty_aws::location;
use tfduty_terraform::{
    Address, BlockRef, Key, Kind, Mode, ModulePath, Part, ProviderConfiguration, Reference, Sources, Target, TextId,
    Value, World,
};

use crate::{
    dependencies::Block,
    estate::{Estate, JudgedUnit},
    graph::BUCKET,
    object::{Object, ObjectId},
    policies,
    references::Reached,
};

pub(crate) use hashes::{changes_with_content, is_triggered};

/// An attribute may lead to another object's attribute, and that to a third: this many times.
const DEEPEST: usize = 16;

/// Attributes of other objects that are evaluated for one question.
const MOST_ATTRIBUTES: usize = 256;

/// Parts of a bucket whose `id` is the bucket's name. Modules put it out in the place of the bucket's own, so that whoever
/// uses the bucket waits for its policy.
const NAMED_AS_THEIR_BUCKET: [&str; 4] = [
    "aws_s3_bucket_notification",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
];

/// A text that is known in parts: holes stand in it as private-use characters, the n-th hole as U+E000 + n.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    pub(crate) text: String,
    pub(crate) holes: Vec<Hole>,
    /// Whether a part of it is marked sensitive.
    pub(crate) is_sensitive: bool,
}

/// What fills a hole of a [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hole {
    /// The object whose attribute fills it, where it is one of the estate.
    pub(crate) object: Option<ObjectId>,
    /// The attribute.
    pub(crate) attribute: Option<Box<str>>,
    /// What fills it, where that is one attribute.
    pub(crate) reference: Option<Box<Reference>>,
}

/// An attribute of an object.
type Named = (ObjectId, Box<str>);

/// A unit as expressions see it, for one question.
struct Seen<'a> {
    estate: &'a Estate,
    unit: usize,
    depth: Cell<usize>,
    /// What the configuration says of attributes, each evaluated once. `None` while it is worked out, so that what leads
    /// back to itself is a hole.
    configured: RefCell<BTreeMap<Named, Option<Value>>>,
}

impl<'a> Seen<'a> {
    fn of(estate: &'a Estate, unit: usize) -> Self {
        Self { estate, unit, depth: Cell::new(0), configured: RefCell::default() }
    }

    fn sources(&self) -> Option<&'a Sources> {
        self.estate.units[self.unit].sources.as_ref()
    }

    /// The sources, where they may be asked for an attribute: of what facts leave out they know no more than the facts.
    fn sources_of(&self, object: &Object, path: &[&str]) -> Option<&'a Sources> {
        self.sources().filter(|_| !object.attribute(path).is_withheld())
    }

    /// The instance that a reference means: by its key, or the only one.
    fn instance(&self, reference: &Reference) -> Option<ObjectId> {
        let Target::Resource { mode, resource_type, name, key } = &reference.target else { return None };
        let data = if *mode == Mode::Data { "data." } else { "" };
        let instances = self.estate.instances(self.unit, &reference.module, &format!("{data}{resource_type}.{name}"));
        match (key, instances) {
            (Some(_), _) => self.estate.with_key(instances, key.as_ref()),
            (None, [only]) => Some(*only),
            _ => None,
        }
    }

    /// What the configuration says of an attribute that is known only after apply.
    fn configured(&self, id: ObjectId, name: &str) -> Option<Value> {
        let key = (id, Box::from(name));
        if let Some(value) = self.configured.borrow().get(&key) {
            return value.clone();
        }
        let depth = self.depth.get();
        if depth >= DEEPEST || self.configured.borrow().len() >= MOST_ATTRIBUTES {
            return None;
        }
        self.configured.borrow_mut().insert(key.clone(), None);
        self.depth.set(depth + 1);
        let address = &self.estate.object(id).address;
        let value = self.sources().and_then(|sources| sources.evaluate(address, &[name], self));
        self.depth.set(depth);
        let value = value.filter(|value| !matches!(value.kind, Kind::Unknown(None)));
        self.configured.borrow_mut().insert(key, value.clone());
        value
    }
}

impl World for Seen<'_> {
    fn resource(&self, reference: &Reference) -> Option<Value> {
        let id = self.instance(reference)?;
        let name = reference.attribute()?;
        let object = self.estate.object(id);
        let value = object.values.get(name)?;
        if !value.is_unknown() || value.is_withheld() {
            return Some(value.clone());
        }
        let is_bucket_name = name == "id" && NAMED_AS_THEIR_BUCKET.contains(&object.resource_type());
        let mut configured = self.configured(id, if is_bucket_name { "bucket" } else { name })?;
        configured.sensitive |= value.sensitive;
        Some(configured)
    }

    fn variable(&self, name: &str) -> Option<Value> {
        self.estate.units[self.unit].variables.get(name).cloned()
    }

    fn keys(&self, module: &ModulePath, target: &Target) -> Option<Vec<Key>> {
        let keys: Vec<Option<Key>> = match target {
            Target::Resource { mode, resource_type, name, .. } => {
                let data = if *mode == Mode::Data { "data." } else { "" };
                let instances = self.estate.instances(self.unit, module, &format!("{data}{resource_type}.{name}"));
                instances.iter().map(|id| self.estate.object(*id).address.key.clone()).collect()
            }
            Target::Module { name, .. } => {
                self.estate.calls(self.unit, module, name).into_iter().flat_map(|call| &call.of).cloned().collect()
            }
            _ => return None,
        };
        // No instance may also mean that the type is not decoded, or that a targeted plan leaves it out.
        if keys.is_empty() { None } else { keys.into_iter().collect() }
    }

    fn is_never_empty(&self, reference: &Reference) -> bool {
        policies::is_document_text(reference)
    }
}

/// An argument of a provider configuration, evaluated.
pub(crate) fn provider_argument(
    estate: &Estate,
    unit: usize,
    (module, provider): (&ModulePath, &ProviderConfiguration),
    path: &[&str],
) -> Option<Value> {
    let seen = Seen::of(estate, unit);
    let alias = provider.alias.as_deref();
    seen.sources()?.evaluate_provider(module, &provider.name, alias, path, &seen)
}

/// What the attribute at `path` refers to, by its evaluated expression. `None` where there are no sources, or where a part
/// of the value comes from something that is no attribute of an object.
pub(crate) fn reached(estate: &Estate, id: ObjectId, path: &[&str]) -> Option<Reached> {
    let object = estate.object(id);
    let seen = Seen::of(estate, object.unit);
    let value = seen.sources_of(object, path)?.evaluate(&object.address, path, &seen)?;
    if !matches!(value.kind, Kind::Unknown(_) | Kind::Template(_)) {
        return None;
    }
    let mut reached = Reached::default();
    for reference in holes(&value) {
        let reference = reference?;
        reached.objects.push((seen.instance(reference)?, reference.attribute().map(Into::into)));
    }
    Some(reached)
}

/// The holes of a text, each with what fills it where that is one attribute.
fn holes(value: &Value) -> Vec<Option<&Reference>> {
    match &value.kind {
        Kind::Unknown(reference) => vec![reference.as_deref()],
        Kind::Template(parts) => parts
            .iter()
            .filter_map(|part| match part {
                Part::Hole(reference) => Some(reference.as_deref()),
                Part::Literal(_) => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What the configuration says of the attribute at `path`, with holes where something is not known. `None` where there are
/// no sources, or where they do not write it.
pub(crate) fn value(estate: &Estate, id: ObjectId, path: &[&str]) -> Option<Value> {
    let object = estate.object(id);
    let seen = Seen::of(estate, object.unit);
    seen.sources_of(object, path)?.evaluate(&object.address, path, &seen)
}

/// Works out, one by one, what the configurations say of the attributes that their documents do not tell in full. Behind each
/// comes a call of `told`, with the input and whether something sensitive is in the value: who reads files for the
/// configurations learns which of them rules may ask for, and which hold what is not to be kept.
pub fn ask_configurations(estate: &Estate, told: &mut dyn FnMut(usize, bool)) {
    for (id, object) in estate.objects().filter(|(_, object)| estate.unit(object).sources.is_some()) {
        let is_open = |value: &Value| !value.is_wholly_known() && !value.is_withheld();
        for (name, known) in object.values.members().iter().filter(|(_, value)| is_open(value)) {
            let value = value(estate, id, &[name]);
            let is_sensitive = known.holds_sensitive() || value.is_some_and(|value| value.holds_sensitive());
            told(estate.input(object), is_sensitive);
        }
    }
}

/// Whether the configuration says that an attribute is `null`. False where there are no sources.
pub(crate) fn is_null(estate: &Estate, object: &Object, name: &str) -> bool {
    let seen = Seen::of(estate, object.unit);
    let value = seen.sources().and_then(|sources| sources.evaluate(&object.address, &[name], &seen));
    value.is_some_and(|value| value.is_null())
}

/// Whether the sources have an argument or blocks of this name, unless they come to `null` or to none. False where there are
/// no sources.
pub(crate) fn makes(estate: &Estate, object: &Object, name: &str) -> bool {
    let seen = Seen::of(estate, object.unit);
    let value = seen.sources().and_then(|sources| sources.evaluate(&object.address, &[name], &seen));
    value.is_some_and(|value| !value.is_null() && value.kind != Kind::List(Vec::new()))
}

/// As [`value`], for an argument of an action of a unit.
pub(crate) fn of_action(
    estate: &Estate,
    unit: usize,
    (module, action): (&ModulePath, BlockRef<'_>),
    argument: &str,
) -> Option<Value> {
    of_block(estate, unit, (module, action), &["config", argument])
}

/// As [`value`], for a block of a unit of which no instance is meant.
pub(crate) fn of_block(
    estate: &Estate,
    unit: usize,
    (module, block): (&ModulePath, BlockRef<'_>),
    path: &[&str],
) -> Option<Value> {
    let seen = Seen::of(estate, unit);
    seen.sources()?.evaluate_action(module, block, path, &seen)
}

/// As [`value`], for an attribute that holds a JSON text: the document in it, see [`Sources::evaluate_json`].
pub(crate) fn document(estate: &Estate, id: ObjectId, path: &[&str]) -> Option<Value> {
    let object = estate.object(id);
    let seen = Seen::of(estate, object.unit);
    seen.sources_of(object, path)?.evaluate_json(&object.address, path, &seen)
}

/// The instance that a reference of the configuration of a unit means: by its key, or the only one.
pub(crate) fn object_of(estate: &Estate, unit: usize, reference: &Reference) -> Option<ObjectId> {
    Seen::of(estate, unit).instance(reference)
}

/// The text of an attribute, with holes where it is not known. `None` where there are no sources.
pub(crate) fn pattern(estate: &Estate, id: ObjectId, name: &str) -> Option<Pattern> {
    let object = estate.object(id);
    let seen = Seen::of(estate, object.unit);
    let value = seen.sources_of(object, &[name])?.evaluate(&object.address, &[name], &seen)?;
    let mut pattern = Pattern { text: String::new(), holes: Vec::new(), is_sensitive: value.sensitive };
    match &value.kind {
        Kind::String(text) => pattern.push_text(text),
        Kind::Unknown(reference) => pattern.push_hole(&seen, reference.as_deref())?,
        Kind::Template(parts) => {
            for part in parts {
                match part {
                    Part::Literal(text) => pattern.push_text(text),
                    Part::Hole(reference) => pattern.push_hole(&seen, reference.as_deref())?,
                }
            }
        }
        _ => return None,
    }
    Some(pattern)
}

impl Pattern {
    /// A part of the text, as a text of its own.
    pub(crate) fn part(&self, text: &str) -> Option<Pattern> {
        let mut part = Pattern { text: String::new(), holes: Vec::new(), is_sensitive: self.is_sensitive };
        for c in text.chars() {
            if location::is_placeholder(c) {
                let hole = self.holes.get((c as usize).checked_sub(0xE000)?)?.clone();
                part.text.push(char::from_u32(0xE000 + u32::try_from(part.holes.len()).ok()?)?);
                part.holes.push(hole);
            } else {
                part.text.push(c);
            }
        }
        Some(part)
    }

    /// Takes known text in. A private-use character of its own must not pass for a hole.
    fn push_text(&mut self, text: &str) {
        self.text
            .extend(text.chars().map(|c| if location::is_placeholder(c) { char::REPLACEMENT_CHARACTER } else { c }));
    }

    /// Takes a hole in. Attributes that are made of a bucket's name become text around a hole for the name. `None` where
    /// there are more holes than characters for them.
    fn push_hole(&mut self, seen: &Seen<'_>, reference: Option<&Reference>) -> Option<()> {
        let object = reference.and_then(|reference| seen.instance(reference));
        let attribute = reference.and_then(Reference::attribute);
        let is_bucket = object.is_some_and(|id| seen.estate.object(id).resource_type() == BUCKET);
        let (before, after) = match attribute {
            Some("arn") if is_bucket => ("arn:aws:s3:::", String::new()),
            Some("bucket_domain_name") if is_bucket => ("", ".s3.amazonaws.com".into()),
            Some("bucket_regional_domain_name") if is_bucket => {
                let region = object.and_then(|id| seen.estate.object(id).region.clone());
                (
                    "",
                    region
                        .map_or_else(|| ".s3.amazonaws.com".into(), |region| format!(".s3.{}.amazonaws.com", &*region)),
                )
            }
            _ => ("", String::new()),
        };
        self.text.push_str(before);
        let place = u32::try_from(self.holes.len()).ok().filter(|place| *place < 0x1900)?;
        self.text.push(char::from_u32(0xE000 + place)?);
        self.text.push_str(&after);
        let reference = reference.cloned().map(Box::new);
        self.holes.push(Hole { object, attribute: attribute.map(Into::into), reference });
        Some(())
    }
}

/// The text of a block, where the unit's sources are at hand.
pub(crate) fn block_text(unit: &JudgedUnit, block: &Block) -> Option<String> {
    let sources = unit.sources.as_ref()?;
    let address = Address {
        module: block.module.clone(),
        mode: Mode::Managed,
        resource_type: block.resource_type.clone(),
        name: block.name.clone(),
        key: None,
    };
    let found = sources.block(&address)?;
    let TextId::Source(file) = found.text() else { return None };
    found.span().of(&sources.files.get(usize::from(file))?.text).map(str::to_owned)
}
