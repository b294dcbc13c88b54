//! The texts of the inputs, for excerpts.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use tfduty_report::Texts;
use tfduty_terraform::{TextId, text_of};

/// Texts up to this many bytes in all are held while the audit runs; others are read again.
const HELD: usize = 64 * 1024 * 1024;

/// Where the text of an input comes from after the audit.
#[derive(Debug)]
pub(crate) enum Kept {
    /// It is held.
    Text(String),
    /// It is read again, if the file has not changed in between.
    File { file: PathBuf, stamp: Option<Stamp> },
    /// There is none: the file is no text.
    Nothing,
}

/// What tells that a file is still the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    len: u64,
    modified: Option<std::time::SystemTime>,
}

impl Stamp {
    pub(crate) fn of(file: &PathBuf) -> Option<Self> {
        let metadata = std::fs::metadata(file).ok()?;
        Some(Self { len: metadata.len(), modified: metadata.modified().ok() })
    }
}

/// Room for the texts that are held. Files are read in parallel: each takes of it while there is some, and lets go of its
/// text at once where there is none, so that ten thousand states fit in memory.
#[derive(Debug)]
pub(crate) struct Room {
    left: AtomicUsize,
    /// Whether one text of any size is held besides. A run of one large plan is the common case, its text was in memory
    /// as a whole in any case, and to read it again would take a third of the time of the run.
    has_large: AtomicBool,
}

impl Default for Room {
    fn default() -> Self {
        Self { left: AtomicUsize::new(HELD), has_large: AtomicBool::new(false) }
    }
}

impl Room {
    /// Keeps a text, or only the way to it. What cannot be read again is always held.
    pub(crate) fn keep(&self, text: String, again: Option<(PathBuf, Option<Stamp>)>) -> Kept {
        let Some((file, stamp)) = again else { return Kept::Text(text) };
        let fits = |left: usize| left.checked_sub(text.len());
        let held = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
            || !self.has_large.swap(true, Ordering::Relaxed);
        if held { Kept::Text(text) } else { Kept::File { file, stamp } }
    }
}

impl Kept {
    fn load(self) -> Option<String> {
        match self {
            Kept::Text(text) => Some(text),
            Kept::File { file, stamp } => {
                let bytes = std::fs::read(&file).ok().filter(|_| stamp.is_some() && Stamp::of(&file) == stamp)?;
                into_text(bytes).ok()
            }
            Kept::Nothing => None,
        }
    }
}

/// The texts of the inputs that findings point into, and the sources they point into.
pub(crate) fn load(
    kept: Vec<Kept>,
    wanted: &BTreeSet<usize>,
    sources: BTreeMap<(usize, TextId), String>,
) -> LoadedTexts {
    let wanted = kept.into_iter().enumerate().filter(|(input, _)| wanted.contains(input));
    LoadedTexts { texts: wanted.filter_map(|(input, kept)| Some((input, kept.load()?))).collect(), sources }
}

/// The text that spans refer to, without a copy where the bytes are UTF-8; the bytes where they are no text.
pub(crate) fn into_text(bytes: Vec<u8>) -> Result<String, Vec<u8>> {
    String::from_utf8(bytes).or_else(|error| match text_of(error.as_bytes()) {
        Some(text) => Ok(Cow::into_owned(text)),
        None => Err(error.into_bytes()),
    })
}

/// Texts, loaded.
#[derive(Debug)]
pub(crate) struct LoadedTexts {
    texts: BTreeMap<usize, String>,
    sources: BTreeMap<(usize, TextId), String>,
}

impl Texts for LoadedTexts {
    fn text(&self, input: usize) -> Option<&str> {
        self.texts.get(&input).map(String::as_str)
    }

    fn source(&self, input: usize, text: TextId) -> Option<&str> {
        self.sources.get(&(input, text)).map(String::as_str)
    }
}
