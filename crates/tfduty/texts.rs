//! The texts of the inputs, for excerpts.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::Metadata,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::SystemTime,
};

use tfduty_report::Texts;
use tfduty_terraform::{TextId, text_of};

use crate::{
    facts::{Print, sha256},
    limits::{DOCUMENT, SOURCE_FILE},
    paths::is_inside,
    reader::Buffer,
};

/// Bytes that are held in all while the audit runs: enough for a plan of the usual size and its state. What does not fit
/// is read again, if findings point into it. Ten thousand states must not lie in memory as text.
const HELD: usize = 4 * 1024 * 1024;

/// How much of [`HELD`] is taken, shared by the threads that read; and whether a text is held that is larger than that. One
/// may be, whatever its size: to read it again would take as much memory as to hold it, and time besides.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    taken: AtomicUsize,
    holds_large: AtomicBool,
}

/// Where the text of an input comes from after the audit.
#[derive(Debug)]
pub(crate) enum Kept {
    /// It is held.
    Bytes(Vec<u8>),
    /// It is read again, if the file has not changed in between.
    File { file: PathBuf, stamp: Stamp },
    /// It is held, and its places are offsets in these bytes, whatever they are: those of a list.
    List(Vec<u8>),
    /// It was read elsewhere, and may be here as well.
    Elsewhere(Box<Elsewhere>),
}

/// An input that facts stand for.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    /// Where it would be.
    pub(crate) file: Option<PathBuf>,
    /// What it is known by.
    pub(crate) print: Print,
    /// SHA-256 of the files of its configuration, which facts hold slimmed.
    pub(crate) sources: BTreeSet<String>,
}

impl Elsewhere {
    /// Its text, if it is here.
    fn text(&self) -> Option<String> {
        let bytes = DOCUMENT.read_found(self.file.as_deref()?).ok()?;
        self.print.is_of(&bytes).then(|| into_text(bytes)).flatten()
    }

    /// The text of a file of its configuration, if it is here, at this path.
    pub(crate) fn source(&self, path: &str) -> Option<String> {
        let path = Some(Path::new(path)).filter(|path| is_inside(path))?;
        let bytes = SOURCE_FILE.read_found(path).ok()?;
        self.sources.contains(&sha256(&bytes)).then(|| into_text(bytes)).flatten()
    }
}

/// What tells that a file is still the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    /// The stamp of an open file; `None` of what cannot be read twice, such as a pipe.
    pub(crate) fn of(metadata: &Metadata) -> Option<Self> {
        metadata.is_file().then(|| Self { len: metadata.len(), modified: metadata.modified().ok() })
    }

    /// Whether the file has more than so many bytes.
    pub(crate) fn is_larger_than(self, bytes: usize) -> bool {
        usize::try_from(self.len).is_ok_and(|len| len > bytes)
    }
}

impl Budget {
    /// Keeps the bytes of an input, or only the way to them. What cannot be read again (standard input, a pipe, the output
    /// of a program) is always held.
    pub(crate) fn keep(&self, buffer: &mut Buffer, file: Option<(&Path, Stamp)>) -> Kept {
        let size = buffer.filled().len();
        match file {
            Some((file, stamp)) if !self.has_room_for(size) => Kept::File { file: file.to_path_buf(), stamp },
            _ => Kept::Bytes(buffer.take()),
        }
    }

    fn has_room_for(&self, size: usize) -> bool {
        if size > HELD {
            return !self.holds_large.swap(true, Ordering::Relaxed);
        }
        self.taken.fetch_add(size, Ordering::Relaxed) + size <= HELD
    }
}

impl LoadedTexts {
    /// The texts of the inputs that findings point into, by their place in `kept`, and the sources they point into.
    pub(crate) fn of(kept: Vec<Kept>, wanted: &BTreeSet<usize>, sources: BTreeMap<(usize, TextId), String>) -> Self {
        let (mut texts, mut lines) = (BTreeMap::new(), BTreeMap::new());
        for (input, kept) in kept.into_iter().enumerate().filter(|(input, _)| wanted.contains(input)) {
            let text = match kept {
                Kept::Bytes(bytes) => into_text(bytes),
                Kept::File { file, stamp } => {
                    let bytes = DOCUMENT.read_found(&file).ok();
                    let now = std::fs::metadata(&file).ok().and_then(|metadata| Stamp::of(&metadata));
                    bytes.filter(|_| now == Some(stamp)).and_then(into_text)
                }
                Kept::List(bytes) => Some(text_in_place(bytes)),
                Kept::Elsewhere(elsewhere) => {
                    lines.insert(input, elsewhere.print.lines());
                    elsewhere.text()
                }
            };
            if let Some(text) = text {
                texts.insert(input, text);
            }
        }
        Self { texts, lines, sources }
    }
}

/// The text that spans refer to, without a copy where the bytes are UTF-8.
fn into_text(bytes: Vec<u8>) -> Option<String> {
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => text_of(error.as_bytes()).map(std::borrow::Cow::into_owned),
    }
}

/// The text of a list, in which every byte that is no text shows as `?`, so that offsets stay what they are.
fn text_in_place(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let chunks = error.as_bytes().utf8_chunks();
        chunks.fold(String::with_capacity(error.as_bytes().len()), |mut text, chunk| {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|_| '?'));
            text
        })
    })
}

/// Texts, loaded.
#[derive(Debug)]
pub(crate) struct LoadedTexts {
    texts: BTreeMap<usize, String>,
    /// Where the lines begin of what was read elsewhere.
    lines: BTreeMap<usize, Vec<u32>>,
    sources: BTreeMap<(usize, TextId), String>,
}

impl Texts for LoadedTexts {
    fn text(&self, input: usize) -> Option<&str> {
        self.texts.get(&input).map(String::as_str)
    }

    fn lines(&self, input: usize) -> Option<&[u32]> {
        self.lines.get(&input).map(Vec::as_slice)
    }

    fn source(&self, input: usize, text: TextId) -> Option<&str> {
        self.sources.get(&(input, text)).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::text_in_place;

    #[test]
    fn what_is_no_text_moves_nothing() {
        for (bytes, text) in [
            (&b"192.0.2.1\n"[..], "192.0.2.1\n"),
            (b"caf\xE9\n192.0.2.1", "caf?\n192.0.2.1"),
            (b"\xFF\xFE1\0\n\0", "??1\0\n\0"),
            (b"\xE2\x82\xAC \xE2\x82 \xE2", "\u{20AC} ?? ?"),
            (b"", ""),
        ] {
            assert_eq!(text_in_place(bytes.to_vec()), text);
        }
    }
}
