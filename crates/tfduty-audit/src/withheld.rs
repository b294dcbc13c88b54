//! What facts leave out, where a verdict hangs on it.

use tfduty_terraform::{Kind, Span, Value};

use crate::{
    context::{Draft, Subject},
    estate::Estate,
    object::{ObjectId, WITHHELD},
};

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

/// Whether what stands at a place is left out.
fn is_withheld_at(value: &Value, span: Span) -> bool {
    match &value.kind {
        _ if value.is_withheld() => value.span == span,
        Kind::List(items) => items.iter().any(|item| is_withheld_at(item, span)),
        Kind::Object(members) => members.iter().any(|(_, member)| is_withheld_at(member, span)),
        _ => false,
    }
}
