//! A policy document.

use super::fault::{Fault, FaultKind};
use super::holes::HoleId;
use super::node::{Kind, Member, Node, Origin};
use super::reader::Reader;
use super::statement::{Statement, read_statement};
use super::text::Text;
use crate::truth::Truth;

/// What a policy is attached to, which decides what its statements must and must not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyKind {
    /// A bucket, key, topic, queue, …: principals and resources.
    Resource,
    /// A role, as to who may assume it: principals, but no resources.
    Trust,
    /// A user, group or role, as to what it may do: resources, but no principals.
    Identity,
}

/// A policy document: its statements, and what is wrong with it.
///
/// Reading is tolerant and honest. Lists of one item may be written without the list. What is wrong is reported as a
/// [`Fault`], and what it touches cannot be told; the other elements of the statement still decide, since a statement
/// matches only if all its elements do.
#[derive(Debug, Clone)]
pub struct Document {
    statements: Vec<Statement>,
    faults: Vec<Fault>,
    readable: bool,
}

impl Document {
    /// Reads the document `node` of a policy of the kind `kind`.
    pub fn read(node: &Node, kind: PolicyKind) -> Self {
        let mut reader = Reader::new(kind);
        let statements = match &node.kind {
            Kind::Object(members) => read_members(members, node.origin, &mut reader),
            // Nothing is wrong with a policy that is not known.
            Kind::Hole(_) => None,
            Kind::Text(text) if text.as_literal().is_none() => None,
            Kind::Text(_) => reader.fault(FaultKind::EncodedTwice, node.origin),
            _ => reader.fault(FaultKind::NotAnObject, node.origin),
        };
        Self { readable: statements.is_some(), statements: statements.unwrap_or_default(), faults: reader.faults }
    }

    /// The statements, in order; none where [`Document::is_readable`] is false.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// What is wrong with the document: first with itself, then with its statements, in order.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Whether there are statements to judge. A document that is a hole, no object or without statements counts as a
    /// policy of which nothing is known.
    pub fn is_readable(&self) -> bool {
        self.readable
    }
}

/// The statements of a document, if it has any.
fn read_members(members: &[Member], origin: Origin, reader: &mut Reader) -> Option<Vec<Statement>> {
    let mut version = None;
    let mut statements = None;
    let mut twice = false;
    for member in members {
        match member.name.as_literal() {
            Some("Version") if version.is_none() => version = Some(&member.value),
            Some("Statement") if statements.is_none() => statements = Some(&member.value),
            Some("Id") => {}
            Some(name @ ("Version" | "Statement")) => {
                twice = true;
                reader.fault::<()>(FaultKind::Duplicate(name.into()), member.origin);
            }
            name => {
                reader.fault::<()>(FaultKind::UnknownElement(name.unwrap_or_default().into()), member.origin);
            }
        }
    }
    let variables = version.map_or(Truth::False, |version| read_version(version, reader));
    let Some(statements) = statements.filter(|node| !matches!(&node.kind, Kind::List(items) if items.is_empty()))
    else {
        return reader.fault(FaultKind::NoStatements, origin);
    };
    if !matches!(statements.kind, Kind::Object(_) | Kind::List(_) | Kind::Hole(_)) {
        return reader.fault(FaultKind::WrongType(super::Element::Statement), statements.origin);
    }
    let read: Vec<_> = statements
        .items()
        .iter()
        .enumerate()
        .map(|(index, node)| read_statement(node, index, variables, reader))
        .collect();
    // Which of the two counts is not known.
    (!twice).then_some(read)
}

/// Whether the texts of the document have policy variables: only with `Version` 2012-10-17 (IAM User Guide, "IAM JSON
/// policy elements: Version").
fn read_version(version: &Node, reader: &mut Reader) -> Truth {
    match &version.kind {
        Kind::Text(text) => match text.as_literal() {
            Some("2012-10-17") => return Truth::True,
            Some("2008-10-17") => return Truth::False,
            None => return Truth::Unknown,
            Some(_) => {}
        },
        Kind::Hole(_) => return Truth::Unknown,
        _ => {}
    }
    reader.fault::<()>(FaultKind::UnknownVersion, version.origin);
    Truth::Unknown
}

/// A text or hole of a policy, as one of the values that an element lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The text.
    pub text: Text,
    /// Where it comes from.
    pub origin: Origin,
}

impl Value {
    /// The value of `node`, if it is a text.
    pub(super) fn of_text(node: &Node) -> Option<Self> {
        let text = match &node.kind {
            Kind::Text(text) => text.clone(),
            Kind::Hole(hole) => Text::from(*hole),
            _ => return None,
        };
        Some(Self { text, origin: node.origin })
    }

    /// The value of `node`, if it is a text, or a number or boolean written without quotes: "Quotation marks are
    /// optional for numeric and Boolean values" (IAM User Guide, "Grammar of the IAM JSON policy language").
    pub(super) fn of_scalar(node: &Node) -> Option<Self> {
        let text = match &node.kind {
            Kind::Bool(holds) => Text::from(if *holds { "true" } else { "false" }),
            Kind::Number(digits) => Text::from(&**digits),
            _ => return Self::of_text(node),
        };
        Some(Self { text, origin: node.origin })
    }

    /// The holes in it.
    pub fn holes(&self) -> impl Iterator<Item = HoleId> {
        self.text.holes()
    }
}
