//! One module's folder: its files merged, its blocks by name.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    limits::SOURCE_FILE_BYTES,
    sources::{
        SourceFile, SourceNote,
        block::{Attribute, Block, static_text},
        json, recover,
    },
    span::TextId,
};

/// The blocks of one folder.
#[derive(Debug, Default)]
pub(crate) struct ModuleSource {
    /// The folder, relative to the root module's; empty for the root.
    pub(crate) folder: Box<str>,
    /// Its files, but for those that OpenTofu's own replace.
    pub(crate) members: Vec<TextId>,
    /// By `TYPE.NAME` or `data.TYPE.NAME`.
    pub(crate) resources: BTreeMap<String, Block>,
    /// By `action.TYPE.NAME`.
    pub(crate) actions: BTreeMap<String, Block>,
    pub(crate) calls: BTreeMap<Box<str>, Block>,
    pub(crate) variables: BTreeMap<Box<str>, Block>,
    pub(crate) outputs: BTreeMap<Box<str>, Block>,
    pub(crate) locals: BTreeMap<Box<str>, Attribute>,
    pub(crate) providers: Vec<Block>,
    pub(crate) moved: Vec<Block>,
    pub(crate) removed: Vec<Block>,
}

/// Whether Terraform or OpenTofu would read a file of this name as configuration.
pub(crate) fn is_configuration(name: &str) -> bool {
    let ignored = name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
    !ignored && stem(name).is_some()
}

/// Whether a file of this name is in JSON syntax.
pub(crate) fn is_json(name: &str) -> bool {
    stem(name).is_some_and(|(_, ending)| ending.json)
}

/// The name without its configuration ending, and whether the ending is OpenTofu's own.
fn stem(name: &str) -> Option<(&str, Ending)> {
    [(".tf", false, false), (".tf.json", false, true), (".tofu", true, false), (".tofu.json", true, true)]
        .into_iter()
        .find_map(|(ending, tofu, json)| Some((name.strip_suffix(ending)?, Ending { tofu, json })))
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Ending {
    tofu: bool,
    json: bool,
}

impl ModuleSource {
    /// Reads the files of one folder, given by their places in `files`.
    pub(crate) fn read(files: &[SourceFile], members: &[u16], notes: &mut Vec<SourceNote>) -> ModuleSource {
        let mut module = ModuleSource::default();
        let mut named = members
            .iter()
            .filter_map(|&index| {
                let path = &files.get(usize::from(index))?.path;
                let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
                let (stem, ending) = stem(name)?;
                Some((name, stem, ending, folder, index))
            })
            .collect::<Vec<_>>();
        named.sort_unstable_by_key(|&(name, ..)| name);
        if let Some(&(.., folder, _)) = named.first() {
            module.folder = folder.into();
        }
        let tofu = named.iter().filter(|(_, _, ending, ..)| ending.tofu);
        let tofu: BTreeSet<(&str, bool)> = tofu.map(|&(_, stem, ending, ..)| (stem, ending.json)).collect();
        let replaced = |stem, ending: Ending| !ending.tofu && tofu.contains(&(stem, ending.json));
        let is_override = |stem: &str| stem == "override" || stem.ends_with("_override");
        for over in [false, true] {
            for &(_, stem, ending, _, index) in &named {
                if is_override(stem) == over && !replaced(stem, ending) {
                    module.members.push(TextId::Source(index));
                    module.add_file(&files[usize::from(index)], TextId::Source(index), ending, over, notes);
                }
            }
        }
        module
    }

    fn add_file(&mut self, file: &SourceFile, id: TextId, ending: Ending, over: bool, notes: &mut Vec<SourceNote>) {
        if file.text.len() as u64 > SOURCE_FILE_BYTES {
            let message = "larger than 16 MiB, left out".to_owned();
            return notes.push(SourceNote { path: file.path.clone(), place: None, message });
        }
        let (blocks, flaws) = if ending.json { json::blocks(&file.text, id) } else { recover::blocks(&file.text, id) };
        for block in blocks {
            self.add(block, over);
        }
        notes.extend(flaws.into_iter().map(|flaw| SourceNote {
            path: file.path.clone(),
            place: Some(file.place_at(flaw.byte)),
            message: flaw.reason,
        }));
    }

    fn add(&mut self, block: Block, over: bool) {
        match (&*block.kind, block.labels.as_slice()) {
            ("resource", [kind, name]) => insert(&mut self.resources, format!("{kind}.{name}"), block, over),
            ("data", [kind, name]) => insert(&mut self.resources, format!("data.{kind}.{name}"), block, over),
            ("action", [kind, name]) => insert(&mut self.actions, format!("action.{kind}.{name}"), block, over),
            ("module", [name]) => insert(&mut self.calls, name.clone(), block, over),
            ("variable", [name]) => insert(&mut self.variables, name.clone(), block, over),
            ("output", [name]) => insert(&mut self.outputs, name.clone(), block, over),
            ("provider", [name]) => {
                let alias = alias(&block);
                let own = self.providers.iter_mut().find(|own| own.label(0) == &**name && self::alias(own) == alias);
                match own {
                    Some(own) if over => own.merge(block),
                    _ => self.providers.push(block),
                }
            }
            ("locals", _) => {
                for attribute in block.body.attributes {
                    if over || !self.locals.contains_key(&attribute.name) {
                        self.locals.insert(attribute.name.clone(), attribute);
                    }
                }
            }
            ("moved", _) => self.moved.push(block),
            ("removed", _) => self.removed.push(block),
            _ => {}
        }
    }
}

/// A provider block's `alias`.
pub(crate) fn alias(block: &Block) -> Option<String> {
    static_text(block.body.attribute("alias")?.value.as_ref()?)
}

/// Whether a variable or output says `sensitive = true`. One that did not parse may.
pub(crate) fn is_marked_sensitive(block: &Block) -> bool {
    let flag = |name| block.body.attribute(name).and_then(|attribute| attribute.value.as_ref()?.as_bool());
    !block.readable || flag("sensitive") == Some(true) || flag("ephemeral") == Some(true)
}

/// Whether a provider block says nothing but its alias: in a called module it may stand for what the call passes.
pub(crate) fn announces(block: &Block) -> bool {
    let body = &block.body;
    block.readable && body.blocks.is_empty() && body.attributes.iter().all(|attribute| &*attribute.name == "alias")
}

/// Of two blocks of one name Terraform refuses the second; only an override file may say more of a block.
fn insert<K: Ord>(blocks: &mut BTreeMap<K, Block>, name: K, block: Block, over: bool) {
    match blocks.entry(name) {
        std::collections::btree_map::Entry::Vacant(entry) => {
            entry.insert(block);
        }
        std::collections::btree_map::Entry::Occupied(mut entry) if over => entry.get_mut().merge(block),
        std::collections::btree_map::Entry::Occupied(_) => {}
    }
}
