//! The list's bucket is in another region than the detector.
//!
//! ## Why it matters
//!
//! It works. But when the bucket's region has an outage, the detector's region cannot load its lists: one failing region
//! then blinds another one. AWS does not forbid it in any sentence we know.
//!
//! ## How to fix it
//!
//! Keep a list next to its detector: a bucket in that region.
//!
//! ```hcl
//! resource "aws_s3_bucket" "lists" {
//!   provider = aws.eu_west_1   # the detector's
//!   bucket   = "lists-eu-west-1"
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"}}]},
//!   {"mode": "managed", "type": "aws_s3_bucket", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "lists", "bucket": "lists", "region": "eu-west-1"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"}}]},
//!   {"mode": "managed", "type": "aws_s3_bucket", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].us",
//!    "instances": [{"attributes": {"id": "lists", "bucket": "lists", "region": "us-west-2"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The bucket is not among the inputs, or one of the two regions is not known.
//! - One bucket that serves detectors in several regions is reported once, not once for each list.
//!
//! It is never undecided.
//!
//! ## References
//!
//! - Reasoned: AWS does not document this. A wrong region *in the URL* is `list-location-invalid`.

use std::collections::BTreeMap;

use crate::{
    context::{Context, Draft, Label},
    facts::Fact,
    graph::Bucket,
    object::ObjectId,
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "list-bucket-region",
    severity: Severity::Advice,
    certainty: Certainty::Reasoned,
    commands: &[Command::Check],
    file: include_str!("list_bucket_region.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    let (estate, graph) = (context.estate, context.graph);
    let mut sets: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
    for set in &graph.sets {
        match graph.bucket_of_set(estate, set) {
            Some(Bucket::Object(bucket)) => sets.entry(bucket).or_default().push(set.id),
            _ => context.skip(set.id),
        }
    }
    for (bucket, sets) in sets {
        let object = estate.object(bucket);
        let region = object.region.as_ref();
        let elsewhere: Vec<(ObjectId, &Fact)> = sets
            .iter()
            .filter_map(|set| Some((*set, graph.region_of_detector(estate, *set)?)))
            .filter(|(_, detector)| region.is_some_and(|region| region != *detector))
            .collect();
        let known = sets.iter().all(|set| graph.region_of_detector(estate, *set).is_some());
        match (elsewhere.first(), region) {
            (Some((_, detector)), Some(region)) => {
                let (region, there) = (shown(region), shown(detector));
                let label = |(set, detector): &(ObjectId, &Fact)| -> Label {
                    context.label(*set, &["location"], format!("read by the detector in {}", shown(detector)))
                };
                let draft = Draft {
                    message: format!(
                        "the bucket is in {region}, the detector that reads a list from it in {there}: it works, but a failing \
                         region then blinds another one (AWS does not document this)"
                    ),
                    help: format!("keep the list next to its detector: a bucket in {there}"),
                    attribute: "region",
                    discriminator: String::new(),
                    anchor: context.region_anchor(bucket, format!("in {region}")),
                    related: elsewhere.iter().map(label).collect(),
                };
                context.fail(bucket, draft);
            }
            (None, Some(_)) if known => context.pass(bucket),
            _ => context.skip(bucket),
        }
    }
}

fn shown(region: &Fact) -> &str {
    region.shown_or("a region that is not shown (sensitive)")
}

#[cfg(test)]
mod tests;
