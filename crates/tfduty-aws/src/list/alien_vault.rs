//! `ALIEN_VAULT`: the reputation feed of Alien Vault, eight fields with `#` between them, without a header:
//!
//! ```text
//! ip#reliability#risk#activity#country#city#latitude,longitude#id
//! ```
//!
//! AWS's samples have addresses in the first field; a CIDR is taken too, and so are more than eight fields.

use super::List;
use super::lookalike::is_comment;
use super::place::{Lines, Place, trimmed};
use super::reason::Reason;

const FIELDS: u32 = 8;

pub(super) fn parse(bytes: &[u8], start: usize, list: &mut List) {
    for (place, line) in Lines::new(bytes, start) {
        if line.contains(&b'\r') {
            // Likely all that follows it was meant to be another line.
            list.reject(place, || Reason::LoneCarriageReturn);
            continue;
        }
        let fields = line.split(|byte| *byte == b'#').count();
        let found = u32::try_from(fields).unwrap_or(u32::MAX);
        if found < FIELDS {
            let too_few = Reason::TooFewFields { found, needed: FIELDS };
            list.reject(place, || if is_comment(line) { Reason::Comment } else { too_few });
            continue;
        }
        let first = line.iter().position(|byte| *byte == b'#').unwrap_or(line.len());
        let (_, end) = trimmed(line, 0, first);
        if first == 0 {
            list.reject(place, || Reason::NoValue);
        } else {
            list.read(Place { len: end, ..place }, &line[..end]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::list::ListFormat::AlienVault;
    use crate::list::tests::{said, written};

    #[test]
    fn the_first_of_eight_fields() {
        let text = "198.51.100.1#4#2#Malicious Host#US##0.0,0.0#3\n203.0.113.0/24 #4#2##CN#Guangzhou#23.1,113.2#3\n\
                    192.0.2.3#4#2#a#b#c#d#e#f\n192.0.2.4#######\n";
        assert_eq!(written(AlienVault, text), ["198.51.100.1", "203.0.113.0/24", "192.0.2.3", "192.0.2.4"]);
    }

    #[test]
    fn what_is_wrong_in_a_row() {
        assert_eq!(
            said(
                AlienVault,
                "1.2.3.4\n1.2.3.4#1#2#3#4#5#6\n  www.test.org#4#2#Malicious Host#CA#Brossard#45.4,-73.4#3\n\
                 #4#2#Malicious Host#US##0.0,0.0#3\n# comment\n2001:db8::1#4#2#a#b#c#d#e\n1.2.3.4:80#4#2#a#b#c#d#e"
            ),
            [
                "1:1 ! has 1 of the 8 fields that it needs",
                "2:1 ! has 7 of the 8 fields that it needs",
                "3:3 ! is a domain name: IP lists hold IPv4 addresses and CIDRs alone",
                "4:1 ! has nothing where the address belongs",
                "5:1 ! is a comment, which list formats do not have",
                "6:1 ! is an IPv6 address, which GuardDuty's lists do not support",
                "7:1 ! has a port behind the address, which a list does not take",
            ]
        );
    }
}
