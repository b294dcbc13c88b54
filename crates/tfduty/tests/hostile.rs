//! What a hostile or a broken world does to a run: files that are none, names that are more than text, disks that are full.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

#[path = "hostile/canary.rs"]
mod canary;
mod common;
#[path = "hostile/zips.rs"]
mod zips;

use std::fs;

use common::{fixtures, tfduty, tfduty_with};
use serde_json::Value;

/// Every format of `check`.
const FORMATS: [&str; 7] = ["human", "json", "sarif", "junit", "github", "gitlab", "markdown"];

/// A state with a suspended detector.
fn suspended() -> String {
    fs::read_to_string(fixtures().join("estates/broken-e-disabled-detector/terraform.tfstate")).unwrap()
}

/// Whether a terminal, or a reader, would take a text for more than text.
fn is_plain(text: &str) -> bool {
    !text.chars().any(|c| c != '\n' && tfduty_terraform::is_hazard(c))
}

#[test]
fn what_is_too_large_is_refused_unread() {
    let folder = tempfile::tempdir().unwrap();
    // A file of holes: it takes no room, and no time unless it is read.
    fs::File::create(folder.path().join("huge.tfstate")).unwrap().set_len(5 << 30).unwrap();
    let sizes = "larger than 4 GiB, which is as much as is read\n  help: check that it is the file that was meant";
    for arguments in [
        &["check", "huge.tfstate"][..],
        &["check"],
        &["destroy", "--after", "huge.tfstate"],
        &["check", "--facts", "huge.tfstate"],
        &["check", "--plan-file", "huge.tfstate"],
    ] {
        let run = tfduty(folder.path(), arguments);
        assert!(run.status == 2 && run.stdout.contains(sizes), "{arguments:?}: {}", run.stdout);
    }
    let run = tfduty(folder.path(), &["check", "--baseline", "huge.tfstate", "--config", "huge.tfstate"]);
    assert!(run.stdout.contains("larger than 64 MiB") && run.stdout.contains("larger than 1 MiB"), "{}", run.stdout);
}

#[test]
fn a_configuration_that_is_too_large_is_left_out_with_a_note() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("terraform.tfstate"), suspended()).unwrap();
    fs::write(folder.path().join("small.tf"), "locals {}\n").unwrap();
    fs::File::create(folder.path().join("huge.tf")).unwrap().set_len(5 << 30).unwrap();
    let run = tfduty(folder.path(), &["check", "terraform.tfstate", "--source", "."]);
    assert!(run.stdout.contains("huge.tf: cannot be read, or larger than 16 MiB: left out"), "{}", run.stdout);
}

#[test]
fn deep_and_odd_documents_are_refused() {
    let deep = "[".repeat(100_000);
    for text in [
        format!("{{\"format_version\":{deep}"),
        format!("{{\"version\":4,\"lineage\":\"x\",\"resources\":{deep}{}}}", "]".repeat(100_000)),
        "{\"format_version\":\"\0\"}".into(),
        format!("{{\"version\":{}}}", "9".repeat(1_000_000)),
        "{\"a\":".repeat(100_000),
    ] {
        for command in ["check", "destroy"] {
            let run = tfduty_with(&fixtures(), &[command, "-"], Some(text.as_bytes()));
            assert!(run.status == 2 && run.stdout.contains("error: -"), "{command}: {:.60} {}", text, run.stdout);
        }
    }
}

#[test]
fn what_was_typed_is_repeated_as_text() {
    for arguments in [
        &["check", "-\u{1b}[31m"][..],
        &["check", "--jobs", "\u{1b}]0;x\u{7}"],
        &["check", "--output", "x\n::set-output name=a::b=c"],
        &["check", "--only", "\u{9b}31m"],
        &["check", "--today", "\u{202e}"],
        &["check", "\r::error::x"],
        &["check", "--config", "\u{1b}[2J"],
        &["list", "--kind", "\u{1b}", "x"],
        &["explain", "\u{1b}[31m"],
        &["\u{1b}[31m"],
    ] {
        let run = tfduty(&fixtures().join("lists"), arguments);
        assert_eq!(run.status, 2, "{arguments:?}: {}", run.stdout);
        let written = run.stdout + &run.stderr;
        assert!(is_plain(&written) && !written.lines().any(|line| line.starts_with("::")), "{arguments:?}: {written}");
    }
}

/// Names that some reader of a report would take for more.
#[cfg(unix)]
#[test]
fn names_of_files_are_text_in_every_format() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let names: [&[u8]; 9] = [
        b"\x1b[31m",
        b"\n::error::x",
        b"\r\n##[error]x",
        b"\xff\xfe",
        "\u{202e}gpj".as_bytes(),
        b"%0A::set-output name=x::y",
        b"<img src=x onerror=alert(1)>",
        b"[a](javascript:x) `x` | y",
        b"\xc2\x9b31m",
    ];
    for name in names {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(OsStr::from_bytes(name));
        fs::create_dir(&folder).unwrap();
        let file = [name, b".tfstate"].concat();
        fs::write(folder.join(OsStr::from_bytes(&file)), suspended()).unwrap();
        fs::write(folder.join(OsStr::from_bytes(&[&b"cut"[..], name, b".tfstate"].concat())), "{\"lineage\":").unwrap();
        for format in FORMATS {
            let run = tfduty(root.path(), &["check", "--format", format]);
            let written = run.stdout + &run.stderr;
            let place = format!("{format} {}: {written}", String::from_utf8_lossy(name));
            assert!(run.status == 2 && is_plain(&written), "{place}");
            let is_command = |line: &str| line.starts_with("::") && !line.starts_with("::error file=");
            assert!(!written.lines().any(|line| is_command(line) || line.starts_with("##[")), "{place}");
            // Between backticks HTML is text.
            assert!(
                format != "markdown" || written.split('`').step_by(2).all(|part| !part.contains("<img")),
                "{place}"
            );
        }
    }
}

/// What a walk must not open: to open a pipe is to wait for somebody to write into it.
#[cfg(unix)]
#[test]
fn a_walk_opens_files_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("terraform.tfstate"), suspended()).unwrap();
    for pipe in ["pipe.tfstate", "pipe.tf", "tfduty.toml"] {
        assert!(std::process::Command::new("mkfifo").arg(path(pipe)).status().unwrap().success());
    }
    fs::write(path("main.tf"), "locals {\n  a = file(\"pipe.tf\")\n}\n").unwrap();
    std::os::unix::fs::symlink("/dev/zero", path("zero.tfstate")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", path("zero.tf")).unwrap();
    std::os::unix::fs::symlink(".", path("loop")).unwrap();
    std::os::unix::fs::symlink("nowhere", path("dangling.tfstate")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(path("socket.tfstate")).unwrap();
    let walk = tfduty(folder.path(), &["check", ".", "--source", ".", "--format", "json"]);
    let report: Value = serde_json::from_str(&walk.stdout).unwrap();
    let problems = report["problems"].as_array().unwrap();
    assert!(problems.len() == 1 && problems[0]["message"] == "cannot be read: no regular file", "{problems:?}");
    assert_eq!(report["inputs"].as_array().unwrap().len(), 1);
    fs::remove_file(path("tfduty.toml")).unwrap();
    let followed = tfduty(folder.path(), &["check", "--follow-links"]);
    for said in ["loop: a loop of links", "dangling.tfstate: cannot be read", "error[detector-disabled]"] {
        assert!(followed.status == 2 && followed.stdout.contains(said), "{said}: {}", followed.stdout);
    }
    // What is named is opened, whatever it is.
    let mut writer = std::process::Command::new("sh")
        .args(["-c", "cat terraform.tfstate > pipe.tfstate"])
        .current_dir(folder.path())
        .spawn()
        .unwrap();
    let named = tfduty(folder.path(), &["check", "pipe.tfstate"]);
    writer.wait().unwrap();
    assert!(named.status == 1 && named.stdout.contains("error[detector-disabled]"), "{}", named.stdout);
}

/// Disks that are full, and limits of what may be written.
#[cfg(unix)]
#[test]
fn what_cannot_be_written_whole_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("terraform.tfstate"), suspended()).unwrap();
    let run = |script: &str| {
        let tfduty = env!("CARGO_BIN_EXE_tfduty");
        let script = format!("{script}; {tfduty:?} check terraform.tfstate -q --fail-on never $ARGUMENTS");
        move |arguments: &str| {
            let mut shell = std::process::Command::new("bash");
            shell.args(["-c", &script]).env("ARGUMENTS", arguments).current_dir(folder.path());
            let output = shell.output().unwrap();
            let left = fs::read_dir(folder.path()).unwrap().count();
            (output.status.code(), String::from_utf8(output.stdout).unwrap(), left)
        }
    };
    let limited = run("ulimit -f 1");
    for option in ["--output sarif=a.sarif", "--output json=a.json", "--facts-out a.facts"] {
        let (status, said, left) = limited(option);
        assert_eq!((status, left), (Some(2), 1), "{option}: {said}");
        assert!(said.contains("cannot be written: file too large"), "{option}: {said}");
    }
    assert_eq!(limited("--output github=a.txt").2, 2, "what is small enough is written");
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    for option in ["--output json=/dev/full", "--facts-out /dev/full", "--write-baseline /dev/full", "> /dev/full"] {
        let tfduty = env!("CARGO_BIN_EXE_tfduty");
        let script = format!("{tfduty:?} check minimal/terraform.tfstate --fail-on never {option}");
        let mut shell = std::process::Command::new("bash");
        let output = shell.args(["-c", &script]).current_dir(fixtures().join("estates")).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{option}");
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(said.contains("cannot be written"), "{option}: {said}");
    }
}

/// A file in a folder for all, where somebody else has laid a link under the name of the temporary file.
#[cfg(unix)]
#[test]
fn a_report_is_not_written_through_a_link_of_somebody_else() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("terraform.tfstate"), suspended()).unwrap();
    fs::write(folder.path().join("precious"), "as it was").unwrap();
    let tfduty = env!("CARGO_BIN_EXE_tfduty");
    // The shell's own number is that of the program which takes its place.
    let script =
        format!("ln -s precious .r.json.$$.partial; exec {tfduty:?} check terraform.tfstate --output json=r.json");
    let mut shell = std::process::Command::new("bash");
    let output = shell.args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(folder.path().join("precious")).unwrap(), "as it was");
    assert!(fs::read_to_string(folder.path().join("r.json")).unwrap().contains("detector-disabled"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}
