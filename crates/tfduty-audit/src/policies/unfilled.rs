//! What was to be filled into a policy, and was not.

use tfduty_aws::policy::{Element, FaultKind, Origin, Statement};

use super::KnownPolicy;

/// What a reference of Terraform begins with. A policy variable has a service's prefix and a colon.
const REFERENCES: &[&str] =
    &["var.", "local.", "module.", "data.", "each.", "count.", "path.", "self.", "terraform.", "aws_", "awscc_"];

/// A place of a policy that was to be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unfilled<'p> {
    /// This placeholder, in an element.
    Placeholder { text: &'p str, element: Element, origin: Origin },
    /// The policy as a whole is a text that holds JSON.
    EncodedTwice(Origin),
}

impl KnownPolicy {
    /// What was to be filled in, in the order of the text.
    pub(crate) fn unfilled(&self) -> Vec<Unfilled<'_>> {
        if self.is_filled_in() {
            return Vec::new();
        }
        let faults = self.document().faults().iter();
        let twice = faults.filter(|fault| fault.kind == FaultKind::EncodedTwice);
        let twice = twice.map(|fault| Unfilled::EncodedTwice(fault.origin));
        let texts = self.document().statements().iter().flat_map(Statement::texts);
        let placeholders = texts.filter_map(|(element, value)| {
            let text = value.text.literals().find_map(placeholder)?;
            Some(Unfilled::Placeholder { text, element, origin: value.origin })
        });
        twice.chain(placeholders).collect()
    }
}

/// The first placeholder in a text: `${…}` of Terraform, `%{…}`, or what other template languages leave behind.
fn placeholder(text: &str) -> Option<&str> {
    let between = |begin: &str, end: &str, counts: fn(&str) -> bool| {
        text.match_indices(begin).find_map(|(start, _)| {
            let inside = text.get(start + begin.len()..)?;
            let length = inside.find(end)?;
            let all = text.get(start..start + begin.len() + length + end.len())?;
            counts(inside.get(..length)?).then_some((start, all))
        })
    };
    let found = [
        between("${", "}", |inside| !is_policy_variable(inside)),
        between("%{", "}", |_| true),
        between("{{", "}}", |_| true),
        between("<no value", ">", str::is_empty),
    ];
    found.into_iter().flatten().min_by_key(|(start, _)| *start).map(|(_, all)| all)
}

/// Whether `${…}` is a variable of the policy language (IAM User Guide, "IAM policy elements: Variables and tags"): a key
/// with its prefix, perhaps with a default, or one of three characters that have a meaning of their own.
fn is_policy_variable(inside: &str) -> bool {
    let inside = inside.trim();
    if inside.is_empty() || matches!(inside, "*" | "?" | "$") {
        return true;
    }
    let Some((prefix, _)) = inside.split_once(':') else { return false };
    let is_of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    prefix.chars().all(is_of_key) && !REFERENCES.iter().any(|begin| prefix.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::placeholder;

    #[test]
    fn what_terraform_was_to_fill_in() {
        for (text, expected) in [
            ("arn:aws:s3:::${var.bucket}/*", Some("${var.bucket}")),
            ("${local.arn}", Some("${local.arn}")),
            ("${module.lists.arn}", Some("${module.lists.arn}")),
            ("${data.aws_caller_identity.me.account_id}", Some("${data.aws_caller_identity.me.account_id}")),
            ("${each.key}", Some("${each.key}")),
            ("${count.index}", Some("${count.index}")),
            ("${path.module}", Some("${path.module}")),
            ("${self.arn}", Some("${self.arn}")),
            ("${terraform.workspace}", Some("${terraform.workspace}")),
            ("${aws_s3_bucket.lists.arn}/*", Some("${aws_s3_bucket.lists.arn}")),
            ("${var.b ? \"a:b\" : \"c\"}", Some("${var.b ? \"a:b\" : \"c\"}")),
            ("${var.arn}:x", Some("${var.arn}")),
            // What `templatefile` was to fill in, had the file not been read by `file`.
            ("${bucket_arn}/*", Some("${bucket_arn}")),
            ("%{ for arn in arns }x", Some("%{ for arn in arns }")),
            ("arn:aws:s3:::{{ bucket }}/*", Some("{{ bucket }}")),
            ("arn:aws:s3:::<no value>/*", Some("<no value>")),
            ("${aws:username}/${var.x}", Some("${var.x}")),
            ("{{ a }} ${var.x}", Some("{{ a }}")),
        ] {
            assert_eq!(placeholder(text), expected, "{text}");
        }
    }

    #[test]
    fn what_the_policy_language_fills_in() {
        for text in [
            "arn:aws:s3:::b/${aws:username}/*",
            "${AWS:PrincipalTag/team}",
            "${aws:PrincipalTag/team, 'none'}",
            "${s3:prefix}",
            "${iam:PassedToService}",
            "${saml:sub}",
            "${kms:ViaService}",
            "${sts:ExternalId}",
            "${cognito-identity.amazonaws.com:sub}",
            "${token.actions.githubusercontent.com:sub}",
            "${oidc.eks.eu-west-1.amazonaws.com/id/1AB:sub}",
            "${*}",
            "${?}",
            "${$}",
            "${}",
            "${unfinished",
            "%{unfinished",
            "{{unfinished",
            "$100 {a} <value>",
            "",
        ] {
            assert_eq!(placeholder(text), None, "{text}");
        }
    }
}
