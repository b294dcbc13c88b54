//! What other programs run of tfduty: the steps of `action.yml` and of the GitLab job in the README, the hooks of
//! pre-commit, and bash's completion. Taken from the files as they are, and run.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use common::{fixtures, tfduty};
use tempfile::TempDir;

/// A file of the repository.
fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The shell of the step of `action.yml` that has a name, as the runner hands it to bash.
fn step(name: &str) -> String {
    let action = file("action.yml");
    let step = action.split_once(&format!("- name: {name}\n")).unwrap().1;
    let lines = step.split_once("run: |\n").unwrap().1.lines();
    let lines: Vec<&str> =
        lines.map_while(|line| line.strip_prefix("        ").or(line.is_empty().then_some(""))).collect();
    assert!(lines.len() > 5, "{lines:?}");
    lines.join("\n")
}

/// A runner: a folder for temporary files, one for programs, and the files that a step writes to.
struct Runner {
    root: TempDir,
}

impl Runner {
    fn new() -> Self {
        let root = TempDir::new().unwrap();
        for folder in ["temporary", "programs", "work", "release"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        Self { root }
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.root.path().join(name)).unwrap_or_default()
    }

    /// Puts a program on the PATH.
    fn program(&self, name: &str, script: &str) {
        let path = self.root.path().join("programs").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn run(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        let root = self.root.path();
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script])
            .current_dir(root.join("work"))
            .env_clear()
            .env("PATH", format!("{}:{path}", root.join("programs").display()))
            .env("RUNNER_TEMP", root.join("temporary"))
            .env("GITHUB_PATH", root.join("path"))
            .env("GITHUB_OUTPUT", root.join("output"))
            .env("GITHUB_ACTION", "tfduty")
            .env("RELEASE", root.join("release"))
            .env("CALLS", root.join("calls"))
            .envs(variables.iter().copied());
        command.output().unwrap()
    }

    /// Installs on a system, with `curl` and `cargo` that only write down how they are called; what `release` holds can
    /// be fetched.
    fn install(&self, system: &str) -> Output {
        self.program(
            "curl",
            "for word; do url=$word; done\nwhile [ \"$1\" != --output ]; do shift; done\necho \"$url\" >> \"$CALLS\"\n\
             cp \"$RELEASE/$(basename \"$url\")\" \"$2\" 2>/dev/null",
        );
        self.program("cargo", "echo \"cargo $*\" >> \"$CALLS\"");
        let variables = [
            ("SERVER", "https://github.example"),
            ("REPOSITORY", "owner/tfduty"),
            ("REF", "v1.2.3"),
            ("SOURCE", "/the action"),
            ("SYSTEM", system),
        ];
        self.run(&step("Install tfduty"), &variables)
    }

    /// Makes the release of a system, as the workflow does.
    fn release(&self, target: &str) {
        let script = format!(
            "cd \"$RELEASE\" && mkdir dist && printf '#!/bin/sh\\necho released\\n' > dist/tfduty && chmod +x dist/tfduty \
             && tar -czf tfduty-{target}.tar.gz -C dist . && sha256sum tfduty-{target}.tar.gz > tfduty-{target}.tar.gz.sha256"
        );
        assert!(self.run(&script, &[]).status.success());
    }

    /// Audits in the folder `work`.
    fn audit(&self, command: &str, paths: &str, arguments: &str) -> Output {
        self.program("tfduty", &format!("exec '{}' \"$@\"", env!("CARGO_BIN_EXE_tfduty")));
        fs::create_dir_all(self.root.path().join("temporary/tfduty")).unwrap();
        self.run(&step("Audit"), &[("COMMAND", command), ("PATHS", paths), ("ARGUMENTS", arguments)])
    }

    fn copy(&self, fixture: &str, name: &str) {
        fs::copy(fixtures().join(fixture), self.root.path().join("work").join(name)).unwrap();
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

const TARGETS: [(&str, &str); 5] = [
    ("Linux-X64", "x86_64-unknown-linux-musl"),
    ("Linux-ARM64", "aarch64-unknown-linux-musl"),
    ("macOS-X64", "x86_64-apple-darwin"),
    ("macOS-ARM64", "aarch64-apple-darwin"),
    ("Windows-X64", "x86_64-pc-windows-msvc"),
];

#[test]
fn the_action_installs_the_binary_of_its_release() {
    for (system, target) in TARGETS {
        let runner = Runner::new();
        runner.release(target);
        let output = runner.install(system);
        assert!(output.status.success(), "{output:?}");
        let archive = format!("https://github.example/owner/tfduty/releases/download/v1.2.3/tfduty-{target}.tar.gz");
        assert_eq!(runner.text("calls"), format!("{archive}\n{archive}.sha256\n"));
        let folder = runner.text("path");
        let installed = Command::new(Path::new(folder.trim_end()).join("tfduty")).output().unwrap();
        assert_eq!(text(&installed.stdout), "released\n");
    }
}

#[test]
fn the_release_workflow_builds_what_the_action_fetches() {
    let workflow = file(".github/workflows/release.yml");
    for (_, target) in TARGETS {
        assert_eq!(workflow.matches(&format!("target: {target},")).count(), 1, "{target}");
    }
    assert_eq!(workflow.matches("- { target:").count(), TARGETS.len());
}

#[test]
fn the_action_refuses_a_binary_that_is_not_the_release() {
    let runner = Runner::new();
    runner.release("x86_64-unknown-linux-musl");
    fs::write(runner.root.path().join("release/tfduty-x86_64-unknown-linux-musl.tar.gz"), "another").unwrap();
    let output = runner.install("Linux-X64");
    assert!(!output.status.success());
    assert!(!runner.text("calls").contains("cargo"), "{}", runner.text("calls"));
    assert_eq!(runner.text("path"), "");
}

#[test]
fn the_action_builds_tfduty_where_there_is_no_binary() {
    for system in ["Linux-X64", "Linux-RISCV64"] {
        let runner = Runner::new();
        let output = runner.install(system);
        assert!(output.status.success(), "{output:?}");
        let root = runner.root.path().join("temporary/tfduty");
        let built = format!("cargo install --locked --path /the action --root {}\n", root.display());
        assert!(runner.text("calls").ends_with(&built), "{}", runner.text("calls"));
        assert!(text(&output.stdout).starts_with("::notice title=tfduty::no release binary"), "{output:?}");
        assert_eq!(runner.text("path"), format!("{}\n", root.join("bin").display()));
    }
}

#[test]
fn the_action_annotates_and_passes_the_status_on() {
    let runner = Runner::new();
    runner.copy("estates/broken-b-policy-denies/terraform.tfstate", "the state.tfstate");
    let output = runner.audit("check", "the state.tfstate\n", "--only=list-*\n");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stdout).contains("::error file=the state.tfstate,"), "{output:?}");
    let sarif = runner.root.path().join("temporary/tfduty/tfduty.sarif");
    assert_eq!(runner.text("output"), format!("status=1\nsarif={}\n", sarif.display()));
    assert!(fs::read_to_string(sarif).unwrap().contains("list-read-denied"));
}

#[test]
fn what_the_action_is_given_is_never_run() {
    let runner = Runner::new();
    runner.copy("estates/minimal/terraform.tfstate", "terraform.tfstate");
    let hostile = "$(touch ran); `touch ran`; touch ran #";
    for (command, paths, arguments, said) in [
        (hostile, ".", "", "takes check, destroy or list"),
        ("check", hostile, "", "cannot be read"),
        ("check", ".", &*format!("--config={hostile}"), "cannot be read"),
    ] {
        let output = runner.audit(command, paths, arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(text(&output.stdout).contains(said), "{output:?}");
        assert!(!runner.root.path().join("work/ran").exists());
    }
    // An option cannot be smuggled in as a path.
    assert_eq!(runner.audit("check", "--fail-on=never", "").status.code(), Some(2));
    assert!(!file("action.yml").split("run: |").skip(1).any(|script| {
        script
            .lines()
            .take_while(|line| line.is_empty() || line.starts_with("        "))
            .any(|line| line.contains("${{"))
    }));
}

/// Every script in a file of GitHub's.
fn scripts(name: &str) -> Vec<String> {
    let text = file(name);
    let blocks = text.split("run: |\n").skip(1).map(|block| {
        let indent = block.len() - block.trim_start().len();
        let lines = block.lines().map_while(|line| {
            line.get(indent..).filter(|_| line[..indent].trim().is_empty()).or(line.is_empty().then_some(""))
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    blocks.collect()
}

#[test]
fn shellcheck_has_nothing_to_say_where_it_is_installed() {
    let scripts =
        ["action.yml", ".github/workflows/release.yml"].into_iter().flat_map(scripts).chain([file(".ci/run")]);
    let folder = TempDir::new().unwrap();
    let mut checked = 0;
    for script in scripts {
        let path = folder.path().join("script");
        fs::write(&path, &script).unwrap();
        let Ok(output) = Command::new("shellcheck").args(["--shell", "bash"]).arg(&path).output() else { return };
        assert!(output.status.success(), "{script}\n{}", text(&output.stdout));
        checked += 1;
    }
    assert_eq!(checked, 6);
}

/// The YAML of README.md whose first line begins so.
fn readme(first: &str) -> String {
    let readme = file("README.md");
    let start = readme.find(&format!("```yaml\n{first}")).unwrap() + "```yaml\n".len();
    readme[start..].split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_job_for_gitlab_writes_its_artifacts_and_fails_where_something_fails() {
    let job = readme("tfduty:");
    let script = job.lines().skip_while(|line| *line != "  script:").skip(1);
    let script: Vec<&str> = script.map_while(|line| line.strip_prefix("    - ")).collect();
    let artifacts: Vec<&str> = job
        .lines()
        .filter_map(|line| line.trim().strip_prefix("codequality: ").or(line.trim().strip_prefix("junit: ")))
        .collect();
    assert_eq!((script.len(), artifacts.len()), (3, 2), "{job}");
    for (estate, status) in [("broken-b-policy-denies", 1), ("wired", 0)] {
        let runner = Runner::new();
        let estate = fixtures().join("estates").join(estate);
        // `terraform plan -out=tfplan`, and `terraform show -json tfplan`.
        runner.program(
            "terraform",
            &format!("case $1 in plan) cp {0}/tfplan tfplan ;; show) cat {0}/plan.json ;; esac", estate.display()),
        );
        runner.program("tfduty", &format!("exec '{}' \"$@\"", env!("CARGO_BIN_EXE_tfduty")));
        let output = runner.run(&script.join("\n"), &[]);
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        for artifact in &artifacts {
            assert!(!runner.text(&format!("work/{artifact}")).is_empty(), "{artifact}");
        }
    }
}

#[test]
fn the_readme_names_hooks_and_inputs_that_exist() {
    let hooks: Vec<String> = hooks().into_iter().map(|(id, _)| id).collect();
    let used = readme("repos:");
    for id in used.lines().filter_map(|line| line.trim().strip_prefix("- id: ")) {
        let id = id.split(' ').next().unwrap();
        assert!(hooks.iter().any(|hook| hook == id), "{id}");
    }
    let inputs = file("action.yml").split_once("inputs:\n").unwrap().1.split_once("\noutputs:").unwrap().0.to_owned();
    let workflow = readme("# .github/workflows/");
    let step = workflow.split_once("/tfduty@").unwrap().1.split_once("with:\n").unwrap().1;
    let given = step.lines().map_while(|line| line.strip_prefix("          "));
    let given: Vec<&str> = given
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name)
        .collect();
    assert!(!given.is_empty());
    for name in given {
        assert!(inputs.lines().any(|line| line == format!("  {name}:")), "{name}");
    }
}

/// The hooks by their ids, each with the keys that are set.
fn hooks() -> Vec<(String, Vec<(String, String)>)> {
    let hooks = file(".pre-commit-hooks.yaml");
    let entries = hooks.split("\n- id: ").skip(1).map(|entry| {
        let mut lines = entry.lines();
        let id = lines.next().unwrap().to_owned();
        let keys = lines.filter_map(|line| line.strip_prefix("  ")?.split_once(": "));
        (id, keys.map(|(key, value)| (key.to_owned(), value.trim_matches('\'').to_owned())).collect())
    });
    entries.collect()
}

#[test]
fn each_hook_has_a_twin_that_differs_in_how_tfduty_is_had() {
    let hooks = hooks();
    let of = |id: &str, key: &str| {
        let keys = &hooks.iter().find(|(name, _)| name == id).unwrap().1;
        keys.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone())
    };
    assert_eq!(hooks.len(), 6);
    for command in ["check", "destroy", "list"] {
        let (hook, twin) = (format!("tfduty-{command}"), format!("tfduty-{command}-system"));
        assert_eq!(of(&hook, "language").unwrap(), "rust");
        assert_eq!(of(&twin, "language").unwrap(), "system");
        assert_eq!(of(&hook, "entry").unwrap(), format!("tfduty {command} --hook"));
        for key in ["name", "entry", "files", "exclude", "require_serial"] {
            assert_eq!(of(&hook, key), of(&twin, key), "{command}: {key}");
        }
        // The entry runs: it is given no file here.
        let run = tfduty(&fixtures(), &[command, "--hook"]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
    }
}

#[test]
fn bash_completes_commands_options_and_their_values() {
    let script = tfduty(&fixtures(), &["completions", "bash"]).stdout;
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("completion"), script).unwrap();
    for (words, expected) in [
        (&["tfduty", "che"][..], "check"),
        (&["tfduty", "check", "--fail"], "--fail-on"),
        (&["tfduty", "check", "--fail-on", "w"], "warning"),
        (&["tfduty", "check", "--facts-"], "--facts-out"),
        (&["tfduty", "destroy", "--aft"], "--after"),
        (&["tfduty", "check", "--format", "sar"], "sarif"),
        (&["tfduty", "list", "--kind", "tr"], "trusted"),
    ] {
        let (last, before) = (words.len() - 1, words[words.len() - 2]);
        let drive = format!(
            "source ./completion; COMP_WORDS=({}); COMP_CWORD={last}; _tfduty tfduty '{}' '{before}'; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words[last]
        );
        let output = Command::new("bash").args(["--norc", "-c", &drive]).current_dir(&folder).output().unwrap();
        assert_eq!(text(&output.stdout), format!("{expected}\n"), "{words:?} {output:?}");
    }
}
