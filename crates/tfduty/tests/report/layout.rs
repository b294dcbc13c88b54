//! The same JSON, written in other ways.

use serde_json::Value;

/// What was done to a document, and its text then.
pub(crate) fn variants(text: &str) -> Vec<(&'static str, String)> {
    let json: Value = serde_json::from_str(text).unwrap();
    let indented = serde_json::to_string_pretty(&json).unwrap();
    vec![
        ("keys in byte order, on one line", json.to_string()),
        ("indented", indented.clone()),
        ("indented, lines ended by CR and LF", indented.replace('\n', "\r\n") + "\r\n"),
        ("indented by tabs", indented.replace("  ", "\t")),
        ("a byte order mark", format!("\u{feff}{text}")),
        ("keys in reverse order", reversed(&json)),
    ]
}

/// On one line, the last key first.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .rev()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), reversed(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}
