//! The kinds of links, with the rules that speak of each.

/// A kind of links.
#[derive(Debug, Clone, Copy)]
pub(super) struct LinkKind {
    /// What a link is: `reads`.
    pub(super) what: &'static str,
    /// The rules that say whether it works: it holds where one of them passed.
    pub(super) decides: &'static [&'static str],
    /// Rules that speak of one side of it: that they pass proves nothing.
    pub(super) also: &'static [&'static str],
    /// Whether a finding breaks it only if it points at its end: of a bucket that cannot be read the policy is one possible
    /// cause of several.
    pub(super) is_cause: bool,
}

impl LinkKind {
    const fn new(what: &'static str, decides: &'static [&'static str], also: &'static [&'static str]) -> Self {
        Self { what, decides, also, is_cause: false }
    }

    /// Whether a rule speaks of it.
    pub(super) fn hears(&self, rule: &str) -> bool {
        self.decides.contains(&rule) || self.also.contains(&rule)
    }
}

pub(super) const TRUSTED_LIST: LinkKind = LinkKind::new("trusted list", ACTIVE, OF_SET);
pub(super) const THREAT_LIST: LinkKind = LinkKind::new("threat list", ACTIVE, OF_SET);
pub(super) const READS: LinkKind = LinkKind::new(
    "reads",
    &["list-object-missing"],
    &["list-location-invalid", "list-object-order", "list-refresh-unwired", "list-stale"],
);
/// Entity sets are read as whoever calls: of them rules judge the form of the location alone.
pub(super) const ENTITY_READS: LinkKind = LinkKind::new("reads", &[], &["list-location-invalid"]);
pub(super) const LIES_IN: LinkKind = LinkKind::new("lies in", READABLE, &["list-bucket-region"]);
/// The bucket of an object that is not there.
pub(super) const WOULD_LIE_IN: LinkKind = LinkKind::new("would lie in", READABLE, &["list-bucket-region"]);
pub(super) const ENCRYPTED: LinkKind = LinkKind::new("encrypted with", &["list-undecryptable"], &[]);
pub(super) const LIST_POLICY: LinkKind = cause(&["list-read-denied", "list-undecryptable"]);
pub(super) const EXPORTS: LinkKind = LinkKind::new("exports", &["detector-wrong-provider"], &[]);
pub(super) const WRITES_TO: LinkKind = LinkKind::new("writes to", EXPORTED, &["findings-export-order"]);
pub(super) const ENCRYPTS: LinkKind = LinkKind::new("encrypts with", EXPORTED, &["findings-export-order"]);
pub(super) const EXPORT_POLICY: LinkKind = cause(EXPORTED);
pub(super) const PICKED_UP: LinkKind = LinkKind::new("picked up by", &["findings-rule-dead"], &[]);
pub(super) const SENDS: LinkKind = LinkKind::new("sends to", &["findings-target-denied"], &["findings-target-key"]);
pub(super) const TARGET_KEY: LinkKind = LinkKind::new("encrypted with", &["findings-target-key"], &[]);
pub(super) const TARGET_POLICY: LinkKind = cause(&["findings-target-denied", "findings-target-key"]);
pub(super) const TELLS: LinkKind = LinkKind::new("tells", &["findings-subscriber-missing"], &[]);
/// A subscription that nobody confirmed: that the topic has another one does not make it work.
pub(super) const WOULD_TELL: LinkKind = LinkKind::new("would tell", &[], &["findings-subscriber-missing"]);
pub(super) const FILTERED: LinkKind = LinkKind::new(
    "filtered by",
    &["findings-filter-ineffective"],
    &["findings-filter-broad", "detector-wrong-provider"],
);

const ALL: &[LinkKind] = &[
    TRUSTED_LIST,
    READS,
    LIES_IN,
    ENCRYPTED,
    LIST_POLICY,
    EXPORTS,
    WRITES_TO,
    PICKED_UP,
    SENDS,
    TARGET_KEY,
    TELLS,
    FILTERED,
];

const ACTIVE: &[&str] = &["list-inactive"];
const OF_SET: &[&str] = &["list-limits", "detector-wrong-provider"];
const READABLE: &[&str] = &["list-read-denied"];
const EXPORTED: &[&str] = &["findings-export-denied"];

const fn cause(decides: &'static [&'static str]) -> LinkKind {
    LinkKind { what: "policy", decides, also: &[], is_cause: true }
}

/// Whether it is worth keeping that a rule passed: some link holds by it.
pub(crate) fn decides(rule: &str) -> bool {
    ALL.iter().any(|kind| kind.decides.contains(&rule))
}
