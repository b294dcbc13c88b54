//! `tfduty list`.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use rayon::prelude::*;
use tfduty_audit::{Beside, Command, Content, Estate, Input, ListFile, Note, Problem, SetKind, audit};
use tfduty_aws::{
    limits::LIST_BYTES,
    list::{self, ListFormat},
};
use tfduty_terraform::{Detail, Document, RefusalClass, Sniff, UnitKind, sniff};

use crate::{
    arguments::{KindArgument, ListArguments},
    inputs::{STDIN, problem},
    limits::{DOCUMENT, remedy},
    paths::{repository_folder, shown_path},
    reader::HEAD,
    run::{begin, finish},
    texts::Kept,
    walk::refuse_stdin,
};

/// Audits the files, writes the reports, and gives the exit status.
pub(crate) fn run(arguments: &ListArguments) -> ExitCode {
    let (mut settings, mut problems) = begin(Command::List, &arguments.run.judging);
    settings.writes_baseline = arguments.run.write_baseline.is_some();
    let files = named(&arguments.files, &mut problems);
    let outcomes: Vec<Result<Input, Problem>> = files.into_par_iter().map(|path| read(path, arguments)).collect();
    let mut inputs = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(input) => inputs.push(input),
            Err(problem) => problems.push(problem),
        }
    }
    let mut estate = Estate::new(Command::List, inputs, problems, notes(arguments));
    let report = audit(&mut estate, &settings);
    // Every input is a list, so that these are in the order of the inputs.
    let files = std::mem::take(&mut estate.files).into_iter();
    let kept = files.map(|(_, file)| Kept::List(file.bytes)).collect();
    finish(&arguments.run, &estate, report, kept)
}

fn notes(arguments: &ListArguments) -> Vec<Note> {
    let message = "no list among the files of this commit: nothing was audited";
    let note = Note::new(None, "hook-without-files", message);
    // Without `--hook` a file is required.
    arguments.files.is_empty().then_some(note).into_iter().collect()
}

/// The files to read, each once.
fn named<'a>(paths: &'a [PathBuf], problems: &mut Vec<Problem>) -> Vec<&'a Path> {
    let mut seen = BTreeSet::new();
    let mut files = Vec::new();
    for path in paths {
        let is_new = seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone()));
        if path.as_os_str() == STDIN {
            match refuse_stdin(!is_new, "pipe a list into it, or name files") {
                Some(problem) => problems.push(problem),
                None => files.push(path.as_path()),
            }
        } else if path.is_dir() {
            let help = "name the files in it that are lists: any other file would be judged as a list too";
            problems.push(problem(&shown_path(path), "a folder, and no list", help));
        } else if is_new {
            files.push(path);
        }
    }
    files
}

/// Reads one file.
fn read(path: &Path, arguments: &ListArguments) -> Result<Input, Problem> {
    let is_stdin = path.as_os_str() == STDIN;
    let shown = if is_stdin { STDIN.to_owned() } else { shown_path(path) };
    let taken = if is_stdin { take(&mut io::stdin().lock(), None) } else { open(path) };
    let (bytes, size) = match taken {
        Ok(Taken::List { bytes, size }) => (bytes, size),
        Ok(Taken::Terraform { message, help }) => {
            let help = help.unwrap_or_else(|| format!("run `tfduty check {shown}`"));
            return Err(problem(&shown, &message, &help));
        }
        Err(error) => {
            let help = remedy(&error, "check the path and its permissions");
            return Err(problem(&shown, &format!("cannot be read: {error}"), help));
        }
    };
    let format = arguments.list_format.or_else(|| looks_of(&bytes));
    let file = ListFile {
        bytes,
        kind: arguments.kind.map(|kind| match kind {
            KindArgument::Trusted => SetKind::Trusted,
            KindArgument::Threat => SetKind::Threat,
        }),
        format: format.unwrap_or(ListFormat::Txt),
        is_declared: arguments.list_format.is_some(),
    };
    Ok(Input {
        path: shown,
        folder: if is_stdin { String::new() } else { repository_folder(path) },
        named: true,
        side: None,
        bytes: size,
        content: Content::List(file),
        sources: None,
        source_folder: String::new(),
        beside: Beside::default(),
    })
}

/// What a file turned out to be.
enum Taken {
    /// A list, with its size; one that GuardDuty refuses by its size alone is without its bytes.
    List { bytes: Vec<u8>, size: u64 },
    /// A document of Terraform's, and what to do with it where that is not to check it.
    Terraform { message: String, help: Option<String> },
}

fn open(path: &Path) -> io::Result<Taken> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    // Pipes and devices do not tell their size.
    take(&mut file, metadata.is_file().then_some(metadata.len()))
}

fn take(file: &mut dyn Read, size: Option<u64>) -> io::Result<Taken> {
    let mut bytes = Vec::with_capacity(usize::try_from(size.unwrap_or_default().min(LIST_BYTES)).unwrap_or_default());
    file.take(HEAD as u64).read_to_end(&mut bytes)?;
    // No bytes at all are a state to Terraform, and here an empty list.
    if !bytes.is_empty() && sniff(&bytes) == Sniff::Read {
        DOCUMENT.read_to_end(file, &mut bytes)?;
        if let Some(terraform) = terraform(&bytes) {
            return Ok(terraform);
        }
    } else if let Some(size) = size.filter(|size| *size > LIST_BYTES) {
        return Ok(Taken::List { bytes: Vec::new(), size });
    } else {
        file.take(LIST_BYTES).read_to_end(&mut bytes)?;
    }
    let size = bytes.len() as u64;
    if size <= LIST_BYTES {
        return Ok(Taken::List { bytes, size });
    }
    // What never ends is not counted for ever.
    let size = size + io::copy(&mut file.take(DOCUMENT.bytes + 1 - size), &mut io::sink())?;
    DOCUMENT.allows(size)?;
    Ok(Taken::List { bytes: Vec::new(), size })
}

/// What a file is to Terraform; `None` where it is nothing.
fn terraform(bytes: &[u8]) -> Option<Taken> {
    let (message, help) = match Document::parse(bytes, &|_| Detail::Count) {
        Ok(Document::Unit(unit)) if unit.kind == UnitKind::Plan => ("this is a plan, and no list".into(), None),
        Ok(Document::Unit(_) | Document::Empty) => ("this is a state, and no list".into(), None),
        Ok(Document::SavedPlan(_)) => ("this is a saved plan, and no list".into(), None),
        Err(refusal) if refusal.class == RefusalClass::Foreign => return None,
        Err(refusal) => (format!("no list: {}", refusal.message), refusal.help),
    };
    Some(Taken::Terraform { message, help })
}

/// The format that the bytes of a list look like.
fn looks_of(bytes: &[u8]) -> Option<ListFormat> {
    match list::sniff(bytes).content {
        list::Content::Format(format) => Some(format),
        _ => None,
    }
}
