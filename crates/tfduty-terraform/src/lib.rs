//! Terraform and OpenTofu files: bytes in, [`Unit`]s of objects and [`Sources`] out.
//!
//! The crate knows states, plans, saved plans, addresses, references and HCL. It knows no word of AWS, does no I/O, and
//! never panics, whatever the bytes.

mod address;
mod configuration;
mod document;
mod evaluate;
mod reference;
mod saved_plan;
mod sources;
mod span;
mod unit;
mod value;

pub use address::{Address, AddressError, Key, Mode, ModulePath, ModuleStep};
pub use configuration::{
    Configuration, ConfigurationResource, Expression, Expressions, Module, ModuleCall, Output, ProviderConfiguration,
};
pub use document::{Document, Place, Refusal, RefusalClass};
pub use evaluate::{Call, World, decode_json};
pub use reference::{Reference, Step, Target};
pub use saved_plan::SavedPlan;
pub use sources::{BlockRef, Files, ModuleFile, Moved, SourceFile, SourceNote, SourcePlace, Sources};
pub use span::{Span, TextId};
pub use unit::{Action, ActionCount, Change, Instance, PlanFlags, TypeCount, Unit, UnitKind};
pub use value::{Kind, Part, Value};
