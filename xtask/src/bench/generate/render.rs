//! One object as each section of a document shows it.

use serde_json::{Map, Value, json};

use super::random::Random;

/// What a plan does with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    NoOp,
    Create,
    Update,
    Delete,
}

/// An object by its address.
pub(super) struct Subject<'a> {
    /// Address of the module instance; empty for the root module.
    pub(super) module: &'a str,
    pub(super) data: bool,
    pub(super) resource_type: &'a str,
    pub(super) name: &'a str,
    /// Key of `for_each`.
    pub(super) key: Option<&'a str>,
}

/// What is known of an object.
pub(super) struct Facts<'a> {
    /// Its attributes after the apply.
    pub(super) values: Value,
    /// Attributes that are known only after an apply that creates it.
    pub(super) computed: &'a [&'a str],
    /// Attributes that are marked sensitive.
    pub(super) sensitive: &'a [&'a str],
    /// Blocks that it depends on.
    pub(super) dependencies: &'a [String],
}

/// The object in each section; empty where the section does not show it.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// Item of `resource_changes`.
    pub(super) change: String,
    /// Object of `planned_values`.
    pub(super) planned: String,
    /// Object of `prior_state`.
    pub(super) prior: String,
    /// Instance of a raw state.
    pub(super) instance: String,
}

const PROVIDER: &str = "registry.terraform.io/hashicorp/aws";

/// JSON as Terraform writes it: on one line, with the escapes that Go adds for HTML.
pub(super) fn json_text(value: &Value) -> String {
    value.to_string().replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
}

impl Subject<'_> {
    fn mode(&self) -> &'static str {
        if self.data { "data" } else { "managed" }
    }

    fn address(&self) -> String {
        let module = if self.module.is_empty() { String::new() } else { format!("{}.", self.module) };
        let data = if self.data { "data." } else { "" };
        let key = self.key.map(|key| format!("[\"{key}\"]")).unwrap_or_default();
        format!("{module}{data}{}.{}{key}", self.resource_type, self.name)
    }

    /// The members that every item begins with, without the closing brace.
    fn head(&self, with_module: bool) -> String {
        let module = if with_module && !self.module.is_empty() {
            format!(",\"module_address\":{}", json!(self.module))
        } else {
            String::new()
        };
        let index = self.key.map(|key| format!(",\"index\":{}", json!(key))).unwrap_or_default();
        format!(
            "{{\"address\":{}{module},\"mode\":\"{}\",\"type\":\"{}\",\"name\":\"{}\"{index},\"provider_name\":\"{PROVIDER}\"",
            json!(self.address()),
            self.mode(),
            self.resource_type,
            self.name
        )
    }

    /// Writes the object into every section that shows it.
    pub(super) fn render(&self, random: &mut Random, action: Action, facts: &Facts<'_>) -> Texts {
        let known = without(&facts.values, facts.computed);
        let (planned, unknown) = match action {
            Action::Create => (&known, with(marks(&known), facts.computed)),
            _ => (&facts.values, if action == Action::Update { marks(&facts.values) } else { json!({}) }),
        };
        let before = match action {
            Action::Create => Value::Null,
            Action::Update => changed(random, &facts.values),
            _ => facts.values.clone(),
        };
        let sensitive_before = if before.is_null() { json!(false) } else { with(marks(&before), facts.sensitive) };
        let sensitive_after = with(marks(planned), facts.sensitive);
        let after = if action == Action::Delete { &Value::Null } else { planned };
        let values = |values: &Value, sensitive: &Value| {
            format!(
                "{},\"schema_version\":0,\"values\":{},\"sensitive_values\":{}}}",
                self.head(false),
                json_text(values),
                json_text(sensitive)
            )
        };
        Texts {
            change: self.change(action, [&before, after, &unknown, &sensitive_before, &sensitive_after]),
            planned: if after.is_null() { String::new() } else { values(after, &sensitive_after) },
            prior: if before.is_null() { String::new() } else { values(&before, &sensitive_before) },
            instance: self.instance(facts),
        }
    }

    fn change(
        &self,
        action: Action,
        [before, after, unknown, before_sensitive, after_sensitive]: [&Value; 5],
    ) -> String {
        let word = match action {
            Action::NoOp => "no-op",
            Action::Create if self.data => "read",
            Action::Create => "create",
            Action::Update => "update",
            Action::Delete => "delete",
        };
        let after_sensitive = if after.is_null() { &Value::Bool(false) } else { after_sensitive };
        let unknown = if after.is_null() { &json!({}) } else { unknown };
        format!(
            "{},\"change\":{{\"actions\":[\"{word}\"],\"before\":{},\"after\":{},\"after_unknown\":{},\"before_sensitive\":{},\
             \"after_sensitive\":{}}}}}",
            self.head(true),
            json_text(before),
            json_text(after),
            json_text(unknown),
            json_text(before_sensitive),
            json_text(after_sensitive)
        )
    }

    fn instance(&self, facts: &Facts<'_>) -> String {
        let key = self.key.map(|key| format!("\"index_key\":{},", json!(key))).unwrap_or_default();
        let paths = facts.sensitive.iter().map(|name| json!([{"type": "get_attr", "value": name}]));
        let dependencies = json!(facts.dependencies);
        format!(
            "{{{key}\"schema_version\":0,\"attributes\":{},\"sensitive_attributes\":{},\"private\":\"bnVsbA==\",\"dependencies\":{dependencies}}}",
            json_text(&facts.values),
            json_text(&paths.collect())
        )
    }
}

/// A tree of marks in which nothing is marked: Terraform writes the containers, and `false` for the items of lists.
fn marks(values: &Value) -> Value {
    match values {
        Value::Object(members) => {
            let inner = members.iter().filter(|(_, value)| value.is_object() || value.is_array());
            Value::Object(inner.map(|(name, value)| (name.clone(), marks(value))).collect())
        }
        Value::Array(items) => items.iter().map(marks).collect(),
        _ => Value::Bool(false),
    }
}

fn with(mut marks: Value, names: &[&str]) -> Value {
    if let Value::Object(members) = &mut marks {
        members.extend(names.iter().map(|name| ((*name).to_owned(), Value::Bool(true))));
    }
    marks
}

fn without(values: &Value, names: &[&str]) -> Value {
    let members = values.as_object().into_iter().flatten();
    let left = members.filter(|(name, _)| !names.contains(&name.as_str()));
    Value::Object(left.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}

/// The object before an update: other tags, where it has any, and another text somewhere.
fn changed(random: &mut Random, values: &Value) -> Value {
    let mut before = values.clone();
    let tag = json!(format!("cc-{:04}", random.below(10_000)));
    for tags in ["tags", "tags_all"] {
        if let Some(Value::Object(members)) = before.get_mut(tags) {
            members.insert("CostCentre".into(), tag.clone());
        }
    }
    if let Some(description) = before.get_mut("description") {
        *description = json!("Managed by Terraform");
    }
    before
}
