//! Ways to find objects of an estate without looking at all of them.

use std::collections::{BTreeMap, BTreeSet};

use tfduty_terraform::{Address, Key, ModulePath};

use crate::{
    detectors::DETECTOR,
    estate::JudgedUnit,
    graph::BUCKET,
    object::{Object, ObjectId},
};

/// Lists of objects, each in the order of the estate.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) by_type: BTreeMap<Box<str>, Vec<ObjectId>>,
    /// Current instances by unit and block, the module's instance keys included.
    pub(crate) by_block: BTreeMap<(usize, ModulePath, String), Vec<ObjectId>>,
    /// Objects by unit and configuration address, without any instance key.
    pub(crate) by_configuration: BTreeMap<(usize, String), Vec<ObjectId>>,
    /// Instance keys of module calls by unit, calling module and name, as far as objects show them.
    pub(crate) calls: BTreeMap<(usize, ModulePath, Box<str>), BTreeSet<Option<Key>>>,
    /// Detectors, managed and read, by id.
    pub(crate) detectors: BTreeMap<Box<str>, Vec<ObjectId>>,
    /// Buckets, managed and read, by name.
    pub(crate) buckets: BTreeMap<Box<str>, Vec<ObjectId>>,
    /// For each unit its drift by address, and for one address in the order of the document.
    pub(crate) drift: Vec<Vec<usize>>,
    /// Units whose objects show dependencies.
    pub(crate) with_dependencies: BTreeSet<usize>,
}

impl Index {
    pub(crate) fn of(units: &[JudgedUnit], objects: &[Object]) -> Self {
        let mut index = Index::default();
        for (id, object) in objects.iter().enumerate().map(|(id, object)| (ObjectId(id), object)) {
            index.add(id, object);
        }
        index.drift = units
            .iter()
            .map(|unit| {
                let mut items: Vec<usize> = (0..unit.drift.len()).collect();
                items.sort_by_key(|item| &unit.drift[*item].address);
                items
            })
            .collect();
        index
    }

    fn add(&mut self, id: ObjectId, object: &Object) {
        let Address { module, resource_type, .. } = &object.address;
        self.by_type.entry(resource_type.clone()).or_default().push(id);
        if !object.dependencies.is_empty() {
            self.with_dependencies.insert(object.unit);
        }
        if object.deposed.is_none() {
            let block = (object.unit, module.clone(), object.address.relative_block());
            self.by_block.entry(block).or_default().push(id);
        }
        self.by_configuration.entry((object.unit, object.address.configuration_address())).or_default().push(id);
        for (depth, step) in module.0.iter().enumerate() {
            let caller = ModulePath(module.0[..depth].to_vec());
            self.calls.entry((object.unit, caller, step.name.clone())).or_default().insert(step.key.clone());
        }
        let (by_name, names) = match &**resource_type {
            DETECTOR => (&mut self.detectors, &["id"][..]),
            BUCKET => (&mut self.buckets, &["bucket", "id"][..]),
            _ => return,
        };
        let names: BTreeSet<&str> = names.iter().filter_map(|name| object.attribute(&[name]).str()).collect();
        for name in names {
            by_name.entry(name.into()).or_default().push(id);
        }
    }
}
