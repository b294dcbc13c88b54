//! The files that expressions of a configuration name.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use tfduty_terraform::Files;

use crate::configuration::Folder;

/// Files by their paths, relative to the root module's folder.
pub(super) type Read = BTreeMap<String, Vec<u8>>;

/// Takes down which files are read.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch(Arc<Mutex<Read>>);

impl Watch {
    /// What was read since this was last asked.
    pub(super) fn take(&self) -> Read {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads as another reader does, watched.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) files: Box<dyn Files>,
    pub(super) watch: Watch,
}

impl Files for Watched {
    fn list(&self, folder: &str) -> Vec<String> {
        self.files.list(folder)
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let bytes = self.files.read(path)?;
        self.watch.0.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), bytes.clone());
        Some(bytes)
    }
}

/// Reads what facts hold, and for the rest the folder where it would be.
#[derive(Debug)]
pub(super) struct Replay {
    pub(super) read: Read,
    pub(super) folder: Option<Folder>,
}

impl Files for Replay {
    fn list(&self, folder: &str) -> Vec<String> {
        self.folder.as_ref().map(|files| files.list(folder)).unwrap_or_default()
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.read.get(path).cloned().or_else(|| self.folder.as_ref()?.read(path))
    }
}
