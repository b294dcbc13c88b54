//! Edits of a plan, a raw state or a `show -json` state by the addresses in it, so that one row of a table holds for
//! all three. The address of a deposed object ends in ` (deposed KEY)`, as in a report. An edit that finds nothing to edit
//! panics: a mutation that mutates nothing would prove nothing.

use serde_json::{Value, json};

#[path = "additions.rs"]
mod additions;
#[path = "places.rs"]
pub(crate) mod places;

use places::{
    address_of, array, at, change_of, configuration_address, configuration_prefix, configured_module, constant, depend,
    in_modules, instance_address, lists, remove_at, remove_member, without_keys,
};

/// A parsed plan or state.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) json: Value,
    pub(crate) form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Form {
    Plan,
    State,
    Shown,
}

impl Document {
    pub(crate) fn read(text: &str) -> Self {
        let json: Value = serde_json::from_str(text).unwrap();
        let form = match (json.get("version"), json.get("planned_values")) {
            (Some(_), _) => Form::State,
            (None, Some(_)) => Form::Plan,
            (None, None) => Form::Shown,
        };
        Self { json, form }
    }

    pub(crate) fn text(&self) -> String {
        self.json.to_string()
    }

    pub(crate) fn is_plan(&self) -> bool {
        self.form == Form::Plan
    }

    /// Whether every managed object that a plan speaks of goes, or is forgotten.
    pub(crate) fn is_destroy(&self) -> bool {
        let goes = |item: &Value| {
            item["mode"] == "data" || [json!(["delete"]), json!(["forget"])].contains(&item["change"]["actions"])
        };
        self.json["resource_changes"].as_array().is_some_and(|items| !items.is_empty() && items.iter().all(goes))
    }

    /// An attribute as the input leaves it; of what a plan deletes, as it was.
    pub(crate) fn get(&self, address: &str, attribute: &str) -> Value {
        let mut found = None;
        self.clone().values(address, &mut |values| found = values.get(attribute).cloned());
        found.unwrap_or_else(|| panic!("{address} has no {attribute}"))
    }

    /// Whether an attribute is a known text.
    pub(crate) fn known(&self, address: &str, attribute: &str) -> bool {
        let mut found = false;
        self.clone().values(address, &mut |values| found = values[attribute].is_string());
        found
    }

    /// Gives an attribute, or what is at a path in one, a value. In a plan it is known then, and its expression, if there
    /// is one, is that constant. A destroy plan shows what is: the configuration is another matter.
    pub(crate) fn set(&mut self, address: &str, attribute: &str, value: &Value) {
        let mut places = 0;
        self.values(address, &mut |values| {
            places += 1;
            *at(values, attribute) = value.clone();
        });
        assert!(places > 0, "{address} is not there");
        if self.is_plan() && !self.is_destroy() {
            if let Some(item) = self.item(address) {
                remove_at(&mut item["change"]["after_unknown"], attribute);
            }
            let pointer = format!("/{}", attribute.replace('.', "/"));
            if let Some(expression) = self.expressions(address).and_then(|all| all.pointer_mut(&pointer)) {
                *expression = constant(value, expression);
            }
        }
    }

    /// Gives an argument a value, and a plan's configuration its expression, which it may not have had.
    pub(crate) fn set_argument(&mut self, address: &str, argument: &str, value: &Value) {
        self.set(address, argument, value);
        if self.is_plan() && !argument.contains('.') {
            let before = self.expressions(address).map_or(Value::Null, |all| all[argument].clone());
            self.express(address, argument, constant(value, &before));
        }
    }

    /// Makes an attribute of a plan known after apply alone.
    pub(crate) fn hide(&mut self, address: &str, attribute: &str) {
        let change = &mut self.item(address).unwrap_or_else(|| panic!("{address} does not change"))["change"];
        remove_member(&mut change["after"], attribute);
        change["after_unknown"][attribute] = json!(true);
    }

    /// Writes an expression of a plan's configuration; `null` takes it away. `depends_on` stands beside the others.
    pub(crate) fn express(&mut self, address: &str, attribute: &str, expression: Value) {
        if !self.is_plan() {
            return;
        }
        let all = if attribute == "depends_on" { self.configured(address) } else { self.expressions(address) };
        let all = all.unwrap_or_else(|| panic!("{address} is not in the configuration"));
        if expression.is_null() {
            remove_member(all, attribute);
        } else {
            all[attribute] = expression;
        }
    }

    /// Puts a resource under another provider configuration; a `show -json` state names none.
    pub(crate) fn provide(&mut self, address: &str, key: &str) {
        match self.form {
            Form::Plan => self.configured(address).unwrap()["provider_config_key"] = json!(key),
            Form::State => {
                let alias = key.strip_prefix("aws").unwrap();
                let provider = format!("provider[\"registry.terraform.io/hashicorp/aws\"]{alias}");
                let resources = array(&mut self.json["resources"]);
                let resource = resources.iter_mut().find(|resource| configuration_address(resource) == address);
                resource.unwrap()["provider"] = json!(provider);
            }
            Form::Shown => {}
        }
    }

    /// What an instance of a state depends on: takes one away, adds another. The state that a plan was made from, and the
    /// plan's configuration, show the same.
    pub(crate) fn depend(&mut self, address: &str, without: Option<&str>, with: Option<&str>) {
        let member = if self.form == Form::State { "dependencies" } else { "depends_on" };
        let object = self.object(address).unwrap_or_else(|| panic!("{address} is not there"));
        let before = object.get(member).and_then(Value::as_array).map_or(0, Vec::len);
        let after = depend(object, member, without, with);
        assert!(after != before || without.is_some() == with.is_some(), "{address}: nothing changed");
        if let Some(block) = self.configured(address) {
            depend(block, "depends_on", without, with);
        }
    }

    /// Takes all that an instance of a state depends on away.
    pub(crate) fn forget_dependencies(&mut self, address: &str) {
        let member = if self.form == Form::State { "dependencies" } else { "depends_on" };
        let object = self.object(address).and_then(Value::as_object_mut);
        assert!(object.is_some_and(|object| object.remove(member).is_some()), "{address} depends on nothing");
    }

    /// Takes an object away as if it had never been there.
    pub(crate) fn remove(&mut self, address: &str) {
        let before = self.text().len();
        match self.form {
            Form::State => {
                for resource in array(&mut self.json["resources"]) {
                    let path = configuration_prefix(resource);
                    array(&mut resource["instances"]).retain(|instance| instance_address(&path, instance) != address);
                }
                array(&mut self.json["resources"]).retain(|resource| resource["instances"] != json!([]));
            }
            Form::Shown => self.each_list(&mut |list| list.retain(|object| address_of(object) != address)),
            Form::Plan => {
                if let Some(items) = self.json.get_mut("resource_changes") {
                    array(items).retain(|item| address_of(item) != address);
                }
                self.each_list(&mut |list| list.retain(|object| address_of(object) != address));
            }
        }
        assert!(self.text().len() < before, "{address} is not there");
    }

    /// Lets a plan do something to an object of its prior state; the attributes are those it leaves.
    pub(crate) fn act(&mut self, address: &str, actions: &[&str], attributes: &[(&str, Value)]) {
        let object = self.prior(address).unwrap_or_else(|| panic!("{address} is not in prior_state")).clone();
        let mut after = object["values"].clone();
        for (attribute, value) in attributes {
            after[*attribute] = value.clone();
        }
        if !actions.iter().any(|action| ["create", "update", "no-op"].contains(action)) {
            after = Value::Null;
        }
        let item = change_of(&object, actions, &object["values"], &after);
        let items = array(&mut self.json["resource_changes"]);
        items.retain(|item| address_of(item) != address);
        items.push(item);
    }

    /// Lets the refresh find that an object is gone, and the plan make it again.
    pub(crate) fn lose(&mut self, address: &str) {
        let object = self.prior(address).unwrap_or_else(|| panic!("{address} is not in prior_state")).clone();
        self.add_drift(&change_of(&object, &["delete"], &object["values"], &Value::Null));
        self.remove(address);
        array(&mut self.json["resource_changes"]).push(change_of(
            &object,
            &["create"],
            &Value::Null,
            &object["values"],
        ));
    }

    /// Takes what a plan does to an address away.
    pub(crate) fn forget_item(&mut self, address: &str) {
        array(&mut self.json["resource_changes"]).retain(|item| address_of(item) != address);
    }

    /// Lets the refresh find that attributes of an object are no longer what they were. What the plan leaves of it is
    /// what was found, unless `act` says otherwise.
    pub(crate) fn drift(&mut self, address: &str, attributes: &[(&str, Value, Value)]) {
        let object = self.prior(address).unwrap_or_else(|| panic!("{address} is not in prior_state"));
        let mut before = object["values"].clone();
        for (attribute, was, is) in attributes {
            before[*attribute] = was.clone();
            object["values"][*attribute] = is.clone();
        }
        let drift = change_of(object, &["update"], &before, &object["values"]);
        self.add_drift(&drift);
    }

    /// Takes a change found by the refresh away.
    pub(crate) fn undrift(&mut self, address: &str) -> Value {
        let drifts = array(&mut self.json["resource_drift"]);
        let place = drifts.iter().position(|drift| drift["address"] == address).unwrap();
        drifts.remove(place)
    }

    /// Puts an object into the prior state as it was before a drift, or before a change.
    pub(crate) fn restore(&mut self, change: &Value) {
        let mut object = change.clone();
        object["values"] = change["change"]["before"].clone();
        remove_member(&mut object, "change");
        array(&mut self.json["prior_state"]["values"]["root_module"]["resources"]).push(object);
    }

    fn add_drift(&mut self, drift: &Value) {
        let drifts = self.json.as_object_mut().unwrap().entry("resource_drift").or_insert(json!([]));
        array(drifts).push(drift.clone());
    }

    /// The item of a plan that speaks of an address.
    fn item(&mut self, address: &str) -> Option<&mut Value> {
        let items = self.json.get_mut("resource_changes")?.as_array_mut()?;
        items.iter_mut().find(|item| address_of(item) == address)
    }

    fn prior(&mut self, address: &str) -> Option<&mut Value> {
        in_modules(self.json.get_mut("prior_state")?.get_mut("values")?.get_mut("root_module")?, address)
    }

    /// The instance of a state, or of the state that a plan was made from.
    pub(crate) fn object(&mut self, address: &str) -> Option<&mut Value> {
        match self.form {
            Form::Plan => return self.prior(address),
            Form::Shown => return in_modules(&mut self.json["values"]["root_module"], address),
            Form::State => {}
        }
        for resource in array(&mut self.json["resources"]) {
            let path = configuration_prefix(resource);
            let mut instances = array(&mut resource["instances"]).iter_mut();
            if let Some(instance) = instances.find(|instance| instance_address(&path, instance) == address) {
                return Some(instance);
            }
        }
        None
    }

    /// Every place that holds the attributes of an object.
    fn values(&mut self, address: &str, visit: &mut dyn FnMut(&mut Value)) {
        match self.form {
            Form::State => visit(&mut self.object(address).unwrap()["attributes"]),
            Form::Shown => visit(&mut self.object(address).unwrap()["values"]),
            Form::Plan => {
                let goes = self.item(address).is_some_and(|item| item["change"]["after"].is_null());
                let stays = self.item(address).is_none_or(|item| item["change"]["actions"] == json!(["no-op"]));
                if let Some(object) = self.prior(address).filter(|_| goes || stays) {
                    visit(&mut object["values"]);
                }
                if let Some(item) = self.item(address) {
                    if !goes {
                        visit(&mut item["change"]["after"]);
                    }
                    if goes || stays {
                        visit(&mut item["change"]["before"]);
                    }
                }
            }
        }
    }

    /// Every list of objects: of each module of the prior state, and of the planned or shown values.
    pub(crate) fn each_list(&mut self, visit: &mut dyn FnMut(&mut Vec<Value>)) {
        for pointer in ["/prior_state/values/root_module", "/planned_values/root_module", "/values/root_module"] {
            if let Some(module) = self.json.pointer_mut(pointer) {
                lists(module, visit);
            }
        }
    }

    /// The resource of an address in a plan's configuration.
    pub(crate) fn configured(&mut self, address: &str) -> Option<&mut Value> {
        let address = without_keys(address);
        let (module, rest) = configured_module(self.json.get_mut("configuration")?.get_mut("root_module")?, &address)?;
        module.get_mut("resources")?.as_array_mut()?.iter_mut().find(|resource| resource["address"] == rest)
    }

    fn expressions(&mut self, address: &str) -> Option<&mut Value> {
        self.configured(address)?.get_mut("expressions")
    }
}
