//! `cargo xtask derive`: makes `fixtures/derived/`, the files that no machine here can make, from real ones.
//!
//! Each file has one real origin and one named transformation, so that nobody takes it for more than it is.
#![expect(clippy::print_stdout, reason = "a chore says what it does")]

use std::fs;
use std::path::PathBuf;

use crate::Failure;

mod encodings;
mod format_version;
mod json;
mod opentofu;
mod provider_v6;
mod state_v3;

/// A named transformation: from the bytes of a real file to those of a derived one.
type Transformation = fn(&[u8]) -> Result<Vec<u8>, Failure>;

/// File in `fixtures/derived/`, its origin in `fixtures/estates/`, and what makes the one of the other.
const DERIVED: [(&str, &str, Transformation); 14] = [
    ("minimal-preamble.plan.json", "minimal/plan.json", encodings::preamble),
    ("minimal-utf16be.plan.json", "minimal/plan.json", encodings::utf16be),
    ("minimal-utf16le.plan.json", "minimal/plan.json", encodings::utf16le),
    ("minimal-v3.tfstate", "minimal/terraform.tfstate", state_v3::state),
    ("org-provider-v6.plan.json", "org/plan.json", provider_v6::plan),
    ("org-provider-v6.tfstate", "org/terraform.tfstate", provider_v6::state),
    ("wired-bom.plan.json", "wired/plan.json", encodings::bom),
    ("wired-future-minor.plan.json", "wired/plan.json", format_version::future_minor),
    ("wired-no-format-version.plan.json", "wired/plan.json", format_version::none),
    ("wired-opentofu.plan.json", "wired/plan.json", opentofu::plan),
    ("wired-opentofu.tfstate", "wired/terraform.tfstate", opentofu::state),
    ("wired-provider-v6.plan.json", "wired/plan.json", provider_v6::plan),
    ("wired-provider-v6.tfstate", "wired/terraform.tfstate", provider_v6::state),
    ("wired-v3.tfstate", "wired/terraform.tfstate", state_v3::state),
];

/// Make the fixtures that are derived from real ones.
#[derive(clap::Args)]
pub(crate) struct Options {}

/// Makes every derived file anew.
pub(crate) fn run(_: &Options) -> Result<(), Failure> {
    fs::create_dir_all(derived())?;
    for (file, origin, transformation) in DERIVED {
        let bytes = transformation(&fs::read(estates().join(origin))?)?;
        fs::write(derived().join(file), bytes)?;
        println!("{file}: from {origin}");
    }
    Ok(())
}

fn estates() -> PathBuf {
    crate::root().join("fixtures/estates")
}

fn derived() -> PathBuf {
    crate::root().join("fixtures/derived")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deriving_again_gives_the_committed_files() {
        for (file, origin, transformation) in DERIVED {
            let again = transformation(&fs::read(estates().join(origin)).unwrap()).unwrap();
            assert!(fs::read(derived().join(file)).unwrap() == again, "{file}: run `cargo xtask derive`");
        }
    }

    #[test]
    fn every_derived_file_is_explained_and_nothing_else_lies_there() {
        let readme = fs::read_to_string(crate::root().join("fixtures/README.md")).unwrap();
        for entry in fs::read_dir(derived()).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            if name == "cases.toml" {
                continue;
            }
            assert!(DERIVED.iter().any(|(file, ..)| *file == name), "{name} is derived from nothing");
            assert!(readme.contains(&format!("`{name}`")), "fixtures/README.md does not explain {name}");
        }
    }
}
