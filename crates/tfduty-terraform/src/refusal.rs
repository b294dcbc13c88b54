//! Why a file is not audited: what it is, and what to run instead.

/// Why a file is not audited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What this means for a file that was met in a folder.
    pub class: RefusalClass,
    /// What the file is, or what is wrong with it. Starts in lower case, without the file's name, and holds nothing
    /// that the file says but version numbers, host names and run ids.
    pub message: String,
    /// What to run instead, or how to mend it.
    pub help: Option<String>,
    /// Where it goes wrong, in the text that [`text_of`](crate::text_of) gives.
    pub place: Option<Place>,
}

/// A place in a text that could not be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Offset in bytes.
    pub byte: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
}

/// What a refusal means for a file that was met in a folder. A named file that is refused is always a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalClass {
    /// It hides a stack that should have been audited: a problem.
    Problem,
    /// It is Terraform's, but hides nothing: a note.
    Note,
    /// It has nothing to do with Terraform, as far as its content shows: nothing is said. A file whose name ends in
    /// `.tfstate` is a damaged state all the same; names are the caller's business.
    Foreign,
}

/// How plan JSON is made; what most refusals end with.
const TWO_COMMANDS: &str =
    "give a plan: `terraform plan -out=tfplan`, then `terraform show -json tfplan | tfduty check -`";

impl Place {
    /// The place of offset `byte` in `text`; an offset behind the end is the end's.
    pub(crate) fn in_text(text: &str, byte: usize) -> Self {
        let before = &text[..text.floor_char_boundary(byte)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let newlines = before.matches('\n').count();
        Self { byte: before.len(), line: newlines + 1, column: before.len() - line_start + 1 }
    }
}

impl Refusal {
    fn new(class: RefusalClass, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { class, message: message.into(), help: Some(help.into()), place: None }
    }

    fn problem(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(RefusalClass::Problem, message, help)
    }

    fn note(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(RefusalClass::Note, message, help)
    }

    /// Not Terraform's; `what` says what it is instead.
    pub(crate) fn foreign(what: &str) -> Self {
        Self::new(RefusalClass::Foreign, format!("not Terraform: {what}"), TWO_COMMANDS)
    }

    /// Terraform's, but broken; `what` says how.
    pub(crate) fn damaged(what: &str) -> Self {
        Self::problem(
            format!("damaged Terraform JSON: {what}"),
            "write the file anew: `terraform show -json tfplan > plan.json` for a plan, `terraform state pull > state.tfstate` for a state",
        )
    }

    /// The same with the place `byte` of `text`.
    #[must_use]
    pub(crate) fn at(mut self, text: &str, byte: usize) -> Self {
        self.place = Some(Place::in_text(text, byte));
        self
    }

    /// Of what has more bytes than [`DOCUMENT_BYTES`](crate::limits::DOCUMENT_BYTES), which need not be read to their end.
    pub fn too_large() -> Self {
        Self::problem("over 4 GiB", "split the stack, or give its states instead of a plan that holds all of them")
    }

    pub(crate) fn backend_pointer() -> Self {
        Self::note(
            "a backend pointer (`.terraform/terraform.tfstate`): it says where the state is kept and holds no objects",
            "in the folder above `.terraform` run `terraform state pull > state.tfstate`, and give that file",
        )
    }

    pub(crate) fn encrypted_state() -> Self {
        Self::problem(
            "an encrypted OpenTofu state",
            "where its key is configured run `tofu state pull > state.tfstate`, and give that file",
        )
    }

    pub(crate) fn encrypted_plan() -> Self {
        Self::problem(
            "an encrypted OpenTofu plan",
            "where its key is configured run `tofu show -json FILE > plan.json`, and give that file",
        )
    }

    pub(crate) fn message_stream() -> Self {
        Self::note(
            "the message stream of `terraform plan -json` or `apply -json`: it names changes but holds no attribute",
            TWO_COMMANDS,
        )
    }

    pub(crate) fn plan_text() -> Self {
        Self::note("a plan as text for people: its values cannot be read back", TWO_COMMANDS)
    }

    pub(crate) fn array_of_documents() -> Self {
        Self::problem("a JSON array of Terraform documents", "give each document in a file of its own")
    }

    pub(crate) fn facts() -> Self {
        Self::note(
            "facts that tfduty has written of other inputs",
            "join them with what is read here: `tfduty check --facts FILE`",
        )
    }

    pub(crate) fn other_output(command: &str) -> Self {
        Self::note(format!("the output of `terraform {command}`: no plan and no state"), TWO_COMMANDS)
    }

    /// A bookmark of a plan that HCP Terraform keeps. `run` and `host` are what the file says; they are shown only if
    /// they look like a run id and a host name.
    pub(crate) fn cloud_plan(run: Option<&str>, host: Option<&str>) -> Self {
        let run = plain(run).map_or_else(String::new, |run| format!(" (run {run})"));
        let host = plain(host).unwrap_or("the host");
        Self::problem(
            format!(
                "a bookmark of a plan that HCP Terraform or Terraform Enterprise keeps{run}: the file holds no plan"
            ),
            format!("logged in to {host}, run `terraform show -json FILE > plan.json`, and give that file"),
        )
    }

    pub(crate) fn redacted_plan() -> Self {
        Self::problem(
            "a redacted plan of HCP Terraform: it lacks the configuration and the prior state",
            "run `terraform show -json` on the plan file, or download the plan's full JSON output, which needs admin access to the workspace",
        )
    }

    pub(crate) fn redacted_state() -> Self {
        Self::problem(
            "a redacted state of HCP Terraform",
            "run `terraform state pull > state.tfstate`, and give that file",
        )
    }

    pub(crate) fn old_binary_plan() -> Self {
        Self::problem("a plan that Terraform 0.11 or older saved", TWO_COMMANDS)
    }

    /// A state of version 0 (which was binary), 1 or 2.
    pub(crate) fn old_state(version: u64) -> Self {
        let help = if version == 0 {
            "Terraform 0.6.16 upgrades it; any current Terraform takes it from there"
        } else {
            "upgrade it with any current Terraform: `terraform state pull > state.tfstate` where it is the state, and give that file"
        };
        Self::problem(format!("a state of version {version}, which Terraform stopped writing before 0.9"), help)
    }

    /// A state of a version that is not known yet, as the file writes it.
    pub(crate) fn new_state(version: &str) -> Self {
        Self::problem(
            format!("a state of version {}: versions up to 4 are known", plain(Some(version)).unwrap_or("unknown")),
            "update tfduty, or give the output of `terraform show -json`",
        )
    }

    /// `show -json` output of a format version that is not known yet, as the file writes it.
    pub(crate) fn format_version(version: Option<&str>) -> Self {
        Self::problem(
            format!(
                "`terraform show -json` output of format version {}: versions 0 and 1 are known",
                plain(version).unwrap_or("unknown")
            ),
            "update tfduty",
        )
    }

    pub(crate) fn damaged_zip(what: &str) -> Self {
        Self::problem(format!("a damaged saved plan: {what}"), "save it anew with `terraform plan -out=tfplan`")
    }
}

/// `text` if it is short and made of the characters that versions, host names and ids have: a file's own words are not
/// echoed.
fn plain(text: Option<&str>) -> Option<&str> {
    text.filter(|text| {
        (1..=100).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_alphanumeric() || b".-_:".contains(&c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_bytes_from_one() {
        let text = "{\n \"ü\": x}";
        assert_eq!(Place::in_text(text, 0), Place { byte: 0, line: 1, column: 1 });
        assert_eq!(Place::in_text(text, 9), Place { byte: 9, line: 2, column: 8 });
        assert_eq!(Place::in_text(text, 99).byte, text.len());
    }

    #[test]
    fn a_refusal_does_not_echo_what_could_be_anything() {
        let refusal = Refusal::cloud_plan(Some("run-abc"), Some("evil\u{1b}[31m"));
        assert!(refusal.message.contains("(run run-abc)"));
        assert!(refusal.help.is_some_and(|help| help.starts_with("logged in to the host,")));
    }
}
