//! The configuration of a folder: its files, and those of the modules it calls.

use std::{collections::BTreeMap, fmt};

use crate::{
    limits::{DEEPEST_CALL, MOST_MODULES},
    sources::{
        Parsed, SourceFile, SourceNote,
        block::static_text,
        module::{ModuleSource, is_configuration},
    },
};

/// Where Terraform notes the folders of installed modules.
const INSTALLED: &str = ".terraform/modules/modules.json";

/// Reads the files of a configuration. Folders and paths are relative to the root module's folder (the empty string),
/// have `/` between their parts, and may begin with `../`: what lies outside is for the implementor to allow.
pub trait Files: fmt::Debug + Send + Sync {
    /// The names of the files that lie directly in a folder, in any order; none for a folder that cannot be read.
    fn list(&self, folder: &str) -> Vec<String>;
    /// The bytes of a file.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
}

/// The files of the configuration in the root folder of `files`, and what they hold.
pub(super) fn load(files: &dyn Files) -> (Vec<SourceFile>, Parsed) {
    let mut loader = Loader {
        files,
        installed: installed(files),
        folders: BTreeMap::new(),
        texts: Vec::new(),
        parsed: Parsed::default(),
    };
    loader.module("", "", &mut Vec::new());
    (loader.texts, loader.parsed)
}

struct Loader<'a> {
    files: &'a dyn Files,
    /// The folder of each installed module, by its key.
    installed: BTreeMap<String, String>,
    /// What was read already, as a place in `parsed.folders`.
    folders: BTreeMap<String, usize>,
    texts: Vec<SourceFile>,
    parsed: Parsed,
}

impl Loader<'_> {
    /// Reads the module `key` from `folder`, and what it calls. `above` holds the folders that lead here.
    fn module(&mut self, key: &str, folder: &str, above: &mut Vec<String>) {
        if self.parsed.modules.len() >= MOST_MODULES {
            return;
        }
        let place = match self.folders.get(folder) {
            Some(&place) => place,
            // A folder that is not there, or that may not be read, is a module that is not at hand, and not an empty one.
            None if !key.is_empty() && !self.files.list(folder).iter().any(|name| is_configuration(name)) => return,
            None => self.folder(folder),
        };
        self.parsed.modules.insert(key.into(), place);
        let calls = calls(&self.parsed.folders[place]);
        above.push(folder.to_owned());
        for (name, source) in calls {
            let key = if key.is_empty() { name } else { format!("{key}.{name}") };
            let called = match source {
                Some(source) if is_local(&source) => join(folder, &source),
                _ => self.installed.get(&key).cloned(),
            };
            if let Some(called) = called
                && above.len() < DEEPEST_CALL
                && !above.contains(&called)
            {
                self.module(&key, &called, above);
            }
        }
        above.pop();
    }

    fn folder(&mut self, folder: &str) -> usize {
        let mut names = self.files.list(folder);
        names.sort_unstable();
        let mut members = Vec::new();
        for name in names.iter().filter(|name| is_configuration(name)) {
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            match self.files.read(&path).map(String::from_utf8) {
                Some(Ok(text)) => match u16::try_from(self.texts.len()) {
                    Ok(index) => {
                        members.push(index);
                        self.texts.push(SourceFile::new(path, text));
                    }
                    Err(_) => self.note(path, "one file too many, left out"),
                },
                Some(Err(_)) => self.note(path, "not UTF-8, left out"),
                None => self.note(path, "cannot be read, or larger than 16 MiB: left out"),
            }
        }
        let mut module = ModuleSource::read(&self.texts, &members, &mut self.parsed.notes);
        module.folder = folder.into();
        self.parsed.folders.push(module);
        let place = self.parsed.folders.len() - 1;
        self.folders.insert(folder.to_owned(), place);
        place
    }

    fn note(&mut self, path: String, message: &str) {
        self.parsed.notes.push(SourceNote { path, place: None, message: message.to_owned() });
    }
}

/// The calls of a module with their `source`, where it is a plain string.
fn calls(module: &ModuleSource) -> Vec<(String, Option<String>)> {
    let source = |attribute: &crate::sources::block::Attribute| static_text(attribute.value.as_ref()?);
    module
        .calls
        .iter()
        .map(|(name, block)| (name.to_string(), block.body.attribute("source").and_then(source)))
        .collect()
}

fn installed(files: &dyn Files) -> BTreeMap<String, String> {
    #[derive(serde::Deserialize)]
    struct Manifest {
        #[serde(rename = "Modules", default)]
        modules: Vec<Installed>,
    }
    #[derive(serde::Deserialize)]
    struct Installed {
        #[serde(rename = "Key", default)]
        key: String,
        #[serde(rename = "Dir", default)]
        dir: String,
    }
    let manifest = files.read(INSTALLED).and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok());
    let modules = manifest.map(|manifest| manifest.modules).unwrap_or_default();
    modules.into_iter().filter_map(|module| Some((module.key, join("", &module.dir)?))).collect()
}

fn is_local(source: &str) -> bool {
    ["./", "../", ".\\", "..\\"].iter().any(|prefix| source.starts_with(prefix)) || matches!(source, "." | "..")
}

/// The folder that `relative` names seen from `folder`, without `.` and with `..` only in front. `None` for what is no
/// relative path.
pub fn join(folder: &str, relative: &str) -> Option<String> {
    if relative.starts_with(['/', '\\']) || relative.get(1..2) == Some(":") {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(relative.split(['/', '\\'])) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sources;

    #[derive(Debug)]
    struct Folder(BTreeMap<&'static str, &'static [u8]>);

    impl Files for Folder {
        fn list(&self, folder: &str) -> Vec<String> {
            let in_folder = |path: &str| {
                let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
                (parent == folder).then(|| name.to_owned())
            };
            self.0.keys().filter_map(|path| in_folder(path)).collect()
        }

        fn read(&self, path: &str) -> Option<Vec<u8>> {
            self.0.get(path).map(|bytes| bytes.to_vec())
        }
    }

    fn modules(files: &[(&'static str, &'static str)]) -> Vec<String> {
        let files = files.iter().map(|&(path, text)| (path, text.as_bytes())).collect();
        let sources = Sources::load(Box::new(Folder(files)));
        sources.parsed().modules.keys().map(ToString::to_string).collect()
    }

    #[test]
    fn local_calls_are_followed_and_installed_ones_looked_up() {
        let found = modules(&[
            (
                "main.tf",
                "module \"a\" {\n  source = \"./modules/a\"\n}\nmodule \"far\" {\n  source = \"org/x/aws\"\n}\n",
            ),
            ("modules/a/main.tf", "module \"b\" {\n  source = \"../b\"\n}\n"),
            ("modules/b/main.tf", ""),
            (".terraform/modules/modules.json", r#"{"Modules":[{"Key":"far","Dir":".terraform/modules/far"}]}"#),
            (".terraform/modules/far/x.tf", "module \"self\" {\n  source = \"./\"\n}\n"),
        ]);
        assert_eq!(found, ["", "a", "a.b", "far"]);
    }

    #[test]
    fn a_local_module_that_is_not_there_is_missing() {
        let text = "module \"a\" {\n  source = \"../a\"\n}\n";
        assert_eq!(modules(&[("main.tf", text), ("../a/README.md", "")]), [""]);
        assert_eq!(modules(&[("main.tf", text), ("../a/main.tf", "")]), ["", "a"]);
    }

    #[test]
    fn what_is_not_utf8_is_noted() {
        let files: [(&str, &[u8]); 2] = [("a.tf", b"locals {}\n\xff"), ("b.tf", b"locals {\n  x = 1\n}\n")];
        let sources = Sources::load(Box::new(Folder(BTreeMap::from(files))));
        assert_eq!(sources.notes().len(), 1);
        assert_eq!(sources.notes()[0].path, "a.tf");
        assert_eq!(sources.files.len(), 1);
    }

    #[test]
    fn folders_are_joined() {
        for (folder, relative, expected) in [
            ("", "./a", Some("a")),
            ("a/b", "../c/.", Some("a/c")),
            ("", "../a", Some("../a")),
            ("../a", "../../b", Some("../../b")),
            ("a", "..", Some("")),
            ("a", "/etc", None),
            ("a", "C:\\x", None),
        ] {
            assert_eq!(join(folder, relative).as_deref(), expected, "{folder} {relative}");
        }
    }
}
