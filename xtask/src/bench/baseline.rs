//! The least a program can do to read a plan or a state: the measure of what `tfduty check` costs.
//!
//! It reads the file, splits it with `serde_json` into the top members, the items of `resource_changes` and the objects
//! of `prior_state`, or the blocks of a state, and keeps of each no more than slices of the text; in one thread. What an audit takes beyond that
//! is the audit's own cost. `cargo xtask bench` runs the two in turn and prints their ratio: a time alone says more about
//! the machine than about the program.
//!
//! It is a program of its own, not a benchmark function, so that both are measured as whole processes.

use std::{
    io::{Error, Write},
    process::ExitCode,
};

use serde::Deserialize;
use serde_json::value::RawValue;

/// The top members of a plan, and the blocks of a state.
#[derive(Deserialize)]
struct Plan<'a> {
    #[serde(borrow)]
    format_version: Option<&'a RawValue>,
    terraform_version: Option<&'a RawValue>,
    variables: Option<&'a RawValue>,
    planned_values: Option<&'a RawValue>,
    resource_drift: Option<&'a RawValue>,
    #[serde(default)]
    resource_changes: Vec<Resource<'a>>,
    #[serde(default)]
    resources: Vec<Resource<'a>>,
    output_changes: Option<&'a RawValue>,
    prior_state: Option<State<'a>>,
    configuration: Option<&'a RawValue>,
    relevant_attributes: Option<&'a RawValue>,
    timestamp: Option<&'a RawValue>,
    errored: Option<&'a RawValue>,
}

/// An item of `resource_changes`; an object of `prior_state`, which has no `change`; a block of a state, which has instances.
#[derive(Deserialize)]
struct Resource<'a> {
    #[serde(borrow)]
    address: Option<&'a RawValue>,
    mode: Option<&'a RawValue>,
    r#type: Option<&'a RawValue>,
    change: Option<&'a RawValue>,
    instances: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct State<'a> {
    #[serde(borrow)]
    values: Option<Values<'a>>,
}

#[derive(Deserialize)]
struct Values<'a> {
    #[serde(borrow)]
    root_module: Option<Module<'a>>,
}

#[derive(Deserialize)]
struct Module<'a> {
    #[serde(borrow, default)]
    resources: Vec<Resource<'a>>,
    #[serde(default)]
    child_modules: Vec<Module<'a>>,
}

fn main() -> ExitCode {
    let read = std::env::args_os().nth(1).ok_or_else(|| Error::other("usage: baseline PLAN.json"));
    let outcome = read.and_then(std::fs::read_to_string).and_then(|text| Ok(sums(&serde_json::from_str(&text)?)));
    match outcome.and_then(|sums| writeln!(std::io::stdout(), "{sums}")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How much there is of everything: it is printed, so that nothing of the reading can be optimized away.
fn sums(plan: &Plan<'_>) -> String {
    let tops = [
        plan.format_version,
        plan.terraform_version,
        plan.variables,
        plan.planned_values,
        plan.resource_drift,
        plan.output_changes,
        plan.configuration,
        plan.relevant_attributes,
        plan.timestamp,
        plan.errored,
    ];
    let mut prior = Vec::new();
    let root = plan.prior_state.as_ref().and_then(|state| state.values.as_ref()?.root_module.as_ref());
    let mut open: Vec<&Module<'_>> = root.into_iter().collect();
    while let Some(module) = open.pop() {
        prior.extend(&module.resources);
        open.extend(&module.child_modules);
    }
    let bytes = |parts: &[Option<&RawValue>]| parts.iter().flatten().map(|raw| raw.get().len()).sum::<usize>();
    let of = |resource: &Resource<'_>| {
        bytes(&[resource.address, resource.mode, resource.r#type, resource.change, resource.instances])
    };
    format!(
        "{} bytes of other members, {} changes of {} bytes, {} blocks of {} bytes, {} prior objects of {} bytes",
        bytes(&tops),
        plan.resource_changes.len(),
        plan.resource_changes.iter().map(of).sum::<usize>(),
        plan.resources.len(),
        plan.resources.iter().map(of).sum::<usize>(),
        prior.len(),
        prior.into_iter().map(of).sum::<usize>(),
    )
}
