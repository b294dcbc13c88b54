//! Instances: `count`, `for_each`, modules, nested and `dynamic` blocks.

use super::*;

#[test]
fn each_and_count_of_a_resource() {
    let sources = root(
        r#"
locals {
  lists = { eu = { key = "eu.txt", bucket = aws_s3_bucket.b.id }, us = { key = "us.txt", bucket = "us" } }
}
resource "a" "map" {
  for_each = local.lists
  it       = "${each.key}:${each.value.bucket}/${each.value.key}"
}
resource "a" "set" {
  for_each = toset(["x", "y"])
  it       = "${each.key}=${each.value}"
}
resource "a" "counted" {
  count = 3
  it    = count.index + 1
}
resource "a" "merged" {
  for_each = merge({ k = "known" }, var.more)
  it       = each.value
}
resource "a" "either" {
  for_each = merge({ j = 1 }, var.more)
  it       = each.value
}
resource "a" "over" {
  for_each = merge(var.more, { k = "known" })
  it       = each.value
}
resource "a" "files" {
  for_each = fileset(path.module, "*.txt")
  it       = each.value
}
resource "a" "chosen" {
  for_each = var.on ? { k = "v" } : {}
  it       = each.value
}
resource "a" "chained" {
  for_each = aws_s3_object.all
  it       = each.value.key
}
resource "a" "renamed" {
  for_each = { for k, v in var.more : k => "${k}.txt" }
  it       = each.value
}
resource "a" "unknown" {
  for_each = var.more
  it       = each.value.key
}
"#,
    );
    let world =
        Known { resources: BTreeMap::from([(r#"aws_s3_object.all["k"].key"#, r#""o.txt""#)]), ..Known::default() };
    for (at, expected) in [
        (r#"a.map["eu"]"#, r#""eu:<aws_s3_bucket.b.id>/eu.txt""#),
        (r#"a.map["us"]"#, r#""us:us/us.txt""#),
        (r#"a.map["gone"]"#, r#""gone:<each.value.bucket>/<each.value.key>""#),
        ("a.map", r#""<each.key>:<each.value.bucket>/<each.value.key>""#),
        (r#"a.set["y"]"#, r#""y=y""#),
        ("a.counted[2]", "3"),
        (r#"a.merged["k"]"#, "?each.value"),
        (r#"a.either["k"]"#, r#"?var.more["k"]"#),
        (r#"a.over["k"]"#, r#""known""#),
        (r#"a.files["x.txt"]"#, r#""x.txt""#),
        (r#"a.chosen["k"]"#, r#""v""#),
        (r#"a.chained["k"]"#, r#""o.txt""#),
        (r#"a.renamed["k"]"#, r#""k.txt""#),
        (r#"a.unknown["k"]"#, r#"?var.more["k"].key"#),
    ] {
        assert_eq!(eval(&sources, at, &["it"], &world).as_deref(), Some(expected), "{at}");
    }
}

const ROOT: &str = r#"
variable "bucket" {}
module "one" {
  source = "./m"
  lists  = { a = { key = "a.txt" }, b = { key = aws_s3_object.b.key } }
  bucket = var.bucket
}
module "many" {
  source   = "./m"
  for_each = { eu = "eu-bucket", us = aws_s3_bucket.us.id }
  lists    = { a = { key = "${each.key}.txt" } }
  bucket   = each.value
  extra    = null
}
module "counted" {
  source = "./m"
  count  = 2
  lists  = {}
  bucket = "b${count.index}"
}
resource "x" "it" {
  one     = module.one.bucket
  eu      = module.many["eu"].bucket
  all     = values(module.many)[*].bucket
  counted = module.counted[*].bucket
  second  = module.counted[1].inner.name
  secret  = module.one.secret
  none    = module.one.nothing
  unsaid  = module.many.bucket
  passed  = { for k, m in module.many : k => m.bucket }
}
"#;

const CHILD: &str = r#"
variable "lists" {
  type = map(object({ key = string, format = optional(string, "TXT") }))
}
variable "bucket" {
  type = string
}
variable "extra" {
  default  = "filled"
  nullable = false
}
variable "open" {}
locals {
  prefix = "${var.bucket}/lists"
}
resource "a" "list" {
  for_each = var.lists
  location = "s3://${local.prefix}/${each.value.key}?${each.value.format}"
  folder   = path.module
  extra    = var.extra
  open     = var.open
}
output "bucket" {
  value = var.bucket
}
output "inner" {
  value = { name = "n-${var.bucket}" }
}
output "secret" {
  value     = "s"
  sensitive = true
}
"#;

fn modules() -> Sources {
    sources(&[
        ("", "main.tf", ROOT),
        ("one", "m/main.tf", CHILD),
        ("many", "m/main.tf", CHILD),
        ("counted", "m/main.tf", CHILD),
    ])
}

#[test]
fn variables_of_called_modules() {
    let sources = modules();
    assert_eq!(sources.files.len(), 2);
    let world = Known { variables: BTreeMap::from([("bucket", r#""root""#)]), ..Known::default() };
    for (at, path, expected) in [
        (r#"module.one.a.list["a"]"#, "location", r#""s3://root/lists/a.txt?TXT""#),
        (r#"module.one.a.list["b"]"#, "location", r#""s3://root/lists/<aws_s3_object.b.key>?TXT""#),
        (r#"module.many["us"].a.list["a"]"#, "location", r#""s3://<aws_s3_bucket.us.id>/lists/us.txt?TXT""#),
        (r#"module.many.a.list["a"]"#, "location", r#""s3://<each.value>/lists/<each.key>.txt?TXT""#),
        (r#"module.many["eu"].a.list["a"]"#, "extra", r#""filled""#),
        (r#"module.one.a.list["a"]"#, "folder", r#""m""#),
        (r#"module.one.a.list["a"]"#, "open", "?module.one var.open"),
    ] {
        assert_eq!(eval(&sources, at, &[path], &world).as_deref(), Some(expected), "{at}");
    }
}

#[test]
fn outputs_of_modules() {
    let sources = modules();
    for (path, expected) in [
        ("one", "?var.bucket"),
        ("eu", r#""eu-bucket""#),
        ("all", r#"["eu-bucket", ?aws_s3_bucket.us.id]"#),
        ("counted", r#"["b0", "b1"]"#),
        ("second", r#""n-b1""#),
        ("secret", r#"!"s""#),
        ("none", "?module.one.nothing"),
        ("unsaid", "?module.many.bucket"),
        ("passed", r#"{eu: "eu-bucket", us: ?aws_s3_bucket.us.id}"#),
    ] {
        assert_eq!(eval(&sources, "x.it", &[path], &Known::default()).as_deref(), Some(expected), "{path}");
    }
}

#[test]
fn the_world_knows_instances_better() {
    let sources = root(
        "resource \"b\" \"n\" {\n  count = var.n\n}\nresource \"x\" \"it\" {\n  it = b.n[*].id\n  no = try(b.n[5].id, \"no\")\n}\n",
    );
    assert_eq!(eval(&sources, "x.it", &["it"], &Known::default()).as_deref(), Some("?"));
    let world = Known { keys: BTreeMap::from([("b.n", vec![Key::Int(1), Key::Int(0)])]), ..Known::default() };
    assert_eq!(eval(&sources, "x.it", &["it"], &world).as_deref(), Some("[?b.n[0].id, ?b.n[1].id]"));
    assert_eq!(eval(&sources, "x.it", &["no"], &world).as_deref(), Some("\"no\""));
    let world = Known { keys: BTreeMap::from([("b.n", Vec::new())]), ..Known::default() };
    assert_eq!(eval(&sources, "x.it", &["it"], &world).as_deref(), Some("[]"));
}

const BLOCKS: &str = r#"
resource "x" "it" {
  rule {
    apply {
      sse = "aws:kms"
    }
  }
  statement {
    sid = "a"
  }
  dynamic "statement" {
    for_each = { b = ["x"], c = [] }
    content {
      sid     = statement.key
      actions = statement.value
    }
  }
  dynamic "named" {
    for_each = ["n"]
    iterator = it
    content {
      name = it.value
      dynamic "deep" {
        for_each = [1, 2]
        content {
          v = "${it.value}${deep.value}"
        }
      }
    }
  }
  setting {
    v = 1
  }
  dynamic "setting" {
    for_each = var.more
    content {}
  }
  dynamic "none_made" {
    for_each = []
    content {}
  }
  dynamic "damaged" {
    content {
      v = 1
    }
  }
  tags = { "a.b" = "t", name = "n" }
  lifecycle {
    prevent_destroy = true
    ignore_changes  = [tags]
  }
}
"#;

#[test]
fn paths_through_nested_and_dynamic_blocks() {
    let sources = root(BLOCKS);
    for (path, expected) in [
        ("rule 0 apply 0 sse", Some(r#""aws:kms""#)),
        ("rule apply sse", Some(r#""aws:kms""#)),
        ("rule", Some(r#"[{apply: [{sse: "aws:kms"}]}]"#)),
        ("statement 0 sid", Some(r#""a""#)),
        ("statement 1", Some(r#"{sid: "b", actions: ["x"]}"#)),
        ("statement 2 sid", Some(r#""c""#)),
        ("statement 3", None),
        ("statement sid", None),
        ("statement", Some(r#"[{sid: "a"}, {sid: "b", actions: ["x"]}, {sid: "c", actions: []}]"#)),
        ("named deep 1 v", Some(r#""n2""#)),
        ("setting 0 v", Some("1")),
        ("setting 1 v", Some("?")),
        ("setting", Some("?")),
        ("none_made", Some("[]")),
        ("none_made 0", None),
        ("damaged", Some("?")),
        ("damaged 0 v", Some("?")),
        ("tags a.b", Some(r#""t""#)),
        ("tags none", None),
        ("lifecycle prevent_destroy", Some("true")),
        ("lifecycle create_before_destroy", None),
        ("none", None),
    ] {
        let path = path.split(' ').collect::<Vec<_>>();
        assert_eq!(eval(&sources, "x.it", &path, &Known::default()).as_deref(), expected, "{path:?}");
    }
    let whole = eval(&sources, "x.it", &[], &Known::default()).unwrap();
    assert!(
        whole.starts_with(r#"{tags: {a.b: "t", name: "n"}, damaged: ?, named: "#) && !whole.contains("lifecycle"),
        "{whole}"
    );
    assert_eq!(eval(&sources, "x.other", &["rule"], &Known::default()), None);
    let empty = sources.evaluate(&"x.it".parse().unwrap(), &["none_made"], &Known::default()).unwrap();
    assert_eq!(
        sources.place(empty.text, empty.span).map(|place| place.line),
        BLOCKS[..BLOCKS.find("dynamic \"none_made\"").unwrap()].lines().count().into()
    );
}

#[test]
fn calls_are_told_with_what_they_are_given() {
    let sources = sources(&[
        (
            "",
            "main.tf",
            "locals {\n  text = join(\",\", var.entries)\n}\nmodule \"m\" {\n  source = \"./m\"\n  hash = filemd5(\"${path.module}/l.txt\")\n}\nresource \"o\" \"l\" {\n  key = \"list-${md5(local.text)}.txt\"\n}\n",
        ),
        (
            "m",
            "m/main.tf",
            "variable \"hash\" {}\nresource \"o\" \"l\" {\n  key = \"list-${var.hash}\"\n  tags = [for o in var.hash : sha1(o.id)]\n}\n",
        ),
    ]);
    let calls = |at: &str, path: &str| sources.calls(&address(at), &[path], &Known::default());
    let found = calls("o.l", "key");
    assert_eq!(found.iter().map(|call| &*call.name).collect::<Vec<_>>(), ["md5", "join"]);
    let references = found[0].references.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(references, ["var.entries", "local.text"]);
    let found = calls("module.m.o.l", "key");
    assert_eq!(found[0].name, "filemd5");
    assert_eq!(show(&found[0].arguments[0]), r#""./l.txt""#);
    assert_eq!(sources.place(found[0].text, found[0].span).map(|place| place.line), Some(6));
    let found = calls("module.m.o.l", "tags");
    assert_eq!((&*found[0].name, show(&found[0].arguments[0]), found[0].references.len()), ("sha1", "?".to_owned(), 0));
}
