//! Values that a document marks as sensitive, in any of the ways Terraform has.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};

/// Too short to be told from other text.
const SHORTEST: usize = 6;

/// Everything sensitive in the plans and states of a folder. What is ephemeral is in no state and must be in no report.
pub(crate) fn of_folder(folder: &Path) -> BTreeSet<String> {
    let mut secrets = BTreeSet::from(["ephemeral-value".to_owned()]);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json" || extension == "tfstate") {
            let document: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            of_variables(&document, &mut secrets);
            visit(&document, &mut |object| of_object(object, &mut secrets));
        }
    }
    secrets
}

/// Variables say in the configuration whether they are sensitive.
fn of_variables(document: &Value, secrets: &mut BTreeSet<String>) {
    let declared = document.pointer("/configuration/root_module/variables").and_then(Value::as_object);
    for (name, variable) in declared.into_iter().flatten() {
        if variable["sensitive"] == true {
            texts(&document["variables"][name]["value"], secrets);
            texts(&variable["default"], secrets);
        }
    }
}

/// One object of the JSON: a change, an instance, a resource with its values, an output.
fn of_object(object: &Value, secrets: &mut BTreeSet<String>) {
    for (values, marks) in [
        ("before", "before_sensitive"),
        ("after", "after_sensitive"),
        ("values", "sensitive_values"),
        ("value", "sensitive"),
    ] {
        if let (Some(values), Some(marks)) = (object.get(values), object.get(marks)) {
            marked(values, marks, secrets);
        }
    }
    for path in object.get("sensitive_attributes").and_then(Value::as_array).into_iter().flatten() {
        let steps = path.as_array().unwrap().iter();
        let value = steps.fold(&object["attributes"], |value, step| match &step["value"] {
            Value::String(name) => &value[name],
            key => value.get(key["value"].as_u64().map_or(0, |index| usize::try_from(index).unwrap())).unwrap(),
        });
        texts(value, secrets);
    }
}

/// The part of a value that its tree of marks covers.
fn marked(values: &Value, marks: &Value, secrets: &mut BTreeSet<String>) {
    match marks {
        Value::Bool(true) => texts(values, secrets),
        Value::Object(marks) => marks.iter().for_each(|(name, marks)| marked(&values[name], marks, secrets)),
        Value::Array(marks) => {
            let values = values.as_array().into_iter().flatten();
            values.zip(marks).for_each(|(value, marks)| marked(value, marks, secrets));
        }
        _ => {}
    }
}

/// Every text below a value, and every line of it.
fn texts(value: &Value, secrets: &mut BTreeSet<String>) {
    visit(value, &mut |value| {
        let text = value.as_str().unwrap_or_default();
        let parts = text.lines().map(str::trim).chain([text]);
        secrets.extend(parts.filter(|part| part.len() >= SHORTEST).map(str::to_owned));
    });
}

fn visit(value: &Value, seen: &mut dyn FnMut(&Value)) {
    seen(value);
    match value {
        Value::Object(members) => members.values().for_each(|value| visit(value, seen)),
        Value::Array(items) => items.iter().for_each(|value| visit(value, seen)),
        _ => {}
    }
}

/// Marks every attribute of every object as sensitive.
pub(crate) fn mark_everything(document: &mut Value) {
    match document {
        Value::Object(members) => {
            for name in ["before_sensitive", "after_sensitive", "sensitive_values"] {
                if let Some(marks) = members.get_mut(name) {
                    *marks = json!(true);
                }
            }
            if let Some(Value::Object(attributes)) = members.get("attributes") {
                let paths: Vec<Value> =
                    attributes.keys().map(|name| json!([{ "type": "get_attr", "value": name }])).collect();
                members.insert("sensitive_attributes".to_owned(), json!(paths));
            }
            members.values_mut().for_each(mark_everything);
        }
        Value::Array(items) => items.iter_mut().for_each(mark_everything),
        _ => {}
    }
}

/// What findings are about: texts that stand in attributes and in nothing that may be shown. A finding names its
/// account.
pub(crate) fn telling_values(document: &Value) -> BTreeSet<String> {
    let mut secrets = BTreeSet::new();
    visit(document, &mut |object| {
        for name in ["before", "after", "values", "attributes"] {
            for attribute in ["location", "key", "bucket", "content", "etag", "arn", "id", "detector_id"] {
                if object[name][attribute].is_string() {
                    texts(&object[name][attribute], &mut secrets);
                }
            }
        }
    });
    secrets.retain(|secret| !secret.bytes().all(|byte| byte.is_ascii_digit()));
    assert!(!secrets.is_empty());
    secrets
}
