//! Whether an argument's value changes with some content, because a hash or a version of it is part of the value.

use tfduty_terraform::{Address, BlockRef, Call, Key, Mode, ModulePath, Reference, Target, Value, World};

use super::{Seen, holes};
use crate::{estate::Estate, object::ObjectId};

/// Words of names that stand for a hash or a version.
const WORDS: &[&str] = &["checksum", "digest", "etag", "hash", "md5", "sha", "version"];

/// Functions whose result says something of their argument's content, or changes by itself.
const FUNCTIONS: &[&str] = &["plantimestamp", "timestamp", "uuid", "uuidv5"];

/// Files, whose `id` is a hash of what they hold.
const FILES: &[&str] = &["archive_file", "local_file", "local_sensitive_file"];

/// Arguments that make a new object, or an update, when they change.
const TRIGGERS: &[&str] = &["input", "keepers", "triggers", "triggers_replace"];

/// A unit as [`Seen`] has it, but without any object: what is read of one stays a hole that says so.
struct Unread<'a>(Seen<'a>);

impl World for Unread<'_> {
    fn resource(&self, _: &Reference) -> Option<Value> {
        None
    }

    fn variable(&self, name: &str) -> Option<Value> {
        self.0.variable(name)
    }

    fn keys(&self, module: &ModulePath, target: &Target) -> Option<Vec<Key>> {
        self.0.keys(module, target)
    }
}

/// Whether the value of an argument changes with some content: by a hash function, or by what it reads of an object or
/// variable whose name speaks of a hash or version. What cannot be followed may do so, and counts. `None` where the
/// configuration is not at hand.
pub(crate) fn changes_with_content(estate: &Estate, id: ObjectId, name: &str) -> Option<bool> {
    let object = estate.object(id);
    let world = Unread(Seen::of(estate, object.unit));
    let sources = world.0.sources()?;
    let address = &object.address;
    sources.block(address).filter(|block| block.is_readable())?;
    let Some(value) = sources.evaluate(address, &[name], &world) else { return Some(false) };
    let names_version = |reference: &Reference| match &reference.target {
        Target::Variable(name) => speaks_of_hash(name),
        _ => false,
    };
    let holes = holes(&value);
    if holes.iter().flatten().any(|reference| is_content(&world, reference))
        || sources.attribute_references(address, &[name]).iter().any(names_version)
    {
        return Some(true);
    }
    if holes.iter().all(Option::is_some) {
        return Some(false);
    }
    // A function gives the rest. One of them must be seen: else it is somewhere that is not looked at.
    let own = sources.calls(address, &[name], &world);
    let repeated = sources.calls(address, &["for_each"], &world);
    Some(own.is_empty() || own.iter().chain(&repeated).any(|call| hashes(&world, call)))
}

/// Whether a resource that something waits for changes with something: by its own triggers.
pub(crate) fn is_triggered(estate: &Estate, unit: usize, reference: &Reference) -> bool {
    is_trigger(&Unread(Seen::of(estate, unit)), reference)
}

/// Whether a call gives a hash.
fn hashes(world: &Unread<'_>, call: &Call) -> bool {
    let name = call.name.strip_prefix("file").unwrap_or(&call.name);
    FUNCTIONS.contains(&name)
        || name.split("::").any(speaks_of_hash)
        || call.references.iter().any(|reference| is_content(world, reference))
}

/// Whether the words of a name speak of a hash or a version: `content_md5`, `output_base64sha256`, `version_id`.
fn speaks_of_hash(name: &str) -> bool {
    name.split('_').any(|word| {
        let word = word.strip_prefix("base64").unwrap_or(word).to_ascii_lowercase();
        WORDS.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit())) || WORDS.contains(&&*word)
    })
}

/// Whether what a reference names changes with some content.
fn is_content(world: &Unread<'_>, reference: &Reference) -> bool {
    match &reference.target {
        Target::Resource { resource_type, .. } => {
            let attribute = reference.attribute().unwrap_or_default();
            let is_provider = |name: &str| resource_type.starts_with(name);
            speaks_of_hash(attribute)
                || if FILES.contains(&&**resource_type) {
                    attribute == "id"
                } else if is_provider("aws_") || is_provider("awscc_") || &**resource_type == "terraform_remote_state" {
                    false
                } else {
                    // Of resources of other providers only those are known that have triggers.
                    is_trigger(world, reference) || !has_triggers(resource_type)
                }
        }
        // A root variable is given from outside; elsewhere the call was not to be read.
        Target::Variable(_) => !reference.module.0.is_empty(),
        Target::Module { .. } | Target::Local(_) | Target::Each(_) => true,
        Target::Count | Target::Other(_) | Target::Withheld => false,
    }
}

/// Whether a resource type does nothing but change when its triggers do.
fn has_triggers(resource_type: &str) -> bool {
    let is_of = |provider: &str| resource_type.starts_with(provider);
    matches!(resource_type, "terraform_data" | "null_resource") || is_of("random_") || is_of("time_")
}

/// Whether a resource has triggers. What stands in them is not looked at: the content may, by any name.
fn is_trigger(world: &Unread<'_>, reference: &Reference) -> bool {
    let Target::Resource { mode: Mode::Managed, resource_type, name, .. } = &reference.target else { return false };
    let Some(sources) = world.0.sources().filter(|_| has_triggers(resource_type)) else { return false };
    let (module, resource_type, name) = (reference.module.clone(), resource_type.clone(), name.clone());
    let address = Address { module, mode: Mode::Managed, resource_type, name, key: None };
    let changes = |block: BlockRef<'_>| !block.is_readable() || TRIGGERS.iter().any(|name| block.has(name));
    sources.block(&address).is_some_and(changes)
}

#[cfg(test)]
mod tests;
