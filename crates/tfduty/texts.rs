//! The texts of the inputs, for excerpts.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::SystemTime,
};

use tfduty_report::Texts;
use tfduty_terraform::{TextId, text_of};

/// Bytes that are held in all while the audit runs; what does not fit is read again. Ten thousand states must not lie in
/// memory as text.
const HELD: usize = 64 * 1024 * 1024;

/// How much of [`HELD`] is taken, shared by the threads that read.
#[derive(Debug, Default)]
pub(crate) struct Budget(AtomicUsize);

/// Where the text of an input comes from after the audit.
#[derive(Debug)]
pub(crate) enum Kept {
    /// It is held.
    Bytes(Vec<u8>),
    /// It is read again, if the file has not changed in between.
    File { file: PathBuf, stamp: Option<Stamp> },
}

/// What tells that a file is still the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    /// The stamp of a file, taken before it is read.
    pub(crate) fn of(file: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(file).ok()?;
        Some(Self { len: metadata.len(), modified: metadata.modified().ok() })
    }
}

impl Budget {
    /// Keeps the bytes of an input, or only the way to them. What has no file (standard input, the output of a program) is
    /// always held.
    pub(crate) fn keep(&self, bytes: Vec<u8>, file: Option<(&Path, Option<Stamp>)>) -> Kept {
        match file {
            Some((file, stamp)) if self.0.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len() > HELD => {
                Kept::File { file: file.to_path_buf(), stamp }
            }
            _ => Kept::Bytes(bytes),
        }
    }
}

impl LoadedTexts {
    /// The texts of the inputs that findings point into, by their place in `kept`, and the sources they point into.
    pub(crate) fn of(kept: Vec<Kept>, wanted: &BTreeSet<usize>, sources: BTreeMap<(usize, TextId), String>) -> Self {
        let mut texts = BTreeMap::new();
        for (input, kept) in kept.into_iter().enumerate().filter(|(input, _)| wanted.contains(input)) {
            let bytes = match kept {
                Kept::Bytes(bytes) => Some(bytes),
                Kept::File { file, stamp } => {
                    std::fs::read(&file).ok().filter(|_| stamp.is_some() && Stamp::of(&file) == stamp)
                }
            };
            if let Some(text) = bytes.and_then(into_text) {
                texts.insert(input, text);
            }
        }
        Self { texts, sources }
    }
}

/// The text that spans refer to, without a copy where the bytes are UTF-8.
fn into_text(bytes: Vec<u8>) -> Option<String> {
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => text_of(error.as_bytes()).map(std::borrow::Cow::into_owned),
    }
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
