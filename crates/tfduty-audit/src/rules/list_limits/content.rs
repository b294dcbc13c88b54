//! The entries and bytes of a list.

use tfduty_aws::limits;

use super::word;
use crate::{
    context::{Context, Draft},
    finding::Anchor,
    graph::SetKind,
    lists::{Bytes, Known, List, Reader},
};

/// Judges the size of each list.
pub(super) fn check(context: &mut Context<'_>) {
    for list in context.lists {
        match &list.bytes {
            Bytes::Known(known) => entries(context, list, known),
            Bytes::Unknown(unknown) => match unknown.too_many {
                Some(size) => {
                    let message = format!("the list has {size} bytes: GuardDuty accepts {}", limits::LIST_BYTES);
                    let draft = draft(context, list, message, unknown.anchor.clone());
                    context.fail(list.subject.clone(), draft);
                }
                None => context.skip(list.subject.clone()),
            },
        }
    }
}

/// How the entries of a list compare with what its reader may have.
enum Size {
    Fits,
    /// More than a list of this kind may have.
    Over(SetKind),
    /// More than a trusted list may have, and the kind is not known.
    OverIfTrusted,
}

fn entries(context: &mut Context<'_>, list: &List<'_>, known: &Known<'_>) {
    let (mut if_trusted, mut is_open) = (None, false);
    for reader in &list.readers {
        let Some(entries) = reader.format.and_then(|format| list.parsed(format)).map(|list| &list.entries) else {
            is_open = true;
            continue;
        };
        let count = entries.len();
        let beyond = |kind: SetKind| {
            let label = "the first entry beyond the limit";
            entries.get(most(kind)).map_or_else(|| known.whole(label), |entry| known.anchor(entry.place, label))
        };
        match size(reader, count) {
            Size::Fits => {}
            Size::Over(kind) => {
                let (most, word) = (most(kind), word(kind));
                let message = format!("the list has {count} entries: GuardDuty accepts {most} in a {word} list");
                let draft = draft(context, list, message, beyond(kind));
                return context.fail(list.subject.clone(), draft);
            }
            Size::OverIfTrusted => {
                let (trusted, threat) = (most(SetKind::Trusted), most(SetKind::Threat));
                let message = format!(
                    "the list has {count} entries: GuardDuty accepts {trusted} in a trusted list, and {threat} in a threat list"
                );
                let help = "`--kind` says which it is".into();
                if_trusted = Some(Draft { help, ..draft(context, list, message, beyond(SetKind::Trusted)) });
            }
        }
    }
    match if_trusted {
        Some(draft) => context.undecided(list.subject.clone(), draft),
        None if is_open => context.skip(list.subject.clone()),
        None => context.pass(list.subject.clone()),
    }
}

fn size(reader: &Reader, count: usize) -> Size {
    match reader.kind {
        Some(kind) if count > most(kind) => Size::Over(kind),
        None if count > most(SetKind::Threat) => Size::Over(SetKind::Threat),
        None if count > most(SetKind::Trusted) => Size::OverIfTrusted,
        _ => Size::Fits,
    }
}

/// The most entries of a list.
fn most(kind: SetKind) -> usize {
    match kind {
        SetKind::Trusted => limits::TRUSTED_ENTRIES,
        SetKind::Threat => limits::THREAT_ENTRIES,
    }
}

fn draft(context: &Context<'_>, list: &List<'_>, message: String, anchor: Anchor) -> Draft {
    Draft {
        message,
        help: "aggregate neighbours into CIDRs, or drop entries".into(),
        attribute: list.attribute,
        discriminator: "size".into(),
        anchor,
        related: list.read_by(context),
    }
}
