//! `FIRE_EYE`: the CSV of Fire Eye's iSIGHT reports. Its header names 47 columns in AWS's sample, where blank lines
//! stand between the rows; the columns are found by their names, whatever their order.
//!
//! The entry is in `cidr`, else in `ip`. A row without either is about something else, and passed over.

use super::List;
use super::format::ListFormat;
use super::indicator::Indicator;
use super::records::{self, Row};

/// Columns whose text tells what a row without an address is about.
const OTHERS: [(&str, Indicator); 6] = [
    ("domain", Indicator::Domain),
    ("url", Indicator::Url),
    ("md5", Indicator::FileHash),
    ("sha1", Indicator::FileHash),
    ("sha256", Indicator::FileHash),
    ("senderAddress", Indicator::Email),
];

struct Columns {
    cidr: usize,
    ip: usize,
    others: Vec<(usize, Indicator)>,
}

impl Columns {
    fn of(header: &Row<'_>) -> Option<Self> {
        let others = OTHERS.iter().filter_map(|(name, indicator)| Some((header.find(name)?, *indicator)));
        Some(Self { cidr: header.find("cidr")?, ip: header.find("ip")?, others: others.collect() })
    }

    fn read(&self, row: &Row<'_>, list: &mut List) {
        let is_filled = |field: usize| !row.text(field).is_empty();
        let needed = self.cidr.max(self.ip) + 1;
        if let Some(field) = [self.cidr, self.ip].into_iter().find(|field| is_filled(*field)) {
            list.read_field(row, field);
        } else if row.count() < needed {
            list.reject(row.place, || row.too_few(u32::try_from(needed).unwrap_or(u32::MAX)));
        } else {
            let other = self.others.iter().find(|(field, _)| is_filled(*field));
            list.skip(other.map_or(Indicator::Other, |(_, indicator)| *indicator), row.place);
        }
    }
}

pub(super) fn parse(bytes: &[u8], start: usize, list: &mut List) {
    records::read(ListFormat::FireEye, bytes, start, list, Columns::of, |list, row, columns| {
        // Without a header nothing tells which column is which: no row can be read.
        if let Some(columns) = columns {
            columns.read(row, list);
        }
    });
}

#[cfg(test)]
mod tests {
    use crate::list::ListFormat::FireEye;
    use crate::list::tests::{said, written};

    /// The 47 columns of AWS's sample.
    const HEADER: &str = "reportId, title, threatScape, audience, intelligenceType, publishDate, reportLink, \
        webLink, emailIdentifier, senderAddress, senderName, sourceDomain, sourceIp, subject, recipient, \
        emailLanguage, fileName, fileSize, fuzzyHash, fileIdentifier, md5, sha1, sha256, description, fileType, \
        packer, userAgent, registry, fileCompilationDateTime, filePath, asn, cidr, domain, domainTimeOfLookup, \
        networkIdentifier, ip, port, protocol, registrantEmail, registrantName, networkType, url, malwareFamily, \
        malwareFamilyId, actor, actorId, observationTime";

    /// A row of those columns with text in some.
    fn row(filled: &[(&str, &str)]) -> String {
        let text = |name: &str| filled.iter().find(|(column, _)| *column == name).map_or("", |(_, text)| *text);
        HEADER.split(", ").map(|name| text(name.trim())).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn cidr_else_ip_with_blank_lines_between_rows() {
        assert_eq!(HEADER.split(',').count(), 47);
        let rows = [
            row(&[("reportId", "01-1"), ("sourceIp", "9.9.9.9"), ("cidr", "192.0.2.0/24"), ("networkType", "network")]),
            row(&[("reportId", "01-2"), ("networkIdentifier", "Related"), ("ip", "198.51.100.1")]),
            row(&[("reportId", " 01-3"), ("cidr", "203.0.113.0/24"), ("domain", "example.com"), ("ip", "203.0.113.0")]),
        ];
        let text = format!("{HEADER}\n\n{}\n", rows.join("\n\n"));
        assert_eq!(written(FireEye, &text), ["192.0.2.0/24", "198.51.100.1", "203.0.113.0/24"]);
        let lines: Vec<String> =
            said(FireEye, &text).iter().map(|line| line.split(':').next().unwrap().to_owned()).collect();
        assert_eq!(lines, ["3", "5", "7"]);
    }

    #[test]
    fn columns_are_found_by_name() {
        assert_eq!(
            said(FireEye, "IP,\"title\",Cidr\n1.2.3.4,\"a, b\",\n,x,1.2.3.0/24\n\n5.6.7.8\n"),
            ["2:1 1.2.3.4", "3:4 1.2.3.0/24", "5:1 5.6.7.8"]
        );
    }

    #[test]
    fn other_indicators_are_passed_over_and_counted() {
        let rows =
            ["domain", "url", "md5", "sha256", "senderAddress", "title", "domain"].map(|column| row(&[(column, "x")]));
        assert_eq!(
            said(FireEye, format!("{HEADER}\n{}\n", rows.join("\n"))),
            ["2:1 ~ 2 domain", "3:1 ~ 1 URL", "4:1 ~ 2 file hash", "6:1 ~ 1 email", "7:1 ~ 1 other",]
        );
    }

    #[test]
    fn what_is_wrong_in_a_row() {
        assert_eq!(
            said(FireEye, "title,cidr,ip\na\na,b\na,,\n,,\na,1.2.3.4/33,5.6.7.8\na,,2001:db8::1\n# c\na,,example.com"),
            [
                "2:1 ! has 1 of the 3 fields that it needs",
                "3:3 ! is no IPv4 address or CIDR",
                "4:1 ~ 1 other",
                "6:3 ! has a prefix over 32",
                "7:4 ! is an IPv6 address, which GuardDuty's lists do not support",
                "8:1 ! is a comment, which list formats do not have",
                "9:4 ! is a domain name: IP lists hold IPv4 addresses and CIDRs alone",
            ]
        );
    }

    #[test]
    fn without_a_header_nothing_can_be_read() {
        for header in ["reportId,title,ip", "reportId,cidr", "1.2.3.4,a,b"] {
            let said = said(FireEye, format!("\n{header}\na,b,1.2.3.4\n"));
            assert_eq!(said, ["2:1 ! is not the header that FIRE_EYE begins with"], "{header}");
        }
    }
}
