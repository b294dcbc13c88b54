//! Files and folders to documents.

use std::{
    fs::{self, File},
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
};

use rayon::prelude::*;
use tfduty_audit::{Note, Problem, is_audited};
use tfduty_terraform::{Document, Refusal, RefusalClass, Sniff, escape, sniff};
use walkdir::{DirEntry, WalkDir};

use crate::{
    arguments::CheckArguments,
    texts::{Kept, Room, Stamp, into_text},
};

/// Folders that a walk leaves out.
const LEFT_OUT: &[&str] = &[".git", ".terraform", "node_modules"];
/// How much of a walked file is read to see whether it is Terraform's.
const HEAD: u64 = 64 * 1024;
/// What standard input is called.
pub(crate) const STDIN: &str = "-";

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
}

/// One file, parsed.
#[derive(Debug)]
pub(crate) struct InputFile {
    /// Where it is; `None` for standard input.
    pub(crate) file: Option<PathBuf>,
    /// Path relative to the working folder, with `/`.
    pub(crate) path: String,
    pub(crate) named: bool,
    /// Size in bytes.
    pub(crate) size: u64,
    pub(crate) kept: Kept,
    pub(crate) document: Document,
}

/// A file to read.
#[derive(Debug)]
struct Found {
    file: Option<PathBuf>,
    named: bool,
}

/// Finds, reads and parses the inputs of a run.
pub(crate) fn gather(arguments: &CheckArguments) -> Gathered {
    let mut gathered = Gathered::default();
    let here = [PathBuf::from(".")];
    let named = if arguments.inputs.is_empty() && !arguments.hook { &here[..] } else { &arguments.inputs[..] };
    let found = find(named, arguments.follow_links, &mut gathered);
    let room = Room::default();
    let results: Vec<(String, Found, Read1)> = found
        .into_par_iter()
        .map(|found| {
            let path = found.file.as_deref().map_or_else(|| STDIN.to_owned(), shown_path);
            let read = read(&found, &room);
            (path, found, read)
        })
        .collect();
    for (path, found, read) in results {
        take(path, found, read, arguments.hook, &mut gathered);
    }
    gathered.files.sort_by(|left, right| left.path.cmp(&right.path));
    gathered
}

/// The files to read: named ones, and what a walk of named folders finds. Each file once, named before walked.
fn find(named: &[PathBuf], follow_links: bool, gathered: &mut Gathered) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut folders = Vec::new();
    for path in named {
        if path.as_os_str() == STDIN {
            let stdin = Found { file: None, named: true };
            if found.iter().any(|found| found.file.is_none()) {
                gathered.problems.push(problem(STDIN, "standard input is given twice", "give `-` once"));
            } else if io::stdin().is_terminal() {
                let help = "pipe a plan into it: `terraform show -json tfplan | tfduty check -`";
                gathered.problems.push(problem(STDIN, "standard input is a terminal", help));
            } else {
                found.push(stdin);
            }
        } else if path.is_dir() {
            folders.push(path);
        } else {
            found.push(Found { file: Some(path.clone()), named: true });
        }
    }
    for folder in folders {
        walk(folder, follow_links, &mut found, gathered);
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|found| match &found.file {
        Some(file) => seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())),
        None => true,
    });
    found
}

fn walk(folder: &Path, follow_links: bool, found: &mut Vec<Found>, gathered: &mut Gathered) {
    let keep = |entry: &DirEntry| {
        entry.depth() == 0 || !entry.file_type().is_dir() || !LEFT_OUT.contains(&&*entry.file_name().to_string_lossy())
    };
    for entry in WalkDir::new(folder).follow_links(follow_links).sort_by_file_name().into_iter().filter_entry(keep) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => {
                let name = entry.file_name().to_string_lossy();
                gathered.has_sources |= is_source(&name);
                if name.ends_with(".tfstate.backup") {
                    let message = "left out: the backup of a state (name it to audit it)";
                    gathered.notes.push(note(&shown_path(entry.path()), "backup", message));
                } else {
                    found.push(Found { file: Some(entry.into_path()), named: false });
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

fn is_source(name: &str) -> bool {
    [".tf", ".tf.json", ".tofu", ".tofu.json"].iter().any(|ending| name.ends_with(ending))
}

/// What reading a file gave.
enum Read1 {
    Parsed { size: u64, kept: Kept, document: Document },
    Refused(Refusal),
    Foreign,
    Failed(io::Error),
}

fn read(found: &Found, room: &Room) -> Read1 {
    // Taken before the file is read: what changes while it is read has changed.
    let again = found.file.as_ref().map(|file| (file.clone(), Stamp::of(file)));
    let bytes = match &found.file {
        None => {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).map(|_| Some(bytes))
        }
        Some(file) if found.named => fs::read(file).map(Some),
        Some(file) => read_if_terraform(file),
    };
    match bytes {
        Err(error) => Read1::Failed(error),
        Ok(None) => Read1::Foreign,
        Ok(Some(bytes)) => {
            let size = bytes.len() as u64;
            match parse(bytes) {
                Ok((text, document)) => {
                    let kept = text.map_or(Kept::Nothing, |text| room.keep(text, again));
                    Read1::Parsed { size, kept, document }
                }
                Err(refusal) => Read1::Refused(refusal),
            }
        }
    }
}

/// Parses the bytes of a file, and gives its text back where it has one.
pub(crate) fn parse(bytes: Vec<u8>) -> Result<(Option<String>, Document), Refusal> {
    match into_text(bytes) {
        Ok(text) => Document::parse_text(&text, &is_audited).map(|document| (Some(text), document)),
        Err(bytes) => Document::parse(&bytes, &is_audited).map(|document| (None, document)),
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

fn take(path: String, found: Found, read: Read1, hook: bool, gathered: &mut Gathered) {
    match read {
        Read1::Parsed { size, kept, document } => {
            gathered.files.push(InputFile { file: found.file, path, named: found.named, size, kept, document });
        }
        Read1::Failed(error) => {
            let message = format!("cannot be read: {error}");
            gathered.problems.push(problem(&path, &message, "check the path and its permissions"));
        }
        Read1::Foreign => gathered.foreign += 1,
        Read1::Refused(refusal) => refuse(path, &found, refusal, hook, gathered),
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
    Note { path: Some(path.to_owned()), code, message: message.to_owned() }
}

/// A path as reports show it: relative to the working folder where it is inside, with `/`, control characters escaped.
pub(crate) fn shown_path(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let relative = path.strip_prefix(&here).unwrap_or(path);
    let text = relative.to_string_lossy().replace('\\', "/");
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
    relative.to_string_lossy().replace('\\', "/")
}
