//! Where values and blocks stand, and what damage leaves.

use super::*;

#[test]
fn values_have_the_place_of_the_expression_that_made_them() {
    let sources = sources(&[
        (
            "",
            "a.tf",
            "\u{feff}resource \"x\" \"it\" {\n  it   = local.made\n  tree = { a = [1, upper(\"b\")] }\n  from = y.z.w\n}\n",
        ),
        ("", "b.tf", "locals {\n  made = \"x${1}\"\n}\n"),
    ]);
    let world = Known { resources: BTreeMap::from([("y.z.w", "1")]), ..Known::default() };
    let at = |value: &Value| text_of(&sources, value.text, value.span).to_owned();
    let value = |path: &[&str]| sources.evaluate(&address("x.it"), path, &world).unwrap();
    assert_eq!(at(&value(&["it"])), "\"x${1}\"");
    assert_eq!(at(&value(&["tree"])), "{ a = [1, upper(\"b\")] }");
    assert_eq!(at(&value(&["tree", "a", "1"])), "upper(\"b\")");
    assert_eq!(at(&value(&["from"])), "in the document");
    let (text, span) = sources.attribute_span(&address("x.it"), &["it"]).unwrap();
    assert_eq!(text_of(&sources, text, span), "it   = local.made");
    let block = sources.block(&address("x.it")).unwrap();
    let place = sources.place(block.text(), block.header()).unwrap();
    assert_eq!((place.path, place.line, place.column, place.end_line, place.end_column), ("a.tf", 1, 1, 1, 18));
    let place = sources.place(text, span).unwrap();
    assert_eq!((place.line, place.column, place.end_column), (2, 3, 20));
}

#[test]
fn an_encoded_document_has_its_own_places() {
    let sources = root(
        "locals {\n  all = \"*\"\n}\nresource \"x\" \"it\" {\n  policy = jsonencode({ Principal = local.all, Resource = \"${y.z.arn}/*\" })\n  text   = \"{\\\"a\\\": ${y.z.arn}}\"\n  none   = \"x\"\n  whole = data.d.e.json\n  unset = null\n}\n",
    );
    let value = |path: &str| sources.evaluate_json(&address("x.it"), &[path], &Known::default()).unwrap();
    let policy = value("policy");
    assert_eq!(show(&policy), r#"{Principal: "*", Resource: "<y.z.arn>/*"}"#);
    let principal = policy.get("Principal").unwrap();
    assert_eq!(text_of(&sources, principal.text, principal.span), "\"*\"");
    assert_eq!(show(&value("text")), "{a: ?y.z.arn}");
    assert_eq!(show(&value("none")), "?");
    assert_eq!(show(&value("whole")), "?data.d.e.json");
    assert_eq!(show(&value("unset")), "null");
    assert_eq!(sources.evaluate_json(&address("x.it"), &["missing"], &Known::default()), None);
}

const DAMAGED: &str = "resource \"x\" \"good\" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}\nresource \"x\" \"bad\" {\n  it = \n}\nmodule \"m\" {\n  a = [\n}\nprovider \"aws\" {\n  region = }\n}\n";

#[test]
fn what_is_damaged_is_unknown_and_never_false() {
    let sources = root(DAMAGED);
    let prevents = ["lifecycle", "prevent_destroy"];
    assert_eq!(eval(&sources, "x.good", &prevents, &Known::default()).as_deref(), Some("true"));
    assert_eq!(eval(&sources, "x.bad", &prevents, &Known::default()).as_deref(), Some("?"));
    assert!(!sources.block(&address("x.bad")).unwrap().is_readable());
    let region = sources.evaluate_provider(&ModulePath::default(), "aws", Some("eu"), &["region"], &Known::default());
    assert_eq!(region.map(|value| show(&value)).as_deref(), Some("?"));
    let lines = sources.notes().iter().map(|note| note.place.unwrap().line).collect::<Vec<_>>();
    assert_eq!(lines.len(), 3, "{:?}", sources.notes());
    assert!((6..=8).contains(&lines[0]) && (9..=11).contains(&lines[1]), "{lines:?}");
}

#[test]
fn override_files_are_laid_over() {
    let sources = sources(&[
        (
            "",
            "z_override.tf",
            "resource \"x\" \"it\" {\n  a = 2\n  rule {\n    n = 9\n  }\n  lifecycle {\n    prevent_destroy = false\n  }\n}\nlocals {\n  l = 2\n}\n",
        ),
        (
            "",
            "main.tf",
            "resource \"x\" \"it\" {\n  a = 1\n  b = local.l\n  rule {\n    n = 1\n  }\n  rule {\n    n = 2\n  }\n  lifecycle {\n    prevent_destroy       = true\n    create_before_destroy = true\n  }\n}\nlocals {\n  l = 1\n}\n",
        ),
    ]);
    for (path, expected) in [
        ("a", "2"),
        ("b", "2"),
        ("rule", "[{n: 9}]"),
        ("lifecycle prevent_destroy", "false"),
        ("lifecycle create_before_destroy", "true"),
    ] {
        let path = path.split(' ').collect::<Vec<_>>();
        assert_eq!(eval(&sources, "x.it", &path, &Known::default()).as_deref(), Some(expected), "{path:?}");
    }
}

#[test]
fn tofu_files_replace_those_of_their_name() {
    let sources = sources(&[
        ("", "main.tf", "resource \"x\" \"a\" {}\n"),
        ("", "main.tofu", "resource \"x\" \"b\" {}\n"),
        ("", "other.tf", "resource \"x\" \"c\" {}\n"),
        ("", "notes.txt", "resource \"x\" \"d\" {}\n"),
    ]);
    let found = ["a", "b", "c", "d"].map(|name| sources.block(&address(&format!("x.{name}"))).is_some());
    assert_eq!(found, [false, true, true, false]);
}

#[test]
fn actions_are_evaluated_in_both_syntaxes() {
    let hcl = r#"
locals {
  script = "run.sh"
}
action "local_command" "run" {
  config {
    command   = "bash"
    arguments = ["-e", local.script, each.key]
  }
}
"#;
    let json = r#"{"locals": {"script": "run.sh"}, "action": {"local_command": {"run": {"config": {
        "command": "bash", "arguments": ["-e", "${local.script}", "${each.key}"]}}}}}"#;
    for (file, text) in [("main.tf", hcl), ("main.tf.json", json)] {
        let sources = sources(&[("m", file, text)]);
        let (module, action) = sources.actions().next().unwrap();
        assert_eq!(module.to_string(), "module.m");
        assert_eq!(action.labels().collect::<Vec<_>>(), ["local_command", "run"]);
        let value = |name: &str| {
            sources.evaluate_action(&module, action, &["config", name], &Known::default()).map(|value| show(&value))
        };
        assert_eq!(value("command").as_deref(), Some("\"bash\""), "{file}");
        assert_eq!(value("arguments").as_deref(), Some("[\"-e\", \"run.sh\", ?module.m each.key]"), "{file}");
        assert_eq!(value("stdin"), None, "{file}");
    }
}

#[test]
fn json_syntax_evaluates_like_hcl() {
    let text = r#"{
  "locals": {"name": "gd-${1 + 1}"},
  "provider": {"aws": [{"region": "eu-west-1"}, {"alias": "us", "region": "us-east-1"}]},
  "resource": {"x": {"it": {
    "for_each": "${toset([\"k\"])}",
    "it": "${local.name}-${each.key}",
    "provider": "aws.us",
    "rule": {"apply": {"sse": "aws:kms"}},
    "dynamic": {"statement": {"for_each": ["a"], "content": {"sid": "${statement.value}"}}},
    "depends_on": ["y.z"],
    "escaped": "$${no}",
    "broken": "${",
    "lifecycle": {"prevent_destroy": true}
  }}}
}"#;
    let sources = sources(&[("", "main.tf.json", text)]);
    assert_eq!(sources.notes(), []);
    for (path, expected) in [
        ("it", r#""gd-2-k""#),
        ("rule 0 apply 0 sse", r#""aws:kms""#),
        ("statement 0 sid", r#""a""#),
        ("lifecycle prevent_destroy", "true"),
        ("escaped", r#""${no}""#),
        ("broken", "?"),
    ] {
        let path = path.split(' ').collect::<Vec<_>>();
        assert_eq!(eval(&sources, r#"x.it["k"]"#, &path, &Known::default()).as_deref(), Some(expected), "{path:?}");
    }
    let it = address("x.it");
    assert_eq!(sources.provider_of(&it), Some(("aws".to_owned(), Some("us".to_owned()))));
    assert_eq!(sources.depends_on(&it).iter().map(ToString::to_string).collect::<Vec<_>>(), ["y.z"]);
    let (text, span) = sources.attribute_span(&it, &["it"]).unwrap();
    assert_eq!(text_of(&sources, text, span), "\"${local.name}-${each.key}\"");
    let region = sources.evaluate_provider(&ModulePath::default(), "aws", Some("us"), &["region"], &Known::default());
    assert_eq!(region.map(|value| show(&value)).as_deref(), Some("\"us-east-1\""));
}

#[test]
fn removed_and_moved_blocks_are_found() {
    let sources = sources(&[
        (
            "",
            "main.tf",
            "removed {\n  from = x.gone\n  lifecycle {\n    destroy = false\n  }\n}\nremoved {\n  from = module.m.module.n\n}\nmoved {\n  from = x.a\n  to   = module.m[\"k\"].x.b[0]\n}\n",
        ),
        ("m", "m/main.tf", "removed {\n  from = data.x.old\n}\nremoved {\n  from = module.n.x.y\n}\n"),
        ("", "json.tf.json", r#"{"removed": {"from": "x.json", "lifecycle": {"destroy": false}}}"#),
    ]);
    let removed = |at: &str| {
        let at = address(at);
        sources.removed(&at).next()
    };
    let block = removed("x.gone[1]").unwrap();
    let destroys =
        sources.evaluate_block(block, &ModulePath::default(), None, &["lifecycle", "destroy"], &Known::default());
    assert_eq!(destroys.map(|value| show(&value)).as_deref(), Some("false"));
    let destroys = |at: &str| removed(at)?.blocks("lifecycle").next()?.truth("destroy");
    assert_eq!(
        (destroys("x.gone[1]"), destroys("x.json"), destroys("module.m.data.x.old")),
        (Some(false), Some(false), None)
    );
    assert_eq!(sources.removed(&address("module.m[0].module.n.x.y")).count(), 2);
    assert!(removed("module.m[0].module.n.x.y").is_some());
    assert!(removed("module.m.data.x.old").is_some());
    assert!(
        removed("module.m.x.old").is_none()
            && removed("module.m.module.o.x.y").is_none()
            && removed("x.there").is_none()
    );
    let moved = sources.moved();
    assert_eq!((&*moved[0].from, &*moved[0].to), ("x.a", r#"module.m["k"].x.b[0]"#));
}

#[test]
fn a_truth_is_read_where_it_is_written_out() {
    let sources = root(
        "resource \"x\" \"it\" {\n  lifecycle {\n    a = (true)\n    b = \"false\"\n    c = var.c\n    d = \"no\"\n  }\n}\n",
    );
    let lifecycle = sources.block(&address("x.it")).unwrap().blocks("lifecycle").next().unwrap();
    let truths = ["a", "b", "c", "d", "e"].map(|name| lifecycle.truth(name));
    assert_eq!(truths, [Some(true), Some(false), None, None, None]);
}

#[test]
fn a_module_is_missing_where_its_call_is_at_hand_and_its_configuration_is_not() {
    let sources = sources(&[
        ("", "main.tf", "module \"m\" {\n  source = \"./m\"\n}\nmodule \"far\" {\n  source = \"org/far/aws\"\n}\n"),
        ("m", "m/main.tf", "module \"far\" {\n  source = \"org/far/aws\"\n}\n"),
    ]);
    let missing = |path: &str| sources.is_module_missing(&path.parse().unwrap());
    assert!(missing("module.far[0]") && missing("module.m.module.far") && missing("module.far.module.x"));
    assert!(!missing("module.m") && !missing("module.gone") && !missing("module.m.module.gone"));
    assert!(!sources.is_module_missing(&ModulePath::default()));
}

#[test]
fn providers_are_found_through_calls() {
    let sources = sources(&[
        (
            "",
            "main.tf",
            "provider \"aws\" {\n  region = var.home\n}\nprovider \"aws\" {\n  alias  = \"us\"\n  region = \"us-east-1\"\n  assume_role {\n    role_arn = \"arn:aws:iam::1:role/r\"\n  }\n}\nmodule \"a\" {\n  source    = \"./a\"\n  providers = { aws = aws.us, aws.home = aws }\n}\nmodule \"b\" {\n  source = \"./a\"\n}\n",
        ),
        ("a", "a/main.tf", ""),
        ("b", "a/main.tf", ""),
    ]);
    let world = Known { variables: BTreeMap::from([("home", r#""eu-west-1""#)]), ..Known::default() };
    let region = |module: &str, alias| {
        let path = if module.is_empty() { ModulePath::default() } else { module.parse().unwrap() };
        sources.evaluate_provider(&path, "aws", alias, &["region"], &world).map(|value| show(&value))
    };
    assert_eq!(region("", None).as_deref(), Some("\"eu-west-1\""));
    assert_eq!(region("module.a[0]", None).as_deref(), Some("\"us-east-1\""));
    assert_eq!(region("module.a", Some("home")).as_deref(), Some("\"eu-west-1\""));
    assert_eq!(region("module.b", None).as_deref(), Some("\"eu-west-1\""));
    assert_eq!(region("module.b", Some("us")), None);
    let role =
        sources.evaluate_provider(&ModulePath::default(), "aws", Some("us"), &["assume_role", "role_arn"], &world);
    assert_eq!(role.map(|value| show(&value)).as_deref(), Some("\"arn:aws:iam::1:role/r\""));
}

#[test]
fn references_follow_locals_and_keep_loops_apart() {
    let sources = root(
        r#"
locals {
  a = "${local.b}${y.one.id}"
  b = [for o in y.two : o.key if local.a != var.v]
}
resource "x" "it" {
  for_each   = toset(module.m.names)
  provider   = aws.eu
  it         = local.a
  index      = y.three[each.key].id
  fixed      = y.four["k"].id
  depends_on = [module.n, y.five]
  dynamic "s" {
    for_each = data.d.e.f
    content {
      v = s.value.id
      w = y.six[0].id
    }
  }
  lifecycle {
    ignore_changes       = [settings.deep]
    replace_triggered_by = [y.seven.id]
  }
  provisioner "local-exec" {
    when    = destroy
    command = "x ${self.id} ${path.module}"
  }
}
"#,
    );
    let text = |found: Vec<Reference>| found.iter().map(ToString::to_string).collect::<Vec<_>>();
    let it = address("x.it");
    let mut all = text(sources.references(&it));
    all.sort();
    assert_eq!(
        all,
        [
            "data.d.e.f",
            "each.key",
            "module.m.names",
            "path.module",
            "self.id",
            "var.v",
            "y.four[\"k\"].id",
            "y.one.id",
            "y.seven.id",
            "y.six[0].id",
            "y.three",
            "y.two",
        ]
    );
    assert!(text(sources.references_as_written(&it)).contains(&"local.a".to_owned()));
    assert_eq!(text(sources.depends_on(&it)), ["y.five", "module.n"]);
    assert_eq!(text(sources.attribute_references(&it, &["lifecycle", "replace_triggered_by"])), ["y.seven.id"]);
    assert_eq!(text(sources.local_references(&ModulePath::default(), "b")), ["y.one.id", "y.two", "var.v"]);
}

#[test]
fn sources_are_shared_between_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Sources>();
}

#[test]
fn a_block_with_nothing_but_an_alias_stands_for_what_the_call_passes() {
    let region = |block: &str, call: &str| {
        let root = format!(
            "provider \"aws\" {{\n  region = \"eu-west-1\"\n}}\nprovider \"aws\" {{\n  alias  = \"us\"\n  region = \"us-east-1\"\n}}\nmodule \"a\" {{\n  source = \"./a\"\n  {call}\n}}\n"
        );
        let child = format!("provider \"aws\" {{\n  {block}\n}}\n");
        let sources = sources(&[("", "main.tf", &root), ("a", "a/main.tf", &child)]);
        let path = "module.a".parse::<ModulePath>().unwrap();
        let alias = block.contains("alias").then_some("dst");
        let value = sources.evaluate_provider(&path, "aws", alias, &["region"], &Known::default());
        value.map(|value| show(&value))
    };
    let (proxy, passed) = ("alias = \"dst\"", "providers = { aws.dst = aws.us }");
    assert_eq!(region(proxy, passed).as_deref(), Some("\"us-east-1\""));
    assert_eq!(region(proxy, "providers = { aws.dst = aws }").as_deref(), Some("\"eu-west-1\""));
    assert_eq!(region("", "providers = { aws = aws.us }").as_deref(), Some("\"us-east-1\""));
    // One that says more is the module's own, and so is one for which the call passes nothing.
    assert_eq!(region("alias = \"dst\"\n  region = \"eu-west-3\"", passed).as_deref(), Some("\"eu-west-3\""));
    assert_eq!(region(proxy, "").as_deref(), None);
    // What a call passes need not be written out.
    assert_eq!(region(proxy, "providers = { aws.dst = aws.by_region[each.key] }"), None);
    assert_eq!(region("", "providers = { aws = aws.by_region[each.key] }"), None);
}
