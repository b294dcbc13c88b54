//! Files and folders to documents.

use std::path::PathBuf;

use tfduty_audit::{Command, Note, Problem, Side};
use tfduty_terraform::{Document, Refusal, RefusalClass};

use crate::{
    arguments::DocumentArguments,
    facts::{self, Joined, Print},
    limits::remedy,
    paths::shown_path,
    reader::{self, Outcome},
    texts::Kept,
    walk::{Files, Found, Met},
};

/// What standard input is called.
pub(crate) const STDIN: &str = "-";

/// What a command is to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) command: Command,
    pub(crate) documents: &'a DocumentArguments,
    /// States that are said to be from before a destroy.
    pub(crate) before: &'a [PathBuf],
    /// States that are said to be from after it.
    pub(crate) after: &'a [PathBuf],
    /// Facts files to join.
    pub(crate) facts: &'a [PathBuf],
    /// Whether facts are to be written, for which inputs have to be known again.
    pub(crate) keeps_facts: bool,
}

impl<'a> Request<'a> {
    /// The inputs of a command, and nothing said of them.
    pub(crate) fn new(command: Command, documents: &'a DocumentArguments) -> Self {
        Self { command, documents, before: &[], after: &[], facts: &[], keeps_facts: false }
    }
}

/// Everything that was found to audit.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// The documents, in sorted path order.
    pub(crate) files: Vec<InputFile>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) notes: Vec<Note>,
    /// Walked files that have nothing to do with Terraform.
    pub(crate) foreign: usize,
    /// Whether a walk met `.tf` files.
    pub(crate) has_sources: bool,
    /// What facts hold of other inputs.
    pub(crate) joined: Joined,
    /// Saved plans that no input is the JSON of.
    pub(crate) unread: Vec<InputFile>,
}

/// One file, parsed.
#[derive(Debug)]
pub(crate) struct InputFile {
    /// Where it is; `None` for standard input.
    pub(crate) file: Option<PathBuf>,
    /// Path relative to the working folder, with `/`.
    pub(crate) path: String,
    /// Its folder relative to the root of its repository: see [`crate::paths::repository_folder`].
    pub(crate) folder: String,
    pub(crate) named: bool,
    /// Which side of a destroy it is said to be from.
    pub(crate) side: Option<Side>,
    /// Size in bytes.
    pub(crate) size: u64,
    /// Where its text comes from.
    pub(crate) kept: Kept,
    /// What it is known by, where facts are written of it or it comes from some.
    pub(crate) print: Option<Print>,
    pub(crate) document: Document,
}

/// Finds, reads and parses the inputs of a run.
pub(crate) fn gather(request: &Request<'_>) -> Gathered {
    let mut met = Met::default();
    let (outcomes, foreign) = reader::read(request, Files::of(request, &mut met));
    let Met { problems, notes, has_sources } = met;
    let mut gathered = Gathered { problems, notes, foreign, has_sources, ..Gathered::default() };
    for (found, outcome) in outcomes {
        take(found, outcome, request, &mut gathered);
    }
    facts::join(request.facts, &mut gathered);
    gathered.files.sort_by(|left, right| left.path.cmp(&right.path));
    gathered
}

fn take(found: Found, outcome: Outcome, request: &Request<'_>, gathered: &mut Gathered) {
    let path = found.file.as_deref().map_or_else(|| STDIN.to_owned(), shown_path);
    let hook = request.documents.hook;
    match outcome {
        // A command that fails leaves no bytes, and to take them for an empty state would be to say that all is gone.
        Outcome::Parsed { document: Document::Empty, .. }
            if request.command == Command::Destroy && found.is_named() && !hook =>
        {
            let message = "no bytes: the command that wrote this failed, or the stack has no state";
            let help =
                "run it by hand: the state of a destroyed stack is empty of objects, but has a serial and a lineage";
            gathered.problems.push(problem(&path, message, help));
        }
        Outcome::Parsed { folder, size, kept, print, document } => {
            let (named, Found { file, side, .. }) = (found.is_named(), found);
            gathered.files.push(InputFile { file, path, folder, named, side, size, kept, print, document });
        }
        Outcome::Failed(error) => {
            let message = format!("cannot be read: {error}");
            let help = remedy(&error, "check the path and its permissions");
            gathered.problems.push(problem(&path, &message, help));
        }
        Outcome::Refused(refusal) => refuse(path, &found, refusal, hook, gathered),
    }
}

/// A named file that is not audited is a problem, whatever it is. Of a walked one it depends on whether it hides a stack.
fn refuse(path: String, found: &Found, refusal: Refusal, hook: bool, gathered: &mut Gathered) {
    let is_state = path.ends_with(".tfstate");
    let class = match refusal.class {
        _ if found.is_named() && !hook => RefusalClass::Problem,
        RefusalClass::Foreign if found.is_named() => RefusalClass::Note,
        RefusalClass::Foreign if is_state => RefusalClass::Problem,
        class => class,
    };
    match class {
        RefusalClass::Problem => gathered.problems.push(Problem {
            path: Some(path),
            message: refusal.message,
            help: refusal.help,
            place: refusal.place,
        }),
        RefusalClass::Note => {
            let message = format!("skipped: {}", refusal.message);
            gathered.notes.push(note(&path, "skipped", &message));
        }
        RefusalClass::Foreign => gathered.foreign += 1,
    }
}

pub(crate) fn problem(path: &str, message: &str, help: &str) -> Problem {
    Problem { path: Some(path.to_owned()), message: message.to_owned(), help: Some(help.to_owned()), place: None }
}

pub(crate) fn note(path: &str, code: &'static str, message: &str) -> Note {
    Note::new(Some(path.to_owned()), code, message.to_owned())
}
