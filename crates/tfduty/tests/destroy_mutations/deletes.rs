//! Edits that only what a destroy reads needs.

use serde_json::{Value, json};

use super::document::{
    Document, Form,
    places::{address_of, array, change_of, list, remove_member},
};

impl Document {
    /// Lets a destroy plan delete an object that it forgets or leaves out.
    pub(crate) fn delete(&mut self, address: &str) {
        self.act(address, &["delete"], &[]);
        self.each_planned(&mut |objects| objects.retain(|object| address_of(object) != address));
    }

    /// Turns any plan into the destroy plan of what it leaves: every object that it speaks of goes, and every other one that
    /// was there.
    pub(crate) fn delete_all(&mut self) {
        self.json["planned_values"] = json!({ "root_module": {} });
        remove_member(&mut self.json, "resource_drift");
        let mut objects = Vec::new();
        self.each_list(&mut |list| objects.append(list));
        for item in self.json["resource_changes"].as_array().into_iter().flatten() {
            let change = &item["change"];
            let mut object = item.clone();
            object["values"] = if change["after"].is_null() { &change["before"] } else { &change["after"] }.clone();
            remove_member(&mut object, "change");
            objects.retain(|other| address_of(other) != address_of(&object));
            objects.push(object);
        }
        let managed = objects.iter().filter(|object| object["mode"] == "managed");
        let items: Vec<_> =
            managed.map(|object| change_of(object, &["delete"], &object["values"], &Value::Null)).collect();
        self.json["resource_changes"] = json!(items);
        self.json["prior_state"]["values"] = json!({ "root_module": { "resources": objects } });
    }

    /// Leaves a plan nothing to do, and nothing that was there.
    pub(crate) fn empty(&mut self) {
        for member in ["resource_changes", "resource_drift", "prior_state"] {
            remove_member(&mut self.json, member);
        }
        self.json["planned_values"] = json!({ "root_module": {} });
    }

    /// Lets `planned_values` hold an object that the plan is said to delete.
    pub(crate) fn plan_to_keep(&mut self, address: &str) {
        let object = self.object(address).unwrap_or_else(|| panic!("{address} is not there")).clone();
        list(&mut self.json["planned_values"]["root_module"]).push(object);
    }

    /// Writes a member of the whole document; `null` takes it away.
    pub(crate) fn mark(&mut self, member: &str, value: Value) {
        if value.is_null() {
            assert!(self.json.get(member).is_some(), "{member} is not there");
            remove_member(&mut self.json, member);
        } else {
            self.json[member] = value;
        }
    }

    /// Writes a member of an instance, beside its attributes.
    pub(crate) fn mark_instance(&mut self, address: &str, member: &str, value: Value) {
        self.object(address).unwrap_or_else(|| panic!("{address} is not there"))[member] = value;
    }

    /// Marks an object of a state as half-made.
    pub(crate) fn mark_tainted(&mut self, address: &str) {
        if self.is_raw() {
            self.mark_instance(address, "status", json!("tainted"));
        } else {
            self.mark_instance(address, "tainted", json!(true));
        }
    }

    /// Marks an object of a state as the old copy of one that was replaced.
    pub(crate) fn mark_deposed(&mut self, address: &str, key: &str) {
        let member = if self.is_raw() { "deposed" } else { "deposed_key" };
        self.mark_instance(address, member, json!(key));
    }

    /// Writes the provisioners of a resource into a plan's configuration; none takes them away.
    pub(crate) fn provision(&mut self, address: &str, commands: &[Value]) {
        let provisioner = |command: &Value| json!({ "type": "local-exec", "expressions": { "command": command } });
        let all: Vec<Value> = commands.iter().map(provisioner).collect();
        let resource = self.configured(address).unwrap_or_else(|| panic!("{address} is not in the configuration"));
        resource["provisioners"] = json!(all);
    }

    /// Takes the block of a resource out of a plan's configuration.
    pub(crate) fn unconfigure(&mut self, address: &str) {
        let blocks = array(&mut self.json["configuration"]["root_module"]["resources"]);
        let before = blocks.len();
        blocks.retain(|block| block["address"] != address);
        assert!(blocks.len() < before, "{address} is not in the configuration");
    }

    /// Adds a resource without instances to a raw state.
    pub(crate) fn insert_shell(&mut self, resource_type: &str, name: &str) {
        assert_eq!(self.form, Form::State);
        array(&mut self.json["resources"]).push(json!({
            "mode": "managed", "type": resource_type, "name": name,
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]", "instances": [],
        }));
    }

    pub(crate) fn is_raw(&self) -> bool {
        self.form == Form::State
    }

    fn each_planned(&mut self, visit: &mut dyn FnMut(&mut Vec<Value>)) {
        if let Some(Value::Array(objects)) = self.json.pointer_mut("/planned_values/root_module/resources") {
            visit(objects);
        }
    }
}
