//! `STIX`: an XML package of STIX 1.x, whose addresses are objects of `CybOX`:
//!
//! ```text
//! <stix:STIX_Package …><stix:Observables …><cybox:Observable …><cybox:Object …>
//!   <cybox:Properties xsi:type="AddressObject:AddressObjectType" category="ipv4-addr">
//!     <AddressObject:Address_Value condition="InclusiveBetween">192.0.2.0##comma##192.0.2.255</AddressObject:Address_Value>
//! ```
//!
//! An entry is in an `Address_Value`, whatever its prefix and whatever stands around it. A document type definition and
//! entities are not read: they are invalid. Where XML stops being well-formed reading stops, since nobody knows what
//! GuardDuty makes of the rest.

#[cfg(test)]
mod tests;
mod value;

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::{BytesStart, Event};

use self::value::{Condition, Kind, Value, referenced};
use super::List;
use super::entry::Entry;
use super::lexer::{read, read_address};
use super::lookalike::explain;
use super::place::{Place, Places};
use super::reason::Reason;

pub(super) fn parse(bytes: &[u8], start: usize, list: &mut List) {
    let text = readable(bytes);
    let package = Package { list, places: Places::new(bytes), start, parents: Vec::new(), root: None, value: None };
    package.read(Reader::from_str(&text));
}

/// The bytes as text of the same length. Where they are not UTF-8 there are question marks: a title in an older
/// encoding is no reason to miss the addresses.
fn readable(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    Cow::Owned(text)
}

/// What an open element says of an address or a domain in it.
#[derive(Debug, Clone, Copy)]
struct Parent {
    /// Whether it has a category, and one that is not of IPv4.
    is_other_category: bool,
    /// Whether its `xsi:type` is that of a domain.
    is_domain: bool,
}

impl Parent {
    fn of(tag: &BytesStart<'_>) -> Self {
        let category = attribute(tag, "category");
        let is_ipv4 = |category: &Cow<'_, str>| matches!(category.as_ref(), "ipv4-addr" | "cidr");
        let kind = attribute(tag, "type");
        Self {
            is_other_category: category.is_some_and(|category| !is_ipv4(&category)),
            is_domain: kind.is_some_and(|kind| kind.rsplit(':').next() == Some("DomainNameObjectType")),
        }
    }
}

/// The value of the first attribute with a local name, as written.
fn attribute<'t>(tag: &'t BytesStart<'_>, name: &str) -> Option<Cow<'t, str>> {
    // To look for duplicates is quadratic in the attributes of an element.
    let mut attributes = tag.attributes();
    let mut attributes = attributes.with_checks(false).map_while(Result::ok);
    attributes.find(|attribute| attribute.key.local_name().as_ref() == name).map(|attribute| attribute.value)
}

struct Package<'a, 'l> {
    list: &'l mut List,
    places: Places<'a>,
    /// What the reader does not count: a byte order mark.
    start: usize,
    /// The open elements.
    parents: Vec<Parent>,
    root: Option<Place>,
    /// The value that is being read, and how many elements were open before it.
    value: Option<(Value, usize)>,
}

impl Package<'_, '_> {
    fn read(mut self, mut reader: Reader<&[u8]>) {
        let mut goes_on = true;
        while goes_on {
            let from = self.offset(reader.buffer_position());
            let event = reader.read_event();
            let span = from..self.offset(reader.buffer_position());
            goes_on = match event {
                Ok(Event::Start(tag)) => self.open(&tag, span),
                Ok(Event::Empty(tag)) => self.open(&tag, span) && self.close(),
                Ok(Event::End(_)) => self.close(),
                Ok(Event::Text(text)) => self.text(&text, from),
                Ok(Event::CData(text)) => self.text(&text, from + "<![CDATA[".len()),
                Ok(Event::GeneralRef(name)) => self.reference(referenced(&name), span),
                Ok(Event::DocType(_)) => self.reject(span, Reason::Doctype),
                Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_)) => true,
                Ok(Event::Eof) => {
                    if let Some(root) = self.root.filter(|_| !self.parents.is_empty()) {
                        self.list.reject(root, || Reason::XmlUnclosed);
                    }
                    false
                }
                Err(error) => {
                    self.reject(self.offset(reader.error_position())..span.end, fault(&error));
                    false
                }
            };
        }
    }

    fn offset(&self, position: u64) -> usize {
        usize::try_from(position).unwrap_or(usize::MAX).saturating_add(self.start)
    }

    /// Rejects what stands at `span`. Always true: reading goes on.
    fn reject(&mut self, span: Range<usize>, reason: Reason) -> bool {
        let place = self.places.place(span.start, span.len());
        self.list.reject(place, || reason);
        true
    }

    /// Takes a start tag. False if it makes the document one that cannot be read.
    fn open(&mut self, tag: &BytesStart<'_>, span: Range<usize>) -> bool {
        let fault = if tag.name().as_ref().contains('=') {
            Some(Reason::XmlAttributeGlued)
        } else if !self.parents.is_empty() {
            None
        } else if self.root.is_some() {
            Some(Reason::XmlOutsideRoot)
        } else {
            self.root = Some(self.places.place(span.start, span.len()));
            (tag.local_name().as_ref() != "STIX_Package").then_some(Reason::Root)
        };
        if let Some(reason) = fault {
            self.reject(span, reason);
            return false;
        }
        if self.value.is_none() {
            self.value = self.kind(tag).map(|kind| (Value::new(kind), self.parents.len()));
        }
        self.parents.push(Parent::of(tag));
        true
    }

    /// What the text of an element is, if it is of interest.
    fn kind(&self, tag: &BytesStart<'_>) -> Option<Kind> {
        let parent = self.parents.last();
        let (name, prefix) = tag.name().decompose();
        match name.as_ref() {
            "Address_Value" => Some(Kind::Address {
                condition: Condition::of(attribute(tag, "condition").as_deref()),
                is_other_category: parent.is_some_and(|parent| parent.is_other_category),
            }),
            "Value" => {
                let by_prefix = prefix.is_some_and(|prefix| prefix.as_ref() == "DomainNameObj");
                (by_prefix || parent.is_some_and(|parent| parent.is_domain)).then_some(Kind::Domain)
            }
            _ => None,
        }
    }

    /// Takes an end tag.
    fn close(&mut self) -> bool {
        self.parents.pop();
        let open = self.parents.len();
        if let Some((value, _)) = self.value.take_if(|(_, before)| *before == open) {
            self.take(&value);
        }
        true
    }

    fn text(&mut self, text: &str, from: usize) -> bool {
        if let Some((value, _)) = &mut self.value {
            value.push(text, from);
        } else if self.parents.is_empty() && !text.trim().is_empty() {
            let from = from + (text.len() - text.trim_start().len());
            self.reject(from..from + text.trim().len(), Reason::XmlOutsideRoot);
        }
        true
    }

    fn reference(&mut self, meaning: Option<char>, span: Range<usize>) -> bool {
        match (&mut self.value, meaning) {
            (Some((value, _)), Some(c)) => value.push_reference(c, span),
            (Some((value, _)), None) => {
                value.has_entity = true;
                value.push_reference(char::REPLACEMENT_CHARACTER, span);
            }
            (None, Some(_)) => {}
            (None, None) => return self.reject(span, Reason::Entity),
        }
        true
    }

    /// Takes the text of an element as an entry, as several, or as invalid. White space alone is nothing, like a blank
    /// line.
    fn take(&mut self, value: &Value) {
        let Some(whole) = value.whole() else { return };
        let reason = match value.kind {
            _ if value.has_entity => Reason::Entity,
            Kind::Domain => Reason::Domain,
            Kind::Address { condition: Condition::Other, .. } => Reason::Condition,
            Kind::Address { condition: Condition::Between, .. } => return self.take_range(value, &whole),
            Kind::Address { condition: Condition::Equals, is_other_category } => {
                return value.values().for_each(|part| self.take_address(value, &part, is_other_category));
            }
        };
        self.reject(value.written(&whole), reason);
    }

    fn take_address(&mut self, value: &Value, part: &Range<usize>, is_other_category: bool) {
        let text = value.text(part).as_bytes();
        let span = value.written(part);
        let place = self.places.place(span.start, span.len());
        match read(text) {
            Some(written) => self.list.entries.push(Entry::new(written, place)),
            None => self.list.reject(place, || match explain(text) {
                // Nothing before or behind a separator.
                _ if text.is_empty() => Reason::NoValue,
                reason if reason == Reason::Ipv6 || !is_other_category => reason,
                _ => Reason::Category,
            }),
        }
    }

    fn take_range(&mut self, value: &Value, whole: &Range<usize>) {
        let ends = value.ends();
        let addresses: Vec<Option<u32>> = ends.iter().map(|end| read_address(value.text(end).as_bytes())).collect();
        let span = value.written(whole);
        match (addresses.as_slice(), ends.as_slice()) {
            ([Some(first), Some(last)], _) if first <= last => {
                let place = self.places.place(span.start, span.len());
                self.list.entries.push(Entry::range(*first, *last, place));
            }
            ([Some(_), Some(_)], _) => {
                self.reject(span, Reason::RangeBackwards);
            }
            ([None, _], [end, _]) | ([Some(_), None], [_, end]) if read(value.text(end).as_bytes()).is_none() => {
                self.take_address(value, end, false);
            }
            _ => {
                self.reject(span, Reason::RangeEnds);
            }
        }
    }
}

fn fault(error: &Error) -> Reason {
    match error {
        Error::IllFormed(IllFormedError::MismatchedEndTag { .. } | IllFormedError::UnmatchedEndTag(_)) => {
            Reason::XmlMismatchedTag
        }
        // What else is left of the errors of syntax is markup that the end of the document cuts off.
        Error::Syntax(SyntaxError::InvalidBangMarkup) => Reason::XmlSyntax,
        Error::Syntax(_) => Reason::XmlUnclosed,
        _ => Reason::XmlSyntax,
    }
}
