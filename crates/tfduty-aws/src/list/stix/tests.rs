//! What is read from packages, and that hostile ones are harmless.

use super::*;
use crate::list::ListFormat;
use crate::list::tests::{said, written};

/// An observable as in AWS's sample: the lines before and behind `value` are one each.
fn package(values: &[&str]) -> String {
    let observables = values.iter().map(|value| {
        format!(
            "<cybox:Observable id=\"a\"><cybox:Object><cybox:Properties xsi:type=\"AddressObject:AddressObjectType\" category=\"ipv4-addr\">\n\
             {value}\n\
             </cybox:Properties></cybox:Object></cybox:Observable>\n"
        )
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<stix:STIX_Package xmlns:stix=\"http://stix.mitre.org/stix-1\" version=\"1.2\">\n{}</stix:STIX_Package>\n",
        observables.collect::<String>()
    )
}

/// What is made of one `Address_Value`, in line 4 of a package.
fn address(attributes: &str, text: &str) -> Vec<String> {
    let value = format!("<AddressObject:Address_Value{attributes}>{text}</AddressObject:Address_Value>");
    let said = said(ListFormat::Stix, package(&[&value]));
    said.into_iter().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect()
}

const BETWEEN: &str = " condition=\"InclusiveBetween\"";

#[test]
fn addresses_cidrs_and_ranges() {
    let text = package(&[
        "<AddressObject:Address_Value condition=\"InclusiveBetween\">192.0.2.0##comma##192.0.2.255</AddressObject:Address_Value>",
        "<AddressObj:Address_Value>198.51.100.1</AddressObj:Address_Value>",
        "<Address_Value condition=\"Equals\" apply_condition=\"ANY\">\n  203.0.113.0/24\n</Address_Value>",
    ]);
    assert_eq!(written(ListFormat::Stix, &text), ["192.0.2.0##comma##192.0.2.255", "198.51.100.1", "203.0.113.0/24"]);
    assert_eq!(
        said(ListFormat::Stix, &text),
        ["4:59 192.0.2.0-192.0.2.255", "7:27 198.51.100.1", "11:3 203.0.113.0/24"]
    );
}

#[test]
fn a_range_has_two_addresses() {
    for (text, expected) in [
        ("192.0.2.0##comma##192.0.2.255", "192.0.2.0-192.0.2.255"),
        ("192.0.2.0,192.0.2.255", "192.0.2.0-192.0.2.255"),
        (" 192.0.2.0 ##comma## 192.0.2.0 ", "192.0.2.0"),
        ("192.0.2.1##comma##192.0.2.0", "! is a range that ends before it begins"),
        ("192.0.2.1", "! does not have two addresses, a first and a last, joined by ##comma##"),
        ("192.0.2.1-192.0.2.9", "! does not have two addresses, a first and a last, joined by ##comma##"),
        ("1.1.1.1,2.2.2.2,3.3.3.3", "! does not have two addresses, a first and a last, joined by ##comma##"),
        ("192.0.2.0/24##comma##192.0.3.0", "! does not have two addresses, a first and a last, joined by ##comma##"),
        ("192.0.2.0##comma##192.0.3.0/24", "! does not have two addresses, a first and a last, joined by ##comma##"),
        ("192.0.2.0##comma##", "! has nothing where the address belongs"),
        ("2001:db8::##comma##2001:db8::1", "! is an IPv6 address, which GuardDuty's lists do not support"),
        ("192.0.2.0##comma##192.0.2.256", "! has an octet over 255"),
    ] {
        assert_eq!(address(BETWEEN, text), [expected], "{text}");
    }
}

#[test]
fn several_values_are_several_entries() {
    assert_eq!(
        address("", "192.0.2.1##comma##192.0.2.0/24##comma## 1.2.3.4"),
        ["192.0.2.1", "192.0.2.0/24", "1.2.3.4"]
    );
    assert_eq!(address("", "192.0.2.1##comma##x"), ["192.0.2.1", "! is no IPv4 address or CIDR"]);
    assert_eq!(address("", "192.0.2.1##comma##"), ["192.0.2.1", "! has nothing where the address belongs"]);
    // A plain comma joins the ends of a range alone.
    assert_eq!(address("", "192.0.2.1,192.0.2.2"), ["! holds several entries: write one a line"]);
}

#[test]
fn what_is_wrong_in_a_value() {
    for (attributes, text, expected) in [
        ("", "example.com", "! is a domain name: IP lists hold IPv4 addresses and CIDRs alone"),
        ("", "2001:db8::/32", "! is an IPv6 address, which GuardDuty's lists do not support"),
        ("", "1.2.3.4\n5.6.7.8", "! holds several entries: write one a line"),
        (" condition=\"DoesNotEqual\"", "1.2.3.4", "! has a condition other than Equals and InclusiveBetween"),
        (
            " condition=\"ExclusiveBetween\"",
            "1.2.3.4##comma##1.2.3.9",
            "! has a condition other than Equals and InclusiveBetween",
        ),
        ("", "&lt;1.2.3.4&gt;", "! has quotes, brackets or a list mark around the entry"),
        ("", "&quot;1.2.3.4&apos;", "! is no IPv4 address or CIDR"),
        ("", "&internal;", "! refers to an entity, which is not read"),
        ("", "1.2.3.4&internal;", "! refers to an entity, which is not read"),
        ("", "1.2.3.4&#x110000;", "! refers to an entity, which is not read"),
    ] {
        assert_eq!(address(attributes, text), [expected], "{text}");
    }
    for blank in ["", " \n ", "&#32;", "<!-- none -->"] {
        assert_eq!(address("", blank), [""; 0], "{blank:?}");
    }
}

#[test]
fn text_in_pieces_is_one_text() {
    for text in
        ["1.2.3<!-- x -->.4", "1<![CDATA[.2.3]]>.4", "&#49;.2.3.&#x34;", "\n1.2.3.4&#x20;", "<![CDATA[ 1.2.3.4 ]]>"]
    {
        assert_eq!(address("", text), ["1.2.3.4"], "{text}");
    }
    let text = "<STIX_Package><Address_Value> &#49;.2<!-- -->.3.4&#x20;</Address_Value></STIX_Package>";
    assert_eq!(written(ListFormat::Stix, text), ["&#49;.2<!-- -->.3.4"]);
    let text = "<STIX_Package><Address_Value><![CDATA[ 1.2.3.4 ]]></Address_Value></STIX_Package>";
    assert_eq!(written(ListFormat::Stix, text), ["1.2.3.4"]);
    let text = "<STIX_Package><Address_Value>1.2.3.4#<![CDATA[#comma##]]>5.6.7.&#56;</Address_Value></STIX_Package>";
    assert_eq!(written(ListFormat::Stix, text), ["1.2.3.4", "5.6.7.&#56;"]);
}

#[test]
fn the_category_explains_and_does_not_decide() {
    let with = |category: &str, text: &str| {
        let text =
            format!("<STIX_Package><x category='{category}'><Address_Value>{text}</Address_Value></x></STIX_Package>");
        let list = List::parse(text.as_bytes(), ListFormat::Stix);
        (list.entries.len(), list.invalid.first().map(|invalid| invalid.reason))
    };
    for category in ["ipv4-addr", "cidr", "ipv4-net", "e-mail"] {
        assert_eq!(with(category, "1.2.3.4"), (1, None), "{category}");
    }
    assert_eq!(with("e-mail", "a@example.com"), (0, Some(Reason::Category)));
    assert_eq!(with("ipv4-addr", "a@example.com"), (0, Some(Reason::NotAnAddress)));
    assert_eq!(with("ipv6-addr", "2001:db8::1"), (0, Some(Reason::Ipv6)));
}

#[test]
fn domain_objects_are_domains_and_other_objects_are_nothing() {
    for (element, expected) in [
        ("<DomainNameObj:Value condition=\"Equals\">bad.example.com</DomainNameObj:Value>", 1),
        ("<P xsi:type='D:DomainNameObjectType'><D:Value>bad.example.com</D:Value></P>", 1),
        ("<P xsi:type='D:DomainNameObjectType'><D:Name>bad.example.com</D:Name></P>", 0),
        ("<URIObj:Value>http://198.51.100.7/</URIObj:Value>", 0),
        ("<Title>1.2.3.4</Title>", 0),
    ] {
        let text = format!("<STIX_Package>{element}</STIX_Package>");
        let list = List::parse(text.as_bytes(), ListFormat::Stix);
        assert_eq!((list.entries.len(), list.invalid_count), (0, expected), "{element}");
        assert!(list.invalid.iter().all(|invalid| invalid.reason == Reason::Domain));
    }
}

#[test]
fn elements_without_content_are_closed() {
    assert_eq!(said(ListFormat::Stix, "<STIX_Package/>"), [""; 0]);
    let text = "<STIX_Package><a/><Address_Value/><Address_Value>1.2.3.4</Address_Value></STIX_Package>";
    assert_eq!(said(ListFormat::Stix, text), ["1:50 1.2.3.4"]);
}

#[test]
fn what_is_no_stix_package_is_not_read() {
    for (text, expected) in [
        (
            "<rss><Address_Value>1.2.3.4</Address_Value></rss>",
            "1:1 ! is the root of the document, but not a STIX_Package",
        ),
        ("\n <html/>", "2:2 ! is the root of the document, but not a STIX_Package"),
        ("{\"type\": \"bundle\"}", "1:1 ! stands outside the root element"),
        ("1.2.3.4", "1:1 ! stands outside the root element"),
    ] {
        assert_eq!(said(ListFormat::Stix, text), [expected], "{text}");
    }
}

#[test]
fn where_xml_stops_being_well_formed_reading_stops() {
    let good = "<Address_Value>1.2.3.4</Address_Value>";
    for (text, expected) in [
        ("<STIX_Package>GOOD", "1:1 ! is left open when the document ends"),
        ("<STIX_Package>GOOD<a", "1:53 ! is left open when the document ends"),
        ("<STIX_Package>GOOD<!-- ", "1:53 ! is left open when the document ends"),
        ("<STIX_Package>GOOD<a b='", "1:53 ! is left open when the document ends"),
        ("<STIX_Package>GOOD</b>GOOD", "1:53 ! closes an element that is not the open one; nothing behind it is read"),
        (
            "<STIX_Package>GOOD</STIX_Package></b>",
            "1:68 ! closes an element that is not the open one; nothing behind it is read",
        ),
        ("<STIX_Package>GOOD<a>AT & T</a>GOOD", "1:59 ! is not well-formed XML; nothing behind it is read"),
        ("<STIX_Package>GOOD<!x>GOOD", "1:53 ! is not well-formed XML; nothing behind it is read"),
        (
            "<STIX_Package>GOOD</STIX_Package>\n<STIX_Package>GOOD</STIX_Package>",
            "2:1 ! stands outside the root element",
        ),
        ("<STIX_Package>GOOD</STIX_Package> 1.2.3.4", "1:69 ! stands outside the root element"),
        (
            "<STIX_Package>GOOD<a:Address_Valuecondition=\"Equals\">1.2.3.4</a:Address_Value>",
            "1:53 ! has no space between the element's name and its first attribute",
        ),
    ] {
        let mut said = said(ListFormat::Stix, text.replace("GOOD", good));
        said.retain(|line| line != "1:30 1.2.3.4");
        assert_eq!(said, [expected], "{text}");
    }
}

#[test]
fn definitions_and_entities_are_invalid_and_harmless() {
    let laughs: Vec<String> = (1..20).map(|i| format!("<!ENTITY l{i} \"&l{0};&l{0};&l{0};&l{0};\">", i - 1)).collect();
    let text = format!(
        "<!DOCTYPE l [<!ENTITY l0 \"1.2.3.4\">{}<!ENTITY f SYSTEM \"file:///etc/passwd\">]>\n<STIX_Package>&l19;\n\
         <Address_Value>&f;</Address_Value>\n<Title>&amp;&#64;</Title>\n<Address_Value>1.2.3.4</Address_Value></STIX_Package>",
        laughs.concat()
    );
    assert_eq!(
        said(ListFormat::Stix, text),
        [
            "1:1 ! is a document type definition, which is not read",
            "2:15 ! refers to an entity, which is not read",
            "3:16 ! refers to an entity, which is not read",
            "5:16 1.2.3.4",
        ]
    );
}

#[test]
fn depth_attributes_and_separators_cost_no_more_than_their_bytes() {
    let deep = format!("<STIX_Package>{}", "<a>".repeat(200_000));
    assert_eq!(List::parse(deep.as_bytes(), ListFormat::Stix).invalid_count, 1);
    let attributes = (0..200_000).map(|i| format!(" a{i}=''")).collect::<Vec<_>>().concat();
    let wide = format!("<STIX_Package{attributes}><Address_Value{attributes}>1.2.3.4</Address_Value></STIX_Package>");
    assert_eq!(List::parse(wide.as_bytes(), ListFormat::Stix).entries.len(), 1);
    let pieces = "##comma##&#32;<!---->".repeat(100_000);
    let joined = format!("<STIX_Package><Address_Value>{pieces}1.2.3.4</Address_Value></STIX_Package>");
    assert_eq!(List::parse(joined.as_bytes(), ListFormat::Stix).invalid_count, 100_000);
}
