//! `cargo xtask generate`: plans and states of any size, equal on every machine, to measure with.
//!
//! They look like what a large organization's `terraform show -json` prints: one line, stacks in modules, `for_each`
//! keys, policies as JSON within strings, unchanged objects with all their attributes before and after. One object in
//! twenty is of a type that rules look at, and GuardDuty is in the regions, with lists that resolve.
#![expect(clippy::print_stdout, reason = "a chore says what it does")]

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use crate::Failure;

mod compute;
mod crowd;
mod document;
mod guardduty;
mod kinds;
mod random;
mod render;
mod security;
mod stack;

use document::{Document, Shape};
use random::Random;
use render::Action;
use stack::{Call, Module, REGIONS};

/// Make a large plan or state to measure with.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Size in MB (of 1,000,000 bytes), about
    #[arg(long, value_name = "N", required_unless_present = "lists")]
    megabytes: Option<u32>,
    /// Instead of a size: a crowd of N lists with as many objects in S3, N / 5 detectors and 5 N other objects
    #[arg(long, value_name = "N", conflicts_with = "megabytes")]
    lists: Option<u32>,
    /// File to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// A raw state of version 4 instead of a plan
    #[arg(long)]
    state: bool,
    /// With one finding in its middle: a trusted list whose key no object has; in a crowd every list is inactive
    #[arg(long)]
    finding: bool,
}

/// Writes the document.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let shape = if options.state { Shape::State } else { Shape::Plan };
    let document = match options.lists {
        Some(lists) => crowd::document(lists, options.finding),
        None => estate(u64::from(options.megabytes.unwrap_or(1)) * 1_000_000, shape, options.finding),
    };
    let bytes = write(&options.out, shape, &document)?;
    println!("{}: {bytes} bytes", options.out.display());
    Ok(())
}

/// Writes a plan of about `size` bytes, with one finding in its middle or none. Gives its size.
pub(super) fn plan(out: &Path, size: u64, finding: bool) -> Result<u64, Failure> {
    write(out, Shape::Plan, &estate(size, Shape::Plan, finding))
}

/// Writes a plan with a crowd of lists. Gives its size.
pub(super) fn crowd(out: &Path, lists: u32) -> Result<u64, Failure> {
    write(out, Shape::Plan, &crowd::document(lists, false))
}

fn write(out: &Path, shape: Shape, document: &Document) -> Result<u64, Failure> {
    let mut file = BufWriter::new(File::create(out)?);
    document.write(&mut file, shape)?;
    file.flush()?;
    Ok(file.get_ref().metadata()?.len())
}

/// Stacks up to a size, with GuardDuty's regions spread evenly among them.
fn estate(size: u64, shape: Shape, finding: bool) -> Document {
    let mut random = Random::new(size);
    // An odd number, so that one of them is in the middle.
    let regions = (1 + 2 * (size / 2_000_000)).min(REGIONS.len() as u64 - 1);
    let mut document = Document::default();
    document.providers.extend(
        REGIONS
            .iter()
            .map(|region| (stack::provider(region), serde_json::json!({"region": {"constant_value": region}}))),
    );
    let (mut written, mut region) = (0, 0);
    while written < size {
        let (module, call): (Module, Call) = if region < regions && written * 2 * regions >= size * (2 * region + 1) {
            let is_middle = region == regions / 2;
            let action = if region % 3 == 1 && !is_middle { Action::Create } else { Action::NoOp };
            let name = REGIONS[usize::try_from(region).unwrap_or_default()];
            region += 1;
            guardduty::region(&mut random, name, action, finding && is_middle)
        } else {
            stack::application(&mut random, document.root.children.len())
        };
        written += document::bytes(shape, &module, &call);
        document.root.children.push(module);
        document.configuration.calls.push(call);
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(shape: Shape) -> String {
        let mut text = Vec::new();
        estate(1_000_000, shape, true).write(&mut text, shape).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn documents_are_of_the_size_asked_for_and_equal_again() {
        for shape in [Shape::Plan, Shape::State] {
            let text = text(shape);
            assert!((900_000..1_200_000).contains(&text.len()), "{}", text.len());
            assert!(!text.trim_end().contains('\n'));
            assert!(text == self::text(shape));
        }
    }

    #[test]
    fn a_plan_has_every_section_and_the_types_that_matter() {
        let plan: serde_json::Value = serde_json::from_str(&text(Shape::Plan)).unwrap();
        let changes = plan["resource_changes"].as_array().unwrap();
        assert!(changes.len() > 100);
        let types: std::collections::BTreeSet<&str> =
            changes.iter().map(|change| change["type"].as_str().unwrap()).collect();
        assert!(types.contains("aws_guardduty_ipset") && types.len() > 15, "{types:?}");
        for section in ["planned_values", "prior_state", "configuration"] {
            assert!(plan[section].to_string().len() > 50_000, "{section}");
        }
    }

    #[test]
    fn a_crowd_is_as_large_as_asked_for() {
        let mut text = Vec::new();
        crowd::document(20, false).write(&mut text, Shape::Plan).unwrap();
        let plan: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let count = |names: &[&str]| {
            let changes = plan["resource_changes"].as_array().unwrap().iter();
            changes.filter(|change| names.contains(&change["type"].as_str().unwrap())).count()
        };
        assert_eq!(count(&["aws_guardduty_ipset", "aws_guardduty_threatintelset"]), 20);
        assert_eq!(count(&["aws_s3_object"]), 20);
        assert_eq!(count(&["aws_guardduty_detector"]), 4);
        assert!(plan["resource_changes"].as_array().unwrap().len() >= 140);
    }
}
