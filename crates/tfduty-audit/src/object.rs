//! Objects of the estate and their attributes.

use std::sync::Arc;

use tfduty_terraform::{Action, Address, Before, Kind, Mode, Span, Value};

use crate::{facts::Fact, finding::Anchor};

/// Why something is not known that facts leave out, as the end of a sentence that begins with it.
pub(crate) const WITHHELD: &str = "is sensitive, and facts hold nothing sensitive";

/// Index of an [`Object`] in its estate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub(crate) usize);

/// One instance in a unit, as the command judges it.
#[derive(Debug, Clone)]
pub struct Object {
    /// Index of the unit in [`crate::Estate::units`].
    pub unit: usize,
    /// Its address.
    pub address: Address,
    /// The deposed key of an old copy.
    pub deposed: Option<Box<str>>,
    /// Whether it will exist when the input has been applied.
    pub presence: Presence,
    /// Whether a state says that it is tainted: half made, and to be replaced.
    pub tainted: bool,
    /// Whether an OpenTofu state says that a destroy forgets it in place of deleting it.
    pub skip_destroy: bool,
    /// What the input does with it.
    pub change: ChangeKind,
    /// The judged values: planned ones where the object stays, prior ones where it goes.
    pub values: Value,
    /// The values before, for an object that a plan changes.
    pub before: Option<Before>,
    /// JSON pointer of `values`.
    pub pointer: String,
    /// Span of `change.actions` in a plan; of the instance in a state.
    pub actions_span: Span,
    /// Whether that is `actions` of what holds the values, and not the whole of that.
    pub has_actions: bool,
    /// `action_reason` of a plan item.
    pub action_reason: Option<Box<str>>,
    /// What forces a replacement, in dotted form.
    pub replace_paths: Vec<Box<str>>,
    /// The provider configuration: in a plan its key, in a raw state the provider string, else unknown. Whether two are the
    /// same one, `facts` tells.
    pub provider: Option<Arc<str>>,
    /// What it depends on, in a state (configuration addresses without keys).
    pub dependencies: Vec<Box<str>>,
    /// Account id, where known.
    pub account: Option<Fact>,
    /// Region, where known.
    pub region: Option<Fact>,
    /// Region by everything but the detector it belongs to: what its own provider says.
    pub own_region: Option<Fact>,
}

/// Whether an object will exist when its input has been applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It will.
    Present,
    /// The input deletes it.
    Going,
    /// It will exist, but Terraform forgets it. Its values are facts about the cloud; it is no subject of a rule.
    Unmanaged,
}

/// What an input does with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// The input is a state.
    State,
    /// Nothing.
    NoOp,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is read during apply (data sources).
    Read,
    /// It is deleted, then made anew.
    DeleteCreate,
    /// It is made anew, then the old one is deleted: for a while there are two.
    CreateDelete,
    /// It is deleted.
    Delete,
    /// It leaves the state and stays in the cloud.
    Forget,
    /// A new one is made and the old one forgotten.
    CreateForget,
}

impl ChangeKind {
    /// Reads the words of `change.actions`. Without any, or with words this version does not know, the object counts as
    /// unchanged if it stays (`after` is not null), else as deleted.
    pub fn of(actions: &[Action], stays: bool) -> Self {
        let has = |action| actions.contains(&action);
        match (has(Action::Create), has(Action::Delete), has(Action::Forget)) {
            (true, true, _) if actions.first() == Some(&Action::Create) => ChangeKind::CreateDelete,
            (true, true, _) => ChangeKind::DeleteCreate,
            (true, false, true) => ChangeKind::CreateForget,
            (true, false, false) => ChangeKind::Create,
            (false, true, _) => ChangeKind::Delete,
            (false, false, true) => ChangeKind::Forget,
            _ if has(Action::Update) => ChangeKind::Update,
            _ if has(Action::Read) => ChangeKind::Read,
            _ if stays => ChangeKind::NoOp,
            _ => ChangeKind::Delete,
        }
    }

    /// Whether the input makes or changes the object.
    pub fn touches(self) -> bool {
        !matches!(self, ChangeKind::State | ChangeKind::NoOp | ChangeKind::Read | ChangeKind::Forget)
    }

    /// Whether the input makes a new object, in the place of an old one or not.
    pub fn makes(self) -> bool {
        self == ChangeKind::Create || self.replaces()
    }

    /// Whether a new object takes the place of an old one.
    pub fn replaces(self) -> bool {
        matches!(self, ChangeKind::DeleteCreate | ChangeKind::CreateDelete | ChangeKind::CreateForget)
    }

    /// How people call it.
    pub fn words(self) -> &'static str {
        match self {
            ChangeKind::State => "in the state",
            ChangeKind::NoOp => "not changed by this plan",
            ChangeKind::Create => "created by this plan",
            ChangeKind::Update => "updated by this plan",
            ChangeKind::Read => "read by this plan",
            ChangeKind::DeleteCreate | ChangeKind::CreateDelete => "replaced by this plan",
            ChangeKind::Delete => "deleted by this plan",
            ChangeKind::Forget => "forgotten by this plan",
            ChangeKind::CreateForget => "made anew by this plan, the old one forgotten",
        }
    }
}

/// An attribute of an object: a rule that asks for one has to face that it may be unknown or absent.
#[derive(Debug, Clone)]
pub struct Attribute<'a> {
    /// The value; `None` where it is absent, `null` or an unset block.
    value: Option<&'a Value>,
    /// The value with `null` counted as one, or what would hold it: where the attribute stands.
    node: &'a Value,
    /// The values it was looked for in.
    root: &'a Value,
    /// JSON pointer of `root`.
    pointer: &'a str,
}

impl<'a> Attribute<'a> {
    /// The value, unless it is absent or unknown.
    pub fn known(&self) -> Option<&'a Value> {
        self.value.filter(|value| !value.is_unknown())
    }

    /// The text of a known string that is not empty: an empty string counts as not set.
    pub fn str(&self) -> Option<&'a str> {
        self.known().and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A known boolean.
    pub fn bool(&self) -> Option<bool> {
        self.known().and_then(Value::as_bool)
    }

    /// Whether it is not set: absent, `null`, or an empty string.
    pub fn is_absent(&self) -> bool {
        self.value.is_none_or(|value| value.as_str() == Some(""))
    }

    /// Whether it is known only after apply, wholly or in part.
    pub fn is_unknown(&self) -> bool {
        self.value.is_some_and(|value| matches!(value.kind, Kind::Unknown(_) | Kind::Template(_)))
    }

    /// Whether it is known, but sensitive, and left out of the facts that stand for the input.
    pub(crate) fn is_withheld(&self) -> bool {
        self.value.is_some_and(Value::is_withheld)
    }

    /// Why it is not known, as the end of a sentence that begins with it.
    pub(crate) fn why_unknown(&self) -> &'static str {
        if self.is_withheld() { WITHHELD } else { "is known only after apply" }
    }

    /// Whether it is marked sensitive.
    pub fn is_sensitive(&self) -> bool {
        self.value.is_some_and(|value| value.sensitive)
    }

    /// JSON pointer of the value, or of what would hold it. Found when it is asked for: rules look at a great many
    /// attributes, and point at few.
    pub fn pointer(&self) -> String {
        let mut pointer = self.pointer.to_owned();
        lead_to(self.node, self.root, &mut pointer);
        pointer
    }

    /// The place of the attribute with a label.
    pub fn anchor(&self, input: usize, label: impl Into<String>) -> Anchor {
        Anchor {
            input,
            span: self.node.span,
            object: self.root.span,
            pointer: self.pointer(),
            label: label.into(),
            sensitive: self.is_sensitive(),
            inner: None,
            written: None,
        }
    }
}

impl Object {
    /// Resource type.
    pub fn resource_type(&self) -> &str {
        &self.address.resource_type
    }

    /// Whether Terraform manages it.
    pub fn is_managed(&self) -> bool {
        self.address.mode == Mode::Managed
    }

    /// Whether it is managed and stays.
    pub fn is_present(&self) -> bool {
        self.is_managed() && self.presence == Presence::Present
    }

    /// Whether it has this address and deposed key.
    pub(crate) fn is_at(&self, address: &Address, deposed: Option<&str>) -> bool {
        self.address == *address && self.deposed.as_deref() == deposed
    }

    /// The address, with the deposed key of an old copy.
    pub fn name(&self) -> String {
        match &self.deposed {
            Some(key) => format!("{} (deposed {key})", self.address),
            None => self.address.to_string(),
        }
    }

    /// JSON pointer of `actions_span`: most objects have nothing to show there.
    pub(crate) fn actions_pointer(&self) -> String {
        let holder = self.pointer.rsplit_once('/').map_or("", |(holder, _)| holder);
        format!("{holder}{}", if self.has_actions { "/actions" } else { "" })
    }

    /// The judged attribute at `path`, through nested blocks (a block is a list with one object, or one object).
    pub fn attribute(&self, path: &[&str]) -> Attribute<'_> {
        attribute(&self.values, &self.pointer, path)
    }

    /// The values that hold an attribute of nested blocks, of which there may be several, with their JSON pointers; the
    /// object's own values where `blocks` is empty.
    pub(crate) fn holders(&self, blocks: &[&str]) -> Vec<(&Value, String)> {
        let mut holders = vec![(&self.values, self.pointer.clone())];
        for name in blocks {
            let mut inside = Vec::new();
            for (holder, pointer) in holders {
                let Some(block) = holder.get(name) else { continue };
                let is_list = matches!(block.kind, Kind::List(_));
                inside.extend(block.items().iter().enumerate().map(|(index, item)| {
                    let step = if is_list { format!("/{index}") } else { String::new() };
                    (item, format!("{pointer}/{name}{step}"))
                }));
            }
            holders = inside;
        }
        holders
    }

    /// The attribute as it was before the plan; absent in a state and for a new object.
    pub fn before(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self.values_before()?, |value, step| value.get(step)).filter(|value| !value.is_null())
    }

    /// The values before the plan; `None` in a state and for a new object.
    pub fn values_before(&self) -> Option<&Value> {
        Some(match self.before.as_ref()? {
            Before::Same => &self.values,
            Before::Other(before) => before,
        })
    }
}

/// The attribute at `path` below `values`, which stands at `pointer`.
pub(crate) fn attribute<'a>(values: &'a Value, pointer: &'a str, path: &[&str]) -> Attribute<'a> {
    let mut holder = values;
    let mut found = Some(values);
    for step in path {
        let Some(value) = found else { break };
        // A hole where a block should be hides everything below it.
        if value.is_unknown() {
            break;
        }
        holder = match &value.kind {
            Kind::List(items) if items.len() == 1 => &items[0],
            _ => value,
        };
        found = holder.get(step);
    }
    let value = found.filter(|value| !value.is_null());
    // What is known only after apply has the place of the object that will hold it: the document does not spell it out.
    let spelled = found.filter(|value| !value.is_unknown() || value.span != holder.span);
    Attribute { value, node: spelled.unwrap_or(holder), root: values, pointer }
}

/// Writes the steps from a value to one that it holds behind `pointer`. Whether it does hold it.
fn lead_to(node: &Value, from: &Value, pointer: &mut String) -> bool {
    if std::ptr::eq(node, from) {
        return true;
    }
    let length = pointer.len();
    let mut leads = |step: &str, value: &Value| {
        pointer.push('/');
        pointer.push_str(step);
        let leads = lead_to(node, value, pointer);
        if !leads {
            pointer.truncate(length);
        }
        leads
    };
    match &from.kind {
        Kind::Object(members) => {
            members.iter().any(|(name, value)| leads(&name.replace('~', "~0").replace('/', "~1"), value))
        }
        Kind::List(items) => items.iter().enumerate().any(|(index, value)| leads(&index.to_string(), value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{destroy, resource, state};

    #[test]
    fn words_of_a_plan_become_one_kind_of_change() {
        use Action::{Create, Delete, Forget, NoOp, Other, Read, Update};
        for (actions, stays, expected) in [
            (&[NoOp][..], true, ChangeKind::NoOp),
            (&[Create], true, ChangeKind::Create),
            (&[Read], true, ChangeKind::Read),
            (&[Update], true, ChangeKind::Update),
            (&[Delete, Create], true, ChangeKind::DeleteCreate),
            (&[Create, Delete], true, ChangeKind::CreateDelete),
            (&[Delete], false, ChangeKind::Delete),
            (&[Forget], false, ChangeKind::Forget),
            (&[Create, Forget], true, ChangeKind::CreateForget),
            (&[Forget, Create], true, ChangeKind::CreateForget),
            (&[], true, ChangeKind::NoOp),
            (&[], false, ChangeKind::Delete),
            (&[Other], true, ChangeKind::NoOp),
        ] {
            assert_eq!(ChangeKind::of(actions, stays), expected, "{actions:?}");
        }
    }

    fn node(kind: Kind) -> Value {
        Value::new(kind, Span::default())
    }

    fn object(members: Vec<(&str, Value)>) -> Value {
        node(Kind::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect()))
    }

    #[test]
    fn an_attribute_knows_where_it_is_or_would_be() {
        let block = object(vec![("enable", node(Kind::Bool(true))), ("off", node(Kind::Null))]);
        let values = object(vec![
            ("a/b~c", node(Kind::Null)),
            ("s3_logs", node(Kind::List(vec![block.clone()]))),
            ("two", node(Kind::List(vec![block.clone(), block]))),
            ("hole", Value::new(Kind::Unknown(None), Span::new(1, 2))),
            ("left_out", node(Kind::Unknown(None))),
        ]);
        for (path, pointer) in [
            (&[][..], "/after"),
            (&["a/b~c"], "/after/a~1b~0c"),
            (&["missing"], "/after"),
            (&["missing", "below"], "/after"),
            (&["s3_logs"], "/after/s3_logs"),
            (&["s3_logs", "enable"], "/after/s3_logs/0/enable"),
            (&["s3_logs", "off"], "/after/s3_logs/0/off"),
            (&["s3_logs", "missing"], "/after/s3_logs/0"),
            (&["two", "enable"], "/after/two"),
            (&["hole", "enable"], "/after/hole"),
            (&["left_out"], "/after"),
        ] {
            assert_eq!(attribute(&values, "/after", path).pointer(), pointer, "{path:?}");
        }
    }

    #[test]
    fn blocks_of_one_name_each_hold_their_attributes() {
        let rule = json!({ "destination": [{ "bucket": "logs" }] });
        let values = json!({ "rule": [rule, rule], "single": {}, "none": null });
        let document = state(&[resource("aws_s3_bucket_replication_configuration.r", values)]);
        let estate = destroy(&document).estate();
        let pointers = |blocks: &[&str]| -> Vec<String> {
            let holders = estate.objects().flat_map(|(_, object)| object.holders(blocks));
            holders.map(|(_, pointer)| pointer.replace("/resources/0/instances/0/attributes", "")).collect()
        };
        assert_eq!(pointers(&[]), [""]);
        assert_eq!(pointers(&["rule", "destination"]), ["/rule/0/destination/0", "/rule/1/destination/0"]);
        assert_eq!(pointers(&["single"]), ["/single"]);
        assert!(pointers(&["none"]).is_empty());
        assert!(pointers(&["missing", "block"]).is_empty());
    }
}
