//! Indicators other than addresses, which feeds hold beside them.

use std::fmt;

use super::place::Place;

/// What a row is about that is passed over because it is about no IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Indicator {
    /// An IPv6 address or network.
    Ipv6,
    /// A domain.
    Domain,
    /// A host's name.
    Hostname,
    /// A URL or a URI.
    Url,
    /// The hash of a file, of whatever kind.
    FileHash,
    /// An e-mail address.
    Email,
    /// Anything else.
    Other,
}

impl fmt::Display for Indicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ipv6 => "IPv6",
            Self::Domain => "domain",
            Self::Hostname => "hostname",
            Self::Url => "URL",
            Self::FileHash => "file hash",
            Self::Email => "email",
            Self::Other => "other",
        })
    }
}

/// How many rows of one indicator were passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipped {
    /// What they are about.
    pub indicator: Indicator,
    /// How many they are.
    pub count: usize,
    /// The first of them.
    pub place: Place,
}
