//! The shape of a facts file.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use tfduty_audit::{FoundFile, LookUp, Note, Problem};
use tfduty_terraform::{Address, Place};

use super::print::Print;

/// Version of the shape.
pub(super) const FORMAT: u32 = 1;

/// The version of the program, which alone knows what its rules read.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The command whose rules read what is in the file.
pub(super) const COMMAND: &str = "check";

/// What every facts file begins with, whatever else its version writes.
#[derive(Debug, Deserialize)]
pub(super) struct Head {
    pub(super) tfduty_facts: u32,
    pub(super) version: String,
}

/// A facts file. Units are JSON texts of their own: they are written and read by several threads.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Document<U> {
    pub(super) tfduty_facts: u32,
    pub(super) version: String,
    pub(super) command: String,
    /// The inputs, in sorted path order.
    pub(super) inputs: Vec<Input<U>>,
    /// The texts of configuration files, each once: stacks share modules.
    pub(super) texts: Vec<String>,
    /// Other files that the configurations of inputs name, by the path of the input.
    pub(super) read: BTreeMap<String, BTreeMap<String, Bytes>>,
    /// What was looked up of files that objects upload as lists.
    pub(super) look_ups: Vec<Answer>,
    /// Those files.
    pub(super) lists: Vec<List>,
    pub(super) problems: Vec<Complaint>,
    pub(super) notes: Vec<Remark>,
    /// How many files of a walk have nothing to do with Terraform.
    pub(super) foreign: usize,
    /// Whether a walk met configuration.
    pub(super) has_sources: bool,
}

/// An input.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Input<U> {
    pub(super) path: String,
    /// The file, as it was named from the working folder; nothing for standard input.
    pub(super) file: Option<String>,
    pub(super) folder: String,
    pub(super) named: bool,
    pub(super) size: u64,
    pub(super) kind: Kind,
    pub(super) print: Print,
    pub(super) configuration: Option<Configuration>,
    /// Its unit, where it has one.
    pub(super) unit: Option<U>,
}

/// Kinds of inputs, as far as the unit does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// A plan or a state.
    Document,
    /// The same, which stands for a saved plan.
    ShownPlan,
    /// A state of no bytes.
    Empty,
    /// A saved plan that no plan was found for. Its configuration may be that of a plan among other facts.
    SavedPlan,
}

/// The configuration that states facts of an input.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Configuration {
    pub(super) files: Vec<SourceFile>,
    /// The folder that reports say it is in.
    pub(super) folder: String,
    /// The folder of the root module, as it was named from the working folder, where it is known.
    pub(super) root: Option<String>,
    /// Whether it was read from a folder, where more can be read.
    pub(super) is_of_folder: bool,
}

/// A file of a configuration.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SourceFile {
    pub(super) path: String,
    /// The keys of the modules that it belongs to.
    pub(super) modules: Vec<Box<str>>,
    /// SHA-256 of the file itself.
    pub(super) sha256: String,
    /// The place of its slimmed text among the texts.
    pub(super) text: usize,
}

/// Bytes, in base 64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text.as_bytes()).map(Self).map_err(|_| D::Error::custom("no base 64"))
    }
}

/// What was looked up of the file that an object uploads: the path of the input, the object, and the path of the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Question {
    pub(crate) input: String,
    pub(crate) address: Address,
    pub(crate) path: String,
}

/// What was looked up, with what that gave.
pub(crate) type LookUps = BTreeMap<Question, LookUp>;

/// One of [`LookUps`].
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) question: Question,
    pub(super) found: Found,
}

/// What looking a file up gave.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Found {
    /// The list of this path.
    List(String),
    Missing(Option<String>),
    NotAtHand,
    Outside,
    Unreadable(String),
}

/// A file that an object uploads as a list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct List {
    pub(super) path: String,
    pub(super) folder: String,
    pub(super) size: u64,
    pub(super) bytes: Bytes,
}

/// Look-ups, and the files that they found, each once.
pub(super) fn apart(look_ups: LookUps) -> (Vec<Answer>, Vec<List>) {
    let mut lists: BTreeMap<String, List> = BTreeMap::new();
    let answers = look_ups.into_iter().map(|(question, look_up)| {
        let found = match look_up {
            LookUp::Found(FoundFile { path, folder, size, bytes }) => {
                let list = List { path: path.clone(), folder, size, bytes: Bytes(bytes) };
                let known = lists.entry(path.clone()).or_insert_with(|| list.clone());
                // One of several objects may keep it a secret, which the others do not.
                if known.bytes.0.is_empty() {
                    *known = list;
                }
                Found::List(path)
            }
            LookUp::Missing { similar } => Found::Missing(similar),
            LookUp::NotAtHand => Found::NotAtHand,
            LookUp::Outside => Found::Outside,
            LookUp::Unreadable(why) => Found::Unreadable(why),
        };
        Answer { question, found }
    });
    (answers.collect(), lists.into_values().collect())
}

/// The other way round. What names a list that is not there was not at hand.
pub(super) fn together(answers: Vec<Answer>, lists: Vec<List>) -> LookUps {
    let lists: BTreeMap<String, List> = lists.into_iter().map(|list| (list.path.clone(), list)).collect();
    let answers = answers.into_iter().map(|Answer { question, found }| {
        let look_up = match found {
            Found::List(path) => match lists.get(&path).cloned() {
                Some(List { path, folder, size, bytes }) => {
                    LookUp::Found(FoundFile { path, folder, size, bytes: bytes.0 })
                }
                None => LookUp::NotAtHand,
            },
            Found::Missing(similar) => LookUp::Missing { similar },
            Found::NotAtHand => LookUp::NotAtHand,
            Found::Outside => LookUp::Outside,
            Found::Unreadable(why) => LookUp::Unreadable(why),
        };
        (question, look_up)
    });
    answers.collect()
}

/// A problem.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Complaint {
    path: Option<String>,
    message: String,
    help: Option<String>,
    place: Option<(usize, usize, usize)>,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Remark {
    path: Option<String>,
    code: String,
    message: String,
}

impl From<&Problem> for Complaint {
    fn from(problem: &Problem) -> Self {
        let Problem { path, message, help, place } = problem.clone();
        Self { path, message, help, place: place.map(|place| (place.byte, place.line, place.column)) }
    }
}

impl From<Complaint> for Problem {
    fn from(complaint: Complaint) -> Self {
        let Complaint { path, message, help, place } = complaint;
        Self { path, message, help, place: place.map(|(byte, line, column)| Place { byte, line, column }) }
    }
}

impl From<&Note> for Remark {
    fn from(note: &Note) -> Self {
        Self { path: note.path.clone(), code: note.code.to_string(), message: note.message.clone() }
    }
}

impl From<Remark> for Note {
    fn from(remark: Remark) -> Self {
        Note::new(remark.path, remark.code, remark.message)
    }
}
