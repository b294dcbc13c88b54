//! What reading a document has found wrong so far, and the reading of lists of values.

use std::collections::BTreeSet;

use super::document::{PolicyKind, Value};
use super::fault::{Element, Fault, FaultKind};
use super::node::{Kind, Member, Node, Origin};

/// Reads one document.
pub(super) struct Reader {
    pub(super) kind: PolicyKind,
    pub(super) faults: Vec<Fault>,
    /// The statement that is being read.
    pub(super) statement: Option<usize>,
}

impl Reader {
    pub(super) fn new(kind: PolicyKind) -> Self {
        Self { kind, faults: Vec::new(), statement: None }
    }

    /// Reports a fault. There is nothing in place of what is wrong.
    pub(super) fn fault<T>(&mut self, kind: FaultKind, origin: Origin) -> Option<T> {
        self.faults.push(Fault { kind, statement: self.statement, origin });
        None
    }

    /// The texts of an element that lists at least one: of `Action`, `Resource`, and a kind of principal.
    pub(super) fn texts(&mut self, node: &Node, element: Element) -> Option<Vec<Value>> {
        let values = self.values(node, element, Value::of_text)?;
        if values.is_empty() {
            return self.fault(FaultKind::Empty(element), node.origin);
        }
        Some(values)
    }

    /// The values that a condition lists: texts, numbers and booleans, none at all too.
    pub(super) fn scalars(&mut self, node: &Node) -> Option<Vec<Value>> {
        self.values(node, Element::Condition, Value::of_scalar)
    }

    fn values(&mut self, node: &Node, element: Element, of: fn(&Node) -> Option<Value>) -> Option<Vec<Value>> {
        let mut values = Vec::new();
        for item in node.items() {
            let Some(value) = of(item) else {
                return self.fault(FaultKind::WrongType(element), item.origin);
            };
            values.push(value);
        }
        Some(values)
    }

    /// The members of an object whose names are all different.
    pub(super) fn members<'n>(&mut self, node: &'n Node, element: Element) -> Option<&'n [Member]> {
        let Kind::Object(members) = &node.kind else {
            return self.fault(FaultKind::WrongType(element), node.origin);
        };
        let mut names = BTreeSet::new();
        for member in members {
            if let Some(name) = member.name.as_literal()
                && !names.insert(name)
            {
                return self.fault(FaultKind::Duplicate(name.into()), member.origin);
            }
        }
        Some(members)
    }
}
