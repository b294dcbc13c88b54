//! Policies: whether one lets GuardDuty do its work, answered in three values.
//!
//! A policy comes in as a tree of [`Node`]s in the shape of a JSON policy document, whatever it was written in. Each
//! node has an [`Origin`], which only the caller understands, and texts may have holes: what is known of a hole the
//! caller says through [`Holes`]. [`Document::read`] reads the tree and reports what is wrong with it; [`read`],
//! [`key`] and [`access`] ask documents about a [`Request`] and give a [`Decision`], with the statements, elements,
//! condition keys and holes that decide.
//!
//! An answer is definite only if it is right however the unknown parts turn out. So filling in a hole or learning a
//! fact never turns Allow into Deny, nor Deny into Allow. What AWS does not document is decided where the reason is
//! plain, and said to be so where it is decided.

mod compare;
mod condition;
mod decision;
mod document;
mod fault;
mod glance;
mod grant;
mod holes;
mod judge;
mod keys;
mod node;
mod operator;
mod plain;
mod principal;
mod reader;
mod request;
mod scalar;
mod statement;
mod subject;
mod text;
mod weigh;
mod who;

pub use self::decision::{Decision, Outcome, Policy, ReadFacts, Reason, access, key, read};
pub use self::document::{Document, PolicyKind, Value};
pub use self::fault::{Element, Fault, FaultKind};
pub use self::glance::Glance;
pub use self::grant::{Constraint, Grant};
pub use self::holes::{HoleId, Holes, Identity, NothingKnown, Thing};
pub use self::judge::{Ground, Judged, Place};
pub use self::keys::condition_keys;
pub use self::node::{Kind, Member, Node, Origin};
pub use self::request::{Key, Object, Request, Resource, Role, ServiceCall};
pub use self::statement::{Condition, Effect, Statement};
pub use self::subject::{Fact, Subject};
pub use self::text::{Part, Text};
pub use self::who::{Principals, Who};
