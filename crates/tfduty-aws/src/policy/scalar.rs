//! Numbers, booleans and ranges of addresses, as they stand in conditions.

use std::net::IpAddr;

use ipnetwork::IpNetwork;

/// An integer or decimal value (IAM User Guide, "Numeric condition operators"), as long as it can be told from its
/// neighbours.
pub(super) fn number(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() > 15 {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    // Zero is one number.
    Some(number + 0.0)
}

/// `true` or `false`, in whatever case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    [("true", true), ("false", false)]
        .into_iter()
        .find_map(|(name, value)| text.eq_ignore_ascii_case(name).then_some(value))
}

/// An address or a CIDR range in its standard form: no netmask, no leading zeros.
pub(super) fn range(text: &str) -> Option<IpNetwork> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        None => most,
        Some(digits) if digits == "0" || digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0') => {
            digits.parse().ok()?
        }
        Some(_) => return None,
    };
    IpNetwork::new(address, prefix).ok()
}

/// Whether the ranges have every IPv4 address between them.
pub(super) fn cover_ipv4(ranges: &[IpNetwork]) -> bool {
    let mut bounds: Vec<(u64, u64)> = ranges
        .iter()
        .filter_map(|range| match range {
            IpNetwork::V4(range) => Some((u32::from(range.network()).into(), u32::from(range.broadcast()).into())),
            IpNetwork::V6(_) => None,
        })
        .collect();
    bounds.sort_unstable();
    // All addresses below this one are covered.
    let mut next = 0;
    for (first, last) in bounds {
        if first > next {
            return false;
        }
        next = next.max(last + 1);
    }
    next > u64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (text, expected) in [
            ("10", Some(10.0)),
            ("-1.5", Some(-1.5)),
            ("-0", Some(0.0)),
            ("111122223333", Some(111_122_223_333.0)),
            ("1.2", Some(1.2)),
            ("1e3", None),
            ("+1", None),
            (".5", None),
            ("1.", None),
            // Fifteen digits can be told apart.
            ("12345678901234", Some(12_345_678_901_234.0)),
            ("123456789012.345", Some(123_456_789_012.345)),
            ("123456789012345.0", None),
            ("1234567890123456", None),
            ("inf", None),
            ("", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
        assert!(number("-0").is_some_and(f64::is_sign_positive));
    }

    #[test]
    fn ranges() {
        for (text, expected) in [
            ("203.0.113.7", Some("203.0.113.7/32")),
            ("10.0.0.0/8", Some("10.0.0.0/8")),
            ("10.1.2.3/8", Some("10.1.2.3/8")),
            ("0.0.0.0/0", Some("0.0.0.0/0")),
            ("2001:db8::/32", Some("2001:db8::/32")),
            ("::/0", Some("::/0")),
            ("10.0.0.0/08", None),
            ("10.0.0.0/+8", None),
            ("10.0.0.0/", None),
            ("10.0.0.0/33", None),
            ("10.0.0.0/255.0.0.0", None),
            ("010.0.0.1", None),
            (" 10.0.0.1", None),
            ("fe80::1%eth0", None),
            ("", None),
        ] {
            assert_eq!(range(text).map(|range| range.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn ranges_that_cover_all() {
        for (ranges, expected) in [
            (&["0.0.0.0/0"][..], true),
            (&["128.0.0.0/1", "0.0.0.0/1"], true),
            (&["0.0.0.0/1", "128.0.0.0/2", "10.0.0.0/8", "192.0.0.0/2"], true),
            (&["0.0.0.0/1", "192.0.0.0/2"], false),
            (&["0.0.0.0/1"], false),
            (&["::/0"], false),
            (&["255.0.0.0/8", "1.0.0.0/8"], false),
            (&[], false),
        ] {
            let read: Vec<_> = ranges.iter().filter_map(|text| range(text)).collect();
            assert_eq!(cover_ipv4(&read), expected, "{ranges:?}");
        }
        // Half of what is left, 32 times over: all but the last address.
        let halves: Vec<_> = (1..=32)
            .map(|prefix| {
                range(&format!("{}/{prefix}", std::net::Ipv4Addr::from(!(u32::MAX >> (prefix - 1))))).unwrap()
            })
            .collect();
        assert!(!cover_ipv4(&halves));
    }
}
