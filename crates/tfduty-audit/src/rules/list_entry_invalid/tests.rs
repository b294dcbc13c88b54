use serde_json::{Value, json};

use crate::testing::{
    check,
    content::{FORMATS, OBJECT, THREAT, TRUSTED, kept_secret, list_of, read_by, written},
    created,
    lists::{object_at, set_at},
    plan, resource, state,
};

const RULE: &str = "list-entry-invalid";
const PASSED: (u64, u64, u64, u64) = (1, 0, 0, 0);
const FAILED: (u64, u64, u64, u64) = (0, 1, 0, 0);
const SKIPPED: (u64, u64, u64, u64) = (0, 0, 0, 1);

fn judged(format: &str, text: &str) -> (u64, u64, u64, u64) {
    check(&list_of(format, text)).tally(RULE)
}

/// A TXT list whose second line is this one. The others are good: a list without any entry is `list-empty`'s.
fn beside_good_ones(line: &str) -> String {
    format!("198.51.100.7\n{line}\n198.51.100.0/24\n")
}

#[test]
fn fails_when_a_line_is_no_ipv4_address_or_cidr() {
    for line in [
        // Bad octet, leading zero, prefix over 32 or with zeros before it.
        "198.51.100.256",
        "198.51.100.1000",
        "198.51.100.-1",
        "+1.2.3.4",
        "010.0.0.1",
        "198.51.100.07",
        "198.51.100.00",
        "198.51.100.7/33",
        "198.51.100.7/032",
        "198.51.100.7/00",
        "198.51.100.7/-1",
        "198.51.100.7/",
        "/24",
        "198.51.100",
        "198.51.100.7.1",
        "198.51.100..7",
        "0x7f.0.0.1",
        "3325256711",
        "198.51.100.0/255.255.255.0",
        // Host name, IPv6, range, port, comment, URL.
        "scanner.example.com",
        "2001:db8::1",
        "2001:db8::/32",
        "::ffff:198.51.100.7",
        "198.51.100.7-198.51.100.9",
        "198.51.100.7:443",
        "# office",
        "; office",
        "// office",
        "198.51.100.7 # office",
        "https://198.51.100.7/",
        "198.51.100.7\\32",
        "198.51.100.7,198.51.100.8",
        // White space inside; only spaces and tabs around an entry are trimmed.
        "198.51.100. 7",
        "198.51.100.7 /32",
        "198.51.100.7 198.51.100.8",
        "\u{a0}198.51.100.7",
        "\u{ff11}98.51.100.7",
        "\"198.51.100.7\"",
    ] {
        let document = list_of("TXT", &beside_good_ones(line));
        assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")], "{line}");
        assert_eq!(check(&document).lines(RULE), [2], "{line}");
    }
}

#[test]
fn passes_when_every_line_is_an_address_or_a_cidr() {
    for line in ["0.0.0.0", "255.255.255.255", "198.51.100.7/32", "0.0.0.0/0", "198.51.100.7/24", "10.0.0.0/8"] {
        assert_eq!(judged("TXT", &beside_good_ones(line)), PASSED, "{line}");
    }
}

#[test]
fn silent_when_there_are_blank_lines_crlf_trailing_white_space_or_no_final_newline() {
    for text in [
        "\n\n198.51.100.7\n\n198.51.100.8\n\n",
        "198.51.100.7\r\n198.51.100.8\r\n",
        "198.51.100.7\r\n\r\n198.51.100.8\n",
        "198.51.100.7 \t\n198.51.100.8\t\r\n",
        " 198.51.100.7\n\t198.51.100.0/24\n",
        "198.51.100.7\n \t \n198.51.100.8",
        "198.51.100.7",
    ] {
        assert_eq!(judged("TXT", text), PASSED, "{text:?}");
    }
}

#[test]
fn a_lone_carriage_return_ends_no_line() {
    let document = list_of("TXT", "198.51.100.7\n198.51.100.8\r198.51.100.9\n198.51.100.0/24\n");
    assert_eq!(check(&document).tally(RULE), FAILED);
    assert_eq!(check(&document).lines(RULE), [2]);
}

#[test]
fn a_leading_bom_is_reported_on_line_1_and_the_entry_behind_it_counts() {
    let document = list_of("TXT", "\u{feff}198.51.100.7\n198.51.100.8\n");
    assert_eq!(check(&document).tally(RULE), FAILED);
    assert_eq!(check(&document).lines(RULE), [1]);
    let alone = list_of("TXT", "\u{feff}198.51.100.7\n");
    assert_eq!(check(&alone).tally(RULE), FAILED);
    assert_eq!(check(&alone).tally("list-empty"), PASSED);
    // Further down it is a character like others.
    assert_eq!(check(&list_of("TXT", "198.51.100.7\n\u{feff}198.51.100.8\n")).lines(RULE), [2]);
}

#[test]
fn fails_in_every_format_when_an_entry_does_not_parse() {
    for format in FORMATS {
        let list = |entries: &[&str]| list_of(format, &written(format, entries));
        assert_eq!(check(&list(&["198.51.100.7", "198.51.100.0/24"])).tally(RULE), PASSED, "{format}");
        for entry in ["198.51.100.256", "010.0.0.1", "198.51.100.7/33"] {
            let document = list(&["198.51.100.7", entry, "198.51.100.0/24"]);
            assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")], "{format} {entry}");
            let has_header = !matches!(format, "TXT" | "ALIEN_VAULT");
            assert_eq!(check(&document).lines(RULE), [2 + usize::from(has_header)], "{format} {entry}");
        }
    }
}

#[test]
fn fails_when_the_trailing_comma_is_missing_in_proof_point() {
    let list = |row: &str| format!("{}{row}\n", written("PROOF_POINT", &["198.51.100.7"]));
    for (row, expected) in [
        // "Ports may be empty but its comma must be there."
        ("198.51.100.8, 1, 100, 2000-01-01, 2000-01-02,", PASSED),
        ("198.51.100.8, 1, 100, 2000-01-01, 2000-01-02, 80 | 443", PASSED),
        ("198.51.100.8,1,100,2000-01-01,2000-01-02,", PASSED),
        ("198.51.100.0/24, 1, 100, 2000-01-01, 2000-01-02,", PASSED),
        ("198.51.100.8, 1, 100, 2000-01-01, 2000-01-02", FAILED),
        ("198.51.100.8, 1, 100", FAILED),
        ("198.51.100.8", FAILED),
        ("scanner.example.com, 1, 100, 2000-01-01, 2000-01-02,", FAILED),
    ] {
        assert_eq!(judged("PROOF_POINT", &list(row)), expected, "{row}");
    }
}

#[test]
fn fails_when_there_are_too_few_fields_in_alien_vault() {
    let list = |row: &str| format!("{}{row}\n", written("ALIEN_VAULT", &["198.51.100.7"]));
    for (row, expected) in [
        ("198.51.100.8#4#2#Malicious Host#US##0.0,0.0#3", PASSED),
        ("198.51.100.0/24#4#2#Malicious Host#US##0.0,0.0#3", PASSED),
        ("198.51.100.8#######", PASSED),
        ("198.51.100.8#4#2#Malicious Host#US##0.0,0.0", FAILED),
        ("198.51.100.8", FAILED),
        ("# comment", FAILED),
    ] {
        assert_eq!(judged("ALIEN_VAULT", &list(row)), expected, "{row}");
    }
}

#[test]
fn silent_when_otx_or_fire_eye_rows_are_of_other_indicator_types_beside_addresses() {
    for row in [
        "domain, scanner.example.com, example",
        "hostname, scanner.example.com, example",
        "IPv6, 2001:db8::1, example",
        "URL, http://198.51.100.7/, example",
        "FileHash-SHA256, 0a1b, example",
        "ipv4, 198.51.100.8, example",
        "cidr, 198.51.100.0/24, example",
        "IPv4, 198.51.100.8",
        "\"IPv4\",\"198.51.100.8\",\"one, two\"",
        "\"IPv4\",\"198.51.100.8\",\"say \"\"hello\"\"\"",
        "\"IPv4\",\"198.51.100.8\",\"first line\nsecond line\"",
        "",
    ] {
        let text = format!("{}{row}\n", written("OTX_CSV", &["198.51.100.7"]));
        assert_eq!(judged("OTX_CSV", &text), PASSED, "{row}");
    }
    // An address type is judged.
    let wrong = format!("{}IPv4, scanner.example.com, example\n", written("OTX_CSV", &["198.51.100.7"]));
    assert_eq!(judged("OTX_CSV", &wrong), FAILED);
    for row in ["00-2, Example, , , scanner.example.com", "", "00-2, Example, 198.51.100.0/24, 198.51.100.8, "] {
        let text = format!("{}{row}\n", written("FIRE_EYE", &["198.51.100.7"]));
        assert_eq!(judged("FIRE_EYE", &text), PASSED, "{row}");
    }
}

#[test]
fn headers_are_read_without_regard_to_case_and_columns_in_any_order() {
    let otx = "\nINDICATOR TYPE ,indicator,  description\nIPv4,198.51.100.7,x\n";
    let fire_eye = "\nIP,title,CIDR,REPORTID\n198.51.100.7,Example,,00-1\n,Example,198.51.100.0/24,00-2\n";
    assert_eq!(judged("OTX_CSV", otx), PASSED);
    assert_eq!(judged("FIRE_EYE", fire_eye), PASSED);
    let wrong = "IP,title,CIDR,REPORTID\n198.51.100.7,Example,,00-1\n198.51.100.8,Example,198.51.100.0/33,00-2\n";
    // "Entry = `cidr` if not empty, else `ip`."
    assert_eq!(judged("FIRE_EYE", wrong), FAILED);
}

/// A STIX package with these elements beside one good address.
fn stix(elements: &str) -> String {
    format!(
        "<STIX_Package xmlns:a=\"urn:a\" xmlns:d=\"urn:d\">\n<a:Address_Value>198.51.100.7</a:Address_Value>\n{elements}\n</STIX_Package>\n"
    )
}

#[test]
fn stix_elements_hold_addresses_cidrs_ranges_and_several_of_them() {
    for (elements, expected) in [
        ("<Address_Value>198.51.100.8</Address_Value>", PASSED),
        ("<a:Address_Value> 198.51.100.0/24 </a:Address_Value>", PASSED),
        (
            "<a:Address_Value condition=\"InclusiveBetween\">198.51.100.8##comma##198.51.100.20</a:Address_Value>",
            PASSED,
        ),
        ("<a:Address_Value condition=\"InclusiveBetween\">198.51.100.8,198.51.100.20</a:Address_Value>", PASSED),
        ("<a:Address_Value>198.51.100.8##comma##198.51.100.9##comma##198.51.100.64/26</a:Address_Value>", PASSED),
        ("<a:Address_Value>198.51.100.8##comma##198.51.100.300</a:Address_Value>", FAILED),
        ("<a:Address_Value condition=\"InclusiveBetween\">198.51.100.8##comma##x</a:Address_Value>", FAILED),
        ("<a:Address_Value>scanner.example.com</a:Address_Value>", FAILED),
        ("<a:Address_Value>2001:db8::1</a:Address_Value>", FAILED),
    ] {
        assert_eq!(judged("STIX", &stix(elements)), expected, "{elements}");
    }
}

#[test]
fn the_message_has_the_count_and_the_first_10_lines_are_labelled() {
    let text = format!("198.51.100.7\n{}198.51.100.8\n", "bad\n".repeat(23));
    let finding = check(&list_of("TXT", &text)).finding(RULE);
    assert!(finding.message.contains("23"), "{}", finding.message);
    assert_eq!(check(&list_of("TXT", &text)).lines(RULE), (2..12).collect::<Vec<_>>());
}

#[test]
fn a_line_is_placed_by_its_byte_inside_the_json_string() {
    let document = list_of("TXT", "198.51.100.7\r\nscanner.example.com\r\n");
    let finding = check(&document).finding(RULE);
    let anchors: Vec<_> =
        std::iter::once(&finding.anchor).chain(finding.related.iter().map(|related| &related.anchor)).collect();
    let anchor = anchors.iter().find(|anchor| anchor.inner.is_some()).unwrap();
    let inner = anchor.inner.unwrap();
    assert_eq!(anchor.pointer, "/resources/0/instances/0/attributes/content");
    assert_eq!((inner.byte, inner.len, inner.line, inner.column), (14, 19, 2, 1));
}

#[test]
fn ipv6_is_said_not_to_be_supported_once() {
    let lines = "2001:db8::1\n2001:db8::2\n2001:db8::/32\n";
    let texts = check(&list_of("TXT", &beside_good_ones(lines))).texts(RULE);
    let says = |text: &&String| text.contains("IPv6") && text.contains("support");
    assert_eq!(texts.iter().filter(says).count(), 1, "{texts:#?}");
    let texts = check(&list_of("TXT", &beside_good_ones("198.51.100.300"))).texts(RULE);
    assert!(!texts.iter().any(|text| text.contains("IPv6") && text.contains("support")), "{texts:#?}");
}

#[test]
fn look_alikes_are_spelled_out() {
    for (line, wanted) in [
        ("10.0.0.0\\8", &["/8"][..]),
        // 1.2.3.4 to 1.2.3.7, 1.2.3.8 to 1.2.3.9.
        ("1.2.3.4-1.2.3.9", &["1.2.3.4/30", "1.2.3.8/31"]),
    ] {
        let texts = check(&list_of("TXT", &beside_good_ones(line))).texts(RULE).join("\n");
        for wanted in wanted {
            assert!(texts.contains(wanted), "{wanted}: {texts}");
        }
    }
}

#[test]
fn of_sensitive_content_counts_and_line_numbers_are_shown_but_no_entry() {
    let document = kept_secret(list_of("TXT", "198.51.100.7\nscanner.example.com\n10.9.8.7-10.9.8.9\n"));
    assert_eq!(check(&document).lines(RULE), [2, 3]);
    let texts = check(&document).texts(RULE);
    assert!(texts[0].contains('2'), "{}", texts[0]);
    for secret in ["scanner", "example.com", "10.9.8", "198.51"] {
        assert!(!texts.iter().any(|text| text.contains(secret)), "{secret}: {texts:#?}");
    }
    // The same in a plan.
    let object = json!({ "bucket": "lists", "key": "k", "content": "198.51.100.7\nscanner.example.com\n" });
    let mut document = plan(&[created(TRUSTED, set_at("s3://lists/k"), &[]), created(OBJECT, object, &[])]);
    document["resource_changes"][1]["change"]["after_sensitive"] = json!({ "content": true });
    assert_eq!(check(&document).lines(RULE), [2]);
    let texts = check(&document).texts(RULE);
    assert!(!texts.iter().any(|text| text.contains("scanner") || text.contains("198.51")), "{texts:#?}");
}

#[test]
fn several_sets_on_one_object_are_one_finding_with_the_sets_as_labels() {
    let bad = json!({ "content": beside_good_ones("bad") });
    let document = read_by(&[(TRUSTED, "TXT"), (THREAT, "TXT")], bad);
    assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")]);
    let finding = check(&document).finding(RULE);
    for set in [TRUSTED, THREAT] {
        assert!(finding.related.iter().any(|related| related.address.as_deref() == Some(set)), "{set}: {finding:#?}");
    }
}

#[test]
fn content_that_a_data_source_read_is_reported_on_the_first_set() {
    let document = state(&[
        resource("data.aws_s3_object.o", json!({ "bucket": "lists", "key": "k", "body": beside_good_ones("bad") })),
        resource(TRUSTED, set_at("s3://lists/k")),
        resource(THREAT, set_at("s3://lists/k")),
    ]);
    assert_eq!(check(&document).says(RULE), [format!("fail {TRUSTED}")]);
    assert_eq!(check(&document).lines(RULE), [2]);
}

#[test]
fn content_unknown_passes() {
    let unknown: Value = object_at("lists", "k");
    let document = plan(&[created(TRUSTED, set_at("s3://lists/k"), &[]), created(OBJECT, unknown, &["content"])]);
    assert_eq!(check(&document).tally(RULE), SKIPPED);
}

#[test]
fn where_the_list_is_empty_or_of_another_format_those_rules_speak() {
    for (format, text, speaker) in [
        ("TXT", "bad\n198.51.100.256\n", "list-empty"),
        ("TXT", "2001:db8::1\n", "list-empty"),
        ("OTX_CSV", "198.51.100.7\nbad\n", "list-format-mismatch"),
    ] {
        let document = list_of(format, text);
        assert_eq!(check(&document).tally(RULE), SKIPPED, "{text}");
        assert_eq!(check(&document).tally(speaker), FAILED, "{text}");
    }
}
