//! Zips that are no saved plans of Terraform's, though they look like some.

use std::{fs, io::Write};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    common::{fixtures, tfduty},
    is_plain,
};

/// A zip with a member `tfplan` and others.
fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in [&[("tfplan", &b""[..])], members].concat() {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Sets a field of every entry of a zip's directory.
fn with_field(mut zip: Vec<u8>, offset: usize, field: &[u8]) -> Vec<u8> {
    let entries: Vec<usize> = (0..zip.len()).filter(|&at| zip[at..].starts_with(b"PK\x01\x02")).collect();
    for entry in entries {
        zip[entry + offset..entry + offset + field.len()].copy_from_slice(field);
    }
    zip
}

#[test]
fn no_zip_does_harm() {
    let large = vec![b' '; (64 << 20) + 1];
    let state = fs::read(fixtures().join("estates/minimal/terraform.tfstate")).unwrap();
    let sound = zip(&[("tfstate", &state)]);
    let rows: Vec<(&str, Vec<u8>, &str)> = vec![
        ("a bomb", zip(&[("tfstate", &large)]), "unpacks to more than 64 MiB"),
        ("a bomb among the sources", zip(&[("tfconfig/m-/main.tf", &large)]), "unpacks to more than 64 MiB"),
        ("a wrong size", with_field(sound.clone(), 24, &[1, 0, 0, 0]), "cannot be unpacked"),
        ("a wrong place", with_field(sound.clone(), 42, &[0xff, 0xff, 0xff, 0x7f]), "cannot be unpacked"),
        ("an encrypted member", with_field(sound.clone(), 8, &[1, 0]), "cannot be unpacked"),
        ("an unknown method", with_field(sound.clone(), 10, &[99, 0]), "cannot be unpacked"),
        ("a zip within", zip(&[("tfstate", &sound)]), "its member `tfstate` is"),
        ("the end missing", sound[..sound.len() - 30].to_vec(), "the zip is cut off or broken"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (what, bytes, message) in rows {
        fs::write(folder.path().join("tfplan"), bytes).unwrap();
        for arguments in
            [&["check", "tfplan"][..], &["check", "--plan-file", "tfplan"], &["destroy", "tfplan"], &["check"]]
        {
            let run = tfduty(folder.path(), arguments);
            assert!(run.status == 2 && run.stdout.contains(message), "{what}, {arguments:?}: {}", run.stdout);
        }
    }
}

#[test]
fn names_of_members_lead_nowhere_and_are_text() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("a/b");
    fs::create_dir_all(&folder).unwrap();
    let state = fs::read(fixtures().join("estates/broken-e-disabled-detector/terraform.tfstate")).unwrap();
    let broken = b"resource \"aws_guardduty_detector\" \"this\" {\n  enable = \n";
    let absolute = root.path().join("absolute.tf");
    let names = [
        "../../slipped.tf",
        absolute.to_str().unwrap(),
        "tfconfig/m-/../../../../slipped.tf",
        "tfconfig/m-..\\..\\x/slipped.tf",
        "tfconfig/m-\u{1b}[31m/\u{1b}]0;x\u{7}.tf",
        "tfconfig/m-/\u{202e}\n::error::x.tf",
    ];
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, &broken[..])).collect();
    let manifest = br#"[{"Key":"","Dir":"/etc"},{"Key":"\u001b[31m","Dir":"../../../../etc\u001b[31m"}]"#;
    let members = [&members[..], &[("tfstate", &state), ("tfconfig/modules.json", manifest)]].concat();
    fs::write(folder.join("tfplan"), zip(&members)).unwrap();
    for format in super::FORMATS {
        let run = tfduty(&folder, &["destroy", "tfplan", "--format", format, "--strict"]);
        let written = run.stdout + &run.stderr;
        assert!(
            is_plain(&written) && !written.lines().any(|line| line.starts_with("::error::")),
            "{format}: {written}"
        );
    }
    let files =
        walkdir::WalkDir::new(root.path()).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    assert_eq!(files.count(), 1);
}
