//! Files to documents, many at a time.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use rayon::prelude::*;
use tfduty_audit::{Command, detail};
use tfduty_terraform::{Detail, Document, Refusal, Sniff, sniff};

use crate::{
    facts::Print,
    inputs::Request,
    limits::DOCUMENT,
    paths::Repositories,
    texts::{Budget, Kept, Stamp},
    walk::{Files, Found},
};

/// How much of a walked file is read to see whether it is Terraform's.
pub(crate) const HEAD: usize = 64 * 1024;
/// The largest buffer that is used again for the next file: the text of a large plan is to go as soon as it is parsed.
const REUSED: usize = 1024 * 1024;
/// After how many files batches grow no more.
const BATCHED: usize = 2048;

/// What reading a file gave.
pub(crate) enum Outcome {
    Parsed { folder: String, size: u64, kept: Kept, print: Option<Print>, document: Document },
    Refused(Refusal),
    Failed(io::Error),
}

/// Reads and parses files while they are found. Gives what came of them in the order in which they were found, and the
/// number of walked ones that have nothing to do with Terraform.
pub(crate) fn read(request: &Request<'_>, files: Files<'_>) -> (Vec<(Found, Outcome)>, usize) {
    let Request { command, keeps_facts, .. } = *request;
    let reader = Reader { command, keeps_facts, budget: Budget::default(), foreign: AtomicUsize::new(0) };
    let read = |scratch: &mut Scratch, batch: Vec<(usize, Found)>| -> Vec<(usize, Found, Outcome)> {
        let read = |(position, found)| {
            let outcome = reader.read(scratch, &found)?;
            Some((position, found, outcome))
        };
        batch.into_iter().filter_map(read).collect()
    };
    let mut outcomes: Vec<(usize, Found, Outcome)> = if files.is_one_file() {
        // To start threads takes longer than to read most plans.
        read(&mut Scratch::default(), files.enumerate().collect())
    } else {
        batches(files.enumerate()).par_bridge().map_init(Scratch::default, read).flatten_iter().collect()
    };
    outcomes.sort_unstable_by_key(|(position, ..)| *position);
    let outcomes = outcomes.into_iter().map(|(_, found, outcome)| (found, outcome)).collect();
    (outcomes, reader.foreign.into_inner())
}

/// Takes files together, so that threads do not wait for each other at every small one. The first are given out one by one:
/// a few files may be large, and each is to have a thread.
fn batches<T>(mut files: impl Iterator<Item = T>) -> impl Iterator<Item = Vec<T>> {
    let mut given = 0;
    std::iter::from_fn(move || {
        let batch: Vec<T> = files.by_ref().take(1 + given / 64).collect();
        given = BATCHED.min(given + batch.len());
        (!batch.is_empty()).then_some(batch)
    })
}

/// What the files of a run are read with.
struct Reader {
    command: Command,
    /// Whether documents are to be known again.
    keeps_facts: bool,
    budget: Budget,
    /// Walked files that have nothing to do with Terraform.
    foreign: AtomicUsize,
}

/// What a thread keeps from file to file.
#[derive(Default)]
struct Scratch {
    buffer: Buffer,
    repositories: Repositories,
}

impl Reader {
    /// Reads and parses a file. Of one that has nothing to do with Terraform nothing is left but the count.
    fn read(&self, scratch: &mut Scratch, found: &Found) -> Option<Outcome> {
        let Scratch { buffer, repositories } = scratch;
        if let Some(outcome) = self.read_in_pieces(repositories, found) {
            return Some(outcome);
        }
        let contents = match buffer.read(found) {
            Ok(contents) => contents,
            Err(error) => return Some(Outcome::Failed(error)),
        };
        let Contents::Whole(stamp) = contents else {
            self.foreign.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        Some(match Document::parse(buffer.filled(), &self.wanted()) {
            Ok(document) => Outcome::Parsed {
                folder: found.real_path().map(|file| repositories.folder_of(&file)).unwrap_or_default(),
                size: buffer.filled as u64,
                print: self.keeps_facts.then(|| Print::of(buffer.filled())),
                kept: self.budget.keep(buffer, found.file.as_deref().zip(stamp)),
                document,
            },
            Err(refusal) => Outcome::Refused(refusal),
        })
    }

    /// Reads a large plan without holding its text. `None` for whatever has to lie in memory as a whole.
    fn read_in_pieces(&self, repositories: &mut Repositories, found: &Found) -> Option<Outcome> {
        let path = found.file.as_deref()?;
        // Not by opening it: a pipe that is closed again has lost who writes to it.
        let is_large = |stamp: &Stamp| stamp.is_larger_than(REUSED);
        Stamp::of(&path.metadata().ok()?).filter(is_large).filter(|_| !self.keeps_facts)?;
        let mut file = File::open(path).ok()?;
        let stamp = Stamp::of(&file.metadata().ok()?)?;
        let mut head = Vec::new();
        if !found.is_named() {
            (&mut file).take(HEAD as u64).read_to_end(&mut head).ok()?;
            // What is not Terraform's is not to be read any further.
            (is_state(path) || sniff(&head) != Sniff::Foreign).then_some(())?;
        }
        let (document, size) = Document::read_plan(&mut head.chain(file), &self.wanted())?;
        Some(Outcome::Parsed {
            folder: found.real_path().map(|file| repositories.folder_of(&file)).unwrap_or_default(),
            size: size as u64,
            kept: Kept::File { file: path.to_path_buf(), stamp },
            print: None,
            document,
        })
    }

    /// How much is read of the objects of a type.
    fn wanted(&self) -> impl Fn(&str) -> Detail + Sync + use<> {
        let command = self.command;
        move |name| detail(command, name)
    }
}

/// What was read of a file.
enum Contents {
    /// All of it, as it was at the time of the stamp.
    Whole(Option<Stamp>),
    /// Its head, which has nothing to do with Terraform.
    Foreign,
}

/// The bytes of one file after the other.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    /// Kept at its length between files: bytes need not be set to zero again to be read into.
    bytes: Vec<u8>,
    /// How many of them are the file's.
    filled: usize,
}

impl Buffer {
    /// The bytes that were read.
    pub(crate) fn filled(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }

    /// The same, to keep.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        if self.bytes.len() <= REUSED {
            return self.filled().to_vec();
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.truncate(self.filled);
        bytes
    }

    /// Reads a file; of a walked one the rest only where its head may be Terraform's.
    fn read(&mut self, found: &Found) -> io::Result<Contents> {
        self.filled = 0;
        if self.bytes.len() > REUSED {
            self.bytes = Vec::new();
        }
        let Some(path) = &found.file else {
            self.read_stream(&mut io::stdin().lock())?;
            return Ok(Contents::Whole(None));
        };
        let mut file = File::open(path)?;
        let mut has_ended = false;
        if !found.is_named() {
            has_ended = self.fill(&mut file, HEAD)?;
            if !is_state(path) && sniff(self.filled()) == Sniff::Foreign {
                return Ok(Contents::Foreign);
            }
        }
        let metadata = file.metadata()?;
        let size = metadata.len();
        if !metadata.is_file() {
            self.read_stream(&mut file)?;
        } else if size > DOCUMENT.bytes {
            return Err(DOCUMENT.exceeded());
        } else if size > REUSED as u64 && !has_ended {
            // Room is asked for, so that where there is none the other inputs are read all the same.
            self.bytes.truncate(self.filled);
            self.bytes.try_reserve_exact(
                usize::try_from(size).unwrap_or(usize::MAX).saturating_sub(self.filled).saturating_add(1),
            )?;
            self.read_stream(&mut file)?;
        } else if !has_ended {
            // A byte more than there should be: where it stays empty, the file has ended.
            let most = usize::try_from(size).map_or(HEAD, |size| HEAD.max(size.saturating_add(1)));
            if !self.fill(&mut file, most)? {
                // One that grows, or tells no size, as those of `/proc`.
                self.read_stream(&mut file)?;
            }
        }
        Ok(Contents::Whole(Stamp::of(&metadata)))
    }

    /// Reads up to `most` bytes in all. Whether the source ended before.
    fn fill(&mut self, source: &mut impl Read, most: usize) -> io::Result<bool> {
        if self.bytes.len() < most {
            // In place of a longer vector, which would be written over with zeros: new pages are zero already.
            let mut bytes = vec![0; most];
            for (new, old) in bytes.iter_mut().zip(self.filled()) {
                *new = *old;
            }
            self.bytes = bytes;
        }
        while let Some(room) = self.bytes.get_mut(self.filled..most).filter(|room| !room.is_empty()) {
            match source.read(room) {
                Ok(0) => return Ok(true),
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Reads what has no size that is known.
    fn read_stream(&mut self, source: &mut dyn Read) -> io::Result<()> {
        self.bytes.truncate(self.filled);
        let read = DOCUMENT.read_to_end(source, &mut self.bytes);
        self.filled = self.bytes.len();
        read
    }
}

/// Whether a file has the name of a state: damaged or not, it is to be read.
fn is_state(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "tfstate")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that gives a few bytes at a time.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let few = room.len().min(3);
            self.0.read(&mut room[..few])
        }
    }

    #[test]
    fn batches_grow_and_hold_every_file_once() {
        let batches: Vec<Vec<usize>> = batches(0..10_000).collect();
        assert!(batches[..64].iter().all(|batch| batch.len() == 1));
        assert_eq!(batches.iter().map(Vec::len).max(), Some(33));
        assert!(batches.concat().into_iter().eq(0..10_000));
    }

    #[test]
    fn a_buffer_is_filled_to_the_end_or_to_what_was_asked_for() {
        let mut buffer = Buffer::default();
        let text = b"0123456789";
        let mut source = Drops(text);
        assert!(!buffer.fill(&mut source, 4).unwrap());
        assert_eq!(buffer.filled(), b"0123");
        assert!(!buffer.fill(&mut source, 10).unwrap(), "that this is all does not show yet");
        assert_eq!(buffer.filled(), text);
        assert!(buffer.fill(&mut source, 11).unwrap());
        assert_eq!(buffer.filled(), text);
    }

    #[test]
    fn nothing_of_a_file_is_left_in_the_next_one() {
        let mut buffer = Buffer::default();
        buffer.fill(&mut &b"a long text"[..], 64).unwrap();
        assert_eq!(buffer.take(), b"a long text");
        buffer.filled = 0;
        buffer.read_stream(&mut &b"short"[..]).unwrap();
        assert_eq!(buffer.filled(), b"short");
        buffer.filled = 0;
        buffer.fill(&mut &b"next"[..], 64).unwrap();
        assert_eq!(buffer.filled(), b"next");
        let large = vec![b'x'; REUSED + 7];
        buffer.filled = 0;
        buffer.fill(&mut &large[..], REUSED + 8).unwrap();
        assert!(buffer.take() == large && buffer.filled().is_empty());
    }
}
