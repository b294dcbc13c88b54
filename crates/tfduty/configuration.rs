//! The configuration of the inputs: from a folder, and whether it is the one a plan was made from.

use std::path::{Path, PathBuf};

use tfduty_audit::Note;
use tfduty_terraform::{Files, SourceNote, Sources, Unit, escape};

use crate::{
    inputs::{Gathered, note, problem},
    limits::SOURCE_FILE,
    paths::{repository_root, shown_path},
    saved_plans::{Ready, unit_of},
};

/// `--source`: the configuration in a folder, for every input that has none.
pub(crate) fn take_source(folder: &Path, ready: &mut [Ready], gathered: &mut Gathered) {
    let path = shown_path(folder);
    if !folder.is_dir() {
        gathered.problems.push(problem(
            &path,
            "`--source` takes a folder, and there is none",
            "give the folder of the root module",
        ));
        return;
    }
    let load = || Sources::load(Box::new(Folder::at(folder)));
    let sources = load();
    if sources.is_empty() {
        gathered.problems.push(problem(
            &path,
            "the folder holds no Terraform configuration",
            "give the folder of the root module",
        ));
        return;
    }
    gathered.notes.extend(unreadable(&sources, &path));
    let alone = ready.len() == 1;
    for ready in ready {
        let is_of = is_of(ready, &sources);
        if is_of || alone {
            ready.root = Some(folder.to_path_buf());
        }
        if ready.sources.is_some() {
            continue;
        }
        if !is_of {
            let message = if alone {
                "the sources differ from the configuration of the input: they are used as they are"
            } else {
                "the sources are another stack's, and are not used for it"
            };
            gathered.notes.push(note(&ready.input.path, "source-differs", message));
            if !alone {
                continue;
            }
        }
        ready.sources = Some(load());
        ready.source_folder.clone_from(&path);
    }
}

/// What of the configuration in a folder cannot be read.
pub(crate) fn unreadable(sources: &Sources, folder: &str) -> Vec<Note> {
    let about = |broken: &SourceNote| {
        let place = broken.place.map_or_else(String::new, |place| format!(":{}:{}", place.line, place.column));
        note(folder, "source-unreadable", &escape(format!("{}{place}: {}", broken.path, broken.message)))
    };
    sources.notes().iter().map(about).collect()
}

/// Whether an input may have been made from these sources: a plan whose configuration they are, or a state most of whose
/// audited objects have a block there.
fn is_of(ready: &Ready, sources: &Sources) -> bool {
    let Some(unit) = unit_of(ready) else { return true };
    if unit.configuration.is_some() {
        return fits(unit, sources);
    }
    let declared = unit.instances.iter().filter(|instance| sources.block(&instance.address).is_some()).count();
    declared * 2 >= unit.instances.len()
}

/// Reads configuration from a folder and the folders beside it that modules lie in: never outside the repository.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    /// The root of its repository, else the folder itself, without links; nothing where there is no such folder.
    top: Option<PathBuf>,
}

impl Folder {
    pub(crate) fn at(root: &Path) -> Self {
        let real = root.canonicalize().ok();
        let repository = real.as_deref().and_then(repository_root);
        Self { root: root.to_path_buf(), top: repository.map(Path::to_path_buf).or(real) }
    }

    fn inside(&self, path: &str) -> Option<PathBuf> {
        let path = self.root.join(path).canonicalize().ok()?;
        path.starts_with(self.top.as_ref()?).then_some(path)
    }
}

impl Files for Folder {
    fn list(&self, folder: &str) -> Vec<String> {
        let Some(folder) = self.inside(folder) else { return Vec::new() };
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let files = entries.filter(|entry| entry.path().is_file());
        let mut names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        SOURCE_FILE.read_found(&self.inside(path)?).ok()
    }
}

/// Whether sources are the configuration that a plan was made from, as far as the plan shows it.
pub(crate) fn fits(unit: &Unit, sources: &Sources) -> bool {
    unit.configuration.as_ref().is_some_and(|configuration| sources.fits(configuration))
}
