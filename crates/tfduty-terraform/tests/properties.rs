//! What holds for any bytes, and for every value of any document.
#![expect(clippy::disallowed_methods, reason = "tests read fixtures; the library does no I/O")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use proptest::prelude::*;
use tfduty_terraform::{
    Configuration, Detail, Document, Expression, Expressions, Kind, Module, RefusalClass, Sniff, Unit, Value, sniff,
    text_of,
};

/// The documents that are mutated: real ones, and those that hold a feature the real ones lack.
const DOCUMENTS: &[&str] = &[
    "create.tfplan",
    "plan-behind-log-lines.json",
    "plan-configuration.json",
    "plan-create.json",
    "plan-destroy.json",
    "plan-marks.json",
    "plan-modules.json",
    "plan-utf16-le.json",
    "state-deposed.tfstate",
    "state-flat.tfstate",
    "state-keys.tfstate",
    "state-show.json",
    "state-v3.tfstate",
    "state-v4.tfstate",
];

fn bytes(file: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/documents").join(file)).unwrap()
}

/// Every value of a unit.
fn values(unit: &Unit) -> Vec<&Value> {
    let mut found: Vec<&Value> = unit.instances.iter().map(|instance| &instance.values).collect();
    found.extend(unit.changes.iter().chain(&unit.drift).flat_map(|change| [change.before(), &change.after]));
    found.extend(unit.variables.values());
    if let Some(Configuration { providers, root }) = &unit.configuration {
        for provider in providers.values() {
            of_block(&provider.expressions, &mut found);
        }
        of_module(root, &mut found);
    }
    found
}

fn of_module<'u>(module: &'u Module, found: &mut Vec<&'u Value>) {
    for resource in &module.resources {
        of_block(&resource.expressions, found);
        resource.count.iter().chain(&resource.for_each).for_each(|expression| of_expression(expression, found));
    }
    found.extend(module.variables.values().flatten());
    module.outputs.values().for_each(|output| of_expression(&output.expression, found));
    for call in module.calls.values() {
        of_block(&call.expressions, found);
        of_module(&call.module, found);
    }
}

fn of_block<'u>(block: &'u Expressions, found: &mut Vec<&'u Value>) {
    for expression in block.values() {
        of_expression(expression, found);
    }
}

fn of_expression<'u>(expression: &'u Expression, found: &mut Vec<&'u Value>) {
    found.extend(&expression.constant);
    expression.blocks.iter().for_each(|block| of_block(block, found));
}

/// Checks that a value says what its span says. Lists and objects may have holes that the text leaves out, or come from
/// flat attributes: then their items are checked alone.
fn check(value: &Value, text: &str) {
    let spelled = value.span.of(text).unwrap_or_else(|| panic!("{:?} is not in the text", value.span));
    match &value.kind {
        Kind::Object(members) => members.iter().for_each(|(_, member)| check(member, text)),
        Kind::List(items) => items.iter().for_each(|item| check(item, text)),
        Kind::String(decoded) => {
            if let Ok(expected) = serde_json::from_str::<String>(spelled) {
                assert_eq!(expected, **decoded);
            }
            assert!(spelled.starts_with('"') && spelled.ends_with('"'), "{spelled}");
        }
        Kind::Number(number) => assert_eq!(spelled, &**number),
        Kind::Bool(truth) => assert_eq!(spelled, truth.to_string()),
        Kind::Null | Kind::Unknown(_) | Kind::Template(_) => {}
    }
}

/// Parses, checks every span, and that sniffing agrees. Gives whether the bytes were read.
fn examine(bytes: &[u8]) -> bool {
    let outcome = Document::parse(bytes, &|_| Detail::All);
    let head = &bytes[..bytes.len().min(64 * 1024)];
    match &outcome {
        Err(refusal) if refusal.class == RefusalClass::Foreign => return false,
        _ => assert_eq!(sniff(head), Sniff::Read, "{outcome:?}"),
    }
    if let (Ok(Document::Unit(unit)), Some(text)) = (&outcome, text_of(bytes)) {
        for value in values(unit) {
            check(value, &text);
        }
        for change in unit.changes.iter().chain(&unit.drift) {
            assert!(change.span.of(&text).is_some() && change.actions_span.of(&text).is_some());
        }
        assert!(unit.instances.iter().all(|instance| instance.span.of(&text).is_some()));
    }
    outcome.is_ok()
}

/// The value at a JSON pointer.
fn pointed<'d>(document: &'d serde_json::Value, pointer: &str) -> &'d serde_json::Value {
    document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} leads nowhere"))
}

#[test]
fn spans_say_what_values_say() {
    for file in DOCUMENTS {
        assert!(examine(&bytes(file)), "{file}");
    }
}

#[test]
fn pointers_lead_to_what_they_name() {
    for file in DOCUMENTS.iter().filter(|file| !file.ends_with(".tfplan")) {
        let bytes = bytes(file);
        let text = text_of(&bytes).unwrap();
        let Ok(Document::Unit(unit)) = Document::parse(&bytes, &|_| Detail::All) else { panic!("{file}") };
        let document: serde_json::Value = serde_json::from_str(&text[text.find('{').unwrap_or(0)..])
            .or_else(|_| serde_json::from_str(&text[text.find("\n{").unwrap()..]))
            .unwrap();
        for instance in unit.instances.iter().filter(|instance| !instance.values.members().is_empty()) {
            let holder = instance.pointer.rsplit_once('/').unwrap().0;
            if !instance.pointer.contains("data.") {
                assert!(pointed(&document, &instance.pointer).is_object());
            }
            let spelled: serde_json::Value = serde_json::from_str(instance.span.of(&text).unwrap()).unwrap();
            assert_eq!(&spelled, pointed(&document, holder));
        }
        for change in &unit.changes {
            let spelled: serde_json::Value = serde_json::from_str(change.span.of(&text).unwrap()).unwrap();
            assert_eq!(&spelled, pointed(&document, &change.pointer));
        }
        for resource in unit.configuration.iter().flat_map(|configuration| &configuration.root.resources) {
            assert_eq!(pointed(&document, &resource.pointer)["type"], *resource.resource_type);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_truncated_document_is_refused_or_read(file in prop::sample::select(DOCUMENTS), cut in any::<prop::sample::Index>()) {
        let whole = bytes(file);
        examine(&whole[..cut.index(whole.len())]);
    }

    #[test]
    fn a_mutated_document_is_refused_or_read(
        file in prop::sample::select(DOCUMENTS),
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"{}[]\",:0tn\\ \xff"[..]), 0..3_u8), 1..6),
    ) {
        let mut mutated = bytes(file);
        for (at, byte, edit) in edits {
            let at = at.index(mutated.len());
            match edit {
                0 => drop(mutated.remove(at)),
                1 => mutated[at] = byte,
                _ => mutated.insert(at, byte),
            }
        }
        examine(&mutated);
    }

    #[test]
    fn any_value_decodes_to_itself(json in value_text()) {
        let document = format!(
            r#"{{"format_version":"1.2","resource_changes":[{{"address":"aws_x.y","type":"aws_x","name":"y","mode":"managed","change":{{"actions":["create"],"after":{json}}}}}]}}"#
        );
        let Ok(Document::Unit(unit)) = Document::parse(document.as_bytes(), &|_| Detail::All) else { panic!("{document}") };
        let after = &unit.changes[0].after;
        check(after, &document);
        prop_assert_eq!(to_json(after), serde_json::from_str::<serde_json::Value>(&json).unwrap());
        if !after.is_null() {
            prop_assert_eq!(after.span.of(&document), Some(&*json));
        }
    }

    #[test]
    fn any_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        examine(&bytes);
    }
}

/// The text of any JSON value, strings with escapes and duplicate keys included.
fn value_text() -> impl Strategy<Value = String> {
    let text = prop::collection::vec(any::<char>(), 0..8)
        .prop_map(|chars| serde_json::to_string(&chars.into_iter().collect::<String>()).unwrap());
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|truth| truth.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        text,
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[ {}]", items.join(" ,"))),
            prop::collection::vec(("[a-c]{1,2}", inner), 0..5).prop_map(|members| {
                let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\" : {value}")).collect();
                format!("{{{} }}", members.join(","))
            }),
        ]
    })
}

fn to_json(value: &Value) -> serde_json::Value {
    match &value.kind {
        Kind::Bool(truth) => (*truth).into(),
        Kind::Number(text) => serde_json::from_str(text).unwrap(),
        Kind::String(text) => (**text).into(),
        Kind::List(items) => items.iter().map(to_json).collect(),
        Kind::Object(members) => members.iter().map(|(name, value)| (name.to_string(), to_json(value))).collect(),
        Kind::Null | Kind::Unknown(_) | Kind::Template(_) => serde_json::Value::Null,
    }
}
