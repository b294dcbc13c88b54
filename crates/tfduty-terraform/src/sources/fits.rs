//! Whether sources are those of a plan.

use std::collections::BTreeSet;

use crate::{
    address::{Address, Mode, ModulePath},
    configuration::{Configuration, ConfigurationResource, Module},
    evaluate::World,
    reference::Reference,
    sources::Sources,
    value::{Kind, Value},
};

impl Sources {
    /// Whether these are the configuration that a plan was made from, as far as the plan shows it: the same blocks, which
    /// refer to the same things and set the same constants.
    pub fn fits(&self, configuration: &Configuration) -> bool {
        let mut blocks = Vec::new();
        collect(&configuration.root, &ModulePath::default(), &mut blocks);
        let planned: BTreeSet<(ModulePath, String)> = blocks
            .iter()
            .map(|(module, block)| (module.clone(), name(block.mode, &block.resource_type, &block.name)))
            .collect();
        let declared: BTreeSet<(ModulePath, String)> = self
            .resources()
            .map(|(module, block)| {
                let mut labels = block.labels();
                let mode = if block.kind() == "data" { Mode::Data } else { Mode::Managed };
                (module, name(mode, labels.next().unwrap_or_default(), labels.next().unwrap_or_default()))
            })
            .collect();
        planned == declared && blocks.iter().all(|(module, block)| says_the_same(module, block, self))
    }
}

fn name(mode: Mode, resource_type: &str, name: &str) -> String {
    match mode {
        Mode::Managed => format!("{resource_type}.{name}"),
        Mode::Data => format!("data.{resource_type}.{name}"),
    }
}

fn collect<'a>(module: &'a Module, path: &ModulePath, found: &mut Vec<(ModulePath, &'a ConfigurationResource)>) {
    found.extend(module.resources.iter().map(|block| (path.clone(), block)));
    for (name, call) in &module.calls {
        collect(&call.module, &path.child(name, None), found);
    }
}

/// Whether a block of a plan's configuration refers to nothing that the sources do not name there, and its constants are
/// those of the sources.
fn says_the_same(module: &ModulePath, block: &ConfigurationResource, sources: &Sources) -> bool {
    let address = Address {
        module: module.clone(),
        mode: block.mode,
        resource_type: block.resource_type.clone(),
        name: block.name.clone(),
        key: None,
    };
    let written: Vec<String> = sources.references_as_written(&address).iter().map(ToString::to_string).collect();
    let refers = |planned: &str| {
        written
            .iter()
            .any(|text| text.strip_prefix(planned).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])))
    };
    // A number may be written in two ways; texts and truths may not.
    let same = |name: &str, constant: &Value| match (&constant.kind, sources.evaluate(&address, &[name], &Nothing)) {
        (Kind::String(_) | Kind::Bool(_), Some(Value { kind: written @ (Kind::String(_) | Kind::Bool(_)), .. })) => {
            written == constant.kind
        }
        _ => true,
    };
    block.references.iter().all(|planned| refers(planned))
        && block
            .expressions
            .iter()
            .all(|(name, expression)| expression.constant.as_ref().is_none_or(|value| same(name, value)))
}

/// A world of which nothing is known: what evaluates all the same is a constant.
struct Nothing;

impl World for Nothing {
    fn resource(&self, _: &Reference) -> Option<Value> {
        None
    }

    fn variable(&self, _: &str) -> Option<Value> {
        None
    }
}
