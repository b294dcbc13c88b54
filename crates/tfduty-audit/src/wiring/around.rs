//! The part of the wiring that has to do with one resource.

use std::collections::{BTreeMap, BTreeSet};

use super::{NodeKind, Wiring, WiringLink};
use crate::suggest;

impl Wiring {
    /// What leads to a resource, and what it leads to, step by step: an address names an object, with its keys or, for all
    /// instances of a block, without; or what makes a link. An address that nothing has gives the nearest one, if any is near.
    pub fn around(&self, address: &str) -> Result<Wiring, Option<String>> {
        let wanted = without_keys(address);
        let is_it = |name: &str| name == address || (wanted == address && without_keys(name) == wanted);
        let objects = self.nodes.iter().enumerate().filter(|(_, node)| node.kind == NodeKind::Object);
        let mut start: BTreeSet<usize> =
            objects.filter(|(_, node)| is_it(&node.name)).map(|(place, _)| place).collect();
        let makes = |by: &Option<String>| by.as_deref().is_some_and(&is_it);
        let made: Vec<usize> = (0..self.links.len()).filter(|link| makes(&self.links[*link].by)).collect();
        let mut before = start.clone();
        before.extend(made.iter().map(|link| self.links[*link].from));
        start.extend(made.iter().map(|link| self.links[*link].to));
        if before.is_empty() {
            let objects = self.nodes.iter().filter(|node| node.kind == NodeKind::Object).map(|node| node.name.as_str());
            let known = objects.chain(self.links.iter().filter_map(|link| link.by.as_deref()));
            return Err(suggest::nearest(address, known).map(str::to_owned));
        }
        let (mut before, mut behind) = (before, start);
        let mut links: BTreeSet<usize> = made.into_iter().collect();
        links.extend(self.spread(&mut before, |link| (self.links[link].to, self.links[link].from)));
        links.extend(self.spread(&mut behind, |link| (self.links[link].from, self.links[link].to)));
        let kept: BTreeSet<usize> = before.union(&behind).copied().collect();
        Ok(self.only(&kept, &links))
    }

    /// Follows links from nodes to nodes, by their near and far ends; the links that were followed.
    fn spread(&self, reached: &mut BTreeSet<usize>, ends: impl Fn(usize) -> (usize, usize)) -> BTreeSet<usize> {
        let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for link in 0..self.links.len() {
            leaving[ends(link).0].push(link);
        }
        let mut open: Vec<usize> = reached.iter().copied().collect();
        let mut followed = BTreeSet::new();
        while let Some(node) = open.pop() {
            for link in &leaving[node] {
                followed.insert(*link);
                let far = ends(*link).1;
                if reached.insert(far) {
                    open.push(far);
                }
            }
        }
        followed
    }

    /// These nodes and links alone, in their order.
    fn only(&self, nodes: &BTreeSet<usize>, links: &BTreeSet<usize>) -> Wiring {
        let places: BTreeMap<usize, usize> = nodes.iter().enumerate().map(|(place, node)| (*node, place)).collect();
        let links = links.iter().filter_map(|link| {
            let link = self.links[*link].clone();
            Some(WiringLink { from: *places.get(&link.from)?, to: *places.get(&link.to)?, ..link })
        });
        Wiring { links: links.collect(), nodes: nodes.iter().map(|node| self.nodes[*node].clone()).collect() }
    }
}

/// An address without the keys of instances: `a["x"].b[0]` is `a.b`.
pub(super) fn without_keys(address: &str) -> String {
    let mut text = String::new();
    let mut rest = address;
    while let Some((before, behind)) = rest.split_once('[') {
        text.push_str(before);
        // Within a string key brackets mean nothing.
        let end = match behind.strip_prefix('"') {
            Some(key) => key.find("\"]").map(|end| end + 2),
            None => behind.find(']'),
        };
        rest = end.and_then(|end| behind.get(end + 1..)).unwrap_or_default();
    }
    text.push_str(rest);
    text
}
