//! A tolerant scan of JSON: the values that labels name, and those on the way to them.

use std::ops::Range;

/// Depth to which values are told apart; what is deeper is one value. Resources nest a dozen levels.
const DEPTH: usize = 24;
/// Values that are kept because a label covers them.
const COVERED: usize = 400;
/// Keys of an object that are remembered.
pub(super) const NAMES: usize = 12;

/// One kept value.
#[derive(Debug)]
pub(super) struct Node {
    /// Its key with the quotes, in an object.
    pub(super) key: Option<Range<usize>>,
    /// Its bytes.
    pub(super) range: Range<usize>,
    /// What it is.
    pub(super) shape: Shape,
    /// The labels that belong to it, by index.
    pub(super) labels: Vec<usize>,
    /// The first keys of an object, whether their values are kept or not.
    pub(super) names: Vec<Range<usize>>,
}

#[derive(Debug)]
pub(super) enum Shape {
    /// A string, a number, a literal, or anything that is none.
    Scalar,
    /// An object or array, with its brackets.
    Container(&'static str, &'static str, Vec<Child>),
}

/// What a container holds.
#[derive(Debug)]
pub(super) enum Child {
    Node(Node),
    /// One or more values that no label names.
    Withheld,
}

impl Node {
    fn new(range: Range<usize>, shape: Shape) -> Self {
        Self { key: None, range, shape, labels: Vec::new(), names: Vec::new() }
    }

    /// The value with its key.
    pub(super) fn hull(&self) -> Range<usize> {
        self.key.as_ref().map_or(self.range.start, |key| key.start)..self.range.end
    }

    pub(super) fn children(&self) -> &[Child] {
        match &self.shape {
            Shape::Scalar => &[],
            Shape::Container(_, _, children) => children,
        }
    }

    /// Calls `act` with the labels of the value and of all that it holds.
    pub(super) fn each_label(&self, act: &mut impl FnMut(usize)) {
        self.labels.iter().copied().for_each(&mut *act);
        for child in self.children() {
            if let Child::Node(node) = child {
                node.each_label(act);
            }
        }
    }

    pub(super) fn has_label(&self) -> bool {
        let mut any = false;
        self.each_label(&mut |_| any = true);
        any
    }

    /// Gives a label to the innermost value that holds it.
    fn attach(&mut self, index: usize, label: &Range<usize>) {
        if let Shape::Container(_, _, children) = &mut self.shape {
            for child in children {
                if let Child::Node(node) = child
                    && holds(&node.hull(), label)
                {
                    return node.attach(index, label);
                }
            }
        }
        self.labels.push(index);
    }
}

fn holds(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Reads the value at `object`, keeping what `labels` name, and what lies within those that are `open`. A text that is no
/// JSON gives some tree, in one pass.
pub(super) fn scan(text: &str, object: Range<usize>, labels: &[Range<usize>], open: &[bool]) -> Node {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        end: object.end,
        at: object.start,
        labels,
        covering: labels.iter().zip(open).filter(|(_, open)| **open).map(|(label, _)| label.clone()).collect(),
        covered: COVERED,
        open: Vec::new(),
        buried: 0,
        root: None,
    };
    scan.run();
    let mut root = scan.root.unwrap_or_else(|| Node::new(object, Shape::Scalar));
    for (index, label) in labels.iter().enumerate() {
        root.attach(index, label);
    }
    root
}

/// A container that is not closed yet.
struct Open {
    start: usize,
    brackets: (&'static str, &'static str),
    key: Option<Range<usize>>,
    children: Vec<Child>,
    names: Vec<Range<usize>>,
}

struct Scan<'a> {
    bytes: &'a [u8],
    end: usize,
    at: usize,
    labels: &'a [Range<usize>],
    /// The labels that are open.
    covering: Vec<Range<usize>>,
    /// How many values may still be kept because an open label covers them.
    covered: usize,
    open: Vec<Open>,
    /// Containers open beyond the depth that is told apart.
    buried: usize,
    root: Option<Node>,
}

impl Scan<'_> {
    fn run(&mut self) {
        while self.at < self.end && self.root.is_none() {
            let start = self.at;
            match self.bytes[start] {
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' => self.at += 1,
                b'{' => self.begin(("{", "}")),
                b'[' => self.begin(("[", "]")),
                b'}' | b']' => {
                    self.at += 1;
                    self.close();
                }
                b'"' => {
                    self.at = self.string_end();
                    if !self.take_key(start..self.at) {
                        self.value(Node::new(start..self.at, Shape::Scalar));
                    }
                }
                _ => {
                    self.at = self.scalar_end();
                    self.value(Node::new(start..self.at, Shape::Scalar));
                }
            }
        }
        while !self.open.is_empty() {
            self.buried = 0;
            self.close();
        }
    }

    fn begin(&mut self, brackets: (&'static str, &'static str)) {
        if self.open.len() >= DEPTH {
            self.buried += 1;
        } else {
            self.open.push(Open { start: self.at, brackets, key: None, children: Vec::new(), names: Vec::new() });
        }
        self.at += 1;
    }

    /// Closes the innermost container, whatever its opening bracket was.
    fn close(&mut self) {
        if self.buried > 0 {
            self.buried -= 1;
        } else if let Some(Open { start, brackets: (open, close), children, names, .. }) = self.open.pop() {
            self.value(Node { names, ..Node::new(start..self.at, Shape::Container(open, close, children)) });
        }
    }

    /// Takes a string for a key where a colon follows it in an object.
    fn take_key(&mut self, string: Range<usize>) -> bool {
        let rest = &self.bytes[self.at..self.end];
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        match self.open.last_mut() {
            Some(open) if open.brackets.0 == "{" && rest.get(blank) == Some(&b':') => {
                if self.buried == 0 {
                    if open.names.len() < NAMES {
                        open.names.push(string.clone());
                    }
                    open.key = Some(string);
                }
                true
            }
            _ => false,
        }
    }

    fn value(&mut self, mut node: Node) {
        if self.buried > 0 {
            return;
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        node.key = parent.key.take();
        let hull = node.hull();
        let named = self.labels.iter().any(|label| holds(&hull, label));
        let covered = self.covered > 0 && self.covering.iter().any(|label| holds(label, &node.range));
        if named || covered {
            self.covered -= usize::from(covered);
            parent.children.push(Child::Node(node));
        } else if !matches!(parent.children.last(), Some(Child::Withheld)) {
            parent.children.push(Child::Withheld);
        }
    }

    /// Behind the closing quote of the string that begins here.
    fn string_end(&self) -> usize {
        let mut at = self.at + 1;
        while at < self.end {
            match self.bytes[at] {
                b'"' => return at + 1,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.end
    }

    fn scalar_end(&self) -> usize {
        let rest = &self.bytes[self.at..self.end];
        let len = rest.iter().position(|byte| b",:{}[]\" \t\n\r".contains(byte));
        self.at + len.unwrap_or(rest.len()).max(1)
    }
}
