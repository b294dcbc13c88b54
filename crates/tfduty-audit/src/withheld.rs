//! What facts leave out, where a verdict hangs on it.

use tfduty_terraform::{Kind, Span, Value, escape};

use crate::{
    context::{Draft, Subject},
    estate::Estate,
    object::{Object, ObjectId, WITHHELD},
    reads,
    report::Note,
};

/// The code of a note that facts leave something out.
pub(crate) const LEFT_OUT: &str = "sensitive-left-out";

/// How many attributes such a note names.
const MOST_PLACES: usize = 4;

/// Says what to do where a verdict is open because facts leave out what would decide: nothing that a rule can think of adds
/// to what is known, but the input itself would.
pub(crate) fn mend(estate: &Estate, (subject, holder): (&Subject, Option<ObjectId>), mut draft: Draft) -> Draft {
    let own = match subject {
        Subject::Object(id) => Some(holder.unwrap_or(*id)),
        _ => holder,
    };
    let places = std::iter::once((own, &draft.anchor)).chain(draft.related.iter().map(|(id, anchor)| (*id, anchor)));
    let sensitive = places.filter(|(_, anchor)| anchor.sensitive);
    let mut withheld = sensitive.filter_map(|(id, anchor)| Some((estate.object(id?), anchor)));
    let found = withheld.find(|(object, anchor)| is_withheld_at(&object.values, anchor.span));
    if let Some((object, _)) = found {
        let input = &estate.inputs[estate.input(object)].path;
        let is_said = draft.message.contains(WITHHELD);
        let why = if is_said { String::new() } else { format!("what decides {WITHHELD}: ") };
        draft.help = format!("{why}give {input} itself, beside the facts of the other inputs");
    }
    draft
}

/// The objects of a type of which facts leave out the attribute that others name them by: any of them may be meant.
pub(crate) fn may_be_named<'a>(
    estate: &'a Estate,
    resource_type: &str,
    attribute: &'static str,
) -> impl Iterator<Item = ObjectId> + use<'a> {
    let objects = estate.units.iter().any(|unit| unit.withholds).then(|| estate.of_type(resource_type));
    let withholds = move |(_, object): &(ObjectId, &Object)| object.attribute(&[attribute]).is_withheld();
    objects.into_iter().flatten().filter(withholds).map(|(id, _)| id)
}

/// What facts leave out of the objects that rules look at, for each input: a rule that passes over what it does not know says
/// nothing of its own.
pub(crate) fn notes(estate: &Estate) -> Vec<Note> {
    let mut notes = Vec::new();
    for (index, unit) in estate.units.iter().enumerate().filter(|(_, unit)| unit.withholds) {
        let mut places = Vec::new();
        for object in estate.of_unit(index) {
            let unread = reads::unread(object.resource_type());
            let members = object.values.members().iter();
            let members = members.filter(|(name, value)| value.holds_withheld() && !unread.contains(&&**name));
            places.extend(members.map(|(name, _)| format!("`{}` of {}", escape(&**name), escape(object.name()))));
        }
        if places.is_empty() {
            continue;
        }
        let more = places.len().saturating_sub(MOST_PLACES);
        places.truncate(MOST_PLACES);
        let more = if more == 0 { String::new() } else { format!(", and {more} more") };
        let input = &estate.inputs[unit.input].path;
        let message = format!(
            "its facts leave out what is sensitive: {}{more}; what hangs on that is undecided or not judged: give {input} itself, \
             beside the facts of the other inputs",
            places.join(", ")
        );
        notes.push(Note::new(Some(input.clone()), LEFT_OUT, message));
    }
    notes
}

/// Whether what stands at a place is left out.
fn is_withheld_at(value: &Value, span: Span) -> bool {
    match &value.kind {
        _ if value.is_withheld() => value.span == span,
        Kind::List(items) => items.iter().any(|item| is_withheld_at(item, span)),
        Kind::Object(members) => members.iter().any(|(_, member)| is_withheld_at(member, span)),
        _ => false,
    }
}
