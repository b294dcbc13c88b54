//! The configuration of the inputs: from a folder, and whether it is the one a plan was made from.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use tfduty_terraform::{
    Address, ConfigurationResource, Files, Kind, Mode, Module, ModulePath, Reference, Sources, Unit, Value, World,
    escape,
};

use crate::{
    inputs::{Gathered, note, problem, shown_path},
    saved_plans::{Ready, unit_of},
};

/// `--source`: the configuration in a folder, for every input that has none.
pub(crate) fn take_source(folder: &Path, ready: &mut [Ready], gathered: &mut Gathered) {
    let path = shown_path(folder);
    if !folder.is_dir() {
        gathered.problems.push(problem(
            &path,
            "`--source` takes a folder, and there is none",
            "give the folder of the root module",
        ));
        return;
    }
    let load = || Sources::load(Box::new(Folder::at(folder)));
    let sources = load();
    if sources.is_empty() {
        gathered.problems.push(problem(
            &path,
            "the folder holds no Terraform configuration",
            "give the folder of the root module",
        ));
        return;
    }
    for broken in sources.notes() {
        let place = broken.place.map_or_else(String::new, |place| format!(":{}:{}", place.line, place.column));
        let text = format!("{}{place}: {}", broken.path, broken.message);
        gathered.notes.push(note(&path, "source-unreadable", &escape(text)));
    }
    let alone = ready.len() == 1;
    for ready in ready {
        let is_of = is_of(ready, &sources);
        if is_of || alone {
            ready.root = Some(folder.to_path_buf());
        }
        if ready.sources.is_some() {
            continue;
        }
        if !is_of {
            let message = if alone {
                "the sources differ from the configuration of the input: they are used as they are"
            } else {
                "the sources are another stack's, and are not used for it"
            };
            gathered.notes.push(note(&ready.input.path, "source-differs", message));
            if !alone {
                continue;
            }
        }
        ready.sources = Some(load());
        ready.source_folder.clone_from(&path);
    }
}

/// Whether an input may have been made from these sources: a plan whose configuration they are, or a state most of whose
/// audited objects have a block there.
fn is_of(ready: &Ready, sources: &Sources) -> bool {
    let Some(unit) = unit_of(ready) else { return true };
    if unit.configuration.is_some() {
        return fits(unit, sources);
    }
    let declared = unit.instances.iter().filter(|instance| sources.block(&instance.address).is_some()).count();
    declared * 2 >= unit.instances.len()
}

/// Reads configuration from a folder and the folders beside it that modules lie in: never outside the repository.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    fn inside(&self, path: &str) -> Option<PathBuf> {
        let path = self.root.join(path).canonicalize().ok()?;
        let root = self.root.canonicalize().ok()?;
        let top = root.ancestors().find(|ancestor| ancestor.join(".git").exists()).unwrap_or(&root);
        path.starts_with(top).then_some(path)
    }
}

impl Files for Folder {
    fn list(&self, folder: &str) -> Vec<String> {
        let Some(folder) = self.inside(folder) else { return Vec::new() };
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let files = entries.filter(|entry| entry.path().is_file());
        let mut names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.inside(path)?).ok()
    }
}

/// Whether sources are the configuration that a plan was made from, as far as the plan shows it: the same blocks, which
/// refer to the same things and set the same constants.
pub(crate) fn fits(unit: &Unit, sources: &Sources) -> bool {
    let mut blocks = Vec::new();
    if let Some(configuration) = &unit.configuration {
        collect(&configuration.root, &ModulePath::default(), &mut blocks);
    }
    let planned: BTreeSet<(ModulePath, String)> = blocks
        .iter()
        .map(|(module, block)| (module.clone(), name(block.mode, &block.resource_type, &block.name)))
        .collect();
    let declared: BTreeSet<(ModulePath, String)> = sources
        .resources()
        .map(|(module, block)| {
            let mut labels = block.labels();
            let mode = if block.kind() == "data" { Mode::Data } else { Mode::Managed };
            (module, name(mode, labels.next().unwrap_or_default(), labels.next().unwrap_or_default()))
        })
        .collect();
    planned == declared && blocks.iter().all(|(module, block)| says_the_same(module, block, sources))
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
