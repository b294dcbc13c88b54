//! Expressions without modules: the language and its functions.

use std::fmt::Write as _;

use super::{scenarios::Folder, *};

const BLOCKS: &str = r#"
locals {
  one     = 1
  name    = "gd"
  list    = ["b", "a", "b"]
  map     = { b = 2, a = "x" }
  lists   = { eu = { key = "eu.txt", on = true }, us = { key = aws_s3_object.us.key, on = false } }
  circle  = local.spiral
  spiral  = "${local.circle}!"
  secret  = sensitive("s")
  policy  = jsonencode({ Resource = aws_s3_bucket.b.arn })
}
variable "set" {}
variable "plain" {
  default = "never used"
}
variable "hidden" {
  sensitive = true
}
variable "zones" {
  type = set(string)
}
variable "typed" {
  type = map(object({ key = string, format = optional(string, "TXT"), note = optional(string) }))
}
resource "aws_s3_bucket" "b" {}
resource "aws_s3_bucket" "n" { count = 2 }
resource "aws_s3_object" "m" { for_each = toset(["x", "y"]) }
"#;

fn world() -> Known {
    Known {
        resources: BTreeMap::from([
            ("aws_s3_bucket.b.bucket", r#""lists""#),
            ("aws_s3_bucket.b.rule", r#"[{"id": "?", "on": true}]"#),
            ("aws_s3_bucket.n[1].id", r#""second""#),
        ]),
        variables: BTreeMap::from([
            ("set", r#"{"a": 1}"#),
            ("hidden", r#""h""#),
            ("zones", r#"["b", "a", "b"]"#),
            ("typed", r#"{"eu": {"key": "k", "more": 1}}"#),
        ]),
        ..Known::default()
    }
}

#[test]
fn literals_and_collections() {
    check(
        BLOCKS,
        &world(),
        &[
            ("null", "null"),
            ("true", "true"),
            ("-1.50", "-1.5"),
            ("12345678901234567890123", "12345678901234567890123"),
            (r#""a\n\t\"\\\u00e9""#, r#""a\n\t\"\\é""#),
            (r#""$${x} %%{y} $ %""#, r#""${x} %{y} $ %""#),
            ("[1, \"a\", [true]]", r#"[1, "a", [true]]"#),
            ("{ a = 1, \"b-c\" = 2, (local.name) = 3 }", "{a: 1, b-c: 2, gd: 3}"),
            ("{ (var.plain) = 1 }", "?"),
            ("(1)", "1"),
        ],
    );
}

#[test]
fn operators_and_conditionals() {
    check(
        BLOCKS,
        &world(),
        &[
            ("1 + 2 * 3 - 4 / 2", "5"),
            ("0.1 + 0.2", "0.3"),
            ("1 / 3", "?"),
            ("7 % 4", "3"),
            ("-local.one", "-1"),
            ("1 < 2 && !(2 >= 3)", "true"),
            ("false && var.plain", "false"),
            ("true || var.plain", "true"),
            ("true && var.plain", "?"),
            ("\"1\" == 1", "false"),
            ("[1, 2] == [1, 2]", "true"),
            ("{ a = var.plain } == { b = 1 }", "false"),
            ("var.plain == null", "?"),
            ("null == null", "true"),
            (r#""lists/${var.plain}" == "other/x""#, "false"),
            (r#""lists/${var.plain}" == "lists/x""#, "?"),
            ("local.one == 1 ? \"y\" : var.plain", r#""y""#),
            ("var.plain ? \"y\" : \"n\"", "?"),
            ("var.plain ? \"y\" : \"y\"", r#""y""#),
            ("var.plain ? aws_s3_bucket.b.arn : aws_s3_bucket.b.arn", "?aws_s3_bucket.b.arn"),
            ("var.plain ? lower(var.plain) : upper(var.plain)", "?"),
        ],
    );
}

#[test]
fn references_and_holes() {
    check(
        BLOCKS,
        &world(),
        &[
            ("local.name", r#""gd""#),
            ("local.nothing", "?local.nothing"),
            ("local.circle", r#""<>!""#),
            ("var.set.a", "1"),
            ("var.plain", "?var.plain"),
            ("var.plain.deep[0]", "?var.plain.deep[0]"),
            ("var.zones", r#"["a", "b"]"#),
            ("var.typed", r#"{eu: {key: "k", format: "TXT", note: null}}"#),
            ("aws_s3_bucket.b.bucket", r#""lists""#),
            ("aws_s3_bucket.b.arn", "?aws_s3_bucket.b.arn"),
            ("aws_s3_bucket.b.rule[0].id", "?aws_s3_bucket.b.rule[0].id"),
            ("aws_s3_bucket.b.rule.0.on", "true"),
            ("aws_s3_bucket.b", "?aws_s3_bucket.b"),
            ("{ b = aws_s3_bucket.b }.b.bucket", r#""lists""#),
            ("data.aws_region.here.name", "?data.aws_region.here.name"),
            ("aws_s3_bucket.n[1].id", r#""second""#),
            ("aws_s3_bucket.n[local.one].id", r#""second""#),
            ("aws_s3_bucket.n[0].id", "?aws_s3_bucket.n[0].id"),
            ("aws_s3_bucket.n[*].id", r#"[?aws_s3_bucket.n[0].id, "second"]"#),
            ("aws_s3_bucket.n.*.id[1]", r#""second""#),
            ("aws_s3_bucket.b[*].bucket", r#"["lists"]"#),
            ("aws_s3_bucket.n[var.plain].id", "?"),
            (r#"aws_s3_object.m["x"].key"#, r#"?aws_s3_object.m["x"].key"#),
            (
                "{ for k, o in aws_s3_object.m : k => o.key }",
                r#"{x: ?aws_s3_object.m["x"].key, y: ?aws_s3_object.m["y"].key}"#,
            ),
            ("keys(aws_s3_object.m)", r#"["x", "y"]"#),
            ("aws_unknown.x[*].id", "?"),
            ("path.module", r#"".""#),
            ("path.root", r#"".""#),
            ("terraform.workspace", "?terraform.workspace"),
            ("self.id", "?self.id"),
            ("each.value.key", "?each.value.key"),
            ("count.index", "?count.index"),
            ("[for x in [1] : x][0]", "1"),
            ("null[*]", "[]"),
            ("\"x\"[*]", r#"["x"]"#),
        ],
    );
}

#[test]
fn templates_and_heredocs() {
    check(
        BLOCKS,
        &world(),
        &[
            (r#""${local.one}""#, "1"),
            (r#""${local.one}-${local.name}-${true}""#, r#""1-gd-true""#),
            (r#""s3://${aws_s3_bucket.b.id}/a-${"b"}.txt""#, r#""s3://<aws_s3_bucket.b.id>/a-b.txt""#),
            (r#""a${lower(var.plain)}b""#, r#""a<>b""#),
            (r#""a${null}b""#, r#""a<>b""#),
            (r#""a  ${~ local.name ~}  b""#, r#""agdb""#),
            (r#""%{ if local.one == 1 }yes%{ else }no%{ endif }""#, r#""yes""#),
            (r#""%{ if var.plain }yes%{ endif }!""#, r#""<>!""#),
            (r#""%{ for k, v in local.map }${k}=${v};%{ endfor }""#, r#""a=x;b=2;""#),
            (r#""%{ for v in var.plain }${v}%{ endfor }""#, "?"),
            ("<<EOT\n  a ${local.name}\n  b\nEOT\n", r#""  a gd\n  b\n""#),
            ("<<-EOT\n    a\n\n      ${local.name}\n    c\n    EOT\n", r#""a\n\n  gd\nc\n""#),
            ("<<-EOT\n    a $${b}\n\tc\n    EOT\n", r#""   a ${b}\nc\n""#),
            // As Terraform: `~}` eats its own line's end, so that the next line keeps its indentation.
            (
                "<<-EOT\n  %{ for x in local.list ~}\n  - ${x}\n  %{ endfor ~}\n  end\n  EOT\n",
                r#""  - b\n  - a\n  - b\n  end\n""#,
            ),
            ("<<EOT\n%{ for x in local.list ~}\n${x}\n%{ endfor ~}\nEOT\n", r#""b\na\nb\n""#),
            ("<<EOT\nx\n%{~ if true }y%{ endif ~}\n\nz\nEOT\n", r#""xy\nz\n""#),
        ],
    );
}

#[test]
fn loops() {
    check(
        BLOCKS,
        &world(),
        &[
            ("[for x in local.list : upper(x)]", r#"["B", "A", "B"]"#),
            ("[for i, x in local.list : \"${i}${x}\" if x != \"a\"]", r#"["0b", "2b"]"#),
            ("[for k, v in local.map : k]", r#"["a", "b"]"#),
            ("{ for x in local.list : x => x... }", r#"{b: ["b", "b"], a: ["a"]}"#),
            ("{ for k, v in local.lists : k => v.key if v.on }", r#"{eu: "eu.txt"}"#),
            ("[for k, v in local.lists : v.key]", r#"["eu.txt", ?aws_s3_object.us.key]"#),
            ("[for k, v in toset(local.list) : k]", r#"["a", "b"]"#),
            ("[for k, v in var.zones : k]", r#"["a", "b"]"#),
            ("[for x in var.plain : x]", "?"),
            ("[for x in [var.plain, \"b\"] : x]", r#"[?var.plain, "b"]"#),
            ("[for x in [var.plain, \"b\"] : x if x == \"b\"]", "?"),
            ("{ for x in [var.plain] : x => 1 }", "?"),
            ("local.list[*]", r#"["b", "a", "b"]"#),
            ("[for o in [{ key = \"k\" }] : o.key]", r#"["k"]"#),
        ],
    );
}

#[test]
fn functions_of_strings() {
    check(
        BLOCKS,
        &world(),
        &[
            (r#"format("%s/%03d-%q%%%v", local.name, 7, "a\"", [1])"#, r#""gd/007-\"a\\\"\"%[1]""#),
            (r#"format("%[2]s-%[1]s", "a", "b")"#, r#""b-a""#),
            (r#"format("%s/x", aws_s3_bucket.b.arn)"#, r#""<aws_s3_bucket.b.arn>/x""#),
            (r#"format("%5.1f", 1.25)"#, "?"),
            (r#"formatlist("%s/*", ["a", aws_s3_bucket.b.arn])"#, r#"["a/*", "<aws_s3_bucket.b.arn>/*"]"#),
            (r#"join("\n", local.list)"#, r#""b\na\nb""#),
            (r#"join(",", ["a", var.plain])"#, r#""a,<var.plain>""#),
            (r#"join(",", var.plain)"#, "?"),
            (r#"split("/", "a/b//c")"#, r#"["a", "b", "", "c"]"#),
            (r#"split("/", "a/${var.plain}")"#, "?"),
            (r#"lower("AÄ")"#, r#""aä""#),
            (r#"upper("a-${var.plain}")"#, r#""A-<>""#),
            (r#"trim("//a/", "/")"#, r#""a""#),
            (r#"trimspace("  a ")"#, r#""a""#),
            (r#"trimprefix("s3://b", "s3://")"#, r#""b""#),
            (r#"trimsuffix("a.txt", ".txt")"#, r#""a""#),
            (r#"replace("a.b.c", ".", "-")"#, r#""a-b-c""#),
            (r#"replace("a1", "/[0-9]/", "")"#, "?"),
            (r#"startswith("s3://${var.plain}", "s3:")"#, "true"),
            (r#"endswith(var.plain, "x")"#, "?"),
            (r#"basename("a/b.txt")"#, r#""b.txt""#),
            (r#"chomp("a\n\n")"#, r#""a""#),
            (r#"length("äb")"#, "2"),
            ("tostring(1)", r#""1""#),
            (r#"tonumber("2.50")"#, "2.5"),
            (r#"tobool("true")"#, "true"),
            ("tostring(aws_s3_bucket.b.arn)", "?aws_s3_bucket.b.arn"),
            (r#"md5("x")"#, "?"),
            ("provider::aws::arn_parse(var.set)", "?"),
        ],
    );
}

#[test]
fn functions_of_collections() {
    check(
        BLOCKS,
        &world(),
        &[
            ("concat([1], [2, 3])", "[1, 2, 3]"),
            ("concat([[1], [2]]...)", "[1, 2]"),
            ("concat([1], var.plain)", "?"),
            ("merge(local.map, { b = 3 }, null)", r#"{a: "x", b: 3}"#),
            ("merge(local.map, var.plain)", "?"),
            ("flatten([[1, [2]], 3])", "[1, 2, 3]"),
            (
                "flatten([[aws_s3_bucket.b.arn, \"${aws_s3_bucket.b.arn}/*\"]])",
                r#"[?aws_s3_bucket.b.arn, "<aws_s3_bucket.b.arn>/*"]"#,
            ),
            ("flatten([lower(var.plain)])", "?"),
            ("flatten([md5(\"x\")])", "?"),
            (r#"compact(["", "a", null])"#, r#"["a"]"#),
            ("compact([var.plain])", "?"),
            ("compact([aws_s3_bucket.b.id])", "?"),
            (
                r#"compact([local.one == 2 ? md5("x") : "", aws_s3_bucket.b.filled, "${aws_s3_bucket.b.id}/*"])"#,
                r#"[?aws_s3_bucket.b.filled, "<aws_s3_bucket.b.id>/*"]"#,
            ),
            (r#"compact(["${aws_s3_bucket.b.id}${aws_s3_bucket.n[0].id}"])"#, "?"),
            ("distinct(local.list)", r#"["b", "a"]"#),
            ("toset(local.list)", r#"["a", "b"]"#),
            ("tolist(local.list)", r#"["b", "a", "b"]"#),
            ("keys(local.map)", r#"["a", "b"]"#),
            ("values(local.map)", r#"["x", 2]"#),
            (r#"lookup(local.map, "a", 1)"#, r#""x""#),
            (r#"lookup(local.map, "c", 1)"#, "1"),
            ("length(local.list)", "3"),
            ("length([var.plain])", "1"),
            ("element(local.list, 4)", r#""a""#),
            ("one([])", "null"),
            ("join(\"\", aws_s3_bucket.n[*].id)", r#""<aws_s3_bucket.n[0].id>second""#),
            ("join(\"\", [aws_s3_bucket.b.arn])", "?aws_s3_bucket.b.arn"),
            ("one(aws_s3_bucket.b[*].bucket)", r#""lists""#),
            ("one([1, 2])", "?"),
            (r#"contains(local.list, "a")"#, "true"),
            (r#"contains(["b", var.plain], "a")"#, "?"),
            ("sort(local.list)", r#"["a", "b", "b"]"#),
            ("reverse(local.list)", r#"["b", "a", "b"]"#),
            (r#"coalesce(null, "", "a")"#, r#""a""#),
            (r#"coalesce(var.plain, "a")"#, "?"),
            ("try(local.map.c, local.map.a)", r#""x""#),
            ("try(aws_s3_bucket.n[2].id, \"none\")", r#""none""#),
            ("try(aws_s3_bucket.n[0].id, \"none\")", "?aws_s3_bucket.n[0].id"),
            ("try([local.map.c], \"none\")", r#""none""#),
            ("[local.map.c, 1]", "[?, 1]"),
            ("can(local.map.a)", "true"),
            ("can(local.map.c)", "false"),
            ("can(var.plain)", "?"),
        ],
    );
}

#[test]
fn json_texts() {
    check(
        BLOCKS,
        &world(),
        &[
            ("jsonencode({ b = [1, null], a = \"<x>\\n\" })", r#""{\"a\":\"\\u003cx\\u003e\\n\",\"b\":[1,null]}""#),
            ("jsonencode(aws_s3_bucket.b.arn)", "?"),
            ("jsonencode({ r = aws_s3_bucket.b.arn })", r#""{\"r\":<aws_s3_bucket.b.arn>}""#),
            ("jsonencode({ r = \"${aws_s3_bucket.b.arn}/*\" })", r#""{\"r\":\"<aws_s3_bucket.b.arn>/*\"}""#),
            (r#"jsondecode("{\"a\": [1, \"\\u00e9\"]}").a[1]"#, r#""é""#),
            ("jsondecode(local.policy).Resource", "?aws_s3_bucket.b.arn"),
            ("jsondecode(jsonencode({ r = \"a/${var.plain}\" })).r", r#""a/<var.plain>""#),
            ("jsondecode(\"{\")", "?"),
            ("try(jsondecode(\"{\"), 1)", "1"),
        ],
    );
}

#[test]
fn sensitive_marks_survive() {
    check(
        BLOCKS,
        &world(),
        &[
            ("var.hidden", r#"!"h""#),
            ("\"x${var.hidden}\"", r#"!"xh""#),
            ("[var.hidden, 1]", r#"[!"h", 1]"#),
            ("jsonencode([var.hidden])", r#"!"[\"h\"]""#),
            ("join(\",\", [local.secret])", r#"!"s""#),
            ("concat([1], sensitive([2]))", "![1, !2]"),
            ("merge({ a = 1 }, { b = local.secret }).a", "1"),
            ("local.secret == \"s\" ? 1 : 2", "!1"),
            ("{ for k, v in { a = local.secret } : k => v }", r#"{a: !"s"}"#),
            ("nonsensitive(local.secret)", r#""s""#),
            ("lower(local.secret)", r#"!"s""#),
        ],
    );
}

#[test]
fn files_come_from_the_folder_of_the_configuration() {
    for (expression, expected) in [
        (r#"file("${path.module}/a.txt")"#, r#""1.1.1.1\n""#),
        (r#"file("missing.txt")"#, "?"),
        (r#"templatefile("p.tpl", { xs = [1, 2], a = var.z })"#, r#""- 1\n- 2\n<var.z>""#),
        (r#"filemd5("a.txt")"#, "?"),
    ] {
        let sources = Sources::load(Box::new(Folder(BTreeMap::from([
            ("main.tf", format!("resource \"x\" \"it\" {{\n  it = {expression}\n}}\n")),
            ("a.txt", "1.1.1.1\n".to_owned()),
            ("p.tpl", "%{ for x in xs ~}\n- ${x}\n%{ endfor ~}\n${a}".to_owned()),
        ]))));
        let given = eval(&sources, "x.it", &["it"], &Known::default());
        assert_eq!(given.as_deref(), Some(expected), "{expression}");
    }
    // A saved plan holds the configuration alone.
    check("", &Known::default(), &[(r#"file("${path.module}/a.txt")"#, "?")]);
}

#[test]
fn defaults_of_root_variables_need_leave() {
    let text = "variable \"a\" {\n  default = \"d\"\n}\n";
    check(text, &Known::default(), &[("var.a", "?var.a")]);
    check(text, &Known { defaults: true, ..Known::default() }, &[("var.a", r#""d""#)]);
}

#[test]
fn what_is_too_much_is_a_hole() {
    let mut blocks = String::from("locals {\n  l0 = \"x\"\n  m0 = 1\n  c0 = 1\n");
    for n in 1..200 {
        let before = n - 1;
        let _ = writeln!(blocks, "  l{n} = \"${{local.l{before}}}${{local.l{before}}}\"");
        let _ = writeln!(blocks, "  m{n} = [for x in [1, 2, 3, 4] : local.m{before}]");
        let _ = writeln!(blocks, "  c{n} = local.c{before}");
    }
    blocks.push_str("}\n");
    let many = "[0,0,0,0,0,0,0,0,0,0]";
    check(
        &blocks,
        &Known::default(),
        &[("local.l22", r#""<><>""#), ("local.l39", "?"), ("local.m30", "?"), ("local.c199", "?"), ("local.c20", "1")],
    );
    let nested = format!(
        "[for a in {many} : [for b in {many} : [for c in {many} : [for d in {many} : [for e in {many} : 1]]]]]"
    );
    let text = format!("resource \"x\" \"it\" {{\n  it = {nested}\n}}\n");
    assert!(eval(&root(&text), "x.it", &["it"], &Known::default()).is_some_and(|value| value.contains('?')));
}
