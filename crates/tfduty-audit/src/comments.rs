//! Comments in the Terraform configuration that suppress findings:
//! `# tfduty:ignore[rule,rule] until=2027-01-01 reason="…"`.

mod directive;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tfduty_terraform::{Address, CommentSubject, ModulePath, Place, SourceFile, Span, TextId};

use self::directive::Fault;
pub(crate) use self::directive::PREFIX;
use crate::{
    estate::Estate,
    finding::{Finding, SourcePlace},
    positions::{Configured, under},
    report::Problem,
};

/// The folder that Terraform installs modules in. Who runs the audit cannot mend what others wrote there.
const INSTALLED: &str = ".terraform";

/// What one comment says of one rule or family.
#[derive(Debug)]
pub(crate) struct CommentIgnore {
    /// The rule, or a family (`list-*`).
    pub(crate) rule: String,
    /// Why.
    pub(crate) reason: String,
    /// The last day it holds, `YYYY-MM-DD`.
    pub(crate) until: Option<String>,
    /// The file, as reports show it.
    pub(crate) path: String,
    /// Where in the file.
    pub(crate) place: Place,
    /// Whether it is for the reader of the report to mend.
    pub(crate) is_own: bool,
    /// What it stands at, once for each unit that is made from the file.
    subjects: Vec<Subject>,
}

/// What a comment stands at, in the configuration of one unit.
#[derive(Debug)]
struct Subject {
    unit: usize,
    text: TextId,
    /// Nothing for a comment by itself.
    what: Option<CommentSubject>,
    /// The modules that the file belongs to.
    modules: Vec<ModulePath>,
}

/// A place in a file, which several units may be made from.
type FilePlace = (String, usize);

/// Every comment of the configurations at hand, in the order of files and places, and what is wrong with those that cannot
/// be understood. Configuration that lies beside an input without findings is not read for its comments.
pub(crate) fn read(estate: &Estate, findings: &[Finding]) -> (Vec<CommentIgnore>, Vec<Problem>) {
    let mut ignores: BTreeMap<(FilePlace, String), CommentIgnore> = BTreeMap::new();
    let mut problems: BTreeMap<FilePlace, Problem> = BTreeMap::new();
    for unit in units(estate, findings) {
        let Some(Configured { sources, folder }) = estate.configured(unit) else { continue };
        let mut modules: BTreeMap<usize, Vec<ModulePath>> = BTreeMap::new();
        for comment in sources.comments(PREFIX) {
            let Some(directive) = directive::parse(comment.content) else { continue };
            let Some(path) = sources.place(comment.text, comment.span).map(|place| under(folder, place.path)) else {
                continue;
            };
            let place = |byte: usize| place(sources.files.get(index(comment.text))?, byte);
            let is_own = !path.split('/').any(|part| part == INSTALLED);
            let directive = match directive {
                Ok(directive) => directive,
                Err(faults) if is_own => {
                    problems.extend(faults.into_iter().map(|Fault { offset, message, help }| {
                        let byte = comment.start + offset;
                        let problem =
                            Problem { path: Some(path.clone()), message, help: Some(help), place: place(byte) };
                        ((path.clone(), byte), problem)
                    }));
                    continue;
                }
                Err(_) => continue,
            };
            let Some(place) = place(comment.span.start as usize) else { continue };
            for rule in directive.rules {
                let ignore =
                    ignores.entry(((path.clone(), place.byte), rule.clone())).or_insert_with(|| CommentIgnore {
                        rule,
                        reason: directive.reason.clone(),
                        until: directive.until.clone(),
                        path: path.clone(),
                        place,
                        is_own,
                        subjects: Vec::new(),
                    });
                let of_text = || sources.modules_of(comment.text).collect();
                let modules = modules.entry(index(comment.text)).or_insert_with(of_text).clone();
                ignore.subjects.push(Subject { unit, text: comment.text, what: comment.subject.clone(), modules });
            }
        }
    }
    (ignores.into_values().collect(), problems.into_values().collect())
}

/// The units whose configuration is known, and those with findings, which may be written down in what lies beside them.
fn units(estate: &Estate, findings: &[Finding]) -> Vec<usize> {
    let with_findings: BTreeSet<usize> = findings
        .iter()
        .flat_map(|finding| subject(estate, finding).map(|(unit, _)| unit).into_iter().chain(unit_of(estate, finding)))
        .collect();
    let is_read = |index: &usize| estate.units[*index].sources.is_some() || with_findings.contains(index);
    (0..estate.units.len()).filter(is_read).collect()
}

/// The unit whose configuration a finding points into.
fn unit_of(estate: &Estate, finding: &Finding) -> Option<usize> {
    estate.unit_of(finding.source.as_ref()?.input)
}

/// The object that a finding is about: its unit and its address.
fn subject(estate: &Estate, finding: &Finding) -> Option<(usize, Address)> {
    if let Some(id) = finding.object {
        let object = estate.object(id);
        return Some((object.unit, object.address.clone()));
    }
    Some((estate.unit_of(finding.anchor.input)?, finding.address.as_ref()?.parse().ok()?))
}

fn index(text: TextId) -> usize {
    match text {
        TextId::Source(index) => usize::from(index),
        TextId::Document => usize::MAX,
    }
}

fn place(file: &SourceFile, byte: usize) -> Option<Place> {
    file.text.get(..byte)?;
    let (line, start) = file.line_at(byte);
    Some(Place { byte, line, column: byte - start + 1 })
}

impl CommentIgnore {
    /// Whether the comment stands at what a finding is about, or at the place that it points to; rules are not considered.
    pub(crate) fn covers(&self, estate: &Estate, finding: &Finding) -> bool {
        let about = subject(estate, finding);
        let points_into = unit_of(estate, finding).zip(finding.source.as_ref());
        self.subjects.iter().any(|subject| {
            let is_about = about.as_ref().is_some_and(|(unit, address)| subject.makes(*unit, address));
            is_about || points_into.is_some_and(|(unit, place)| subject.unit == unit && subject.holds(place))
        })
    }
}

/// Findings by what comments may stand at, so that each of many comments is compared with few of many findings.
#[derive(Debug, Default)]
pub(crate) struct Commented {
    /// By unit and module, instance keys not considered, then by the block: places among the findings.
    about: BTreeMap<(usize, Vec<String>), HashMap<String, Vec<usize>>>,
    /// By unit and file of the configuration, in the order of their places there.
    pointing: HashMap<(usize, TextId), Vec<(u32, usize)>>,
}

impl Commented {
    pub(crate) fn of(estate: &Estate, findings: &[Finding]) -> Self {
        let mut commented = Self::default();
        for (index, finding) in findings.iter().enumerate() {
            if let Some((unit, address)) = subject(estate, finding) {
                let module = address.module.names().map(str::to_owned).collect();
                let blocks = commented.about.entry((unit, module)).or_default();
                blocks.entry(address.relative_block()).or_default().push(index);
            }
            if let Some((unit, place)) = unit_of(estate, finding).zip(finding.source.as_ref()) {
                commented.pointing.entry((unit, place.text)).or_default().push((place.span.start, index));
            }
        }
        commented.pointing.values_mut().for_each(|places| places.sort_unstable());
        commented
    }

    /// The findings that a comment may cover, and perhaps others.
    pub(crate) fn near(&self, comment: &CommentIgnore) -> BTreeSet<usize> {
        comment.subjects.iter().flat_map(|subject| self.about(subject).chain(self.pointing(subject))).collect()
    }

    fn about(&self, subject: &Subject) -> impl Iterator<Item = usize> {
        let names = |module: &ModulePath| module.names().map(str::to_owned).collect::<Vec<String>>();
        let mut found = Vec::new();
        if let Some(CommentSubject::Block { kind, labels, .. }) = &subject.what {
            for module in subject.modules.iter().map(names) {
                match (&**kind, &labels[..]) {
                    ("module", [name]) => {
                        let call: Vec<String> = module.into_iter().chain([name.to_string()]).collect();
                        let below = self.about.range((subject.unit, call.clone())..);
                        let below =
                            below.take_while(|((unit, path), _)| *unit == subject.unit && path.starts_with(&call));
                        found.extend(below.flat_map(|(_, blocks)| blocks.values().flatten()));
                    }
                    ("resource" | "data", [resource_type, name]) => {
                        let data = if &**kind == "data" { "data." } else { "" };
                        let blocks = self.about.get(&(subject.unit, module));
                        let own = blocks.and_then(|blocks| blocks.get(&format!("{data}{resource_type}.{name}")));
                        found.extend(own.into_iter().flatten());
                    }
                    _ => {}
                }
            }
        }
        found.into_iter().copied()
    }

    fn pointing(&self, subject: &Subject) -> impl Iterator<Item = usize> {
        let span = match &subject.what {
            Some(
                CommentSubject::Block { span, .. } | CommentSubject::Part { span } | CommentSubject::Line { span },
            ) => *span,
            None => Span::default(),
        };
        let places = self.pointing.get(&(subject.unit, subject.text)).map_or(&[][..], Vec::as_slice);
        let first = places.partition_point(|(start, _)| *start < span.start);
        places[first..].iter().take_while(move |(start, _)| *start as usize <= span.end()).map(|(_, index)| *index)
    }
}

impl Subject {
    /// Whether the block that the comment stands at makes the object at an address.
    fn makes(&self, unit: usize, address: &Address) -> bool {
        let Some(CommentSubject::Block { kind, labels, .. }) = &self.what else { return false };
        let names: Vec<&str> = address.module.names().collect();
        let is_of = |module: &ModulePath| match (&**kind, &labels[..]) {
            ("module", [name]) => {
                let call: Vec<&str> = module.names().chain([&**name]).collect();
                names.starts_with(&call)
            }
            ("resource", [kind, name]) => {
                module.names().eq(names.iter().copied()) && address.relative_block() == format!("{kind}.{name}")
            }
            ("data", [kind, name]) => {
                module.names().eq(names.iter().copied()) && address.relative_block() == format!("data.{kind}.{name}")
            }
            _ => false,
        };
        self.unit == unit && self.modules.iter().any(is_of)
    }

    /// Whether a place is in what the comment stands at. On a line of a value it has to begin there: a comment on one
    /// statement of a policy is not meant for the policy.
    fn holds(&self, place: &SourcePlace) -> bool {
        let within = |span: &Span| span.start <= place.span.start && place.span.end() <= span.end();
        let begins = |span: &Span| span.start <= place.span.start && (place.span.start as usize) < span.end();
        place.text == self.text
            && match &self.what {
                Some(CommentSubject::Block { span, .. } | CommentSubject::Part { span }) => within(span),
                Some(CommentSubject::Line { span }) => begins(span),
                None => false,
            }
    }
}
