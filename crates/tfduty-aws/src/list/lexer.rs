//! Addresses and CIDRs, read strictly.

use std::fmt;
use std::net::Ipv4Addr;

use ipnetwork::Ipv4Network;

/// An address, or an address with a prefix, as written: the prefix may leave bits of the address in the host part.
///
/// It displays as it is written: `198.51.100.7`, `198.51.100.7/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Written {
    /// The address, in host byte order.
    pub address: u32,
    /// The number behind the slash, 0 to 32.
    pub prefix: Option<u8>,
}

impl Written {
    /// The first and the last address that it stands for.
    pub fn range(self) -> (u32, u32) {
        let network = self.prefix.and_then(|prefix| Ipv4Network::new(Ipv4Addr::from(self.address), prefix).ok());
        network.map_or((self.address, self.address), |network| (network.network().into(), network.broadcast().into()))
    }

    /// The CIDR of an address and a netmask (`255.255.0.0`) or a wildcard mask (`0.0.255.255`), if that has its bits in
    /// one piece. Zeros are none: as a netmask they would be all addresses, as a wildcard mask one.
    pub(super) fn with_mask(address: u32, mask: u32) -> Option<Self> {
        let netmask = if mask >> 31 == 1 { mask } else { !mask };
        let network = Ipv4Network::with_netmask(Ipv4Addr::from(address), Ipv4Addr::from(netmask)).ok()?;
        (mask > 0).then_some(Self { address, prefix: Some(network.prefix()) })
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = Ipv4Addr::from(self.address);
        match self.prefix {
            Some(prefix) => write!(f, "{address}/{prefix}"),
            None => write!(f, "{address}"),
        }
    }
}

/// Reads an address (four numbers from 0 to 255) or a CIDR (an address, `/`, 0 to 32), decimal, without leading zeros,
/// signs or white space.
///
/// `ipnetwork` reads `/08`, `/+8` and netmasks too, and so stands behind this and not in its place.
pub(super) fn read(text: &[u8]) -> Option<Written> {
    let mut at = 0;
    let mut address = 0;
    for octet in 0..4 {
        if octet > 0 {
            at = after(text, at, b'.')?;
        }
        let (value, end) = number(text, at, 255)?;
        address = address << 8 | value;
        at = end;
    }
    if at == text.len() {
        return Some(Written { address, prefix: None });
    }
    let (prefix, end) = number(text, after(text, at, b'/')?, 32)?;
    let prefix = u8::try_from(prefix).ok()?;
    (end == text.len()).then_some(Written { address, prefix: Some(prefix) })
}

/// Reads an address alone.
pub(super) fn read_address(text: &[u8]) -> Option<u32> {
    read(text).filter(|written| written.prefix.is_none()).map(|written| written.address)
}

fn after(text: &[u8], at: usize, expected: u8) -> Option<usize> {
    (text.get(at) == Some(&expected)).then_some(at + 1)
}

/// The number of at most three digits at `at`, and where it ends.
fn number(text: &[u8], at: usize, max: u32) -> Option<(u32, usize)> {
    let mut value = 0;
    let mut end = at;
    while let Some(digit) = text.get(end).filter(|byte| byte.is_ascii_digit()) {
        if end - at == 3 {
            return None;
        }
        value = value * 10 + u32::from(digit - b'0');
        end += 1;
    }
    let leading_zero = end - at > 1 && text[at] == b'0';
    (end > at && !leading_zero && value <= max).then_some((value, end))
}

/// The fewest CIDRs that cover the range from `first` to `last` and nothing else, in order; none if it runs backwards.
pub(super) fn cidrs(first: u32, last: u32) -> Vec<Written> {
    let mut cidrs = Vec::new();
    let (mut at, end) = (u64::from(first), u64::from(last) + 1);
    while let Some(left) = end.checked_sub(at).filter(|left| *left > 0) {
        // A block begins at a multiple of its size.
        let bits = at.trailing_zeros().min(left.ilog2()).min(32);
        let (Ok(address), Ok(prefix)) = (u32::try_from(at), u8::try_from(32 - bits)) else { break };
        cidrs.push(Written { address, prefix: Some(prefix) });
        at += 1 << bits;
    }
    cidrs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(text: &str) -> Option<(u32, u32)> {
        read(text.as_bytes()).map(Written::range)
    }

    #[test]
    fn four_numbers_and_a_prefix() {
        for (text, expected) in [
            ("0.0.0.0", (0, 0)),
            ("255.255.255.255", (u32::MAX, u32::MAX)),
            ("1.2.3.4", (0x0102_0304, 0x0102_0304)),
            ("1.2.3.4/32", (0x0102_0304, 0x0102_0304)),
            ("1.2.3.4/31", (0x0102_0304, 0x0102_0305)),
            ("1.2.3.4/24", (0x0102_0300, 0x0102_03FF)),
            ("1.2.3.4/1", (0, 0x7FFF_FFFF)),
            ("1.2.3.4/0", (0, u32::MAX)),
        ] {
            assert_eq!(range(text), Some(expected), "{text}");
            assert_eq!(read(text.as_bytes()).unwrap().to_string(), text);
        }
    }

    #[test]
    fn nothing_else() {
        for text in [
            "",
            ".",
            "/",
            "1",
            "1.2.3",
            "1.2.3.",
            "1.2.3.4.",
            "1.2.3.4.5",
            ".1.2.3.4",
            "1..3.4",
            "256.0.0.1",
            "1.2.3.256",
            "1.2.3.1000",
            "01.2.3.4",
            "1.2.3.04",
            "00.0.0.0",
            "1.2.3.4/",
            "1.2.3.4/33",
            "1.2.3.99999999999",
            "1.2.3.4/99999999999",
            "1.2.3.4/08",
            "1.2.3.4/00",
            "1.2.3.4/+8",
            "1.2.3.4/-1",
            "1.2.3.4/ 8",
            "1.2.3.4/8 ",
            " 1.2.3.4",
            "1.2.3.4 ",
            "1.2. 3.4",
            "1.2.3.4/8/8",
            "1.2.3.4/255.0.0.0",
            "1.2.3.4\\8",
            "+1.2.3.4",
            "0x1.2.3.4",
            "1.2.3.a",
            "1.2.3.4\r",
            "1.2.3.4\0",
            "::ffff:1.2.3.4",
            "１.2.3.4",
            "1.2.3.4/٣",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn masks_are_in_one_piece() {
        let written =
            |mask: [u8; 4]| Written::with_mask(0x0A00_0000, u32::from_be_bytes(mask)).map(|it| it.to_string());
        for (mask, expected) in [
            ([255, 255, 0, 0], Some("10.0.0.0/16")),
            ([0, 0, 0, 255], Some("10.0.0.0/24")),
            ([255, 255, 255, 255], Some("10.0.0.0/32")),
            ([0, 0, 0, 0], None),
            ([255, 0, 255, 0], None),
            ([127, 255, 255, 255], Some("10.0.0.0/1")),
        ] {
            assert_eq!(written(mask).as_deref(), expected, "{mask:?}");
        }
    }

    proptest! {
        #[test]
        fn what_it_accepts_ipnetwork_accepts_too(text in "[0-3]{1,3}(\\.[0-9]{1,3}){3}(/[0-9]{1,2})?") {
            if let Some(written) = read(text.as_bytes()) {
                let network: Ipv4Network = text.parse().unwrap();
                prop_assert_eq!(u32::from(network.ip()), written.address);
                prop_assert_eq!(network.prefix(), written.prefix.unwrap_or(32));
                let (first, last) = written.range();
                prop_assert_eq!(u64::from(last - first) + 1, 1u64 << (32 - network.prefix()));
            }
        }

        #[test]
        fn what_it_writes_it_reads(address: u32, prefix in proptest::option::of(0u8..=32)) {
            let written = Written { address, prefix };
            prop_assert_eq!(read(written.to_string().as_bytes()), Some(written));
        }

        #[test]
        fn cidrs_cover_a_range_and_nothing_else(a: u32, b: u32) {
            let mut next = u64::from(a.min(b));
            for cidr in cidrs(a.min(b), a.max(b)) {
                let (first, last) = cidr.range();
                prop_assert_eq!((u64::from(first), first), (next, cidr.address));
                next = u64::from(last) + 1;
            }
            prop_assert_eq!(next, u64::from(a.max(b)) + 1);
        }
    }

    #[test]
    fn the_fewest_cidrs() {
        let texts = |first, last| cidrs(first, last).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(texts(0x0102_0304, 0x0102_0309), ["1.2.3.4/30", "1.2.3.8/31"]);
        assert_eq!(texts(0, u32::MAX), ["0.0.0.0/0"]);
        assert_eq!(texts(7, 7), ["0.0.0.7/32"]);
        assert_eq!(cidrs(1, u32::MAX - 1).len(), 62);
        assert!(cidrs(2, 1).is_empty());
    }
}
