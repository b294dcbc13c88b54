//! What the rules on the entries of lists have in common: one finding for each list, with its first lines as labels.

use tfduty_aws::list::{self, Entry, ListFormat};

use crate::{
    context::{Context, Draft, Label, Subject},
    finding::Anchor,
    graph::SetKind,
    lists::{Known, List, Reader},
};

/// How many lines of a list a finding labels; any more are only counted.
pub(crate) const LABELLED: usize = 10;

/// What a rule has to say of a list.
pub(crate) struct Said {
    /// What is wrong.
    pub(crate) message: String,
    /// What to do.
    pub(crate) help: String,
    /// The first line that it is about.
    first: Anchor,
    /// The lines behind it, up to the tenth.
    others: Vec<Anchor>,
}

impl Said {
    /// Something to say of lines, of which the first ten are taken; `None` where there are none.
    pub(crate) fn of(
        lines: impl IntoIterator<Item = Anchor>,
        message: String,
        help: impl Into<String>,
    ) -> Option<Self> {
        let mut lines = lines.into_iter().take(LABELLED);
        Some(Self { message, help: help.into(), first: lines.next()?, others: lines.collect() })
    }
}

/// Gives each list a verdict: that of the first format it is read in of which `find` has something to say.
///
/// What is not known or holds no entry is skipped, since `list-empty` and `list-format-mismatch` speak of it.
pub(crate) fn judge(
    context: &mut Context<'_>,
    find: impl Fn(&List<'_>, &Known<'_>, (ListFormat, &list::List)) -> Option<Said>,
) {
    for list in context.lists {
        let said = list.known().and_then(|known| list.readings().find_map(|reading| find(list, known, reading)));
        match said {
            Some(said) => {
                let draft = draft(context, list, said, list.readers.len() > 1);
                context.fail(list.subject.clone(), draft);
            }
            None if is_read(list) => context.pass(list.subject.clone()),
            None => context.skip(list.subject.clone()),
        }
    }
}

/// Whether entries are known of a list in each format that it is read in.
pub(crate) fn is_read(list: &List<'_>) -> bool {
    let has_entries = |reader: &Reader| reader.format.and_then(|format| list.parsed(format)).is_some_and(has_entries);
    list.readers.iter().all(has_entries)
}

fn has_entries(list: &list::List) -> bool {
    !list.entries.is_empty()
}

/// The draft of a finding on a list. Its place is the first line, the others are related, and so are the sets that read the
/// list if `with_sets`.
pub(crate) fn draft(context: &Context<'_>, list: &List<'_>, said: Said, with_sets: bool) -> Draft {
    let lines = said.others.into_iter().map(|line| (list.object, line)).collect();
    let Placed { attribute, anchor, mut related } = place(context, list, &list.subject, (said.first, lines));
    let others =
        list.readers.iter().filter(|reader| with_sets && reader.set.map(Subject::Object) != Some(list.subject.clone()));
    related.extend(others.filter_map(|reader| reader_label(context, reader)));
    Draft { message: said.message, help: said.help, attribute, discriminator: String::new(), anchor, related }
}

/// The place of a finding, and others that it concerns.
pub(crate) struct Placed {
    pub(crate) attribute: &'static str,
    pub(crate) anchor: Anchor,
    pub(crate) related: Vec<Label>,
}

/// Where a finding is whose first line is one of `list`: there; for a set, which only names the object with the lines, at
/// its `location`.
pub(crate) fn place(
    context: &Context<'_>,
    list: &List<'_>,
    subject: &Subject,
    (first, others): (Anchor, Vec<Label>),
) -> Placed {
    match subject {
        Subject::Object(id) if list.object != Some(*id) => {
            let (_, anchor) = context.label(*id, &["location"], "names this list");
            let related = std::iter::once((list.object, first)).chain(others).collect();
            Placed { attribute: "location", anchor, related }
        }
        _ => Placed { attribute: list.attribute, anchor: first, related: others },
    }
}

/// The set that reads a list, with what it reads it as.
fn reader_label(context: &Context<'_>, reader: &Reader) -> Option<Label> {
    let label = match reader.kind? {
        SetKind::Trusted => "read by this trusted list",
        SetKind::Threat => "read by this threat list",
    };
    Some(context.label(reader.set?, &["location"], label))
}

/// A number with commas between its thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 entry`, `2,000 entries`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number as u64), if number == 1 { one } else { many })
}

/// Whether an entry is one that lists act on.
pub(crate) fn is_public(entry: &Entry) -> bool {
    entry.special().is_none()
}
