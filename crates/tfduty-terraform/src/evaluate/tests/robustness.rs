//! Whatever the bytes, there is an answer and no panic.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    scenarios::{REGION, ROOT, WIRED},
    *,
};

/// Pieces that are put in the middle of a configuration.
const PIECES: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "${",
    "%{ for x in y }",
    "%{ endif }",
    "~}",
    "<<-EOT\n",
    "EOT\n",
    "\n",
    "=",
    "=>",
    "...",
    "[*]",
    ".*",
    "local.lists",
    "var.lists",
    "each.value",
    "module.list",
    "for k, v in ",
    " if ",
    " ? ",
    ":",
    "&&",
    "-",
    "1e999",
    "0.1",
    "jsonencode(",
    "merge(",
    "try(",
    "dynamic \"x\" {\n",
    "resource \"a\" \"b\" {\n",
    "é",
    "\u{feff}",
    "/*",
    "locals {\n",
];

/// Real text with pieces put in and stretches cut out or doubled.
fn damaged() -> impl Strategy<Value = String> {
    let change = (0..10_000_usize, 0..4_u8, 0..60_usize, select(&PIECES[..]));
    (select(&[WIRED, ROOT, REGION][..]), vec(change, 1..6)).prop_map(|(text, changes)| {
        let mut text = text.to_owned();
        for (at, what, length, piece) in changes {
            let boundary = |mut at: usize| {
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let start = boundary(at % (text.len() + 1));
            let end = boundary((start + length).min(text.len()));
            let stretch = text[start..end].to_owned();
            match what {
                0 => text.replace_range(start..end, ""),
                1 => text.insert_str(end, &stretch),
                2 => text.replace_range(start..end, piece),
                _ => text.insert_str(start, piece),
            }
        }
        text
    })
}

/// Asks everything of a configuration.
fn ask(sources: &Sources) {
    let world = Known { defaults: true, ..Known::default() };
    for note in sources.notes() {
        assert!(note.place.is_some());
    }
    sources.moved();
    for (module, block) in sources.resources() {
        let mut labels = block.labels();
        let (Some(kind), Some(name)) = (labels.next(), labels.next()) else { panic!("{block:?}") };
        let mode = if block.kind() == "data" { Mode::Data } else { Mode::Managed };
        let keyed = Some(Key::String("offices".into()));
        let at = Address { module, mode, resource_type: kind.into(), name: name.into(), key: keyed };
        assert!(sources.place(block.text(), block.header()).is_some());
        assert!(sources.place(block.text(), block.span()).is_some());
        sources.references(&at);
        sources.removed(&at).for_each(drop);
        sources.is_module_missing(&at.module);
        sources.provider_of(&at);
        for path in [&[][..], &["policy"], &["location"], &["lifecycle", "prevent_destroy"], &["statement", "0", "sid"]]
        {
            if let Some(value) = sources.evaluate(&at, path, &world) {
                assert_places(sources, &value);
                decode_json(&value);
            }
            sources.evaluate_json(&at, path, &world);
            sources.calls(&at, path, &world);
            if let Some((text, span)) = sources.attribute_span(&at, path) {
                assert!(sources.place(text, span).is_some());
            }
        }
    }
    sources.evaluate_provider(&ModulePath::default(), "aws", Some("virginia"), &["region"], &world);
}

/// Every node stands in a file.
fn assert_places(sources: &Sources, value: &Value) {
    assert!(sources.place(value.text, value.span).is_some(), "{value:?}");
    match &value.kind {
        Kind::List(items) => items.iter().for_each(|item| assert_places(sources, item)),
        Kind::Object(members) => members.iter().for_each(|(_, member)| assert_places(sources, member)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_configurations_are_read_without_a_panic(text in damaged()) {
        ask(&root(&text));
        ask(&sources(&[("", "main.tf", ROOT), ("ireland", "m/main.tf", &text), ("virginia", "m/main.tf", &text)]));
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,200}", name in select(&["a.tf", "a.tf.json"][..])) {
        ask(&sources(&[("", name, &text)]));
    }

    #[test]
    fn any_json_is_read_without_a_panic(text in "(\\{|\\[|\\}|\\]|\"resource\":|\"a\":|\"\\$\\{x.y\\}\"|,|1){0,40}") {
        ask(&sources(&[("", "a.tf.json", &text)]));
    }
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    for (open, close) in [
        ("[", "]"),
        ("(", ")"),
        ("{ a = ", "}"),
        ("-", ""),
        ("!", ""),
        ("\"${", "}\""),
        ("f(", ")"),
        ("true ? 1 : ", ""),
        ("", "[*]"),
        ("", ".*"),
        ("", ".*.a"),
    ] {
        let text = format!("resource \"x\" \"it\" {{\n  it = {}1{}\n}}\n", open.repeat(5000), close.repeat(5000));
        ask(&root(&text));
        let text = format!("resource \"x\" \"it\" {{\n  it = {}1{}\n}}\n", open.repeat(60), close.repeat(60));
        ask(&root(&text));
    }
    for deep in ["[".repeat(100_000), "{\"a\":".repeat(100_000), format!("{{\"resource\":{}", "[".repeat(100_000))] {
        ask(&sources(&[("", "a.tf.json", &deep)]));
        assert_eq!(decode_json(&Value::new(Kind::String(deep.into()), Span::default())), None);
    }
}
