//! Where the objects of a plan, a raw state or a `show -json` state are, and what their addresses are.

use serde_json::{Map, Value, json};

/// An address without the keys of its instances: the address of the resource.
pub(crate) fn without_keys(address: &str) -> String {
    let mut plain = String::new();
    let mut parts = address.split('[');
    plain.push_str(parts.next().unwrap());
    for part in parts {
        plain.push_str(part.split_once(']').unwrap().1);
    }
    plain
}

/// Takes a name out of a list, adds another, and says how many there are then.
pub(crate) fn depend(object: &mut Value, member: &str, without: Option<&str>, with: Option<&str>) -> usize {
    let mut all = object.get(member).cloned().unwrap_or(json!([]));
    array(&mut all).retain(|one| one.as_str() != without);
    array(&mut all).extend(with.map(|one| json!(one)));
    let count = array(&mut all).len();
    object[member] = all;
    count
}

/// The item of a plan for an object.
pub(crate) fn change_of(object: &Value, actions: &[&str], before: &Value, after: &Value) -> Value {
    let mut item = object.clone();
    for member in ["values", "sensitive_values", "schema_version", "depends_on"] {
        remove_member(&mut item, member);
    }
    item["change"] = json!({
        "actions": actions, "before": before, "after": after, "after_unknown": {},
        "before_sensitive": {}, "after_sensitive": {},
    });
    item
}

/// The object of an address in a module or below it.
pub(crate) fn in_modules<'a>(module: &'a mut Value, address: &str) -> Option<&'a mut Value> {
    let Value::Object(members) = module else { return None };
    for (name, list) in members {
        let Value::Array(list) = list else { continue };
        let found = match name.as_str() {
            "resources" => list.iter_mut().find(|object| address_of(object) == address),
            _ => list.iter_mut().find_map(|module| in_modules(module, address)),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The address of the module that an object is in, nothing for the root.
pub(crate) fn module_of(address: &str) -> &str {
    let mut rest = address;
    while let Some(after) = rest.strip_prefix("module.") {
        // A key may hold a dot, and is quoted then: the name ends at the first dot behind it.
        let dot = match after.find(['.', '[']) {
            Some(place) if after[place..].starts_with('[') => after.find("].").unwrap() + 1,
            place => place.unwrap(),
        };
        rest = &after[dot + 1..];
    }
    address[..address.len() - rest.len()].trim_end_matches('.')
}

/// The module of an address in the values of a plan or a `show -json` state.
pub(crate) fn module_at<'a>(module: &'a mut Value, address: &str) -> &'a mut Value {
    if address.is_empty() || module["address"] == address {
        return module;
    }
    let holds = |child: &Value| {
        let rest = address.strip_prefix(child["address"].as_str().unwrap());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let child = array(&mut module["child_modules"]).iter_mut().find(|child| holds(child));
    module_at(child.unwrap_or_else(|| panic!("{address} is not there")), address)
}

/// The module of a plan's configuration that an address without keys is in, and the address in it.
pub(crate) fn configured_module<'a, 'b>(root: &'a mut Value, address: &'b str) -> Option<(&'a mut Value, &'b str)> {
    let (mut module, mut rest) = (root, address);
    while let Some((name, after)) = rest.strip_prefix("module.").and_then(|rest| rest.split_once('.')) {
        module = module.get_mut("module_calls")?.get_mut(name)?.get_mut("module")?;
        rest = after;
    }
    Some((module, rest))
}

/// Every list of objects of a module and below it.
pub(crate) fn lists(module: &mut Value, visit: &mut dyn FnMut(&mut Vec<Value>)) {
    if let Some(list) = module.get_mut("resources") {
        visit(array(list));
    }
    if let Some(children) = module.get_mut("child_modules") {
        for child in array(children) {
            lists(child, visit);
        }
    }
}

/// The address of a raw state's resource with the keys of its module.
pub(crate) fn configuration_prefix(resource: &Value) -> String {
    let text = |name: &str| resource[name].as_str().unwrap_or_default();
    let module = resource.get("module").map_or(String::new(), |module| format!("{}.", module.as_str().unwrap()));
    let mode = if text("mode") == "data" { "data." } else { "" };
    format!("{module}{mode}{}.{}", text("type"), text("name"))
}

/// The address of a raw state's resource in the configuration.
pub(crate) fn configuration_address(resource: &Value) -> String {
    without_keys(&configuration_prefix(resource))
}

/// The address of an instance of a raw state's resource.
pub(crate) fn instance_address(path: &str, instance: &Value) -> String {
    let address = instance.get("index_key").map_or(path.to_owned(), |key| format!("{path}[{key}]"));
    with_key(address, instance.get("deposed"))
}

/// The address of a plan's item, or of an object of plan or state JSON.
pub(crate) fn address_of(object: &Value) -> String {
    let address = object["address"].as_str().unwrap_or_default().to_owned();
    with_key(address, object.get("deposed").or_else(|| object.get("deposed_key")))
}

fn with_key(address: String, deposed: Option<&Value>) -> String {
    match deposed.and_then(Value::as_str) {
        Some(key) => format!("{address} (deposed {key})"),
        None => address,
    }
}

/// A place below a value; the parts of a path are joined by dots. A missing member is made, a missing element is not.
pub(crate) fn at<'a>(value: &'a mut Value, path: &str) -> &'a mut Value {
    path.split('.').fold(value, |value, part| match part.parse::<usize>() {
        Ok(index) => &mut value[index],
        Err(_) => &mut value[part],
    })
}

/// Takes what is at a path away, where there is something.
pub(crate) fn remove_at(value: &mut Value, path: &str) {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let pointer = if parent.is_empty() { String::new() } else { format!("/{}", parent.replace('.', "/")) };
    if let Some(parent) = value.pointer_mut(&pointer) {
        remove_member(parent, name);
    }
}

/// A value as an expression of a plan's configuration: a list of blocks is a list, each argument in it an expression of
/// its own. Of a list without elements the expression that it replaces tells which it is.
pub(crate) fn constant(value: &Value, before: &Value) -> Value {
    match value {
        Value::Array(blocks) if before.is_array() || blocks.iter().any(Value::is_object) => {
            blocks.iter().map(block).collect()
        }
        _ => json!({ "constant_value": value }),
    }
}

fn block(value: &Value) -> Value {
    let arguments = value.as_object().into_iter().flatten();
    arguments.map(|(name, value)| (name.clone(), constant(value, &Value::Null))).collect::<Map<_, _>>().into()
}

pub(crate) fn remove_member(value: &mut Value, name: &str) {
    if let Value::Object(members) = value {
        members.remove(name);
    }
}

pub(crate) fn array(value: &mut Value) -> &mut Vec<Value> {
    value.as_array_mut().unwrap()
}

pub(crate) fn list(module: &mut Value) -> &mut Vec<Value> {
    if module.is_null() {
        *module = Value::Object(Map::new());
    }
    array(module.as_object_mut().unwrap().entry("resources").or_insert(json!([])))
}
