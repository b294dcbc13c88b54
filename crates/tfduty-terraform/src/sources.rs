//! The Terraform configuration itself: `.tf` files, their blocks and where they stand.
//!
//! Files are parsed when something is asked of them, once. Finding blocks is done here; what expressions give is for
//! [`crate::evaluate`], which adds to [`Sources`].

pub(crate) mod block;
mod comments;
mod fits;
pub(crate) mod json;
mod load;
mod module;
pub(crate) mod recover;
pub(crate) mod references;

use std::{collections::BTreeMap, sync::OnceLock};

use crate::{
    address::{Address, ModulePath},
    refusal::Place,
    saved_plan::ModuleFile,
    span::{Span, TextId},
};

pub use block::BlockRef;
pub(crate) use comments::comments_of;
pub use comments::{Comment, CommentSubject};
pub use load::{Files, join};

use block::{Block, static_text};
pub(crate) use module::{ModuleSource, alias, is_json, is_marked_sensitive};

/// The configuration of one root module and everything it calls.
#[derive(Debug, Default)]
pub struct Sources {
    /// The files, in the order [`crate::TextId::Source`] counts them. A file that several modules share is in it once.
    pub files: Vec<SourceFile>,
    /// The files of each module, by its key.
    pub(crate) members: BTreeMap<Box<str>, Vec<u16>>,
    /// Reads what `file` and `templatefile` name.
    pub(crate) reader: Option<Box<dyn Files>>,
    /// Whether what the configuration marks as sensitive is not there: it was in facts.
    pub(crate) withholds: bool,
    pub(crate) parsed: OnceLock<Parsed>,
}

/// One file of a configuration.
#[derive(Debug)]
pub struct SourceFile {
    /// Path relative to the root module's folder, with `/`.
    pub path: String,
    /// Its text, as it was read.
    pub text: String,
    /// Where its lines begin, behind the first: found when a place is first asked for.
    lines: OnceLock<Vec<usize>>,
}

impl SourceFile {
    pub(crate) fn new(path: String, text: String) -> Self {
        Self { path, text, lines: OnceLock::new() }
    }

    /// The line that an offset is in, counted from 1, and the offset of its beginning.
    pub fn line_at(&self, byte: usize) -> (usize, usize) {
        let find = || self.text.match_indices('\n').map(|(at, _)| at + 1).collect();
        let lines = self.lines.get_or_init(find);
        let line = lines.partition_point(|start| *start <= byte);
        (line + 1, line.checked_sub(1).map_or(0, |last| lines[last]))
    }

    /// Line and column of an offset. A byte order mark takes no column.
    pub(crate) fn place_at(&self, byte: usize) -> Place {
        // Errors of a parser are not always between characters.
        let byte = self.text.floor_char_boundary(byte);
        let (line, start) = self.line_at(byte);
        let mark = if start == 0 && self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Place { byte, line, column: (byte - start).saturating_sub(mark) + 1 }
    }
}

/// A file of which not everything could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceNote {
    /// Path relative to the root module's folder.
    pub path: String,
    /// Where it goes wrong; `None` for a file that was not read at all.
    pub place: Option<Place>,
    /// What is wrong, and what of it is unknown therefore.
    pub message: String,
}

/// A span as people count: lines and columns from 1, columns in bytes, the end behind the last byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcePlace<'a> {
    /// Path of the file, relative to the root module's folder.
    pub path: &'a str,
    /// Line of the first byte.
    pub line: usize,
    /// Column of the first byte. A byte order mark takes no column.
    pub column: usize,
    /// Line of the end.
    pub end_line: usize,
    /// Column behind the last byte.
    pub end_column: usize,
}

/// A `moved` block.
#[derive(Debug, Clone)]
pub struct Moved<'a> {
    /// The module that it stands in, without instance keys; its addresses are relative to it.
    pub module: ModulePath,
    /// `from`, as an address is written.
    pub from: String,
    /// `to`.
    pub to: String,
    /// The block.
    pub block: BlockRef<'a>,
}

/// What parsing gives.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// Places in `folders`, by the key of the module.
    pub(crate) modules: BTreeMap<Box<str>, usize>,
    /// The folders, each once though several modules come from it.
    pub(crate) folders: Vec<ModuleSource>,
    pub(crate) notes: Vec<SourceNote>,
}

impl Sources {
    /// The files of all modules, as a saved plan's zip holds them.
    pub fn of_module_files(files: Vec<ModuleFile>) -> Sources {
        let mut sources = Sources::default();
        let mut seen: BTreeMap<String, Vec<u16>> = BTreeMap::new();
        for ModuleFile { module, path, text } in files {
            let same = seen.get(&path).and_then(|indices| {
                indices.iter().copied().find(|&index| sources.files[usize::from(index)].text == text)
            });
            // More files than a `TextId` can count are left out: no configuration comes near.
            let Some(index) = same.or_else(|| u16::try_from(sources.files.len()).ok()) else { continue };
            if same.is_none() {
                seen.entry(path.clone()).or_default().push(index);
                sources.files.push(SourceFile::new(path, text));
            }
            sources.members.entry(module.into()).or_default().push(index);
        }
        sources
    }

    /// The configuration of a folder, read through `files`: local module calls are followed, others looked up in
    /// `.terraform/modules/modules.json`. Files that `file` and `templatefile` name are read when something is asked of
    /// the expression.
    pub fn load(files: Box<dyn Files>) -> Sources {
        let (texts, parsed) = load::load(&*files);
        Sources { files: texts, reader: Some(files), parsed: OnceLock::from(parsed), ..Sources::default() }
    }

    /// The bytes of a file that an expression names, relative to the root module's folder. A saved plan holds none.
    pub(crate) fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.reader.as_ref()?.read(path)
    }

    pub(crate) fn parsed(&self) -> &Parsed {
        self.parsed.get_or_init(|| {
            let mut parsed = Parsed::default();
            let mut folders: BTreeMap<&[u16], usize> = BTreeMap::new();
            for (module, members) in &self.members {
                let place = *folders.entry(members).or_insert_with(|| {
                    parsed.folders.push(ModuleSource::read(&self.files, members, &mut parsed.notes));
                    parsed.folders.len() - 1
                });
                parsed.modules.insert(module.clone(), place);
            }
            parsed
        })
    }

    /// Whether there is no file at all.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files of which not everything could be read. A file that does not parse is read block by block; what an
    /// unreadable block holds is unknown.
    pub fn notes(&self) -> &[SourceNote] {
        &self.parsed().notes
    }

    /// The module at `path`, instance keys not considered.
    pub(crate) fn module(&self, path: &ModulePath) -> Option<&ModuleSource> {
        let key = path.names().collect::<Vec<_>>().join(".");
        let parsed = self.parsed();
        parsed.folders.get(*parsed.modules.get(&*key)?)
    }

    /// Whether the configuration of the module at `path` is at hand.
    pub fn has_module(&self, path: &ModulePath) -> bool {
        self.module(path).is_some()
    }

    /// The folder of the module at `path`, relative to the root module's, which is the empty string.
    pub fn folder(&self, path: &ModulePath) -> Option<&str> {
        self.module(path).map(|module| &*module.folder)
    }

    /// Every `resource` and `data` block with the module it stands in (instance keys left out), in the order of module
    /// keys and block names. A folder that several modules come from gives its blocks once for each.
    pub fn resources(&self) -> impl Iterator<Item = (ModulePath, BlockRef<'_>)> {
        self.all_modules()
            .flat_map(|(path, module)| module.resources.values().map(move |block| (path.clone(), BlockRef { block })))
    }

    /// Every `action` block with the module it stands in, as [`Sources::resources`].
    pub fn actions(&self) -> impl Iterator<Item = (ModulePath, BlockRef<'_>)> {
        self.all_modules()
            .flat_map(|(path, module)| module.actions.values().map(move |block| (path.clone(), BlockRef { block })))
    }

    /// Every `provider` block with the module it stands in, as [`Sources::resources`].
    pub fn providers(&self) -> impl Iterator<Item = (ModulePath, BlockRef<'_>)> {
        self.all_modules()
            .flat_map(|(path, module)| module.providers.iter().map(move |block| (path.clone(), BlockRef { block })))
    }

    fn all_modules(&self) -> impl Iterator<Item = (ModulePath, &ModuleSource)> {
        let parsed = self.parsed();
        parsed.modules.iter().filter_map(|(key, &place)| Some((module_path(key), parsed.folders.get(place)?)))
    }

    /// The `resource` or `data` block of an object, instance keys not considered.
    pub fn block(&self, address: &Address) -> Option<BlockRef<'_>> {
        self.resource(address).map(|block| BlockRef { block })
    }

    pub(crate) fn resource(&self, address: &Address) -> Option<&Block> {
        self.module(&address.module)?.resources.get(&address.relative_block())
    }

    /// The `module` block that makes the module at `path`.
    pub fn module_call(&self, path: &ModulePath) -> Option<BlockRef<'_>> {
        let name = &path.0.last()?.name;
        let block = self.module(&path.parent()?)?.calls.get(name)?;
        Some(BlockRef { block })
    }

    /// The block `variable "NAME"` of a module.
    pub fn variable(&self, module: &ModulePath, name: &str) -> Option<BlockRef<'_>> {
        self.module(module)?.variables.get(name).map(|block| BlockRef { block })
    }

    /// The block `output "NAME"` of a module.
    pub fn output(&self, module: &ModulePath, name: &str) -> Option<BlockRef<'_>> {
        self.module(module)?.outputs.get(name).map(|block| BlockRef { block })
    }

    /// The `provider` block that a resource of a module gets when it names `name`, or `name.alias`, and the module that
    /// the block stands in: the module's own, else what its call passes in, else the caller's of the same name. A block of a
    /// called module that says nothing but its alias only announces what the call passes.
    ///
    /// A block that did not parse may have any alias: it is returned, unreadable, where no other fits; and so is a call
    /// that did not parse, which may pass in anything.
    pub fn provider(&self, module: &ModulePath, name: &str, alias: Option<&str>) -> Option<(ModulePath, BlockRef<'_>)> {
        let mut path = module.clone();
        let (mut name, mut alias) = (name.to_owned(), alias.map(str::to_owned));
        loop {
            let source = self.module(&path)?;
            let own = |block: &&Block| block.label(0) == name && (!block.readable || self::alias(block) == alias);
            let own = source.providers.iter().filter(own).min_by_key(|block| !block.readable);
            let call = self.module_call(&path);
            if let Some(block) = own
                && (!module::announces(block) || call.is_none())
            {
                return Some((path, BlockRef { block }));
            }
            let call = call?;
            if !call.is_readable() {
                return Some((path.parent()?, call));
            }
            let wanted = alias.as_ref().map_or(name.clone(), |alias| format!("{name}.{alias}"));
            match (call.passed_provider(&wanted), own) {
                (Some(passed), _) => {
                    let passed = static_text(passed)?;
                    let (passed, passed_alias) = passed.split_once('.').unwrap_or((&passed, ""));
                    alias = (!passed_alias.is_empty()).then(|| passed_alias.to_owned());
                    passed.clone_into(&mut name);
                }
                (None, Some(block)) => return Some((path, BlockRef { block })),
                (None, None) if alias.is_some() => return None,
                (None, None) => {}
            }
            path = path.parent()?;
        }
    }

    /// The provider that a resource uses by its own configuration: `provider = NAME.ALIAS`, else the name that its type
    /// begins with.
    pub fn provider_of(&self, address: &Address) -> Option<(String, Option<String>)> {
        let block = self.resource(address)?;
        if !block.readable {
            return None;
        }
        let Some(attribute) = block.body.attribute("provider") else {
            let name = address.resource_type.split('_').next().unwrap_or(&address.resource_type);
            return Some((name.to_owned(), None));
        };
        let text = static_text(attribute.value.as_ref()?)?;
        Some(match text.split_once('.') {
            Some((name, alias)) => (name.to_owned(), Some(alias.to_owned())),
            None => (text, None),
        })
    }

    /// The `removed` blocks that cover an object: those for its resource, and those for a module that holds it. They may
    /// stand in any module above; the outermost come first.
    pub fn removed<'s>(&'s self, address: &Address) -> impl Iterator<Item = BlockRef<'s>> {
        (0..=address.module.0.len()).flat_map(move |depth| {
            let module = ModulePath(address.module.0[..depth].to_vec());
            let covers = move |block: &&Block| {
                let from = block.body.attribute("from").and_then(|attribute| static_text(attribute.value.as_ref()?));
                from.is_some_and(|from| covers(&from, address, depth))
            };
            let removed = self.module(&module).map_or(&[][..], |module| &module.removed);
            removed.iter().filter(covers).map(|block| BlockRef { block })
        })
    }

    /// Whether the module at `path` is called by the configuration at hand, and its own configuration, or that of a module
    /// on the way to it, is not at hand.
    pub fn is_module_missing(&self, path: &ModulePath) -> bool {
        let mut on_the_way = (1..=path.0.len()).map(|depth| ModulePath(path.0[..depth].to_vec()));
        on_the_way.find(|path| !self.has_module(path)).is_some_and(|path| self.module_call(&path).is_some())
    }

    /// Every `moved` block.
    pub fn moved(&self) -> Vec<Moved<'_>> {
        let mut moved = Vec::new();
        for (module, source) in self.all_modules() {
            for block in &source.moved {
                let block = BlockRef { block };
                if let (Some(from), Some(to)) = (block.word("from"), block.word("to")) {
                    moved.push(Moved { module: module.clone(), from, to, block });
                }
            }
        }
        moved
    }

    /// A span as line and column. `None` where it does not fit the text.
    pub fn place(&self, text: TextId, span: Span) -> Option<SourcePlace<'_>> {
        let TextId::Source(index) = text else { return None };
        let file = self.files.get(usize::from(index))?;
        span.of(&file.text)?;
        let (start, end) = (file.place_at(span.start as usize), file.place_at(span.end()));
        Some(SourcePlace {
            path: &file.path,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        })
    }
}

/// Whether `from`, in a module `depth` steps above, names the object at `address` or a module that holds it.
fn covers(from: &str, address: &Address, depth: usize) -> bool {
    let names = |path: &ModulePath| path.names().map(str::to_owned).collect::<Vec<_>>();
    let below = address.module.names().skip(depth).collect::<Vec<_>>();
    if let Ok(named) = from.parse::<Address>() {
        return names(&named.module) == below && named.relative_block() == address.relative_block();
    }
    from.parse::<ModulePath>()
        .is_ok_and(|path| !path.0.is_empty() && below.starts_with(&path.names().collect::<Vec<_>>()))
}

/// The path of a module by its key.
fn module_path(key: &str) -> ModulePath {
    key.split('.').filter(|name| !name.is_empty()).fold(ModulePath::default(), |path, name| path.child(name, None))
}
