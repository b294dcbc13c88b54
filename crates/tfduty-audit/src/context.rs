//! What a rule works with, and where it leaves its verdicts.

use std::collections::BTreeMap;

use tfduty_terraform::{Expression, ProviderConfiguration, Shown, UnitKind, Value, escape};

use crate::{
    estate::Estate,
    facts,
    finding::Anchor,
    graph::{Bucket, Graph, OBJECTS, Set},
    lists::List,
    object::{Attribute, Object, ObjectId},
    reading::Readings,
    report::Note,
    rule::Rule,
    settings::Settings,
};

/// The estate and its wiring, and where a rule leaves its verdicts. A rule judges each of its subjects independently:
/// what another rule explains is dropped afterwards, in `settle`.
pub struct Context<'a> {
    pub(crate) estate: &'a Estate,
    pub(crate) graph: &'a Graph,
    pub(crate) lists: &'a [List<'a>],
    pub(crate) readings: &'a Readings<'a>,
    pub(crate) reasons: &'a Reasons,
    pub(crate) settings: &'a Settings,
    rule: &'static Rule,
    outcomes: Vec<Outcome>,
    notes: Vec<Note>,
}

/// What all rules work with.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) estate: &'a Estate,
    pub(crate) graph: &'a Graph,
    pub(crate) lists: &'a [List<'a>],
    pub(crate) readings: &'a Readings<'a>,
    pub(crate) reasons: &'a Reasons,
}

/// Why objects have stayed that a destroy should have deleted: a place, and what a rule says of it.
pub(crate) type Reasons = BTreeMap<ObjectId, Anchor>;

/// One verdict of one rule.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) rule: &'static Rule,
    pub(crate) subject: Subject,
    pub(crate) judgement: Judgement,
    /// The object that the place of the verdict belongs to, where that is not the subject: a policy.
    pub(crate) holder: Option<ObjectId>,
}

/// What a verdict is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// An object.
    Object(ObjectId),
    /// An item of a unit's `resource_drift`.
    Drift { unit: usize, item: usize },
    /// A file: its place among the inputs.
    File(usize),
    /// An account and a region of it; either may be left open.
    Pair { account: Option<String>, region: Option<String> },
}

/// The four verdicts.
#[derive(Debug, Clone)]
pub(crate) enum Judgement {
    Pass,
    /// Not evaluated: another rule speaks for the cause, or a page says that an unknown is passed over.
    Skip,
    Fail(Draft),
    Undecided(Draft),
}

/// A place with what it shows, and the object it belongs to.
pub(crate) type Label = (Option<ObjectId>, Anchor);

/// Objects that one message names; of more, the number.
pub(crate) const MOST_NAMED: usize = 4;

/// Sets that are labels of one finding: a list may be read by very many.
const MOST_SETS: usize = 10;

/// What a rule says of a subject that failed, or that it could not decide.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// What is wrong, or what would decide: a sentence.
    pub(crate) message: String,
    /// What to do, or what to add to the run.
    pub(crate) help: String,
    /// The attribute it is about, in dotted form: part of the finding's identity, and where its source line is looked for.
    pub(crate) attribute: &'static str,
    /// What the rule names inside one address, where that is more than one thing.
    pub(crate) discriminator: String,
    /// The place.
    pub(crate) anchor: Anchor,
    /// Other places, each with the object it belongs to.
    pub(crate) related: Vec<Label>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(known: Known<'a>, settings: &'a Settings, rule: &'static Rule) -> Self {
        let Known { estate, graph, lists, readings, reasons } = known;
        Self { estate, graph, lists, readings, reasons, settings, rule, outcomes: Vec::new(), notes: Vec::new() }
    }

    /// The verdicts, and what a reader should know of the inputs besides.
    pub(crate) fn into_parts(self) -> (Vec<Outcome>, Vec<Note>) {
        (self.outcomes, self.notes)
    }

    pub(crate) fn pass(&mut self, subject: impl Into<Subject>) {
        self.record(subject.into(), Judgement::Pass);
    }

    pub(crate) fn skip(&mut self, subject: impl Into<Subject>) {
        self.record(subject.into(), Judgement::Skip);
    }

    pub(crate) fn fail(&mut self, subject: impl Into<Subject>, draft: Draft) {
        self.record(subject.into(), Judgement::Fail(draft));
    }

    pub(crate) fn undecided(&mut self, subject: impl Into<Subject>, draft: Draft) {
        self.record(subject.into(), Judgement::Undecided(draft));
    }

    /// A verdict whose place belongs to `holder`, and not to the subject.
    pub(crate) fn judge_at(&mut self, holder: Option<ObjectId>, subject: impl Into<Subject>, judgement: Judgement) {
        self.outcomes.push(Outcome { rule: self.rule, subject: subject.into(), judgement, holder });
    }

    /// Notes something about an input. However often a rule meets it, the report says it once.
    pub(crate) fn note(&mut self, input: usize, code: &'static str, message: &str) {
        let path = Some(self.estate.inputs[input].path.clone());
        self.notes.push(Note::new(path, code, message.to_owned()));
    }

    fn record(&mut self, subject: Subject, judgement: Judgement) {
        self.judge_at(None, subject, judgement);
    }

    /// The objects of one type that Terraform manages and that stay.
    pub(crate) fn present(&self, resource_type: &str) -> impl Iterator<Item = (ObjectId, &'a Object)> + use<'a> {
        self.estate.of_type(resource_type).filter(|(_, object)| object.is_present())
    }

    /// As [`Context::present`], of several types, one after the other.
    pub(crate) fn present_of(
        &self,
        resource_types: &'static [&'static str],
    ) -> impl Iterator<Item = (ObjectId, &'a Object)> + use<'a> {
        let estate = self.estate;
        let objects = resource_types.iter().flat_map(|name| estate.of_type(name));
        objects.filter(|(_, object)| object.is_present())
    }

    /// The place of an attribute, with what it shows.
    pub(crate) fn anchor(&self, object: &Object, attribute: &Attribute<'_>, label: impl Into<String>) -> Anchor {
        attribute.anchor(self.estate.input(object), label)
    }

    /// A label on an attribute of another object.
    pub(crate) fn label(&self, id: ObjectId, path: &[&str], label: impl Into<String>) -> Label {
        let object = self.estate.object(id);
        (Some(id), self.anchor(object, &object.attribute(path), label))
    }

    /// Labels on the sets that read a list.
    pub(crate) fn read_by(&self, sets: impl IntoIterator<Item = ObjectId>) -> impl Iterator<Item = Label> {
        sets.into_iter().take(MOST_SETS).map(|set| self.label(set, &["location"], "read by this set"))
    }
}

/// What messages say of values, and where they point.
impl Context<'_> {
    /// Why an attribute is not known, as the second half of a sentence.
    pub(crate) fn unknown(&self, id: ObjectId, name: &str) -> String {
        format!("it {}", is_unknown(self.estate, id, name))
    }

    /// What to add to the run so that more can be decided about an object.
    pub(crate) fn what_would_decide(&self, id: ObjectId) -> String {
        what_would_decide(self.estate, id)
    }

    /// The provider configuration of an object.
    pub(crate) fn provider_block(&self, id: ObjectId, label: &str) -> Option<Anchor> {
        let object = self.estate.object(id);
        let provider = facts::provider_of(self.estate, object)?;
        Some(provider_anchor(self.estate.input(object), provider, label))
    }

    /// The first provider configuration whose region is this one.
    pub(crate) fn provider_of_region(&self, region: &str, label: &str) -> Option<Anchor> {
        self.estate.units.iter().find_map(|unit| {
            let mut providers = unit.configuration.as_ref()?.providers.values();
            let provider = providers.find(|provider| {
                let value = provider.expressions.get("region").and_then(|region| region.constant.as_ref());
                value.and_then(Value::as_str) == Some(region)
            })?;
            Some(provider_anchor(unit.input, provider, label))
        })
    }

    /// The place of `change.actions`.
    pub(crate) fn actions(&self, object: &Object, label: impl Into<String>) -> Anchor {
        Anchor {
            input: self.estate.input(object),
            span: object.actions_span,
            object: object.actions_span,
            pointer: object.actions_pointer(),
            label: label.into(),
            sensitive: false,
            inner: None,
            written: None,
        }
    }

    /// The place that shows a bucket's region.
    pub(crate) fn region_anchor(&self, bucket: ObjectId, label: String) -> Anchor {
        let object = self.estate.object(bucket);
        let shows = ["bucket_region", "region"].into_iter().find(|name| object.attribute(&[name]).known().is_some());
        match (shows, self.provider_block(bucket, &label)) {
            (None, Some(provider)) => provider,
            _ => self.anchor(object, &object.attribute(&[shows.unwrap_or("bucket")]), label),
        }
    }

    /// A part of a set's location, as sensitive as the whole.
    pub(crate) fn shown_part(&self, set: &Set, text: &str) -> String {
        let location = self.estate.object(set.id).attribute(&["location"]);
        if set.is_sensitive { shown(None, "(sensitive)") } else { shown(location.known(), text) }
    }

    /// The name of a bucket that a set's location names, or its address where the name is not known, or not to be shown.
    pub(crate) fn shown_bucket(&self, set: &Set, bucket: &Bucket) -> String {
        match bucket {
            Bucket::Name(name) => self.shown_part(set, name),
            Bucket::Object(id) => {
                let object = self.estate.object(*id);
                let name = object.attribute(&["bucket"]);
                let text = name.str().filter(|_| !set.is_sensitive);
                text.map_or_else(|| object.name(), |text| shown(name.known(), text))
            }
        }
    }

    /// The only object in S3 of the same module instance: a hint, never a resolution.
    pub(crate) fn only_object_beside(&self, id: ObjectId) -> Option<ObjectId> {
        let object = self.estate.object(id);
        let mut beside = OBJECTS
            .iter()
            .flat_map(|name| self.present(name))
            .filter(|(_, other)| other.unit == object.unit && other.address.module == object.address.module);
        let (only, _) = beside.next()?;
        beside.next().is_none().then_some(only)
    }
}

/// Why an attribute is not known, as the end of a sentence that begins with it.
pub(crate) fn is_unknown(estate: &Estate, id: ObjectId, name: &str) -> String {
    let attribute = estate.object(id).attribute(&[name]);
    let expression = estate.block(estate.object(id)).and_then(|block| block.expressions.get(name));
    let references = expression.map(Expression::longest_references).unwrap_or_default();
    match &references[..] {
        references if !references.is_empty() && !attribute.is_withheld() => {
            format!("is known only after apply, from {}", quoted_list(references))
        }
        _ => attribute.why_unknown().into(),
    }
}

/// What to add to the run so that more can be decided about an object.
pub(crate) fn what_would_decide(estate: &Estate, id: ObjectId) -> String {
    let unit = estate.unit(estate.object(id));
    match unit.kind {
        UnitKind::Plan if unit.sources.is_none() => {
            "add `--plan-file tfplan` (the saved plan that this JSON shows), or audit the state after the apply".into()
        }
        UnitKind::Plan => "audit the state after the apply, or add the state that holds what is referred to".into(),
        UnitKind::State | UnitKind::StateJson => "add the plan, or the other states of this estate".into(),
    }
}

/// ` (provider aws.eu)`, where the provider configuration is known.
pub(crate) fn under_provider(object: &Object) -> String {
    object.provider.as_deref().map_or_else(String::new, |key| format!(" (provider {})", escape(provider_name(key))))
}

/// A provider configuration as people write it: `aws.far`. States write `provider["registry.terraform.io/hashicorp/aws"].far`.
pub(crate) fn provider_name(key: &str) -> String {
    let parts = key.split_once("provider[\"").and_then(|(module, rest)| Some((module, rest.split_once("\"]")?)));
    match parts {
        Some((module, (source, alias))) => {
            format!("{module}{}{alias}", source.rsplit_once('/').map_or(source, |(_, name)| name))
        }
        None => key.to_owned(),
    }
}

/// The place of a provider configuration: its region where that is a constant. Nothing else of it is ever shown, since
/// provider blocks hold credentials.
pub(crate) fn provider_anchor(input: usize, provider: &ProviderConfiguration, label: &str) -> Anchor {
    let region = provider.expressions.get("region").and_then(|region| region.constant.as_ref());
    let (span, path) = match region {
        Some(value) => (value.span, "/expressions/region/constant_value"),
        None => (provider.span, ""),
    };
    Anchor {
        input,
        span,
        object: provider.span,
        pointer: format!("{}{path}", provider.pointer),
        label: label.into(),
        sensitive: false,
        inner: None,
        written: None,
    }
}

/// A text that comes from `value`, in backquotes; withheld where the value is sensitive.
pub(crate) fn shown(value: Option<&Value>, text: &str) -> String {
    match value {
        Some(value) => format!("`{}`", Shown::derived(value, text)),
        None => format!("`{}`", escape(text)),
    }
}

/// A word of Terraform's with underscores, as people write it.
pub(crate) fn words(reason: &str) -> String {
    escape(reason).replace('_', " ")
}

/// Up to four texts in backquotes.
pub(crate) fn quoted_list(texts: &[impl AsRef<str>]) -> String {
    let mut shown: Vec<String> = texts.iter().take(4).map(|text| format!("`{}`", escape(text.as_ref()))).collect();
    if texts.len() > shown.len() {
        shown.push(format!("{} more", texts.len() - shown.len()));
    }
    shown.join(", ")
}

/// Up to four addresses.
pub(crate) fn names(estate: &Estate, ids: &[ObjectId]) -> String {
    names_of(estate, ids, ids.len())
}

/// As [`names`], of so many objects of which these are the first.
pub(crate) fn names_of(estate: &Estate, first: &[ObjectId], count: usize) -> String {
    let mut names: Vec<String> = first.iter().take(MOST_NAMED).map(|id| estate.object(*id).name()).collect();
    if count > names.len() {
        names.push(format!("{} more", count - names.len()));
    }
    names.join(", ")
}

impl From<ObjectId> for Subject {
    fn from(id: ObjectId) -> Self {
        Subject::Object(id)
    }
}
