//! The state that Terraform 0.11 would have written: version 3, in which every attribute is a string.

use super::json::{Json, object};
use crate::Failure;

const TERRAFORM: &str = "0.11.15";

/// Resource types of provider 2.70, the last one for Terraform 0.11.
const EXISTED: [&str; 24] = [
    "aws_caller_identity",
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_event_target",
    "aws_cloudwatch_log_group",
    "aws_guardduty_detector",
    "aws_guardduty_ipset",
    "aws_guardduty_threatintelset",
    "aws_iam_group",
    "aws_iam_group_membership",
    "aws_iam_group_policy",
    "aws_iam_policy_document",
    "aws_iam_role",
    "aws_iam_user",
    "aws_kms_key",
    "aws_lambda_function",
    "aws_lambda_permission",
    "aws_partition",
    "aws_s3_bucket",
    "aws_s3_bucket_object",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_sns_topic",
    "aws_sns_topic_policy",
    "aws_sns_topic_subscription",
];

/// Today's name of one of them.
const RENAMED: (&str, &str) = ("aws_s3_object", "aws_s3_bucket_object");

/// Attributes that are sets: a set's element is found by the hash of its value, not by its place.
const SETS: [&str; 8] =
    ["actions", "condition", "grant", "identifiers", "permissions", "principals", "resources", "users"];

/// Attributes that came with later providers.
const LATER: [&str; 1] = ["tags_all"];

/// A raw state, of root resources without an index: Terraform 0.11 had no `for_each`.
pub(super) fn state(real: &[u8]) -> Result<Vec<u8>, Failure> {
    let real = Json::read(real)?;
    let mut outputs = Vec::new();
    for (name, output) in real.get("outputs").map(Json::members).unwrap_or_default() {
        let sensitive = Json::Bool(output.get("sensitive").is_some());
        let part = |key| output.get(key).cloned().unwrap_or(Json::Null);
        outputs
            .push((name.clone(), object([("sensitive", sensitive), ("type", part("type")), ("value", part("value"))])));
    }
    let mut resources = Vec::new();
    for resource in real.items("resources") {
        if let Some(kind) = resource.text("type").and_then(name_then) {
            resources.push(converted(resource, kind)?);
        }
    }
    resources.sort_by(|(one, _), (other, _)| one.cmp(other));
    let part = |key| real.get(key).cloned().unwrap_or(Json::Null);
    let root = object([
        ("path", Json::List(vec!["root".into()])),
        ("outputs", Json::Object(outputs)),
        ("resources", Json::Object(resources)),
        ("depends_on", Json::List(Vec::new())),
    ]);
    object([
        ("version", Json::Number(3.into())),
        ("terraform_version", TERRAFORM.into()),
        ("serial", part("serial")),
        ("lineage", part("lineage")),
        ("modules", Json::List(vec![root])),
    ])
    .indented("    ")
}

/// What a type was called then, if there was one.
fn name_then(kind: &str) -> Option<&'static str> {
    let kind = if kind == RENAMED.0 { RENAMED.1 } else { kind };
    EXISTED.into_iter().find(|&name| name == kind)
}

/// The key and the value of a resource in its module.
fn converted(resource: &Json, kind: &str) -> Result<(String, Json), Failure> {
    let name = resource.text("name").unwrap_or_default();
    let [instance] = resource.items("instances") else {
        return Err(format!("{kind}.{name}: one instance expected").into());
    };
    let mut flat = Vec::new();
    for (key, value) in instance.get("attributes").map(Json::members).unwrap_or_default() {
        if !LATER.contains(&key.as_str()) {
            flatten(key, value, SETS.contains(&key.as_str()), &mut flat);
        }
    }
    flat.sort();
    let id = flat.iter().find(|(key, _)| key == "id").map(|(_, id)| id.as_str()).unwrap_or_default().to_owned();
    let meta = match instance.get("schema_version") {
        Some(Json::Number(version)) if version.as_u64() != Some(0) => {
            object([("schema_version", version.to_string().as_str().into())])
        }
        _ => object([]),
    };
    let primary = object([
        ("id", id.as_str().into()),
        ("attributes", Json::Object(flat.into_iter().map(|(key, value)| (key, Json::Text(value))).collect())),
        ("meta", meta),
        ("tainted", Json::Bool(false)),
    ]);
    let depends_on = instance.items("dependencies").iter().filter_map(dependency_then).collect();
    let data = if resource.text("mode") == Some("data") { "data." } else { "" };
    let value = object([
        ("type", kind.into()),
        ("depends_on", Json::List(depends_on)),
        ("primary", primary),
        ("deposed", Json::List(Vec::new())),
        ("provider", "provider.aws".into()),
    ]);
    Ok((format!("{data}{kind}.{name}"), value))
}

fn dependency_then(dependency: &Json) -> Option<Json> {
    let Json::Text(address) = dependency else {
        return None;
    };
    let (data, address) = address.strip_prefix("data.").map_or(("", address.as_str()), |rest| ("data.", rest));
    let (kind, name) = address.split_once('.')?;
    Some(Json::Text(format!("{data}{}.{name}", name_then(kind)?)))
}

/// Flattens a value: `x.#` counts a list or a set, `x.%` a map; nothing stands for null.
fn flatten(key: &str, value: &Json, is_set: bool, flat: &mut Vec<(String, String)>) {
    match value {
        Json::Null => {}
        Json::Bool(value) => flat.push((key.to_owned(), value.to_string())),
        Json::Number(number) => flat.push((key.to_owned(), number.to_string())),
        Json::Text(text) => flat.push((key.to_owned(), text.clone())),
        Json::List(items) => {
            flat.push((format!("{key}.#"), items.len().to_string()));
            for (place, item) in items.iter().enumerate() {
                let element = if is_set { format!("{key}.{}", hash(item)) } else { format!("{key}.{place}") };
                match item {
                    Json::Object(members) => {
                        for (name, value) in members {
                            flatten(&format!("{element}.{name}"), value, SETS.contains(&name.as_str()), flat);
                        }
                    }
                    _ => flatten(&element, item, false, flat),
                }
            }
        }
        Json::Object(members) => {
            flat.push((format!("{key}.%"), members.len().to_string()));
            for (name, value) in members {
                flatten(&format!("{key}.{name}"), value, false, flat);
            }
        }
    }
}

/// The hash that the provider used for strings: CRC-32. For blocks it hashed a text of its own, here it is their JSON.
fn hash(item: &Json) -> u32 {
    let text = match item {
        Json::Text(text) => text.clone(),
        other => serde_json::to_string(other).unwrap_or_default(),
    };
    let crc = text.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    });
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_hash_as_they_did() {
        assert_eq!(hash(&"123456789".into()), 0xCBF4_3926, "the check value of CRC-32");
    }

    #[test]
    fn lists_maps_sets_and_blocks_become_flat() {
        let json =
            Json::read(br#"{"tags": {"a": "b"}, "rule": [{"on": true, "users": ["x"]}], "none": null}"#).unwrap();
        let mut flat = Vec::new();
        for (key, value) in json.members() {
            flatten(key, value, false, &mut flat);
        }
        let flat: Vec<_> = flat.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let user = format!("rule.0.users.{}", hash(&"x".into()));
        assert_eq!(
            flat,
            [
                ("tags.%", "1"),
                ("tags.a", "b"),
                ("rule.#", "1"),
                ("rule.0.on", "true"),
                ("rule.0.users.#", "1"),
                (user.as_str(), "x"),
            ]
        );
    }
}
