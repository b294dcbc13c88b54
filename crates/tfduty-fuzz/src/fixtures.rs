//! The files of `fixtures/`, which are what is mutated.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file of `fixtures/`.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// Its path below `fixtures/`, with `/`.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

impl Fixture {
    /// Whether its name ends with a dot and this.
    pub fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|other| other == extension)
    }
}

/// The files below a folder of `fixtures/`, in the order of their paths; none where there is no such folder.
pub fn fixtures(folder: &str) -> Vec<Fixture> {
    let root = root();
    let mut paths = Vec::new();
    files(&root.join(folder), &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).ok()?;
        let path = path.strip_prefix(&root).ok()?.to_string_lossy().replace('\\', "/");
        Some(Fixture { path, bytes })
    };
    paths.into_iter().filter_map(read).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}
