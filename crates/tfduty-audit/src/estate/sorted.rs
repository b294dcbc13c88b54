//! Items of a plan and instances of a state in the order of their addresses.

use std::{cmp::Ordering, collections::BTreeMap};

use tfduty_terraform::{Address, Change, Instance, ModulePath};

/// An item or an instance, by its place among those of its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Change(usize),
    Instance(usize),
}

/// An entry with what it is sorted by.
struct Keyed<'a> {
    entry: Entry,
    /// The place of its module among all modules: many objects share one, and to compare paths again and again takes longer
    /// than all else that is done to sort.
    module: usize,
    address: &'a Address,
    deposed: Option<&'a str>,
}

impl Keyed<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        fn rest<'k>(keyed: &'k Keyed<'_>) -> impl Ord + use<'k> {
            let Address { mode, resource_type, name, key, .. } = keyed.address;
            (mode, resource_type, name, key, keyed.deposed)
        }
        self.module.cmp(&other.module).then_with(|| rest(self).cmp(&rest(other)))
    }
}

/// All entries in the order of addresses, then deposed keys; of one address and key items before instances, else in the order
/// of the document.
pub(super) fn sorted(changes: &[Change], instances: &[Instance]) -> Vec<Entry> {
    let changes = changes.iter().map(|change| (&change.address, change.deposed.as_deref()));
    let instances = instances.iter().map(|instance| (&instance.address, instance.deposed.as_deref()));
    let entries = changes.enumerate().map(|(place, key)| (Entry::Change(place), key));
    let entries = entries.chain(instances.enumerate().map(|(place, key)| (Entry::Instance(place), key)));
    let mut numbers: BTreeMap<&ModulePath, usize> = BTreeMap::new();
    let mut before: Option<(&ModulePath, usize)> = None;
    let numbered = entries.map(|(entry, (address, deposed))| {
        let number = match before {
            Some((module, number)) if *module == address.module => number,
            _ => {
                let next = numbers.len();
                *numbers.entry(&address.module).or_insert(next)
            }
        };
        before = Some((&address.module, number));
        Keyed { entry, module: number, address, deposed }
    });
    let mut keyed: Vec<Keyed<'_>> = numbered.collect();
    let mut ranks = vec![0; numbers.len()];
    for (rank, number) in numbers.into_values().enumerate() {
        ranks[number] = rank;
    }
    for keyed in &mut keyed {
        keyed.module = ranks[keyed.module];
    }
    keyed.sort_by(Keyed::compare);
    keyed.into_iter().map(|keyed| keyed.entry).collect()
}
