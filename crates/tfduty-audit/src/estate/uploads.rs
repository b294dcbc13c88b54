//! The files that objects upload as lists.

use std::collections::BTreeMap;

use tfduty_terraform::Address;

use crate::{
    estate::Estate,
    generated,
    graph::{Graph, OBJECTS},
    lists,
    object::{Object, ObjectId},
    report::{InputKind, InputRole, InputSummary},
};

/// Finds the files that objects upload. The audit itself reads no file.
pub trait ListFiles {
    /// Looks a file up.
    fn look_up(&mut self, wanted: &Wanted<'_>) -> LookUp;
}

/// A file that an object uploads.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Path of the input that holds the object.
    pub input: &'a str,
    /// The object.
    pub address: &'a Address,
    /// The folder of the module that declares the object, relative to the root module's, where sources tell it.
    pub module_folder: Option<&'a str>,
    /// The value of `source`: relative to where Terraform runs, which is the root module's folder.
    pub path: &'a str,
    /// Whether the file is known to hold something sensitive: it is not looked into, and its bytes must not be kept.
    pub is_secret: bool,
}

/// What looking a file up gave.
#[derive(Debug, Clone)]
pub enum LookUp {
    /// The file.
    Found(FoundFile),
    /// There is none in the folder of the configuration, which is known.
    Missing {
        /// A file of the same name elsewhere in that folder, relative to it.
        similar: Option<String>,
    },
    /// There is none, but the folder of the configuration is not known.
    NotAtHand,
    /// The path leads out of the folders that are looked into.
    Outside,
    /// It is there, and cannot be read for this reason.
    Unreadable(String),
}

/// A file that was found.
#[derive(Debug, Clone)]
pub struct FoundFile {
    /// Path relative to the working folder, with `/`.
    pub path: String,
    /// Its folder relative to the repository root, with `/`.
    pub folder: String,
    /// Size in bytes.
    pub size: u64,
    /// Its bytes. None where they are more than GuardDuty accepts: their number is all that is said of them.
    pub bytes: Vec<u8>,
}

/// What is known of the file that an object uploads.
#[derive(Debug)]
pub(crate) enum Upload {
    /// It is this input.
    File(usize),
    /// It is not there, or not at hand.
    None(LookUp),
}

impl Estate {
    /// Takes the files in that objects upload as lists: each becomes an input of its own, and the inputs stay sorted.
    pub fn read_uploads(&mut self, files: &mut dyn ListFiles) {
        let names_file = |(_, object): (ObjectId, &Object)| object.attribute(&["source"]).str().is_some();
        // The wiring is only worked out, once more than by the audit, where it matters.
        if !OBJECTS.iter().flat_map(|name| self.of_type(name)).any(names_file) {
            return;
        }
        let wanted = lists::uploaded(self, &Graph::of(self));
        let mut found = BTreeMap::new();
        let mut paths = BTreeMap::new();
        for id in wanted {
            match self.look_up(id, files) {
                Some(LookUp::Found(file)) => {
                    paths.insert(id, file.path.clone());
                    found.insert(file.path.clone(), file);
                }
                Some(other) => {
                    self.uploads.insert(id, Upload::None(other));
                }
                None => {}
            }
        }
        let inputs = self.add_inputs(found);
        let uploads = paths.into_iter().filter_map(|(id, path)| Some((id, Upload::File(*inputs.get(&path)?))));
        self.uploads.extend(uploads);
    }

    fn look_up(&self, id: ObjectId, files: &mut dyn ListFiles) -> Option<LookUp> {
        let object = self.object(id);
        let sources = self.unit(object).sources.as_ref();
        let found = files.look_up(&Wanted {
            input: &self.inputs[self.input(object)].path,
            address: &object.address,
            module_folder: sources.and_then(|sources| sources.folder(&object.address.module)),
            path: object.attribute(&["source"]).str()?,
            is_secret: generated::maker(self, id).is_some_and(|maker| generated::is_secret(self, maker)),
        });
        // A configuration without the object's block is another one.
        let is_declared = sources.is_none_or(|sources| sources.block(&object.address).is_some());
        Some(match found {
            LookUp::Missing { .. } if !is_declared => LookUp::NotAtHand,
            found => found,
        })
    }

    /// Adds files to the inputs, and gives their places by their paths.
    fn add_inputs(&mut self, files: BTreeMap<String, FoundFile>) -> BTreeMap<String, usize> {
        let summaries = std::mem::take(&mut self.inputs);
        let folders = std::mem::take(&mut self.folders);
        let mut inputs: Vec<(InputSummary, String, Origin)> = Vec::new();
        for (index, (summary, folder)) in summaries.into_iter().zip(folders).enumerate() {
            inputs.push((summary, folder, Origin::Input(index)));
        }
        for (path, file) in files {
            let summary = InputSummary {
                path,
                kind: InputKind::List,
                role: InputRole::Evidence,
                format_version: None,
                terraform_version: None,
                resources: 0,
                bytes: file.size,
            };
            inputs.push((summary, file.folder, Origin::File(file.bytes)));
        }
        inputs.sort_by(|(left, ..), (right, ..)| left.path.cmp(&right.path));
        let mut moved = BTreeMap::new();
        let mut added = BTreeMap::new();
        for (index, (summary, folder, origin)) in inputs.into_iter().enumerate() {
            match origin {
                Origin::Input(before) => {
                    moved.insert(before, index);
                }
                Origin::File(bytes) => {
                    added.insert(summary.path.clone(), index);
                    self.uploaded.insert(index, bytes);
                }
            }
            self.inputs.push(summary);
            self.folders.push(folder);
        }
        let files = self.files.iter_mut().map(|(input, _)| input);
        let copies = self.copies.iter_mut().flat_map(|copy| [&mut copy.input.input, &mut copy.newest.input]);
        for input in self.units.iter_mut().map(|unit| &mut unit.input).chain(files).chain(copies) {
            *input = moved.get(input).copied().unwrap_or(*input);
        }
        added
    }
}

/// Where an input comes from.
enum Origin {
    /// It was the input at this place.
    Input(usize),
    /// It is a file with these bytes.
    File(Vec<u8>),
}
