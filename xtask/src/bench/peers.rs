//! Other programs that look into plans.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{inputs::target, machine::first_line};
use crate::Failure;

/// What `jq` is asked for: the objects of GuardDuty.
const FILTER: &str = r#"[.resource_changes[]|select(.type|startswith("aws_guardduty"))]"#;
/// Takes the newest that fits; the lock file of the scratch crate says which it was.
const REGORUS: &str = "0.14";

/// A program, what it is run with before the plan, and which version it is.
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) version: String,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    /// Whether it takes so long that it is run but once.
    pub(super) is_slow: bool,
}

/// `jq`, where it is installed.
pub(super) fn jq() -> Option<Peer> {
    let version = Command::new("jq").arg("--version").output().ok()?;
    Some(Peer {
        name: "jq",
        version: String::from_utf8_lossy(&version.stdout).trim().to_owned(),
        program: "jq".into(),
        arguments: vec![FILTER.into()],
        is_slow: false,
    })
}

/// `checkov`, from the index of Python packages, in an environment of its own.
pub(super) fn checkov() -> Result<Peer, Failure> {
    let folder = target().join("bench/checkov");
    let program = folder.join("bin/checkov");
    if !program.exists() {
        eprintln!("installing checkov");
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        succeed(Command::new(folder.join("bin/pip")).args(["install", "--quiet", "checkov"]))?;
    }
    let version = first_line(&program.to_string_lossy(), &["--version"]);
    let arguments = ["--framework", "terraform_plan", "--quiet", "--compact", "--skip-download", "--file"];
    let arguments = arguments.map(str::to_owned).to_vec();
    Ok(Peer { name: "checkov", version: format!("checkov {version}"), program, arguments, is_slow: true })
}

/// `regorus`, an engine for Rego in Rust, with four rules: no Python package has it, so that it is compiled here.
pub(super) fn regorus() -> Result<Peer, Failure> {
    let folder = target().join("bench/regorus");
    let program = folder.join("target/release/regorus-peer");
    let policy = folder.join("guardduty.rego");
    fs::create_dir_all(folder.join("src"))?;
    fs::write(&policy, include_str!("peers/guardduty.rego"))?;
    fs::write(folder.join("src/main.rs"), include_str!("peers/regorus.rs"))?;
    fs::write(folder.join("Cargo.toml"), manifest())?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--release", "--target-dir"]).arg(folder.join("target")).current_dir(&folder);
    succeed(&mut cargo)?;
    let version = locked(&folder).unwrap_or_else(|| REGORUS.into());
    let arguments = vec![policy.to_string_lossy().into_owned()];
    Ok(Peer { name: "regorus", version: format!("regorus {version}"), program, arguments, is_slow: false })
}

/// The manifest of the scratch crate: a workspace of its own, compiled as the engine's own program is.
fn manifest() -> String {
    format!(
        "[workspace]\n\n[package]\nname = \"regorus-peer\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nregorus = {{ version = \"{REGORUS}\", default-features = false, features = [\"std\"] }}\n"
    )
}

fn locked(folder: &Path) -> Option<String> {
    let lock = fs::read_to_string(folder.join("Cargo.lock")).ok()?;
    let (_, rest) = lock.split_once("name = \"regorus\"\nversion = \"")?;
    rest.split_once('"').map(|(version, _)| version.to_owned())
}

fn succeed(command: &mut Command) -> Result<(), Failure> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{} failed", command.get_program().display()).into()) }
}
