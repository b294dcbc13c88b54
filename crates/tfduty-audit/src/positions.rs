//! Where the configuration writes what findings mean.

use std::collections::BTreeSet;

use tfduty_terraform::{
    Address, BlockRef, ModulePath, ProviderConfiguration, Sources, Span, TextId, UnitKind, escape, join_paths,
};

use crate::{
    estate::{Estate, FoundSources, JudgedUnit},
    finding::{Anchor, Exactness, Finding, SourcePlace},
    object::ObjectId,
    report::Note,
};

/// The configuration of a unit, known or found, for positions alone.
#[derive(Debug, Clone, Copy)]
pub struct Configured<'a> {
    /// The configuration.
    pub sources: &'a Sources,
    /// The folder that its paths are relative to, relative to the working folder; empty where it is not known.
    pub folder: &'a str,
}

impl Estate {
    /// The configuration of a unit: the one it was made from, else the one that lies beside it. This may read files, so
    /// that it is for units with findings alone.
    pub fn configured(&self, unit: usize) -> Option<Configured<'_>> {
        let JudgedUnit { sources, source_folder, beside, .. } = self.units.get(unit)?;
        if let Some(sources) = sources {
            return Some(Configured { sources, folder: source_folder });
        }
        let FoundSources { sources, folder } = beside.found(|sources| self.is_declared(unit, sources))?;
        Some(Configured { sources, folder })
    }

    /// The unit of an input. Units are in the order of their inputs.
    pub(crate) fn unit_of(&self, input: usize) -> Option<usize> {
        self.units.binary_search_by_key(&input, |unit| unit.input).ok()
    }

    /// The text of a file of an input's configuration.
    pub fn source_text(&self, input: usize, text: TextId) -> Option<&str> {
        let TextId::Source(index) = text else { return None };
        let file = self.configured(self.unit_of(input)?)?.sources.files.get(usize::from(index))?;
        Some(&file.text)
    }

    /// Whether most objects of a unit have a block in a configuration: it is another stack's otherwise. Objects of modules
    /// whose files are not at hand say nothing.
    fn is_declared(&self, unit: usize, sources: &Sources) -> bool {
        let (mut declared, mut missing) = (0_usize, 0_usize);
        for address in self.of_unit(unit).map(|object| &object.address) {
            if sources.block(address).is_some() {
                declared += 1;
            } else if !sources.is_module_missing(&address.module) {
                missing += 1;
            }
        }
        declared >= missing
    }
}

/// Where the configuration writes what an anchor on an object means: what the anchor itself says, else the attribute
/// (dotted path), else whatever comes nearest to it.
pub(crate) fn of_object(estate: &Estate, id: ObjectId, anchor: &Anchor, attribute: &str) -> Option<SourcePlace> {
    let object = estate.object(id);
    // What rules know of the text comes from the sources of the unit, never from those beside it.
    let written = anchor.written.and_then(|written| place(estate, object.unit, written, Exactness::Attribute));
    written.or_else(|| of_address(estate, object.unit, &object.address, attribute))
}

/// Where the configuration of a unit writes an attribute (dotted path) of what stands at an address. Where it does not, the
/// header of the block, or the `removed` block that speaks of it; where the files of its module are not at hand, the call
/// on the way to it.
pub(crate) fn of_address(estate: &Estate, unit: usize, address: &Address, attribute: &str) -> Option<SourcePlace> {
    let sources = estate.configured(unit)?.sources;
    let path: Vec<&str> = attribute.split('.').filter(|step| !step.is_empty()).collect();
    if let Some(block) = sources.block(address).or_else(|| sources.removed(address).next()) {
        let is_meant = !path.is_empty() && block.is_readable();
        return match sources.attribute_span(address, &path).filter(|_| is_meant) {
            Some(written) => place(estate, unit, written, Exactness::Attribute),
            None => place(estate, unit, header(block), Exactness::Block),
        };
    }
    place(estate, unit, header(missing_call(sources, &address.module)?), Exactness::ModuleCall)
}

/// The call of the first module on the way to `path` that is not at hand.
fn missing_call<'a>(sources: &'a Sources, path: &ModulePath) -> Option<BlockRef<'a>> {
    let mut on_the_way = (1..=path.0.len()).map(|depth| ModulePath(path.0[..depth].to_vec()));
    sources.module_call(&on_the_way.find(|path| !sources.has_module(path))?)
}

/// Where something is absent: the `provider` block that the anchor means, else the one whose `region` is written out as the
/// region in which it is absent.
pub(crate) fn of_absence(estate: &Estate, anchor: &Anchor, region: Option<&str>) -> Option<SourcePlace> {
    let unit = estate.unit_of(anchor.input)?;
    let sources = estate.configured(unit)?.sources;
    let meant = estate.units[unit].configuration.as_ref().and_then(|configuration| {
        let is_meant = |provider: &&ProviderConfiguration| {
            let rest = anchor.pointer.strip_prefix(&*provider.pointer);
            !provider.pointer.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let provider = configuration.providers.values().find(is_meant)?;
        let module =
            provider.module_address.as_deref().map_or_else(|| Some(ModulePath::default()), |at| at.parse().ok());
        sources.provider(&module?, &provider.name, provider.alias.as_deref()).map(|(_, block)| block)
    });
    let in_region = || {
        let region = region?;
        sources.providers().map(|(_, block)| block).find(|block| block.word("region").as_deref() == Some(region))
    };
    let block = meant.or_else(in_region)?;
    place(estate, unit, block.attribute_span("region").unwrap_or_else(|| header(block)), Exactness::Provider)
}

fn header(block: BlockRef<'_>) -> (TextId, Span) {
    (block.text(), block.header())
}

/// A place in the configuration of a unit.
fn place(estate: &Estate, unit: usize, (text, span): (TextId, Span), exactness: Exactness) -> Option<SourcePlace> {
    let Configured { sources, folder } = estate.configured(unit)?;
    let place = sources.place(text, span)?;
    Some(SourcePlace {
        input: estate.units[unit].input,
        text,
        path: under(folder, place.path),
        span,
        line: place.line,
        column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
        exactness,
    })
}

/// The path of a file by its folder: without a `..` that leads back, as CI systems know files by their names.
pub(crate) fn under(folder: &str, path: &str) -> String {
    let root = if folder.starts_with('/') { "/" } else { "" };
    join_paths(folder, path).map_or_else(|| path.to_owned(), |joined| format!("{root}{joined}"))
}

/// What a reader should know of configurations that were found and that findings point into: what cannot be read of them,
/// and that they are not what a plan was made from.
pub(crate) fn notes(estate: &Estate, findings: &[Finding]) -> Vec<Note> {
    let places = findings.iter().flat_map(|finding| {
        finding.source.iter().chain(finding.related.iter().filter_map(|related| related.source.as_ref()))
    });
    let inputs: BTreeSet<usize> = places.map(|place| place.input).collect();
    let mut notes = Vec::new();
    for index in inputs.into_iter().filter_map(|input| estate.unit_of(input)) {
        let unit = &estate.units[index];
        let Some(Configured { sources, folder }) = estate.configured(index).filter(|_| unit.sources.is_none()) else {
            continue;
        };
        for broken in sources.notes() {
            let place = broken.place.map_or_else(String::new, |place| format!(":{}:{}", place.line, place.column));
            let message = escape(format!("{}{place}: {}", broken.path, broken.message)).into_owned();
            notes.push(Note::new(Some(folder.to_owned()), "source-unreadable", message));
        }
        let fits = unit.configuration.as_ref().is_none_or(|configuration| sources.fits(configuration));
        if unit.kind == UnitKind::Plan && !fits && sources.notes().is_empty() {
            let place = if folder == "." { "this folder" } else { folder };
            let message =
                format!("the sources in {place} differ from the plan: they only show where things are written");
            notes.push(Note::new(Some(estate.inputs[unit.input].path.clone()), "source-differs", message));
        }
    }
    notes
}

#[cfg(test)]
mod tests;
