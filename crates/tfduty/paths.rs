//! Paths: how reports show them, and where they lie in a repository.

use std::{
    borrow::Cow,
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use tfduty_terraform::escape;

/// The working folder, which tfduty never changes: asked for once, and not for each of ten thousand files.
static WORKING_FOLDER: LazyLock<PathBuf> = LazyLock::new(|| std::env::current_dir().unwrap_or_default());
/// The same without links.
static REAL_WORKING_FOLDER: LazyLock<Option<PathBuf>> = LazyLock::new(|| working_folder().canonicalize().ok());

/// The working folder; empty where there is none any more.
pub(crate) fn working_folder() -> &'static Path {
    &WORKING_FOLDER
}

/// The working folder without links.
pub(crate) fn real_working_folder() -> Option<&'static Path> {
    REAL_WORKING_FOLDER.as_deref()
}

/// A path as reports show it: relative to the working folder where it is inside, with `/`, control characters escaped.
pub(crate) fn shown_path(path: &Path) -> String {
    let relative = path.strip_prefix(working_folder()).unwrap_or(path);
    let text = slashed(relative);
    let text = text.strip_prefix("./").unwrap_or(&text);
    escape(text).into_owned()
}

/// A path with `/` between its parts. Only where `\` separates them: elsewhere it belongs to a name, and the path with `/`
/// would be that of another file.
pub(crate) fn slashed(path: &Path) -> Cow<'_, str> {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/").into() } else { text }
}

/// The root of the repository that a folder without links lies in: the nearest one with a `.git`, which is a file in
/// worktrees and submodules.
pub(crate) fn repository_root(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|ancestor| ancestor.join(".git").exists())
}

/// Whether a path that facts name leads into the repository of the working folder, or into the working folder itself where that
/// is in none. Facts may come from anywhere, and what lies elsewhere on this machine is none of their business.
pub(crate) fn is_inside(path: &Path) -> bool {
    let Some(here) = real_working_folder() else { return false };
    let top = repository_root(here).unwrap_or(here);
    // Of what is not there, the folder in which it would be.
    let real = path.ancestors().filter(|path| !path.as_os_str().is_empty()).find_map(|path| path.canonicalize().ok());
    real.map_or(path.is_relative(), |real| real.starts_with(top))
}

/// The folder of a file relative to the root of its repository, with `/`; relative to the working folder where there is no
/// repository. Part of every finding's identity, so that two stacks with equal addresses are told apart.
pub(crate) fn repository_folder(file: &Path) -> String {
    let absolute = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    Repositories::default().folder_of(&absolute)
}

/// Repositories by the folders in them: the files of a tree share all folders but the last.
#[derive(Debug, Default)]
pub(crate) struct Repositories(HashMap<PathBuf, Option<Arc<Path>>>);

impl Repositories {
    /// [`repository_folder`] of a file whose path holds no links.
    pub(crate) fn folder_of(&mut self, file: &Path) -> String {
        let folder = file.parent().unwrap_or(Path::new(""));
        let root = self.root_of(folder);
        let root = root.as_deref().or_else(|| real_working_folder()).unwrap_or(Path::new(""));
        slashed(folder.strip_prefix(root).unwrap_or(folder)).into_owned()
    }

    /// [`repository_root`].
    fn root_of(&mut self, folder: &Path) -> Option<Arc<Path>> {
        if let Some(root) = self.0.get(folder) {
            return root.clone();
        }
        let root = match folder.parent() {
            _ if folder.join(".git").exists() => Some(folder.into()),
            Some(parent) => self.root_of(parent),
            None => None,
        };
        self.0.insert(folder.to_path_buf(), root.clone());
        root
    }
}
