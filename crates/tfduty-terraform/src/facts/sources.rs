//! Configurations in facts.

use std::collections::BTreeSet;

use super::{
    blank::Page,
    lexer::{self, Sort, Token},
    withhold::{Hidden, Reads, hidden, without_credentials},
};
use crate::{
    address::ModulePath,
    detail::Detail,
    json_text::{JsonKind, JsonNode},
    saved_plan::ModuleFile,
    sources::{
        Files, SourceFile, Sources,
        block::{Attribute, Block, Body},
        is_json, is_marked_sensitive, json, recover,
    },
    span::{Span, TextId},
    unit::Unit,
};

/// A configuration as facts hold it: its files, with nothing left in them but what rules read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SlimSources {
    /// The files, in the order of [`Sources::files`].
    pub files: Vec<SlimFile>,
    /// The names of the variables that are read, whatever their module.
    pub variables: BTreeSet<Box<str>>,
}

/// A file of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlimFile {
    /// Path relative to the root module's folder, with `/`.
    pub path: String,
    /// The keys of the modules that it belongs to.
    pub modules: Vec<Box<str>>,
    /// Its text, in which every place is where it was.
    pub text: String,
}

impl SlimSources {
    /// The files as a saved plan holds them.
    pub fn into_module_files(self) -> Vec<ModuleFile> {
        let of_file = |SlimFile { path, modules, text }: SlimFile| {
            modules.into_iter().map(move |module| ModuleFile {
                module: module.into(),
                path: path.clone(),
                text: text.clone(),
            })
        };
        self.files.into_iter().flat_map(of_file).collect()
    }

    /// The configuration as it can be asked. What was marked sensitive is a hole in it, as [`crate::Value::is_withheld`]
    /// says. `reader` reads what `file` and `templatefile` name, where anything does.
    pub fn into_sources(self, reader: Option<Box<dyn Files>>) -> Sources {
        Sources { reader, withholds: true, ..Sources::of_module_files(self.into_module_files()) }
    }
}

impl Sources {
    /// Whether files that expressions name can be read: a saved plan holds none.
    pub fn is_of_folder(&self) -> bool {
        self.reader.is_some()
    }

    /// Puts something between the evaluation and what reads the files that expressions name.
    pub fn read_through(&mut self, wrap: impl FnOnce(Box<dyn Files>) -> Box<dyn Files>) {
        self.reader = self.reader.take().map(wrap);
    }

    /// The configuration without what facts may not hold. Of the unit that was made from it those attributes are hidden
    /// that hold something sensitive there: a provider may mark what the configuration does not.
    pub fn slim(&self, reads: &Reads<'_>, unit: Option<&Unit>) -> SlimSources {
        let hidden = unit.map(hidden).unwrap_or_default();
        let files = self.files.iter().enumerate();
        let pages: Vec<Written<'_>> = files.map(|(index, file)| Written::of(self, index, file)).collect();
        let mut kept: Vec<Vec<Span>> = pages.iter().map(|page| page.always(reads, &hidden)).collect();
        let variables = follow(&pages, &mut kept);
        let files = pages.iter().zip(&mut kept).map(|(page, kept)| {
            kept.sort_unstable();
            kept.dedup();
            SlimFile { path: page.file.path.clone(), modules: page.modules.clone(), text: page.blanked(kept, reads) }
        });
        SlimSources { files: files.collect(), variables }
    }

    /// The keys of the modules that a file belongs to, whether it is read there or replaced by OpenTofu's own.
    fn keys_of(&self, index: usize, path: &str) -> Vec<Box<str>> {
        if !self.members.is_empty() {
            let holds = |members: &[u16]| members.iter().any(|member| usize::from(*member) == index);
            return self.members.iter().filter(|(_, members)| holds(members)).map(|(key, _)| key.clone()).collect();
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let parsed = self.parsed();
        let is_of = |place: usize| parsed.folders.get(place).is_some_and(|module| &*module.folder == folder);
        parsed.modules.iter().filter(|(_, place)| is_of(**place)).map(|(key, _)| key.clone()).collect()
    }
}

/// Whether an argument at a path of blocks and names is read.
type IsRead<'r> = dyn Fn(&[&str]) -> bool + 'r;

/// A file with its blocks.
struct Written<'s> {
    sources: &'s Sources,
    file: &'s SourceFile,
    modules: Vec<Box<str>>,
    is_json: bool,
    blocks: Vec<Block>,
    tokens: Vec<Token>,
    is_damaged: bool,
}

/// An argument that is read only if something that is read refers to it.
struct Named<'b> {
    attribute: &'b Attribute,
    /// The variable that it fills, else the local that it is.
    is_variable: bool,
    name: &'b str,
}

impl<'s> Written<'s> {
    fn of(sources: &'s Sources, index: usize, file: &'s SourceFile) -> Self {
        let id = TextId::Source(u16::try_from(index).unwrap_or(u16::MAX));
        let is_json = is_json(&file.path);
        let (blocks, flaws) = if is_json { json::blocks(&file.text, id) } else { recover::blocks(&file.text, id) };
        // In JSON syntax everything stands in strings.
        let tokens = if is_json { lexer::of_words(&file.text) } else { lexer::of_file(&file.text) };
        let modules = sources.keys_of(index, &file.path);
        Self { sources, file, modules, is_json, blocks, tokens, is_damaged: !flaws.is_empty() }
    }

    fn blanked(&self, kept: &[Span], reads: &Reads<'_>) -> String {
        let Self { file, is_json, blocks, tokens, is_damaged, .. } = self;
        let page = Page { text: &file.text, is_json: *is_json, blocks, tokens, is_damaged: *is_damaged, kept };
        let mut text = page.blanked(reads);
        for call in self.blocks.iter().filter(|block| &*block.kind == "module") {
            let source = call.body.attribute("source").map(|attribute| attribute.value_span);
            if let Some(range) = source.map(|span| span.start as usize..span.end())
                && let Some(written) = text.get(range.clone())
            {
                text.replace_range(range, &without_credentials(written));
            }
        }
        text
    }

    /// What is read in any case.
    fn always(&self, reads: &Reads<'_>, hidden: &Hidden) -> Vec<Span> {
        let mut kept = Vec::new();
        for block in &self.blocks {
            kept.push(block.header);
            let body = &block.body;
            match &*block.kind {
                "resource" | "data" => self.keep_object(block, (reads, hidden), &mut kept),
                "module" => self.keep(body, &|path| is_named(path, OF_CALLS), &mut kept),
                "variable" => self.keep(body, &|path| is_named(path, &["type"]), &mut kept),
                "output" => {
                    let is_read = !is_marked_sensitive(block) && self.modules.iter().any(|key| !key.is_empty());
                    self.keep(body, &|path| is_read && path.first() == Some(&"value"), &mut kept);
                }
                "provider" => {
                    let is_read = |path: &[&str]| path == ["alias"] || is_named(path, reads.provider_arguments);
                    self.keep(body, &is_read, &mut kept);
                }
                "moved" | "removed" => self.keep(body, &|path| is_named(path, &["from", "to"]), &mut kept),
                _ => {}
            }
        }
        kept
    }

    /// What is read only if it is referred to.
    fn named(&self) -> Vec<Named<'_>> {
        let mut found = Vec::new();
        for block in &self.blocks {
            match &*block.kind {
                "locals" => found.extend(block.body.attributes.iter().map(|attribute| Named {
                    attribute,
                    is_variable: false,
                    name: &attribute.name,
                })),
                "variable" if !is_marked_sensitive(block) => {
                    let default = block.body.attribute("default");
                    found.extend(default.map(|attribute| Named { attribute, is_variable: true, name: block.label(0) }));
                }
                "module" => {
                    let arguments =
                        block.body.attributes.iter().filter(|attribute| self.is_open(block, &attribute.name));
                    found.extend(arguments.map(|attribute| Named {
                        attribute,
                        is_variable: true,
                        name: &attribute.name,
                    }));
                }
                _ => {}
            }
        }
        found
    }

    fn keep_object(&self, block: &Block, (reads, hidden): (&Reads<'_>, &Hidden), kept: &mut Vec<Span>) {
        let resource_type = block.label(0);
        let is_data = &*block.kind == "data";
        let name = format!("{}{resource_type}.{}", if is_data { "data." } else { "" }, block.label(1));
        let is_hidden = |path: &[&str]| {
            let attribute = path.first().map_or("", |name| *name);
            self.modules.iter().any(|module| hidden.contains(&(module.clone(), name.clone(), attribute.into())))
        };
        let is_own = |path: &[&str]| path.first().is_some_and(|name| OF_RESOURCES.contains(name));
        match (reads.detail)(resource_type) {
            Detail::All => {
                let unread: Vec<Vec<&str>> =
                    (reads.unread)(resource_type).iter().map(|path| path.split('.').collect()).collect();
                let is_read = |path: &[&str]| {
                    let is_script = path.first().is_some_and(|name| SCRIPTS.contains(name));
                    !is_script && !is_hidden(path) && !unread.iter().any(|unread| path.starts_with(unread))
                };
                self.keep(&block.body, &is_read, kept);
            }
            Detail::Only(names) => {
                self.keep(
                    &block.body,
                    &|path| is_own(path) || path.first().is_some_and(|name| names.contains(name)),
                    kept,
                );
            }
            Detail::Count => self.keep(&block.body, &is_own, kept),
        }
    }

    /// Keeps the arguments whose path is read.
    fn keep(&self, body: &Body, is_read: &IsRead<'_>, kept: &mut Vec<Span>) {
        self.keep_below(body, &mut Vec::new(), is_read, kept);
    }

    fn keep_below<'b>(&self, body: &'b Body, path: &mut Vec<&'b str>, is_read: &IsRead<'_>, kept: &mut Vec<Span>) {
        for attribute in &body.attributes {
            path.push(&attribute.name);
            let span = attribute.value_span;
            match span.of(&self.file.text).filter(|_| self.is_json).and_then(JsonNode::read) {
                // Nested blocks look like any argument.
                Some(value) => keep_json(&value, span.start, (path, is_read), kept),
                None if is_read(path) => kept.push(span),
                None => {}
            }
            path.pop();
        }
        for block in &body.blocks {
            kept.push(block.header);
            // What a `dynamic` block makes stands where a block of its name would.
            let is_content = &*block.kind == "content";
            path.extend((!is_content).then(|| block.makes()));
            self.keep_below(&block.body, path, is_read, kept);
            if !is_content {
                path.pop();
            }
        }
    }

    /// Whether an argument of a call fills a variable that is not sensitive.
    fn is_open(&self, call: &Block, name: &str) -> bool {
        let called = self.modules.iter().map(|key| {
            let path = key.split('.').filter(|name| !name.is_empty());
            path.fold(ModulePath::default(), |path, name| path.child(name, None)).child(call.label(0), None)
        });
        let variables: Vec<Option<&Block>> =
            called.map(|path| self.sources.module(&path).and_then(|module| module.variables.get(name))).collect();
        !variables.is_empty() && variables.iter().all(|block| block.is_some_and(|block| !is_marked_sensitive(block)))
    }

    /// The names of variables and locals that occur where something is read.
    fn names(&self, kept: &[Span]) -> Vec<(bool, &str)> {
        let is_kept = |at: usize| kept.iter().any(|span| span.start as usize <= at && at < span.end());
        let read = self.tokens.iter().filter(|token| !token.is_sensitive && is_kept(token.range.start));
        let name = |token: &'_ Token| match token.sort {
            Sort::Variable => Some((true, &self.file.text[token.range.clone()])),
            Sort::Local => Some((false, &self.file.text[token.range.clone()])),
            _ => None,
        };
        read.filter_map(name).collect()
    }
}

/// Keeps what is referred to from what is kept, and what that refers to. Gives the names of the variables.
fn follow(pages: &[Written<'_>], kept: &mut [Vec<Span>]) -> BTreeSet<Box<str>> {
    let mut names: BTreeSet<(bool, String)> = BTreeSet::new();
    loop {
        let before = names.len();
        for (page, kept) in pages.iter().zip(kept.iter()) {
            names.extend(page.names(kept).into_iter().map(|(is_variable, name)| (is_variable, name.to_owned())));
        }
        if names.len() == before {
            break;
        }
        for (page, kept) in pages.iter().zip(kept.iter_mut()) {
            let candidates = page.named();
            let is_read = |named: &&Named<'_>| names.contains(&(named.is_variable, named.name.to_owned()));
            kept.extend(candidates.iter().filter(is_read).map(|named| named.attribute.value_span));
        }
    }
    names.into_iter().filter(|(is_variable, _)| *is_variable).map(|(_, name)| name.into()).collect()
}

/// Arguments of a call that are the language's own.
const OF_CALLS: &[&str] = &["count", "depends_on", "for_each", "providers", "source", "version"];

/// Blocks of a resource that say what is run, and how to reach where it is run.
const SCRIPTS: &[&str] = &["connection", "provisioner"];

/// Arguments of a resource that are the language's own, and that tell what it hangs on.
const OF_RESOURCES: &[&str] = &["depends_on", "provider"];

/// Whether a path ends with one of these names. Members of what they name may be anything.
fn is_named(path: &[&str], names: &[&str]) -> bool {
    path.iter().any(|name| names.contains(name))
}

/// Keeps what is read below a value of JSON syntax, which begins `start` bytes into its file.
fn keep_json(value: &JsonNode, start: u32, (path, is_read): (&[&str], &IsRead<'_>), kept: &mut Vec<Span>) {
    match &value.kind {
        JsonKind::Object(members) => {
            for member in members {
                let path: Vec<&str> = path.iter().copied().chain([&*member.name]).collect();
                keep_json(&member.value, start, (&path, is_read), kept);
            }
        }
        JsonKind::List(items) => items.iter().for_each(|item| keep_json(item, start, (path, is_read), kept)),
        _ if is_read(path) => kept.push(Span { start: start + value.span.start, len: value.span.len }),
        _ => {}
    }
}
