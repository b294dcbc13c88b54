//! The zip that `terraform plan -out` writes.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};

use serde_json::value::RawValue;
use zip::{ZipArchive, result::ZipError};

use crate::{
    detail::Detail,
    document::parse_text,
    json::{self, record},
    limits::{PLAN_BYTES, PLAN_MEMBER_BYTES, PLAN_MEMBERS},
    refusal::Refusal,
    sniff::{PLAN_MEMBER, contains},
    sources::Sources,
    text::{HEAD, text_of},
    unit::Unit,
};

/// What a saved binary plan shows without Terraform: the state it was made from, and the configuration. The planned
/// values are in a member whose format is private to one version of Terraform.
#[derive(Debug)]
pub struct SavedPlan {
    /// The refreshed prior state (member `tfstate`).
    pub prior_state: Option<Unit>,
    /// The configuration of every module (members `tfconfig/m-…`), ordered by module and path. A module that is called
    /// from two places is there twice.
    pub module_files: Vec<ModuleFile>,
    /// Whether the files were in facts, which leave out what is sensitive.
    pub is_slim: bool,
}

/// One file of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleFile {
    /// The names of the module calls that lead to the file's module: empty for the root module, else `gd`, `gd.inner`.
    pub module: String,
    /// Path relative to the root module's folder, with `/`: `main.tf`, `modules/lists/main.tf`,
    /// `.terraform/modules/gd/main.tf`. It may lead out of that folder (`../shared/main.tf`).
    pub path: String,
    /// Its text.
    pub text: String,
}

const MODULE_PREFIX: &str = "tfconfig/m-";
const STATE: &str = "tfstate";
const MANIFEST: &str = "tfconfig/modules.json";

record! {
    /// One module of the manifest.
    struct Module<'a> { key: &'a RawValue = "Key", dir: &'a RawValue = "Dir", }
}

impl SavedPlan {
    /// Reads a saved plan. Nothing is written anywhere, whatever the members' names; sizes are limited, whatever the
    /// members' headers say.
    pub(crate) fn parse(bytes: &[u8], wanted: &dyn Fn(&str) -> Detail) -> Result<Self, Refusal> {
        let mut zip = Zip::open(bytes)?;
        let prior_state = zip.member(STATE)?.map(|bytes| prior_state(&bytes, wanted)).transpose()?;
        let folders = zip.member(MANIFEST)?.map(|bytes| folders(&bytes)).unwrap_or_default();
        let mut module_files = Vec::new();
        let names: Vec<_> = zip.archive.file_names().flatten().map(std::borrow::Cow::into_owned).collect();
        for name in names {
            let Some((module, file)) = name.strip_prefix(MODULE_PREFIX).and_then(|rest| rest.rsplit_once('/')) else {
                continue;
            };
            if file.is_empty() {
                continue;
            }
            let path = match folders.get(module).map(|folder| folder.trim_end_matches('/')) {
                Some("" | ".") => file.to_owned(),
                Some(folder) => format!("{folder}/{file}"),
                None => name.clone(),
            };
            let bytes = zip.member(&name)?.unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            module_files.push(ModuleFile { module: module.to_owned(), path, text });
        }
        module_files.sort_by(|a, b| (&a.module, &a.path).cmp(&(&b.module, &b.path)));
        Ok(Self { prior_state, module_files, is_slim: false })
    }

    /// The configuration.
    pub fn sources(&self) -> Sources {
        Sources { withholds: self.is_slim, ..Sources::of_module_files(self.module_files.clone()) }
    }

    /// The text that spans in [`Self::prior_state`] refer to, of a saved plan's bytes; `None` where it has no state.
    pub fn state_text(bytes: &[u8]) -> Option<String> {
        let member = Zip::open(bytes).ok()?.member(STATE).ok()??;
        text_of(&member).map(std::borrow::Cow::into_owned)
    }
}

fn prior_state(bytes: &[u8], wanted: &dyn Fn(&str) -> Detail) -> Result<Unit, Refusal> {
    let text = text_of(bytes).ok_or_else(|| Refusal::damaged_zip("its member `tfstate` is no text"))?;
    parse_text(&text, wanted)
        .map_err(|refusal| Refusal::damaged_zip(&format!("its member `tfstate` is {}", refusal.message)))
}

/// The folders of the modules, by key. A manifest that cannot be read leaves the files with the names they have in the
/// zip.
fn folders(manifest: &[u8]) -> BTreeMap<String, String> {
    let modules: Vec<Module<'_>> = serde_json::from_slice(manifest).unwrap_or_default();
    let folder = |module: Module<'_>| {
        let key = json::string(module.key?)?.into_owned();
        // On Windows Terraform writes the separators of Windows.
        Some((key, json::string(module.dir?)?.replace('\\', "/")))
    };
    modules.into_iter().filter_map(folder).collect()
}

struct Zip<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    left: u64,
}

impl<'a> Zip<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let Ok(archive) = ZipArchive::new(Cursor::new(bytes)) else {
            let is_plan = contains(&bytes[..bytes.len().min(HEAD)], PLAN_MEMBER);
            return Err(if is_plan {
                Refusal::damaged_zip("the zip is cut off or broken")
            } else {
                Refusal::foreign("a broken zip")
            });
        };
        if archive.index_for_name("tfplan").is_none() {
            return Err(Refusal::foreign("a zip without the member `tfplan` of a saved plan"));
        }
        if archive.len() > PLAN_MEMBERS {
            return Err(Refusal::damaged_zip("it has more than 100,000 members"));
        }
        Ok(Self { archive, left: PLAN_BYTES })
    }

    /// Unpacks a member; `None` where there is none of that name.
    fn member(&mut self, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        let member = match self.archive.by_name(name) {
            Ok(member) => member,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(_) => return Err(Refusal::damaged_zip("a member cannot be unpacked")),
        };
        let limit = PLAN_MEMBER_BYTES.min(self.left);
        let mut bytes = Vec::new();
        let read = member.take(limit + 1).read_to_end(&mut bytes);
        if read.is_err() {
            return Err(Refusal::damaged_zip("a member cannot be unpacked"));
        }
        let length = bytes.len() as u64;
        if length > limit {
            return Err(Refusal::damaged_zip("it unpacks to more than 64 MiB in one member, or 256 MiB in all"));
        }
        self.left -= length;
        Ok(Some(bytes))
    }
}
