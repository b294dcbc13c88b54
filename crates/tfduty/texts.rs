//! The texts of the inputs, for excerpts.

use std::{collections::BTreeMap, path::PathBuf};

use tfduty_report::Texts;
use tfduty_terraform::{TextId, text_of};

/// Texts up to this many bytes in all are held while the audit runs; larger ones are read again.
const HELD: usize = 64 * 1024 * 1024;

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
    modified: Option<std::time::SystemTime>,
}

impl Stamp {
    fn of(file: &PathBuf) -> Option<Self> {
        let metadata = std::fs::metadata(file).ok()?;
        Some(Self { len: metadata.len(), modified: metadata.modified().ok() })
    }
}

/// Collects what is kept of each input, in the order of the estate.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    kept: Vec<Kept>,
    held: usize,
}

impl Keeper {
    /// Keeps the bytes of the next input, or only the way to them. Standard input is always held.
    pub(crate) fn keep(&mut self, bytes: Vec<u8>, file: Option<PathBuf>) {
        let fits = self.held + bytes.len() <= HELD;
        self.kept.push(match file {
            Some(file) if !fits => Kept::File { stamp: Stamp::of(&file), file },
            _ => {
                self.held += bytes.len();
                Kept::Bytes(bytes)
            }
        });
    }

    /// The texts of the inputs that findings point into, and the sources they point into.
    pub(crate) fn texts(self, wanted: &[usize], sources: BTreeMap<(usize, TextId), String>) -> LoadedTexts {
        let mut texts = BTreeMap::new();
        for (input, kept) in self.kept.into_iter().enumerate().filter(|(input, _)| wanted.contains(input)) {
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
        LoadedTexts { texts, sources }
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
