//! The lists of an estate, as the rules on content judge them: what sets read, and files that were given.

mod bytes;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use tfduty_aws::{
    limits::LIST_BYTES,
    list::{self, Invalid, ListFormat, Place, Reason, Sniffed},
};
use tfduty_terraform::Span;

use crate::{
    context::{Context, Label, Subject},
    estate::Estate,
    finding::{Anchor, Inner},
    graph::{Graph, SetKind, Target},
    object::{Attribute, ObjectId},
};

pub(crate) use bytes::{COPY, not_found, of_object, uploaded};

/// How many characters of a piece of a list are shown.
const SHOWN: usize = 64;

/// One list: an object in S3 that sets read, or a file.
#[derive(Debug)]
pub(crate) struct List<'a> {
    /// Whom findings on its content are about: the object if Terraform manages it, else the first set that reads it; or
    /// the file.
    pub(crate) subject: Subject,
    /// The object in S3, where it is not a file.
    pub(crate) object: Option<ObjectId>,
    /// The attribute of that object that its bytes come from; of a file none.
    pub(crate) attribute: &'static str,
    /// As what it is read: each set that does, or what a file was given as. Never empty.
    pub(crate) readers: Vec<Reader>,
    /// Its bytes.
    pub(crate) bytes: Bytes<'a>,
    parsed: [OnceLock<list::List>; 6],
    sniffed: OnceLock<Sniffed>,
}

/// As what a list is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader {
    /// The set.
    pub(crate) set: Option<ObjectId>,
    /// Whether as a trusted or as a threat list; of a file that may be left open.
    pub(crate) kind: Option<SetKind>,
    /// In which format; `None` where that is not known.
    pub(crate) format: Option<ListFormat>,
    /// Whether the format was declared; that of a file may be taken from its looks.
    pub(crate) is_declared: bool,
}

/// The bytes of a list.
#[derive(Debug)]
pub(crate) enum Bytes<'a> {
    /// These.
    Known(Known<'a>),
    /// They are not known.
    Unknown(Unknown),
}

/// Bytes, and where they are written.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    /// The bytes themselves: no more than GuardDuty accepts.
    pub(crate) bytes: Cow<'a, [u8]>,
    /// What shows them.
    holder: Holder<'a>,
    /// Whether they are sensitive: then places and counts are shown, never a text.
    pub(crate) is_sensitive: bool,
}

/// What shows the bytes of a list.
#[derive(Debug)]
enum Holder<'a> {
    /// An attribute of an object in an input, which holds them as a text.
    Text(usize, Attribute<'a>),
    /// An attribute that they are worked out from: no place in them is one in its value.
    Made(usize, Attribute<'a>),
    /// A file among the inputs.
    File(usize),
}

/// Why the bytes of a list are not known.
#[derive(Debug)]
pub(crate) struct Unknown {
    /// The reason, as the second half of a sentence: "`content` is known only after apply".
    pub(crate) why: String,
    /// What to add to the run.
    pub(crate) help: String,
    /// The place.
    pub(crate) anchor: Anchor,
    /// How many there are, where they are more than GuardDuty accepts: nothing else is to be said of them.
    pub(crate) too_many: Option<u64>,
}

impl<'a> List<'a> {
    /// The formats that it is read in, each once, with its content in that format.
    pub(crate) fn readings(&self) -> impl Iterator<Item = (ListFormat, &list::List)> {
        let formats: BTreeSet<ListFormat> = self.readers.iter().filter_map(|reader| reader.format).collect();
        formats.into_iter().filter_map(|format| Some((format, self.parsed(format)?)))
    }

    /// Its content, read in a format; `None` where the bytes are not known.
    pub(crate) fn parsed(&self, format: ListFormat) -> Option<&list::List> {
        let Bytes::Known(known) = &self.bytes else { return None };
        Some(self.parsed[format as usize].get_or_init(|| list::List::parse(&known.bytes, format)))
    }

    /// What its bytes look like; `None` where they are not known.
    pub(crate) fn sniffed(&self) -> Option<&Sniffed> {
        let Bytes::Known(known) = &self.bytes else { return None };
        Some(self.sniffed.get_or_init(|| list::sniff(&known.bytes)))
    }

    /// The bytes, where they are known.
    pub(crate) fn known(&self) -> Option<&Known<'a>> {
        match &self.bytes {
            Bytes::Known(known) => Some(known),
            Bytes::Unknown(_) => None,
        }
    }

    /// The sets that read it, as labels.
    pub(crate) fn read_by(&self, context: &Context<'_>) -> Vec<Label> {
        context.read_by(self.readers.iter().filter_map(|reader| reader.set)).collect()
    }

    /// Whether some set reads it as a list of this kind; of a file of unknown kind it may be.
    pub(crate) fn may_be(&self, kind: SetKind) -> bool {
        self.readers.iter().any(|reader| reader.kind.is_none_or(|its| its == kind))
    }
}

impl Known<'_> {
    /// A piece of the bytes as a label of a finding.
    pub(crate) fn anchor(&self, place: Place, label: impl Into<String>) -> Anchor {
        let Place { line, column, byte, len } = place;
        match self.holder {
            Holder::Text(..) => {
                let inner = Inner { byte, len, line: line as usize, column: column as usize };
                Anchor { inner: Some(inner), ..self.whole(label) }
            }
            Holder::Made(..) => {
                let label = label.into();
                let names_line = label.starts_with("line ");
                self.whole(if names_line { label } else { format!("line {line}: {label}") })
            }
            Holder::File(_) => Anchor { span: Span::new(byte, byte.saturating_add(len)), ..self.whole(label) },
        }
    }

    /// All of the bytes as a label of a finding.
    pub(crate) fn whole(&self, label: impl Into<String>) -> Anchor {
        let anchor = match &self.holder {
            Holder::Text(input, attribute) | Holder::Made(input, attribute) => attribute.anchor(*input, label),
            Holder::File(input) => Anchor::of_file(*input, label),
        };
        Anchor { sensitive: self.is_sensitive, ..anchor }
    }

    /// A piece of the bytes as a label of a finding. `describe` is given its text, in backquotes; of sensitive bytes only the
    /// line's number is said.
    pub(crate) fn line(&self, place: Place, describe: impl FnOnce(&str) -> String) -> Anchor {
        let label = self.shown(place).map_or_else(|| format!("line {}", place.line), |text| describe(&text));
        self.anchor(place, label)
    }

    /// A piece that is no entry as a label of a finding: its text, why it is none, and what was probably meant.
    pub(crate) fn invalid(&self, invalid: &Invalid) -> Anchor {
        let Invalid { place, reason } = invalid;
        self.line(*place, |text| {
            let subject = match reason {
                // The mark itself cannot be seen.
                Reason::ByteOrderMark => format!("line {}", place.line),
                _ => text.to_owned(),
            };
            match reason.suggestion() {
                Some(meant) => format!("{subject} {reason}; did you mean `{meant}`?"),
                None => format!("{subject} {reason}"),
            }
        })
    }

    /// A piece of the bytes as a text to be shown, in backquotes; `None` where they are sensitive. Of a long one, the
    /// beginning: a line may be as long as the file.
    pub(crate) fn shown(&self, place: Place) -> Option<String> {
        if self.is_sensitive {
            return None;
        }
        let bytes = place.of(&self.bytes);
        // No character has more than four bytes.
        let text = String::from_utf8_lossy(bytes.get(..SHOWN * 4).unwrap_or(bytes));
        let mut shown: String = text.chars().take(SHOWN).collect();
        if shown.len() < bytes.len() && shown.chars().count() == SHOWN {
            shown.push('…');
        }
        Some(format!("`{}`", tfduty_terraform::escape(shown)))
    }
}

/// The lists of an estate: first what sets read, in the order of the objects, then files in the order of the inputs.
pub(crate) fn lists<'a>(estate: &'a Estate, graph: &Graph) -> Vec<List<'a>> {
    let mut readers: BTreeMap<ObjectId, Vec<Reader>> = BTreeMap::new();
    for set in &graph.sets {
        if let Target::Object(list) = set.target {
            let format = format_of(&estate.object(set.id).attribute(&["format"]));
            let reader = Reader { set: Some(set.id), kind: Some(set.kind), format, is_declared: true };
            readers.entry(list).or_default().push(reader);
        }
    }
    let objects = readers.into_iter().map(|(id, readers)| {
        let is_managed = estate.object(id).is_managed();
        let first = readers.iter().find_map(|reader| reader.set);
        let subject = first.filter(|_| !is_managed).unwrap_or(id);
        let (attribute, bytes) = of_object(estate, graph, id);
        List::new(subject.into(), Some(id), readers, (attribute, bytes))
    });
    let files = estate.files.iter().map(|(input, file)| {
        let reader = Reader { set: None, kind: file.kind, format: Some(file.format), is_declared: file.is_declared };
        let bytes = of_file(*input, estate.inputs[*input].bytes, &file.bytes);
        List::new(Subject::File(*input), None, vec![reader], ("", bytes))
    });
    objects.chain(files).collect()
}

impl<'a> List<'a> {
    fn new(
        subject: Subject,
        object: Option<ObjectId>,
        readers: Vec<Reader>,
        (attribute, bytes): (&'static str, Bytes<'a>),
    ) -> Self {
        Self { subject, object, attribute, readers, bytes, parsed: Default::default(), sniffed: OnceLock::new() }
    }
}

/// The bytes of a file among the inputs, which has this size.
fn of_file(input: usize, size: u64, bytes: &[u8]) -> Bytes<'_> {
    if size > LIST_BYTES {
        return Bytes::Unknown(Unknown::too_many(size, Anchor::of_file(input, "too large")));
    }
    Bytes::Known(Known { bytes: Cow::Borrowed(bytes), holder: Holder::File(input), is_sensitive: false })
}

impl Unknown {
    /// More bytes than GuardDuty accepts.
    fn too_many(size: u64, anchor: Anchor) -> Self {
        let help = "give a list that GuardDuty accepts".into();
        Self { why: format!("it has {size} bytes"), help, anchor, too_many: Some(size) }
    }
}

/// The declared format; TXT where none is, and none where it is not known.
fn format_of(format: &Attribute<'_>) -> Option<ListFormat> {
    if format.is_absent() { Some(ListFormat::Txt) } else { format.str()?.parse().ok() }
}

#[cfg(test)]
mod tests;
