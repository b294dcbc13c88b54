//! Templates: quoted strings, heredocs, template files.
//!
//! Strip markers and the indentation of `<<-` heredocs are settled on the literals before anything is evaluated, as
//! Terraform does: it sees a heredoc line by line, so that `~}` eats the rest of its own line and no more.

use hcl_edit::{
    Span as _,
    expr::Expression,
    template::{Directive, Element, HeredocTemplate, Strip, Template},
};

use std::ops::Range;

use super::{
    Bound, Evaluator, Fault, Outcome, Scope,
    operators::truth,
    text::{Stop, Text},
};
use crate::{
    sources::{
        Sources,
        block::{Origin, Place},
    },
    span::TextId,
};

/// How a template treats the lines of its literals.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// A quoted string: a literal is one piece.
    Quoted,
    /// A heredoc or file: each line is a piece of its own.
    Each,
    /// A `<<-` heredoc: as before, and the indentation that all lines share goes.
    Flush,
}

impl Evaluator<'_> {
    pub(super) fn heredoc(&mut self, scope: &Scope<'_>, node: &HeredocTemplate, at: Place) -> Outcome {
        let flush = self.text_of(at).is_some_and(|text| text.starts_with("<<-"));
        self.template(scope, &node.template, if flush { Lines::Flush } else { Lines::Each }, at)
    }

    /// The text that a place in a file covers.
    fn text_of(&self, at: Place) -> Option<&str> {
        source_text(self.sources, at.text).and_then(|text| at.span.of(text))
    }

    pub(super) fn template(&mut self, scope: &Scope<'_>, node: &Template, lines: Lines, at: Place) -> Outcome {
        // `"${x}"` is x itself, whatever its type.
        if let Some(Element::Interpolation(only)) = node.as_single_element() {
            return self.expression(scope, &only.expr);
        }
        let raw = match (lines, scope.origin) {
            // hcl-edit has taken the indentation away by rules of its own; the file still has it.
            (Lines::Flush, Origin::File { text, start }) => {
                source_text(self.sources, text).and_then(|text| text.get(start..))
            }
            _ => None,
        };
        let mut layout = Layout { lines, raw, pieces: Vec::new(), strip_next: false };
        let tree = layout.template(node);
        if lines == Lines::Flush {
            layout.flush();
        }
        let mut text = Text::default();
        self.nodes(scope, &tree, &layout.pieces, &mut text)?;
        let sensitive = text.sensitive;
        let value = at.value(text.finish()).marked(sensitive);
        Ok(if self.charge(super::weight(&value)) { value } else { at.hole(None).marked(sensitive) })
    }

    fn nodes(&mut self, scope: &Scope<'_>, nodes: &[Node<'_>], pieces: &[Piece], text: &mut Text) -> Result<(), Fault> {
        for node in nodes {
            match self.node(scope, node, pieces, text) {
                Ok(()) => {}
                // As in collections: where no `try` looks, a fault is a hole in its place.
                Err(Stop::Fault) if self.caught => return Err(Fault),
                Err(Stop::Fault | Stop::Unknown) => text.hole(None),
            }
        }
        Ok(())
    }

    fn node(&mut self, scope: &Scope<'_>, node: &Node<'_>, pieces: &[Piece], text: &mut Text) -> Result<(), Stop> {
        match node {
            Node::Literals(range) => {
                for piece in pieces.get(range.clone()).unwrap_or_default() {
                    if let Piece::Literal(literal) = piece {
                        text.literal(literal);
                    }
                }
            }
            Node::Value(expression) => text.value(&self.expression(scope, expression)?)?,
            Node::If { condition, then, otherwise } => {
                let condition = self.expression(scope, condition)?;
                text.sensitive |= condition.sensitive;
                let arm = if truth(&condition)? { then } else { otherwise };
                self.nodes(scope, arm, pieces, text)?;
            }
            Node::For { key, value, collection, body } => {
                let items = self.expression(scope, collection)?;
                text.sensitive |= items.sensitive;
                for (key_value, item) in &self.pairs(scope, collection, items)? {
                    let outer = Bound { name: key.unwrap_or(""), value: key_value, outer: scope.bound };
                    let bound = Bound { name: value, value: item, outer: Some(&outer) };
                    self.nodes(&Scope { bound: Some(&bound), ..*scope }, body, pieces, text)?;
                }
            }
        }
        Ok(())
    }
}

/// A template whose literals are settled.
enum Node<'a> {
    /// Places in [`Layout::pieces`].
    Literals(Range<usize>),
    Value(&'a Expression),
    If {
        condition: &'a Expression,
        then: Vec<Node<'a>>,
        otherwise: Vec<Node<'a>>,
    },
    For {
        key: Option<&'a str>,
        value: &'a str,
        collection: &'a Expression,
        body: Vec<Node<'a>>,
    },
}

/// What a template looks like to the rules about white space.
enum Piece {
    Literal(String),
    /// An interpolation or directive.
    Mark,
}

struct Layout<'a> {
    lines: Lines,
    /// The text that the spans of literals count in, where the literals themselves cannot be used.
    raw: Option<&'a str>,
    pieces: Vec<Piece>,
    /// Whether the mark before ends in `~}`.
    strip_next: bool,
}

impl Layout<'_> {
    fn template<'t>(&mut self, template: &'t Template) -> Vec<Node<'t>> {
        template.iter().map(|element| self.element(element)).collect()
    }

    fn element<'t>(&mut self, element: &'t Element) -> Node<'t> {
        match element {
            Element::Literal(literal) => {
                let raw = self.raw.zip(literal.span()).and_then(|(raw, span)| raw.get(span));
                match raw {
                    Some(raw) => self.literal(&raw.replace("$${", "${").replace("%%{", "%{")),
                    None => self.literal(literal),
                }
            }
            Element::Interpolation(interpolation) => {
                self.mark(interpolation.strip);
                Node::Value(&interpolation.expr)
            }
            Element::Directive(directive) => match &**directive {
                Directive::If(node) => {
                    self.mark(node.if_expr.strip);
                    let then = self.template(&node.if_expr.template);
                    let otherwise = node.else_expr.as_ref().map(|node| {
                        self.mark(node.strip);
                        self.template(&node.template)
                    });
                    self.mark(node.endif_expr.strip);
                    Node::If { condition: &node.if_expr.cond_expr, then, otherwise: otherwise.unwrap_or_default() }
                }
                Directive::For(node) => {
                    let intro = &node.for_expr;
                    self.mark(intro.strip);
                    let body = self.template(&intro.template);
                    self.mark(node.endfor_expr.strip);
                    let key = intro.key_var.as_ref().map(|name| name.as_str());
                    Node::For { key, value: intro.value_var.as_str(), collection: &intro.collection_expr, body }
                }
            },
        }
    }

    fn literal<'t>(&mut self, text: &str) -> Node<'t> {
        let start = self.pieces.len();
        if self.lines == Lines::Quoted {
            self.pieces.push(Piece::Literal(text.to_owned()));
        } else {
            self.pieces.extend(text.split_inclusive('\n').map(|line| Piece::Literal(line.to_owned())));
        }
        if let (true, Some(Piece::Literal(first))) = (self.strip_next, self.pieces.get_mut(start)) {
            *first = first.trim_start().to_owned();
        }
        self.strip_next = false;
        Node::Literals(start..self.pieces.len())
    }

    fn mark(&mut self, strip: Strip) {
        if let (true, Some(Piece::Literal(last))) = (strip.strip_start(), self.pieces.last_mut()) {
            last.truncate(last.trim_end().len());
        }
        self.pieces.push(Piece::Mark);
        self.strip_next = strip.strip_end();
    }

    /// Takes away the indentation that all lines share. Blank lines do not count; a line that begins with a mark has
    /// none, and a line whose beginning was eaten by `~}` is no line of its own.
    fn flush(&mut self) {
        let mut line_start = true;
        let mut shared = usize::MAX;
        let mut indented = Vec::new();
        for (index, piece) in self.pieces.iter().enumerate() {
            let Piece::Literal(text) = piece else {
                if line_start {
                    shared = 0;
                }
                line_start = false;
                continue;
            };
            let blank = text.trim_start().is_empty() && text.ends_with('\n');
            if line_start && !blank {
                shared = shared.min(text.chars().take_while(|c| c.is_whitespace()).count());
                indented.push(index);
            }
            line_start = text.ends_with('\n');
        }
        for index in indented {
            if let Some(Piece::Literal(text)) = self.pieces.get_mut(index) {
                *text = text.chars().skip(shared).collect();
            }
        }
    }
}

fn source_text(sources: &Sources, text: TextId) -> Option<&str> {
    let TextId::Source(index) = text else { return None };
    sources.files.get(usize::from(index)).map(|file| &*file.text)
}
