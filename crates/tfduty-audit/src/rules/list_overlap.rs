//! A trusted list covers addresses of a threat list: trusted wins, no finding is made.
//!
//! ## Why it matters
//!
//! GuardDuty looks at the trusted list first. An address that is in both is trusted: the entry of the threat list is dead,
//! and it looks as if it were watched.
//!
//! ## How to fix it
//!
//! Take the address out of one list. To quiet one kind of finding about an address, do not trust it: archive that kind with
//! an `aws_guardduty_filter`.
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "content": "9.9.9.9\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "trusted", "activate": true, "location": "s3://lists/trusted.txt"}}]},
//!   {"mode": "managed", "type": "aws_s3_object", "name": "threat", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "threat.txt", "content": "149.112.112.0/24\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_threatintelset", "name": "threat", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "threat", "activate": true, "location": "s3://lists/threat.txt"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "content": "9.9.9.9\n149.112.112.7\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "trusted", "activate": true, "location": "s3://lists/trusted.txt"}}]},
//!   {"mode": "managed", "type": "aws_s3_object", "name": "threat", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "threat.txt", "content": "149.112.112.0/24\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_threatintelset", "name": "threat", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "threat", "activate": true, "location": "s3://lists/threat.txt"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - Lists of different detectors, and a list that is not active.
//! - Lists that share no publicly routed address: GuardDuty acts on none of the others, and `list-entry-private` says so.
//! - Content of either list that is known only after apply, or no valid entry: `list-empty` says so.
//!
//! It is undecided in `tfduty list` when files share addresses and the kind of one is not known.
//!
//! ## References
//!
//! - GuardDuty user guide, "Working with lists": the trusted list is processed first

use std::{collections::BTreeMap, rc::Rc};

use tfduty_aws::list::{Content, Hit, ListFormat, Overlap, Place, Ranges, overlap};
use tfduty_terraform::escape;

use crate::{
    context::{Context, Draft, Label, Subject},
    entries::{self, Placed},
    finding::Anchor,
    graph::SetKind,
    lists::{Known, List, Reader},
    object::ObjectId,
    rule::{Certainty, Command, Rule, Severity},
    same_detector::{self, Kin, SameDetector},
};

pub(super) static RULE: Rule = Rule {
    id: "list-overlap",
    severity: Severity::Warning,
    certainty: Certainty::Documented,
    commands: &[Command::Check, Command::List],
    file: include_str!("list_overlap.rs"),
    check,
};

/// A list as one set reads it, or a file.
#[derive(Clone, Copy)]
struct Side<'a> {
    list: &'a List<'a>,
    /// Which of the lists it is.
    index: usize,
    reader: Reader,
}

/// A list's place among all, and the format that it is read in.
type Key = (usize, ListFormat);

impl Side<'_> {
    fn key(&self) -> Option<Key> {
        Some((self.index, self.reader.format?))
    }

    fn may_be(&self, kind: SetKind) -> bool {
        self.reader.kind.is_none_or(|its| its == kind)
    }

    /// Whom a finding is about.
    fn subject(&self) -> Subject {
        self.reader.set.map_or_else(|| self.list.subject.clone(), Subject::Object)
    }

    /// The address of the set, or the path of the file.
    fn name(&self, context: &Context<'_>) -> String {
        match self.subject() {
            Subject::Object(id) => context.estate.object(id).name(),
            Subject::File(input) => escape(&context.estate.inputs[input].path).into_owned(),
            Subject::Drift { .. } | Subject::Pair { .. } => String::new(),
        }
    }
}

/// What a threat list has in common with a trusted one.
#[derive(Clone)]
struct Shared<'a> {
    /// The first lines to show; those with public addresses come before others.
    hits: Vec<Hit<'a>>,
    /// How many entries of the threat list are wholly trusted.
    whole: usize,
    /// How many public addresses both hold. GuardDuty's lists act on no others.
    public: u64,
}

fn check(context: &mut Context<'_>) {
    let sides = sides(context);
    let ranges = ranges(&sides);
    let mut compared = BTreeMap::new();
    for (threat, partners) in pairs(context, &sides) {
        let mut sharing =
            partners.iter().filter_map(|trusted| Some((*trusted, compare(&ranges, &mut compared, trusted, &threat)?)));
        // What is sure speaks for what hangs on the kind of a file; else the first speaks for all.
        let is_sure = |trusted: &Side<'_>| threat.reader.kind.is_some() && trusted.reader.kind.is_some();
        let first = sharing.next();
        let worst = match &first {
            Some((trusted, _)) if !is_sure(trusted) => sharing.find(|(trusted, _)| is_sure(trusted)).or(first),
            _ => first,
        };
        match worst.map(|(trusted, shared)| (is_sure(&trusted), draft(context, &trusted, &threat, &shared))) {
            Some((true, Some(draft))) => context.fail(threat.subject(), draft),
            Some((false, Some(draft))) => context.undecided(threat.subject(), draft),
            _ if partners.iter().any(|trusted| !is_known(&ranges, trusted, &threat)) => context.skip(threat.subject()),
            _ => context.pass(threat.subject()),
        }
    }
}

fn sides<'a>(context: &Context<'a>) -> Vec<Side<'a>> {
    let lists = context.lists.iter().enumerate();
    lists
        .flat_map(|(index, list)| list.readers.iter().map(move |reader| Side { list, index, reader: *reader }))
        .collect()
}

/// The entries of each list, sorted once: the sets of many detectors may read the same ones. One without a valid entry is
/// left out.
fn ranges<'a>(sides: &[Side<'a>]) -> BTreeMap<Key, Ranges<'a>> {
    let mut ranges = BTreeMap::new();
    for side in sides {
        let Some(key) = side.key() else { continue };
        let is_list = side.list.sniffed().is_some_and(|sniffed| {
            // What has entries all the same is `list-format-mismatch`'s.
            !matches!(sniffed.content, Content::Utf16 | Content::Nul | Content::Json)
        });
        let content = side.list.parsed(key.1).filter(|content| is_list && !content.entries.is_empty());
        if let Some(content) = content {
            ranges.entry(key).or_insert_with(|| content.ranges());
        }
    }
    ranges
}

/// Each threat list with the trusted lists that are in force where it is. Those of one detector are shared by its threat
/// lists.
fn pairs<'a>(context: &Context<'a>, sides: &[Side<'a>]) -> Vec<(Side<'a>, Rc<[Side<'a>]>)> {
    let same_detector = SameDetector::of(context);
    let sets = sides.iter().filter_map(|side| Some((side.reader.set?, *side)));
    let active: BTreeMap<ObjectId, Side<'a>> =
        sets.filter(|(set, _)| same_detector::is_active(context, *set)).collect();
    let files: Vec<Side<'a>> = sides.iter().filter(|side| side.reader.set.is_none()).copied().collect();
    let mut of_kin: BTreeMap<Kin, Rc<[Side<'a>]>> = BTreeMap::new();
    let mut partners = |threat: &Side<'a>| -> Rc<[Side<'a>]> {
        match threat.reader.set {
            Some(set) if active.contains_key(&set) => {
                let Some(kin) = same_detector.kin(set) else { return Rc::default() };
                let beside = || same_detector.sets(kin).iter().filter_map(|set| active.get(set));
                let trusted = || beside().filter(|side| side.may_be(SetKind::Trusted)).copied().collect();
                Rc::clone(of_kin.entry(kin).or_insert_with(trusted))
            }
            Some(_) => Rc::default(),
            None => files.iter().filter(|file| is_compared(file, threat)).copied().collect(),
        }
    };
    sides.iter().filter(|side| side.may_be(SetKind::Threat)).map(|threat| (*threat, partners(threat))).collect()
}

/// Whether a file is compared with another one that may be a threat list. Of two of unknown kind, the later one is told.
fn is_compared(trusted: &Side<'_>, threat: &Side<'_>) -> bool {
    let are_open = trusted.reader.kind.is_none() && threat.reader.kind.is_none();
    trusted.may_be(SetKind::Trusted) && trusted.index != threat.index && (!are_open || trusted.index < threat.index)
}

/// Whether the entries of both lists are known.
fn is_known(ranges: &BTreeMap<Key, Ranges<'_>>, trusted: &Side<'_>, threat: &Side<'_>) -> bool {
    [trusted, threat].iter().all(|side| side.key().is_some_and(|key| ranges.contains_key(&key)))
}

/// What two lists share, where that is any address on which GuardDuty's lists act; `None` where it is not, or where the
/// entries of one are not known.
fn compare<'a>(
    ranges: &BTreeMap<Key, Ranges<'a>>,
    compared: &mut BTreeMap<(Key, Key), Option<Shared<'a>>>,
    trusted: &Side<'a>,
    threat: &Side<'a>,
) -> Option<Shared<'a>> {
    let keys = (trusted.key()?, threat.key()?);
    let lists = (ranges.get(&keys.0)?, ranges.get(&keys.1)?);
    let shared = || Some(shared(lists.0, lists.1)).filter(|shared| shared.public > 0);
    // Two lists that are each read by one alone are compared but once.
    if trusted.list.readers.len() == 1 && threat.list.readers.len() == 1 {
        return shared();
    }
    compared.entry(keys).or_insert_with(shared).clone()
}

fn shared<'a>(trusted: &Ranges<'a>, threat: &Ranges<'a>) -> Shared<'a> {
    let Overlap { mut hits, whole, public_addresses: public, .. } = overlap(trusted, threat);
    hits.sort_by_key(|hit| !entries::is_public(hit.threat));
    hits.truncate(entries::LABELLED);
    Shared { hits, whole, public }
}

fn draft(context: &Context<'_>, trusted: &Side<'_>, threat: &Side<'_>, shared: &Shared<'_>) -> Option<Draft> {
    let name = trusted.name(context);
    let all = threat.list.parsed(threat.reader.format?)?.entries.len();
    let whole = format!("{} of {}", entries::grouped(shared.whole as u64), entries::count(all, "entry", "entries"));
    let common = match shared.public {
        1 => "1 public address".to_owned(),
        number => format!("{} public addresses", entries::grouped(number)),
    };
    let covers = format!("`{name}` wholly covers {whole} and shares {common} with this list");
    let (message, help) = if trusted.reader.kind.is_some() && threat.reader.kind.is_some() {
        (
            format!("the trusted list {covers}: GuardDuty makes no finding for what is trusted"),
            "take the addresses out of one list; to quiet one kind of finding, archive it with an `aws_guardduty_filter`",
        )
    } else {
        (
            format!(
                "{covers}: if one is a trusted and the other a threat list, GuardDuty makes no finding for these addresses"
            ),
            "give `--kind` if both are of one kind, or run `tfduty check` on the plan, which knows the kinds",
        )
    };
    let mut labels = labels(trusted, threat, &shared.hits)?.into_iter();
    let Placed { attribute, anchor, related } =
        entries::place(context, threat.list, &threat.subject(), (labels.next()?.1, labels.collect()));
    Some(Draft { message, help: help.into(), attribute, discriminator: String::new(), anchor, related })
}

/// The lines of the threat list, then the trusted lines that cover them. If one of the lists is sensitive, only numbers of
/// lines are shown of both: what they share would tell what it holds.
fn labels(trusted: &Side<'_>, threat: &Side<'_>, hits: &[Hit<'_>]) -> Option<Vec<Label>> {
    let (ours, theirs) = (threat.list.known()?, trusted.list.known()?);
    let is_sensitive = ours.is_sensitive || theirs.is_sensitive;
    let anchor = |known: &Known<'_>, place: Place, label: String| {
        let anchor = known.anchor(place, label);
        Anchor { sensitive: is_sensitive || anchor.sensitive, ..anchor }
    };
    let threat_line = |hit: &Hit<'_>| {
        let Hit { threat, trusted, .. } = hit;
        let label = match (ours.shown(threat.place), theirs.shown(trusted.place)) {
            (Some(threat), Some(trusted)) => covered(hit, &threat, &trusted),
            _ => format!("line {}, covered by line {} of the trusted list", threat.place.line, trusted.place.line),
        };
        anchor(ours, threat.place, label)
    };
    let mut trusting: Vec<Place> = hits.iter().map(|hit| hit.trusted.place).collect();
    trusting.sort_unstable();
    trusting.dedup();
    let trusted_line = |place: Place| {
        let label = theirs.shown(place).filter(|_| !is_sensitive).map(|text| format!("{text} is trusted"));
        anchor(theirs, place, label.unwrap_or_else(|| format!("line {} of the trusted list", place.line)))
    };
    let threat_lines = hits.iter().map(|hit| (threat.list.object, threat_line(hit)));
    let trusted_lines = trusting.into_iter().map(|place| (trusted.list.object, trusted_line(place)));
    Some(threat_lines.chain(trusted_lines).collect())
}

/// How much of a threat entry is trusted, and by which line.
fn covered(hit: &Hit<'_>, threat: &str, trusted: &str) -> String {
    let line = hit.trusted.place.line;
    let is_inside = hit.trusted.first <= hit.threat.first && hit.threat.last <= hit.trusted.last;
    match (hit.whole, is_inside) {
        (true, true) => format!("{threat} is covered by {trusted}, line {line} of the trusted list"),
        (true, false) => {
            format!("{threat} is covered by several lines of the trusted list, the first is {line}: {trusted}")
        }
        (false, _) => format!("{threat} is covered in part, by {trusted}, line {line} of the trusted list"),
    }
}

#[cfg(test)]
mod tests;
