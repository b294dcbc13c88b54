//! `--facts-out`.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde_json::value::{RawValue, to_raw_value};
use tfduty_audit::{Estate, Problem, ask_configurations, reads};
use tfduty_terraform::{Document, SlimSources, Sources, Unit};

use super::{
    file::{self, Bytes, COMMAND, FORMAT, Kind, LookUps, VERSION},
    print::{Print, sha256},
    replay::{Read, Watch, Watched},
};
use crate::{
    inputs::{Gathered, InputFile},
    paths::slashed,
    saved_plans::Ready,
};

/// Facts that are complete but for what the audit makes known.
#[derive(Debug)]
pub(crate) struct Facts {
    inputs: Vec<Slim>,
    /// The files that configurations name, as far as they were read before, by the path of the input.
    read: BTreeMap<String, Read>,
    /// Tell which of them are read by this audit.
    watches: BTreeMap<String, Watch>,
    /// What was looked up of files that objects upload.
    pub(crate) look_ups: LookUps,
    problems: BTreeSet<file::Complaint>,
    notes: BTreeSet<file::Remark>,
    foreign: usize,
    has_sources: bool,
}

/// An input, without anything sensitive.
#[derive(Debug)]
struct Slim {
    input: file::Input<Box<RawValue>>,
    sources: Option<SlimSources>,
    /// SHA-256 of each file of the configuration.
    prints: Vec<String>,
}

impl Facts {
    /// Takes in what was read, before it is judged.
    pub(crate) fn of(gathered: &Gathered, ready: &mut [Ready]) -> Self {
        let mut watches = BTreeMap::new();
        for ready in ready.iter_mut() {
            let watch = Watch::default();
            if let Some(sources) = &mut ready.sources {
                sources.read_through(|files| Box::new(Watched { files, watch: watch.clone() }));
            }
            watches.insert(ready.input.path.clone(), watch);
        }
        let documents = ready.par_iter().map(of_ready);
        let mut inputs: Vec<Slim> = documents.chain(gathered.unread.par_iter().map(of_saved_plan)).collect();
        inputs.sort_by(|left, right| left.input.path.cmp(&right.input.path));
        Self {
            inputs,
            read: gathered.joined.read.clone(),
            watches,
            look_ups: LookUps::new(),
            problems: gathered.problems.iter().map(Into::into).collect(),
            notes: gathered.notes.iter().map(Into::into).collect(),
            foreign: gathered.foreign,
            has_sources: gathered.has_sources,
        }
    }

    /// The bytes of the file, when all is judged.
    pub(crate) fn finish(mut self, estate: &Estate) -> Result<Vec<u8>, Problem> {
        self.watches.values().for_each(|watch| drop(watch.take()));
        ask_configurations(estate, &mut |input, is_sensitive| {
            let path = &estate.inputs[input].path;
            let read = self.watches.get(path).map(Watch::take).unwrap_or_default();
            if !read.is_empty() && !is_sensitive {
                self.read.entry(path.clone()).or_default().extend(read);
            }
        });
        let mut texts = Texts::default();
        let inputs = self.inputs.into_iter().map(|slim| slim.into_input(&mut texts)).collect();
        let (look_ups, lists) = file::apart(self.look_ups);
        let bytes = |read: Read| read.into_iter().map(|(path, bytes)| (path, Bytes(bytes))).collect();
        let document = file::Document {
            tfduty_facts: FORMAT,
            version: VERSION.into(),
            command: COMMAND.into(),
            inputs,
            texts: texts.all,
            read: self.read.into_iter().map(|(input, read)| (input, bytes(read))).collect(),
            look_ups,
            lists,
            problems: self.problems.into_iter().collect(),
            notes: self.notes.into_iter().collect(),
            foreign: self.foreign,
            has_sources: self.has_sources,
        };
        let mut written = serde_json::to_vec(&document).map_err(|error| Problem {
            path: None,
            message: format!("the facts cannot be made: {error}"),
            help: None,
            place: None,
        })?;
        written.push(b'\n');
        Ok(written)
    }
}

impl Slim {
    fn into_input(self, texts: &mut Texts) -> file::Input<Box<RawValue>> {
        let Self { mut input, sources, prints } = self;
        let files = sources.map(|sources| sources.files).unwrap_or_default().into_iter().zip(prints);
        let files = files.map(|(file, sha256)| file::SourceFile {
            path: file.path,
            modules: file.modules,
            sha256,
            text: texts.place_of(file.text),
        });
        if let Some(configuration) = &mut input.configuration {
            configuration.files = files.collect();
        }
        input
    }
}

/// Texts, each once.
#[derive(Default)]
struct Texts {
    all: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Texts {
    fn place_of(&mut self, text: String) -> usize {
        if let Some(place) = self.places.get(&text) {
            return *place;
        }
        self.all.push(text.clone());
        self.places.insert(text, self.all.len() - 1);
        self.all.len() - 1
    }
}

fn of_ready(ready: &Ready) -> Slim {
    let unit = match &ready.input.document {
        Document::Unit(unit) => Some(&**unit),
        Document::Empty | Document::SavedPlan(_) => None,
    };
    let kind = match unit {
        Some(_) if ready.from_saved_plan => Kind::ShownPlan,
        Some(_) => Kind::Document,
        None => Kind::Empty,
    };
    let sources = ready.sources.as_ref().map(|sources| sources.slim(&reads(), unit));
    let configuration = ready.sources.as_ref().map(|sources| file::Configuration {
        files: Vec::new(),
        folder: ready.source_folder.clone(),
        root: ready.root.as_deref().map(|root| slashed(root).into_owned()),
        is_of_folder: sources.is_of_folder(),
    });
    let unit = unit.and_then(|unit| written(unit, sources.as_ref()));
    Slim {
        input: file::Input { configuration, unit, ..of_input(&ready.input, kind) },
        prints: prints(ready.sources.as_ref(), &ready.prints),
        sources,
    }
}

/// A saved plan that is nobody's: its configuration is all that is of use.
fn of_saved_plan(input: &InputFile) -> Slim {
    let sources = match &input.document {
        Document::SavedPlan(plan) => plan.sources(),
        _ => Sources::default(),
    };
    let configuration =
        file::Configuration { files: Vec::new(), folder: String::new(), root: None, is_of_folder: false };
    Slim {
        input: file::Input { configuration: Some(configuration), ..of_input(input, Kind::SavedPlan) },
        prints: prints(Some(&sources), &[]),
        sources: Some(sources.slim(&reads(), None)),
    }
}

fn of_input(input: &InputFile, kind: Kind) -> file::Input<Box<RawValue>> {
    file::Input {
        path: input.path.clone(),
        file: input.file.as_deref().and_then(|file| file.to_str()).map(str::to_owned),
        folder: input.folder.clone(),
        named: input.named,
        size: input.size,
        kind,
        print: input.print.clone().unwrap_or_else(|| Print::of(b"")),
        configuration: None,
        unit: None,
    }
}

/// The unit without anything sensitive.
fn written(unit: &Unit, sources: Option<&SlimSources>) -> Option<Box<RawValue>> {
    let mut variables = unit
        .configuration
        .as_ref()
        .map(|configuration| configuration.variables_of_providers(&reads()))
        .unwrap_or_default();
    variables.extend(sources.iter().flat_map(|sources| sources.variables.iter().cloned()));
    let mut unit = unit.clone();
    unit.withhold(&reads(), &variables);
    to_raw_value(&unit).ok()
}

/// SHA-256 of the files of a configuration; what facts say of them where they come from some.
fn prints(sources: Option<&Sources>, known: &[String]) -> Vec<String> {
    let Some(sources) = sources else { return Vec::new() };
    if known.len() == sources.files.len() {
        return known.to_vec();
    }
    sources.files.iter().map(|file| sha256(file.text.as_bytes())).collect()
}
