//! Files and folders to documents.

use std::{
    fs::{self, File},
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
};

use rayon::prelude::*;
use tfduty_audit::{Command, Note, Problem, Side, detail};
use tfduty_terraform::{Document, Refusal, RefusalClass, Sniff, escape, sniff};
use walkdir::{DirEntry, WalkDir};

use crate::{
    arguments::DocumentArguments,
    facts::{self, Joined, Print},
    texts::{Budget, Kept, Stamp},
};

/// Folders that a walk leaves out.
const LEFT_OUT: &[&str] = &[".git", ".terraform", "node_modules"];
/// How much of a walked file is read to see whether it is Terraform's.
pub(crate) const HEAD: u64 = 64 * 1024;
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

/// A file to read.
#[derive(Debug)]
struct Found {
    file: Option<PathBuf>,
    named: bool,
    side: Option<Side>,
}

/// Finds, reads and parses the inputs of a run.
pub(crate) fn gather(request: &Request<'_>) -> Gathered {
    let mut gathered = Gathered::default();
    let found = find(request, &mut gathered);
    let budget = Budget::default();
    let results: Vec<(Found, Outcome)> = found
        .into_par_iter()
        .map(|found| {
            let outcome = read(request, &found, &budget);
            (found, outcome)
        })
        .collect();
    for (found, outcome) in results {
        take(found, outcome, request, &mut gathered);
    }
    facts::join(request.facts, &mut gathered);
    gathered.files.sort_by(|left, right| left.path.cmp(&right.path));
    gathered
}

/// The files to read: named ones, and what a walk of named folders finds. Each file once, named before walked, and what is
/// said to be from after a destroy first: what it holds has stayed, whatever else it is taken for.
fn find(request: &Request<'_>, gathered: &mut Gathered) -> Vec<Found> {
    let sided = |paths: &'_ [PathBuf], side| paths.iter().map(move |path| (path.clone(), Some(side))).collect();
    let mut named: Vec<(PathBuf, Option<Side>)> = sided(request.after, Side::After);
    named.extend::<Vec<_>>(sided(request.before, Side::Before));
    named.extend(request.documents.inputs.iter().map(|path| (path.clone(), None)));
    if named.is_empty() && !request.documents.hook && request.facts.is_empty() {
        named.push((".".into(), None));
    }
    let mut found: Vec<Found> = Vec::new();
    let mut folders = Vec::new();
    for (path, side) in named {
        if path.as_os_str() == STDIN {
            let is_second = found.iter().any(|found| found.file.is_none());
            let help = format!("pipe a plan into it: `terraform show -json tfplan | tfduty {} -`", request.command);
            match refuse_stdin(is_second, &help) {
                Some(problem) => gathered.problems.push(problem),
                None => found.push(Found { file: None, named: true, side }),
            }
        } else if path.is_dir() && side.is_none() {
            folders.push(path);
        } else {
            found.push(Found { file: Some(path), named: true, side });
        }
    }
    for folder in folders {
        walk(&folder, request.documents.follow_links, &mut found, gathered);
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|found| match &found.file {
        Some(file) => seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())),
        None => true,
    });
    found
}

/// Why standard input is not read, where it is not.
pub(crate) fn refuse_stdin(is_second: bool, help: &str) -> Option<Problem> {
    if is_second {
        Some(problem(STDIN, "standard input is given twice", "give `-` once"))
    } else if io::stdin().is_terminal() {
        Some(problem(STDIN, "standard input is a terminal", help))
    } else {
        None
    }
}

fn walk(folder: &Path, follow_links: bool, found: &mut Vec<Found>, gathered: &mut Gathered) {
    let keep = |entry: &DirEntry| !is_left_out(entry);
    for entry in WalkDir::new(folder).follow_links(follow_links).sort_by_file_name().into_iter().filter_entry(keep) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => {
                let name = entry.file_name().to_string_lossy();
                gathered.has_sources |= is_source(&name);
                if name.ends_with(".tfstate.backup") {
                    let message = "left out: the backup of a state (name it to audit it)";
                    gathered.notes.push(note(&shown_path(entry.path()), "backup", message));
                } else {
                    found.push(Found { file: Some(entry.into_path()), named: false, side: None });
                }
            }
            Ok(_) => {}
            Err(error) => {
                let path = error.path().map_or_else(|| shown_path(folder), shown_path);
                let message = match error.loop_ancestor() {
                    Some(ancestor) => format!("a loop of links: it leads back to {}", shown_path(ancestor)),
                    None => format!(
                        "cannot be read: {}",
                        error.io_error().map_or_else(|| "unknown error".into(), ToString::to_string)
                    ),
                };
                gathered.problems.push(problem(
                    &path,
                    &message,
                    "fix its permissions or links, or name the inputs one by one",
                ));
            }
        }
    }
}

/// Whether a walk leaves a folder out.
pub(crate) fn is_left_out(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    entry.depth() > 0 && entry.file_type().is_dir() && LEFT_OUT.contains(&&*name)
}

/// Whether a file of this name is configuration.
pub(crate) fn is_source(name: &str) -> bool {
    [".tf", ".tf.json", ".tofu", ".tofu.json"].iter().any(|ending| name.ends_with(ending))
}

/// What reading a file gave.
enum Outcome {
    Parsed { size: u64, kept: Kept, print: Option<Print>, document: Document },
    Refused(Refusal),
    Foreign,
    Failed(io::Error),
}

fn read(request: &Request<'_>, found: &Found, budget: &Budget) -> Outcome {
    let stamp = found.file.as_deref().and_then(Stamp::of);
    let bytes = match &found.file {
        None => {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).map(|_| Some(bytes))
        }
        Some(file) if found.named => fs::read(file).map(Some),
        Some(file) => read_if_terraform(file),
    };
    match bytes {
        Err(error) => Outcome::Failed(error),
        Ok(None) => Outcome::Foreign,
        Ok(Some(bytes)) => match Document::parse(&bytes, &|name| detail(request.command, name)) {
            Ok(document) => {
                let size = bytes.len() as u64;
                let print = request.keeps_facts.then(|| Print::of(&bytes));
                let kept = budget.keep(bytes, found.file.as_deref().map(|file| (file, stamp)));
                Outcome::Parsed { size, kept, print, document }
            }
            Err(refusal) => Outcome::Refused(refusal),
        },
    }
}

/// The bytes of a walked file whose head may be Terraform's.
fn read_if_terraform(file: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut open = File::open(file)?;
    let size = open.metadata()?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(HEAD)).unwrap_or_default());
    open.by_ref().take(HEAD).read_to_end(&mut bytes)?;
    let is_state = file.extension().is_some_and(|extension| extension == "tfstate");
    if !is_state && sniff(&bytes) == Sniff::Foreign {
        return Ok(None);
    }
    bytes.reserve_exact(usize::try_from(size).unwrap_or_default().saturating_sub(bytes.len()));
    open.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

fn take(found: Found, outcome: Outcome, request: &Request<'_>, gathered: &mut Gathered) {
    let path = found.file.as_deref().map_or_else(|| STDIN.to_owned(), shown_path);
    let hook = request.documents.hook;
    match outcome {
        // A command that fails leaves no bytes, and to take them for an empty state would be to say that all is gone.
        Outcome::Parsed { document: Document::Empty, .. }
            if request.command == Command::Destroy && found.named && !hook =>
        {
            let message = "no bytes: the command that wrote this failed, or the stack has no state";
            let help =
                "run it by hand: the state of a destroyed stack is empty of objects, but has a serial and a lineage";
            gathered.problems.push(problem(&path, message, help));
        }
        Outcome::Parsed { size, kept, print, document } => {
            let Found { file, named, side } = found;
            gathered.files.push(InputFile { file, path, named, side, size, kept, print, document });
        }
        Outcome::Failed(error) => {
            let message = format!("cannot be read: {error}");
            gathered.problems.push(problem(&path, &message, "check the path and its permissions"));
        }
        Outcome::Foreign => gathered.foreign += 1,
        Outcome::Refused(refusal) => refuse(path, &found, refusal, hook, gathered),
    }
}

/// A named file that is not audited is a problem, whatever it is. Of a walked one it depends on whether it hides a stack.
fn refuse(path: String, found: &Found, refusal: Refusal, hook: bool, gathered: &mut Gathered) {
    let is_state = path.ends_with(".tfstate");
    let class = match refusal.class {
        _ if found.named && !hook => RefusalClass::Problem,
        RefusalClass::Foreign if found.named => RefusalClass::Note,
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

/// A path as reports show it: relative to the working folder where it is inside, with `/`, control characters escaped.
pub(crate) fn shown_path(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let relative = path.strip_prefix(&here).unwrap_or(path);
    let text = slashed(relative);
    let text = text.strip_prefix("./").unwrap_or(&text);
    escape(text).into_owned()
}

/// The folder of a file relative to the root of its repository, with `/`; relative to the working folder where there is no
/// repository. Part of every finding's identity, so that two stacks with equal addresses are told apart.
pub(crate) fn repository_folder(file: &Path) -> String {
    let absolute = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    let folder = absolute.parent().unwrap_or(Path::new(""));
    let root = folder.ancestors().find(|ancestor| ancestor.join(".git").exists());
    let root =
        root.map(Path::to_path_buf).or_else(|| std::env::current_dir().ok()?.canonicalize().ok()).unwrap_or_default();
    let relative = folder.strip_prefix(&root).unwrap_or(folder);
    slashed(relative)
}

/// A path with `/` between its parts. Only where `\` separates them: elsewhere it belongs to a name, and the path with `/`
/// would be that of another file.
pub(crate) fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}
