//! Where the configuration writes what findings mean.

use tfduty_terraform::{Address, ModulePath, Sources, Span, TextId};

use crate::{
    estate::{Estate, JudgedUnit},
    finding::{Anchor, Exactness, SourcePlace},
    object::ObjectId,
};

/// Where the configuration writes what an anchor on an object means: what the anchor itself says, else the attribute
/// (dotted path), else whatever comes nearest to it.
pub(crate) fn of_object(estate: &Estate, id: ObjectId, anchor: &Anchor, attribute: &str) -> Option<SourcePlace> {
    let object = estate.object(id);
    let unit = estate.unit(object);
    let written = anchor.written.and_then(|written| place(unit, written, Exactness::Attribute));
    written.or_else(|| of_address(unit, &object.address, attribute))
}

/// Where the configuration writes an attribute (dotted path) of what stands at an address. Where it does not, the header
/// of the block, or the `removed` block that speaks of it; where the files of its module are not at hand, the nearest
/// call on the way to it.
pub(crate) fn of_address(unit: &JudgedUnit, address: &Address, attribute: &str) -> Option<SourcePlace> {
    let sources = unit.sources.as_ref()?;
    let path: Vec<&str> = attribute.split('.').filter(|step| !step.is_empty()).collect();
    if let Some(block) = sources.block(address).or_else(|| sources.removed(address).next()) {
        let is_meant = !path.is_empty() && block.is_readable();
        return match sources.attribute_span(address, &path).filter(|_| is_meant) {
            Some(written) => place(unit, written, Exactness::Attribute),
            None => place(unit, (block.text(), block.header()), Exactness::Block),
        };
    }
    let call = missing_call(sources, &address.module)?;
    place(unit, call, Exactness::ModuleCall)
}

/// The call of the first module on the way to `path` that is not at hand.
fn missing_call(sources: &Sources, path: &ModulePath) -> Option<(TextId, Span)> {
    let mut on_the_way = (1..=path.0.len()).map(|depth| ModulePath(path.0[..depth].to_vec()));
    let missing = on_the_way.find(|path| !sources.has_module(path))?;
    let call = sources.module_call(&missing)?;
    Some((call.text(), call.header()))
}

/// A place in the configuration of a unit.
fn place(unit: &JudgedUnit, (text, span): (TextId, Span), exactness: Exactness) -> Option<SourcePlace> {
    let place = unit.sources.as_ref()?.place(text, span)?;
    let path = if matches!(&*unit.source_folder, "" | ".") {
        place.path.to_owned()
    } else {
        format!("{}/{}", unit.source_folder, place.path)
    };
    Some(SourcePlace {
        input: unit.input,
        text,
        path,
        span,
        line: place.line,
        column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
        exactness,
    })
}
