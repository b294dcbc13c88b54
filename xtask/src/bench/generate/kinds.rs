//! What the kinds of generated objects have in common.

use serde_json::{Value, json};

use super::{compute, random::Random, security};

/// A resource type, and how its attributes are made up.
pub(super) struct Kind {
    pub(super) resource_type: &'static str,
    /// How often it occurs, beside the others.
    pub(super) weight: u64,
    /// The attributes after the apply.
    pub(super) make: fn(&mut Random, &Place<'_>) -> Value,
    /// Attributes that only the provider knows, after the apply.
    pub(super) computed: &'static [&'static str],
    /// Attributes that are marked sensitive.
    pub(super) sensitive: &'static [&'static str],
}

/// Where an object is.
pub(super) struct Place<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    /// Name of the stack's module.
    pub(super) stack: &'a str,
    /// A name that no other object of its type has.
    pub(super) name: &'a str,
}

impl Place<'_> {
    pub(super) fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{rest}", self.region, self.account)
    }
}

pub(super) fn tags(random: &mut Random, place: &Place<'_>) -> Value {
    json!({
        "CostCentre": format!("cc-{:04}", random.below(10_000)), "Name": place.name,
        "Team": random.pick(&["platform", "payments", "search", "security & risk"]),
    })
}

pub(super) fn tags_all(random: &mut Random, place: &Place<'_>) -> Value {
    let mut tags = tags(random, place);
    tags["Environment"] = json!("production");
    tags["ManagedBy"] = json!("terraform");
    tags["Repository"] = json!(format!("https://git.example.com/infrastructure/{}", place.stack));
    tags
}

/// A kind, by weight. About one in twenty objects is of a type that rules look at.
pub(super) fn pick(random: &mut Random) -> &'static Kind {
    let all = || compute::KINDS.iter().chain(security::KINDS);
    let mut left = random.below(all().map(|kind| kind.weight).sum());
    let found = all().find(|kind| {
        let found = left < kind.weight;
        left = left.saturating_sub(kind.weight);
        found
    });
    found.unwrap_or(&compute::KINDS[0])
}
