//! What must hold of any bytes that are read, where it takes a look inside to see it.

use std::io::{Cursor, Write as _};

use serde::de::IgnoredAny;
use tfduty_fuzz::{Fixture, Random, Target, bytes, fixtures, fuzz, json, text};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{
    Address, Detail, Document, Kind, Mode, ModuleFile, Place, Reference, Refusal, SavedPlan, Sources, TextId, UnitKind,
    Value, World,
    document::{parse_text, parse_with_care},
    text::json_start,
    text_of,
};

/// Longer documents are few, and take most of the time.
const LONGEST: usize = 100_000;

/// The fixtures that are units of one kind.
fn units(kind: UnitKind) -> Vec<Vec<u8>> {
    let is_of_kind = |bytes: &[u8]| match Document::parse(bytes, &|_| Detail::Count) {
        Ok(Document::Unit(unit)) => unit.kind == kind,
        _ => false,
    };
    seeds(is_of_kind)
}

fn seeds(wanted: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
    let folders = ["documents", "derived", "estates"].into_iter().flat_map(fixtures).map(|fixture| fixture.bytes);
    folders.filter(|bytes| bytes.len() < LONGEST && wanted(bytes)).collect()
}

/// How much is read of objects, so that each way comes up.
fn some(resource_type: &str) -> Detail {
    match resource_type.len() % 4 {
        0 => Detail::Count,
        1 => Detail::Only(&["id", "bucket"]),
        _ => Detail::All,
    }
}

#[test]
fn fuzz_plan() {
    fuzz(&Target { name: "plan", seeds: units(UnitKind::Plan), mutate: json, mutants: 120 }, document);
}

/// A plan that is read in several pieces.
#[test]
fn fuzz_large_plan() {
    let plan = fixtures("estates/wired").into_iter().find(|file| file.path.ends_with("/plan.json"));
    let mut plan: serde_json::Value = serde_json::from_slice(&plan.unwrap().bytes).unwrap();
    let items = plan["resource_changes"].as_array_mut().unwrap();
    *items = std::iter::repeat_n(&*items, 20).flatten().cloned().collect();
    let seeds = vec![plan.to_string().into_bytes()];
    assert!(seeds[0].len() > 500_000);
    fuzz(&Target { name: "large_plan", seeds, mutate: json, mutants: 4 }, document);
}

#[test]
fn fuzz_state() {
    fuzz(&Target { name: "state", seeds: units(UnitKind::State), mutate: json, mutants: 250 }, document);
}

#[test]
fn fuzz_state_json() {
    fuzz(&Target { name: "state_json", seeds: units(UnitKind::StateJson), mutate: json, mutants: 250 }, document);
}

#[test]
fn fuzz_refused() {
    let seeds = fixtures("broken").into_iter().map(|fixture| fixture.bytes).filter(|bytes| bytes.len() < LONGEST);
    fuzz(&Target { name: "refused", seeds: seeds.collect(), mutate: json, mutants: 800 }, document);
}

/// A document is refused, or read as a whole; and however it is read, the same comes out.
fn document(bytes: &[u8]) -> String {
    let outcome = Document::parse(bytes, &some);
    if let Err(refusal) = &outcome {
        assert_is_plain(refusal, text_of(bytes).as_deref());
    }
    if let (Ok(Document::Unit(unit)), Some(text)) = (&outcome, text_of(bytes)) {
        let start = json_start(&text).expect("what is read begins somewhere");
        let syntax = serde_json::from_str::<IgnoredAny>(&text[start..]);
        assert!(syntax.is_ok(), "audited, though it is broken: {syntax:?}");
        for wanted in [&some as &dyn Fn(&str) -> Detail, &|_| Detail::All] {
            let (one, other) = (parse_text(&text, wanted), parse_with_care(&text, start, wanted));
            assert!(format!("{one:?}") == format!("{other:?}"), "the two readers differ\n{one:?}\n{other:?}");
        }
        return format!(
            "{:?} {} {} {} {:?}",
            unit.kind,
            unit.instances.len().min(4),
            unit.changes.len().min(4),
            unit.drift.len().min(4),
            unit.notes.len()
        );
    }
    match outcome {
        Err(refusal) => refusal.message,
        Ok(_) => "no unit".into(),
    }
}

/// A refusal has a place in the text, and says nothing that a terminal would act upon.
fn assert_is_plain(refusal: &Refusal, text: Option<&str>) {
    let said = [Some(&refusal.message), refusal.help.as_ref()];
    assert!(said.into_iter().flatten().all(|said| crate::is_harmless(said) && said.len() < 1_000), "{refusal:?}");
    if let (Some(place), Some(text)) = (refusal.place, text) {
        assert_eq!(place, Place::in_text(text, place.byte), "{refusal:?}");
    }
}

#[test]
fn fuzz_saved_plan() {
    let seeds = seeds(|bytes| bytes.starts_with(b"PK"));
    fuzz(&Target { name: "saved_plan", seeds, mutate: saved_plan, mutants: 120 }, |bytes| {
        match Document::parse(bytes, &some) {
            Ok(Document::SavedPlan(plan)) => {
                let sources = plan.sources();
                let text = SavedPlan::state_text(bytes);
                assert!(plan.prior_state.is_none() || text.is_some());
                format!("{} {} {}", plan.prior_state.is_some(), plan.module_files.len(), sources.notes().len())
            }
            Ok(_) => "no saved plan".into(),
            Err(refusal) => {
                assert_is_plain(&refusal, text_of(bytes).as_deref());
                refusal.message
            }
        }
    });
}

/// Mutates a member, the names of members, or the zip as it lies there.
fn saved_plan(random: &mut Random, input: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    if random.once_in(4) {
        return bytes(random, input, others);
    }
    repacked(random, input).unwrap_or_else(|| bytes(random, input, others))
}

fn repacked(random: &mut Random, input: &[u8]) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(input)).ok()?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let chosen = random.below(archive.len());
    for position in 0..archive.len() {
        let mut member = archive.by_index(position).ok()?;
        let mut name = member.name().ok()?.into_owned();
        let mut content = Vec::new();
        std::io::copy(&mut member, &mut content).ok()?;
        if position == chosen {
            match random.below(8) {
                0 => continue,
                1 => name = String::from_utf8_lossy(&text(random, name.as_bytes(), &[])).into_owned(),
                _ => content = json(random, &content, &[]),
            }
        }
        zip.start_file(name, SimpleFileOptions::default()).ok()?;
        zip.write_all(&content).ok()?;
    }
    zip.finish().ok().map(Cursor::into_inner)
}

/// Nothing is known beyond the configuration.
struct Nothing;

impl World for Nothing {
    fn resource(&self, _: &Reference) -> Option<Value> {
        None
    }

    fn variable(&self, _: &str) -> Option<Value> {
        None
    }

    fn defaults(&self) -> bool {
        true
    }
}

/// A configuration that has a little of everything that the language has.
const LANGUAGE: &str = r#"
variable "names" { default = ["a", "b"] }
locals {
  map  = { for k, v in { a = 1, b = [2, null] } : "x-${k}" => v... if v != null }
  list = [for i, n in var.names : upper(n) if i % 2 == 0 || !(i >= 3)]
  text = <<-EOT
    %{ for n in var.names ~}
    ${format("%s-%d", n, 1 + 2 * 3)}
    %{ endfor }%{ if true }yes%{ else }no%{ endif }
  EOT
}
module "lists" {
  source   = "./lists"
  for_each = toset(var.names)
  key      = try(local.map["x-a"][0], lookup(local.map, "b", null), "none")
}
# tfduty:ignore[list-empty] until=2027-01-01 reason="why"
resource "aws_s3_object" "list" {
  count   = length(var.names)
  bucket  = aws_s3_bucket.lists[count.index].id // which
  key     = join("/", concat(["a"], flatten([["b"], [["c"]]]), compact(["", element(local.list, -1)])))
  content = trimspace(replace(local.text, "/a+/", "b"))
  policy  = jsonencode(merge({ Version = "2012-10-17" }, { Statement = [{ Sid = "x", Action = ["s3:*"] }] }))
  tags    = jsondecode("{\"a\": [1, 2.5e3, \"\\u00fc\"]}")
  all     = local.list[*].id == null ? one([]) : coalesce("", split(",", "a,b")...)
  dynamic "rule" {
    for_each = keys(local.map)
    iterator = it
    content { id = it.value }
  }
  lifecycle { prevent_destroy = true }
}
moved {
  from = aws_s3_object.a
  to   = aws_s3_object.list[0]
}
"#;

#[test]
fn fuzz_hcl() {
    let is_source = |file: &Fixture| file.has_extension("tf") || file.path.ends_with(".tf.json");
    let files = ["estates", "suppressions"].into_iter().flat_map(fixtures).filter(is_source);
    let mut seeds: Vec<Vec<u8>> = files.map(|fixture| fixture.bytes).collect();
    seeds.sort();
    seeds.dedup();
    // As likely as all others together.
    seeds.extend(vec![LANGUAGE.as_bytes().to_vec(); seeds.len()]);
    fuzz(&Target { name: "hcl", seeds, mutate: text, mutants: 200 }, |bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let path = if text.trim_start().starts_with('{') { "main.tf.json" } else { "main.tf" };
        configuration(&Sources::of_module_files(vec![ModuleFile { module: String::new(), path: path.into(), text }]))
    });
}

/// Everything that is found in a configuration is at a place in it, and can be asked for.
fn configuration(sources: &Sources) -> String {
    let text = sources.files[0].text.clone();
    let assert_is_in = |span: crate::Span| assert!(span.of(&text).is_some(), "{span:?} is not in the text");
    for note in sources.notes() {
        assert!(crate::is_harmless(&note.message), "{note:?}");
        assert!(note.place.is_none_or(|place| text.is_char_boundary(place.byte)), "{note:?}");
    }
    let mut readable = 0;
    for (module, block) in sources.resources() {
        [block.header(), block.span()].into_iter().for_each(assert_is_in);
        assert!(sources.place(block.text(), block.span()).is_some());
        readable += usize::from(block.is_readable());
        let mut labels = block.labels().map(Into::into);
        let (Some(resource_type), Some(name)) = (labels.next(), labels.next()) else { continue };
        let mode = if block.kind() == "data" { Mode::Data } else { Mode::Managed };
        let address = Address { module, mode, resource_type, name, key: None };
        if let Some(value) = sources.evaluate(&address, &[], &Nothing) {
            assert_in_text(&value, &text);
        }
        for argument in ["policy", "content", "assume_role_policy", "event_pattern"] {
            if let Some(value) = sources.evaluate_json(&address, &[argument], &Nothing) {
                assert_in_text(&value, &text);
            }
        }
    }
    for comment in sources.comments("tfduty:ignore") {
        assert_is_in(comment.span);
        assert!(text.is_char_boundary(comment.start) && text[comment.start..].starts_with(comment.content));
    }
    format!("{} {readable} {} {}", sources.resources().count(), sources.moved().len(), sources.notes().len())
}

fn assert_in_text(value: &Value, text: &str) {
    if value.text == TextId::Source(0) {
        assert!(value.span.of(text).is_some(), "{:?} is not in the text", value.span);
    }
    match &value.kind {
        Kind::List(items) => items.iter().for_each(|item| assert_in_text(item, text)),
        Kind::Object(members) => members.iter().for_each(|(_, member)| assert_in_text(member, text)),
        _ => {}
    }
}
