//! How the text of a list is encoded.

use super::place::{Place, Places};

/// What the bytes of a list say of their encoding. Every format wants UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding {
    /// Whether they begin with the byte order mark of UTF-8, three bytes. It is passed over; in a TXT list it is
    /// invalid as well, since AWS does not document that it is tolerated.
    pub byte_order_mark: bool,
    /// Whether they begin with a byte order mark of UTF-16: what PowerShell's `>` writes. Nothing of it is read.
    pub utf16: bool,
    /// The first NUL byte, which no text has: UTF-16 without a mark, or no text at all.
    pub nul: Option<Place>,
    /// The first byte that is not UTF-8. Where it stands in no entry, it does no harm.
    pub not_utf8: Option<Place>,
}

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

impl Encoding {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let place = |byte| Places::new(bytes).place(byte, 1);
        Self {
            byte_order_mark: bytes.starts_with(UTF8_MARK),
            utf16: bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF"),
            nul: bytes.iter().position(|byte| *byte == 0).map(place),
            not_utf8: str::from_utf8(bytes).err().map(|error| place(error.valid_up_to())),
        }
    }

    /// Where the text begins.
    pub(super) fn start(self) -> usize {
        if self.byte_order_mark { UTF8_MARK.len() } else { 0 }
    }
}
