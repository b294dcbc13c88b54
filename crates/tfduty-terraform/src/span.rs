//! Places in a text.

/// A run of bytes in one text: a document, or a source file.
///
/// `start` and `len` are byte offsets into the text as it was read, byte order mark and log lines before the JSON
/// included. (A UTF-16 text is an exception: its spans are in its UTF-8 transcription.) Documents over 4 GiB are
/// refused, so that 32 bits suffice and a span stays `Copy` and small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Number of bytes.
    pub len: u32,
}

impl Span {
    /// The span from `start` up to, not including, `end`, both byte offsets in a text that is under 4 GiB.
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: clamp(start), len: clamp(end.saturating_sub(start)) }
    }

    /// Offset behind the last byte.
    pub fn end(self) -> usize {
        self.start as usize + self.len as usize
    }

    /// The bytes of `text` that the span covers, or `None` where it does not fit the text.
    pub fn of(self, text: &str) -> Option<&str> {
        text.get(self.start as usize..self.end())
    }
}

/// Which of a unit's texts a [`Span`] is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TextId {
    /// The audited document itself.
    #[default]
    Document,
    /// A file of the unit's Terraform configuration, by its index in [`crate::Sources::files`].
    Source(u16),
}
