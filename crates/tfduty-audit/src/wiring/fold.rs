//! A large wiring made small enough to be looked at.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{NodeKind, Standing, Told, Wiring, WiringLink, WiringNode, WiringPlace};

/// How much of the wiring is folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fold {
    /// Nothing.
    Nothing,
    /// Each module instance in which everything holds.
    SoundModules,
    /// Each module instance.
    Modules,
    /// Each account and region.
    Accounts,
    /// The same, and of very many the best into one.
    Most,
}

impl Fold {
    /// All of them, from the picture that shows most.
    pub const ALL: [Self; 5] = [Self::Nothing, Self::SoundModules, Self::Modules, Self::Accounts, Self::Most];
}

/// Links and nodes of a picture that can be looked at; beyond it module instances, then accounts, are folded.
pub const MOST_DRAWN: usize = 80;

/// What becomes one node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    /// It stays as it is.
    Node(usize),
    Place(WiringPlace),
    Rest,
}

impl Wiring {
    /// Whether it has few enough nodes and links to be looked at.
    pub fn is_small(&self) -> bool {
        self.links.len() <= MOST_DRAWN && self.nodes.len() <= MOST_DRAWN
    }

    /// The wiring with nodes put together. What is broken or undecided inside of one is told by it.
    #[must_use]
    pub fn folded(&self, fold: Fold) -> Wiring {
        match fold {
            Fold::Nothing => self.clone(),
            Fold::SoundModules => {
                let open = self.open_places();
                self.grouped(|place, node| match module_of(node) {
                    Some(group) if !open.contains(&group) => Group::Place(group),
                    _ => Group::Node(place),
                })
            }
            Fold::Modules => self.grouped(|place, node| module_of(node).map_or(Group::Node(place), Group::Place)),
            Fold::Accounts => self.grouped(|_, node| Group::Place(account_of(node))),
            Fold::Most => {
                let accounts = self.folded(Fold::Accounts);
                let mut ranked: Vec<usize> = (0..accounts.nodes.len()).collect();
                ranked.sort_by_key(|place| (Reverse(accounts.nodes[*place].told.standing), *place));
                let best: BTreeSet<usize> = ranked.into_iter().skip(MOST_DRAWN - 1).collect();
                accounts.grouped(|place, _| if best.contains(&place) { Group::Rest } else { Group::Node(place) })
            }
        }
    }

    /// The modules in which, or between which and another, something is broken or undecided.
    fn open_places(&self) -> BTreeSet<WiringPlace> {
        let nodes = self.nodes.iter().filter(|node| node.told.standing.is_open());
        let links = self.links.iter().filter(|link| link.told.standing.is_open());
        let ends = links.flat_map(|link| [&self.nodes[link.from], &self.nodes[link.to]]);
        nodes.chain(ends).filter_map(module_of).collect()
    }

    fn grouped(&self, group: impl Fn(usize, &WiringNode) -> Group) -> Wiring {
        let groups: Vec<Group> = self.nodes.iter().enumerate().map(|(place, node)| group(place, node)).collect();
        let mut sizes: BTreeMap<&Group, usize> = BTreeMap::new();
        for (group, node) in groups.iter().zip(&self.nodes) {
            *sizes.entry(group).or_default() += node.kind.count();
        }
        let mut folded = Wiring::default();
        let mut places: BTreeMap<&Group, usize> = BTreeMap::new();
        let mut nodes = Vec::with_capacity(groups.len());
        let mut heard: Vec<Heard> = Vec::new();
        for (group, node) in groups.iter().zip(&self.nodes) {
            let place = *places.entry(group).or_insert_with(|| {
                folded.nodes.push(one(group, node, sizes[group]));
                heard.push(Heard::default());
                folded.nodes.len() - 1
            });
            heard[place].take(&node.told);
            nodes.push(place);
        }
        let mut between = Between::default();
        for link in &self.links {
            let (from, to) = (nodes[link.from], nodes[link.to]);
            let is_folded = |place: usize| matches!(folded.nodes[place].kind, NodeKind::Folded(_));
            match (is_folded(from), is_folded(to)) {
                (true, true) if from == to => heard[from].take(&link.told),
                (false, false) => between.add((from, to), link, false),
                _ => between.add((from, to), link, true),
            }
        }
        for (node, heard) in folded.nodes.iter_mut().zip(heard) {
            node.told = heard.told(Standing::NotJudged);
        }
        folded.links = between.links();
        folded
    }
}

/// What was told of the parts of something: of each finding how bad that was.
#[derive(Debug, Default)]
struct Heard {
    worst: Standing,
    findings: Vec<(Reverse<Standing>, usize)>,
}

impl Heard {
    fn take(&mut self, told: &Told) {
        self.worst = self.worst.max(told.standing);
        self.findings.extend(told.findings.iter().map(|finding| (Reverse(told.standing), *finding)));
    }

    /// What is told of the whole, which stands thus where nothing of it is broken or undecided.
    fn told(mut self, otherwise: Standing) -> Told {
        self.findings.sort_unstable();
        let mut seen = BTreeSet::new();
        let findings = self.findings.into_iter().map(|(_, finding)| finding).filter(|finding| seen.insert(*finding));
        let findings = findings.collect();
        Told { standing: if self.worst.is_open() { self.worst } else { otherwise }, findings }
    }
}

/// The links between what is folded, those between the same two as one.
#[derive(Debug, Default)]
struct Between {
    links: Vec<(WiringLink, Heard, bool)>,
    seen: BTreeMap<(usize, usize), usize>,
}

impl Between {
    fn add(&mut self, (from, to): (usize, usize), link: &WiringLink, joins: bool) {
        let place = self.seen.get(&(from, to)).filter(|_| joins).copied();
        let all_hold = link.told.standing == Standing::Holds;
        let Some((first, heard, holds)) = place.and_then(|place| self.links.get_mut(place)) else {
            if joins {
                self.seen.insert((from, to), self.links.len());
            }
            let mut heard = Heard::default();
            heard.take(&link.told);
            return self.links.push((WiringLink { from, to, ..link.clone() }, heard, all_hold));
        };
        first.count += link.count;
        first.by = None;
        if first.what != link.what {
            first.what = "leads to";
        }
        heard.take(&link.told);
        *holds &= all_hold;
    }

    fn links(self) -> Vec<WiringLink> {
        let told = |(mut link, heard, holds): (WiringLink, Heard, bool)| {
            link.told = heard.told(if holds { Standing::Holds } else { Standing::NotJudged });
            link
        };
        self.links.into_iter().map(told).collect()
    }
}

impl NodeKind {
    /// How many nodes of the estate it stands for.
    pub fn count(self) -> usize {
        match self {
            NodeKind::Folded(count) => count,
            _ => 1,
        }
    }
}

/// The node that a group becomes, of which this is the first.
fn one(group: &Group, node: &WiringNode, count: usize) -> WiringNode {
    let place = match group {
        Group::Node(_) => return node.clone(),
        Group::Place(_) if count == 1 => return node.clone(),
        Group::Place(place) => place.clone(),
        Group::Rest => WiringPlace::default(),
    };
    let name = match group {
        Group::Rest => "everything else".to_owned(),
        _ if !place.module.is_empty() => place.module.clone(),
        _ => place.label().unwrap_or_else(|| "outside the inputs".to_owned()),
    };
    WiringNode { name, kind: NodeKind::Folded(count), resource_type: None, place, told: Told::default() }
}

impl WiringPlace {
    /// Account and region, else the path of the input; none for what is in no input.
    pub fn label(&self) -> Option<String> {
        match (&self.account, &self.region, &self.path) {
            (Some(account), Some(region), _) => Some(format!("{account} {region}")),
            (Some(account), None, _) => Some(account.clone()),
            (None, Some(region), Some(path)) => Some(format!("{path}, {region}")),
            (None, Some(region), None) => Some(region.clone()),
            (None, None, Some(path)) => Some(path.clone()),
            (None, None, None) => None,
        }
    }
}

/// The module instance of a node, where that is not the root module of the only input.
fn module_of(node: &WiringNode) -> Option<WiringPlace> {
    let place = &node.place;
    place.label().map(|_| WiringPlace { module: place.module.clone(), ..account_of(node) })
}

/// Account and region of a node; the path of its input counts only where there is no account.
fn account_of(node: &WiringNode) -> WiringPlace {
    let WiringPlace { account, region, path, .. } = node.place.clone();
    let path = if account.is_some() { None } else { path };
    WiringPlace { account, region, path, module: String::new() }
}
