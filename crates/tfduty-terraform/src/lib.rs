//! Terraform and OpenTofu files: bytes in, [`Unit`]s of objects and [`Sources`] out.
//!
//! The crate knows states, plans, saved plans, addresses, references and HCL. It knows no word of AWS, opens no file, and
//! never panics, whatever the bytes.

mod address;
mod configuration;
mod decode;
mod decoded;
mod detail;
mod document;
mod evaluate;
mod excerpt;
mod facts;
mod flatmap;
#[cfg(test)]
mod fuzz;
mod harmless;
mod json;
mod json_text;
mod legacy_state;
pub mod limits;
mod marks;
mod parts;
mod pieces;
mod plan;
mod plan_configuration;
mod recognise;
mod reference;
mod references;
mod refusal;
mod saved_plan;
mod show;
mod shown;
mod sniff;
mod sources;
mod span;
mod state;
mod text;
mod unit;
mod value;

pub use address::{Address, AddressError, Key, Mode, ModulePath, ModuleStep};
pub use configuration::{
    ActionBlock, Configuration, ConfigurationResource, Expression, Expressions, Module, ModuleCall, Output,
    ProviderConfiguration, Provisioner,
};
pub use decoded::Decoded;
pub use detail::Detail;
pub use document::Document;
pub use evaluate::{Call, World, decode_json};
pub use excerpt::{Excerpt, Label, Line, Mark, Origin};
pub use facts::{Reads, SlimFile, SlimSources};
pub use harmless::Harmless;
pub use json_text::{JsonKind, JsonMember, JsonNode};
pub use reference::{Reference, Step, Target};
pub use refusal::{Place, Refusal, RefusalClass};
pub use saved_plan::{ModuleFile, SavedPlan};
pub use shown::{Shown, escape, is_harmless, is_hazard};
pub use sniff::{Sniff, sniff};
pub use sources::{
    BlockRef, Comment, CommentSubject, Files, Moved, SourceFile, SourceNote, SourcePlace, Sources, join as join_paths,
};
pub use span::{Span, TextId};
pub use text::text_of;
pub use unit::{
    Action, ActionCount, Before, Change, Deferred, Identity, Instance, PlanFlags, TypeCount, Unit, UnitKind,
};
pub use value::{Kind, Part, Value};
