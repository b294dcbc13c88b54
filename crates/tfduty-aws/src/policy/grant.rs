//! Grants: rights to a key that stand beside its policy.

use super::compare::{Reading, Style};
use super::holes::Holes;
use super::keys::FactName;
use super::request::{Caller, Request};
use super::subject::Subject;
use super::text::Text;
use crate::truth::Truth;

/// A grant of a KMS key (AWS KMS Developer Guide, "Grants in AWS KMS").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The ARN of whom it is for.
    pub grantee: Text,
    /// What it is for: `Decrypt`.
    pub operations: Vec<Text>,
    /// What the encryption context must be.
    pub constraints: Vec<Constraint>,
}

/// What a grant asks of the encryption context, exactly and with upper and lower case (AWS KMS API Reference,
/// `GrantConstraints`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constraint {
    /// It has these pairs and no others.
    Equals(Vec<(Text, Text)>),
    /// It has these pairs.
    Subset(Vec<(Text, Text)>),
    /// It is not known what is asked.
    Unknown,
}

/// Whether `grant` lets R decrypt.
pub(super) fn allows(grant: &Grant, request: &Request, holes: &dyn Holes) -> Truth {
    let Caller::Role(role) = &request.caller else {
        return Truth::Unknown;
    };
    // Grants have no policy variables.
    let reading = Reading { holes, variables: Truth::False };
    let is = |text: &Text, subject: &Subject| reading.compare(text, subject, Style::EXACT);
    let grantee = is(&grant.grantee, &role.subject());
    let operation = Truth::any(grant.operations.iter().map(|operation| is(operation, &Subject::from("Decrypt"))));
    let constraints = grant.constraints.iter().map(|constraint| meets(constraint, request, reading));
    grantee.and(operation).and(Truth::all(constraints))
}

/// Whether the encryption context that S3 gives, its one pair, meets `constraint`.
fn meets(constraint: &Constraint, request: &Request, reading: Reading<'_>) -> Truth {
    let pairs = match constraint {
        Constraint::Equals(pairs) if pairs.is_empty() => return Truth::False,
        Constraint::Equals(pairs) | Constraint::Subset(pairs) => pairs,
        Constraint::Unknown => return Truth::Unknown,
    };
    let name = Subject::from("aws:s3:arn");
    let values = request.fact(FactName::Context).iter();
    let met = values.map(|value| {
        Truth::all(pairs.iter().map(|(its_name, its_value)| {
            let same_name = reading.compare(its_name, &name, Style::EXACT);
            same_name.and(reading.compare(its_value, value, Style::EXACT))
        }))
    });
    Truth::agreed(met).unwrap_or(Truth::Unknown)
}
