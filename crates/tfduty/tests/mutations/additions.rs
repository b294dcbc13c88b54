//! Edits that add something to a document.

use serde_json::{Value, json};

use super::{
    Document, Form,
    places::{
        array, change_of, configuration_address, configuration_prefix, configured_module, list, module_at, module_of,
        remove_member, without_keys,
    },
};

/// Where a resource is added.
struct Place {
    /// The address of the module, nothing for the root.
    module: String,
    /// The provider as the form names it; a `show -json` state names none.
    provider: String,
}

impl Document {
    /// Adds a provider configuration to a plan.
    pub(crate) fn add_provider(&mut self, key: &str, expressions: &Value) {
        self.json["configuration"]["provider_config"][key] = json!({
            "name": "aws", "full_name": "registry.terraform.io/hashicorp/aws",
            "alias": key.split_once('.').unwrap().1, "expressions": expressions,
        });
    }

    /// Adds an output of the root module that refers to an attribute; a plan does not know its value.
    pub(crate) fn add_output(&mut self, name: &str, attribute: &str, value: &Value) {
        let known = json!({ "sensitive": false, "type": "string", "value": value });
        match self.form {
            Form::State => self.json["outputs"][name] = json!({ "type": "string", "value": value }),
            Form::Shown => self.json["values"]["outputs"][name] = known,
            Form::Plan => {
                let resource = attribute.rsplit_once('.').unwrap().0;
                let outputs = &mut self.json["configuration"]["root_module"]["outputs"];
                outputs[name] = json!({ "expression": { "references": [attribute, resource] } });
                self.json["planned_values"]["outputs"][name] = json!({ "sensitive": false });
                self.json["output_changes"][name] = json!({
                    "actions": ["create"], "before": null, "after_unknown": true,
                    "before_sensitive": false, "after_sensitive": false,
                });
            }
        }
    }

    /// Adds a twin of a resource without count, in the same module, with some attributes of its own.
    pub(crate) fn copy(&mut self, address: &str, name: &str, attributes: &[(&str, Value)]) {
        let twin = format!("{}.{name}", address.rsplit_once('.').unwrap().0);
        let rename = |object: &Value| {
            let mut object = object.clone();
            object["name"] = json!(name);
            if object.get("address").is_some() {
                object["address"] = json!(twin);
            }
            object
        };
        if self.form == Form::State {
            let resources = array(&mut self.json["resources"]);
            let found = resources.iter().find(|resource| configuration_address(resource) == address).map(rename);
            resources.push(found.unwrap());
        } else {
            if let Some(item) = self.item(address).map(|item| rename(item)) {
                array(&mut self.json["resource_changes"]).push(item);
            }
            self.each_list(&mut |list| {
                let found = list.iter().find(|object| object["address"] == address).map(rename);
                list.extend(found);
            });
            if self.is_plan() {
                let resource = rename(self.configured(address).unwrap());
                array(&mut self.json["configuration"]["root_module"]["resources"]).push(resource);
            }
        }
        for (attribute, value) in attributes {
            self.set(&twin, attribute, value);
        }
    }

    /// Adds a resource to the root module: deleted in a destroy plan, created in a plan that creates or changes something,
    /// else there already.
    pub(crate) fn insert(&mut self, mode: &str, resource_type: &str, name: &str, attributes: &Value) {
        let provider = match self.form {
            Form::State => format!("provider[\"{}\"]", source_of(resource_type)),
            Form::Plan | Form::Shown => "aws".to_owned(),
        };
        self.add(&Place { module: String::new(), provider }, object_of(mode, resource_type, name), attributes);
    }

    /// Adds a managed resource beside another one: in its module, under its provider.
    pub(crate) fn insert_beside(&mut self, neighbour: &str, resource_type: &str, name: &str, attributes: &Value) {
        let provider = match self.form {
            Form::State => {
                let all = array(&mut self.json["resources"]).iter();
                let resource =
                    all.clone().find(|resource| configuration_prefix(resource) == without_last_key(neighbour));
                resource.unwrap_or_else(|| panic!("{neighbour} is not there"))["provider"].clone()
            }
            Form::Plan => self.configured(neighbour).unwrap()["provider_config_key"].clone(),
            Form::Shown => Value::Null,
        };
        let provider = provider.as_str().unwrap_or_default().to_owned();
        let place = Place { module: module_of(neighbour).to_owned(), provider };
        self.add(&place, object_of("managed", resource_type, name), attributes);
    }

    fn add(&mut self, place: &Place, mut object: Value, attributes: &Value) {
        let address = object["address"].clone();
        if !place.module.is_empty() {
            object["address"] = json!(format!("{}.{}", place.module, address.as_str().unwrap()));
        }
        match self.form {
            Form::State => {
                remove_member(&mut object, "address");
                if !place.module.is_empty() {
                    object["module"] = json!(place.module);
                }
                object["provider"] = json!(place.provider);
                object["instances"] =
                    json!([{ "schema_version": 0, "attributes": attributes, "sensitive_attributes": [] }]);
                array(&mut self.json["resources"]).push(object);
            }
            Form::Shown => {
                object["values"] = attributes.clone();
                object["sensitive_values"] = json!({});
                list(module_at(&mut self.json["values"]["root_module"], &place.module)).push(object);
            }
            Form::Plan => {
                let mut configured = object.clone();
                configured["address"] = address;
                configured["provider_config_key"] = json!(place.provider);
                configured["expressions"] = json!({});
                let path = without_keys(object["address"].as_str().unwrap());
                let (module, _) = configured_module(&mut self.json["configuration"]["root_module"], &path).unwrap();
                list(module).push(configured);
                self.plan(&place.module, object, attributes);
            }
        }
    }

    /// Adds an object to what a plan speaks of.
    fn plan(&mut self, module: &str, mut object: Value, attributes: &Value) {
        let managed = object["mode"] == "managed";
        let mut planned = object.clone();
        planned["values"] = attributes.clone();
        planned["sensitive_values"] = json!({});
        if managed && self.is_destroy() {
            let item = change_of(&planned, &["delete"], attributes, &Value::Null);
            array(&mut self.json["resource_changes"]).push(item);
            list(module_at(&mut self.json["prior_state"]["values"]["root_module"], module)).push(planned);
            return;
        }
        list(module_at(&mut self.json["planned_values"]["root_module"], module)).push(planned.clone());
        if self.json.get("resource_changes").is_some() && managed {
            if !module.is_empty() {
                object["module_address"] = json!(module);
            }
            object["change"] = json!({
                "actions": ["create"], "before": null, "after": attributes, "after_unknown": { "id": true },
                "before_sensitive": false, "after_sensitive": {},
            });
            array(&mut self.json["resource_changes"]).push(object);
        } else {
            list(module_at(&mut self.json["prior_state"]["values"]["root_module"], module)).push(planned);
        }
    }
}

/// A resource without attributes.
fn object_of(mode: &str, resource_type: &str, name: &str) -> Value {
    let prefix = if mode == "data" { "data." } else { "" };
    json!({
        "address": format!("{prefix}{resource_type}.{name}"), "mode": mode, "type": resource_type, "name": name,
        "provider_name": source_of(resource_type), "schema_version": 0,
    })
}

fn source_of(resource_type: &str) -> String {
    format!("registry.terraform.io/hashicorp/{}", resource_type.split_once('_').unwrap().0)
}

/// The address of a resource's instance without its own key.
fn without_last_key(address: &str) -> &str {
    if address.ends_with(']') { address.rsplit_once('[').unwrap().0 } else { address }
}
