//! What a document is known by on another machine, and where its lines begin.

use data_encoding::{BASE64_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tfduty_terraform::text_of;

/// What a document is known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Print {
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub(super) sha256: String,
    /// How long its lines are, line breaks included, but for the last: in base 64 each length in groups of seven bits, the
    /// lowest first, of which all but the last have the eighth bit set.
    lines: String,
}

impl Print {
    /// That of a file.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let text = text_of(bytes);
        let newlines = text.iter().flat_map(|text| text.bytes().enumerate()).filter(|(_, byte)| *byte == b'\n');
        let (mut lengths, mut start) = (Vec::new(), 0);
        for (at, _) in newlines {
            let mut length = at + 1 - start;
            start = at + 1;
            while length > 0x7f {
                lengths.push(0x80 | lowest(length));
                length >>= 7;
            }
            lengths.push(lowest(length));
        }
        Self { sha256: sha256(bytes), lines: BASE64_NOPAD.encode(&lengths) }
    }

    /// Whether a file is that document still.
    pub(crate) fn is_of(&self, bytes: &[u8]) -> bool {
        self.sha256 == sha256(bytes)
    }

    /// Where its lines begin, but for the first.
    pub(crate) fn lines(&self) -> Vec<u32> {
        let lengths = BASE64_NOPAD.decode(self.lines.as_bytes()).unwrap_or_default();
        let (mut starts, mut start, mut length, mut shift) = (Vec::new(), 0_u32, 0_u32, 0);
        for byte in lengths {
            length |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or_default();
            shift += 7;
            if byte & 0x80 == 0 {
                start = start.saturating_add(length);
                starts.push(start);
                (length, shift) = (0, 0);
            }
        }
        starts
    }
}

fn lowest(length: usize) -> u8 {
    length.to_le_bytes()[0]
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_begin_where_they_did() {
        for text in ["", "{}", "{\n}\n", "\n\n", "a\r\nb"] {
            let starts: Vec<u32> = text.match_indices('\n').map(|(at, _)| u32::try_from(at).unwrap() + 1).collect();
            assert_eq!(Print::of(text.as_bytes()).lines(), starts, "{text:?}");
        }
        let long = format!("{}\n{}\n{}\n", "x".repeat(127), "y".repeat(128), "z".repeat(3_000_000));
        assert_eq!(Print::of(long.as_bytes()).lines(), [128, 257, 3_000_258]);
        // The lines of what is written in UTF-16 are those of its transcription.
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain("{ü\n}".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(Print::of(&wide).lines(), [4]);
        assert!(Print::of(b"{}").is_of(b"{}") && !Print::of(b"{}").is_of(b"{ }"));
    }

    #[test]
    fn damaged_lengths_do_no_harm() {
        for lengths in ["//////////8", "f", "?", "gICAgICAgICAgIA"] {
            let print = Print { sha256: String::new(), lines: lengths.into() };
            assert!(print.lines().len() < 10);
        }
    }
}
