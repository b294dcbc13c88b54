//! A plan in pieces: what is as Terraform writes it needs no second look, and no place in memory.
//!
//! Reading a member only once it is known what the document is takes two passes over nearly all of its bytes, and nothing
//! costs an audit of a large plan more. So its members are read as they come. Whatever is not as it should be ends this
//! without a word: [`crate::document`] then reads the document in the careful way, which has a word for everything.

use super::{Item, Plan, Small};
use crate::{
    detail::Detail,
    json::{Record, Text, text},
    pieces::{Kept, Pieces, Take},
    plan_configuration,
    show::{self, Object, PlannedResource, Reading},
    span::Span,
    unit::Unit,
};

/// Members that are read as they come.
const LARGE: [&str; 5] = ["planned_values", "resource_drift", "resource_changes", "prior_state", "configuration"];
/// Members that are read when all others are.
const SMALL: [&str; 8] = [
    "format_version",
    "terraform_version",
    "timestamp",
    "variables",
    "deferred_changes",
    "errored",
    "applyable",
    "complete",
];
/// Members that a document is refused for, or that a state has and a plan has not: most of it is not to be read twice.
const OF_SOMETHING_ELSE: [&str; 11] = [
    "values",
    "encrypted_data",
    "remote_plan_format",
    "plan_format_version",
    "state_format_version",
    "provider_schemas",
    "function_signatures",
    "valid",
    "diagnostics",
    "provider_selections",
    "@module",
];
/// How deep modules may lie in each other, as deep as `serde_json` would follow them.
const DEPTH: usize = 60;

/// Reads the plan that the pieces are of, and gives it with its size in bytes; `None` for anything that is worth a careful
/// look.
pub(crate) fn read(pieces: &mut Pieces<'_>, wanted: &dyn Fn(&str) -> Detail) -> Option<(Unit, usize)> {
    let mut plan = Plan::new(wanted);
    let mut small: Vec<(&str, Kept)> = Vec::new();
    let mut has_prior_state = false;
    let mut is_plan = false;
    let mut is_first = true;
    pieces.members(|pieces, key| {
        if LARGE.contains(&key) {
            // Which objects of the prior state are of use is known from the changes.
            if key == "resource_changes" && has_prior_state {
                return None;
            }
            has_prior_state |= key == "prior_state";
            is_plan |= read_large(key, pieces, &mut plan)?;
        } else if let Some(name) = SMALL.into_iter().find(|name| *name == key) {
            small.push((name, pieces.keep()?));
        } else if is_first || OF_SOMETHING_ELSE.contains(&key) {
            return None;
        } else {
            pieces.skip()?;
        }
        is_first = false;
        Some(())
    })?;
    if !pieces.is_at_end() {
        return None;
    }
    let small = Small::of(&small);
    let version = text(small.format_version.map(|(_, raw)| raw));
    let major = version.as_deref().and_then(|version| version.split('.').next());
    if !is_plan || !matches!(major, Some("0" | "1")) {
        return None;
    }
    Some((plan.finish(&small).ok()?, pieces.passed()))
}

/// Reads a large member. Whether it makes the document a plan.
fn read_large(name: &str, pieces: &mut Pieces<'_>, plan: &mut Plan<'_>) -> Option<bool> {
    if pieces.passes_null()? {
        return Some(false);
    }
    match name {
        "planned_values" => {
            let mut planned = PlannedObjects(0);
            pieces.members(|pieces, key| match key {
                "root_module" => module(pieces, "", DEPTH, &mut |pieces, _| pieces.value(&mut planned)),
                _ => pieces.skip(),
            })?;
            plan.unit.actions.planned = planned.0;
            Some(true)
        }
        "resource_changes" => {
            pieces.items(|pieces, position| pieces.value(&mut Changes { plan, position }))?;
            Some(true)
        }
        "resource_drift" => {
            pieces.items(|pieces, position| pieces.value(&mut Drift { plan, position }))?;
            Some(false)
        }
        "prior_state" => read_prior_state(pieces, plan).map(|()| false),
        _ => {
            let (configuration, sensitive) =
                plan_configuration::read_in_pieces(pieces, &mut plan.of_configuration, plan.wanted)?;
            plan.unit.configuration = Some(configuration);
            plan.sensitive = sensitive;
            Some(false)
        }
    }
}

fn read_prior_state(pieces: &mut Pieces<'_>, plan: &mut Plan<'_>) -> Option<()> {
    pieces.members(|pieces, key| match key {
        "values" if !pieces.passes_null()? => pieces.members(|pieces, key| match key {
            "root_module" => module(pieces, "/prior_state/values/root_module", DEPTH, &mut |pieces, pointer| {
                pieces.value(&mut PriorObject { plan, pointer })
            }),
            "outputs" => {
                plan.unit.harmless.add(pieces.keep()?.raw(), None);
                Some(())
            }
            _ => pieces.skip(),
        }),
        "values" => Some(()),
        "checks" => {
            plan.unit.harmless.add(None, pieces.keep()?.raw());
            Some(())
        }
        _ => pieces.skip(),
    })
}

/// Reads the object that comes next, which has the JSON pointer that can be asked for.
type ReadObject<'r> = dyn FnMut(&mut Pieces<'_>, &dyn Fn() -> String) -> Option<()> + 'r;

/// Walks a module of a state: `object` has to read each of its objects, and of those of the modules
/// in it, and is given a maker of its JSON pointer.
fn module(pieces: &mut Pieces<'_>, pointer: &str, depth: usize, object: &mut ReadObject<'_>) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    let mut is_past_children = false;
    pieces.members(|pieces, key| match key {
        "resources" if !pieces.passes_null()? => {
            // Objects of a module come before those of the modules in it, whatever the order of the text.
            (!is_past_children).then_some(())?;
            pieces.items(|pieces, position| object(pieces, &|| format!("{pointer}/resources/{position}")))
        }
        "child_modules" if !pieces.passes_null()? => {
            is_past_children = true;
            pieces
                .items(|pieces, position| module(pieces, &format!("{pointer}/child_modules/{position}"), depth, object))
        }
        "resources" | "child_modules" => Some(()),
        _ => pieces.skip(),
    })
}

impl<'a> Small<'a> {
    fn of(members: &'a [(&str, Kept)]) -> Self {
        let get = |name: &str| members.iter().find(|(other, _)| *other == name).and_then(|(_, kept)| kept.member());
        Self {
            format_version: get("format_version"),
            terraform_version: get("terraform_version"),
            timestamp: get("timestamp"),
            variables: get("variables"),
            deferred_changes: get("deferred_changes"),
            errored: get("errored"),
            applyable: get("applyable"),
            complete: get("complete"),
        }
    }
}

struct Changes<'p, 'w> {
    plan: &'p mut Plan<'w>,
    position: usize,
}

impl Take for Changes<'_, '_> {
    type Value<'t> = Item<'t>;
    fn take<'t>(&mut self, text: Text<'t>, item: Item<'t>) -> Option<()> {
        // An item whose place must be guessed has no first key.
        item.first_key()?;
        self.plan.change(text, self.position, &item, Span::default()).ok()
    }
}

struct Drift<'p, 'w> {
    plan: &'p mut Plan<'w>,
    position: usize,
}

impl Take for Drift<'_, '_> {
    type Value<'t> = Item<'t>;
    fn take<'t>(&mut self, text: Text<'t>, item: Item<'t>) -> Option<()> {
        item.first_key()?;
        self.plan.drift(text, self.position, &item, Span::default()).ok()
    }
}

/// Counts managed objects.
struct PlannedObjects(u64);

impl Take for PlannedObjects {
    type Value<'t> = PlannedResource<'t>;
    fn take<'t>(&mut self, _: Text<'t>, object: PlannedResource<'t>) -> Option<()> {
        self.0 += u64::from(object.is_managed());
        Some(())
    }
}

struct PriorObject<'p, 'w> {
    plan: &'p mut Plan<'w>,
    pointer: &'p dyn Fn() -> String,
}

impl Take for PriorObject<'_, '_> {
    type Value<'t> = Object<'t>;
    fn take<'t>(&mut self, text: Text<'t>, object: Object<'t>) -> Option<()> {
        // Without a whole address, it takes that of the module, which may follow.
        object.first_key()?;
        object.says_its_address().then_some(())?;
        let Plan { wanted, unit, told, of_prior_state, .. } = &mut *self.plan;
        let reading = Reading { text, wanted: *wanted, told: Some(&*told) };
        let managed = show::read_prior_object(reading, &object, self.pointer, (&mut *unit, of_prior_state)).ok()?;
        unit.actions.prior += managed;
        Some(())
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests read fixtures; the library does no I/O")]
mod tests {
    use std::path::{Path, PathBuf};

    use super::read;
    use crate::{Before, detail::Detail, document::parse_with_care, pieces::Pieces, text::json_start, text_of};

    fn in_pieces(text: &str) -> Option<String> {
        read(&mut Pieces::new(&mut text.as_bytes()), &|_| Detail::All).map(|(unit, size)| {
            assert_eq!(size, text.len());
            format!("{unit:?}")
        })
    }

    fn with_care(text: &str) -> Option<String> {
        parse_with_care(text, json_start(text)?, &|_| Detail::All).ok().map(|unit| format!("{unit:?}"))
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn every_plan_of_terraforms_is_read_so_and_gives_what_the_careful_way_gives() {
        let mut read = Vec::new();
        for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")) {
            let bytes = std::fs::read(&path).unwrap();
            let Some(text) = text_of(&bytes) else { continue };
            if let Some(unit) = in_pieces(&text) {
                assert!(with_care(&text) == Some(unit), "{}", path.display());
                read.push(path);
            }
        }
        let name = |path: &&PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("plan");
        let is_plan = |path: &&PathBuf| name(path) && path.extension().is_some_and(|extension| extension == "json");
        let estates = read.iter().filter(is_plan).filter(|path| path.to_string_lossy().contains("estates"));
        assert!(estates.count() > 30, "{read:?}");
    }

    #[test]
    fn members_may_come_in_any_order_and_be_null() {
        for text in [
            r#"{"format_version": "1.2", "resource_changes": null, "planned_values": {"root_module": {}}, "prior_state": null}"#,
            r#"{"configuration": {"root_module": {"variables": {"x": {"sensitive": true}}}}, "variables": {"x": {"value": 1}},
                "resource_changes": [{"address": "aws_x.y", "mode": "managed", "type": "aws_x", "name": "y",
                "change": {"actions": ["create"], "before": null, "after": {"a": 1}}}, {"address": ""}], "format_version": "1.0"}"#,
            r#"{"variables": {"x": {"value": 1}}, "resource_drift": null, "resource_changes": [{"name": "y"}], "format_version": "0.1",
                "configuration": {"root_module": {"variables": {"x": {"sensitive": true}}, "resources": [{}]}}}"#,
        ] {
            let unit = in_pieces(text);
            assert!(unit.is_some() && unit == with_care(text), "{text}\n{unit:?}");
        }
    }

    #[test]
    fn a_plan_is_the_same_however_it_is_cut() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/estates");
        for plan in ["wired/plan.json", "modules/plan.json"] {
            let text = std::fs::read_to_string(folder.join(plan)).unwrap();
            let whole = in_pieces(&text);
            for size in [4, 5, 7, 64, 1000, 4096] {
                let mut source = text.as_bytes();
                let read = read(&mut Pieces::of_size(size, &mut source), &|_| Detail::All);
                assert!(read.map(|(unit, _)| format!("{unit:?}")) == whole, "{plan} in pieces of {size}");
            }
        }
    }

    #[test]
    fn an_object_that_does_not_change_is_read_once() {
        let unit = |before: &str, sensitive: &str| {
            let text = format!(
                r#"{{"format_version": "1.2", "resource_changes": [{{"address": "aws_x.y", "mode": "managed", "type": "aws_x",
                "name": "y", "change": {{"actions": ["no-op"], "before": {before}, "after": {{"a": [1]}}, "after_unknown": {{}},
                "before_sensitive": {sensitive}, "after_sensitive": {{"a": [true]}}}}}}]}}"#
            );
            read(&mut Pieces::new(&mut text.as_bytes()), &|_| Detail::All).unwrap().0
        };
        let same = unit(r#"{"a": [1]}"#, r#"{"a": [true]}"#);
        assert_eq!(same.changes[0].before, Before::Same);
        assert_eq!(same.changes[0].before(), &same.changes[0].after);
        let marked = unit(r#"{"a": [1]}"#, r#"{"a": [false]}"#);
        assert!(!marked.changes[0].before().holds_sensitive() && marked.changes[0].after.holds_sensitive());
        let other = unit(r#"{"a": [2]}"#, r#"{"a": [true]}"#);
        assert!(other.changes[0].before() != &other.changes[0].after && other.changes[0].before().holds_sensitive());
    }

    #[test]
    fn what_is_worth_a_careful_look_is_left_to_it() {
        let plan = r#"{"format_version": "1.2", "resource_changes": []}"#;
        assert!(in_pieces(plan).is_some());
        for (what, text) in [
            ("two lists", plan.replace("[]", r#"[{"address": "aws_x.y"}], "resource_changes": []"#)),
            ("another version", plan.replace("1.2", "2.0")),
            ("no version", plan.replace("format_version", "terraform_version")),
            ("no plan", plan.replace("resource_changes", "values")),
            ("a member of something else", plan.replace("[]", r#"[], "encrypted_data": "x""#)),
            ("something else first", plan.replace("{\"f", r#"{"x": 1, "f"#)),
            ("a wrong type", plan.replace("[]", "{}")),
            ("a wrong type inside", plan.replace("[]", r#"[{"address": "aws_x.y", "change": 1}]"#)),
            ("an item without members", plan.replace("[]", "[{}]")),
            ("text behind it", plan.to_owned() + " x"),
            ("no end", plan.trim_end_matches('}').to_owned()),
            ("a member of a state", plan.replace("[]", r#"[], "values": {}"#)),
            ("no object", "[]".to_owned()),
            ("no module", plan.replace("[]", r#"[], "planned_values": {"root_module": {"child_modules": [null]}}"#)),
        ] {
            assert!(in_pieces(&text).is_none(), "{what}: {text}");
        }
    }
}
