//! What a file may be, by its first bytes.

use std::borrow::Cow;

use crate::{
    refusal::Refusal,
    text::{head_of, json_start, text_of_head},
};

/// What the first bytes of a file that was met in a folder say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniff {
    /// It may be Terraform's: worth reading whole.
    Read,
    /// It has nothing to do with Terraform.
    Foreign,
}

/// Tells from the first 64 KiB of a file (all of a smaller one) whether [`Document::parse`](crate::Document::parse) would
/// have more to say of it than that it is foreign. A file whose name ends in `.tfstate` is worth reading in any case.
pub fn sniff(head: &[u8]) -> Sniff {
    let worth = head.is_empty()
        || (is_zip(head) && contains(head, PLAN_MEMBER))
        || old_binary(head).is_some()
        || is_worth_text(&text_of_head(head));
    if worth { Sniff::Read } else { Sniff::Foreign }
}

/// The member of a saved plan that Terraform writes first, so that its name is in the head of the zip.
pub(crate) const PLAN_MEMBER: &[u8] = b"tfplan";

pub(crate) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Whether the bytes begin as a zip does.
pub(crate) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// The binary plans of Terraform before 0.12 and the binary states of Terraform before 0.4: a word, then a version byte.
pub(crate) fn old_binary(bytes: &[u8]) -> Option<Refusal> {
    let version = |magic: &[u8]| bytes.strip_prefix(magic).and_then(|rest| rest.first()).filter(|byte| **byte < 0x20);
    if version(b"tfplan").is_some() {
        Some(Refusal::old_binary_plan())
    } else if version(b"tfstate").is_some() {
        Some(Refusal::old_state(0))
    } else {
        None
    }
}

fn is_worth_text(head: &str) -> bool {
    let json = json_start(head).map(|start| &head[start..]);
    json.is_some_and(names_document) || is_plan_text(head)
}

/// Whether the head of a JSON text holds a member that plans, states or what is refused with a message of its own have.
fn names_document(head: &str) -> bool {
    const TELLING: [&str; 8] = [
        "\"resource_changes\"",
        "\"planned_values\"",
        "\"encrypted_data\"",
        "\"remote_plan_format\"",
        "\"plan_format_version\"",
        "\"state_format_version\"",
        "\"@module\"",
        "\"tfduty_facts\"",
    ];
    const WITH_VERSION: [&str; 5] = ["\"modules\"", "\"resources\"", "\"backend\"", "\"state_store\"", "\"remote\""];
    names_terraform(head)
        || TELLING.iter().any(|name| head.contains(name))
        || (head.contains("\"version\"") && WITH_VERSION.iter().any(|name| head.contains(name)))
        || (head.contains("\"diagnostics\"") && head.contains("\"valid\""))
}

/// Whether the head of a text holds one of the names that make broken JSON damaged Terraform.
pub(crate) fn names_terraform(head: &str) -> bool {
    ["\"format_version\"", "\"terraform_version\"", "\"lineage\""].iter().any(|name| head.contains(name))
}

/// Whether broken JSON, which begins at `start` and fails with `error`, is a damaged plan or state.
///
/// Behind other lines the JSON must begin as Terraform's does, on one line, and must not be followed by more text: many
/// a page about Terraform has a piece of JSON in it, and none of them hides a stack.
pub(crate) fn holds_damaged_terraform(text: &str, start: usize, error: &serde_json::Error) -> bool {
    let json = head_of(&text[start..]);
    if !names_terraform(json) {
        return false;
    }
    let has_preamble = !text[..start].trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty();
    let begins = || {
        ["{\"format_version\":", "{\"version\":", "{\"terraform_version\":"].iter().any(|name| json.starts_with(name))
    };
    !has_preamble || (begins() && !error.to_string().starts_with("trailing characters"))
}

/// Whether a text is a plan for people: a line, colours aside, begins as `terraform plan` writes it.
pub(crate) fn is_plan_text(head: &str) -> bool {
    const BEGINNINGS: [&str; 7] = [
        "Terraform used the selected providers to generate the following execution",
        "OpenTofu used the selected providers to generate the following execution",
        "Terraform will perform the following actions:",
        "OpenTofu will perform the following actions:",
        "No changes. Your infrastructure matches the configuration",
        "No changes. Infrastructure is up-to-date",
        "An execution plan has been generated and is shown below",
    ];
    head.lines().map(without_colours).any(|line| BEGINNINGS.iter().any(|beginning| line.starts_with(beginning)))
}

/// A line without the escape sequences of colours, and without the white space it begins with.
fn without_colours(line: &str) -> Cow<'_, str> {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().trim_start();
    let rest: Vec<&str> = parts.map(|part| part.split_once('m').map_or(part, |(_, text)| text)).collect();
    if rest.is_empty() { Cow::Borrowed(first) } else { Cow::Owned(first.to_owned() + &rest.concat()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_terraform_is_read() {
        for head in [
            &b""[..],
            b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x06\0\0\0tfplan",
            b"tfplan\x02",
            b"tfstate\x01",
            b"{\"format_version\":\"1.2\"",
            b"{\"version\": 4, \"terraform_version\": \"1.11.4\", \"ser",
            b"{\"version\": 3, \"backend\": {",
            b"\xef\xbb\xbf{\"resource_changes\": [",
            b"[command]terraform show -json\n{\"format_version\":\"1.2\"",
            b"{\"@level\":\"info\",\"@message\":\"x\",\"@module\":\"terraform.ui\"",
            b"\xff\xfe{\0\"\0l\0i\0n\0e\0a\0g\0e\0\"\0",
            b"data.aws_region.r: Reading...\n\n\x1b[0m\x1b[1mTerraform will perform the following actions:\n",
            b"{\"lineage\": \"\xc3",
            b"{\"tfduty_facts\":1,",
        ] {
            assert_eq!(sniff(head), Sniff::Read, "{:?}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn what_cannot_be_terraform_is_foreign() {
        for head in [
            &b"\x89PNG\r\n\x1a\n"[..],
            b"PK\x03\x04\x14\0\0\0word/document.xml",
            b"{\"compilerOptions\": {\"strict\": true}}",
            b"{\"name\": \"x\", \"version\": \"1.0.0\"}",
            b"# How to read \"format_version\" of a plan",
            b"tfplan is what we call the saved plan",
            b"resource \"aws_s3_bucket\" \"b\" {\n}\n",
            b"[1, 2, 3]",
            b"\n",
        ] {
            assert_eq!(sniff(head), Sniff::Foreign, "{:?}", String::from_utf8_lossy(head));
        }
    }
}
