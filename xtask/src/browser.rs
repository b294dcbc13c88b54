//! `cargo xtask browser`: the page of `tfduty report` in a real browser.
//!
//! What a browser makes of the page no test of bytes can tell: whether its policy lets its script run, whether it is quick
//! with ten thousand findings, and whether a screen reader finds its way. Node and Chromium are needed for that, so it is
//! no part of `cargo test`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use clap::Args;

use crate::{Failure, bench::generate, ci::cargo, root};

/// Open the HTML report in headless Chromium: policy, filters, accessibility, times, screenshots
#[derive(Args)]
pub(crate) struct Options {
    /// Times are only told: a machine that has other work to do is no fault of the page
    #[arg(long)]
    tell_times: bool,
}

/// What drives the browser, and what looks for barriers: of exactly these versions.
const PACKAGES: [&str; 2] = ["playwright-core@1.65.1", "axe-core@4.14.1"];
/// What Chromium is called.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// Findings of the large page.
const MANY: u32 = 10_000;

/// What is needed and not there; `None` where the browser can be driven.
pub(crate) fn missing() -> Option<&'static str> {
    if find("node").is_none() || find("npm").is_none() {
        return Some("node and npm");
    }
    BROWSERS.iter().all(|name| find(name).is_none()).then_some("Chromium")
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    if let Some(what) = missing() {
        return Err(format!("{what} cannot be found: on Debian, `apt-get install chromium nodejs npm`").into());
    }
    let folder = target().join("browser");
    fs::create_dir_all(&folder)?;
    cargo(&["build", "--quiet", "--bin", "tfduty"])?;
    let tfduty = target().join("debug/tfduty");
    if !folder.join("node_modules/axe-core").exists() {
        let prefix = folder.to_string_lossy();
        call(Command::new("npm").args(["install", "--no-audit", "--no-fund", "--prefix", &prefix]).args(PACKAGES))?;
    }
    pages(&tfduty, &folder)?;
    let browser = BROWSERS.iter().find_map(|name| find(name)).ok_or("Chromium is gone")?;
    // Packages are looked up from where a script lies.
    let script = folder.join("run.mjs");
    fs::write(&script, include_str!("../browser/run.mjs"))?;
    let times = if options.tell_times { "tell" } else { "check" };
    call(Command::new("node").arg(script).arg(browser).arg(&folder).arg(times))
}

/// Makes the pages that are opened: of what works, of what is broken, of what means harm, and a large one.
fn pages(tfduty: &Path, folder: &Path) -> Result<(), Failure> {
    let estates = root().join("fixtures/estates");
    let many = folder.join("many.json");
    generate::findings(&many, MANY)?;
    let hostile = folder.join("hostile.tfstate");
    fs::write(&hostile, HOSTILE)?;
    for (name, inputs) in [
        ("wired", vec![estates.join("wired/terraform.tfstate"), estates.join("wired/plan-destroy.json")]),
        ("broken", vec![estates.join("broken-a-missing-key/terraform.tfstate")]),
        ("org", vec![estates.join("org-three-states")]),
        ("hostile", vec![hostile]),
        ("many", vec![many]),
    ] {
        let page = folder.join(format!("{name}.html"));
        let mut command = Command::new(tfduty);
        command
            .current_dir(root())
            .arg("report")
            .args(inputs)
            .arg("--output")
            .arg(&page)
            .args(["--today", "2026-11-25"]);
        let status = command.output().map_err(|error| format!("{} cannot be run: {error}", tfduty.display()))?.status;
        if !matches!(status.code(), Some(0 | 1)) {
            return Err(format!("{name}: tfduty report ended with {status}").into());
        }
    }
    Ok(())
}

/// Names that would do harm in a page that took them for its own.
const HOSTILE: &str = include_str!("../browser/hostile.tfstate");

fn call(command: &mut Command) -> Result<(), Failure> {
    let line = format!("{command:?}");
    let status = command.status().map_err(|error| format!("{line} cannot be run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{line} failed").into()) }
}

/// The folder of build output.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A program on the path.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
