//! JSON as a tree that loses nothing: names may come twice, and numbers and strings are as they are written.

use crate::Random;

/// How deep a document is read: deeper ones are mutated as text.
const DEPTH: usize = 300;

/// A JSON value, or what stands in the place of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tree {
    /// As it is written.
    Scalar(String),
    List(Vec<Tree>),
    /// Names are as they are written, in their quotes.
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// The value that a text is.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { text, at: 0 };
        let tree = parser.value(DEPTH)?;
        parser.skip_blanks();
        (parser.at == text.len()).then_some(tree)
    }

    /// How many values there are in it, itself included.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Scalar(_) => 1,
            Self::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Self::Object(members) => 1 + members.iter().map(|(_, value)| value.size()).sum::<usize>(),
        }
    }

    /// How many children it has.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Scalar(_) => 0,
            Self::List(items) => items.len(),
            Self::Object(members) => members.len(),
        }
    }

    fn children_mut(&mut self) -> Vec<&mut Self> {
        match self {
            Self::Scalar(_) => Vec::new(),
            Self::List(items) => items.iter_mut().collect(),
            Self::Object(members) => members.iter_mut().map(|(_, value)| value).collect(),
        }
    }

    fn children(&self) -> Vec<&Self> {
        match self {
            Self::Scalar(_) => Vec::new(),
            Self::List(items) => items.iter().collect(),
            Self::Object(members) => members.iter().map(|(_, value)| value).collect(),
        }
    }

    /// Any of its values: half the time each is as likely as the others, which favours what is deep inside; half the time
    /// the way down is chosen step by step, which favours what stands near the root.
    pub(super) fn any_mut(&mut self, random: &mut Random) -> &mut Self {
        if random.once_in(2) {
            let mut left = random.below(self.size());
            return self.nth_mut(&mut left);
        }
        let mut node = self;
        while node.len() > 0 && !random.once_in(6) {
            let child = random.below(node.len());
            node = node.children_mut().swap_remove(child);
        }
        node
    }

    fn nth_mut(&mut self, left: &mut usize) -> &mut Self {
        if *left == 0 {
            return self;
        }
        *left -= 1;
        let sizes: Vec<usize> = self.children().into_iter().map(Self::size).collect();
        let mut child = 0;
        while child + 1 < sizes.len() && *left >= sizes[child] {
            *left -= sizes[child];
            child += 1;
        }
        if sizes.is_empty() { self } else { self.children_mut().swap_remove(child).nth_mut(left) }
    }

    /// A copy of any of its values.
    pub(super) fn any(&self, random: &mut Random) -> Self {
        let mut node = self;
        while node.len() > 0 && !random.once_in(5) {
            node = node.children()[random.below(node.len())];
        }
        node.clone()
    }

    /// Writes it out with something between its tokens.
    pub(super) fn print(&self, blanks: &mut dyn FnMut() -> &'static str, out: &mut String) {
        match self {
            Self::Scalar(text) => out.push_str(text),
            Self::List(items) => {
                out.push('[');
                for (position, item) in items.iter().enumerate() {
                    out.push_str(if position > 0 { "," } else { "" });
                    out.push_str(blanks());
                    item.print(blanks, out);
                }
                out.push_str(blanks());
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (position, (name, value)) in members.iter().enumerate() {
                    out.push_str(if position > 0 { "," } else { "" });
                    out.push_str(blanks());
                    out.push_str(name);
                    out.push_str(blanks());
                    out.push(':');
                    out.push_str(blanks());
                    value.print(blanks, out);
                }
                out.push_str(blanks());
                out.push('}');
            }
        }
    }

    /// The same without anything between its tokens.
    pub(super) fn compact(&self) -> String {
        let mut out = String::new();
        self.print(&mut || "", &mut out);
        out
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Whether a byte comes next, behind blanks: then it is passed.
    fn takes(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let takes = self.peek() == Some(byte);
        self.at += usize::from(takes);
        takes
    }

    fn value(&mut self, depth: usize) -> Option<Tree> {
        let depth = depth.checked_sub(1)?;
        if self.takes(b'[') {
            let mut items = Vec::new();
            while !self.takes(b']') {
                items.push(self.value(depth)?);
                self.takes(b',');
            }
            return Some(Tree::List(items));
        }
        if self.takes(b'{') {
            let mut members = Vec::new();
            while !self.takes(b'}') {
                let name = self.scalar()?;
                let value = self.takes(b':').then(|| self.value(depth))??;
                members.push((name, value));
                self.takes(b',');
            }
            return Some(Tree::Object(members));
        }
        self.scalar().map(Tree::Scalar)
    }

    fn scalar(&mut self) -> Option<String> {
        self.skip_blanks();
        let start = self.at;
        if self.takes(b'"') {
            loop {
                match self.peek()? {
                    b'"' => break self.at += 1,
                    b'\\' => self.at += 2,
                    _ => self.at += 1,
                }
            }
        } else {
            let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
            self.at += self.text.as_bytes()[start..].iter().take_while(|byte| is_part(byte)).count();
        }
        self.text.get(start..self.at).filter(|text| !text.is_empty()).map(str::to_owned)
    }
}

/// The text that a JSON string stands for; `None` for any other value. Escaped surrogates are left out.
pub(super) fn decode(raw: &str) -> Option<String> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                'b' => text.push('\u{8}'),
                'f' => text.push('\u{c}'),
                'u' => {
                    let digits: String = chars.by_ref().take(4).collect();
                    text.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
                }
                c => text.push(c),
            },
            c => text.push(c),
        }
    }
    Some(text)
}

/// A text as a JSON string; now and then with escapes that need not be.
pub(super) fn encode(text: &str, random: &mut Random) -> String {
    use std::fmt::Write as _;
    let is_spelled_out = random.once_in(8);
    let mut raw = String::with_capacity(text.len() + 2);
    raw.push('"');
    for c in text.chars() {
        match c {
            '"' => raw.push_str("\\\""),
            '\\' => raw.push_str("\\\\"),
            '\n' => raw.push_str("\\n"),
            c if c < ' ' || (is_spelled_out && random.once_in(3)) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(raw, "\\u{unit:04x}");
                }
            }
            c => raw.push(c),
        }
    }
    raw.push('"');
    raw
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_parsed_is_printed_as_it_was() {
        for text in ["{}", r#"{"a":[1,-2.5e3,true,null,"\"\\ü\ud800"],"a":{"":[]}}"#, r#"["[",{"b":"{"}]"#, "\"x\""] {
            assert_eq!(Tree::parse(text).map(|tree| tree.compact()).as_deref(), Some(text));
        }
        for text in ["", "{", "[1", "{\"a\"}", "\"x", "[1] 2"] {
            assert_eq!(Tree::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_value_can_be_chosen() {
        let tree = Tree::parse(r#"{"a":[1,{"b":2}],"c":3}"#).expect("it is JSON");
        assert_eq!(tree.size(), 6);
        let mut seen: Vec<String> = (0..6).map(|nth| tree.clone().nth_mut(&mut { nth }).compact()).collect();
        seen.sort_unstable();
        assert_eq!(seen, ["1", "2", "3", "[1,{\"b\":2}]", "{\"a\":[1,{\"b\":2}],\"c\":3}", "{\"b\":2}"]);
    }

    #[test]
    fn strings_survive_their_encoding() {
        for seed in 0..64 {
            let text = "a\"\\\n\u{1b}ü\u{fffd}";
            assert_eq!(decode(&encode(text, &mut Random::new(seed))).as_deref(), Some(text));
        }
    }
}
