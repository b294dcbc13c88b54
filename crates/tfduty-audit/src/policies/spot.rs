//! Where the parts of a policy stand.

use std::sync::Arc;

use tfduty_terraform::{Kind, Span, TextId, Value};

use crate::{
    estate::Estate,
    finding::{Anchor, Inner},
    object::ObjectId,
};

/// A place that a node of a policy comes from.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    /// The object that shows it.
    pub(super) object: ObjectId,
    /// Names and indexes that lead from the object's values to the value that shows it.
    pub(super) path: Arc<[Box<str>]>,
    /// The part of that value's text.
    pub(super) inner: Option<Inner>,
    /// Where the configuration writes it.
    pub(super) written: Option<(TextId, Span)>,
}

impl Spot {
    /// An attribute as a whole.
    pub(super) fn of(object: ObjectId, attribute: &str) -> Self {
        Self { object, path: Arc::from([attribute.into()]), inner: None, written: None }
    }

    /// A part of a nested attribute.
    pub(super) fn below(&self, step: &str) -> Self {
        let path = self.path.iter().cloned().chain([step.into()]).collect();
        Self { path, inner: None, ..self.clone() }
    }

    /// The same, as the configuration writes it.
    pub(super) fn written(&self, value: &Value) -> Self {
        match value.text {
            TextId::Document => self.clone(),
            TextId::Source(_) => Self { written: Some((value.text, value.span)), ..self.clone() },
        }
    }

    /// A label at the place; where the document does not spell it out, at what would hold it.
    pub(super) fn anchor(&self, estate: &Estate, label: impl Into<String>) -> Anchor {
        let object = estate.object(self.object);
        let mut node = &object.values;
        let mut pointer = object.pointer.clone();
        for step in &*self.path {
            let child = match &node.kind {
                Kind::List(items) => step.parse().ok().and_then(|index: usize| items.get(index)),
                _ => node.get(step),
            };
            let Some(child) = child.filter(|child| !child.is_unknown() || child.span != node.span) else { break };
            node = child;
            pointer.push('/');
            pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
        }
        Anchor {
            input: estate.input(object),
            span: node.span,
            object: object.values.span,
            pointer,
            label: label.into(),
            sensitive: node.sensitive,
            inner: self.inner,
            written: self.written,
        }
    }
}

/// Offsets of a text as lines and columns.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect())
    }

    pub(super) fn inner(&self, span: Span) -> Inner {
        let byte = span.start as usize;
        let line = self.0.partition_point(|start| *start <= byte);
        let start = line.checked_sub(1).and_then(|before| self.0.get(before)).copied().unwrap_or_default();
        Inner { byte, len: span.len as usize, line, column: byte - start + 1 }
    }
}
