//! `PROOF_POINT`: the CSV of Proofpoint's ET Intelligence feed:
//!
//! ```text
//! ip, category, score, first_seen, last_seen, ports (|)
//! 198.51.100.1, 1, 100, 2000-01-01, 2000-01-01,
//! 203.0.113.1, 1, 100, 2000-01-01, 2000-01-01, 80
//! ```
//!
//! The ports may be left out, but the comma before them must stay (User Guide, "List formats"). AWS's samples have
//! addresses in the first column; a CIDR is taken too.

use super::List;
use super::format::ListFormat;
use super::reason::Reason;
use super::records::{self, Row};

pub(super) fn parse(bytes: &[u8], start: usize, list: &mut List) {
    records::read(ListFormat::ProofPoint, bytes, start, list, header, |list, row, _| match row.count() {
        6.. => list.read_field(row, 0),
        5 => list.reject(row.place, || Reason::PortsComma),
        _ => list.reject(row.place, || row.too_few(6)),
    });
}

fn header(row: &Row<'_>) -> Option<()> {
    let names = ["ip", "category", "score", "first_seen", "last_seen"];
    // The bar in `ports (|)` says how the ports are joined; some leave it out.
    let has_ports = row.text(5).get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"ports"));
    (names.iter().enumerate().all(|(field, name)| row.is(field, name)) && has_ports).then_some(())
}

#[cfg(test)]
mod tests {
    use crate::list::ListFormat::ProofPoint;
    use crate::list::tests::{said, written};

    const HEADER: &str = "ip, category, score, first_seen, last_seen, ports (|)\n";

    fn rows(rows: &str) -> Vec<String> {
        said(ProofPoint, HEADER.to_owned() + rows)
    }

    #[test]
    fn ports_are_optional_and_their_comma_is_not() {
        let text = HEADER.to_owned()
            + "198.51.100.1, 1, 100, 2000-01-01, 2000-01-01,\n203.0.113.1, 1, 100, 2000-01-01, 2000-01-01, 80|443\n\
               203.0.113.0/24,\"a, b\",,,,\n192.0.2.1,,,,, ,\n";
        assert_eq!(written(ProofPoint, &text), ["198.51.100.1", "203.0.113.1", "203.0.113.0/24", "192.0.2.1"]);
        assert_eq!(
            rows("198.51.100.1, 1, 100, 2000-01-01, 2000-01-01\n198.51.100.2,,,,\n"),
            [
                "2:1 ! lacks the comma behind last_seen, which must be there even without ports",
                "3:1 ! lacks the comma behind last_seen, which must be there even without ports",
            ]
        );
    }

    #[test]
    fn what_is_wrong_in_a_row() {
        assert_eq!(
            rows(
                "1.2.3.4\n1.2.3.4,1,100\nexample.com,1,100,a,b,\n2001:db8::1,1,100,a,b,\n,1,100,a,b,\n; a\n,,,,,\n010.0.0.1,1,100,a,b,"
            ),
            [
                "2:1 ! has 1 of the 6 fields that it needs",
                "3:1 ! has 3 of the 6 fields that it needs",
                "4:1 ! is a domain name: IP lists hold IPv4 addresses and CIDRs alone",
                "5:1 ! is an IPv6 address, which GuardDuty's lists do not support",
                "6:1 ! has nothing where the address belongs",
                "7:1 ! is a comment, which list formats do not have",
                "9:1 ! has an octet with a leading zero, which some programs read as an octal number",
            ]
        );
    }

    #[test]
    fn the_header_is_wanted() {
        let row = "\n1.2.3.4, 1, 100, 2000-01-01, 2000-01-01,";
        for header in
            ["IP,Category,SCORE,first_seen,last_seen,ports (|)", "ip,category,score,first_seen,last_seen,Ports,x"]
        {
            assert_eq!(said(ProofPoint, header.to_owned() + row), ["2:1 1.2.3.4"], "{header}");
        }
        // The header of an entity list, the columns without ports, and a row.
        for header in [
            "domain, category, score, first_seen, last_seen, ports (|)",
            "ip, category, score, first_seen, last_seen",
            "9.9.9.9, 1, 100, 2000-01-01, 2000-01-01,",
        ] {
            assert_eq!(
                said(ProofPoint, header.to_owned() + row),
                ["1:1 ! is not the header that PROOF_POINT begins with", "2:1 1.2.3.4"]
            );
        }
    }
}
