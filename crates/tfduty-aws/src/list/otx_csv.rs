//! `OTX_CSV`: the CSV export of the Open Threat Exchange, OTX:
//!
//! ```text
//! Indicator type, Indicator, Description
//! CIDR, 192.0.2.0/24, example
//! IPv4, 198.51.100.1, example
//! ```
//!
//! AWS documents the types `IPv4` and `CIDR` (and, in an entity list, `Domain name`), and not what it does with the
//! others of an export: their rows are passed over. A row of a type that OTX does not have is not, if it holds an
//! address: the type is then a slip. `IPv4` with a CIDR and `CIDR` with an address are taken.

use super::List;
use super::format::ListFormat;
use super::indicator::Indicator;
use super::lexer::read;
use super::reason::Reason;
use super::records::{self, Row};

const TYPE: usize = 0;
const INDICATOR: usize = 1;

pub(super) fn parse(bytes: &[u8], start: usize, list: &mut List) {
    records::read(ListFormat::OtxCsv, bytes, start, list, header, |list, row, _| {
        if row.count() <= INDICATOR {
            list.reject(row.place, || row.too_few(2));
        } else if row.is(TYPE, "IPv4") || row.is(TYPE, "CIDR") {
            list.read_field(row, INDICATOR);
        } else if let Some(indicator) = indicator(row.text(TYPE)) {
            list.skip(indicator, row.place);
        } else if read(row.text(INDICATOR)).is_some() || read(row.text(TYPE)).is_some() {
            list.reject(row.place, || Reason::IndicatorType);
        } else {
            list.skip(Indicator::Other, row.place);
        }
    });
}

fn header(row: &Row<'_>) -> Option<()> {
    let names = ["Indicator type", "Indicator", "Description"];
    names.iter().enumerate().all(|(field, name)| row.is(field, name)).then_some(())
}

/// The types of OTX that are no addresses (its API's indicator types), and GuardDuty's own `Domain name`.
fn indicator(kind: &[u8]) -> Option<Indicator> {
    let kind = str::from_utf8(kind).ok()?.to_ascii_lowercase();
    Some(match kind.as_str() {
        "ipv6" => Indicator::Ipv6,
        "domain" | "domain name" => Indicator::Domain,
        "hostname" => Indicator::Hostname,
        "url" | "uri" => Indicator::Url,
        "email" => Indicator::Email,
        "cve" | "mutex" | "filepath" | "yara" | "ja3" | "osquery" | "bitcoinaddress" | "sslcertfingerprint" => {
            Indicator::Other
        }
        hash if hash.starts_with("filehash-") => Indicator::FileHash,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::list::ListFormat::OtxCsv;
    use crate::list::tests::{said, written};

    /// What is read from rows behind a sound header.
    fn rows(rows: &str) -> Vec<String> {
        said(OtxCsv, format!("Indicator type, Indicator, Description\n{rows}"))
    }

    #[test]
    fn addresses_and_cidrs() {
        let text = "Indicator type,Indicator,Description\nCIDR, 192.0.2.0/24, example\nipv4 ,198.51.100.1,\"a, \"\"b\"\"\"\n\
                    CIDR,\"203.0.113.1\", x\nIPv4, \"203.0.113.0/31\" ,\nIPV4,203.0.113.9\n\"IPv4\",203.0.113.8,a,b,c\n";
        let entries = ["192.0.2.0/24", "198.51.100.1", "203.0.113.1", "203.0.113.0/31", "203.0.113.9", "203.0.113.8"];
        assert_eq!(written(OtxCsv, text), entries);
        assert_eq!(rows("IPv4, \" 1.2.3.4 \", x"), ["2:9 1.2.3.4"]);
    }

    #[test]
    fn a_quoted_field_may_span_lines() {
        assert_eq!(
            rows("IPv4,1.2.3.4,\"two\r\nlines, and\n\na \"\"quote\"\"\"\nIPv4,5.6.7.8,x\n"),
            ["2:6 1.2.3.4", "6:6 5.6.7.8"]
        );
        assert_eq!(
            rows("\"\n\",\"1.2.3.4\"\n \"IPv4\" , \"5.6.7.8\""),
            ["2:1 ! has an indicator type other than IPv4 and CIDR for its address", "4:12 5.6.7.8"]
        );
    }

    #[test]
    fn other_indicators_are_passed_over_and_counted() {
        assert_eq!(
            rows(
                "domain,example.com,\nIPv4,1.2.3.4,\nDomain name,example.net,\nIPv6,2001:db8::1,\nhostname,a.example.com,\n\
                 URL,http://example.com,\nURI,/x,\nFileHash-MD5,d41d8cd98f00b204e9800998ecf8427e,\nFileHash-SHA256,x,\n\
                 email,a@example.com,\nCVE,CVE-2024-1,\nMutex,1.2.3.4,\nYARA,x,\nnonsense,x,\n"
            ),
            [
                "2:1 ~ 2 domain",
                "3:6 1.2.3.4",
                "5:1 ~ 1 IPv6",
                "6:1 ~ 1 hostname",
                "7:1 ~ 2 URL",
                "9:1 ~ 2 file hash",
                "11:1 ~ 1 email",
                "12:1 ~ 4 other",
            ]
        );
    }

    #[test]
    fn what_is_wrong_in_a_row() {
        assert_eq!(
            rows(
                "1.2.3.4\nIPv4\nIPv4,,x\nIPv4,example.com,x\nIPv4,2001:db8::1,\nCIDR,1.2.3.4/33,\nIP,1.2.3.4,x\n,1.2.3.4,x\n\
                 1.2.3.4,office\n# a comment, of sorts\n, ,\nIPv4,1.2.3.4\\32,x"
            ),
            [
                "2:1 ! has 1 of the 2 fields that it needs",
                "3:1 ! has 1 of the 2 fields that it needs",
                "4:1 ! has nothing where the address belongs",
                "5:6 ! is a domain name: IP lists hold IPv4 addresses and CIDRs alone",
                "6:6 ! is an IPv6 address, which GuardDuty's lists do not support",
                "7:6 ! has a prefix over 32",
                "8:1 ! has an indicator type other than IPv4 and CIDR for its address",
                "9:1 ! has an indicator type other than IPv4 and CIDR for its address",
                "10:1 ! has an indicator type other than IPv4 and CIDR for its address",
                "11:1 ! is a comment, which list formats do not have",
                "13:6 ! has a backslash where a slash belongs",
            ]
        );
    }

    #[test]
    fn broken_quotes_cost_a_row_and_not_the_list() {
        assert_eq!(
            rows("IPv4,1.2.3.4,\"open\nIPv4,5.6.7.8,x\n"),
            ["2:14 ! opens a quote that is never closed", "3:6 5.6.7.8"]
        );
        assert_eq!(
            rows("IPv4,1.2.3.4,\"say \"hello\" now\"\nIPv4,5.6.7.8,\"a\" \n"),
            ["2:20 ! has text between a closing quote and the next comma", "3:6 5.6.7.8"]
        );
        // A quote within a field that has none at its start is a character.
        assert_eq!(rows("IPv4,1.2.3.4,a 5\" disk\n"), ["2:6 1.2.3.4"]);
    }

    #[test]
    fn the_header_is_the_first_line_that_is_neither_blank_nor_a_comment() {
        for header in [
            "Indicator type, Indicator, Description",
            "INDICATOR TYPE,indicator,description,more",
            "\n \n\"Indicator type\" ,\"Indicator\", \"Description\" ",
        ] {
            assert_eq!(said(OtxCsv, format!("{header}\nIPv4,1.2.3.4,")).len(), 1, "{header:?}");
        }
        assert_eq!(
            said(OtxCsv, "# from OTX\nIndicator type,Indicator,Description\nIPv4,1.2.3.4,"),
            ["1:1 ! is a comment, which list formats do not have", "3:6 1.2.3.4"]
        );
        for header in ["IPv4, 9.9.9.9, x", "Indicator type,Indicator", "Indicator, Indicator type, Description"] {
            assert_eq!(
                said(OtxCsv, format!("{header}\nIPv4,1.2.3.4,")),
                ["1:1 ! is not the header that OTX_CSV begins with", "2:6 1.2.3.4"]
            );
        }
    }
}
