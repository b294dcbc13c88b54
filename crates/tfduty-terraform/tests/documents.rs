//! Every file of `fixtures/documents/` is read, and says what its feature means.
#![expect(clippy::disallowed_methods, reason = "tests read fixtures; the library does no I/O")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use tfduty_terraform::{
    Action, ActionCount, Detail, Document, Instance, Kind, ModulePath, Sniff, Span, TypeCount, Unit, UnitKind, Value,
    sniff, text_of,
};

fn bytes(file: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/documents").join(file)).unwrap()
}

/// All of the objects that a test asks for, and the number of the others.
fn all_of(is_asked_for: bool) -> Detail {
    if is_asked_for { Detail::All } else { Detail::Count }
}

/// The unit of a file with everything decoded, and the text its spans refer to.
fn read(file: &str) -> (Unit, String) {
    let bytes = bytes(file);
    match Document::parse(&bytes, &|_| Detail::All) {
        Ok(Document::Unit(unit)) => (*unit, text_of(&bytes).unwrap().into_owned()),
        other => panic!("{file}: {other:?}"),
    }
}

fn unit(file: &str) -> Unit {
    read(file).0
}

fn addresses(instances: &[Instance]) -> Vec<String> {
    instances.iter().map(|instance| instance.address.to_string()).collect()
}

/// A value in short: `?` for a hole, a trailing `!` for a sensitive node.
fn show(value: &Value) -> String {
    let shown = match &value.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(truth) => truth.to_string(),
        Kind::Number(text) => text.to_string(),
        Kind::String(text) => format!("'{text}'"),
        Kind::Unknown(_) => "?".to_owned(),
        Kind::Template(_) => "template".to_owned(),
        Kind::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" ")),
        Kind::Object(members) => {
            let members: Vec<_> = members.iter().map(|(name, value)| format!("{name}:{}", show(value))).collect();
            format!("{{{}}}", members.join(" "))
        }
    };
    if value.sensitive { shown + "!" } else { shown }
}

#[test]
fn sniffing_reads_every_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/documents");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        assert_eq!(sniff(&bytes[..bytes.len().min(64 * 1024)]), Sniff::Read, "{}", path.display());
        assert!(Document::parse(&bytes, &|_| Detail::All).is_ok(), "{}", path.display());
    }
}

#[test]
fn a_create_plan() {
    let (unit, text) = read("plan-create.json");
    assert_eq!(unit.kind, UnitKind::Plan);
    assert_eq!(unit.format_version.as_deref(), Some("1.2"));
    assert_eq!(unit.terraform_version.as_deref(), Some("1.11.4"));
    assert_eq!((unit.resources, unit.changes.len(), unit.instances.len()), (8, 8, 1));
    assert_eq!(unit.actions, ActionCount { other: 8, planned: 8, ..ActionCount::default() });
    assert_eq!(unit.types.get("aws_s3_bucket"), Some(&TypeCount { managed: 3, data: 0 }));
    assert_eq!(unit.types.get("aws_region"), Some(&TypeCount { managed: 0, data: 1 }));
    assert_eq!(unit.flags.applyable.map(|(truth, span)| (truth, span.of(&text))), Some((true, Some("true"))));

    let change = &unit.changes[2];
    assert_eq!(change.address.to_string(), r#"aws_s3_bucket.b["a"]"#);
    assert_eq!((&*change.actions, change.actions_span.of(&text)), (&[Action::Create][..], Some(r#"["create"]"#)));
    assert_eq!(&*change.pointer, "/resource_changes/2/change");
    assert!(change.span.of(&text).is_some_and(|change| change.starts_with(r#"{"actions":["create"]"#)));
    assert!(change.before().is_null());
    assert_eq!(change.after.get("bucket").map(show).as_deref(), Some("'lists-a'"));
    assert_eq!(change.after.get("arn").map(|arn| (arn.is_unknown(), arn.span)), Some((true, change.after.span)));
    assert_eq!(change.after.get("tags").map(show).as_deref(), Some("{s:'hush'!}"));
    // What the plan says of the variable is sensitive because the configuration says so of its declaration.
    assert_eq!(unit.variables.get("sec").map(show).as_deref(), Some("'hush'!"));
}

#[test]
fn only_wanted_types_are_decoded_and_all_are_counted() {
    let bytes = bytes("plan-destroy.json");
    let Ok(Document::Unit(unit)) = Document::parse(&bytes, &|name| all_of(name == "aws_guardduty_detector")) else {
        panic!()
    };
    assert_eq!((unit.resources, unit.changes.len(), unit.instances.len()), (8, 2, 2));
    assert_eq!(unit.actions, ActionCount { delete: 8, prior: 8, ..ActionCount::default() });
    assert!(unit.actions.is_destroy_plan());
    // A type in both lists counts in both.
    assert_eq!(unit.types.get("aws_s3_bucket"), Some(&TypeCount { managed: 6, data: 0 }));
    let configuration = unit.configuration.unwrap();
    let bucket = &configuration.root.resources[3];
    assert_eq!((&*bucket.resource_type, bucket.expressions.len()), ("aws_s3_object", 0));
    assert_eq!(bucket.references.len(), 4);
}

#[test]
fn a_plan_with_a_deposed_object_and_one_with_a_forgotten_one() {
    let unit = unit("plan-deposed.json");
    assert_eq!(
        unit.actions,
        ActionCount { delete: 1, forget: 1, no_op: 3, planned: 4, prior: 5, ..ActionCount::default() }
    );
    let deposed: Vec<_> = unit.changes.iter().filter_map(|change| change.deposed.as_deref()).collect();
    assert_eq!(deposed, ["701a98cd"]);
    assert_eq!(
        unit.instances.iter().filter_map(|instance| instance.deposed.as_deref()).collect::<Vec<_>>(),
        ["701a98cd"]
    );

    let unit = self::unit("plan-forget.json");
    let forgotten = unit.changes.iter().find(|change| change.actions == [Action::Forget]).unwrap();
    assert_eq!(forgotten.action_reason.as_deref(), Some("delete_because_no_resource_config"));
    assert!(forgotten.after.is_null() && !forgotten.before().is_null());
}

#[test]
fn replacements_keep_the_order_of_their_actions() {
    let unit = unit("plan-replace.json");
    let actions: Vec<_> = unit.changes.iter().map(|change| change.actions.as_slice()).collect();
    assert!(actions.contains(&&[Action::Create, Action::Delete][..]), "{actions:?}");
    assert!(unit.changes.iter().any(|change| *change.replace_paths == ["triggers_replace".into()]));
    assert_eq!(self::unit("plan-opentofu-forget-create.json").changes[0].actions, [Action::Forget, Action::Create]);
}

#[test]
fn nested_modules_keep_their_keys() {
    let (unit, text) = read("plan-modules.json");
    let change = unit.changes.iter().find(|change| change.address.resource_type.contains("threatintelset")).unwrap();
    assert_eq!(
        change.address.to_string(),
        r#"module.ireland.module.list["blocked"].aws_guardduty_threatintelset.it[0]"#
    );
    let configuration = unit.configuration.unwrap();
    let module = configuration.module(&change.address.module).unwrap();
    let block = module.resource(change.address.mode, "aws_guardduty_threatintelset", "it").unwrap();
    assert_eq!(
        &*block.pointer,
        "/configuration/root_module/module_calls/ireland/module/module_calls/list/module/resources/1"
    );
    assert!(block.span.of(&text).is_some_and(|item| item.starts_with('{') && item.ends_with('}')));
    assert_eq!(configuration.providers.len(), 3);
}

#[test]
fn one_line_of_more_than_64_kib() {
    let (unit, text) = read("plan-over-64-kib.json");
    assert!(text.len() > 64 * 1024 && text.trim_end().lines().count() == 1);
    assert_eq!(
        (unit.changes.len(), unit.instances.len() as u64),
        (29, unit.types.values().map(|count| count.managed + count.data).sum::<u64>() - 29)
    );
    assert!(unit.flags.errored.is_some_and(|(_, span)| span.start > 64 * 1024));
}

#[test]
fn sensitive_values_of_a_real_plan() {
    let unit = unit("plan-sensitive.json");
    assert!(unit.variables.values().any(|value| value.sensitive));
    let marked = unit.changes.iter().flat_map(|change| change.after.members()).filter(|(_, value)| value.sensitive);
    assert!(marked.count() > 0);
}

#[test]
fn unknown_actions_reasons_versions_and_members_are_let_pass() {
    let unit = unit("plan-unknown-actions.json");
    assert_eq!(unit.changes[0].actions, [Action::Create, Action::Other]);
    assert_eq!(unit.changes[0].action_reason.as_deref(), Some("replace_because_the_moon_is_full"));
    assert_eq!(unit.actions.other, 1);
    assert_eq!(self::unit("plan-1.9.json").format_version.as_deref(), Some("1.9"));
    assert_eq!(self::unit("plan-0.1.json").changes.len(), 1);
}

#[test]
fn a_plan_without_format_version() {
    let unit = unit("plan-without-format-version.json");
    assert_eq!((unit.kind, unit.format_version), (UnitKind::Plan, None));
    assert_eq!((unit.changes.len(), unit.actions.planned), (1, 2));
}

#[test]
fn numbers_keep_their_text() {
    let unit = unit("plan-big-numbers.json");
    assert_eq!(show(&unit.changes[0].after), "{rank:123456789012345678901234567890 ratio:1e999 small:-0.10}");
}

#[test]
fn of_duplicate_keys_the_last_counts() {
    let unit = unit("plan-duplicate-keys.json");
    assert_eq!(unit.format_version.as_deref(), Some("1.2"));
    let change = &unit.changes[0];
    assert_eq!(change.address.to_string(), "aws_guardduty_detector.this");
    assert_eq!(change.actions, [Action::Create]);
    assert_eq!(show(&change.after), "{tags:{} enable:true}");
}

#[test]
fn an_item_that_does_not_say_what_changes() {
    let (unit, text) = read("plan-missing-actions.json");
    let [without_actions, without_change] = &unit.changes[..] else { panic!() };
    assert!(without_actions.actions.is_empty() && !without_actions.after.is_null());
    assert!(without_actions.actions_span.of(&text).is_some_and(|item| item.contains("\"provider_name\"")));
    assert_eq!(&*without_actions.pointer, "/resource_changes/0/change");
    assert!(without_change.actions.is_empty() && without_change.after.is_null());
    assert_eq!((&*without_change.pointer, without_change.span), ("/resource_changes/1", without_change.actions_span));
    assert!(without_change.span.of(&text).is_some_and(|item| item.contains("aws_guardduty_detector.other")));
    assert_eq!(unit.actions.other, 2);
}

#[test]
fn addresses_are_assembled_where_they_are_missing() {
    let unit = unit("plan-addresses.json");
    let addresses: Vec<_> = unit.changes.iter().map(|change| change.address.to_string()).collect();
    assert_eq!(
        addresses,
        [
            r#"module.eu["x"].aws_guardduty_detector.this[0]"#,
            "aws_guardduty_detector.this",
            r#"aws_guardduty_detector.assembled["k/1"]"#,
            "module.a.data.aws_guardduty_detector.seen",
        ]
    );
    assert_eq!(
        unit.notes,
        [
            "passed over /resource_changes/3: no resource address can be made of it",
            "passed over /resource_changes/4: no resource address can be made of it",
        ]
    );
    assert_eq!((unit.resources, unit.actions.other), (6, 4));
    assert_eq!(unit.types.get("aws_guardduty_detector"), Some(&TypeCount { managed: 4, data: 1 }));
}

#[test]
fn marks_lie_over_the_values() {
    let (unit, text) = read("plan-marks.json");
    let change = &unit.changes[0];
    assert_eq!(
        show(&change.after),
        "{plain:1! blocks:[{a:1! b:?} ?] short:['x' ?] gone:null id:?! nested:{deep:[{leaf:?}]}}"
    );
    assert_eq!(show(change.before()), "{secret:{key:'hush'!}! open:1}");
    let deep = change.after.get("nested").unwrap();
    assert_eq!((deep.span, deep.get("deep").map(|deep| deep.span)), (change.after.span, Some(change.after.span)));
    assert!(change.after.span.of(&text).is_some_and(|after| after.contains("\"short\"")));
    assert_eq!(*change.replace_paths, ["blocks.0.a".into(), "plain".into()]);
    assert_eq!(change.previous_address.as_deref(), Some("aws_guardduty_detector.old"));
    assert_eq!((change.importing, change.deposed.as_deref()), (true, Some("701a98cd")));
}

#[test]
fn deferred_changes_are_noted() {
    assert_eq!(
        unit("plan-deferred.json").notes,
        ["1 deferred changes are not audited: this plan does not decide them"]
    );
    let deferred = &unit("plan-deferred.json").deferred;
    let words: Vec<_> = deferred.iter().map(|item| (item.reason.as_deref(), item.address.as_deref())).collect();
    assert_eq!(words, [(Some("instance_count_unknown"), Some("aws_guardduty_detector.this"))]);
}

#[test]
fn a_lone_surrogate_is_replaced() {
    assert_eq!(show(&unit("plan-lone-surrogate.json").changes[0].after), "{content:'cut \u{fffd} here' \u{fffd}:1}");
}

#[test]
fn the_configuration_of_a_plan() {
    let (unit, text) = read("plan-configuration.json");
    assert_eq!(unit.variables.get("role").map(show).as_deref(), Some("'arn:y'!"));
    assert_eq!(unit.variables.get("open").map(show).as_deref(), Some("[1]"));
    assert_eq!(unit.variables.get("ephemeral").map(show).as_deref(), Some("null"));
    assert_eq!(
        unit.notes,
        ["passed over /configuration/root_module/resources/3: no resource address can be made of it"]
    );
    let configuration = unit.configuration.unwrap();

    let provider = &configuration.providers["aws"];
    assert_eq!(provider.expressions["region"].constant.as_ref().map(show).as_deref(), Some("'eu-west-1'"));
    assert_eq!(*provider.expressions["assume_role"].blocks[0]["role_arn"].references, ["var.role".into()]);
    assert_eq!(
        provider.expressions["default_tags"].blocks[0]["tags"].constant.as_ref().map(show).as_deref(),
        Some("{a:'b'}")
    );
    assert_eq!(&*provider.pointer, "/configuration/provider_config/aws");
    assert!(provider.span.of(&text).is_some_and(|entry| entry.contains("full_name")));
    let aliased = &configuration.providers["module.m:aws"];
    assert_eq!((aliased.alias.as_deref(), aliased.module_address.as_deref()), (Some("x"), Some("module.m")));

    let root = &configuration.root;
    let ipset = &root.resources[0];
    assert_eq!(ipset.expressions["location"].references.len(), 3);
    assert_eq!(ipset.expressions["format"].constant.as_ref().map(show).as_deref(), Some("'TXT'"));
    let policy = &ipset.expressions["policy"];
    assert!(policy.constant.is_none() && policy.references.is_empty() && policy.blocks.is_empty());
    assert_eq!(ipset.expressions["timeouts"].blocks[0]["create"].constant.as_ref().map(show).as_deref(), Some("'5m'"));
    assert_eq!(ipset.expressions["rule"].blocks.len(), 2);
    assert!(ipset.expressions["references"].constant.is_some());
    assert_eq!(ipset.count.as_ref().map(|count| count.references.len()), Some(1));
    assert_eq!(
        ipset.references.iter().map(|reference| &**reference).collect::<Vec<_>>(),
        ["aws_s3_object.list", r#"aws_s3_object.list["a"]"#, r#"aws_s3_object.list["a"].key"#, "var.count", "var.open"]
    );
    assert_eq!((ipset.provider_key.as_deref(), &*ipset.depends_on), (Some("aws"), &["aws_s3_bucket.b".into()][..]));
    assert_eq!(root.variables["role"].as_ref().map(show).as_deref(), Some("'arn:x'!"));
    assert_eq!(root.variables["open"], None);
    assert_eq!(&*root.outputs["id"].expression.references[0], "module.m.id");

    let call = &root.calls["m"];
    assert_eq!(call.expressions["password"].constant.as_ref().map(show).as_deref(), Some("'hush'!"));
    assert_eq!(call.expressions["name"].constant.as_ref().map(show).as_deref(), Some("'n'"));
    assert_eq!((call.source.as_deref(), call.for_each.is_some(), call.count.is_some()), (Some("./m"), true, false));
    assert_eq!(call.module.variables["name"].as_ref().map(show).as_deref(), Some("{k:[1]}"));
    let inner = configuration.module(&ModulePath::default().child("m", None)).unwrap();
    assert_eq!(&*inner.resources[0].pointer, "/configuration/root_module/module_calls/m/module/resources/0");
}

#[test]
fn the_provisioners_and_actions_of_a_plan() {
    let text = r#"{"format_version": "1.2", "resource_changes": [], "configuration": {"root_module": {
        "resources": [{"address": "null_resource.x", "mode": "managed", "type": "null_resource", "name": "x", "provisioners": [
            {"type": "local-exec", "expressions": {"command": {"constant_value": "true"}}},
            {"type": "remote-exec", "expressions": {"inline": {"references": ["local.x"]}}}, {}]}],
        "actions": [{"address": "action.local_command.x", "type": "local_command", "name": "x",
            "expressions": {"command": {"constant_value": "true"}}}]}}}"#;
    let Ok(Document::Unit(unit)) = Document::parse(text.as_bytes(), &|_| Detail::Count) else { panic!() };
    let root = unit.configuration.unwrap().root;
    let resource = &root.resources[0];
    let kinds: Vec<_> = resource.provisioners.iter().map(|provisioner| &*provisioner.kind).collect();
    assert_eq!(kinds, ["local-exec", "remote-exec", ""]);
    let first = &resource.provisioners[0];
    assert_eq!(first.expressions["command"].constant.as_ref().map(show).as_deref(), Some("'true'"));
    assert_eq!(&*first.pointer, "/configuration/root_module/resources/0/provisioners/0");
    assert_eq!(first.kind_span.of(text), Some("\"local-exec\""));
    assert_eq!(resource.provisioners[2].kind_span.of(text), Some("{}"));
    assert_eq!(resource.references, ["local.x".into()]);
    let action = &root.actions[0];
    assert_eq!((&*action.kind, &*action.name), ("local_command", "x"));
    assert_eq!(action.expressions["command"].constant.as_ref().map(show).as_deref(), Some("'true'"));
    assert_eq!(&*action.pointer, "/configuration/root_module/actions/0");
    assert!(action.span.of(text).is_some_and(|item| item.ends_with("}}}")));
}

#[test]
fn resources_that_no_rule_names_keep_their_references() {
    let bytes = bytes("plan-configuration.json");
    let Ok(Document::Unit(unit)) = Document::parse(&bytes, &|name| all_of(name.starts_with("aws_guardduty"))) else {
        panic!()
    };
    let web = &unit.configuration.unwrap().root.resources[1];
    assert!(web.expressions.is_empty());
    assert_eq!(
        web.references.iter().map(|reference| &**reference).collect::<Vec<_>>(),
        ["data.aws_ami.a", "data.aws_ami.a.id", "local.all", "var.open"]
    );
}

#[test]
fn a_raw_state() {
    let (unit, text) = read("state-v4.tfstate");
    assert_eq!((unit.kind, unit.format_version.as_deref(), unit.serial), (UnitKind::State, Some("4"), Some(9)));
    assert_eq!((unit.lineage.as_deref().map(str::len), unit.resources, unit.instances.len()), (Some(36), 9, 9));
    let eu = unit.instances.iter().find(|instance| &*instance.address.name == "eu").unwrap();
    assert_eq!(eu.provider.as_deref(), Some(r#"provider["registry.terraform.io/hashicorp/aws"].eu"#));
    assert_eq!(*eu.dependencies, ["aws_guardduty_detector.d".into()]);
    assert!(eu.span.of(&text).is_some_and(|item| item.starts_with('{') && item.contains("\"schema_version\"")));
    assert!(eu.values.span.of(&text).is_some_and(|attributes| eu.span.of(&text).unwrap().contains(attributes)));
    let module = unit.instances.iter().find(|instance| !instance.address.module.0.is_empty()).unwrap();
    assert_eq!(module.address.to_string(), "module.m.aws_s3_bucket.x");
}

#[test]
fn a_raw_state_says_where_it_says_what_it_is() {
    for file in ["state-v4.tfstate", "state-v3.tfstate"] {
        let (unit, text) = read(file);
        let identity = unit.identity.unwrap();
        assert_eq!(identity.serial.of(&text), Some(&*unit.serial.unwrap().to_string()), "{file}");
        assert_eq!(identity.lineage.of(&text), Some(&*format!("\"{}\"", unit.lineage.unwrap())), "{file}");
        let document = identity.document.of(&text).unwrap();
        assert!(document.starts_with('{') && document.ends_with('}'), "{file}");
    }
    assert_eq!(unit("state-show.json").identity, None);
}

#[test]
fn what_undecoded_objects_depend_on_is_kept() {
    let dependents = |file: &str, decoded: &str| {
        let Ok(Document::Unit(unit)) = Document::parse(&bytes(file), &|name| all_of(name == decoded)) else {
            panic!("{file}");
        };
        unit.dependents.iter().map(|(address, types)| format!("{address} {types:?}")).collect::<Vec<_>>()
    };
    for file in ["state-v4.tfstate", "state-show.json"] {
        assert_eq!(dependents(file, "aws_s3_bucket"), ["aws_s3_bucket.b {\"aws_s3_object\"}"], "{file}");
        // What is decoded has its own dependencies.
        assert!(dependents(file, "aws_guardduty_detector").is_empty(), "{file}");
    }
    let expected = ["aws_s3_bucket_object.list {\"aws_guardduty_ipset\"}"];
    assert_eq!(dependents("state-v3.tfstate", "aws_s3_bucket_object"), expected);
}

#[test]
fn the_same_objects_raw_and_shown() {
    let (raw, shown) = (unit("state-v4.tfstate"), unit("state-show.json"));
    assert_eq!(shown.kind, UnitKind::StateJson);
    let sorted = |unit: &Unit| {
        let mut addresses = addresses(&unit.instances);
        addresses.sort();
        addresses
    };
    assert_eq!(sorted(&raw), sorted(&shown));
    assert_eq!(raw.types, shown.types);
}

#[test]
fn deposed_and_tainted_objects() {
    for file in ["state-deposed.tfstate", "state-show-deposed.json"] {
        let unit = unit(file);
        let deposed: Vec<_> = unit.instances.iter().map(|instance| instance.deposed.as_deref()).collect();
        assert_eq!(deposed.iter().flatten().copied().collect::<Vec<_>>(), ["701a98cd"], "{file}");
        assert_eq!(unit.resources, 5, "{file}");
    }
    let unit = unit("state-tainted.tfstate");
    assert_eq!(unit.instances.iter().filter(|instance| instance.tainted).count(), 1);
}

#[test]
fn states_without_objects() {
    for file in ["state-after-destroy.tfstate", "state-empty-instances.tfstate", "state-show-empty.json"] {
        let unit = unit(file);
        assert!((unit.resources, unit.instances.len(), unit.types.len(), unit.notes.len()) == (0, 0, 0, 0), "{file}");
    }
    assert!(matches!(Document::parse(&bytes("state-empty.tfstate"), &|_| Detail::All), Ok(Document::Empty)));
}

#[test]
fn the_arns_that_outputs_tell_are_kept() {
    let arns = |document: &str| {
        let Ok(Document::Unit(unit)) = Document::parse(document.as_bytes(), &|_| Detail::All) else { panic!() };
        unit.harmless.output_arns.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let outputs = r#"{"topic": {"value": "arn:aws:sns:r:1:t", "type": "string", "sensitive": true},
        "all": {"value": {"a": ["arn:aws:sqs:r:1:q", 1, null], "b": "id"}}, "odd": 7, "none": {}}"#;
    let raw = format!(r#"{{"version": 4, "serial": 1, "lineage": "a", "outputs": {outputs}, "resources": []}}"#);
    assert_eq!(arns(&raw), ["arn:aws:sns:r:1:t", "arn:aws:sqs:r:1:q"]);
    let shown = format!(r#"{{"format_version": "1.0", "values": {{"outputs": {outputs}, "root_module": {{}}}}}}"#);
    assert_eq!(arns(&shown), ["arn:aws:sns:r:1:t", "arn:aws:sqs:r:1:q"]);
}

#[test]
fn what_is_harmless_in_a_state_is_told() {
    for (file, outputs, check_results, empty_resources) in [
        ("state-v4.tfstate", &["id", "s"][..], 1, &[][..]),
        ("state-show.json", &["id", "s"], 1, &[]),
        ("plan-destroy.json", &["id", "s"], 0, &[]),
        ("state-after-destroy.tfstate", &[], 0, &[]),
        (
            "state-empty-instances.tfstate",
            &[],
            0,
            &["aws_guardduty_ipset.list", "aws_guardduty_ipset.none", "aws_guardduty_ipset.absent"],
        ),
    ] {
        let harmless = unit(file).harmless;
        let boxed = |texts: &[&str]| texts.iter().map(|text| Box::from(*text)).collect::<Vec<Box<str>>>();
        assert_eq!(
            (harmless.outputs, harmless.check_results, harmless.empty_resources),
            (boxed(outputs), check_results, boxed(empty_resources)),
            "{file}"
        );
    }
    let odd = r#"{"version": 4, "serial": 1, "outputs": [], "check_results": {"a": 1},
                  "resources": [{"module": "module.m", "mode": "data", "type": "aws_x", "name": "y"}]}"#;
    let Ok(Document::Unit(unit)) = Document::parse(odd.as_bytes(), &|_| Detail::All) else { panic!() };
    assert_eq!((unit.harmless.outputs.len(), unit.harmless.check_results), (0, 0));
    assert_eq!(*unit.harmless.empty_resources, ["module.m.data.aws_x.y".into()]);
    let legacy = r#"{"version": 3, "serial": 1, "modules": [
        {"path": ["root"], "outputs": {"id": {"value": "x"}}, "resources": {}},
        {"path": ["root", "m"], "outputs": {"inner": {"value": "x"}}, "resources": {}}]}"#;
    let Ok(Document::Unit(unit)) = Document::parse(legacy.as_bytes(), &|_| Detail::All) else { panic!() };
    assert_eq!(*unit.harmless.outputs, ["id".into()]);
}

#[test]
fn instance_keys_of_all_kinds() {
    let unit = unit("state-keys.tfstate");
    let prefix = r#"module.m["x.y"].module.n[0].aws_guardduty_ipset.list"#;
    let keys: Vec<_> = addresses(&unit.instances).iter().map(|address| address.replace(prefix, "")).collect();
    assert_eq!(
        keys,
        [
            r#"["plain"]"#,
            r#"["a.b[\"c\"]"]"#,
            r#"["quote \" back \\ "]"#,
            r#"["$${not} %%{a} template"]"#,
            r#"["schlüssel 鍵"]"#,
            r#"[""]"#,
            r#"["line\nbreak"]"#,
            "[3]",
        ]
    );
    assert_eq!(unit.notes.len(), 2);
    assert_eq!(unit.resources, 10);
}

#[test]
fn opentofu_states() {
    let unit = unit("state-opentofu-providers.tfstate");
    let providers: Vec<_> = unit.instances.iter().filter_map(|instance| instance.provider.as_deref()).collect();
    assert_eq!(
        providers,
        [
            r#"provider["registry.opentofu.org/hashicorp/aws"].by_region["us-east-1"]"#,
            r#"provider["registry.opentofu.org/hashicorp/aws"].by_region["eu-west-1"]"#,
        ]
    );
    let unit = self::unit("state-opentofu-skip-destroy.tfstate");
    let skipped: Vec<_> =
        unit.instances.iter().map(|instance| (instance.skip_destroy, instance.deposed.is_some())).collect();
    assert_eq!(skipped, [(true, false), (false, true)]);
}

#[test]
fn flat_attributes_get_their_structure_back() {
    let (unit, text) = read("state-flat.tfstate");
    let instance = &unit.instances[0];
    assert_eq!(
        show(&instance.values),
        "{activate:'true' id:'1' rule:[{action:[{do:'y'}] name:'x'} {name:'z'}] tags:{a:'1' b.c:'2'}}"
    );
    assert_eq!(&*instance.pointer, "/resources/0/instances/0/attributes_flat");
    assert_eq!(*instance.dependencies, ["module.m.aws_s3_object.list".into()]);
    assert_eq!(
        instance.values.get("tags").and_then(|tags| tags.get("a")).and_then(|a| a.span.of(&text)),
        Some("\"1\"")
    );
}

#[test]
fn sensitive_paths_of_a_raw_state() {
    let unit = unit("state-sensitive-paths.tfstate");
    let instance = &unit.instances[0];
    assert_eq!(show(&instance.values), "{id:'1' location:'s3://b/k'! tags:{s:'hush'! t:'open'} rule:[{x:1} {x:2!}]}");
    assert!(instance.tainted);
    assert_eq!(*instance.dependencies, ["aws_s3_object.list".into(), "module.m.aws_x.y".into()]);
}

#[test]
fn a_state_of_version_3() {
    let (unit, text) = read("state-v3.tfstate");
    assert_eq!((unit.format_version.as_deref(), unit.serial, unit.resources), (Some("3"), Some(8), 5));
    assert_eq!(
        addresses(&unit.instances),
        [
            "aws_guardduty_ipset.list[0]",
            "aws_guardduty_ipset.list[0]",
            "data.aws_region.here",
            "module.child.module.inner.aws_s3_bucket.b",
        ]
    );
    let [current, deposed, region, bucket] = &unit.instances[..] else { panic!() };
    assert_eq!((current.tainted, current.deposed.as_deref()), (true, None));
    assert_eq!(&*current.pointer, "/modules/0/resources/aws_guardduty_ipset.list.0/primary/attributes");
    assert_eq!((deposed.tainted, deposed.deposed.as_deref()), (false, Some("00000001")));
    assert_eq!(&*deposed.pointer, "/modules/0/resources/aws_guardduty_ipset.list.0/deposed/0/attributes");
    assert_eq!(show(&region.values), "{id:'eu-west-1'}");
    assert_eq!(show(&bucket.values), "{id:'b' tags:{k:'v'} versioning:[{enabled:'false'}]}");
    assert_eq!(bucket.provider.as_deref(), Some("provider.aws.eu"));
    assert_eq!(*bucket.dependencies, ["module.child.module.inner.data.aws_region.here".into()]);
    assert!(bucket.span.of(&text).is_some_and(|object| object.starts_with('{') && object.contains("\"attributes\"")));
    assert_eq!(unit.notes, ["passed over /modules/0/resources/broken/primary: no resource address can be made of it"]);
}

#[test]
fn an_old_shown_state() {
    let unit = unit("state-show-0.1.json");
    let instance = &unit.instances[0];
    assert_eq!(instance.address.to_string(), r#"module.m.aws_guardduty_detector.d["k"]"#);
    assert_eq!(show(&instance.values), "{id:'1' tags:{s:'hush'!}}");
    assert_eq!((instance.tainted, instance.provider.as_deref()), (true, Some("registry.terraform.io/hashicorp/aws")));
    assert_eq!(&*instance.pointer, "/values/root_module/child_modules/0/resources/0/values");
}

#[test]
fn encodings_and_log_lines() {
    let mark = '\u{feff}'.len_utf8();
    let preamble = "[command]/opt/hostedtoolcache/terraform/1.11.4/x64/terraform-bin show -json tfplan\r\n".len()
        + "Switched to workspace \"prod\".\r\n".len();
    let plain = |file: &str| {
        let (unit, text) = read(file);
        let change = &unit.changes[0];
        assert_eq!(change.actions_span.of(&text), Some(r#"["create"]"#), "{file}");
        assert!(text.contains("grün"), "{file}");
        change.actions_span
    };
    let start = plain("plan-utf16-le.json");
    assert_eq!(plain("plan-utf16-be.json"), start);
    assert_eq!(plain("plan-bom.json"), Span { start: start.start + u32::try_from(mark).unwrap(), ..start });
    assert_eq!(
        plain("plan-behind-log-lines.json"),
        Span { start: start.start + u32::try_from(preamble).unwrap(), ..start }
    );
}

#[test]
fn a_saved_plan_shows_its_state_and_its_configuration() {
    let Ok(Document::SavedPlan(plan)) = Document::parse(&bytes("modules.tfplan"), &|_| Detail::All) else { panic!() };
    let state = plan.prior_state.unwrap();
    assert_eq!((state.kind, state.serial, state.resources), (UnitKind::State, Some(0), 0));
    let files: Vec<_> = plan.module_files.iter().map(|file| (&*file.module, &*file.path)).collect();
    assert_eq!(
        files,
        [
            ("", "main.tf"),
            ("ireland", "modules/region/main.tf"),
            ("ireland.detector", "modules/detector/main.tf"),
            ("ireland.list", "modules/lists/main.tf"),
            ("tokyo", "modules/region/main.tf"),
            ("tokyo.detector", "modules/detector/main.tf"),
            ("tokyo.list", "modules/lists/main.tf"),
            ("virginia", "modules/region/main.tf"),
            ("virginia.detector", "modules/detector/main.tf"),
            ("virginia.list", "modules/lists/main.tf"),
        ]
    );
    assert!(plan.module_files[3].text.contains("resource \"aws_guardduty_threatintelset\" \"it\""));

    let Ok(Document::SavedPlan(plan)) = Document::parse(&bytes("create.tfplan"), &|_| Detail::All) else { panic!() };
    assert_eq!(addresses(&plan.prior_state.unwrap().instances), ["data.aws_region.r"]);
}
