//! One entry of a list.

use std::fmt;
use std::net::Ipv4Addr;

use super::lexer::Written;
use super::place::Place;
use crate::special::{Special, special_purpose};

/// An entry: addresses, and where they are written. GuardDuty's quota counts it as one, however many they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The first address, in host byte order: of a CIDR, the address of the network.
    pub first: u32,
    /// The last address.
    pub last: u32,
    /// The length of the prefix, 0 to 32, if one is written. A lone address and a range of STIX have none.
    pub prefix: Option<u8>,
    /// Whether the address before the prefix is not that of the network: `198.51.100.7/24`.
    pub host_bits: bool,
    /// Where it stands: the text of the address, the CIDR or the range and nothing else.
    pub place: Place,
}

impl Entry {
    pub(super) fn new(written: Written, place: Place) -> Self {
        let (first, last) = written.range();
        Self { first, last, prefix: written.prefix, host_bits: written.address != first, place }
    }

    /// A range, from its first to its last address.
    pub(super) fn range(first: u32, last: u32, place: Place) -> Self {
        Self { first, last, prefix: None, host_bits: false, place }
    }

    /// How many addresses it holds. A prefix shorter than /16 has more than 65,536 of them, one shorter than /8 more
    /// than 16,777,216: so that a range, which has no prefix, can be judged by the same measure.
    pub fn addresses(&self) -> u64 {
        u64::from(self.last.saturating_sub(self.first)) + 1
    }

    /// The special-purpose row that it lies wholly in, so that it has no effect: GuardDuty's lists act on publicly
    /// routable addresses alone (User Guide, "Important considerations for GuardDuty lists").
    pub fn special(&self) -> Option<&'static Special> {
        special_purpose(self.first, self.last)
    }
}

/// The canonical form, whatever is written: `198.51.100.7`, `198.51.100.0/24`, `192.0.2.7-192.0.2.9`.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = Written { address: self.first, prefix: self.prefix };
        if self.prefix.is_some() || self.first == self.last {
            write!(f, "{first}")
        } else {
            write!(f, "{first}-{}", Ipv4Addr::from(self.last))
        }
    }
}
