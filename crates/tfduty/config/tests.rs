//! What a configuration means, where it is found, and which files are none.

use std::fs;

use tfduty_audit::Command;
use tfduty_terraform::Place;

use super::*;

mod faults;

const SHOWN: &str = "envs/tfduty.toml";
/// Every table and nearly every key, as the manual shows them.
pub(crate) const EXAMPLE: &str = r#"
fail-on = "warning"
strict = false

[expect]                       # existence, beyond what the inputs show
accounts = ["123456789012"]
regions = ["eu-west-1", "us-east-1"]          # or "all"
detectors = "here"             # here | elsewhere (an organization administrator owns them)

[rules.list-limits]
severity = "error"             # error | warning | advice | off

[[ignore]]
rule = "detector-disabled"
address = "module.logs[*].aws_guardduty_detector.this"  # at least one of address, account, region, path; globs
reason = "logs outlive the stack on purpose"   # required
until = 2027-01-01                             # optional; past it the ignore is itself reported
"#;

fn settings() -> Settings {
    Settings::new(Command::Check, "2026-11-24")
}

/// The settings that a configuration makes of the default ones, in a form that compares.
#[track_caller]
fn applied(text: &str) -> String {
    let mut settings = settings();
    parse(text.as_bytes(), SHOWN).unwrap().apply(&mut settings);
    format!("{settings:#?}")
}

/// An ignore that stands where `part` of the configuration does.
fn ignore_at(text: &str, part: &str) -> Ignore {
    let byte = text.find(part).unwrap();
    let line = text[..byte].matches('\n').count() + 1;
    let column = byte - text[..byte].rfind('\n').map_or(0, |newline| newline + 1) + 1;
    Ignore { file: Some(SHOWN.into()), place: Some(Place { byte, line, column }), ..Ignore::default() }
}

#[test]
fn the_example_is_understood() {
    let expected = Settings {
        fail_on: Some(Severity::Warning),
        strict: false,
        expect: Expect {
            accounts: vec!["123456789012".into()],
            regions: Regions::These(vec!["eu-west-1".into(), "us-east-1".into()]),
            elsewhere: false,
        },
        severities: vec![("list-limits".into(), Some(Severity::Error))],
        ignores: vec![Ignore {
            rule: "detector-disabled".into(),
            address: Some("module.logs[*].aws_guardduty_detector.this".into()),
            reason: "logs outlive the stack on purpose".into(),
            until: Some("2027-01-01".into()),
            ..ignore_at(EXAMPLE, "[[ignore]]")
        }],
        ..settings()
    };
    assert_eq!(applied(EXAMPLE), format!("{expected:#?}"));
}

#[test]
fn all_other_words_are_understood() {
    let text = r#"
fail-on = "never"
strict = true
expect = { regions = "all", detectors = "elsewhere" }
rules.list-stale.severity = "off"
rules."detector-drift" = { severity = "advice" }
ignore = [
    { rule = "list-*", account = "000000000001", region = "us-gov-west-1", path = "envs/*/plan.json", reason = "ours", until = "2028-02-29" },
    { rule = "*", path = "legacy/*", reason = """two
lines""" },
]
"#;
    let expected = Settings {
        fail_on: None,
        strict: true,
        expect: Expect { accounts: vec![], regions: Regions::All, elsewhere: true },
        severities: vec![("detector-drift".into(), Some(Severity::Advice)), ("list-stale".into(), None)],
        ignores: vec![
            Ignore {
                rule: "list-*".into(),
                address: None,
                account: Some("000000000001".into()),
                region: Some("us-gov-west-1".into()),
                path: Some("envs/*/plan.json".into()),
                reason: "ours".into(),
                until: Some("2028-02-29".into()),
                ..ignore_at(text, "{ rule = \"list-*\"")
            },
            Ignore {
                rule: "*".into(),
                path: Some("legacy/*".into()),
                reason: "two\nlines".into(),
                ..ignore_at(text, "{ rule = \"*\"")
            },
        ],
        ..settings()
    };
    assert_eq!(applied(text), format!("{expected:#?}"));
}

#[test]
fn what_is_not_said_stays() {
    let nothing = format!("{:#?}", settings());
    for text in ["", "\u{feff}# nothing\r\n", "[expect]\naccounts = []\nregions = []", "[rules]\n[rules.list-stale]"] {
        assert_eq!(applied(text), nothing, "{text:?}");
    }
    // The threshold that a caller set before is not reset to any default.
    let mut settings = Settings { fail_on: None, strict: true, ..settings() };
    parse(b"", SHOWN).unwrap().apply(&mut settings);
    assert!(settings.fail_on.is_none() && settings.strict);
}

#[test]
fn what_is_named_twice_is_expected_once() {
    let twice =
        "[expect]\naccounts = ['123456789012', '123456789012']\nregions = ['eu-west-1', 'us-east-1', 'eu-west-1']";
    let once = "[expect]\naccounts = ['123456789012']\nregions = ['eu-west-1', 'us-east-1']";
    assert_eq!(applied(twice), applied(once));
}

#[test]
fn files_that_cannot_be_understood_are_problems() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(NAME);
    let problem = |message: &str, help: Option<&str>, place| {
        vec![Problem { path: Some(SHOWN.into()), message: message.into(), help: help.map(str::to_owned), place }]
    };

    let missing = read(&path, SHOWN, true).unwrap_err();
    assert!(missing[0].message.starts_with("cannot be read: "), "{missing:?}");
    assert!(read(folder.path(), SHOWN, true).is_err());

    fs::write(&path, b"strict = true\n# caf\xe9\n").unwrap();
    let place = Some(Place { byte: 19, line: 2, column: 6 });
    let help = Some("save the file in the encoding UTF-8");
    assert_eq!(read(&path, SHOWN, true).unwrap_err(), problem("not UTF-8", help, place));

    let comment = |length: usize| format!("strict = true\n#{}", "x".repeat(length - 15));
    fs::write(&path, comment(1 << 20)).unwrap();
    assert_eq!(read(&path, SHOWN, true).unwrap().strict, Some(true));
    fs::write(&path, comment((1 << 20) + 1)).unwrap();
    let message = "larger than 1 MiB: no configuration of tfduty is";
    assert_eq!(read(&path, SHOWN, true).unwrap_err(), problem(message, None, None));
}

#[test]
fn the_nearest_file_up_to_the_repository_root_is_found() {
    let top = tempfile::tempdir().unwrap();
    let top = top.path();
    let stack = top.join("repository/envs/dev");
    fs::create_dir_all(&stack).unwrap();
    let outer = top.join(NAME);
    fs::write(&outer, "").unwrap();
    assert_eq!(find(&stack), Some(outer), "without a repository, parents are searched");

    // Worktrees and submodules have a file of this name.
    let git = top.join("repository/.git");
    fs::write(&git, "gitdir: elsewhere").unwrap();
    assert_eq!(find(&stack), None, "what lies outside of the repository is not its own");
    fs::remove_file(&git).unwrap();
    fs::create_dir(&git).unwrap();
    assert_eq!(find(&stack), None);

    let root = top.join("repository").join(NAME);
    fs::write(&root, "").unwrap();
    assert_eq!(find(&stack), Some(root), "the root belongs to the repository");

    // What cannot be read is found all the same, for `read` to refuse.
    let own = stack.join(NAME);
    fs::create_dir(&own).unwrap();
    assert_eq!(find(&stack), Some(own.clone()));
    assert!(read(&own, SHOWN, false).is_err());
}

#[cfg(unix)]
#[test]
fn a_device_is_read_only_if_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join(NAME);
    std::os::unix::fs::symlink("/dev/null", &link).unwrap();
    assert!(read(&link, SHOWN, true).is_ok());
    assert_eq!(read(&link, SHOWN, false).unwrap_err()[0].message, "cannot be read: no regular file");
}
