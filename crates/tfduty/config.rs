//! `tfduty.toml`: where it is looked for, and what it says.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};

use tfduty_audit::{
    Expect, Ignore, Problem, Regions, Settings, Severity, date, rule,
    suggest::{quoted, selects_any, unknown_rule, unknown_selector},
};
use tfduty_aws::partition::is_region;
use toml::de::{DeTable, DeValue};

use crate::limits::CONFIGURATION;
use reader::{Reader, Table, Value};

mod reader;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::EXAMPLE;

const NAME: &str = "tfduty.toml";

/// What one file says; what it does not say stays as the settings have it.
#[derive(Debug, Default)]
pub(crate) struct Config {
    fail_on: Option<Level>,
    strict: Option<bool>,
    expect: Option<Expect>,
    severities: Vec<(String, Option<Severity>)>,
    ignores: Vec<Ignore>,
}

/// A severity, or the word for none: `off`, `never`.
#[derive(Debug, Clone, Copy)]
struct Level(Option<Severity>);

/// The `tfduty.toml` that holds in the folder `from`: its own, else the nearest one of its parents, up to and
/// including the repository root, which is the first folder with a `.git` (a file in worktrees and submodules).
/// Without a repository the search ends at the root of the file system, as zizmor's does: a stack that comes out of an
/// archive finds its configuration from each of its folders.
///
/// A `tfduty.toml` that is a folder or a link to nowhere is found too, so that reading it fails: no audit shall pass
/// because what it was told to expect was silently left out.
pub(crate) fn find(from: &Path) -> Option<PathBuf> {
    let from = std::path::absolute(from).ok()?;
    for folder in from.ancestors() {
        let file = folder.join(NAME);
        if file.symlink_metadata().is_ok() {
            return Some(file);
        }
        if folder.join(".git").symlink_metadata().is_ok() {
            return None;
        }
    }
    None
}

/// Reads the file at `path`, which its problems call `shown_path`. What is wrong with it is reported all at once, in
/// the order of the file. One that was found, and not named, may have been put there by somebody else.
pub(crate) fn read(path: &Path, shown_path: &str, is_named: bool) -> Result<Config, Vec<Problem>> {
    let problem = |message| Problem { path: Some(shown_path.into()), message, help: None, place: None };
    let bytes = if is_named { CONFIGURATION.read_named(path) } else { CONFIGURATION.read_found(path) };
    match bytes {
        Ok(bytes) => parse(&bytes, shown_path),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            Err(vec![problem(format!("larger than {}: no configuration of tfduty is", CONFIGURATION.shown))])
        }
        Err(error) => Err(vec![problem(format!("cannot be read: {error}"))]),
    }
}

impl Config {
    /// What the file says, where its paths count from a folder that the working folder is seen from as `working_folder`.
    pub(crate) fn seen_from(mut self, working_folder: &str) -> Self {
        for ignore in &mut self.ignores {
            working_folder.clone_into(&mut ignore.working_folder);
        }
        self
    }

    /// Writes what the file says into `settings`. Options of the command line come later and win.
    pub(crate) fn apply(self, settings: &mut Settings) {
        if let Some(Level(threshold)) = self.fail_on {
            settings.fail_on = threshold;
        }
        settings.strict = self.strict.unwrap_or(settings.strict);
        if let Some(expect) = self.expect {
            settings.expect = expect;
        }
        settings.severities.extend(self.severities);
        settings.ignores.extend(self.ignores);
    }
}

fn parse(bytes: &[u8], shown_path: &str) -> Result<Config, Vec<Problem>> {
    let mut reader = Reader::of(bytes);
    let mut config = Config::default();
    match std::str::from_utf8(bytes).map(DeTable::parse) {
        Ok(Ok(root)) => config = file(&mut reader, &Table::root(root.get_ref())),
        Ok(Err(error)) => reader.syntax(&error),
        Err(error) => reader.fault(error.valid_up_to(), "not UTF-8", "save the file in the encoding UTF-8"),
    }
    for ignore in &mut config.ignores {
        ignore.file = Some(shown_path.to_owned());
    }
    reader.finish(config, shown_path)
}

fn file(reader: &mut Reader, table: &Table<'_>) -> Config {
    reader.has_only(table, &["fail-on", "strict", "expect", "rules", "ignore"]);
    Config {
        fail_on: level(reader, table, "fail-on", "never"),
        strict: reader.boolean(table, "strict"),
        expect: table.get("expect").and_then(|value| expect(reader, value)),
        severities: table.get("rules").map(|value| severities(reader, value)).unwrap_or_default(),
        ignores: table.get("ignore").map(|value| ignores(reader, value)).unwrap_or_default(),
    }
}

/// A severity, or `none`.
fn level(reader: &mut Reader, table: &Table<'_>, key: &str, none: &str) -> Option<Level> {
    let error = ("error", Level(Some(Severity::Error)));
    let warning = ("warning", Level(Some(Severity::Warning)));
    let advice = ("advice", Level(Some(Severity::Advice)));
    reader.word(table, key, &[error, warning, advice, (none, Level(None))])
}

fn expect(reader: &mut Reader, value: &Value<'_>) -> Option<Expect> {
    let table = reader.table(value, "[expect]")?;
    reader.has_only(&table, &["accounts", "regions", "detectors"]);
    Some(Expect {
        accounts: table.get("accounts").map(|value| accounts(reader, value)).unwrap_or_default(),
        regions: table.get("regions").map(|value| regions(reader, value)).unwrap_or_default(),
        elsewhere: reader.word(&table, "detectors", &[("here", false), ("elsewhere", true)]).unwrap_or_default(),
    })
}

fn accounts(reader: &mut Reader, value: &Value<'_>) -> Vec<String> {
    if let DeValue::Array(items) = value.get_ref() {
        return distinct(items.iter().filter_map(|item| account(reader, item)));
    }
    reader.wrong_kind(value, "`accounts`", "an array", "put it in brackets: `[\"123456789012\"]`");
    Vec::new()
}

fn regions(reader: &mut Reader, value: &Value<'_>) -> Regions {
    match value.get_ref() {
        DeValue::String(text) if text == "all" => Regions::All,
        // No region says as little as no key.
        DeValue::Array(items) if items.is_empty() => Regions::Unset,
        DeValue::Array(items) => {
            let help = "such as `eu-west-1`; for every region write `regions = \"all\"`";
            Regions::These(distinct(items.iter().filter_map(|item| region(reader, item, help))))
        }
        _ => {
            reader.wrong_kind(value, "`regions`", "an array or \"all\"", "put it in brackets: `[\"eu-west-1\"]`");
            Regions::Unset
        }
    }
}

/// Each text once: what is expected twice would be reported twice.
fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    texts.filter(|text| seen.insert(text.clone())).collect()
}

fn account(reader: &mut Reader, value: &Value<'_>) -> Option<String> {
    let text = reader.string(value, "an account id")?;
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.to_owned());
    }
    let message = format!("{} is not an account id", quoted(text));
    reader.fault(value.span().start, message, "an account id has 12 digits");
    None
}

/// Only the form is asked for, so that a region of tomorrow can be named today.
fn region(reader: &mut Reader, value: &Value<'_>, help: &str) -> Option<String> {
    let text = reader.string(value, "a region")?;
    if is_region(text) {
        return Some(text.to_owned());
    }
    let message = format!("{} is not the name of a region", quoted(text));
    reader.fault(value.span().start, message, help);
    None
}

fn severities(reader: &mut Reader, value: &Value<'_>) -> Vec<(String, Option<Severity>)> {
    let Some(rules) = reader.table(value, "[rules]") else { return Vec::new() };
    let mut severities = Vec::new();
    for (key, value) in rules.entries {
        let id = key.get_ref().as_ref();
        if rule(id).is_none() {
            let families = "`[rules]` takes one rule at a time; `tfduty rules` lists them".to_owned();
            let help = if selects_any(id) { families } else { unknown_rule(id, &[]) };
            reader.fault(key.span().start, format!("unknown rule {}", quoted(id)), help);
        } else if let Some(table) = reader.table(value, &format!("[rules.{id}]")) {
            reader.has_only(&table, &["severity"]);
            let severity = level(reader, &table, "severity", "off");
            severities.extend(severity.map(|Level(severity)| (id.to_owned(), severity)));
        }
    }
    severities
}

fn ignores(reader: &mut Reader, value: &Value<'_>) -> Vec<Ignore> {
    if let DeValue::Array(items) = value.get_ref() {
        return items.iter().filter_map(|item| ignore(reader, item)).collect();
    }
    reader.wrong_kind(value, "`ignore`", "an array of tables", "write `[[ignore]]`, with two pairs of brackets");
    Vec::new()
}

fn ignore(reader: &mut Reader, value: &Value<'_>) -> Option<Ignore> {
    let table = reader.table(value, "[[ignore]]")?;
    // A key that is misspelt is missing as well, but one of the two messages helps.
    if reader.has_only(&table, &["rule", "address", "account", "region", "path", "reason", "until"]) {
        if table.get("rule").is_none() {
            reader.fault(table.place, "`rule` is missing", "name a rule, or a family such as `list-*`");
        }
        if ["address", "account", "region", "path"].iter().all(|key| table.get(key).is_none()) {
            let help = "to switch a rule off everywhere, write `severity = \"off\"` under `[rules.ID]`";
            reader.fault(table.place, "none of `address`, `account`, `region` and `path` is given", help);
        }
        if table.get("reason").is_none() {
            reader.fault(table.place, "`reason` is missing", "say why the findings do not count");
        }
    }
    Some(Ignore {
        rule: selector(reader, &table).unwrap_or_default(),
        address: reader.text(&table, "address"),
        account: table.get("account").and_then(|value| account(reader, value)),
        region: table.get("region").and_then(|value| region(reader, value, "such as `eu-west-1`")),
        path: reader.text(&table, "path"),
        reason: reader.text(&table, "reason").unwrap_or_default(),
        until: until(reader, &table),
        working_folder: String::new(),
        file: None,
        place: Some(reader.place(table.place)),
    })
}

/// `rule`: a rule, or a family.
fn selector(reader: &mut Reader, table: &Table<'_>) -> Option<String> {
    let text = reader.text(table, "rule")?;
    if let Some((message, help)) = unknown_selector(&text) {
        reader.fault(table.get("rule")?.span().start, message, help);
    }
    Some(text)
}

/// `until`: a date of TOML, or a string, as other formats have it.
fn until(reader: &mut Reader, table: &Table<'_>) -> Option<String> {
    const HELP: &str = "a day, such as `2027-01-31`";
    let value = table.get("until")?;
    let text = match value.get_ref() {
        DeValue::Datetime(date) => date.to_string(),
        DeValue::String(text) => text.to_string(),
        _ => {
            reader.wrong_kind(value, "`until`", "a date", HELP);
            return None;
        }
    };
    let date = date(&text);
    if date.is_none() {
        reader.fault(value.span().start, format!("{} is not a date", quoted(&text)), HELP);
    }
    date
}
