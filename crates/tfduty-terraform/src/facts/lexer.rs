//! What people write into a configuration: texts, numbers and comments, and the names of variables and locals.
//!
//! Only so much of HCL is known here as it takes to tell these from the rest, so that a file which does not parse can be
//! read too.

use std::ops::Range;

/// Something that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) sort: Sort,
    pub(super) range: Range<usize>,
    /// Whether it is a part of what a call of `sensitive` is given.
    pub(super) is_sensitive: bool,
}

/// Sorts of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sort {
    /// Known text between quotes or in a heredoc, as it is written. Quotes have escapes, heredocs have none.
    Text { has_escapes: bool },
    /// A number.
    Number,
    /// A text that is an index, or the path of a file: the rest of the expression hangs on it.
    Bound,
    /// A comment with its marks.
    Comment,
    /// `var.NAME`: the range is that of the name.
    Variable,
    /// `local.NAME`.
    Local,
}

/// Functions whose first argument is the path of a file.
const OF_FILES: &[&str] = &["file", "filebase64", "fileexists", "fileset", "templatefile"];

/// The tokens of a file in HCL syntax.
pub(super) fn of_file(text: &str) -> Vec<Token> {
    Lexer { text, at: 0, open: Vec::new(), word: 0..0, found: Vec::new() }.run()
}

/// The tokens of a template that stands in no quotes: a string of JSON syntax, decoded.
pub(super) fn of_template(text: &str) -> Vec<Token> {
    Lexer { text, at: 0, open: vec![Open::Template], word: 0..0, found: Vec::new() }.run()
}

/// The names of variables and locals in a text, whatever it is.
pub(super) fn of_words(text: &str) -> Vec<Token> {
    let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut found = Vec::new();
    for (word, sort) in [("var.", Sort::Variable), ("local.", Sort::Local)] {
        for (at, _) in text.match_indices(word).filter(|(at, _)| !text[..*at].ends_with(|c| is_of_word(c) || c == '.'))
        {
            let start = at + word.len();
            let length = text[start..].find(|c| !is_of_word(c)).unwrap_or(text.len() - start);
            found.push(Token { sort: sort.clone(), range: start..start + length, is_sensitive: false });
        }
    }
    found
}

/// What is open at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Open<'t> {
    /// `{` of a body, an object or a `for` expression.
    Brace,
    /// `[` of a list.
    List,
    /// `[` of an index.
    Index,
    /// `(`, behind this name.
    Call(&'t str),
    /// `${` or `%{`.
    Interpolation,
    /// `"`.
    Quote,
    /// `<<MARKER`.
    Heredoc(&'t str),
    /// A template without quotes, up to the end.
    Template,
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    open: Vec<Open<'t>>,
    /// The last word or closing bracket, up to where the next may follow it.
    word: Range<usize>,
    found: Vec<Token>,
}

impl<'t> Lexer<'t> {
    fn run(mut self) -> Vec<Token> {
        while self.at < self.text.len() {
            match self.open.last() {
                Some(Open::Quote | Open::Template) => self.quoted(),
                Some(Open::Heredoc(marker)) => self.heredoc(marker),
                _ => self.code(),
            }
        }
        self.found
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn push(&mut self, sort: Sort, range: Range<usize>) {
        if !range.is_empty() {
            let is_sensitive = self.open.contains(&Open::Call("sensitive"));
            self.found.push(Token { sort, range, is_sensitive });
        }
    }

    fn code(&mut self) {
        let rest = self.rest();
        let Some(c) = rest.chars().next() else { return };
        let line = rest.find('\n').unwrap_or(rest.len());
        match c {
            '#' => self.comment(line),
            '/' if rest.starts_with("//") => self.comment(line),
            '/' if rest.starts_with("/*") => self.comment(rest.find("*/").map_or(rest.len(), |end| end + 2)),
            '"' => self.enter(Open::Quote, 1),
            '<' if rest.starts_with("<<") => match marker(&rest[..line]) {
                Some(marker) => self.enter(Open::Heredoc(marker), (line + 1).min(rest.len())),
                None => self.at += 2,
            },
            '{' => self.enter(Open::Brace, 1),
            '[' => {
                let is_index = self.word.end == self.at && !self.word.is_empty();
                self.enter(if is_index { Open::Index } else { Open::List }, 1);
            }
            '(' => {
                let is_behind = self.word.end == self.text[..self.at].trim_end_matches(' ').len();
                let name = if is_behind { &self.text[self.word.clone()] } else { "" };
                self.enter(Open::Call(name), 1);
            }
            '}' | ']' | ')' => {
                self.open.pop();
                self.word = self.at..self.at + 1;
                self.at += 1;
            }
            c if c.is_ascii_digit() => self.number(),
            c if c.is_alphanumeric() || c == '_' => self.word(),
            c => self.at += c.len_utf8(),
        }
    }

    fn enter(&mut self, open: Open<'t>, length: usize) {
        self.open.push(open);
        self.at += length;
    }

    fn comment(&mut self, length: usize) {
        self.push(Sort::Comment, self.at..self.at + length);
        self.at += length;
    }

    /// A number; behind a dot it is an index, as older configurations write them.
    fn number(&mut self) {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let end = self.at + rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let is_index = self.text[..self.at].ends_with('.') || self.open.last() == Some(&Open::Index);
        if is_index {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            self.word = self.at..self.at + digits;
            self.at += digits;
        } else {
            self.push(Sort::Number, self.at..end);
            self.at = end;
        }
    }

    fn word(&mut self) {
        let length =
            |text: &str| text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(text.len());
        let (start, end) = (self.at, self.at + length(self.rest()));
        let sort = match &self.text[start..end] {
            "var" => Some(Sort::Variable),
            "local" => Some(Sort::Local),
            _ => None,
        };
        let is_member = self.text[..start].ends_with('.');
        if let (Some(sort), Some(rest), false) = (sort, self.text[end..].strip_prefix('.'), is_member) {
            self.push(sort, end + 1..end + 1 + length(rest));
        }
        self.word = start..end;
        self.at = end;
    }

    /// The text in quotes up to its end, or to what is put in.
    fn quoted(&mut self) {
        let is_quote = self.open.last() == Some(&Open::Quote);
        let (start, bytes) = (self.at, self.text.as_bytes());
        let mut at = start;
        let end = loop {
            match bytes.get(at..) {
                None | Some([]) => break None,
                Some([b'\\', _, ..]) if is_quote => at += 2,
                Some([b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..]) => at += 3,
                Some([b'$' | b'%', b'{', ..]) => break Some(Open::Interpolation),
                Some([b'"' | b'\n', ..]) if is_quote => break Some(Open::Quote),
                Some(_) => at += 1,
            }
        };
        // An escape may have led into the middle of a character.
        let at = self.text.ceil_char_boundary(at.min(self.text.len()));
        let is_bound = self.is_bound();
        self.push(if is_bound { Sort::Bound } else { Sort::Text { has_escapes: is_quote } }, start..at);
        self.at = at;
        match end {
            Some(Open::Interpolation) => self.enter(Open::Interpolation, 2),
            Some(_) => {
                self.open.pop();
                self.at += 1;
                self.word = at..self.at;
            }
            None => {}
        }
    }

    /// Whether the quotes at hand are an index, or the path of a file.
    fn is_bound(&self) -> bool {
        match self.open.iter().rev().nth(1) {
            Some(Open::Index) => true,
            Some(Open::Call(name)) => OF_FILES.contains(name),
            _ => false,
        }
    }

    /// The text of a heredoc up to its end, or to what is put in.
    fn heredoc(&mut self, marker: &str) {
        let start = self.at;
        let mut at = start;
        for line in self.rest().split_inclusive('\n') {
            // What stands behind something that was put in is no line of its own.
            let begins = self.text[..at].ends_with('\n');
            if begins && line.trim() == marker {
                self.push(Sort::Text { has_escapes: false }, start..at);
                self.open.pop();
                self.at = at + line.trim_end().len();
                return;
            }
            if let Some(offset) = interpolation(line) {
                self.push(Sort::Text { has_escapes: false }, start..at + offset);
                self.at = at + offset;
                self.enter(Open::Interpolation, 2);
                return;
            }
            at += line.len();
        }
        self.push(Sort::Text { has_escapes: false }, start..at);
        self.at = at;
    }
}

/// Where in a text something is put in.
fn interpolation(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        match bytes.get(at..)? {
            [] => return None,
            [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => at += 3,
            [b'$' | b'%', b'{', ..] => return Some(at),
            _ => at += 1,
        }
    }
}

/// The word that ends the heredoc which begins a line.
fn marker(line: &str) -> Option<&str> {
    let marker = line.strip_prefix("<<")?;
    let marker = marker.strip_prefix('-').unwrap_or(marker).trim_end();
    let is_word = !marker.is_empty() && marker.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    is_word.then_some(marker)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let show = |token: Token| {
            let sort = match token.sort {
                Sort::Text { .. } => "text",
                Sort::Number => "number",
                Sort::Bound => "bound",
                Sort::Comment => "comment",
                Sort::Variable => "var",
                Sort::Local => "local",
            };
            format!("{sort}{} {}", if token.is_sensitive { "!" } else { "" }, &text[token.range])
        };
        of_file(text).into_iter().map(show).collect()
    }

    #[test]
    fn texts_numbers_and_comments_are_found() {
        let text =
            "a = \"x\\\"${b.c[\"k\"].d[0]}y$${z}\" # one\nb = [1, 2.5e3, aws_x.y.0.id] // two\n/* three\n*/ c = 4\n";
        let expected = [
            "text x\\\"",
            "bound k",
            "text y$${z}",
            "comment # one",
            "number 1",
            "number 2.5e3",
            "comment // two",
            "comment /* three\n*/",
            "number 4",
        ];
        assert_eq!(shown(text), expected);
    }

    #[test]
    fn heredocs_end_at_their_word() {
        let text = "a = <<-EOT\n  one \"${var.x}\"\n  EOTX # no\n  EOT\nb = \"two\"\n";
        assert_eq!(shown(text), ["text   one \"", "var x", "text \"\n  EOTX # no\n", "text two"]);
    }

    #[test]
    fn what_calls_are_given_is_told() {
        let text = "a = sensitive(\"s\")\nb = file(\"${path.module}/f\")\nc = sensitive(join(\",\", [local.a, \"t\"]))\nd = \"u\"\n";
        assert_eq!(shown(text), ["text! s", "bound /f", "text! ,", "local! a", "text! t", "text u"]);
    }

    #[test]
    fn nothing_is_lost_in_what_does_not_parse() {
        for text in ["a = \"x", "a = \"x\nb = \"y\"", "a = <<EOT\nx", "}}} a = \"é\\", "\"${", "<<", "a = \"\\é\""] {
            let tokens = of_file(text);
            assert!(tokens.iter().all(|token| text.get(token.range.clone()).is_some()), "{text:?} {tokens:?}");
        }
        assert_eq!(shown("a = \"x\nb = \"y\""), ["text x", "text y"]);
    }

    #[test]
    fn a_template_without_quotes_is_a_text_to_its_end() {
        let text = "a \"b\" ${c[\"d\"]} e\n";
        let found: Vec<&str> = of_template(text).iter().map(|token| &text[token.range.clone()]).collect();
        assert_eq!(found, ["a \"b\" ", "d", " e\n"]);
    }
}
