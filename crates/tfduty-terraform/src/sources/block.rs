//! Blocks and arguments in one shape, whether they were written in HCL or in JSON syntax.

use hcl_edit::{
    Ident,
    expr::{Expression, ObjectKey, Traversal, TraversalOperator},
    prelude::Span as _,
    structure::Structure,
};
use std::ops::Range;

use crate::{
    address::Key,
    reference::Step,
    span::{Span, TextId},
};

/// A block with everything in it.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) kind: Box<str>,
    pub(crate) labels: Vec<Box<str>>,
    pub(crate) body: Body,
    pub(crate) text: TextId,
    /// From the keyword to the last label.
    pub(crate) header: Span,
    pub(crate) span: Span,
    /// False for a block that did not parse: its body is empty because nothing is known of it.
    pub(crate) readable: bool,
}

/// What a block holds, in the order of the text.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) blocks: Vec<Block>,
}

/// One argument.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) name: Box<str>,
    /// `None` for a string of JSON syntax that is no template: Terraform would refuse it.
    pub(crate) value: Option<Expression>,
    pub(crate) origin: Origin,
    pub(crate) text: TextId,
    /// Name and value.
    pub(crate) span: Span,
    /// The value alone.
    pub(crate) value_span: Span,
}

/// Where the spans that a parsed expression carries lie.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Origin {
    /// In a file, counted from `start`: behind a byte order mark, or from a block that was parsed alone.
    File {
        /// The file.
        text: TextId,
        /// What to add to every offset.
        start: usize,
    },
    /// Nowhere (JSON syntax, template files): everything counts as standing at one place.
    Place(Place),
}

/// A span and the text it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Place {
    pub(crate) text: TextId,
    pub(crate) span: Span,
}

impl Origin {
    /// Where a node with the parsed range stands.
    pub(crate) fn place(self, range: Option<Range<usize>>) -> Place {
        match self {
            Origin::File { text, start } => {
                let range = range.unwrap_or_default();
                Place { text, span: Span::new(start + range.start, start + range.end) }
            }
            Origin::Place(place) => place,
        }
    }
}

impl Body {
    /// The body that `hcl_edit` parsed.
    pub(crate) fn convert(body: hcl_edit::structure::Body, text: TextId, start: usize) -> Body {
        let origin = Origin::File { text, start };
        let mut converted = Body::default();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let value = origin.place(attribute.value.span()).span;
                    let key = origin.place(attribute.key.span()).span;
                    converted.attributes.push(Attribute {
                        name: attribute.key.as_str().into(),
                        span: Span::new(key.start as usize, value.end()),
                        value_span: value,
                        value: Some(attribute.value),
                        origin,
                        text,
                    });
                }
                Structure::Block(block) => {
                    let span = origin.place(block.span()).span;
                    let labels_end = block.labels.last().or(None).and_then(hcl_edit::Span::span);
                    let keyword = origin.place(block.ident.span()).span;
                    let end = labels_end.map_or(keyword.end(), |range| start + range.end);
                    converted.blocks.push(Block {
                        kind: block.ident.as_str().into(),
                        labels: block.labels.iter().map(|label| label.as_str().into()).collect(),
                        text,
                        header: Span::new(keyword.start as usize, end),
                        span: Span::new(keyword.start as usize, span.end().max(end)),
                        readable: true,
                        body: Body::convert(block.body, text, start),
                    });
                }
            }
        }
        converted
    }

    /// The argument `name`.
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name == name)
    }

    /// The blocks that make up the nested block `name`, `dynamic` ones included.
    pub(crate) fn nested<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.makes() == name)
    }
}

impl Block {
    /// The label at `position`, or nothing.
    pub(crate) fn label(&self, position: usize) -> &str {
        self.labels.get(position).map_or("", |label| label)
    }

    /// The name of the nested block that this one makes: a `dynamic` block makes those of its label.
    pub(crate) fn makes(&self) -> &str {
        if self.is_dynamic() { self.label(0) } else { &self.kind }
    }

    /// Whether this is a `dynamic` block.
    pub(crate) fn is_dynamic(&self) -> bool {
        &*self.kind == "dynamic"
    }

    /// Where the block's name stands.
    pub(crate) fn place(&self) -> Place {
        Place { text: self.text, span: self.header }
    }

    /// Lays the block of an override file over this one: arguments replace arguments, nested blocks all those of their
    /// name; only `lifecycle` is merged argument by argument.
    pub(crate) fn merge(&mut self, over: Block) {
        self.readable &= over.readable;
        for attribute in over.body.attributes {
            match self.body.attributes.iter_mut().find(|own| own.name == attribute.name) {
                Some(own) => *own = attribute,
                None => self.body.attributes.push(attribute),
            }
        }
        let replaced: Vec<Box<str>> = over.body.blocks.iter().map(|block| block.makes().into()).collect();
        self.body
            .blocks
            .retain(|block| &*block.kind == "lifecycle" || !replaced.iter().any(|name| **name == *block.makes()));
        for block in over.body.blocks {
            let own = self.body.blocks.iter_mut().find(|own| &*own.kind == "lifecycle" && &*block.kind == "lifecycle");
            match own {
                Some(own) => own.merge(block),
                None => self.body.blocks.push(block),
            }
        }
    }
}

/// A block of a configuration, as it stands in a file.
#[derive(Debug, Clone, Copy)]
pub struct BlockRef<'a> {
    pub(crate) block: &'a Block,
}

impl<'a> BlockRef<'a> {
    /// The keyword: `resource`, `module`, `provisioner`, …
    pub fn kind(self) -> &'a str {
        &self.block.kind
    }

    /// The labels behind the keyword.
    pub fn labels(self) -> impl Iterator<Item = &'a str> {
        self.block.labels.iter().map(|label| &**label)
    }

    /// The file it stands in.
    pub fn text(self) -> TextId {
        self.block.text
    }

    /// The keyword and the labels.
    pub fn header(self) -> Span {
        self.block.header
    }

    /// The whole block.
    pub fn span(self) -> Span {
        self.block.span
    }

    /// False for a block that did not parse. Nothing is known of what it holds: [`BlockRef::has`] and
    /// [`BlockRef::blocks`] find nothing in it, and that says nothing.
    pub fn is_readable(self) -> bool {
        self.block.readable
    }

    /// Whether it has an argument or a nested block `name`, written out or by `dynamic`.
    pub fn has(self, name: &str) -> bool {
        self.block.body.attribute(name).is_some() || self.block.body.nested(name).next().is_some()
    }

    /// The nested blocks `name` that are written out.
    pub fn blocks(self, name: &str) -> impl Iterator<Item = BlockRef<'a>> {
        self.block.body.blocks.iter().filter(move |block| &*block.kind == name).map(|block| BlockRef { block })
    }

    /// The word that the argument `name` is: `destroy` of a provisioner's `when = destroy`, `aws.eu` of
    /// `provider = aws.eu`.
    pub fn word(self, name: &str) -> Option<String> {
        static_text(self.block.body.attribute(name)?.value.as_ref()?)
    }

    /// What the argument `name` is, where it is written out: `true` or `false`, or a string of these, which Terraform takes
    /// for the same.
    pub fn truth(self, name: &str) -> Option<bool> {
        static_truth(self.block.body.attribute(name)?.value.as_ref()?)
    }

    /// What a module call passes in for the provider `wanted`, by its `providers`.
    pub(crate) fn passed_provider(self, wanted: &str) -> Option<&'a Expression> {
        let members = static_members(self.block.body.attribute("providers")?.value.as_ref()?);
        members.into_iter().find(|(key, _)| key == wanted).map(|(_, value)| value)
    }

    /// Where the argument `name` stands, name and value.
    pub fn attribute_span(self, name: &str) -> Option<(TextId, Span)> {
        let attribute = self.block.body.attribute(name)?;
        Some((attribute.text, attribute.span))
    }
}

/// An expression that only names something, as text: `aws_s3_bucket.b["eu"]`. A string is its own text, as older
/// configurations write such names.
pub(crate) fn static_text(expression: &Expression) -> Option<String> {
    match expression {
        Expression::String(text) => Some(text.value().clone()),
        Expression::Variable(name) => Some(name.as_str().to_owned()),
        Expression::Parenthesis(inner) => static_text(inner.inner()),
        Expression::Traversal(traversal) => {
            let mut text = variable_name(&traversal.expr)?.to_owned();
            let steps = static_steps(traversal);
            for step in &steps {
                match step {
                    Step::Attribute(name) => {
                        text.push('.');
                        text.push_str(name);
                    }
                    Step::Index(key) => text.push_str(&key.to_string()),
                }
            }
            (steps.len() == traversal.operators.len()).then_some(text)
        }
        _ => None,
    }
}

fn static_truth(expression: &Expression) -> Option<bool> {
    match expression {
        Expression::Bool(truth) => Some(*truth.value()),
        Expression::String(text) => text.value().parse().ok(),
        Expression::Parenthesis(inner) => static_truth(inner.inner()),
        _ => None,
    }
}

/// The name, where an expression is nothing but a name.
pub(crate) fn variable_name(expression: &Expression) -> Option<&str> {
    expression.as_variable().map(Ident::as_str)
}

/// The steps of a traversal up to the first that only evaluation can tell.
pub(crate) fn static_steps(traversal: &Traversal) -> Vec<Step> {
    traversal.operators.iter().map_while(|operator| static_step(operator.value())).collect()
}

fn static_step(operator: &TraversalOperator) -> Option<Step> {
    match operator {
        TraversalOperator::GetAttr(name) => Some(Step::Attribute(name.as_str().into())),
        TraversalOperator::LegacyIndex(index) => {
            i64::try_from(*index.value()).ok().map(|index| Step::Index(Key::Int(index)))
        }
        TraversalOperator::Index(Expression::String(key)) => Some(Step::Index(Key::String(key.as_str().into()))),
        TraversalOperator::Index(Expression::Number(index)) => {
            index.value().as_i64().map(|index| Step::Index(Key::Int(index)))
        }
        _ => None,
    }
}

/// The members of an object expression whose keys are plain words or strings, such as `providers = { aws = aws.eu }`.
pub(crate) fn static_members(expression: &Expression) -> Vec<(String, &Expression)> {
    let Expression::Object(object) = expression else { return Vec::new() };
    let key = |key: &ObjectKey| match key {
        ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
        ObjectKey::Expression(key) => static_text(key),
    };
    object.iter().filter_map(|(name, value)| Some((key(name)?, value.expr()))).collect()
}
