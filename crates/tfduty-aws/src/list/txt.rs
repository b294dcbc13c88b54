//! `TXT`: one address or CIDR a line.
//!
//! AWS documents no comments, so a comment is invalid, and so is a byte order mark. Blank lines and white space around
//! an entry are not documented either, but so common that they are let pass.

use super::List;
use super::place::{Line, Lines, Place};
use super::reason::Reason;

pub(super) fn parse(bytes: &[u8], start: usize, list: &mut List) {
    if start > 0 {
        list.reject(Place::new(Line::FIRST, 0, start), || Reason::ByteOrderMark);
    }
    for (place, line) in Lines::new(bytes, start) {
        list.read(place, line);
    }
}

#[cfg(test)]
mod tests {
    use crate::list::ListFormat::Txt;
    use crate::list::tests::{said, written};

    #[test]
    fn one_entry_a_line() {
        assert_eq!(
            written(Txt, " 192.0.2.1\t\n\n192.0.2.0/24 \r\n\t198.51.100.7/24"),
            ["192.0.2.1", "192.0.2.0/24", "198.51.100.7/24"]
        );
        assert_eq!(said(Txt, "\n  1.2.3.4\n\t1.2.3.0/24\n"), ["2:3 1.2.3.4", "3:2 1.2.3.0/24"]);
    }

    #[test]
    fn every_other_line_is_invalid() {
        assert_eq!(
            said(
                Txt,
                "ip_address\n1.2.3.4\n# office\n; a\n// b\n2001:db8::1\nexample.com\n1.2.3.4/33\n 1.2.3.4, \n1.2.3.4\r\r\n"
            ),
            [
                "1:1 ! is no IPv4 address or CIDR",
                "2:1 1.2.3.4",
                "3:1 ! is a comment, which list formats do not have",
                "4:1 ! is a comment, which list formats do not have",
                "5:1 ! is a comment, which list formats do not have",
                "6:1 ! is an IPv6 address, which GuardDuty's lists do not support",
                "7:1 ! is a domain name: IP lists hold IPv4 addresses and CIDRs alone",
                "8:1 ! has a prefix over 32",
                "9:2 ! has text behind the entry",
                "10:1 ! has a carriage return that ends no line: end lines with a line feed",
            ]
        );
    }

    #[test]
    fn a_byte_order_mark_has_columns_and_may_stand_on_any_line() {
        assert_eq!(
            said(Txt, "\u{FEFF}1.2.3.4\n\u{FEFF}5.6.7.8\n"),
            [
                "1:1 ! begins with a byte order mark, which no address has: save the file as UTF-8 without it",
                "1:4 1.2.3.4",
                "2:1 ! begins with a byte order mark, which no address has: save the file as UTF-8 without it",
            ]
        );
    }
}
