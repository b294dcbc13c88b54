//! Version 6 of the AWS provider, from what version 5 wrote: every regional object has a `region`.

use super::json::Json;
use crate::Failure;

const VERSION: &str = "6.25.0";

/// The estates that this is applied to live in one region.
const REGION: &str = "eu-west-1";

/// What has no region in version 6 either, besides all of IAM.
const GLOBAL: [&str; 2] = ["aws_caller_identity", "aws_partition"];

/// A plan as `terraform show -json` writes it.
pub(super) fn plan(real: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut plan = Json::read(real)?;
    if let Some(root) = plan.get_mut("planned_values").and_then(|values| values.get_mut("root_module")) {
        module(root);
    }
    for list in ["resource_changes", "resource_drift"] {
        for item in plan.items_mut(list) {
            let kind = item.text("type").unwrap_or_default().to_owned();
            if let Some(change) = item.get_mut("change") {
                for side in ["before", "after"] {
                    if let Some(values) = change.get_mut(side) {
                        attributes(&kind, values);
                    }
                }
                if let Some(unknown) = change.get_mut("after_unknown") {
                    unknown_attributes(&kind, unknown);
                }
            }
        }
    }
    let prior = plan.get_mut("prior_state").and_then(|prior| prior.get_mut("values"));
    if let Some(root) = prior.and_then(|values| values.get_mut("root_module")) {
        module(root);
    }
    let providers = plan.get_mut("configuration").and_then(|configuration| configuration.get_mut("provider_config"));
    if let Some(Json::Object(providers)) = providers {
        for (_, provider) in providers {
            provider.push("version_constraint", VERSION.into());
        }
    }
    plan.on_one_line()
}

/// A raw state.
pub(super) fn state(real: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut state = Json::read(real)?;
    for resource in state.items_mut("resources") {
        let kind = resource.text("type").unwrap_or_default().to_owned();
        for instance in resource.items_mut("instances") {
            if let Some(values) = instance.get_mut("attributes") {
                attributes(&kind, values);
            }
        }
    }
    state.indented("  ")
}

fn module(module: &mut Json) {
    for resource in module.items_mut("resources") {
        let kind = resource.text("type").unwrap_or_default().to_owned();
        if let Some(values) = resource.get_mut("values") {
            attributes(&kind, values);
        }
    }
    for child in module.items_mut("child_modules") {
        self::module(child);
    }
}

/// In version 5 a bucket's `region` is what AWS says; version 6 calls that `bucket_region`, and `region` is an argument
/// like everywhere else.
fn attributes(kind: &str, values: &mut Json) {
    if values.members().is_empty() || is_global(kind) {
        return;
    }
    if kind == "aws_s3_bucket"
        && let Some(region) = values.remove("region")
    {
        values.set("bucket_region", region);
    }
    if kind == "aws_guardduty_organization_configuration" {
        values.remove("auto_enable");
    }
    values.set("region", REGION.into());
}

/// The argument is known in every plan: the provider's own region stands in for it.
fn unknown_attributes(kind: &str, unknown: &mut Json) {
    if kind == "aws_s3_bucket"
        && let Some(region) = unknown.remove("region")
    {
        unknown.set("bucket_region", region);
    }
    if kind == "aws_guardduty_organization_configuration" {
        unknown.remove("auto_enable");
    }
}

fn is_global(kind: &str) -> bool {
    !kind.starts_with("aws_") || kind.starts_with("aws_iam_") || GLOBAL.contains(&kind)
}
