//! The policy engine, against its table of cases and against the laws it keeps.

mod case;
mod json;
mod maker;
mod request;
mod table;
