//! A JSON document that is read piece by piece, so that a large one never lies in memory as a whole.
//!
//! Containers are walked step by step, and what they hold is read by `serde_json`, value by value, from a window on the
//! document. Where a value goes on behind the window, more is read and the value once more: a window holds some hundred
//! objects of Terraform's, so that this is rare.
//!
//! Nothing here says what is wrong: `None` ends it, and [`crate::document`] then reads the whole document and has a word
//! for everything.

use std::io::Read;

use serde::{Deserialize, de::IgnoredAny};

use crate::json::{Name, Text};

/// How many bytes are read at once: they stay in the processor's cache until they are parsed.
const PIECE: usize = 256 * 1024;
/// How many members an object has at most that is walked: a plan has fifteen.
const MOST_MEMBERS: usize = 64;

/// What is done with values of one kind.
pub(crate) trait Take {
    /// What is read. It borrows from the window.
    type Value<'t>: Deserialize<'t>;

    /// Takes a value that was read from `text`; `None` ends the reading.
    fn take<'t>(&mut self, text: Text<'t>, value: Self::Value<'t>) -> Option<()>;
}

/// A document that is read piece by piece.
pub(crate) struct Pieces<'s> {
    source: &'s mut dyn Read,
    /// What of the document is at hand.
    window: String,
    /// What was read behind the window and is no whole character.
    cut: Vec<u8>,
    /// Offset of the window in the document.
    base: usize,
    /// Offset in the window of what comes next.
    at: usize,
    has_ended: bool,
}

impl<'s> Pieces<'s> {
    pub(crate) fn new(source: &'s mut dyn Read) -> Self {
        Self { source, window: String::new(), cut: Vec::new(), base: 0, at: 0, has_ended: false }
    }

    /// How many bytes of the document were passed.
    pub(crate) fn passed(&self) -> usize {
        self.base + self.at
    }

    /// Whether nothing but white space follows.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.peek().is_none() && self.has_ended && self.at == self.window.len() && self.cut.is_empty()
    }

    /// The next byte that is no white space.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            let rest = self.window.as_bytes().get(self.at..)?;
            if let Some(blank) = rest.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\t' | b'\r')) {
                self.at += blank;
                return rest.get(blank).copied();
            }
            self.at = self.window.len();
            self.more()?;
        }
    }

    /// Walks an object: `member` is given the name of each member, and has to read its value. Of duplicates the last one
    /// would count, so that an object with some ends the reading, and one of more members than [`MOST_MEMBERS`].
    pub(crate) fn members(&mut self, mut member: impl FnMut(&mut Self, &str) -> Option<()>) -> Option<()> {
        self.expect(b'{')?;
        let mut names: Vec<String> = Vec::new();
        let mut next = if self.peek()? == b'}' { b'}' } else { b',' };
        while next == b',' {
            let mut name = Owned(String::new());
            self.value(&mut name)?;
            self.expect(b':')?;
            if names.contains(&name.0) || names.len() == MOST_MEMBERS {
                return None;
            }
            member(self, &name.0)?;
            names.push(name.0);
            next = self.peek()?;
            if next == b',' {
                self.at += 1;
            }
        }
        self.expect(b'}')
    }

    /// Walks a list: `item` is given the position of each item, and has to read it.
    pub(crate) fn items(&mut self, mut item: impl FnMut(&mut Self, usize) -> Option<()>) -> Option<()> {
        self.expect(b'[')?;
        let mut next = if self.peek()? == b']' { b']' } else { b',' };
        let mut position = 0;
        while next == b',' {
            item(self, position)?;
            position += 1;
            next = self.peek()?;
            if next == b',' {
                self.at += 1;
            }
        }
        self.expect(b']')
    }

    /// Reads a value. One that is not what it should be ends the reading.
    pub(crate) fn value<T: Take>(&mut self, take: &mut T) -> Option<()> {
        self.peek()?;
        loop {
            if let Some(end) = self.value_at_hand(take)? {
                self.at = end;
                return Some(());
            }
            self.more()?;
        }
    }

    /// Reads the value that comes next, and gives its end; `Some(None)` where it goes on behind the window.
    fn value_at_hand<T: Take>(&self, take: &mut T) -> Option<Option<usize>> {
        let rest = self.window.get(self.at..)?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<T::Value<'_>>();
        match values.next() {
            // A number may go on behind the window.
            Some(Ok(_)) if values.byte_offset() == rest.len() && !self.has_ended => Some(None),
            Some(Ok(value)) => {
                let end = self.at + values.byte_offset();
                take.take(Text::within(&self.window, self.base), value)?;
                Some(Some(end))
            }
            Some(Err(error)) if !error.is_eof() => None,
            _ => Some(None),
        }
    }

    /// Reads a value nobody asked for.
    pub(crate) fn skip(&mut self) -> Option<()> {
        self.value(&mut Skipped)
    }

    /// Passes `null`, if that is what comes next.
    pub(crate) fn passes_null(&mut self) -> Option<bool> {
        let is_null = self.peek()? == b'n';
        if is_null {
            self.skip()?;
        }
        Some(is_null)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        let is_there = self.peek()? == byte;
        is_there.then(|| self.at += 1)
    }

    /// Reads the next piece, and lets go what was passed. `None` at the end of the document, and where it cannot be read
    /// or is no text.
    fn more(&mut self) -> Option<()> {
        // Spans have 32 bits.
        if self.has_ended || u32::try_from(self.base + self.window.len()).is_err() {
            return None;
        }
        let mut bytes = std::mem::take(&mut self.window).into_bytes();
        self.base += self.at;
        bytes.drain(..std::mem::take(&mut self.at));
        bytes.append(&mut self.cut);
        // A value that is larger than the window is not to be read over and over again.
        let most = PIECE.max(bytes.len());
        let read = (&mut *self.source).take(most as u64).read_to_end(&mut bytes).ok()?;
        self.has_ended = read < most;
        self.window = match String::from_utf8(bytes) {
            Ok(window) => window,
            Err(error) => {
                let utf8 = error.utf8_error();
                if utf8.error_len().is_some() {
                    return None;
                }
                let mut bytes = error.into_bytes();
                self.cut = bytes.split_off(utf8.valid_up_to());
                String::from_utf8(bytes).ok()?
            }
        };
        Some(())
    }
}

/// Takes a string for its own.
struct Owned(String);

impl Take for Owned {
    type Value<'t> = Name<'t>;
    fn take<'t>(&mut self, _: Text<'t>, Name(name): Name<'t>) -> Option<()> {
        self.0 = name.into_owned();
        Some(())
    }
}

struct Skipped;

impl Take for Skipped {
    type Value<'t> = IgnoredAny;
    fn take<'t>(&mut self, _: Text<'t>, _: IgnoredAny) -> Option<()> {
        Some(())
    }
}
