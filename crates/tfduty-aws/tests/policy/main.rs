//! The policy engine, against its table of cases and against the laws it keeps.

mod case;
mod fuzz;
mod json;
mod laws;
mod maker;
mod reasons;
mod request;
mod table;
mod universe;
