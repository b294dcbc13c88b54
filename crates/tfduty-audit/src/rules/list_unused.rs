//! An object beside the lists that looks like a list, but no set uses it.
//!
//! ## Why it matters
//!
//! GuardDuty reads the object that a set's `location` names, and no other. A list that was uploaded and never named, or
//! whose set is gone, looks as if it were in force: the addresses in it are neither trusted nor watched for.
//!
//! ## How to fix it
//!
//! Point a set at it, or drop it. A detector takes one trusted list only, so merge the files:
//!
//! ```hcl
//! resource "aws_s3_object" "trusted" {
//!   bucket  = aws_s3_bucket.lists.id
//!   key     = "trusted.txt"
//!   content = join("\n", concat(var.offices, var.scanners))
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted_readme", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "readme.txt", "content": "What these lists are for.\n"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "offices", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted-offices.txt", "content": "198.51.100.0/24\n203.0.113.7\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "one", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The object is neither in a bucket with a list that some set reads, nor do its key and its name speak of trusted
//!   addresses, threats, IP sets or GuardDuty.
//! - Its content is not known, is in none of the formats, or less than half of its lines are entries.
//! - Another resource refers to it, settings of buckets excepted: a web application firewall may take the same list.
//!
//! It is undecided when a set may name the object: its location is not known, or bucket or key of the object are not.
//! `list-object-missing` says that of the set, and then it is not said again of each object.
//!
//! ## References
//!
//! - Reasoned: a set reads one object, and the object's content shows what it was made for

use std::collections::{BTreeMap, BTreeSet};

use tfduty_aws::{
    list::{self, Content, ListFormat},
    location,
};

use crate::{
    context::{self, Context, Draft},
    dependencies::{self, Used},
    graph::{self, Bucket, ENTITY_SETS, OBJECTS, Set, THREAT, TRUSTED, Target},
    lists::{self, Bytes},
    object::{Object, ObjectId},
    rule::{Certainty, Command, Rule, Severity},
};

#[cfg(test)]
mod consumers;

pub(super) static RULE: Rule = Rule {
    id: "list-unused",
    severity: Severity::Advice,
    certainty: Certainty::Reasoned,
    commands: &[Command::Check],
    file: include_str!("list_unused.rs"),
    check,
};

/// What keys and names of lists speak of.
const WORDS: &[&str] = &["ipset", "ip_set", "threat", "trusted", "guardduty"];

/// Labels on the sets of a bucket: a bucket may have very many.
const MOST_LABELS: usize = 10;

fn check(context: &mut Context<'_>) {
    let estate = context.estate;
    let mut used: BTreeMap<usize, Used> = BTreeMap::new();
    let readers = Readers::of(context);
    for id in unread(context) {
        let object = estate.object(id);
        let (_, Bytes::Known(known)) = lists::of_object(estate, context.graph, id) else {
            context.skip(id);
            continue;
        };
        let Some((format, entries)) = list_in(&known.bytes) else {
            context.pass(id);
            continue;
        };
        let used = used.entry(object.unit).or_insert_with(|| dependencies::used(estate, object.unit, &uses));
        if used.has(object) {
            context.pass(id);
        } else {
            judge(context, (id, &readers), (format, entries));
        }
    }
}

/// The sets of an estate, by what they may read.
#[derive(Default)]
struct Readers<'a> {
    /// By the bucket that their locations name, in the order of the estate.
    by_bucket: BTreeMap<Bucket, Vec<&'a Set>>,
    /// Those with a location that is not known, by the bucket where that is known. Sets that may read the same objects stand
    /// together.
    open: BTreeMap<Option<&'a Bucket>, BTreeMap<Vec<usize>, Vec<&'a Set>>>,
    /// Those that name an object which is not among the inputs.
    missing: Vec<&'a Set>,
}

impl<'a> Readers<'a> {
    fn of(context: &Context<'a>) -> Self {
        let graph = context.graph;
        let mut readers = Self::default();
        for set in &graph.sets {
            if let Some(bucket) = graph.bucket_of_set(context.estate, set) {
                readers.by_bucket.entry(bucket).or_default().push(set);
            }
            match &set.target {
                Target::Unknown { bucket, candidates, .. } => {
                    let alike = readers.open.entry(bucket.as_ref()).or_default();
                    alike.entry(candidates.shared()).or_default().push(set);
                }
                Target::Missing { .. } => readers.missing.push(set),
                Target::Object(_) | Target::Invalid(_) => {}
            }
        }
        readers
    }

    /// The sets that may read an object after all: the first of them, and their number.
    fn perhaps(&self, context: &Context<'_>, id: ObjectId) -> (Vec<ObjectId>, usize) {
        let (own, key) = (context.graph.bucket_of(id), graph::key_of(context.estate.object(id)));
        let is_known = own.is_some() && key.is_some();
        let (mut first, mut count) = (Vec::new(), 0);
        let open = self.open.iter().filter(|(bucket, _)| bucket.is_none() || own.is_none() || **bucket == own);
        for alike in open.flat_map(|(_, alike)| alike.values()) {
            if alike.first().is_some_and(|set| may_read(context, set, id)) {
                count += alike.len();
                first.extend(alike.iter().take(MOST_LABELS).map(|set| set.id));
            }
        }
        for set in self.missing.iter().filter(|set| !is_known && may_read(context, set, id)) {
            count += 1;
            first.push(set.id);
        }
        first.sort_unstable();
        first.truncate(MOST_LABELS);
        (first, count)
    }
}

/// Objects in S3 that no set is known to read, but that lie beside lists or are called like one.
fn unread(context: &Context<'_>) -> Vec<ObjectId> {
    let estate = context.estate;
    let read = Read::of(context);
    let buckets: BTreeSet<&Bucket> = read.objects.iter().filter_map(|list| context.graph.bucket_of(*list)).collect();
    let is_beside = |id: ObjectId| context.graph.bucket_of(id).is_some_and(|bucket| buckets.contains(bucket));
    let objects = OBJECTS.iter().flat_map(|name| context.present(name)).map(|(id, _)| id);
    objects
        .filter(|id| is_beside(*id) || speaks_of_lists(estate.object(*id)))
        .filter(|id| !read.has(context, *id))
        .collect()
}

/// Those of them that hold a list.
pub(super) fn unread_lists(context: &Context<'_>) -> Vec<ObjectId> {
    let holds_list = |id: &ObjectId| match lists::of_object(context.estate, context.graph, *id).1 {
        Bytes::Known(known) => list_in(&known.bytes).is_some(),
        Bytes::Unknown(_) => false,
    };
    let mut found = unread(context);
    found.retain(holds_list);
    found
}

fn read_by(set: &Set) -> Option<ObjectId> {
    match set.target {
        Target::Object(list) => Some(list),
        _ => None,
    }
}

/// Whether key or name of an object say that it is a list.
fn speaks_of_lists(object: &Object) -> bool {
    let speaks = |text: &str| {
        let text = text.to_ascii_lowercase();
        WORDS.iter().any(|word| text.contains(word))
    };
    speaks(&object.address.name) || graph::key_of(object).is_some_and(speaks)
}

/// Whether a resource that refers to an object makes use of it. Sets are asked by their locations.
fn uses(resource_type: &str) -> bool {
    let is_setting = resource_type.starts_with("aws_s3_bucket") || resource_type == "aws_s3_object";
    !is_setting && resource_type != TRUSTED && resource_type != THREAT
}

/// What GuardDuty reads of buckets.
struct Read {
    /// Objects that sets are known to read.
    objects: BTreeSet<ObjectId>,
    /// Buckets and keys that entity sets name.
    by_entity_sets: BTreeSet<(Bucket, String)>,
}

impl Read {
    fn of(context: &Context<'_>) -> Self {
        let named = ENTITY_SETS.iter().flat_map(|name| context.present(name)).filter_map(|(_, set)| {
            let location = set.attribute(&["location"]).str().and_then(|text| location::parse(text).ok())?;
            let bucket = graph::bucket_named(context.estate, &location.bucket);
            Some((bucket, location::named_key(&location.key).to_owned()))
        });
        Self { objects: context.graph.sets.iter().filter_map(read_by).collect(), by_entity_sets: named.collect() }
    }

    /// Whether GuardDuty reads an object: as itself, as a data source of the same key, or by an entity set.
    fn has(&self, context: &Context<'_>, id: ObjectId) -> bool {
        let (estate, graph) = (context.estate, context.graph);
        let named = graph.bucket_of(id).zip(graph::key_of(estate.object(id)));
        let same = named.map_or(&[][..], |(bucket, key)| graph.held_as(bucket, key));
        let by_entity_set = |(bucket, key): (&Bucket, &str)| {
            let mut keys = location::stored_keys(key);
            !self.by_entity_sets.is_empty() && keys.any(|key| self.by_entity_sets.contains(&(bucket.clone(), key)))
        };
        self.objects.contains(&id)
            || same.iter().any(|other| self.objects.contains(other))
            || named.is_some_and(by_entity_set)
    }
}

/// The format of a list and the number of its entries; `None` for what is no list, or for the most part none.
fn list_in(bytes: &[u8]) -> Option<(ListFormat, usize)> {
    let Content::Format(format) = list::sniff(bytes).content else { return None };
    let list = list::List::parse(bytes, format);
    let others = list.invalid_count + list.skipped.iter().map(|skipped| skipped.count).sum::<usize>();
    let entries = list.entries.len();
    (entries > 0 && entries >= others).then_some((format, entries))
}

/// Judges a list that no set is known to read.
fn judge(context: &mut Context<'_>, (id, readers): (ObjectId, &Readers<'_>), (format, entries): (ListFormat, usize)) {
    let (may_read, count) = readers.perhaps(context, id);
    let Some(first) = may_read.first().copied() else {
        let counted = if entries == 1 { "1 entry".into() } else { format!("{entries} entries") };
        let message =
            format!("the object holds a list ({counted} in {format}), but no trusted or threat list reads it");
        let help = "point a set at it, or drop it; a detector takes one trusted list only, so merge the files".into();
        let draft = draft(context, (id, readers), (message, help), "no set reads it");
        return context.fail(id, draft);
    };
    let names = context::names_of(context.estate, &may_read, count);
    let reads = if count == 1 { format!("{names} reads") } else { format!("any of {names} reads") };
    let message = format!(
        "whether {reads} this list is not known: `location` of {} decides, and {}",
        context.estate.object(first).name(),
        context.unknown(first, "location")
    );
    let own = draft(context, (id, readers), (message, context.what_would_decide(first)), "a set may read it");
    let related = may_read.iter().map(|set| context.label(*set, &["location"], "not known")).collect();
    context.undecided(id, Draft { related, ..own });
}

/// Whether a set may read an object after all: its location is not known, or what it names may be this object.
fn may_read(context: &Context<'_>, set: &Set, id: ObjectId) -> bool {
    let (own, key) = (context.graph.bucket_of(id), graph::key_of(context.estate.object(id)));
    let may_be_in = |bucket: Option<&Bucket>| bucket.is_none() || own.is_none() || bucket == own;
    match &set.target {
        Target::Object(_) | Target::Invalid(_) => false,
        Target::Missing { bucket, key: named } => {
            let is_known = own.is_some() && key.is_some();
            !is_known && may_be_in(Some(bucket)) && key.is_none_or(|key| location::same_key(key, named))
        }
        Target::Unknown { bucket, candidates, .. } => {
            may_be_in(bucket.as_ref()) && (candidates.is_empty() || candidates.contains(id))
        }
    }
}

fn draft(
    context: &Context<'_>,
    (id, readers): (ObjectId, &Readers<'_>),
    (message, help): (String, String),
    label: &str,
) -> Draft {
    let bucket = context.graph.bucket_of(id);
    let beside = bucket.and_then(|bucket| readers.by_bucket.get(bucket)).into_iter().flatten();
    let label_of = |set: &&Set| {
        let reads = if matches!(set.target, Target::Unknown { .. }) { "not known" } else { "names another object" };
        context.label(set.id, &["location"], reads)
    };
    Draft {
        message,
        help,
        attribute: "key",
        discriminator: String::new(),
        anchor: context.label(id, &["key"], label).1,
        related: beside.take(MOST_LABELS).map(label_of).collect(),
    }
}

#[cfg(test)]
mod tests;
