//! The files that a run is to read: named ones, and what a walk of named folders finds.

use std::{
    collections::HashSet,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    sync::Arc,
    vec,
};

use tfduty_audit::{Note, Problem, Side};
use walkdir::{DirEntry, FilterEntry, IntoIter, WalkDir};

use crate::{
    inputs::{Request, STDIN, note, problem},
    paths::shown_path,
};

/// Folders that a walk leaves out.
const LEFT_OUT: &[&str] = &[".git", ".terraform", "node_modules"];

/// A file to read.
#[derive(Debug)]
pub(crate) struct Found {
    /// Where it is; `None` for standard input.
    pub(crate) file: Option<PathBuf>,
    /// Which side of a destroy it is said to be from.
    pub(crate) side: Option<Side>,
    /// The folder that was walked to find it; `None` where it was named itself.
    root: Option<Arc<Root>>,
}

/// A folder that is walked.
#[derive(Debug)]
struct Root {
    path: PathBuf,
    /// The same without links; `None` where the walk follows links, so that files may lie anywhere.
    real: Option<PathBuf>,
}

impl Found {
    fn named(file: Option<PathBuf>, side: Option<Side>) -> Self {
        Self { file, side, root: None }
    }

    /// Whether the user named it; otherwise a walk found it.
    pub(crate) fn is_named(&self) -> bool {
        self.root.is_none()
    }

    /// The file's path without links; `None` for standard input. Of what a walk found no folder has to be asked again.
    pub(crate) fn real_path(&self) -> Option<PathBuf> {
        let file = self.file.as_deref()?;
        let walked = || {
            let root = self.root.as_deref()?;
            Some(root.real.as_deref()?.join(file.strip_prefix(&root.path).ok()?))
        };
        Some(walked().unwrap_or_else(|| file.canonicalize().unwrap_or_else(|_| file.to_path_buf())))
    }
}

/// What was met while files were looked for.
#[derive(Debug, Default)]
pub(crate) struct Met {
    pub(crate) problems: Vec<Problem>,
    pub(crate) notes: Vec<Note>,
    /// Whether a walk met `.tf` files.
    pub(crate) has_sources: bool,
}

/// The files of a run, found while they are asked for: each once, named before walked, and what is said to be from after a
/// destroy first, since what it holds has stayed, whatever else it is taken for.
pub(crate) struct Files<'a> {
    named: vec::IntoIter<Found>,
    folders: vec::IntoIter<PathBuf>,
    walk: Option<Walk>,
    follow_links: bool,
    /// Real paths of the files so far; `None` where no file can be met twice.
    seen: Option<HashSet<PathBuf>>,
    met: &'a mut Met,
}

/// The walk of one folder.
struct Walk {
    root: Arc<Root>,
    entries: FilterEntry<IntoIter, fn(&DirEntry) -> bool>,
}

impl<'a> Files<'a> {
    /// The files of a request. What is to be said of them comes to stand in `met`.
    pub(crate) fn of(request: &Request<'_>, met: &'a mut Met) -> Self {
        let (named, folders) = named(request, met);
        let follow_links = request.documents.follow_links;
        let is_one = named.len() + folders.len() < 2 && !follow_links;
        let seen = (!is_one).then(HashSet::new);
        Self { named: named.into_iter(), folders: folders.into_iter(), walk: None, follow_links, seen, met }
    }

    /// Whether they are one file, and no folder.
    pub(crate) fn is_one_file(&self) -> bool {
        self.named.len() == 1 && self.folders.len() == 0
    }

    /// The next file, whether it was met before or not.
    fn advance(&mut self) -> Option<Found> {
        if let Some(named) = self.named.next() {
            return Some(named);
        }
        loop {
            let Some(walk) = &mut self.walk else {
                self.walk = Some(Walk::of(self.folders.next()?, self.follow_links));
                continue;
            };
            match walk.entries.next() {
                None => self.walk = None,
                Some(Ok(entry)) => {
                    if let Some(file) = self.met.take(entry) {
                        return Some(Found { file: Some(file), side: None, root: Some(Arc::clone(&walk.root)) });
                    }
                }
                Some(Err(error)) => self.met.problems.push(walk_failed(&error, &walk.root.path)),
            }
        }
    }
}

impl Iterator for Files<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            let found = self.advance()?;
            let is_new = match (&mut self.seen, found.real_path()) {
                (Some(seen), Some(path)) => seen.insert(path),
                _ => true,
            };
            if is_new {
                return Some(found);
            }
        }
    }
}

impl Walk {
    fn of(folder: PathBuf, follow_links: bool) -> Self {
        let keep: fn(&DirEntry) -> bool = |entry| !is_left_out(entry);
        let entries =
            WalkDir::new(&folder).follow_links(follow_links).sort_by_file_name().into_iter().filter_entry(keep);
        let real = (!follow_links).then(|| folder.canonicalize().ok()).flatten();
        Self { root: Arc::new(Root { path: folder, real }), entries }
    }
}

impl Met {
    /// Takes what a walk met: gives the file to read, if it is one.
    fn take(&mut self, entry: DirEntry) -> Option<PathBuf> {
        if !entry.file_type().is_file() {
            return None;
        }
        let name = entry.file_name().to_string_lossy();
        self.has_sources |= is_source(&name);
        if name.ends_with(".tfstate.backup") {
            let message = "left out: the backup of a state (name it to audit it)";
            self.notes.push(note(&shown_path(entry.path()), "backup", message));
            return None;
        }
        Some(entry.into_path())
    }
}

/// The files and folders that are named.
fn named(request: &Request<'_>, met: &mut Met) -> (Vec<Found>, Vec<PathBuf>) {
    let sided = |paths: &'_ [PathBuf], side| paths.iter().map(move |path| (path.clone(), Some(side))).collect();
    let mut named: Vec<(PathBuf, Option<Side>)> = sided(request.after, Side::After);
    named.extend::<Vec<_>>(sided(request.before, Side::Before));
    named.extend(request.documents.inputs.iter().map(|path| (path.clone(), None)));
    if named.is_empty() && !request.documents.hook && request.facts.is_empty() {
        named.push((".".into(), None));
    }
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for (path, side) in named {
        if path.as_os_str() == STDIN {
            let help = format!("pipe a plan into it: `terraform show -json tfplan | tfduty {} -`", request.command);
            let is_second = files.iter().any(|found: &Found| found.file.is_none());
            match refuse_stdin(is_second, &help) {
                Some(problem) => met.problems.push(problem),
                None => files.push(Found::named(None, side)),
            }
        } else if path.is_dir() && side.is_none() {
            folders.push(path);
        } else {
            files.push(Found::named(Some(path), side));
        }
    }
    (files, folders)
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

/// What a walk of a folder cannot enter or read.
fn walk_failed(error: &walkdir::Error, folder: &Path) -> Problem {
    let path = error.path().map_or_else(|| shown_path(folder), shown_path);
    let message = match error.loop_ancestor() {
        Some(ancestor) => format!("a loop of links: it leads back to {}", shown_path(ancestor)),
        None => {
            format!("cannot be read: {}", error.io_error().map_or_else(|| "unknown error".into(), ToString::to_string))
        }
    };
    problem(&path, &message, "fix its permissions or links, or name the inputs one by one")
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
