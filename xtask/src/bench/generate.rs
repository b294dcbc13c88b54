//! `cargo xtask generate`: what to measure with, of any size, equal on every machine.
//!
//! Plans and states look like what a large organization's `terraform show -json` prints: one line, stacks in modules,
//! `for_each` keys, policies as JSON within strings, unchanged objects with all their attributes before and after. One
//! object in twenty is of a type that rules look at, and GuardDuty is in the regions, with lists that resolve. Nothing is
//! found in them unless that is asked for: an audit of them costs what audits mostly cost.
#![expect(clippy::print_stdout, reason = "a chore says what it does")]

use std::{
    fmt,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use crate::Failure;

mod compute;
mod crowd;
mod document;
mod estate;
mod findings;
mod guardduty;
mod hcl;
mod kinds;
mod list;
mod random;
mod render;
mod security;
mod stack;
mod tree;

use document::Shape;

/// Counts up with every change of what is generated, so that no input of before is taken for one of now.
pub(super) const VERSION: u32 = 2;

/// Make a plan, a state, a tree of stacks or a list to measure with.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    what: What,
    /// File to write, or the folder of a tree
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// A raw state of version 4 instead of a plan
    #[arg(long, conflicts_with_all = ["findings", "list", "tree"])]
    state: bool,
    /// With one finding in its middle: a list that is not active; in a crowd none is
    #[arg(long, conflicts_with_all = ["findings", "list", "tree"])]
    finding: bool,
    /// The plan of N findings with what it takes to pass
    #[arg(long, requires = "findings")]
    healthy: bool,
    /// Another list of as many entries
    #[arg(long, value_name = "N", default_value_t = 0, requires = "list")]
    seed: u64,
}

/// What to make.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct What {
    /// A plan of about this size: 70KB, 10MB, 1GB
    #[arg(long, value_name = "SIZE")]
    size: Option<Size>,
    /// A crowd of N lists with as many objects in S3, N / 5 detectors and 5 N other objects
    #[arg(long, value_name = "N")]
    lists: Option<u32>,
    /// A plan of N findings
    #[arg(long, value_name = "N")]
    findings: Option<u32>,
    /// A list file of N entries
    #[arg(long, value_name = "N")]
    list: Option<u32>,
    /// A tree of N stacks, in a folder
    #[arg(long, value_name = "N")]
    tree: Option<u32>,
}

/// Writes what is asked for.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let out = options.out.as_path();
    let shape = if options.state { Shape::State } else { Shape::Plan };
    if let Some(stacks) = options.what.tree {
        tree::write(out, stacks)?;
    } else if let Some(entries) = options.what.list {
        save(out, |file| list::write(file, entries, options.seed))?;
    } else if let Some(findings) = options.what.findings {
        save(out, |file| findings::document(findings, !options.healthy).write(file, shape))?;
    } else if let Some(lists) = options.what.lists {
        save(out, |file| crowd::document(lists, options.finding).write(file, shape))?;
    } else if let Some(Size(bytes)) = options.what.size {
        save(out, |file| estate::document(bytes, shape, options.finding).write(file, shape))?;
    }
    println!("{}", out.display());
    Ok(())
}

/// The plan of so many findings.
pub(crate) fn findings(out: &Path, count: u32) -> Result<(), Failure> {
    save(out, |file| findings::document(count, true).write(file, Shape::Plan))
}

fn save(out: &Path, write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) -> Result<(), Failure> {
    let mut file = BufWriter::new(File::create(out)?);
    write(&mut file)?;
    Ok(file.flush()?)
}

/// A number of bytes, as people write it; a KB has 1,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size(pub(super) u64);

const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000)];

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sized =
            UNITS.iter().find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?.trim().parse::<u64>().ok()?, bytes)));
        let bytes = sized.and_then(|(count, bytes)| count.checked_mul(*bytes));
        bytes.map(Self).ok_or_else(|| "a size is a whole number of KB, MB or GB: `70KB`".into())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS.iter().find(|(_, bytes)| self.0 >= *bytes && self.0.is_multiple_of(*bytes)) {
            Some((unit, bytes)) => write!(f, "{} {unit}", self.0 / bytes),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{document::Document, *};

    fn text(document: &Document, shape: Shape) -> String {
        let mut text = Vec::new();
        document.write(&mut text, shape).unwrap();
        String::from_utf8(text).unwrap()
    }

    fn estate(shape: Shape) -> String {
        text(&estate::document(1_000_000, shape, true), shape)
    }

    /// How many changes a plan has of each type.
    fn types(plan: &str) -> BTreeMap<String, usize> {
        let plan: serde_json::Value = serde_json::from_str(plan).unwrap();
        let mut types = BTreeMap::new();
        for change in plan["resource_changes"].as_array().unwrap() {
            *types.entry(change["type"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        types
    }

    #[test]
    fn sizes_are_read_and_shown() {
        for (text, bytes) in [("70KB", 70_000), ("10MB", 10_000_000), ("1 GB", 1_000_000_000)] {
            assert_eq!(text.parse(), Ok(Size(bytes)));
            assert_eq!(Size(bytes).to_string().replace(' ', ""), text.replace(' ', ""));
        }
        assert!("70".parse::<Size>().is_err() && "-1MB".parse::<Size>().is_err());
    }

    #[test]
    fn documents_are_of_the_size_asked_for_and_equal_again() {
        for shape in [Shape::Plan, Shape::State] {
            let text = estate(shape);
            assert!((950_000..1_100_000).contains(&text.len()), "{}", text.len());
            assert!(!text.trim_end().contains('\n'));
            assert!(text == estate(shape));
        }
        let small = text(&estate::document(70_000, Shape::Plan, false), Shape::Plan);
        assert!((65_000..75_000).contains(&small.len()), "{}", small.len());
    }

    #[test]
    fn a_plan_has_every_section_and_the_types_that_matter() {
        let text = estate(Shape::Plan);
        let types = types(&text);
        assert!(types.values().sum::<usize>() > 100);
        assert!(types.contains_key("aws_guardduty_ipset") && types.len() > 15, "{types:?}");
        let plan: serde_json::Value = serde_json::from_str(&text).unwrap();
        for section in ["planned_values", "prior_state", "configuration"] {
            assert!(plan[section].to_string().len() > 50_000, "{section}");
        }
    }

    #[test]
    fn crowds_are_as_large_as_asked_for() {
        let types = types(&text(&crowd::document(20, false), Shape::Plan));
        assert_eq!(types["aws_guardduty_ipset"] + types["aws_guardduty_threatintelset"], 20);
        assert_eq!((types["aws_s3_object"], types["aws_guardduty_detector"]), (20, 4));
        assert!(types.values().sum::<usize>() >= 140);
    }

    #[test]
    fn findings_have_their_subjects() {
        let [failing, healthy] = [true, false].map(|fail| types(&text(&findings::document(16, fail), Shape::Plan)));
        assert_eq!(failing, healthy);
        let count = |name: &str| failing[name];
        assert_eq!((count("aws_iam_group_policy"), count("aws_guardduty_member")), (8, 4));
        assert_eq!(count("aws_cloudwatch_event_rule"), 4);
    }

    #[test]
    fn lists_have_entries_in_order_and_none_twice() {
        let list = |entries, seed| {
            let mut text = Vec::new();
            list::write(&mut text, entries, seed).unwrap();
            String::from_utf8(text).unwrap()
        };
        let text = list(2_000, 0);
        let addresses: Vec<std::net::Ipv4Addr> =
            text.lines().map(|line| line.split('/').next().unwrap().parse().unwrap()).collect();
        assert_eq!(addresses.len(), 2_000);
        assert!(addresses.is_sorted_by(|one, next| one < next));
        assert!(text.contains('/') && text != list(2_000, 1));
    }

    #[test]
    fn a_tree_has_what_lies_around_stacks() {
        let folder = tempfile::tempdir().unwrap();
        tree::write(folder.path(), 30).unwrap();
        let files = walkdir::WalkDir::new(folder.path()).into_iter().map(Result::unwrap);
        let mut names = BTreeMap::<String, usize>::new();
        let mut folders = BTreeSet::new();
        for file in files.filter(|file| file.file_type().is_file()) {
            *names.entry(file.file_name().to_string_lossy().into_owned()).or_default() += 1;
            folders.extend(file.path().ancestors().filter_map(|path| path.file_name()?.to_str().map(str::to_owned)));
        }
        for name in ["plan.json", "terraform.tfstate.backup", "versions.tf", "trusted.txt", "terragrunt.hcl"] {
            assert!(names.contains_key(name), "{name}");
        }
        assert!(folders.contains(".terragrunt-cache") && folders.contains(".terraform"));
        assert_eq!(names["versions.tf"], 30);
    }

    /// Inputs are kept under the version.
    #[test]
    fn what_is_generated_changes_with_the_version_only() {
        let mut bytes = text(&estate::document(70_000, Shape::Plan, false), Shape::Plan).into_bytes();
        bytes.extend(text(&findings::document(16, true), Shape::Plan).bytes());
        list::write(&mut bytes, 1_000, 0).unwrap();
        let folder = tempfile::tempdir().unwrap();
        tree::write(folder.path(), 4).unwrap();
        for file in walkdir::WalkDir::new(folder.path()).sort_by_file_name() {
            bytes.extend(std::fs::read(file.unwrap().path()).unwrap_or_default());
        }
        // FNV-1a.
        let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        assert_eq!((VERSION, bytes.iter().fold(0xcbf2_9ce4_8422_2325, fold)), (2, 1_060_968_022_168_512_727));
    }
}
