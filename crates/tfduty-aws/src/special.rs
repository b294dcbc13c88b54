//! IPv4 addresses that are never publicly routed: the IANA IPv4 Special-Purpose Address Registry and, beside it, the
//! multicast block.

/// One row of the registry: a range of addresses, both ends included, with the name and the source it has there.
#[derive(Debug, PartialEq, Eq)]
pub struct Special {
    /// The first address of the range.
    pub first: u32,
    /// The last address of the range.
    pub last: u32,
    /// The registry's name: `Private-Use`.
    pub name: &'static str,
    /// Where it is defined: `RFC 1918`.
    pub rfc: &'static str,
}

/// The rows that are not globally reachable, in the order of the registry.
///
/// `192.31.196.0/24`, `192.52.193.0/24` and `192.175.48.0/24` are registered, but globally reachable, and so not here.
pub const TABLE: &[Special] = &[
    row([0, 0, 0, 0], 8, "This network", "RFC 791 §3.2"),
    row([10, 0, 0, 0], 8, "Private-Use", "RFC 1918"),
    row([100, 64, 0, 0], 10, "Shared Address Space", "RFC 6598"),
    row([127, 0, 0, 0], 8, "Loopback", "RFC 1122 §3.2.1.3"),
    row([169, 254, 0, 0], 16, "Link Local", "RFC 3927"),
    row([172, 16, 0, 0], 12, "Private-Use", "RFC 1918"),
    row([192, 0, 0, 0], 24, "IETF Protocol Assignments", "RFC 6890 §2.1"),
    row([192, 0, 2, 0], 24, "Documentation (TEST-NET-1)", "RFC 5737"),
    row([192, 88, 99, 0], 24, "Deprecated (6to4 Relay Anycast)", "RFC 7526"),
    row([192, 168, 0, 0], 16, "Private-Use", "RFC 1918"),
    row([198, 18, 0, 0], 15, "Benchmarking", "RFC 2544"),
    row([198, 51, 100, 0], 24, "Documentation (TEST-NET-2)", "RFC 5737"),
    row([203, 0, 113, 0], 24, "Documentation (TEST-NET-3)", "RFC 5737"),
    row([224, 0, 0, 0], 4, "Multicast", "RFC 5771"),
    row([240, 0, 0, 0], 4, "Reserved", "RFC 1112 §4"),
    row([255, 255, 255, 255], 32, "Limited Broadcast", "RFC 8190, RFC 919 §7"),
];

/// `192.0.0.9` and `192.0.0.10` (Port Control Protocol and TURN anycast): inside a row, yet globally reachable.
const REACHABLE: (u32, u32) = (0xC000_0009, 0xC000_000A);

const fn row(first: [u8; 4], prefix: u32, name: &'static str, rfc: &'static str) -> Special {
    let first = u32::from_be_bytes(first);
    let host_bits = match u32::MAX.checked_shr(prefix) {
        Some(bits) => bits,
        None => 0,
    };
    Special { first, last: first | host_bits, name, rfc }
}

/// The row in which the range from `first` to `last` lies wholly: the narrowest one, so that `255.255.255.255` is the
/// limited broadcast and not merely reserved.
///
/// A range that lies in the union of neighbouring rows (`224.0.0.0/3`) counts, by the row it begins in. One that holds
/// a row and more does not, nor does a range of nothing but globally reachable addresses.
pub fn special_purpose(first: u32, last: u32) -> Option<&'static Special> {
    if first > last || (first >= REACHABLE.0 && last <= REACHABLE.1) {
        return None;
    }
    let mut covered = first;
    loop {
        // Rows are nested or apart, so the one that ends last is the one to go on from.
        let end = holding(covered).map(|row| row.last).max()?;
        if end >= last {
            break;
        }
        covered = end.checked_add(1)?;
    }
    holding(first)
        .filter(|row| last <= row.last)
        .min_by_key(|row| row.last - row.first)
        .or_else(|| holding(first).next())
}

fn holding(address: u32) -> impl Iterator<Item = &'static Special> {
    TABLE.iter().filter(move |row| row.first <= address && address <= row.last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    fn name(range: &str) -> Option<&'static str> {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let number = |text: &str| u32::from(text.parse::<Ipv4Addr>().unwrap());
        special_purpose(number(first), number(last)).map(|row| row.name)
    }

    #[test]
    fn every_row_holds_its_ends_and_itself() {
        for row in TABLE {
            for (first, last) in [(row.first, row.first), (row.first, row.last)] {
                assert_eq!(special_purpose(first, last), Some(row));
            }
            assert!(special_purpose(row.last, row.last).is_some());
        }
    }

    #[test]
    fn a_range_is_judged_whole() {
        for (range, expected) in [
            ("9.255.255.255", None),
            ("10.0.0.0", Some("Private-Use")),
            ("10.255.255.255", Some("Private-Use")),
            ("11.0.0.0", None),
            ("10.1.2.0-10.1.2.255", Some("Private-Use")),
            ("9.0.0.0-10.255.255.255", None),
            ("10.0.0.0-11.0.0.0", None),
            ("0.0.0.0-255.255.255.255", None),
            ("8.8.8.8", None),
            ("100.127.255.255", Some("Shared Address Space")),
            ("100.128.0.0", None),
            ("172.31.255.255", Some("Private-Use")),
            ("172.32.0.0", None),
            ("198.19.255.255", Some("Benchmarking")),
            ("198.20.0.0", None),
        ] {
            assert_eq!(name(range), expected, "{range}");
        }
    }

    #[test]
    fn neighbouring_rows_are_one_range() {
        for (range, expected) in [
            ("224.0.0.0-255.255.255.255", Some("Multicast")),
            ("239.255.255.255-240.0.0.0", Some("Multicast")),
            ("240.0.0.0-255.255.255.255", Some("Reserved")),
            ("255.255.255.254-255.255.255.255", Some("Reserved")),
            ("255.255.255.255", Some("Limited Broadcast")),
            ("223.255.255.255-255.255.255.255", None),
            // Two rows with a gap between them.
            ("192.0.0.0-192.0.2.255", None),
        ] {
            assert_eq!(name(range), expected, "{range}");
        }
    }

    #[test]
    fn globally_reachable_addresses_are_not_inside() {
        for range in [
            "192.0.0.9",
            "192.0.0.10",
            "192.0.0.9-192.0.0.10",
            "192.31.196.0-192.31.196.255",
            "192.52.193.0-192.52.193.255",
            "192.175.48.0-192.175.48.255",
        ] {
            assert_eq!(name(range), None, "{range}");
        }
        // A range with others around them still lies wholly in the row.
        for range in ["192.0.0.8-192.0.0.11", "192.0.0.10-192.0.0.11", "192.0.0.0-192.0.0.255"] {
            assert_eq!(name(range), Some("IETF Protocol Assignments"), "{range}");
        }
    }

    #[test]
    fn a_range_that_runs_backwards_is_none() {
        assert_eq!(special_purpose(0x0A00_0001, 0x0A00_0000), None);
    }

    /// The standard library knows some of the rows: the two must agree on each of their addresses.
    fn known_to_std(address: Ipv4Addr) -> Option<&'static str> {
        [
            (address.is_private(), "Private-Use"),
            (address.is_loopback(), "Loopback"),
            (address.is_link_local(), "Link Local"),
            (address.is_multicast(), "Multicast"),
            (address.is_broadcast(), "Limited Broadcast"),
            (address.is_documentation(), "Documentation"),
            (address.is_unspecified(), "This network"),
        ]
        .into_iter()
        .find_map(|(is, name)| is.then_some(name))
    }

    fn agrees_with_std(address: u32) -> bool {
        let found = special_purpose(address, address).map(|row| row.name);
        if let Some(known) = known_to_std(Ipv4Addr::from(address)) {
            return found.is_some_and(|name| name.starts_with(known));
        }
        let unknown_to_std = [
            "This network",
            "Shared Address Space",
            "IETF Protocol Assignments",
            "Deprecated (6to4 Relay Anycast)",
            "Benchmarking",
            "Reserved",
        ];
        found.is_none_or(|name| unknown_to_std.contains(&name))
    }

    #[test]
    fn the_ends_of_rows_agree_with_std() {
        for row in TABLE {
            for address in [row.first.wrapping_sub(1), row.first, row.last, row.last.wrapping_add(1)] {
                assert!(agrees_with_std(address), "{}", Ipv4Addr::from(address));
            }
        }
    }

    proptest! {
        #[test]
        fn any_address_agrees_with_std(address: u32) {
            prop_assert!(agrees_with_std(address));
        }

        #[test]
        fn a_part_of_a_special_range_is_special(index in 0..TABLE.len(), a: u32, b: u32) {
            let row = &TABLE[index];
            let inside = |x: u32| row.first + x % (row.last - row.first).saturating_add(1);
            let (first, last) = (inside(a).min(inside(b)), inside(a).max(inside(b)));
            prop_assume!(first < REACHABLE.0 || last > REACHABLE.1);
            prop_assert!(special_purpose(first, last).is_some());
        }
    }
}
