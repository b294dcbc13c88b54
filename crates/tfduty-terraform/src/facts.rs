//! Facts: what the audit keeps of a document, to text and back.
//!
//! A facts file stands for documents that lie elsewhere, so that an estate can be read in parts and judged as a whole. Two
//! things are done here: everything sensitive is taken out ([`Unit::withhold`], [`Sources::slim`](crate::Sources::slim)),
//! and what is left is made serializable. Structs are arrays of their members, without names: there are very many of them,
//! and nobody reads facts but the version that wrote them.

mod blank;
mod lexer;
mod sources;
mod value;
mod withhold;

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Visitor},
    ser::SerializeTuple,
};

use crate::{
    address::{Address, Key, Mode},
    configuration::{
        ActionBlock, Configuration, ConfigurationResource, Expression, Module, ModuleCall, Output,
        ProviderConfiguration, Provisioner,
    },
    harmless::Harmless,
    span::Span,
    unit::{Action, ActionCount, Before, Change, Deferred, Identity, Instance, PlanFlags, TypeCount, Unit, UnitKind},
};

pub use sources::{SlimFile, SlimSources};
pub use withhold::Reads;

/// Makes a struct an array of these members, in this order. What comes behind `..` is not written down.
macro_rules! as_array {
    ($($name:ident { $($member:ident),* $(, ..$rest:expr)? })*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut members = serializer.serialize_tuple([$(stringify!($member)),*].len())?;
                $(members.serialize_element(&self.$member)?;)*
                members.end()
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members;
                impl<'de> Visitor<'de> for Members {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("the members of ", stringify!($name)))
                    }
                    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<$name, A::Error> {
                        Ok($name { $($member: next(&mut items)?,)* $(..$rest)? })
                    }
                }
                deserializer.deserialize_tuple([$(stringify!($member)),*].len(), Members)
            }
        }
    )*};
}

fn next<'de, A: SeqAccess<'de>, T: Deserialize<'de>>(items: &mut A) -> Result<T, A::Error> {
    items.next_element()?.ok_or_else(|| A::Error::custom("a member is missing"))
}

as_array! {
    Unit {
        kind, format_version, terraform_version, timestamp, lineage, serial, identity, resources, types, instances,
        dependents, changes, drift, actions, variables, configuration, flags, deferred, harmless, notes,
        withholds
    }
    Identity { document, lineage, serial }
    TypeCount { managed, data }
    Instance { address, deposed, tainted, provider, values, dependencies, skip_destroy, pointer, span }
    Change {
        address, previous_address, deposed, actions, action_reason, before, after, importing, replace_paths, actions_span,
        pointer, span
    }
    ActionCount { delete, forget, no_op, other, planned, prior }
    PlanFlags { errored, applyable, complete }
    Deferred { reason, address, span }
    Harmless { outputs, output_arns, check_results, empty_resources }
    Configuration { providers, root }
    ProviderConfiguration { name, alias, module_address, expressions, span, pointer }
    Module { resources, calls, outputs, variables, actions, ..Module::default() }
    ConfigurationResource {
        mode, resource_type, name, provider_key, expressions, references, count, for_each, depends_on, provisioners, span,
        pointer
    }
    Provisioner { kind, expressions, kind_span, span, pointer }
    ActionBlock { kind, name, expressions, kind_span, span, pointer }
    ModuleCall { source, version, expressions, count, for_each, depends_on, module }
    Output { expression, depends_on }
    Expression { constant, references, blocks }
    Span { start, len }
}

/// Makes the variants of an enum numbers, in this order.
macro_rules! as_number {
    ($($name:ident { $($variant:ident),* })*) => {$(
        impl $name {
            const BY_NUMBER: &[$name] = &[$($name::$variant),*];
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::BY_NUMBER.iter().position(|known| known == self).serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = usize::deserialize(deserializer)?;
                Self::BY_NUMBER.get(number).copied().ok_or_else(|| D::Error::custom("no such variant"))
            }
        }
    )*};
}

as_number! {
    UnitKind { Plan, State, StateJson }
    Action { NoOp, Create, Read, Update, Delete, Forget, Other }
    Mode { Managed, Data }
}

/// The attributes, or nothing where they are those after the change.
impl Serialize for Before {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Before::Same => serializer.serialize_none(),
            Before::Other(before) => serializer.serialize_some(before),
        }
    }
}

impl<'de> Deserialize<'de> for Before {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Before::Same, Before::Other))
    }
}

/// A number or a text.
impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Key::Int(index) => index.serialize(serializer),
            Key::String(text) => text.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an instance key")
            }
            fn visit_i64<E>(self, index: i64) -> Result<Key, E> {
                Ok(Key::Int(index))
            }
            fn visit_u64<E: Error>(self, index: u64) -> Result<Key, E> {
                i64::try_from(index).map(Key::Int).map_err(E::custom)
            }
            fn visit_str<E>(self, text: &str) -> Result<Key, E> {
                Ok(Key::String(text.into()))
            }
        }
        deserializer.deserialize_any(KeyVisitor)
    }
}

/// The text of an address; its parts where that text would be read as another address, because a document names
/// something as Terraform never would.
impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.to_string();
        if text.parse().as_ref() == Ok(self) {
            return serializer.serialize_str(&text);
        }
        let steps: Vec<_> = self.module.0.iter().map(|step| (&step.name, &step.key)).collect();
        (steps, self.mode, &self.resource_type, &self.name, &self.key).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AddressVisitor;
        impl<'de> Visitor<'de> for AddressVisitor {
            type Value = Address;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an address")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Address, E> {
                text.parse().map_err(E::custom)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Address, A::Error> {
                let steps: Vec<(Box<str>, Option<Key>)> = next(&mut items)?;
                let steps = steps.into_iter().map(|(name, key)| crate::address::ModuleStep { name, key });
                Ok(Address {
                    module: crate::address::ModulePath(steps.collect()),
                    mode: next(&mut items)?,
                    resource_type: next(&mut items)?,
                    name: next(&mut items)?,
                    key: next(&mut items)?,
                })
            }
        }
        deserializer.deserialize_any(AddressVisitor)
    }
}

#[cfg(test)]
mod tests;
