//! Lists of addresses: what GuardDuty reads from S3 as a trusted or a threat IP list.
//!
//! [`List::parse`] reads the bytes of a list in one of the six formats that a set can declare; [`sniff`] tells which
//! one they are in; [`Ranges`] and [`overlap`] compare entries with each other.
//!
//! Everything is read strictly, and what is no entry is kept with its place and reason. GuardDuty documents the formats
//! by samples (User Guide, "Customizing threat detection with entity lists and IP address lists", "List formats", as of
//! November 2026), and says neither how it takes a line that is wrong nor which liberties it allows: where the module
//! of a format takes one, it says so.
//!
//! ```
//! use tfduty_aws::list::{Content, List, ListFormat, overlap, sniff};
//!
//! let bytes = b"198.51.100.7/24\n10.0.0.0\\8\n";
//! assert_eq!(sniff(bytes).content, Content::Format(ListFormat::Txt));
//!
//! let trusted = List::parse(bytes, ListFormat::Txt);
//! assert_eq!(trusted.entries[0].to_string(), "198.51.100.0/24");
//! assert!(trusted.entries[0].host_bits);
//! let invalid = trusted.invalid[0];
//! assert_eq!((invalid.place.line, invalid.place.of(bytes)), (2, &b"10.0.0.0\\8"[..]));
//! assert_eq!(invalid.reason.to_string(), "has a backslash where a slash belongs");
//! assert_eq!(invalid.reason.suggestion().as_deref(), Some("10.0.0.0/8"));
//!
//! let threat = List::parse(b"203.0.113.1\n198.51.100.7\n", ListFormat::Txt);
//! let (trusted, threat) = (trusted.ranges(), threat.ranges());
//! let overlap = overlap(&trusted, &threat);
//! assert_eq!(overlap.hits[0].threat.place.line, 2);
//! assert_eq!((overlap.whole, overlap.addresses, overlap.public_addresses), (1, 1, 0));
//! ```

mod alien_vault;
mod encoding;
mod entry;
mod fire_eye;
mod format;
mod indicator;
mod lexer;
mod lookalike;
mod otx_csv;
mod place;
mod proof_point;
#[cfg(test)]
mod properties;
mod public;
mod reason;
mod records;
mod sniff;
mod stix;
mod sweep;
#[cfg(test)]
mod tests;
mod txt;

pub use self::encoding::Encoding;
pub use self::entry::Entry;
pub use self::format::{ListFormat, UnknownListFormat};
pub use self::indicator::{Indicator, Skipped};
pub use self::lexer::Written;
pub use self::place::Place;
pub use self::public::public_addresses;
pub use self::reason::Reason;
use self::records::Row;
pub use self::sniff::{Content, Sniffed, sniff};
pub use self::sweep::{Covered, Hit, Overlap, Ranges, overlap};

/// A piece of a list that is no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invalid {
    /// Where it stands: the text of the entry alone where that is wrong, the row where its fields are.
    pub place: Place,
    /// Why it is no entry.
    pub reason: Reason,
}

/// What the bytes of a list hold in the format that they were read in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// How its text is encoded.
    pub encoding: Encoding,
    /// The entries as written, in the order of the file, with all duplicates: what GuardDuty's quota counts.
    pub entries: Vec<Entry>,
    /// What is neither entry nor passed over, as it was found, which is in the order of the file but for an XML
    /// document that is left open: the first [`List::KEPT`] pieces.
    pub invalid: Vec<Invalid>,
    /// How many such pieces there are in all.
    pub invalid_count: usize,
    /// Rows about other things than IPv4 addresses, which feeds hold beside them; in the order of their first rows.
    pub skipped: Vec<Skipped>,
}

impl List {
    /// How many invalid pieces are kept with place and reason: any more are counted alone. A file of another kind may
    /// have millions of lines, and nobody reads the reasons of so many.
    pub const KEPT: usize = 1_000;

    /// Reads `bytes` as a list in `format`. Whatever they are, there is a list, though it may be without entries: of
    /// UTF-16 nothing is read.
    ///
    /// Time and memory grow with the bytes and no faster, whatever they are: an entry takes 40 bytes.
    pub fn parse(bytes: &[u8], format: ListFormat) -> Self {
        let encoding = Encoding::of(bytes);
        let mut list =
            Self { encoding, entries: Vec::new(), invalid: Vec::new(), invalid_count: 0, skipped: Vec::new() };
        if encoding.utf16 {
            return list;
        }
        let start = encoding.start();
        match format {
            ListFormat::Txt => txt::parse(bytes, start, &mut list),
            ListFormat::Stix => stix::parse(bytes, start, &mut list),
            ListFormat::OtxCsv => otx_csv::parse(bytes, start, &mut list),
            ListFormat::AlienVault => alien_vault::parse(bytes, start, &mut list),
            ListFormat::ProofPoint => proof_point::parse(bytes, start, &mut list),
            ListFormat::FireEye => fire_eye::parse(bytes, start, &mut list),
        }
        list
    }

    /// The entries as ranges, to be compared with each other and with those of another list.
    pub fn ranges(&self) -> Ranges<'_> {
        Ranges::of(&self.entries)
    }

    /// Takes `text` as an entry, or rejects it.
    fn read(&mut self, place: Place, text: &[u8]) {
        match lexer::read(text) {
            Some(written) => self.entries.push(Entry::new(written, place)),
            None => self.reject(place, || lookalike::explain(text)),
        }
    }

    /// Takes a field of a row as an entry, or rejects it.
    fn read_field(&mut self, row: &Row<'_>, field: usize) {
        if row.text(field).is_empty() {
            self.reject(row.place, || Reason::NoValue);
        } else {
            self.read(row.place_of(field), row.text(field));
        }
    }

    /// Counts something invalid. Its reason is asked for only if it is kept.
    fn reject(&mut self, place: Place, reason: impl FnOnce() -> Reason) {
        self.invalid_count += 1;
        if self.invalid.len() < Self::KEPT {
            self.invalid.push(Invalid { place, reason: reason() });
        }
    }

    /// Counts a row about something else than an IPv4 address.
    fn skip(&mut self, indicator: Indicator, place: Place) {
        match self.skipped.iter_mut().find(|skipped| skipped.indicator == indicator) {
            Some(skipped) => skipped.count += 1,
            None => self.skipped.push(Skipped { indicator, count: 1, place }),
        }
    }
}
