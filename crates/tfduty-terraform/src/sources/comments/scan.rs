//! Where the comments of a file in HCL syntax are. The parser keeps comments beside what it parsed, and in a file that it
//! refuses it keeps none: a file that is being edited must not lose them.

use crate::span::Span;

/// What the text is at one place.
enum Mode<'t> {
    /// Expressions and structure, with as many braces open. Inside of a template the closing one that is not among them ends
    /// the interpolation.
    Code(usize),
    /// `"…"`.
    Quoted,
    /// A heredoc up to the line that is this word.
    Heredoc(&'t str),
}

/// The comments with their marks, in the order of the text. Nothing in a string or a heredoc is one, but for what
/// stands in the interpolations of either.
pub(crate) fn comments(text: &str) -> Vec<Span> {
    let mut scanner = Scanner { text, at: 0, modes: vec![Mode::Code(0)], found: Vec::new() };
    while scanner.at < text.len() {
        match scanner.modes.last() {
            Some(Mode::Quoted) => scanner.quoted(),
            Some(&Mode::Heredoc(marker)) => scanner.heredoc(marker),
            Some(&Mode::Code(depth)) => scanner.code(depth),
            None => scanner.modes.push(Mode::Code(0)),
        }
    }
    scanner.found
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    modes: Vec<Mode<'t>>,
    found: Vec<Span>,
}

impl<'t> Scanner<'t> {
    /// What follows. Every step ends at an ASCII character, so that this is never inside of one.
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// How much of what follows comes before `end`; all of it where `end` does not come.
    fn up_to(&self, end: &str) -> usize {
        let rest = self.rest();
        rest.find(end).unwrap_or(rest.len())
    }

    fn code(&mut self, depth: usize) {
        let rest = self.rest();
        let skipped = rest.find(['#', '/', '"', '<', '{', '}']).unwrap_or(rest.len());
        self.at += skipped;
        let rest = self.rest();
        if rest.starts_with('#') || rest.starts_with("//") {
            let line = rest.get(..self.up_to("\n")).unwrap_or(rest);
            self.comment(line.trim_end_matches('\r').len());
        } else if rest.starts_with("/*") {
            // One that is never closed is damage, and may hold anything.
            match rest.find("*/") {
                Some(length) => self.comment(length + "*/".len()),
                None => self.at = self.text.len(),
            }
        } else if let Some(marker) = rest.strip_prefix("<<").and_then(marker) {
            self.at += self.up_to("\n") + 1;
            self.modes.push(Mode::Heredoc(marker));
        } else {
            self.step(rest, depth);
        }
    }

    /// One character of code that opens or closes something, or nothing of the kind.
    fn step(&mut self, rest: &str, depth: usize) {
        match rest.bytes().next() {
            Some(b'"') => self.modes.push(Mode::Quoted),
            Some(b'{') => self.set_depth(depth + 1),
            Some(b'}') if depth == 0 && self.modes.len() > 1 => drop(self.modes.pop()),
            Some(b'}') => self.set_depth(depth.saturating_sub(1)),
            _ => {}
        }
        self.at += 1;
    }

    fn set_depth(&mut self, depth: usize) {
        if let Some(Mode::Code(open)) = self.modes.last_mut() {
            *open = depth;
        }
    }

    fn comment(&mut self, length: usize) {
        self.found.push(Span::new(self.at, self.at + length));
        self.at += length;
    }

    fn quoted(&mut self) {
        let rest = self.rest();
        self.at += rest.find(['"', '\\', '\n', '$', '%']).unwrap_or(rest.len());
        let rest = self.rest();
        if rest.starts_with('\\') {
            self.at += 1 + rest.chars().nth(1).map_or(0, char::len_utf8);
        } else if !self.template(rest) {
            // No string goes on behind the end of its line: a quotation mark is missing, and what follows is code again.
            if rest.starts_with(['"', '\n']) {
                self.modes.pop();
            }
            self.at += 1;
        }
    }

    /// An interpolation, or what is written in place of its mark. Whether there was one of the two.
    fn template(&mut self, rest: &str) -> bool {
        let is_escaped = ["$${", "%%{"].iter().any(|escape| rest.starts_with(escape));
        let opens = ["${", "%{"].iter().any(|mark| rest.starts_with(mark));
        if opens {
            self.modes.push(Mode::Code(0));
        }
        self.at += if is_escaped {
            "$${".len()
        } else if opens {
            "${".len()
        } else {
            0
        };
        is_escaped || opens
    }

    fn heredoc(&mut self, marker: &str) {
        let rest = self.rest();
        let line = rest.get(..self.up_to("\n")).unwrap_or(rest);
        let begins = self.at == 0 || self.text.as_bytes().get(self.at - 1) == Some(&b'\n');
        if begins && line.trim() == marker {
            self.modes.pop();
            self.at += line.len();
            return;
        }
        match line.find(['$', '%']) {
            Some(skipped) => {
                self.at += skipped;
                if !self.template(self.rest()) {
                    self.at += 1;
                }
            }
            None => self.at += line.len() + 1,
        }
    }
}

/// The word that ends a heredoc, by what follows its `<<`.
fn marker(rest: &str) -> Option<&str> {
    let line = rest.lines().next()?;
    let word = line.strip_prefix('-').unwrap_or(line).trim_end();
    let is_word = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    is_word.then_some(word)
}
