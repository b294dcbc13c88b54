//! More lists, entries or bytes than GuardDuty accepts.
//!
//! ## Why it matters
//!
//! GuardDuty takes one trusted IP list and six threat lists for each account and region, 2,000 entries in a trusted list,
//! 250,000 in a threat list, and 35 MB in a file. What is beyond is refused, half-way through the apply.
//!
//! ## How to fix it
//!
//! Merge trusted lists into one file; aggregate neighbours into CIDRs.
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
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "one", "activate": true, "location": "s3://b/one.txt"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "one", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "one", "activate": true, "location": "s3://b/one.txt"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "two", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "two", "activate": true, "location": "s3://b/two.txt"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - A list that is replaced counts once. But with `create_before_destroy` the old and the new one exist at the same time:
//!   for a trusted list that is one too many.
//! - Content that is not known: `list-empty` says so.
//! - Blank lines, comments and whatever else is no address and no CIDR are no entries.
//!
//! It is undecided when a set's detector cannot be told and the set may be the one too many, and in `tfduty list` without
//! `--kind` when a file has more entries than a trusted list may have, but no more than a threat list.
//!
//! ## References
//!
//! - GuardDuty user guide, "Quotas"

mod content;

use std::collections::{BTreeMap, BTreeSet};

use tfduty_aws::limits;

use crate::{
    by_place::ByPlace,
    context::{self, Context, Draft, Label, MOST_NAMED},
    graph::{SetKind, THREAT, TRUSTED},
    object::{ChangeKind, Object, ObjectId, Presence},
    rule::{Certainty, Command, Rule, Severity},
    same_detector,
};

pub(super) static RULE: Rule = Rule {
    id: "list-limits",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check, Command::List],
    file: include_str!("list_limits.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    for kind in [SetKind::Trusted, SetKind::Threat] {
        let (by_detector, unknown) = by_detector(context, kind);
        let open = Open::of(context, &by_detector, unknown);
        let perhaps: Vec<Perhaps> = by_detector.iter().map(|sets| open.perhaps_of(context, sets)).collect();
        let most = open.most_alone(context);
        for (sets, perhaps) in by_detector.iter().zip(&perhaps) {
            count(context, kind, sets, perhaps);
            names(context, sets);
        }
        if most.count > limit(kind) {
            count(context, kind, &[], &most);
        }
    }
    content::check(context);
}

/// Sets of which the detector cannot be told, by where they are: there may be very many, and as many detectors.
struct Open<'a> {
    sets: Vec<ObjectId>,
    places: ByPlace<'a>,
    /// Those that can belong to no detector that has others.
    alone: Vec<ObjectId>,
    alone_by_place: ByPlace<'a>,
}

impl<'a> Open<'a> {
    fn of(context: &Context<'a>, by_detector: &[Vec<ObjectId>], sets: Vec<ObjectId>) -> Self {
        let places = |sets: &mut dyn Iterator<Item = ObjectId>| {
            let mut places = ByPlace::default();
            for set in sets {
                places.add(set, detector(context, set));
            }
            places
        };
        let (one, torn): (Vec<_>, Vec<_>) = by_detector.iter().partition(|sets| is_one_place(context, sets));
        let told = places(&mut one.iter().filter_map(|sets| sets.first().copied()));
        let is_alone = |id: &ObjectId| {
            told.beside(detector(context, *id)).flatten().next().is_none()
                && !torn.iter().any(|sets| may_be_of(context, *id, sets))
        };
        let alone: Vec<ObjectId> = sets.iter().copied().filter(is_alone).collect();
        let alone_by_place = places(&mut alone.iter().copied());
        Self { places: places(&mut sets.iter().copied()), sets, alone, alone_by_place }
    }

    /// Those that may belong to the detector of these sets.
    fn perhaps_of(&self, context: &Context<'_>, sets: &[ObjectId]) -> Perhaps {
        match sets.first() {
            Some(first) if is_one_place(context, sets) => Perhaps::of(self.places.beside(detector(context, *first))),
            _ => {
                let perhaps = self.sets.iter().copied().filter(|id| may_be_of(context, *id, sets));
                Perhaps::of([&*perhaps.collect::<Vec<_>>()].into_iter())
            }
        }
    }

    /// The most that may belong to one detector that has no others.
    fn most_alone(&self, context: &Context<'_>) -> Perhaps {
        let sharing = |id: &ObjectId| Perhaps::of(self.alone_by_place.beside(detector(context, *id)));
        self.alone.iter().map(sharing).max_by_key(|perhaps| perhaps.count).unwrap_or_default()
    }
}

/// The detector of a set, else the set itself: what tells where it is.
fn detector<'a>(context: &Context<'a>, set: ObjectId) -> &'a Object {
    context.estate.object(context.readings.actor(set))
}

/// Whether the same is known of the places of all these sets, so that one tells for all.
fn is_one_place(context: &Context<'_>, sets: &[ObjectId]) -> bool {
    sets.windows(2).all(|two| matches!(two, [one, other] if same_detector::are_told_alike(context, *one, *other)))
}

fn may_be_of(context: &Context<'_>, id: ObjectId, sets: &[ObjectId]) -> bool {
    sets.iter().all(|set| same_detector::may_be(context, id, *set))
}

/// Sets that may belong to a detector, for all that is known of theirs.
#[derive(Default)]
struct Perhaps {
    /// The first of them, and the last.
    first: Vec<ObjectId>,
    last: Option<ObjectId>,
    count: usize,
}

impl Perhaps {
    /// The sets in lists, of which each is in the order of the estate.
    fn of<'l>(lists: impl Iterator<Item = &'l [ObjectId]>) -> Self {
        let mut perhaps = Self::default();
        for list in lists {
            perhaps.first.extend(list.iter().take(MOST_NAMED));
            perhaps.last = perhaps.last.max(list.last().copied());
            perhaps.count += list.len();
        }
        perhaps.first.sort_unstable();
        perhaps
    }
}

fn limit(kind: SetKind) -> usize {
    match kind {
        SetKind::Trusted => limits::TRUSTED_SETS,
        SetKind::Threat => limits::THREAT_SETS,
    }
}

fn word(kind: SetKind) -> &'static str {
    match kind {
        SetKind::Trusted => "trusted",
        SetKind::Threat => "threat",
    }
}

/// The sets of each detector (or of each known account and region), and those whose detector cannot be told. A set that
/// Terraform forgets stays in AWS, and so counts: it comes first, since no verdict is given to it.
fn by_detector(context: &Context<'_>, kind: SetKind) -> (Vec<Vec<ObjectId>>, Vec<ObjectId>) {
    let (mut groups, mut unknown) = (Vec::<Vec<ObjectId>>::new(), Vec::new());
    // For each name a group, and for each group the one that it has become a part of: itself, where there is none.
    let (mut group_of, mut part_of): (BTreeMap<String, usize>, Vec<usize>) = Default::default();
    let name = match kind {
        SetKind::Trusted => TRUSTED,
        SetKind::Threat => THREAT,
    };
    let stays = |(_, set): &(ObjectId, &Object)| set.is_managed() && set.presence != Presence::Going;
    for (id, _) in context.estate.of_type(name).filter(stays) {
        let names = same_detector::names(context, id);
        if names.is_empty() {
            unknown.push(id);
            continue;
        }
        let known: BTreeSet<usize> =
            names.iter().filter_map(|name| Some(whole(&mut part_of, *group_of.get(name)?))).collect();
        let group = known.first().copied().unwrap_or(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
            part_of.push(group);
        }
        // By this set, what seemed to be two detectors are one.
        for other in known.into_iter().filter(|other| *other != group) {
            let moved = std::mem::take(&mut groups[other]);
            groups[group].extend(moved);
            part_of[other] = group;
        }
        groups[group].push(id);
        group_of.extend(names.into_iter().map(|name| (name, group)));
    }
    groups.retain(|sets| !sets.is_empty());
    for sets in &mut groups {
        sets.sort_by_key(|id| (context.estate.object(*id).is_present(), *id));
    }
    (groups, unknown)
}

/// The group that a group has become a part of, however often. The way there is cut short for the next time.
fn whole(part_of: &mut [usize], group: usize) -> usize {
    let (mut whole, mut at) = (group, group);
    while part_of[whole] != whole {
        whole = part_of[whole];
    }
    while at != whole {
        at = std::mem::replace(&mut part_of[at], whole);
    }
    whole
}

/// Judges how many sets of one kind a detector has. The verdict is given to the last of them.
fn count(context: &mut Context<'_>, kind: SetKind, sets: &[ObjectId], unknown: &Perhaps) {
    let estate = context.estate;
    let limit = limit(kind);
    let twice =
        |id: &ObjectId| matches!(estate.object(*id).change, ChangeKind::CreateDelete | ChangeKind::CreateForget);
    let doubled: Vec<ObjectId> = sets.iter().copied().filter(twice).collect();
    let all = sets.len() + doubled.len();
    let forgotten = sets.iter().filter(|id| !estate.object(**id).is_present()).count();
    let Some(last) = sets[forgotten..].last().copied().or(unknown.last) else { return };
    let label = |id: ObjectId, text: &str| context.label(id, &["detector_id"], text.to_owned());
    let draft = |message: String, help: String, id: ObjectId, related: Vec<Label>| Draft {
        message,
        help,
        attribute: "detector_id",
        discriminator: "sets".into(),
        anchor: label(id, "one too many").1,
        related,
    };
    if sets.len() > limit && forgotten < sets.len() {
        let message = format!("{} {} lists for one detector: GuardDuty accepts {limit}", sets.len(), word(kind));
        let help = "merge the lists into one file: `tfduty list` shows how many entries it then has".into();
        let beyond = sets[limit.max(forgotten)];
        let related = sets.iter().filter(|id| **id != beyond).map(|id| label(*id, "counts too")).collect();
        let draft = draft(message, help, beyond, related);
        context.fail(beyond, draft);
    } else if let (Some(id), true) = (doubled.first().copied(), all > limit) {
        let (why, help) = match estate.object(id).change {
            ChangeKind::CreateForget => (
                "and the old one is forgotten, not deleted: there are then",
                "let the plan delete the old list, not forget it",
            ),
            _ => (
                "before the old one is deleted (`create_before_destroy`): for a while there are",
                "drop `create_before_destroy` from the set",
            ),
        };
        let message = format!("the new {} list is created {why} {all}, and GuardDuty accepts {limit}", word(kind));
        let mut draft = draft(message, help.into(), id, Vec::new());
        draft.anchor = context.actions(estate.object(id), "created first");
        context.fail(id, draft);
    } else if all + unknown.count > limit && unknown.count > 0 {
        let message = format!(
            "whether this detector has more than {limit} {} lists is not known: the detector of {} cannot be told",
            word(kind),
            context::names_of(estate, &unknown.first, unknown.count)
        );
        let draft = draft(message, context.what_would_decide(last), last, Vec::new());
        context.undecided(last, draft);
    } else {
        context.pass(last);
    }
}

/// Judges whether two sets of one kind and detector have one name.
fn names(context: &mut Context<'_>, sets: &[ObjectId]) {
    let estate = context.estate;
    let mut seen: BTreeMap<&str, ObjectId> = BTreeMap::new();
    for id in sets {
        let attribute = estate.object(*id).attribute(&["name"]);
        let Some(name) = attribute.str() else { continue };
        if let Some(first) = seen.get(name) {
            let draft = Draft {
                message: "two lists of one kind have one name: GuardDuty refuses the second".into(),
                help: "give each list a name of its own".into(),
                attribute: "name",
                discriminator: "name".into(),
                anchor: context.anchor(estate.object(*id), &attribute, "the same name"),
                related: vec![context.label(*first, &["name"], "taken here")],
            };
            context.fail(*id, draft);
        } else {
            seen.insert(name, *id);
        }
    }
}

#[cfg(test)]
mod files;
#[cfg(test)]
mod tests;
