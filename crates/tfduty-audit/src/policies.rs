//! Policies of the estate: from the attribute that holds one to a [`policy::Document`], with the places of its parts
//! and with what is known of its holes.

mod spot;
mod tree;

use tfduty_aws::policy::{self, Document, HoleId, Holes, Identity, Origin, PolicyKind, Thing};

use self::{spot::Spot, tree::Tree};
use crate::{
    context::quoted_list,
    estate::Estate,
    finding::Anchor,
    graph::{Bucket, Graph},
    object::ObjectId,
};

/// The policy of something, as far as the inputs tell it.
#[derive(Debug)]
pub(crate) enum PolicyText {
    /// There is none.
    None,
    /// It is not known.
    Unknown(UnknownPolicy),
    /// This one.
    Known(Box<KnownPolicy>),
}

/// Why a policy is not known.
#[derive(Debug)]
pub(crate) struct UnknownPolicy {
    /// The object whose attribute would hold it, where there is one.
    pub(crate) holder: Option<ObjectId>,
    /// That attribute.
    pub(crate) attribute: &'static str,
    /// The reason, as the second half of a sentence: "it is known only after apply, from `local.policy`".
    pub(crate) why: String,
    /// Whether the attribute is sensitive.
    pub(crate) sensitive: bool,
}

/// A policy that is known, with holes where a part of it is not.
#[derive(Debug)]
pub(crate) struct KnownPolicy {
    /// The document.
    pub(crate) document: Document,
    /// The object whose attribute holds it.
    pub(crate) holder: ObjectId,
    /// That attribute.
    pub(crate) attribute: &'static str,
    /// Whether the attribute, or anything that it is made of, is sensitive: then the statement's index may be shown, but
    /// no text of it.
    pub(crate) sensitive: bool,
    tree: Tree,
}

impl PolicyText {
    /// The policy, to be asked about requests.
    pub(crate) fn as_policy(&self) -> policy::Policy<'_> {
        match self {
            PolicyText::None => policy::Policy::None,
            PolicyText::Unknown(_) => policy::Policy::Unknown,
            PolicyText::Known(known) => policy::Policy::Known(&known.document),
        }
    }
}

impl Holes for KnownPolicy {
    fn identity(&self, hole: HoleId) -> Identity {
        self.tree.holes.get(hole.0 as usize).map_or(Identity::Unknown, |hole| hole.identity.clone())
    }
}

impl KnownPolicy {
    /// A label where a part of the policy stands, with the object that shows it: the holder, or a data source that the
    /// policy is made by.
    pub(crate) fn label(&self, estate: &Estate, origin: Origin, text: impl Into<String>) -> (Option<ObjectId>, Anchor) {
        let whole = || Spot::of(self.holder, self.attribute);
        let spot = self.tree.spots.get(origin.0 as usize).cloned().unwrap_or_else(whole);
        let anchor = spot.anchor(estate, text);
        (Some(spot.object), Anchor { sensitive: anchor.sensitive || self.sensitive, ..anchor })
    }

    /// A hole as it is written, in backquotes.
    pub(crate) fn hole(&self, hole: HoleId) -> String {
        let references = self.tree.holes.get(hole.0 as usize).map_or(&[][..], |hole| &hole.references);
        if references.is_empty() { "a value known only after apply".into() } else { quoted_list(references) }
    }
}

/// The policy of a bucket.
pub(crate) fn bucket_policy(estate: &Estate, graph: &Graph, bucket: &Bucket) -> PolicyText {
    let holders = estate.of_type("aws_s3_bucket_policy").filter(|(_, object)| object.is_present());
    let mut own = holders.filter(|(id, _)| crate::graph::bucket_of(estate, *id).as_ref() == Some(bucket));
    match (own.next(), bucket) {
        (Some((holder, _)), _) => policy_of(estate, graph, holder, "policy"),
        (None, Bucket::Object(id)) => policy_of(estate, graph, *id, "policy"),
        (None, Bucket::Name(_)) => PolicyText::Unknown(UnknownPolicy {
            holder: None,
            attribute: "policy",
            why: "the bucket is not among the inputs".into(),
            sensitive: false,
        }),
    }
}

/// The policy of a KMS key.
pub(crate) fn key_policy(estate: &Estate, graph: &Graph, key: ObjectId) -> PolicyText {
    policy_of(estate, graph, key, "policy")
}

/// The policy that an attribute of an object holds.
pub(crate) fn policy_of(estate: &Estate, _graph: &Graph, holder: ObjectId, attribute: &'static str) -> PolicyText {
    let value = estate.object(holder).attribute(&[attribute]);
    if value.is_absent() {
        return PolicyText::None;
    }
    let mut tree = Tree::default();
    let unknown = |why: &str| {
        PolicyText::Unknown(UnknownPolicy {
            holder: Some(holder),
            attribute,
            why: why.into(),
            sensitive: value.is_sensitive(),
        })
    };
    let Some(text) = value.str() else { return unknown("it is known only after apply") };
    let Some(node) = tree.text(text, &Spot::of(holder, attribute)) else { return unknown("it is no JSON") };
    PolicyText::Known(Box::new(KnownPolicy {
        document: Document::read(&node, PolicyKind::Resource),
        holder,
        attribute,
        sensitive: value.is_sensitive(),
        tree,
    }))
}

/// The number of a bucket, for facts of requests and for holes. Buckets are numbered apart from other things.
pub(crate) fn bucket_thing(bucket: ObjectId) -> Thing {
    Thing(u32::try_from(bucket.0).unwrap_or(u32::MAX))
}

/// Attributes that are numbered as things.
const NAMED: [&str; 5] = ["account_id", "arn", "id", "key_id", "name"];

/// The number of an attribute of an object, for facts of requests and for holes: equal numbers are equal texts. Other
/// attributes than `account_id`, `arn`, `id`, `key_id` and `name` equal no hole.
pub(crate) fn thing(object: ObjectId, attribute: &str) -> Thing {
    let place = NAMED.iter().position(|name| *name == attribute).unwrap_or(NAMED.len());
    let number = object.0.saturating_mul(NAMED.len() + 1).saturating_add(place);
    Thing(u32::try_from(number).unwrap_or(u32::MAX))
}
