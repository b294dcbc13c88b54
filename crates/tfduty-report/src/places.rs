//! Lines and columns of byte offsets.

use std::collections::HashMap;

use tfduty_terraform::TextId;

use crate::Texts;

/// Finds lines and columns; each text is read once, when it is first asked for.
pub(crate) struct Places<'a> {
    texts: &'a dyn Texts,
    lines: HashMap<(usize, TextId), Option<Lines>>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(texts: &'a dyn Texts) -> Self {
        Self { texts, lines: HashMap::new() }
    }

    /// A text of an input: the input itself, or a file of its configuration.
    pub(crate) fn text(&self, input: usize, text: TextId) -> Option<&'a str> {
        match text {
            TextId::Document => self.texts.text(input),
            TextId::Source(_) => self.texts.source(input, text),
        }
    }

    /// Line and column of a byte, both from 1, the column in bytes; `None` where the text is not at hand.
    pub(crate) fn at(&mut self, input: usize, text: TextId, byte: usize) -> Option<(usize, usize)> {
        let source = self.text(input, text);
        let lines = self.lines.entry((input, text)).or_insert_with(|| {
            let elsewhere = || self.texts.lines(input).filter(|_| text == TextId::Document);
            source
                .map(Lines::of)
                .or_else(|| elsewhere().map(|lines| Lines { starts: lines.to_vec(), counted: Vec::new() }))
        });
        lines.as_ref().map(|lines| lines.at(byte))
    }

    /// Column of a byte in characters, from 1, as editors and code hosts count; `None` where the text is not at hand.
    pub(crate) fn column(&mut self, input: usize, text: TextId, byte: usize) -> Option<usize> {
        let source = self.text(input, text)?;
        let (_, column) = self.at(input, text, byte)?;
        let start = (byte + 1).checked_sub(column)?;
        source.get(start..byte)?;
        let lines = self.lines.get_mut(&(input, text))?.as_mut()?;
        let before = lines.characters(source, byte) - lines.characters(source, start);
        // A byte order mark is no part of the text.
        let is_marked = start == 0 && byte > 0 && source.starts_with('\u{feff}');
        Some(before + 1 - usize::from(is_marked))
    }
}

/// Bytes of a text whose characters are counted at once.
const BLOCK: usize = 4096;

/// The lines of a text. Offsets are of 32 bits: documents over 4 GiB are refused when they are read.
struct Lines {
    /// The offsets behind the newlines.
    starts: Vec<u32>,
    /// The characters before the end of each block of the text, as far as they have been asked for. Terraform prints a plan
    /// on one line, which must not be counted through for each of its findings.
    counted: Vec<u32>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let starts = text.match_indices('\n').filter_map(|(at, _)| u32::try_from(at + 1).ok()).collect();
        Self { starts, counted: Vec::new() }
    }

    fn at(&self, byte: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start as usize <= byte);
        let start = line.checked_sub(1).map_or(0, |index| self.starts[index] as usize);
        (line + 1, byte - start + 1)
    }

    /// How many characters a text, whose lines these are, has before a byte.
    fn characters(&mut self, text: &str, byte: usize) -> usize {
        let bytes = text.as_bytes().get(..byte).unwrap_or_default();
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        let known = self.counted.len().min(blocks.len());
        let mut before = known.checked_sub(1).map_or(0, |last| self.counted[last]);
        for block in &blocks[known..] {
            before += begun(block);
            self.counted.push(before);
        }
        (before + begun(rest)) as usize
    }
}

/// How many characters begin in these bytes of a text.
fn begun(bytes: &[u8]) -> u32 {
    let is_first = |byte: &u8| !matches!(byte, 0x80..=0xbf);
    bytes.iter().map(|byte| u32::from(is_first(byte))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one() {
        let lines = Lines::of("ab\n\nc");
        let places: Vec<_> = (0..=5).map(|byte| lines.at(byte)).collect();
        assert_eq!(places, [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (3, 2)]);
        assert_eq!(Lines::of("").at(0), (1, 1));
    }

    #[test]
    fn columns_count_characters_behind_the_mark() {
        struct Text(&'static str);
        impl Texts for Text {
            fn text(&self, _: usize) -> Option<&str> {
                Some(self.0)
            }
            fn source(&self, _: usize, _: TextId) -> Option<&str> {
                None
            }
        }
        let places = [
            ("é{}", 2, Some(2)),
            ("é{}", 1, None),
            ("\u{feff}é{}", 0, Some(1)),
            ("\u{feff}é{}", 5, Some(2)),
            ("\u{feff}\n\u{feff}{}", 7, Some(2)),
        ];
        for (text, byte, column) in places {
            assert_eq!(Places::new(&Text(text)).column(0, TextId::Document, byte), column, "{text:?}");
        }
    }

    #[test]
    fn long_lines_are_counted_in_any_order() {
        let text = format!("{}\n{}", "aé".repeat(BLOCK), "é😀".repeat(2 * BLOCK));
        let mut lines = Lines::of(&text);
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(997).collect();
        for byte in ends.iter().rev().chain(&ends) {
            assert_eq!(lines.characters(&text, *byte), text[..*byte].chars().count(), "{byte}");
        }
    }
}
