//! How much is read of what: nothing that comes from outside is read until memory ends.
//!
//! The limits of what a document or a configuration *holds* are those of `tfduty-terraform`, the limits of a list AWS's
//! own ([`tfduty_aws::limits`]).

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use tfduty_terraform::limits::{DOCUMENT_BYTES, SOURCE_FILE_BYTES};

/// How many bytes of something are read at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) bytes: u64,
    /// The same for people.
    pub(crate) shown: &'static str,
}

/// A plan, a state or a saved plan; facts, which hold many of them slimmed; and what is counted of a list that goes on after
/// AWS's limit.
pub(crate) const DOCUMENT: Limit = Limit { bytes: DOCUMENT_BYTES, shown: "4 GiB" };
/// A file of the configuration, and one that its expressions name.
pub(crate) const SOURCE_FILE: Limit = Limit { bytes: SOURCE_FILE_BYTES, shown: "16 MiB" };
/// `tfduty.toml`: nobody writes a longer one. A plan that is given to `--config` by mistake is, and need not be read to its
/// end.
pub(crate) const CONFIGURATION: Limit = Limit { bytes: 1 << 20, shown: "1 MiB" };
/// A baseline: a quarter of a million findings.
pub(crate) const BASELINE: Limit = Limit { bytes: 64 << 20, shown: "64 MiB" };
/// What a program that `--show-with` runs says on standard error: of which eight lines are shown.
pub(crate) const COMPLAINT: Limit = Limit { bytes: 1 << 20, shown: "1 MiB" };

/// The room for bytes that is asked for at first.
const LEAST_ROOM: usize = 64 * 1024;

impl Limit {
    /// Reads what is left of a source, to append it to `bytes`. A source that has more than is allowed, all of `bytes` counted,
    /// is an error of the kind [`io::ErrorKind::FileTooLarge`], and is read no further.
    pub(crate) fn read_to_end(self, source: &mut dyn Read, bytes: &mut Vec<u8>) -> io::Result<()> {
        // A byte more than is allowed tells that there is one.
        let most = self.bytes.saturating_add(1);
        while let left @ 1.. = most.saturating_sub(bytes.len() as u64) {
            // Doubled as a vector doubles, but not beyond the limit: there may be memory for that and not for twice as much.
            let room = left.min(bytes.len().max(LEAST_ROOM) as u64);
            bytes.try_reserve_exact(usize::try_from(room).unwrap_or(usize::MAX))?;
            if ((&mut *source).take(room).read_to_end(bytes)? as u64) < room {
                return Ok(());
            }
        }
        Err(self.exceeded())
    }

    /// Reads a file that the user has named. It may be a pipe, as `<(…)` of a shell is, or a device.
    pub(crate) fn read_named(self, path: &Path) -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let mut bytes = Vec::new();
        if metadata.is_file() {
            self.allows(metadata.len())?;
            bytes.try_reserve_exact(usize::try_from(metadata.len()).unwrap_or_default().saturating_add(1))?;
        }
        self.read_to_end(&mut file, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads a file that something else has named, or that was found: a file and nothing else. To open a pipe is to wait for
    /// somebody to write into it.
    pub(crate) fn read_found(self, path: &Path) -> io::Result<Vec<u8>> {
        if !std::fs::metadata(path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no regular file"));
        }
        self.read_named(path)
    }

    /// Whether so many bytes are not too many.
    pub(crate) fn allows(self, bytes: u64) -> io::Result<()> {
        if bytes > self.bytes { Err(self.exceeded()) } else { Ok(()) }
    }

    /// The error of what is larger.
    pub(crate) fn exceeded(self) -> io::Error {
        io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {}, which is as much as is read", self.shown))
    }
}

/// What to do about an error of reading; `otherwise` where it is none of size.
pub(crate) fn remedy(error: &io::Error, otherwise: &'static str) -> &'static str {
    match error.kind() {
        io::ErrorKind::FileTooLarge => "check that it is the file that was meant; what is so large has to be split",
        io::ErrorKind::OutOfMemory => "check that it is the file that was meant, or give the process more memory",
        _ => otherwise,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Limit = Limit { bytes: 10, shown: "10 bytes" };

    #[test]
    fn what_never_ends_is_read_to_the_limit() {
        let mut bytes = b"12345".to_vec();
        SMALL.read_to_end(&mut &b"67890"[..], &mut bytes).unwrap();
        assert_eq!(bytes, b"1234567890");
        let error = SMALL.read_to_end(&mut &b"1"[..], &mut bytes).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        let mut bytes = Vec::new();
        let error = SMALL.read_to_end(&mut io::repeat(b'x'), &mut bytes).unwrap_err();
        assert_eq!(error.to_string(), "larger than 10 bytes, which is as much as is read");
        assert_eq!(bytes.len(), 11);
    }

    #[test]
    fn files_are_read_up_to_the_limit_and_folders_never() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for (content, is_read) in [(&b"1234567890"[..], true), (b"12345678901", false), (b"", true)] {
            std::fs::write(&path, content).unwrap();
            for read in [SMALL.read_named(&path), SMALL.read_found(&path)] {
                assert_eq!(read.ok().as_deref(), is_read.then_some(content));
            }
        }
        assert!(SMALL.read_found(folder.path()).is_err() && SMALL.read_named(folder.path()).is_err());
        assert!(SMALL.read_found(&folder.path().join("none")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_read_only_if_it_is_named() {
        let zero = Path::new("/dev/zero");
        assert_eq!(SMALL.read_named(zero).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(SMALL.read_found(zero).unwrap_err().to_string(), "no regular file");
    }
}
