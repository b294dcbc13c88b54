//! Generated inputs, kept from one run to the next.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::generate;
use crate::Failure;

/// The folder of the inputs of this version of the generator.
pub(super) struct Inputs {
    folder: PathBuf,
}

impl Inputs {
    /// Below cargo's target folder, where `cargo clean` finds them.
    pub(super) fn open() -> Result<Self, Failure> {
        let folder = target().join("bench").join(format!("inputs-{}", generate::VERSION));
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// An input by its name: what `cargo xtask generate` makes of these arguments, unless it is there already.
    ///
    /// Another process makes it: a program that is started counts as its own peak what its parent held when it began.
    pub(super) fn get(&self, name: &str, arguments: &[&str]) -> Result<PathBuf, Failure> {
        let path = self.folder.join(name);
        if path.exists() {
            return Ok(path);
        }
        eprintln!("making {name}");
        let part = self.folder.join(format!("{name}.part"));
        if part.is_dir() {
            fs::remove_dir_all(&part)?;
        }
        let mut generate = Command::new(std::env::current_exe()?);
        generate.arg("generate").args(arguments).arg("--out").arg(&part).stdout(Stdio::null());
        if !generate.status()?.success() {
            return Err(format!("`cargo xtask generate {}` failed", arguments.join(" ")).into());
        }
        fs::rename(part, &path)?;
        Ok(path)
    }
}

/// Cargo's target folder.
pub(super) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| crate::root().join("target"), PathBuf::from)
}
