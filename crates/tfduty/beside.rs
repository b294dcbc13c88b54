//! Configuration that nobody named: found beside the inputs.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rayon::prelude::*;
use tfduty_audit::{Beside, FoundSources, Note};
use tfduty_terraform::{Action, Sources, UnitKind};

use crate::{
    configuration::{Folder, fits, unreadable},
    inputs::InputFile,
    paths::{real_working_folder, repository_root, shown_path},
    saved_plans::{Ready, unit_of},
    walk::is_source,
};

/// Gives inputs without configuration the one beside them. Where it is shown to be the one that a plan was made from, it
/// states facts, and has to be read now; else it only tells where things are written, and is read if that is asked.
pub(crate) fn take_beside(ready: &mut [Ready]) -> Vec<Note> {
    let known = Known::default();
    let without = ready.par_iter_mut().filter(|ready| ready.sources.is_none() && ready.has_folder());
    let notes = without.flat_map_iter(|ready| {
        let own = own_folder(&ready.input);
        // Where facts were written, it was looked for.
        let found = if ready.is_from_facts { None } else { fitting(ready, &own) };
        if let Some((folder, sources)) = found {
            let shown = shown_path(&folder);
            let notes = unreadable(&sources, &shown);
            ready.sources = Some(sources);
            ready.source_folder = shown;
            ready.root = Some(folder);
            return notes;
        }
        let known = Arc::clone(&known);
        ready.beside = Beside::new(move || {
            let folder = nearest(&own)?;
            Some(FoundSources { folder: shown_path(&folder), sources: load(&known, folder) })
        });
        Vec::new()
    });
    notes.collect()
}

/// The configuration that a plan was made from, where one of the folders above it holds it: the plan of a stack may lie in
/// a folder with files of its own. Only looked for where it could tell more than the plan.
fn fitting(ready: &Ready, own: &Path) -> Option<(PathBuf, Sources)> {
    let unit = unit_of(ready).filter(|_| could_tell_more(ready))?;
    let mut found = holders(own).into_iter().map(|folder| {
        let sources = Sources::load(Box::new(Folder::at(&folder)));
        (folder, sources)
    });
    found.find(|(_, sources)| fits(unit, sources))
}

/// Says where the configuration of saved plans lies, as far as it is where its files say. A saved plan holds no folder.
pub(crate) fn place_saved(ready: &mut [Ready]) {
    for ready in ready.iter_mut().filter(|ready| ready.source_folder.is_empty() && ready.has_folder()) {
        let Some(sources) = &ready.sources else { continue };
        let folder = ready.root.clone().or_else(|| nearest(&own_folder(&ready.input)));
        let mut of_root = sources.files.iter().filter(|file| !file.path.contains('/'));
        if let Some(folder) = folder.filter(|folder| of_root.all(|file| folder.join(&file.path).is_file())) {
            ready.source_folder = shown_path(&folder);
        }
    }
}

/// Configurations by their folders: several states may lie beside one.
type Known = Arc<Mutex<BTreeMap<PathBuf, Arc<Sources>>>>;

fn load(known: &Known, folder: PathBuf) -> Arc<Sources> {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    let sources =
        known.entry(folder).or_insert_with_key(|folder| Arc::new(Sources::load(Box::new(Folder::at(folder)))));
    Arc::clone(sources)
}

/// Whether the configuration could say more of an input than the input itself: it is a plan that shows its configuration,
/// and that changes an object which rules look at.
fn could_tell_more(ready: &Ready) -> bool {
    unit_of(ready).is_some_and(|unit| {
        let changes = |actions: &[Action]| actions.iter().any(|action| !matches!(action, Action::NoOp | Action::Read));
        unit.kind == UnitKind::Plan
            && unit.configuration.is_some()
            && unit.changes.iter().any(|change| changes(&change.actions))
    })
}

/// The folder of an input; of standard input the working folder, which is where Terraform ran.
fn own_folder(input: &InputFile) -> PathBuf {
    let own = input.file.as_deref().and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
    own.unwrap_or(Path::new(".")).to_path_buf()
}

/// The first of [`holders`].
fn nearest(folder: &Path) -> Option<PathBuf> {
    holders(folder).into_iter().next()
}

/// The folders with configuration, seen from the working folder: from this one up to the root of the repository; without a
/// repository, up to the working folder.
fn holders(folder: &Path) -> Vec<PathBuf> {
    let Ok(folder) = folder.canonicalize() else { return Vec::new() };
    let here = || real_working_folder().filter(|here| folder.starts_with(here));
    let top = repository_root(&folder).or_else(here).unwrap_or(&folder);
    let inside = folder.ancestors().take_while(|ancestor| ancestor.starts_with(top));
    inside.filter(|ancestor| holds_configuration(ancestor)).map(from_here).collect()
}

fn holds_configuration(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).any(|name| is_source(&name.to_string_lossy()))
}

/// A folder without links, as seen from the working folder; as it is where they have nothing in common but the root.
fn from_here(folder: &Path) -> PathBuf {
    let here = real_working_folder().unwrap_or(Path::new(""));
    let shared = folder.components().zip(here.components()).take_while(|(one, other)| one == other).count();
    if shared < 2 {
        return folder.to_path_buf();
    }
    let up = here.components().skip(shared).map(|_| Path::new(".."));
    let down = folder.components().skip(shared).map(|component| Path::new(component.as_os_str()));
    let path: PathBuf = up.chain(down).collect();
    if path.as_os_str().is_empty() { ".".into() } else { path }
}
