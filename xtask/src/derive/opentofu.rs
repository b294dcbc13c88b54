//! What OpenTofu 1.12 would have written: another registry, and members of its own.

use super::json::Json;
use crate::Failure;

const VERSION: &str = "1.12.0";
const TERRAFORM_REGISTRY: &str = "registry.terraform.io";
const OPENTOFU_REGISTRY: &str = "registry.opentofu.org";

/// Destroying forgets it: `lifecycle { destroy = false }` was in its block.
const KEPT: (&str, &str) = ("aws_s3_bucket", "export");

/// Its block says `provider = aws.by_region["eu-west-1"]`.
const KEYED: (&str, &str) = ("aws_guardduty_detector_feature", "others");
const KEYED_PROVIDER: &str = r#"provider["registry.opentofu.org/hashicorp/aws"].by_region["eu-west-1"]"#;

/// A raw state: one instance has `skip_destroy`, and one resource names its provider on each instance.
pub(super) fn state(real: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut state = read(real)?;
    for resource in state.items_mut("resources") {
        let is = |(kind, name)| resource.text("type") == Some(kind) && resource.text("name") == Some(name);
        let (kept, keyed) = (is(KEPT), is(KEYED));
        if keyed {
            resource.remove("provider");
        }
        for instance in resource.items_mut("instances") {
            if kept {
                instance.push("skip_destroy", Json::Bool(true));
            }
            if let (true, Json::Object(members)) = (keyed, instance) {
                let place = members.iter().position(|(name, _)| name == "schema_version").unwrap_or_default();
                members.insert(place, ("provider".to_owned(), KEYED_PROVIDER.into()));
            }
        }
    }
    state.indented("  ")
}

/// A plan as `tofu show -json` writes it: it has no `applyable` and no `complete`.
pub(super) fn plan(real: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut plan = read(real)?;
    plan.remove("applyable");
    plan.remove("complete");
    plan.on_one_line()
}

fn read(real: &[u8]) -> Result<Json, Failure> {
    let text = String::from_utf8(real.to_vec())?.replace(TERRAFORM_REGISTRY, OPENTOFU_REGISTRY);
    let mut document = Json::read(text.as_bytes())?;
    document.push("terraform_version", VERSION.into());
    if let Some(prior) = document.get_mut("prior_state") {
        prior.push("terraform_version", VERSION.into());
    }
    Ok(document)
}
