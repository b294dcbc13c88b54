//! Terraform and OpenTofu files: bytes in, [`Unit`]s of objects and [`Sources`] out.
//!
//! The crate knows states, plans, saved plans, addresses, references and HCL. It knows no word of AWS, does no I/O, and
//! never panics, whatever the bytes.

mod address;
mod configuration;
mod decoded;
mod document;
mod excerpt;
mod reference;
mod saved_plan;
mod shown;
mod sources;
mod span;
mod unit;
mod value;

pub use address::{Address, AddressError, Key, Mode, ModulePath, ModuleStep};
pub use configuration::{
    Configuration, ConfigurationResource, Expression, Expressions, Module, ModuleCall, Output, ProviderConfiguration,
};
pub use decoded::Decoded;
pub use document::{Document, Place, Refusal, RefusalClass};
pub use excerpt::{Excerpt, Label, Line, Mark, Origin};
pub use reference::{Reference, Step, Target};
pub use saved_plan::SavedPlan;
pub use shown::{Shown, escape};
pub use sources::{SourceFile, Sources};
pub use span::{Span, TextId};
pub use unit::{Action, ActionCount, Change, Instance, PlanFlags, TypeCount, Unit, UnitKind};
pub use value::{Kind, Part, Value};
