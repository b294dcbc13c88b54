//! A policy that is known: what it says, and where its parts stand.

use std::sync::{Arc, OnceLock};

use tfduty_aws::{
    policy::{Document, HoleId, Holes, Identity, Origin},
    truth::Truth,
};

use super::{
    spot::Spot,
    texts::{GUARDDUTY, JsonPolicy},
    tree::{Builder, Tree},
};
use crate::{
    context::{Label, quoted_list},
    estate::Estate,
    finding::Anchor,
    object::ObjectId,
};

/// A policy that is known, with holes where a part of it is not.
#[derive(Debug)]
pub(crate) struct KnownPolicy {
    /// The object whose attribute holds it.
    pub(crate) holder: ObjectId,
    /// That attribute.
    pub(crate) attribute: &'static str,
    /// Whether the attribute, or anything that it is made of, is sensitive: then the statement's index may be shown, but
    /// no text of it.
    pub(crate) sensitive: bool,
    pub(super) content: Content,
}

/// What a policy is made of.
#[derive(Debug)]
pub(super) enum Content {
    /// A JSON text at a place. Where its parts stand is worked out when one is to be pointed at.
    Text { policy: Arc<JsonPolicy>, spot: Spot, spots: OnceLock<Vec<Spot>> },
    /// It is put together, with the places and holes of its parts.
    Tree { document: Box<Document>, tree: Tree },
}

impl Content {
    /// A JSON text at a place.
    pub(super) fn text(policy: Arc<JsonPolicy>, spot: Spot) -> Self {
        Content::Text { policy, spot, spots: OnceLock::new() }
    }
}

impl Holes for KnownPolicy {
    fn identity(&self, hole: HoleId) -> Identity {
        match &self.content {
            Content::Text { .. } => Identity::Unknown,
            Content::Tree { tree, .. } => tree.identity(hole),
        }
    }
}

impl KnownPolicy {
    /// The document.
    pub(crate) fn document(&self) -> &Document {
        match &self.content {
            Content::Text { policy, .. } => policy.document(),
            Content::Tree { document, .. } => document,
        }
    }

    /// Whether it has statements.
    pub(crate) fn is_readable(&self) -> bool {
        self.seen().is_some() || self.document().is_readable()
    }

    /// Whether a statement may be about calls of GuardDuty's.
    pub(crate) fn may_be_about_guardduty(&self) -> bool {
        self.seen().unwrap_or_else(|| {
            let mut statements = self.document().statements().iter();
            statements.any(|statement| statement.is_about_service(GUARDDUTY, self) != Truth::False)
        })
    }

    /// Whether a look tells that nothing is to be filled in.
    pub(super) fn is_filled_in(&self) -> bool {
        self.seen().is_some()
    }

    fn seen(&self) -> Option<bool> {
        match &self.content {
            Content::Text { policy, .. } => policy.seen(),
            Content::Tree { .. } => None,
        }
    }

    /// A label where a part of the policy stands, with the object that shows it: the holder, or a data source that the
    /// policy is made by.
    pub(crate) fn label(&self, estate: &Estate, origin: Origin, text: impl Into<String>) -> Label {
        let whole = || Spot::of(self.holder, self.attribute);
        let spot = self.spots(estate).get(origin.0 as usize).cloned().unwrap_or_else(whole);
        let anchor = spot.anchor(estate, text);
        (Some(spot.object), Anchor { sensitive: anchor.sensitive || self.sensitive, ..anchor })
    }

    fn spots(&self, estate: &Estate) -> &[Spot] {
        match &self.content {
            Content::Text { policy, spot, spots } => spots.get_or_init(|| {
                let mut builder = Builder::new(estate, estate.object(self.holder).unit);
                let _ = builder.known(policy.text(), spot);
                builder.tree.spots
            }),
            Content::Tree { tree, .. } => &tree.spots,
        }
    }

    /// The attribute that shows a part of the policy: of the holder, or of a data source that the policy is made by.
    pub(crate) fn attribute_at(&self, origin: Origin) -> Option<&str> {
        let spot = match &self.content {
            Content::Text { spot, .. } => spot,
            Content::Tree { tree, .. } => tree.spots.get(origin.0 as usize)?,
        };
        spot.path.first().map(|name| &**name)
    }

    /// A hole as it is written, in backquotes.
    pub(crate) fn hole(&self, hole: HoleId) -> String {
        let references = match &self.content {
            Content::Text { .. } => None,
            Content::Tree { tree, .. } => tree.holes.get(hole.0 as usize).map(|hole| &hole.references),
        };
        match references {
            Some(references) if !references.is_empty() => quoted_list(references),
            _ => "a value known only after apply".into(),
        }
    }
}
