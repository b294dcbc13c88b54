//! Comments of a configuration, and what each of them stands at.

mod scan;

use std::collections::HashMap;

use crate::{
    address::ModulePath,
    sources::{
        Sources,
        block::{Attribute, Block},
        recover,
    },
    span::{Span, TextId},
};

pub(crate) use scan::comments as comments_of;

/// A comment of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment<'a> {
    /// The file that it stands in.
    pub text: TextId,
    /// The comment with its marks.
    pub span: Span,
    /// What it says: without `#`, `//`, `/*` and `*/`, and without the space around it.
    pub content: &'a str,
    /// Offset of [`Comment::content`] in the file.
    pub start: usize,
    /// What it stands at: what begins on its line, on the line below it (more comments may lie between, an empty line may
    /// not), or ends on its line before it. `None` for a comment by itself.
    pub subject: Option<CommentSubject>,
}

/// What a [`Comment`] stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommentSubject {
    /// A block of the module: a resource, a module call.
    Block {
        /// The keyword.
        kind: Box<str>,
        /// The labels behind it.
        labels: Vec<Box<str>>,
        /// The whole block.
        span: Span,
    },
    /// An argument, or a nested block, as a whole.
    Part {
        /// All of it.
        span: Span,
    },
    /// A line inside the value of an argument: one statement of a policy, one member of a list.
    Line {
        /// The line.
        span: Span,
    },
}

impl Sources {
    /// The comments that hold `word`. Files in JSON syntax have none, and one without the word is not looked at twice.
    pub fn comments<'a>(&'a self, word: &'a str) -> impl Iterator<Item = Comment<'a>> {
        self.files
            .iter()
            .enumerate()
            .filter(move |(_, file)| !super::module::is_json(&file.path) && file.text.contains(word))
            .filter_map(|(index, file)| Some((&*file.text, TextId::Source(u16::try_from(index).ok()?))))
            .flat_map(move |(text, id)| of_file(text, id, word))
    }

    /// The modules that a file belongs to. Several may come from one folder.
    pub fn modules_of(&self, text: TextId) -> impl Iterator<Item = ModulePath> {
        self.all_modules().filter(move |(_, module)| module.members.contains(&text)).map(|(path, _)| path)
    }
}

fn of_file<'a>(text: &'a str, id: TextId, word: &str) -> Vec<Comment<'a>> {
    let spans = scan::comments(text);
    let lines = Lines::of(text, &spans);
    let (blocks, _) = recover::blocks(text, id);
    let structures = Structures::of(&blocks, &lines);
    let comment = |span: &Span| {
        let (offset, content) = content(span.of(text)?);
        if !content.contains(word) {
            return None;
        }
        let subject = lines.meant(*span).and_then(|meant| structures.subject(&lines, &meant));
        Some(Comment { text: id, span: *span, content, start: span.start as usize + offset, subject })
    };
    spans.iter().filter_map(comment).collect()
}

/// What a comment says, and its offset in the comment.
fn content(comment: &str) -> (usize, &str) {
    let inside = match comment.strip_prefix("/*") {
        Some(rest) => rest.strip_suffix("*/").unwrap_or(rest).trim_end_matches('*'),
        None => comment,
    };
    // Each line of a block comment may begin with a star of its own.
    let said = inside.trim_start_matches(|mark: char| mark.is_whitespace() || matches!(mark, '#' | '/' | '*'));
    (comment.find(said).unwrap_or_default(), said.trim_end())
}

/// The line that a comment speaks of.
struct Meant {
    /// Counted from 0.
    line: usize,
    /// Whether there is code before the comment: what ends there may be meant.
    is_behind: bool,
}

/// The lines of a file, as byte offsets.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// For each byte whether it is code and no space.
    code: Vec<bool>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str, comments: &[Span]) -> Self {
        let mut code: Vec<bool> = text.bytes().map(|byte| !byte.is_ascii_whitespace()).collect();
        // A byte order mark stands before the first line, and is nothing on it.
        let mark = text.len() - text.trim_start_matches('\u{feff}').len();
        code.iter_mut().take(mark).for_each(|is_code| *is_code = false);
        for comment in comments {
            code.iter_mut().take(comment.end()).skip(comment.start as usize).for_each(|is_code| *is_code = false);
        }
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(newlines).collect(), code }
    }

    fn line(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    fn span(&self, line: usize) -> Span {
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        Span::new(self.starts.get(line).copied().unwrap_or(end), end)
    }

    fn has_code(&self, start: usize, end: usize) -> bool {
        self.code.get(start..end).is_some_and(|code| code.contains(&true))
    }

    fn meant(&self, comment: Span) -> Option<Meant> {
        let (first, last) = (self.line(comment.start as usize), self.line(comment.end().saturating_sub(1)));
        if self.has_code(self.span(first).start as usize, comment.start as usize) {
            return Some(Meant { line: first, is_behind: true });
        }
        if self.has_code(comment.end(), self.span(last).end()) {
            return Some(Meant { line: last, is_behind: false });
        }
        let below = (last + 1..self.starts.len()).find(|line| {
            let span = self.span(*line);
            self.has_code(span.start as usize, span.end())
                || span.of(self.text).is_some_and(|line| line.trim().is_empty())
        })?;
        let span = self.span(below);
        self.has_code(span.start as usize, span.end()).then_some(Meant { line: below, is_behind: false })
    }
}

/// A block or an argument on the way through a file.
enum Structure<'a> {
    Block { block: &'a Block, is_nested: bool },
    Attribute(&'a Attribute),
}

impl Structure<'_> {
    fn span(&self) -> Span {
        match self {
            Structure::Block { block, .. } => block.span,
            Structure::Attribute(attribute) => attribute.span,
        }
    }

    fn subject(&self) -> CommentSubject {
        match self {
            Structure::Block { block, is_nested: false } => {
                CommentSubject::Block { kind: block.kind.clone(), labels: block.labels.clone(), span: block.span }
            }
            _ => CommentSubject::Part { span: self.span() },
        }
    }
}

/// What comments of a file may stand at. A file may have as many comments as blocks, so that each is found by its line.
struct Structures<'a> {
    all: Vec<Structure<'a>>,
    /// The first of those that begin, and that end, on a line.
    begins: HashMap<usize, usize>,
    ends: HashMap<usize, usize>,
    /// Where arguments begin, in order, each with the furthest end of those up to it.
    arguments: Vec<(usize, usize)>,
}

impl<'a> Structures<'a> {
    fn of(blocks: &'a [Block], lines: &Lines<'_>) -> Self {
        let mut all = Vec::new();
        for block in blocks {
            collect(block, false, &mut all);
        }
        let (mut begins, mut ends) = (HashMap::new(), HashMap::new());
        for (place, structure) in all.iter().enumerate() {
            let span = structure.span();
            begins.entry(lines.line(span.start as usize)).or_insert(place);
            ends.entry(lines.line(span.end().saturating_sub(1))).or_insert(place);
        }
        let arguments = all.iter().filter(|structure| matches!(structure, Structure::Attribute(_)));
        let mut arguments: Vec<(usize, usize)> =
            arguments.map(Structure::span).map(|span| (span.start as usize, span.end())).collect();
        arguments.sort_unstable();
        let mut furthest = 0;
        for (_, end) in &mut arguments {
            furthest = furthest.max(*end);
            *end = furthest;
        }
        Self { all, begins, ends, arguments }
    }

    /// What begins on the line; else, before the comment, what ends there; else the line, where it is one of a value. Of
    /// several the outermost: who writes a block on one line means all of it.
    fn subject(&self, lines: &Lines<'_>, meant: &Meant) -> Option<CommentSubject> {
        let ends = || self.ends.get(&meant.line).filter(|_| meant.is_behind);
        let found = self.begins.get(&meant.line).or_else(ends).and_then(|place| self.all.get(*place));
        let in_value = || {
            let line = lines.span(meant.line);
            let before = self.arguments.partition_point(|(start, _)| *start <= line.start as usize);
            let (_, furthest) = self.arguments.get(before.checked_sub(1)?)?;
            (line.start as usize <= *furthest).then_some(CommentSubject::Line { span: line })
        };
        found.map(Structure::subject).or_else(in_value)
    }
}

fn collect<'a>(block: &'a Block, is_nested: bool, all: &mut Vec<Structure<'a>>) {
    all.push(Structure::Block { block, is_nested });
    all.extend(block.body.attributes.iter().map(Structure::Attribute));
    for inner in &block.body.blocks {
        collect(inner, true, all);
    }
}

#[cfg(test)]
mod tests;
