//! `--facts`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use rayon::prelude::*;
use serde_json::{error::Category, value::RawValue};
use tfduty_audit::{Note, Problem};
use tfduty_terraform::{Document, Place, SavedPlan, SlimFile, SlimSources, Unit};

use super::{
    file::{self, COMMAND, Complaint, FORMAT, Head, Kind, LookUps, VERSION},
    replay::{Read, Replay},
};
use crate::{
    configuration::Folder,
    inputs::{Gathered, InputFile, problem},
    limits::{DOCUMENT, remedy},
    paths::{is_inside, shown_path},
    saved_plans::Ready,
    texts::{Elsewhere, Kept},
};

/// How facts are written again.
const AGAIN: &str = "write it again with this version of tfduty: `tfduty check INPUT… --facts-out FILE`";

/// What facts add to a run.
#[derive(Debug, Default)]
pub(crate) struct Joined {
    /// The inputs that they stand for.
    pub(crate) inputs: Vec<Ready>,
    /// What was looked up of files that objects upload.
    pub(crate) look_ups: LookUps,
    /// The files that configurations name, by the path of the input.
    pub(crate) read: BTreeMap<String, Read>,
    /// What is said of the facts files themselves, where all is to be said.
    pub(crate) remarks: Vec<Note>,
}

/// Adds what facts files hold to what was found. An input that is at hand itself needs no facts.
pub(crate) fn join(paths: &[PathBuf], gathered: &mut Gathered) {
    let outcomes: Vec<Result<Facts, Problem>> = paths.par_iter().map(|path| read(path)).collect();
    let at_hand: BTreeSet<String> = gathered.files.iter().map(|input| input.path.clone()).collect();
    let mut known: BTreeMap<String, (String, String)> = BTreeMap::new();
    let (mut problems, mut notes) = (BTreeSet::new(), BTreeSet::new());
    for (path, outcome) in paths.iter().zip(outcomes) {
        let facts = match outcome {
            Ok(facts) => facts,
            Err(problem) => {
                gathered.problems.push(problem);
                continue;
            }
        };
        let shown = shown_path(path);
        let message = format!("stands for {} inputs", facts.inputs.len());
        gathered.joined.remarks.push(Note::new(Some(shown.clone()), "facts", message));
        for input in facts.inputs {
            let (path, print) = (input.path().to_owned(), input.print());
            match known.get(&path) {
                None if at_hand.contains(&path) => {}
                None => {
                    known.insert(path, (print, shown.clone()));
                    input.add(gathered);
                }
                Some((other, _)) if *other == print => {}
                Some((_, other)) => {
                    let message = format!("{other} and {shown} both hold facts of it, and they differ");
                    let help =
                        "write the facts of every input once; of what is piped into tfduty, name a file of its own";
                    gathered.problems.push(problem(&path, &message, help));
                }
            }
        }
        // What was found of an input then says nothing of it as it is now.
        let is_of_facts = |path: Option<&String>| path.is_none_or(|path| !at_hand.contains(path));
        let look_ups = facts.look_ups.into_iter().filter(|(question, _)| is_of_facts(Some(&question.input)));
        gathered.joined.look_ups.extend(look_ups);
        gathered.joined.read.extend(facts.read.into_iter().filter(|(input, _)| is_of_facts(Some(input))));
        problems.extend(facts.problems.into_iter().filter(|problem| is_of_facts(problem.path.as_ref())));
        notes.extend(facts.notes.into_iter().filter(|note| is_of_facts(note.path.as_ref())));
        gathered.foreign += facts.foreign;
        gathered.has_sources |= facts.has_sources;
    }
    gathered.problems.extend(problems.into_iter().map(Problem::from));
    gathered.notes.extend(notes.into_iter().map(Note::from));
}

/// A facts file, read.
struct Facts {
    inputs: Vec<Input>,
    look_ups: LookUps,
    read: BTreeMap<String, Read>,
    problems: Vec<Complaint>,
    notes: Vec<file::Remark>,
    foreign: usize,
    has_sources: bool,
}

/// An input that facts stand for.
enum Input {
    Ready(Box<Ready>),
    /// A saved plan that may be that of a plan among other facts.
    SavedPlan(InputFile),
}

impl Input {
    fn file(&self) -> &InputFile {
        match self {
            Self::Ready(ready) => &ready.input,
            Self::SavedPlan(input) => input,
        }
    }

    fn path(&self) -> &str {
        &self.file().path
    }

    fn print(&self) -> String {
        self.file().print.as_ref().map(|print| print.sha256.clone()).unwrap_or_default()
    }

    fn add(self, gathered: &mut Gathered) {
        match self {
            Self::Ready(ready) => gathered.joined.inputs.push(*ready),
            Self::SavedPlan(input) => gathered.files.push(input),
        }
    }
}

fn read(path: &Path) -> Result<Facts, Problem> {
    let shown = shown_path(path);
    let bytes = DOCUMENT.read_named(path).map_err(|error| {
        problem(&shown, &format!("cannot be read: {error}"), remedy(&error, "check the path given to `--facts`"))
    })?;
    let head = match serde_json::from_slice::<Head>(&bytes) {
        Ok(head) => head,
        Err(error) if bytes.trim_ascii_start().starts_with(b"{\"tfduty_facts\":") => {
            return Err(damaged(&shown, &error));
        }
        Err(_) => {
            let help =
                "give what `tfduty check INPUT… --facts-out FILE` wrote; a plan, a state or a folder is an INPUT";
            return Err(problem(&shown, "`--facts` takes facts, and this is none", help));
        }
    };
    if head.tfduty_facts != FORMAT || head.version != VERSION {
        let message = format!(
            "facts of tfduty {} (format {}), and this is {VERSION} (format {FORMAT}): its rules may read what is not in them",
            tfduty_terraform::escape(&head.version),
            head.tfduty_facts
        );
        return Err(problem(&shown, &message, AGAIN));
    }
    let document: file::Document<&RawValue> =
        serde_json::from_slice(&bytes).map_err(|error| damaged(&shown, &error))?;
    if document.command != COMMAND {
        return Err(problem(&shown, "facts for another command than `check`", AGAIN));
    }
    let read: BTreeMap<String, Read> = document
        .read
        .into_iter()
        .map(|(input, read)| (input, read.into_iter().map(|(path, bytes)| (path, bytes.0)).collect()))
        .collect();
    let texts = &document.texts;
    let inputs = document.inputs.into_par_iter().map(|input| take(input, texts, &read)).collect::<Option<_>>();
    Ok(Facts {
        inputs: inputs.ok_or_else(|| problem(&shown, "damaged facts", AGAIN))?,
        look_ups: file::together(document.look_ups, document.lists),
        read,
        problems: document.problems,
        notes: document.notes,
        foreign: document.foreign,
        has_sources: document.has_sources,
    })
}

/// What the file itself says is not repeated: it is not as this program wrote it.
fn damaged(path: &str, error: &serde_json::Error) -> Problem {
    let message = match error.classify() {
        Category::Eof => "damaged facts: the end is missing",
        Category::Io | Category::Syntax | Category::Data => "damaged facts",
    };
    // Facts are one line, so that columns are offsets.
    let place = Place { byte: error.column().saturating_sub(1), line: error.line(), column: error.column() };
    let place = (error.line() == 1 && error.column() > 0).then_some(place);
    Problem { place, ..problem(path, message, AGAIN) }
}

/// An input of a facts file; `None` where it is damaged.
fn take(input: file::Input<&RawValue>, texts: &[String], read: &BTreeMap<String, Read>) -> Option<Input> {
    let file::Input { path, file, folder, named, size, kind, print, configuration, unit } = input;
    let file = file.map(PathBuf::from).filter(|file| is_inside(file));
    let mut slim = None;
    let (mut source_folder, mut root, mut is_of_folder) = (String::new(), None, false);
    let mut prints = Vec::new();
    if let Some(configuration) = configuration {
        let mut files = Vec::new();
        for file::SourceFile { path, modules, sha256, text } in configuration.files {
            prints.push(sha256);
            files.push(SlimFile { path, modules, text: texts.get(text)?.clone() });
        }
        slim = Some(SlimSources { files, ..SlimSources::default() });
        (source_folder, is_of_folder) = (configuration.folder, configuration.is_of_folder);
        root = configuration.root.map(PathBuf::from).filter(|root| is_inside(root));
    }
    let document = match (kind, unit) {
        (Kind::Document | Kind::ShownPlan, Some(unit)) => {
            Document::Unit(Box::new(serde_json::from_str::<Unit>(unit.get()).ok()?))
        }
        (Kind::Empty, None) => Document::Empty,
        (Kind::SavedPlan, None) => {
            let module_files = slim.take()?.into_module_files();
            Document::SavedPlan(Box::new(SavedPlan { prior_state: None, module_files, is_slim: true }))
        }
        _ => return None,
    };
    let elsewhere = Elsewhere { file: file.clone(), print: print.clone(), sources: prints.iter().cloned().collect() };
    let kept = Kept::Elsewhere(Box::new(elsewhere));
    let reader = || -> Box<dyn tfduty_terraform::Files> {
        let folder = root.as_deref().filter(|root| root.is_dir()).map(Folder::at);
        Box::new(Replay { read: read.get(&path).cloned().unwrap_or_default(), folder })
    };
    let sources = slim.map(|slim| slim.into_sources(is_of_folder.then(reader)));
    let input = InputFile { file, path, folder, named, side: None, size, kept, print: Some(print), document };
    if kind == Kind::SavedPlan {
        return Some(Input::SavedPlan(input));
    }
    Some(Input::Ready(Box::new(Ready {
        from_saved_plan: kind == Kind::ShownPlan,
        sources,
        source_folder,
        root,
        is_from_facts: true,
        prints,
        ..Ready::new(input)
    })))
}
