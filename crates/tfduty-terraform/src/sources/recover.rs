//! HCL files to blocks, also where only part of a file parses.

use std::borrow::Cow;

use crate::{
    sources::block::{Block, Body},
    span::{Span, TextId},
};

/// Keywords that begin a block of a module. What follows a damaged block is found by them.
const KEYWORDS: [&str; 18] = [
    "action",
    "check",
    "data",
    "ephemeral",
    "import",
    "language",
    "list",
    "locals",
    "module",
    "moved",
    "output",
    "provider",
    "removed",
    "resource",
    "run",
    "terraform",
    "variable",
    "variables",
];

/// What is wrong with a part of a file.
#[derive(Debug)]
pub(crate) struct Flaw {
    /// Offset in the file.
    pub(crate) byte: usize,
    pub(crate) reason: String,
}

/// The blocks of a file in HCL syntax. A file that does not parse as a whole is read block by block; a block that does
/// not parse keeps its place and its labels, and is marked as unreadable.
pub(crate) fn blocks(text: &str, id: TextId) -> (Vec<Block>, Vec<Flaw>) {
    // hcl-edit refuses a byte order mark, which Terraform allows.
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let text = &*without_empty_heredocs(text);
    match hcl_edit::parser::parse_body(&text[start..]) {
        Ok(body) => (Body::convert(body, id, start).blocks, Vec::new()),
        Err(error) => {
            let (blocks, mut flaws) = block_by_block(text, start, id);
            if flaws.is_empty() {
                let byte = start + error.location().offset();
                flaws.push(Flaw { byte, reason: error.message().to_owned() });
            }
            (blocks, flaws)
        }
    }
}

/// The text with `""` for every heredoc without a line: hcl-edit takes the end of such a heredoc for its first line, and
/// swallows what follows up to the next. All offsets stay as they are.
fn without_empty_heredocs(text: &str) -> Cow<'_, str> {
    let mut mended = Cow::Borrowed(text);
    let mut at = 0;
    while let Some(length) = text[at..].find('\n') {
        let next = at + length + 1;
        let line = &text[at..next];
        let end = end_of_quiet(line, &text[next..]).map(|length| next + length);
        let marker = heredoc_marker(line).zip(end);
        if let Some((_, end)) = marker.filter(|(_, end)| !text[next..*end].trim_end().contains('\n')) {
            let open = at + line.rfind("<<").unwrap_or(0);
            let end = open + text[open..end].trim_end().len();
            let blank = text[open + 2..end].bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect::<String>();
            mended.to_mut().replace_range(open..end, &format!("\"\"{blank}"));
        }
        at = end.unwrap_or(next);
    }
    mended
}

fn block_by_block(text: &str, start: usize, id: TextId) -> (Vec<Block>, Vec<Flaw>) {
    let mut begins = block_starts(text, start);
    if begins.first() != Some(&start) {
        begins.insert(0, start);
    }
    begins.push(text.len());
    let mut blocks = Vec::new();
    let mut flaws = Vec::new();
    for range in begins.windows(2) {
        let &[begin, end] = range else { continue };
        let chunk = &text[begin..end];
        let error = match hcl_edit::parser::parse_body(chunk) {
            Ok(body) => {
                blocks.extend(Body::convert(body, id, begin).blocks);
                continue;
            }
            Err(error) => error,
        };
        let byte = begin + error.location().offset();
        // What is wrong may stand behind the block, as a conflict marker does.
        let closed = chunk.find("\n}").and_then(|brace| hcl_edit::parser::parse_body(&chunk[..brace + 2]).ok());
        let header = header(chunk, begin, id);
        let lost = if closed.is_none() && header.is_some() {
            "what this block holds is unknown"
        } else {
            "this part is left out"
        };
        flaws.push(Flaw { byte, reason: format!("{}; {lost}", error.message()) });
        match closed {
            Some(body) => blocks.extend(Body::convert(body, id, begin).blocks),
            None => blocks.extend(header),
        }
    }
    (blocks, flaws)
}

/// Offsets of the lines that begin with a keyword in their first column, but for those inside heredocs and comments.
fn block_starts(text: &str, start: usize) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut at = start;
    let mut quiet_until = start;
    for line in text[start..].split_inclusive('\n') {
        let next = at + line.len();
        if at >= quiet_until {
            if is_header(line) {
                starts.push(at);
            }
            quiet_until = end_of_quiet(line, &text[next..]).map_or(at, |length| next + length);
        }
        at = next;
    }
    starts
}

fn is_header(line: &str) -> bool {
    let end = line.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    KEYWORDS.contains(&word) && rest.trim_start().starts_with(|c: char| c == '"' || c == '{' || c.is_alphabetic())
}

/// How much of `rest` belongs to a heredoc or comment that `line` opens. One that is never closed is taken for none: it
/// may be the damage itself.
fn end_of_quiet(line: &str, rest: &str) -> Option<usize> {
    let line = line.trim_end();
    if let Some(marker) = heredoc_marker(line) {
        let mut end = 0;
        for line in rest.split_inclusive('\n') {
            end += line.len();
            if line.trim() == marker {
                return Some(end);
            }
        }
        return None;
    }
    let (_, comment) = line.rsplit_once("/*")?;
    if comment.contains("*/") { None } else { rest.find("*/") }
}

/// The word that ends the heredoc which a line opens.
fn heredoc_marker(line: &str) -> Option<&str> {
    let (before, marker) = line.trim_end().rsplit_once("<<")?;
    let marker = marker.strip_prefix('-').unwrap_or(marker);
    let is_word = !marker.is_empty() && marker.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    (is_word && !before.trim_start().starts_with(['#', '/'])).then_some(marker)
}

/// The keyword and the labels at the beginning of a damaged block.
fn header(chunk: &str, begin: usize, id: TextId) -> Option<Block> {
    let line = chunk.lines().next()?;
    if !is_header(line) {
        return None;
    }
    let line = line.split(['{', '#']).next()?.trim_end();
    let mut words = line.split_whitespace();
    let kind = words.next()?;
    let labels = words.map(|word| word.trim_matches('"').into()).collect();
    Some(Block {
        kind: kind.into(),
        labels,
        body: Body::default(),
        text: id,
        header: Span::new(begin, begin + line.len()),
        span: Span::new(begin, begin + chunk.trim_end().len()),
        readable: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<(String, bool)> {
        let (blocks, _) = blocks(text, TextId::Source(0));
        let header = |block: &Block| block.header.of(text).unwrap_or("?").to_owned();
        blocks.iter().map(|block| (header(block), block.readable)).collect()
    }

    #[test]
    fn blocks_around_a_damaged_one_are_read() {
        let text =
            "resource \"a\" \"one\" {\n  x = 1\n}\n\nresource \"a\" \"two\" {\n  x =\n}\n\nresource a three {\n}\n";
        let expected =
            [("resource \"a\" \"one\"", true), ("resource \"a\" \"two\"", false), ("resource a three", true)];
        assert_eq!(seen(text), expected.map(|(header, readable)| (header.to_owned(), readable)));
    }

    #[test]
    fn a_merge_conflict_leaves_the_blocks_around_it() {
        let text = "locals {\n  a = 1\n}\n<<<<<<< HEAD\nresource \"a\" \"b\" {\n  x = 1\n=======\n}\n>>>>>>> other\nmodule \"m\" {\n}\n";
        let expected = [("locals", true), ("resource \"a\" \"b\"", false), ("module \"m\"", true)];
        assert_eq!(seen(text), expected.map(|(header, readable)| (header.to_owned(), readable)));
    }

    #[test]
    fn keywords_in_heredocs_and_comments_begin_no_block() {
        let text = "resource \"a\" \"b\" {\n  x = <<-EOT\nmodule \"no\" {\n  EOT\n}\n/*\nmodule \"no\" {\n*/\nmodule \"yes\" {}\n}\n";
        let headers: Vec<String> = seen(text).into_iter().map(|(header, _)| header).collect();
        assert_eq!(headers, ["resource \"a\" \"b\"", "module \"yes\""]);
    }

    #[test]
    fn an_empty_heredoc_swallows_nothing() {
        let text = "locals {\n  a = <<-É\r\n  É\r\n}\nresource \"a\" \"b\" {\n  x = <<É\n<<no\nno\nÉ\n}\n";
        assert_eq!(without_empty_heredocs(text).len(), text.len());
        let headers: Vec<String> = seen(text).into_iter().map(|(header, _)| header).collect();
        assert_eq!(headers, ["locals", "resource \"a\" \"b\""]);
    }

    #[test]
    fn spans_count_a_byte_order_mark() {
        let text = "\u{feff}resource \"a\" \"b\" {}\n";
        let (found, flaws) = blocks(text, TextId::Source(0));
        assert!(flaws.is_empty());
        assert_eq!(found[0].header.of(text), Some("resource \"a\" \"b\""));
        assert_eq!(found[0].header.start, 3);
    }

    #[test]
    fn the_reason_has_the_place_in_the_file() {
        let text = "\u{feff}locals {\n  a = 1\n}\nlocals {\n  b = \n}\n";
        let (_, flaws) = blocks(text, TextId::Source(0));
        assert_eq!(flaws.len(), 1);
        assert_eq!(text[..flaws[0].byte].lines().count(), 5);
    }
}
