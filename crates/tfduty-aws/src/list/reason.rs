//! Why a piece of a list is no entry.

use super::format::ListFormat;
use super::lexer::{Written, cidrs};

/// Why a line, a row or an element is no entry, as the end of a sentence that begins with its subject ("line 3 …").
///
/// None of them repeats the text: it may be secret, or hold control characters, and the caller knows how to show it.
/// What was probably meant is apart, in [`Reason::suggestion`], for the same reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Reason {
    /// A byte order mark, at the start of a TXT list or of a line. What follows the one at the start is read.
    #[error("begins with a byte order mark, which no address has: save the file as UTF-8 without it")]
    ByteOrderMark,
    /// Bytes that are not UTF-8.
    #[error("has bytes that are not UTF-8")]
    NotUtf8,
    /// A carriage return that no line feed follows.
    #[error("has a carriage return that ends no line: end lines with a line feed")]
    LoneCarriageReturn,
    /// A control character, NUL included.
    #[error("has a control character")]
    ControlCharacter,
    /// Letters, digits, dashes or spaces outside ASCII; what they look like, if that is an entry.
    #[error("has characters outside ASCII, visible or not")]
    NonAscii(Option<Written>),
    /// A comment of any of the usual kinds.
    #[error("is a comment, which list formats do not have")]
    Comment,
    /// An IPv6 address or network.
    #[error("is an IPv6 address, which GuardDuty's lists do not support")]
    Ipv6,
    /// A domain's name.
    #[error("is a domain name: IP lists hold IPv4 addresses and CIDRs alone")]
    Domain,
    /// A URL, and its host if that is an address.
    #[error("is a URL: give its host's address alone")]
    Url(Option<Written>),
    /// An address with a port.
    #[error("has a port behind the address, which a list does not take")]
    Port(Written),
    /// An address whose dots are bracketed, as reports of threats write them: `198.51.100[.]7`.
    #[error("is defanged: write its dots without brackets")]
    Defanged(Written),
    /// An entry in quotes or brackets, or behind a list mark.
    #[error("has quotes, brackets or a list mark around the entry")]
    Wrapped(Written),
    /// A backslash in place of the slash.
    #[error("has a backslash where a slash belongs")]
    Backslash(Written),
    /// A prefix over 32.
    #[error("has a prefix over 32")]
    PrefixTooLong,
    /// A prefix with leading zeros.
    #[error("has a prefix with a leading zero")]
    PrefixLeadingZero(Written),
    /// Nothing behind the slash.
    #[error("has no number behind the slash")]
    PrefixMissing,
    /// Something else than digits behind the slash.
    #[error("has no plain number from 0 to 32 behind the slash")]
    PrefixNotANumber,
    /// A netmask or a wildcard mask, and the CIDR if its bits are in one piece.
    #[error("has a netmask where the length of the prefix belongs")]
    Netmask(Option<Written>),
    /// An octet over 255.
    #[error("has an octet over 255")]
    OctetTooLarge,
    /// An octet with leading zeros, and the entry without them.
    #[error("has an octet with a leading zero, which some programs read as an octal number")]
    OctetLeadingZero(Written),
    /// Not four octets; the CIDR with those that lack as zeros, if there is a prefix.
    #[error("does not have four octets")]
    OctetCount(Option<Written>),
    /// Stars in place of octets, and the CIDR if only the last ones are.
    #[error("has a wildcard, which no address has: write a CIDR")]
    Wildcard(Option<Written>),
    /// A range, from the first to the last address.
    #[error("is a range, which the format does not have: write the CIDRs that cover it")]
    Range {
        /// The first address.
        first: u32,
        /// The last address, not before the first.
        last: u32,
    },
    /// A range whose end comes before its start.
    #[error("is a range that ends before it begins")]
    RangeBackwards,
    /// Several entries.
    #[error("holds several entries: write one a line")]
    Several,
    /// An entry, and other text behind it: a comment, a comma, a name.
    #[error("has text behind the entry")]
    TextBehind(Written),
    /// White space within an entry.
    #[error("has white space within the entry")]
    WhiteSpace(Written),
    /// Nothing of the above.
    #[error("is no IPv4 address or CIDR")]
    NotAnAddress,
    /// The first line that is not blank is not the header of the format, or lacks the columns that matter.
    #[error("is not the header that {0} begins with")]
    Header(ListFormat),
    /// A row without a value where the entry belongs.
    #[error("has nothing where the address belongs")]
    NoValue,
    /// A row with fewer fields than the format asks for.
    #[error("has {found} of the {needed} fields that it needs")]
    TooFewFields {
        /// How many there are.
        found: u32,
        /// How many there must be at least.
        needed: u32,
    },
    /// A row of `PROOF_POINT` without ports and without the comma that must stay when they are left out.
    #[error("lacks the comma behind last_seen, which must be there even without ports")]
    PortsComma,
    /// A row of `OTX_CSV` that holds an address, but whose type is none that the format knows.
    #[error("has an indicator type other than IPv4 and CIDR for its address")]
    IndicatorType,
    /// A quoted field without an end.
    #[error("opens a quote that is never closed")]
    UnclosedQuote,
    /// A quoted field that goes on behind its closing quote.
    #[error("has text between a closing quote and the next comma")]
    TextBehindQuote,
    /// A document type definition.
    #[error("is a document type definition, which is not read")]
    Doctype,
    /// A reference to an entity other than XML's own five and numbered characters.
    #[error("refers to an entity, which is not read")]
    Entity,
    /// An XML document of another kind.
    #[error("is the root of the document, but not a STIX_Package")]
    Root,
    /// An `Address_Value` that is no address, and that its parent says is none: `category="e-mail"`.
    #[error("has a category other than ipv4-addr")]
    Category,
    /// An `Address_Value` with a condition other than `Equals` and `InclusiveBetween`.
    #[error("has a condition other than Equals and InclusiveBetween")]
    Condition,
    /// An `InclusiveBetween` without exactly two addresses.
    #[error("does not have two addresses, a first and a last, joined by ##comma##")]
    RangeEnds,
    /// A start tag without white space before its first attribute, as in AWS's own sample of a range.
    #[error("has no space between the element's name and its first attribute")]
    XmlAttributeGlued,
    /// An end tag that closes no element, or another than the one that is open.
    #[error("closes an element that is not the open one; nothing behind it is read")]
    XmlMismatchedTag,
    /// The document ends within an element or a tag.
    #[error("is left open when the document ends")]
    XmlUnclosed,
    /// Text or a second element outside the root.
    #[error("stands outside the root element")]
    XmlOutsideRoot,
    /// Anything else that is not well-formed.
    #[error("is not well-formed XML; nothing behind it is read")]
    XmlSyntax,
}

/// How many CIDRs a suggestion spells out.
const SPELLED_OUT: usize = 8;

impl Reason {
    /// What was probably meant, ready to be written in the entry's place: `10.0.0.0/8`, or the CIDRs that cover a
    /// range, eight at most, with commas between them. It is made from the entry, and as secret as that.
    pub fn suggestion(&self) -> Option<String> {
        match *self {
            Self::Port(meant)
            | Self::Defanged(meant)
            | Self::Wrapped(meant)
            | Self::Backslash(meant)
            | Self::PrefixLeadingZero(meant)
            | Self::OctetLeadingZero(meant)
            | Self::TextBehind(meant)
            | Self::WhiteSpace(meant) => Some(meant.to_string()),
            Self::NonAscii(meant)
            | Self::Url(meant)
            | Self::Netmask(meant)
            | Self::OctetCount(meant)
            | Self::Wildcard(meant) => meant.map(|meant| meant.to_string()),
            Self::Range { first, last } => {
                let cidrs = cidrs(first, last);
                let shown: Vec<String> = cidrs.iter().take(SPELLED_OUT).map(ToString::to_string).collect();
                let more = cidrs.len() - shown.len();
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                Some(shown.join(", ") + &more)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_spelled_out_within_reason() {
        let suggestion = |first, last| Reason::Range { first, last }.suggestion();
        assert_eq!(suggestion(0x0102_0304, 0x0102_0309).unwrap(), "1.2.3.4/30, 1.2.3.8/31");
        assert!(suggestion(1, u32::MAX - 1).unwrap().ends_with(" and 54 more"));
    }

    #[test]
    fn a_reason_is_small() {
        assert!(size_of::<Reason>() <= 12);
    }
}
