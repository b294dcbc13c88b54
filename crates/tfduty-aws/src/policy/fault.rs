//! What is wrong with a policy.

use std::fmt;

use super::node::Origin;

/// Something in a document that AWS refuses, or that this crate cannot read. What it touches cannot be told.
///
/// Sources: IAM User Guide, "Grammar of the IAM JSON policy language"; "IAM JSON policy elements reference".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The index of the statement in which it is; `None` for the document itself.
    pub statement: Option<usize>,
    /// Where it is.
    pub origin: Origin,
}

/// What is wrong: see [`Fault`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The document is a text, not an object.
    #[error("the policy is a text that holds JSON: it was encoded twice")]
    EncodedTwice,
    /// The document is neither an object nor a text.
    #[error("the policy is no object")]
    NotAnObject,
    /// There is no `Statement`, or none in it.
    #[error("the policy has no statement")]
    NoStatements,
    /// `Version` is neither `2012-10-17` nor `2008-10-17`.
    #[error("`Version` is neither 2012-10-17 nor 2008-10-17")]
    UnknownVersion,
    /// `Effect` is neither `Allow` nor `Deny`, which are written with this case.
    #[error("`Effect` is neither Allow nor Deny")]
    UnknownEffect,
    /// A name that stands twice in one object.
    #[error("`{0}` is there twice")]
    Duplicate(Box<str>),
    /// A name that is no element of the policy language.
    #[error("`{0}` is no element of a policy")]
    UnknownElement(Box<str>),
    /// A kind of principal that is none of `AWS`, `Service`, `Federated` and `CanonicalUser`.
    #[error("`{0}` is no kind of principal")]
    UnknownPrincipal(Box<str>),
    /// An element that must be there is not.
    #[error("`{0}` is missing")]
    Missing(Element),
    /// An element that has no place in a policy of this kind.
    #[error("`{0}` has no place in a policy of this kind")]
    Forbidden(Element),
    /// An element and its opposite.
    #[error("`{0}` and `{1}` exclude each other")]
    Both(Element, Element),
    /// A value of a kind that the element cannot have.
    #[error("`{0}` has a value of the wrong type")]
    WrongType(Element),
    /// An element without a value.
    #[error("`{0}` is empty")]
    Empty(Element),
}

/// An element of the policy language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Element {
    /// `Statement`, and one statement as a whole.
    Statement,
    /// `Sid`
    Sid,
    /// `Effect`
    Effect,
    /// `Principal`
    Principal,
    /// `NotPrincipal`
    NotPrincipal,
    /// `Action`
    Action,
    /// `NotAction`
    NotAction,
    /// `Resource`
    Resource,
    /// `NotResource`
    NotResource,
    /// `Condition`
    Condition,
}

impl Element {
    /// The elements of a statement.
    pub(super) const OF_STATEMENT: [Self; 9] = [
        Self::Sid,
        Self::Effect,
        Self::Principal,
        Self::NotPrincipal,
        Self::Action,
        Self::NotAction,
        Self::Resource,
        Self::NotResource,
        Self::Condition,
    ];

    /// Its name in a policy.
    pub fn name(self) -> &'static str {
        match self {
            Self::Statement => "Statement",
            Self::Sid => "Sid",
            Self::Effect => "Effect",
            Self::Principal => "Principal",
            Self::NotPrincipal => "NotPrincipal",
            Self::Action => "Action",
            Self::NotAction => "NotAction",
            Self::Resource => "Resource",
            Self::NotResource => "NotResource",
            Self::Condition => "Condition",
        }
    }

    /// Whether what it lists is left out rather than meant.
    pub fn is_negated(self) -> bool {
        matches!(self, Self::NotPrincipal | Self::NotAction | Self::NotResource)
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
