//! A JSON document that is read piece by piece, so that a large one never lies in memory as a whole.
//!
//! Containers are walked step by step, and what they hold is read by `serde_json`, value by value, from a window on the
//! document. Where a value goes on behind the window, more is read and the value once more: a window holds some hundred
//! objects of Terraform's, so that this is rare.
//!
//! Nothing here says what is wrong: `None` ends it, and [`crate::document`] then reads the whole document and has a word
//! for everything.

use std::{
    io::Read,
    sync::mpsc::{Receiver, Sender, channel, sync_channel},
    thread,
};

use serde::{Deserialize, de::IgnoredAny};

use crate::json::{Name, Text};

/// How many bytes are read at once: they stay in the processor's cache until they are parsed.
const PIECE: usize = 256 * 1024;
/// How many pieces are read ahead.
const AHEAD: usize = 4;
/// How many members an object has at most that is walked: a plan has fifteen.
const MOST_MEMBERS: usize = 64;

/// What is done with values of one kind.
pub(crate) trait Take {
    /// What is read. It borrows from the window.
    type Value<'t>: Deserialize<'t>;

    /// Takes a value that was read from `text`; `None` ends the reading.
    fn take<'t>(&mut self, text: Text<'t>, value: Self::Value<'t>) -> Option<()>;
}

/// The text of a document, piece by piece.
struct Texts<'s> {
    source: &'s mut (dyn Read + Send),
    /// How many bytes a piece has at most.
    piece: usize,
    /// What was read and is no whole character.
    cut: Vec<u8>,
}

impl<'s> Texts<'s> {
    fn new(source: &'s mut (dyn Read + Send), piece: usize) -> Self {
        Self { source, piece, cut: Vec::new() }
    }

    /// The next piece, in the room of an older one; empty at the end of the document. `None` where it cannot be read, or
    /// is no text.
    fn next(&mut self, room: String) -> Option<String> {
        let mut bytes = room.into_bytes();
        bytes.clear();
        bytes.append(&mut self.cut);
        bytes.reserve_exact(self.piece);
        loop {
            let room = self.piece.saturating_sub(bytes.len()).max(1);
            let has_ended = (&mut *self.source).take(room as u64).read_to_end(&mut bytes).ok()? == 0;
            let utf8 = match String::from_utf8(bytes) {
                Ok(text) => return Some(text),
                Err(error) if error.utf8_error().error_len().is_some() || has_ended => return None,
                Err(error) => error,
            };
            let valid = utf8.utf8_error().valid_up_to();
            bytes = utf8.into_bytes();
            // A piece that is nothing but the beginning of a character would look like the end.
            if valid > 0 {
                self.cut = bytes.split_off(valid);
                return String::from_utf8(bytes).ok();
            }
        }
    }
}

/// Where pieces come from.
enum Feed<'s> {
    /// They are read when they are asked for.
    Here(Texts<'s>),
    /// They are read ahead, and what was used goes back.
    Ahead { full: Receiver<Option<String>>, used: Sender<String> },
}

/// What became of a value.
enum AtHand {
    /// It was taken, and ends here.
    Read(usize),
    /// It goes on behind the window.
    GoesOn,
    /// It is not what it should be.
    Wrong,
}

/// A document that is read piece by piece.
pub(crate) struct Pieces<'s> {
    feed: Feed<'s>,
    /// A piece that was used.
    used: String,
    /// What of the document is at hand.
    window: String,
    /// Offset of the window in the document.
    base: usize,
    /// Offset in the window of what comes next.
    at: usize,
    has_ended: bool,
}

impl<'s> Pieces<'s> {
    /// Reads from `source` whenever more is asked for.
    pub(crate) fn new(source: &'s mut (dyn Read + Send)) -> Self {
        Self::of(Feed::Here(Texts::new(source, PIECE)))
    }

    /// The same in pieces of this size.
    #[cfg(test)]
    pub(crate) fn of_size(piece: usize, source: &'s mut (dyn Read + Send)) -> Self {
        Self::of(Feed::Here(Texts::new(source, piece)))
    }

    /// Reads from `source` in a thread of its own, ahead of what `walk` asks for.
    pub(crate) fn ahead<T>(source: &'s mut (dyn Read + Send), walk: impl FnOnce(&mut Pieces<'_>) -> T) -> T {
        let (send, full) = sync_channel(AHEAD);
        let (used, rooms) = channel::<String>();
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut texts = Texts::new(source, PIECE);
                loop {
                    let text = texts.next(rooms.try_recv().unwrap_or_default());
                    let is_last = text.as_ref().is_none_or(String::is_empty);
                    // Nobody takes it where the walk has ended before the document.
                    if send.send(text).is_err() || is_last {
                        break;
                    }
                }
            });
            // What it owns is gone before the scope waits for the thread.
            walk(&mut Pieces::of(Feed::Ahead { full, used }))
        })
    }

    fn of(feed: Feed<'s>) -> Self {
        Self { feed, used: String::new(), window: String::new(), base: 0, at: 0, has_ended: false }
    }

    /// How many bytes of the document were passed.
    pub(crate) fn passed(&self) -> usize {
        self.base + self.at
    }

    /// Whether nothing but white space follows.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.peek().is_none() && self.has_ended && self.at == self.window.len()
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
            match self.value_at_hand(take) {
                AtHand::Read(end) => {
                    self.at = end;
                    return Some(());
                }
                AtHand::GoesOn => self.more()?,
                AtHand::Wrong => return None,
            }
        }
    }

    fn value_at_hand<T: Take>(&self, take: &mut T) -> AtHand {
        let rest = self.window.get(self.at..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<T::Value<'_>>();
        match values.next() {
            // A number may go on behind the window.
            Some(Ok(_)) if values.byte_offset() == rest.len() && !self.has_ended => AtHand::GoesOn,
            Some(Ok(value)) => match take.take(Text::within(&self.window, self.base), value) {
                Some(()) => AtHand::Read(self.at + values.byte_offset()),
                None => AtHand::Wrong,
            },
            // Half a number is wrong to `serde_json`, and not cut.
            Some(Err(error)) if !error.is_eof() && (self.has_ended || !ends_in_number(rest)) => AtHand::Wrong,
            _ => AtHand::GoesOn,
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
        self.base += self.at;
        self.window.drain(..std::mem::take(&mut self.at));
        // A value that is larger than the window is not to be read over and over again.
        let enough = self.window.len() + (self.window.len() / 2).max(1);
        while self.window.len() < enough && !self.has_ended {
            let used = std::mem::take(&mut self.used);
            let piece = match &mut self.feed {
                Feed::Here(texts) => texts.next(used)?,
                Feed::Ahead { full, used: back } => {
                    // Where the reader has ended, nobody waits for it.
                    let _ = back.send(used);
                    full.recv().ok()??
                }
            };
            self.window.push_str(&piece);
            self.has_ended = piece.is_empty();
            self.used = piece;
        }
        Some(())
    }
}

/// Whether what a text ends with may be the beginning of a number.
fn ends_in_number(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'))
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
    fn take(&mut self, _: Text<'_>, _: IgnoredAny) -> Option<()> {
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind};

    use serde_json::value::RawValue;

    use super::*;

    /// What a document is walked to: the places and the texts of its values.
    #[derive(Default, PartialEq, Debug)]
    struct Seen(Vec<(u32, String)>);

    impl Take for Seen {
        type Value<'t> = &'t RawValue;
        fn take<'t>(&mut self, text: Text<'t>, raw: &'t RawValue) -> Option<()> {
            self.0.push((text.span(raw).start, raw.get().to_owned()));
            Some(())
        }
    }

    /// Walks an object of lists of values.
    fn walk(pieces: &mut Pieces<'_>) -> Option<Seen> {
        let mut seen = Seen::default();
        pieces.members(|pieces, _| match pieces.peek()? {
            b'[' => pieces.items(|pieces, _| pieces.value(&mut seen)),
            _ => pieces.value(&mut seen),
        })?;
        pieces.is_at_end().then_some(seen)
    }

    const DOCUMENT: &str = " {\"list\": [1234567, \"ü\\u00fc€😀\", true,\n null, -1.5e10], \"\u{e9}\\n\": {\"a\": [{}, []]} , \"e\": []}\r\n ";

    #[test]
    fn wherever_it_is_cut_a_document_is_the_same() {
        let whole = walk(&mut Pieces::new(&mut DOCUMENT.as_bytes())).unwrap();
        assert_eq!(whole.0.len(), 6);
        for (start, text) in &whole.0 {
            assert!(DOCUMENT[*start as usize..].starts_with(text), "{text}");
        }
        for size in 4..DOCUMENT.len() + 2 {
            let mut source = DOCUMENT.as_bytes();
            let mut pieces = Pieces::of_size(size, &mut source);
            assert_eq!(walk(&mut pieces).as_ref(), Some(&whole), "{size}");
            assert_eq!(pieces.passed(), DOCUMENT.len());
        }
        assert_eq!(Pieces::ahead(&mut DOCUMENT.as_bytes(), walk), Some(whole));
    }

    #[test]
    fn what_is_no_json_is_none_wherever_it_is_cut() {
        for document in [
            "",
            " ",
            "{",
            "{}}",
            "{} x",
            "[]",
            "{\"a\" 1}",
            "{\"a\": }",
            "{\"a\": 1,}",
            "{,}",
            "{\"a\": 1 \"b\": 2}",
            "{\"a\": [1,]}",
            "{\"a\": [,1]}",
            "{\"a\": [1 2]}",
            "{\"a\": [1}",
            "{\"a\": 01}",
            "{\"a\": tru}",
            "{\"a\": \"\u{1}\"}",
            "{\"a\": \"\\x\"}",
            "{a: 1}",
            "{\"a\": 1, \"a\": 2}",
            "{\"a\": 1, \"\\u0061\": 2}",
        ] {
            for size in 4..document.len() + 2 {
                assert_eq!(walk(&mut Pieces::of_size(size, &mut document.as_bytes())), None, "{document:?} {size}");
            }
            assert_eq!(Pieces::ahead(&mut document.as_bytes(), walk), None, "{document:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_none() {
        for document in
            [&b"{\"a\": \"\xff\"}"[..], b"{\"a\": \"\xe2\x82\"}", b"{\"a\": 1}\xe2\x82", b"{}\xff", b"\xff\xfe{\0}\0"]
        {
            for size in 4..16 {
                let mut source = document;
                assert_eq!(walk(&mut Pieces::of_size(size, &mut source)), None, "{document:?} {size}");
            }
        }
    }

    #[test]
    fn a_source_that_fails_ends_the_reading() {
        struct Fails(&'static [u8]);
        impl Read for Fails {
            fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
                match self.0.read(room)? {
                    0 => Err(ErrorKind::TimedOut.into()),
                    read => Ok(read),
                }
            }
        }
        assert_eq!(walk(&mut Pieces::new(&mut Fails(b"{\"a\": 1}"))), None);
        assert_eq!(Pieces::ahead(&mut Fails(b"{\"a\": [1, "), walk), None);
    }

    #[test]
    fn a_reader_ahead_ends_with_the_walk() {
        // Nobody takes what an endless source gives.
        let mut source = b"{\"a\": 1, ".chain(io::repeat(b' '));
        let first = Pieces::ahead(&mut source, |pieces| pieces.peek().map(char::from));
        assert_eq!(first, Some('{'));
    }

    #[test]
    fn an_object_of_very_many_members_is_not_walked() {
        let document = |count: usize| {
            let members: Vec<String> = (0..count).map(|number| format!("\"{number}\": 1")).collect();
            format!("{{{}}}", members.join(", "))
        };
        assert!(walk(&mut Pieces::new(&mut document(MOST_MEMBERS).as_bytes())).is_some());
        assert!(walk(&mut Pieces::new(&mut document(MOST_MEMBERS + 1).as_bytes())).is_none());
    }
}
