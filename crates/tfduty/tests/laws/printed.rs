//! JSON, written in other ways than Terraform's.

use serde_json::Value;

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Order {
    /// The names of each object in their order, as `jq -S` writes them.
    Sorted,
    /// The other way round, with white space wherever it may stand.
    Reversed,
}

pub(crate) fn printed(value: &Value, order: Order) -> String {
    let mut out = String::new();
    print(value, order, &mut out);
    out
}

fn print(value: &Value, order: Order, out: &mut String) {
    let blank = if order == Order::Reversed { " \n\t" } else { "" };
    let mut separator = "";
    out.push_str(blank);
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            if order == Order::Reversed {
                members.reverse();
            }
            out.push('{');
            for (name, value) in members {
                out.push_str(separator);
                print(&Value::String(name.clone()), order, out);
                out.push(':');
                print(value, order, out);
                separator = ",";
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                out.push_str(separator);
                print(item, order, out);
                separator = ",";
            }
            out.push(']');
        }
        value => out.push_str(&value.to_string()),
    }
    out.push_str(blank);
}
