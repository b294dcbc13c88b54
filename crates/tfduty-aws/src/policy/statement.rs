//! One statement of a policy, as it is written.

use super::document::{PolicyKind, Value};
use super::fault::{Element, FaultKind};
use super::holes::HoleId;
use super::node::{Kind, Member, Node, Origin};
use super::principal::{Principal, PrincipalKind};
use super::reader::Reader;
use super::text::Text;
use crate::truth::Truth;

/// What a statement is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It allows what it matches.
    Allow,
    /// It denies what it matches, whatever others allow.
    Deny,
}

/// A statement.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(super) index: usize,
    pub(super) origin: Origin,
    pub(super) sid: Option<Value>,
    pub(super) effect: Slot<Effect>,
    pub(super) principals: Slot<Vec<Principal>>,
    pub(super) actions: Slot<Vec<Value>>,
    pub(super) resources: Slot<Vec<Value>>,
    pub(super) conditions: Slot<Vec<Condition>>,
    /// Elements of no known name: what they ask for cannot be told.
    pub(super) strange: Vec<(Box<str>, Origin)>,
    /// Whether `${…}` is a policy variable.
    pub(super) variables: Truth,
}

/// An element of a statement.
#[derive(Debug, Clone)]
pub(super) enum Slot<T> {
    /// It is not there.
    Absent,
    /// It is there, but cannot be read, or it ought to be there: what it asks for cannot be told.
    Unreadable { element: Element, origin: Origin, hole: Option<HoleId> },
    /// It is there.
    Present { element: Element, origin: Origin, value: T },
}

/// One condition: a key, the operator it stands under, and the values it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The operator, as written: `StringEquals`, `ForAnyValue:StringLikeIfExists`.
    pub operator: Text,
    /// The key, as written: `aws:SourceIp`.
    pub key: Text,
    /// Where the key comes from.
    pub origin: Origin,
    /// The values.
    pub values: Vec<Value>,
}

impl Statement {
    /// Its place in the document, from zero.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Where it comes from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Its `Sid`, where that is known.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_ref()?.text.as_literal()
    }

    /// Its `Effect`; `None` where that is not known.
    pub fn effect(&self) -> Option<Effect> {
        self.effect.value().copied()
    }

    /// Its conditions; `None` where they cannot be read.
    pub fn conditions(&self) -> Option<&[Condition]> {
        match &self.conditions {
            Slot::Absent => Some(&[]),
            Slot::Unreadable { .. } => None,
            Slot::Present { value, .. } => Some(value),
        }
    }

    /// Every text in which a value may have been meant to be filled in, with the element it belongs to: those of
    /// principals, actions, resources and the values of conditions.
    pub fn texts(&self) -> impl Iterator<Item = (Element, &Value)> {
        let principals = self.principals.parts().map(|(element, principal)| (element, &principal.value));
        let actions = self.actions.parts();
        let resources = self.resources.parts();
        let conditions = self
            .conditions
            .parts()
            .flat_map(|(element, condition)| condition.values.iter().map(move |value| (element, value)));
        principals.chain(actions).chain(resources).chain(conditions)
    }
}

impl<T> Slot<T> {
    pub(super) fn value(&self) -> Option<&T> {
        match self {
            Self::Present { value, .. } => Some(value),
            Self::Absent | Self::Unreadable { .. } => None,
        }
    }

    pub(super) fn element(&self) -> Option<Element> {
        match self {
            Self::Present { element, .. } | Self::Unreadable { element, .. } => Some(*element),
            Self::Absent => None,
        }
    }

    /// `value`, or that it cannot be read.
    fn of(element: Element, origin: Origin, value: Option<T>) -> Self {
        match value {
            Some(value) => Self::Present { element, origin, value },
            None => Self::Unreadable { element, origin, hole: None },
        }
    }
}

impl<T> Slot<Vec<T>> {
    fn parts(&self) -> impl Iterator<Item = (Element, &T)> {
        let element = self.element().unwrap_or(Element::Statement);
        self.value().into_iter().flatten().map(move |part| (element, part))
    }
}

/// Reads the statement `node`. `variables` says whether `${…}` is a policy variable in this document.
pub(super) fn read_statement(node: &Node, index: usize, variables: Truth, reader: &mut Reader) -> Statement {
    reader.statement = Some(index);
    let mut statement = Statement {
        index,
        origin: node.origin,
        sid: None,
        effect: Slot::Absent,
        principals: Slot::Absent,
        actions: Slot::Absent,
        resources: Slot::Absent,
        conditions: Slot::Absent,
        strange: Vec::new(),
        variables,
    };
    let Kind::Object(members) = &node.kind else {
        let hole = if let Kind::Hole(hole) = node.kind { Some(hole) } else { None };
        if hole.is_none() {
            reader.fault::<()>(FaultKind::WrongType(Element::Statement), node.origin);
        }
        statement.effect = Slot::Unreadable { element: Element::Statement, origin: node.origin, hole };
        return statement;
    };
    for member in members {
        let name = member.name.as_literal();
        if let Some(element) = Element::OF_STATEMENT.into_iter().find(|element| name == Some(element.name())) {
            statement.read_element(element, member, reader);
        } else {
            let name: Box<str> = name.unwrap_or_default().into();
            reader.fault::<()>(FaultKind::UnknownElement(name.clone()), member.origin);
            statement.strange.push((name, member.origin));
        }
    }
    statement.check_presence(reader);
    statement
}

impl Statement {
    fn read_element(&mut self, element: Element, member: &Member, reader: &mut Reader) {
        let node = &member.value;
        let origin = node.origin;
        // What is read of a second one is not known to count.
        match element {
            Element::Sid => match Value::of_text(node) {
                Some(sid) => self.sid = Some(sid),
                None => _ = reader.fault::<()>(FaultKind::WrongType(element), origin),
            },
            Element::Effect => {
                let read = |reader: &mut Reader| read_effect(node, reader);
                self.effect.fill(element, member, reader, read);
            }
            Element::Principal | Element::NotPrincipal => {
                let read = |reader: &mut Reader| Slot::of(element, origin, read_principals(node, element, reader));
                self.principals.fill(element, member, reader, read);
            }
            Element::Action | Element::NotAction => {
                let read = |reader: &mut Reader| Slot::of(element, origin, reader.texts(node, element));
                self.actions.fill(element, member, reader, read);
            }
            Element::Resource | Element::NotResource => {
                let read = |reader: &mut Reader| Slot::of(element, origin, reader.texts(node, element));
                self.resources.fill(element, member, reader, read);
            }
            Element::Condition | Element::Statement => {
                let read = |reader: &mut Reader| read_conditions(node, reader);
                self.conditions.fill(element, member, reader, read);
            }
        }
    }

    /// Reports the elements that are not there, but must be, and those that are there, but must not be.
    fn check_presence(&mut self, reader: &mut Reader) {
        let principal = reader.kind != PolicyKind::Identity;
        let resource = reader.kind != PolicyKind::Trust;
        self.effect.expect(true, Element::Effect, self.origin, reader);
        self.principals.expect(principal, Element::Principal, self.origin, reader);
        self.actions.expect(true, Element::Action, self.origin, reader);
        self.resources.expect(resource, Element::Resource, self.origin, reader);
    }
}

impl<T> Slot<T> {
    /// Puts in what is read of an element, unless there is one already.
    fn fill(
        &mut self,
        element: Element,
        member: &Member,
        reader: &mut Reader,
        read: impl FnOnce(&mut Reader) -> Slot<T>,
    ) {
        *self = match self.element() {
            None => read(reader),
            Some(first) => {
                reader.fault::<()>(
                    if first == element {
                        FaultKind::Duplicate(element.name().into())
                    } else {
                        FaultKind::Both(first, element)
                    },
                    member.origin,
                );
                Slot::Unreadable { element: first, origin: member.value.origin, hole: None }
            }
        };
    }

    /// Makes unreadable what is missing or forbidden.
    fn expect(&mut self, expected: bool, element: Element, statement: Origin, reader: &mut Reader) {
        let (element, origin, kind) = match self {
            Self::Absent if expected => (element, statement, FaultKind::Missing(element)),
            Self::Present { element, origin, .. } | Self::Unreadable { element, origin, .. } if !expected => {
                (*element, *origin, FaultKind::Forbidden(*element))
            }
            _ => return,
        };
        reader.fault::<()>(kind, origin);
        *self = Self::Unreadable { element, origin, hole: None };
    }
}

fn read_effect(node: &Node, reader: &mut Reader) -> Slot<Effect> {
    let value = Value::of_text(node);
    let literal = value.as_ref().map(|value| value.text.as_literal());
    let effect = match literal {
        Some(Some("Allow")) => Some(Effect::Allow),
        Some(Some("Deny")) => Some(Effect::Deny),
        Some(None) => {
            let hole = value.and_then(|value| value.holes().next());
            return Slot::Unreadable { element: Element::Effect, origin: node.origin, hole };
        }
        _ => reader.fault(FaultKind::UnknownEffect, node.origin),
    };
    Slot::of(Element::Effect, node.origin, effect)
}

/// `"*"`, or an object of the kinds of principal.
fn read_principals(node: &Node, element: Element, reader: &mut Reader) -> Option<Vec<Principal>> {
    if let Some(value) = Value::of_text(node) {
        let kind = if value.text.as_literal() == Some("*") { PrincipalKind::Aws } else { PrincipalKind::Unknown };
        // What is not known may be the object.
        if kind == PrincipalKind::Unknown && value.text.as_literal().is_some() {
            reader.fault::<()>(FaultKind::WrongType(element), node.origin);
        }
        return Some(vec![Principal { kind, value }]);
    }
    let mut principals = Vec::new();
    for member in reader.members(node, element)? {
        let kind = member.name.as_literal().and_then(PrincipalKind::of);
        let name = member.name.as_literal().unwrap_or_default();
        if kind.is_none() {
            reader.fault::<()>(FaultKind::UnknownPrincipal(name.into()), member.origin);
        }
        let kind = kind.unwrap_or(PrincipalKind::Unknown);
        let values = reader.texts(&member.value, element)?;
        principals.extend(values.into_iter().map(|value| Principal { kind, value }));
    }
    if principals.is_empty() {
        return reader.fault(FaultKind::Empty(element), node.origin);
    }
    Some(principals)
}

fn read_conditions(node: &Node, reader: &mut Reader) -> Slot<Vec<Condition>> {
    let element = Element::Condition;
    let unknown = |node: &Node| match node.kind {
        Kind::Hole(hole) => Some(Slot::Unreadable { element, origin: node.origin, hole: Some(hole) }),
        _ => None,
    };
    if let Some(slot) = unknown(node) {
        return slot;
    }
    let mut conditions = Vec::new();
    let Some(operators) = reader.members(node, element) else {
        return Slot::of(element, node.origin, None);
    };
    for operator in operators {
        if let Some(slot) = unknown(&operator.value) {
            return slot;
        }
        let Some(keys) = reader.members(&operator.value, element) else {
            return Slot::of(element, operator.value.origin, None);
        };
        for key in keys {
            let Some(values) = reader.scalars(&key.value) else {
                return Slot::of(element, key.value.origin, None);
            };
            let operator = operator.name.clone();
            conditions.push(Condition { operator, key: key.name.clone(), origin: key.origin, values });
        }
    }
    Slot::of(element, node.origin, Some(conditions))
}
