//! Every file of `fixtures/broken/` is refused: with the message, the help and the place that are written here.
#![expect(clippy::disallowed_methods, reason = "tests read fixtures; the library does no I/O")]

use std::{collections::BTreeSet, fs, path::Path};

use tfduty_terraform::{
    Detail, Document,
    RefusalClass::{self, Foreign, Note, Problem},
    Sniff, sniff,
};

/// How plan JSON is made.
const PLAN: &str = "give a plan: `terraform plan -out=tfplan`, then `terraform show -json tfplan | tfduty check -`";

/// How a damaged file is replaced.
const ANEW: &str = "write the file anew: `terraform show -json tfplan > plan.json` for a plan, \
                    `terraform state pull > state.tfstate` for a state";

/// File, class, message, help, and the place as byte, line and column.
type Case = (&'static str, RefusalClass, &'static str, &'static str, Option<(usize, usize, usize)>);

const CASES: &[Case] = &[
    (
        "array-of-plans.json",
        Problem,
        "a JSON array of Terraform documents",
        "give each document in a file of its own",
        None,
    ),
    ("array.json", Foreign, "not Terraform: a JSON array", PLAN, None),
    (
        "backend-pointer-0.8.tfstate",
        Note,
        "a backend pointer (`.terraform/terraform.tfstate`): it says where the state is kept and holds no objects",
        "in the folder above `.terraform` run `terraform state pull > state.tfstate`, and give that file",
        None,
    ),
    (
        "backend-pointer.tfstate",
        Note,
        "a backend pointer (`.terraform/terraform.tfstate`): it says where the state is kept and holds no objects",
        "in the folder above `.terraform` run `terraform state pull > state.tfstate`, and give that file",
        None,
    ),
    ("blank.json", Foreign, "not Terraform: nothing but white space", PLAN, None),
    (
        "broken-prior-state.tfplan",
        Problem,
        "a damaged saved plan: its member `tfstate` is damaged Terraform JSON: it ends where the rest of an object was expected",
        "save it anew with `terraform plan -out=tfplan`",
        None,
    ),
    ("broken.zip", Foreign, "not Terraform: a broken zip", PLAN, None),
    (
        "cloud-plan.json",
        Problem,
        "a bookmark of a plan that HCP Terraform or Terraform Enterprise keeps (run run-GXfuHMkbyHccAGUg): the file holds no plan",
        "logged in to app.terraform.io, run `terraform show -json FILE > plan.json`, and give that file",
        None,
    ),
    ("comment.json", Problem, "damaged Terraform JSON: a key in double quotes was expected", ANEW, Some((31, 3, 3))),
    (
        "damaged.tfplan",
        Problem,
        "a damaged saved plan: the zip is cut off or broken",
        "save it anew with `terraform plan -out=tfplan`",
        None,
    ),
    (
        "deep-modules.json",
        Problem,
        "damaged Terraform JSON: a document of less than 128 levels was expected",
        ANEW,
        Some((1211, 1, 1212)),
    ),
    (
        "deep-value.json",
        Problem,
        "damaged Terraform JSON: a value of at most 64 levels was expected",
        ANEW,
        Some((290, 1, 291)),
    ),
    (
        "encrypted-plan.json",
        Problem,
        "an encrypted OpenTofu plan",
        "where its key is configured run `tofu show -json FILE > plan.json`, and give that file",
        None,
    ),
    (
        "encrypted.tfstate",
        Problem,
        "an encrypted OpenTofu state",
        "where its key is configured run `tofu state pull > state.tfstate`, and give that file",
        None,
    ),
    (
        "facts.json",
        Note,
        "facts that tfduty has written of other inputs",
        "join them with what is read here: `tfduty check --facts FILE`",
        None,
    ),
    (
        "format-version-2.json",
        Problem,
        "`terraform show -json` output of format version 2.0: versions 0 and 1 are known",
        "update tfduty",
        Some((18, 1, 19)),
    ),
    ("functions.json", Note, "the output of `terraform metadata functions -json`: no plan and no state", PLAN, None),
    ("no-changes.txt", Note, "a plan as text for people: its values cannot be read back", PLAN, None),
    ("not-a-plan.zip", Foreign, "not Terraform: a zip without the member `tfplan` of a saved plan", PLAN, None),
    ("not-utf8.json", Problem, "damaged Terraform JSON: UTF-8 was expected", ANEW, Some((85, 1, 86))),
    (
        "notes-one-line.md",
        Foreign,
        "not Terraform: broken JSON (the end of the file was expected)",
        PLAN,
        Some((73, 7, 1)),
    ),
    ("notes.md", Foreign, "not Terraform: broken JSON (the end of the file was expected)", PLAN, Some((105, 10, 1))),
    (
        "other-log.ndjson",
        Foreign,
        "not Terraform: broken JSON (the end of the file was expected)",
        PLAN,
        Some((101, 2, 1)),
    ),
    ("other-modules.json", Foreign, "not Terraform: a JSON object that is no plan and no state", PLAN, None),
    ("package.json", Foreign, "not Terraform: a JSON object that is no plan and no state", PLAN, None),
    ("picture.png", Foreign, "not Terraform: neither text nor a saved plan", PLAN, None),
    ("plan-0.11.tfplan", Problem, "a plan that Terraform 0.11 or older saved", PLAN, None),
    ("plan-colours.txt", Note, "a plan as text for people: its values cannot be read back", PLAN, None),
    (
        "plan-stream-array.json",
        Note,
        "the message stream of `terraform plan -json` or `apply -json`: it names changes but holds no attribute",
        PLAN,
        None,
    ),
    (
        "plan-stream-opentofu.ndjson",
        Note,
        "the message stream of `terraform plan -json` or `apply -json`: it names changes but holds no attribute",
        PLAN,
        None,
    ),
    (
        "plan-stream.ndjson",
        Note,
        "the message stream of `terraform plan -json` or `apply -json`: it names changes but holds no attribute",
        PLAN,
        None,
    ),
    ("plan.txt", Note, "a plan as text for people: its values cannot be read back", PLAN, None),
    (
        "provider-schemas.json",
        Note,
        "the output of `terraform providers schema -json`: no plan and no state",
        PLAN,
        None,
    ),
    (
        "redacted-plan.json",
        Problem,
        "a redacted plan of HCP Terraform: it lacks the configuration and the prior state",
        "run `terraform show -json` on the plan file, or download the plan's full JSON output, which needs admin access to the workspace",
        None,
    ),
    (
        "redacted-state.json",
        Problem,
        "a redacted state of HCP Terraform",
        "run `terraform state pull > state.tfstate`, and give that file",
        None,
    ),
    ("scalars.json", Foreign, "not Terraform: no plan and no state", PLAN, None),
    (
        "state-of-no-version.tfstate",
        Problem,
        "damaged Terraform JSON: a positive whole number was expected",
        ANEW,
        Some((12, 1, 13)),
    ),
    (
        "state-v0.tfstate",
        Problem,
        "a state of version 0, which Terraform stopped writing before 0.9",
        "Terraform 0.6.16 upgrades it; any current Terraform takes it from there",
        None,
    ),
    (
        "state-v1.tfstate",
        Problem,
        "a state of version 1, which Terraform stopped writing before 0.9",
        "upgrade it with any current Terraform: `terraform state pull > state.tfstate` where it is the state, and give that file",
        Some((17, 2, 16)),
    ),
    (
        "state-v2.tfstate",
        Problem,
        "a state of version 2, which Terraform stopped writing before 0.9",
        "upgrade it with any current Terraform: `terraform state pull > state.tfstate` where it is the state, and give that file",
        Some((17, 2, 16)),
    ),
    (
        "state-v5.tfstate",
        Problem,
        "a state of version 5: versions up to 4 are known",
        "update tfduty, or give the output of `terraform show -json`",
        Some((15, 2, 14)),
    ),
    ("state-without-version.tfstate", Problem, "damaged Terraform JSON: it is a state without a version", ANEW, None),
    ("trailing.json", Problem, "damaged Terraform JSON: the end of the file was expected", ANEW, Some((1121, 3, 1))),
    (
        "truncated-behind-log-lines.json",
        Problem,
        "damaged Terraform JSON: it ends where the rest of a string was expected",
        ANEW,
        Some((746, 2, 701)),
    ),
    (
        "truncated-in-a-string.json",
        Problem,
        "damaged Terraform JSON: it ends where the rest of a string was expected",
        ANEW,
        Some((119, 1, 120)),
    ),
    (
        "truncated.json",
        Problem,
        "damaged Terraform JSON: it ends where the rest of a string was expected",
        ANEW,
        Some((700, 1, 701)),
    ),
    (
        "tsconfig.json",
        Foreign,
        "not Terraform: broken JSON (a key in double quotes was expected)",
        PLAN,
        Some((4, 2, 3)),
    ),
    ("two-plans.json", Problem, "damaged Terraform JSON: the end of the file was expected", ANEW, Some((1120, 2, 1))),
    ("validate.json", Note, "the output of `terraform validate -json`: no plan and no state", PLAN, None),
    ("version-4-without-list.tfstate", Problem, "damaged Terraform JSON: a list was expected", ANEW, Some((79, 1, 80))),
    ("version.json", Note, "the output of `terraform version -json`: no plan and no state", PLAN, None),
    ("wrong-shape.json", Problem, "damaged Terraform JSON: a list was expected", ANEW, Some((72, 1, 73))),
];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/broken")
}

#[test]
fn every_file_is_refused_as_written() {
    for (file, class, message, help, place) in CASES {
        let bytes = fs::read(folder().join(file)).unwrap();
        let refusal = Document::parse(&bytes, &|_| Detail::All).expect_err(file);
        assert_eq!(refusal.message, *message, "{file}");
        assert_eq!(refusal.help.as_deref(), Some(*help), "{file}");
        assert_eq!(refusal.class, *class, "{file}");
        assert_eq!(refusal.place.map(|place| (place.byte, place.line, place.column)), *place, "{file}");
    }
}

#[test]
fn every_file_has_a_case() {
    let files: BTreeSet<String> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let cases: BTreeSet<String> = CASES.iter().map(|(file, ..)| (*file).to_owned()).collect();
    assert_eq!(files, cases);
}

/// Sniffing may read a file that turns out foreign, but must not pass over one that is worth a word.
#[test]
fn sniffing_passes_over_nothing_that_matters() {
    for (file, class, ..) in CASES {
        let bytes = fs::read(folder().join(file)).unwrap();
        if *class != Foreign {
            assert_eq!(sniff(&bytes), Sniff::Read, "{file}");
        }
    }
    for file in
        ["picture.png", "tsconfig.json", "package.json", "array.json", "scalars.json", "blank.json", "not-a-plan.zip"]
    {
        assert_eq!(sniff(&fs::read(folder().join(file)).unwrap()), Sniff::Foreign, "{file}");
    }
}
