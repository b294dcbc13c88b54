//! What an excerpt shows, and what it never does.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use insta::assert_snapshot;

use super::{laws::sound, *};

/// A label on the only occurrence of `part`.
fn label(text: &str, part: &str, note: &str) -> Label {
    let start = text.find(part).unwrap_or_else(|| panic!("{part} in {text}"));
    assert_eq!(text.rfind(part), Some(start), "{part} occurs once");
    Label { span: Span::new(start, start + part.len()), inner: None, text: note.into(), sensitive: false, open: false }
}

fn whole(text: &str) -> Span {
    Span::new(0, text.len())
}

/// The excerpt with the marks under their lines.
fn drawn(excerpt: &Excerpt) -> String {
    let mut drawn = String::new();
    let mut start = 0;
    for line in excerpt.text().split_inclusive('\n') {
        drawn.push_str(line);
        for mark in excerpt.marks() {
            let end = start + line.trim_end_matches('\n').len();
            if mark.range.start >= start && mark.range.start <= end {
                let part = &excerpt.text()[mark.range.start..mark.range.end.min(end)];
                let before = excerpt.text()[start..mark.range.start].chars().count();
                drawn.push_str(&" ".repeat(before));
                drawn.push_str(&"^".repeat(part.chars().count()));
                if mark.range.end > end {
                    let _ = write!(drawn, "+{}", excerpt.text()[end..mark.range.end].lines().count() - 1);
                }
                let _ = writeln!(drawn, " {}", mark.text);
            }
        }
        start += line.len();
    }
    drawn
}

const PLANNED: &str = r#"{"address":"aws_x.y","change":{"actions":["create"],"before":null,"after":{"activate":true,"enable":false,"tags":{"a":"secret"}},"z":1}}"#;

#[test]
fn labelled_values_and_what_leads_to_them_are_shown() {
    let labels = [
        label(PLANNED, "false", "suspended"),
        label(PLANNED, r#"{"a":"secret"}"#, "the tags"),
        label(PLANNED, "\"create\"", ""),
    ];
    assert_snapshot!(drawn(&Excerpt::of_value(PLANNED, whole(PLANNED), &labels)), @r#"
    {…, "change": {
      "actions": ["create"],
                  ^^^^^^^^ 
      …
      "after": {
        …
        "enable": false,
                  ^^^^^ suspended
        "tags": {"a": …}
                ^^^^^^^^ the tags
      },
      …
    }}
    "#);
}

#[test]
fn an_object_without_labelled_members_stays_shut() {
    let labels = [label(
        PLANNED,
        &PLANNED[PLANNED.find("{\"activate").unwrap()..PLANNED.find(",\"z").unwrap() - 1],
        "no location",
    )];
    assert_snapshot!(drawn(&Excerpt::of_value(PLANNED, whole(PLANNED), &labels)), @r#"
    {…, "change": {…, "after": {"activate": …, "enable": …, "tags": …}, …}}
                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no location
    "#);
    assert_snapshot!(Excerpt::of_value(PLANNED, whole(PLANNED), &[]).text(), @r#"
    {…}
    "#);
    assert_eq!(Excerpt::of_value("{}", whole("{}"), &[]).text(), "{}\n");
}

#[test]
fn a_labelled_object_shows_the_names_of_its_attributes() {
    for (text, expected) in [
        (r#"{"enable":false,"tags":{"b":1}}"#, "{\"enable\": …, \"tags\": …}\n"),
        (r#"{"name":1,"Owner":2,"z":3}"#, "{\"name\": …, …}\n"),
        (r#"{"tags.owner":2,"z":3}"#, "{…}\n"),
        (
            r#"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1}"#,
            "{\"a\": …, \"b\": …, \"c\": …, \"d\": …, \"e\": …, \"f\": …, \"g\": …, \"h\": …, \"i\": …, …}\n",
        ),
        ("[1]", "[…]\n"),
        ("{}", "{}\n"),
    ] {
        assert_eq!(Excerpt::of_value(text, whole(text), &[label(text, text, "x")]).text(), expected);
    }
}

#[test]
fn an_open_array_shows_its_items() {
    let actions = Label { open: true, ..label(PLANNED, r#"["create"]"#, "made anew") };
    assert_snapshot!(drawn(&Excerpt::of_value(PLANNED, whole(PLANNED), std::slice::from_ref(&actions))), @r#"
    {…, "change": {
      "actions": ["create"],
                 ^^^^^^^^^^ made anew
      …
    }}
    "#);
    let start = actions.span;
    assert_eq!(Excerpt::of_value(PLANNED, start, &[actions]).text(), "[\"create\"]\n");
}

#[test]
fn a_sensitive_value_hides_all_it_holds() {
    let mut tags = label(PLANNED, r#"{"a":"secret"}"#, "tags");
    tags.sensitive = true;
    let labels = [tags.clone(), label(PLANNED, "\"secret\"", "inside")];
    assert_snapshot!(drawn(&Excerpt::of_value(PLANNED, whole(PLANNED), &labels)), @r#"
    {…, "change": {…, "after": {…, "tags": (sensitive)}, …}}
                                           ^^^^^^^^^^^ tags
                                           ^^^^^^^^^^^ inside
    "#);
    // Also when the sensitive label is one too many to be shown.
    let mut many = vec![label(PLANNED, "\"secret\"", "inside"); LABELS];
    many.push(tags);
    assert!(!Excerpt::of_value(PLANNED, whole(PLANNED), &many).text().contains("secret"));
}

#[test]
fn labels_that_are_no_values_never_show_more_than_their_bytes() {
    let text = r#"{"password":"hunter2-and-more","list":[1,2,3]}"#;
    for (part, expected) in [
        ("\"password\"", "{\n  \"password\": …,\n  …\n}\n"),
        ("and", "{\n  \"password\": \"…and…\",\n  …\n}\n"),
        ("-and-more\",\"list\":[1,2,3]", "{\"password\": …, \"list\": …}\n"),
        ("2,3", "{…, \"list\": […]}\n"),
        ("\"list\":[1,2,3]", "{…, \"list\": […]}\n"),
        ("\"password\":\"hunter2-and-more\"", "{\n  \"password\": \"hunter2-and-more\",\n  …\n}\n"),
    ] {
        let excerpt = Excerpt::of_value(text, whole(text), &[label(text, part, "x")]);
        assert_eq!(excerpt.text(), expected, "{part}");
        assert_eq!(excerpt.marks().len(), 1);
    }
    let outside = Label { span: Span::new(2, 4), inner: None, text: String::new(), sensitive: false, open: false };
    assert_eq!(Excerpt::of_value(text, Span::new(38, 45), std::slice::from_ref(&outside)).text(), "[…]\n");
    assert_eq!(Excerpt::of_value(text, Span::new(12, 30), &[outside]).text(), "…\n");
}

#[test]
fn a_long_string_keeps_its_ends_and_what_is_meant() {
    let text = format!(r#"{{"location":"https://{}/the-key/{}.txt"}}"#, "a".repeat(200), "b\\u00e9".repeat(40));
    let string = Span::new(12, text.len() - 1);
    let mut place = Label { span: string, inner: None, text: "no such key".into(), sensitive: false, open: false };
    assert_snapshot!(drawn(&Excerpt::of_value(&text, whole(&text), std::slice::from_ref(&place))), @r#"
    {
      "location": "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…u00e9b\u00e9b\u00e9.txt"
                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no such key
    }
    "#);
    let decoded = Decoded::of_json(&text, string);
    let inner = decoded.text().find("the-key").unwrap();
    place.inner = Some(inner..inner + 7);
    let excerpt = Excerpt::of_value(&text, whole(&text), &[place]);
    assert_snapshot!(drawn(&excerpt), @r#"
    {
      "location": "https://aaaaaaa…aaaaaaaaaaaaaaa/the-key/b\u00e9b\u00e9b…00e9b\u00e9.txt"
                                                   ^^^^^^^ no such key
    }
    "#);
    assert_eq!(&excerpt.text()[excerpt.marks()[0].range.clone()], "the-key");
    assert_eq!(excerpt.original(excerpt.marks()[0].range.start), text.find("the-key").unwrap());
}

#[test]
fn hazards_are_escaped_and_offsets_follow() {
    let text = "{\"k\u{1b}[2J\": \"a\u{202e}b\u{9b}\", \"x\": 1}";
    let excerpt = Excerpt::of_value(text, whole(text), &[label(text, "\"a\u{202e}b\u{9b}\"", "\u{7}ding\n")]);
    assert_snapshot!(drawn(&excerpt), @r#"
    {
      "k\u{1b}[2J": "a\u{202e}b\u{9b}",
                    ^^^^^^^^^^^^^^^^^^ \u{7}ding\n
      …
    }
    "#);
    let b = excerpt.text().find("}b").unwrap() + 1;
    assert_eq!(excerpt.original(b), text.find("b\u{9b}").unwrap());
}

#[test]
fn broken_json_gives_some_excerpt() {
    for text in
        ["", "{", "]", "{]}", "\"", "{\"a", "{\"a\":", "{\"a\":{\"b\":[1,2", "nul", "{:::,,,}", "\\", "é", "{\"a\\"]
    {
        for start in 0..=text.len() {
            for end in 0..=text.len() + 1 {
                let label = Label {
                    span: Span::new(start, end),
                    inner: Some(0..9),
                    text: "x".into(),
                    sensitive: false,
                    open: false,
                };
                for excerpt in [
                    Some(Excerpt::of_value(text, whole(text), std::slice::from_ref(&label))),
                    Excerpt::of_decoded(text, whole(text), std::slice::from_ref(&label)),
                    Some(Excerpt::of_lines(text, std::slice::from_ref(&label))),
                    Some(Excerpt::of_source(text, std::slice::from_ref(&label))),
                ]
                .into_iter()
                .flatten()
                {
                    sound(&excerpt, 1);
                }
            }
        }
    }
}

#[test]
fn depth_and_breadth_are_bounded() {
    let deep = format!("{}\"x\"{}", "{\"a\":[".repeat(100_000), "]}".repeat(100_000));
    let excerpt = Excerpt::of_value(&deep, whole(&deep), &[label(&deep, "\"x\"", "here")]);
    assert!(excerpt.text().len() < 4096 && !excerpt.text().contains('x'), "{}", excerpt.text());
    sound(&excerpt, 1);
    let wide = format!("{{\"s\": \"[{}0]\"}}", "0,".repeat(100_000));
    let all = Label { span: Span::new(0, 200_002), inner: None, text: "all".into(), sensitive: false, open: false };
    let excerpt = Excerpt::of_decoded(&wide, Span::new(6, wide.len() - 1), &[all]).unwrap();
    assert!(excerpt.text().lines().count() < 40, "{}", excerpt.text());
    sound(&excerpt, 1);
}

#[test]
fn a_plan_of_one_line_and_5_mb_is_no_burden() {
    let resource = |name: usize| {
        format!(r#"{{"address":"aws_x.y{name}","values":{{"enable":false,"secret":"{}"}}}}"#, "s".repeat(900))
    };
    let resources: Vec<_> = (0..5200).map(resource).collect();
    let text = format!("[{}]", resources.join(","));
    assert!(text.len() > 5_000_000);
    let start = text.find("{\"address\":\"aws_x.y2600\"").unwrap();
    let object = Span::new(start, start + resources[2600].len());
    let value = start + resources[2600].find("false").unwrap();
    let label =
        Label { span: Span::new(value, value + 5), inner: None, text: "off".into(), sensitive: false, open: false };
    let begun = Instant::now();
    let excerpt = Excerpt::of_value(&text, object, std::slice::from_ref(&label));
    let all = Excerpt::of_value(&text, whole(&text), &[label]);
    // The bound is generous: tests run unoptimized, on shared machines.
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_snapshot!(drawn(&excerpt), @r#"
    {…, "values": {
      "enable": false,
                ^^^^^ off
      …
    }}
    "#);
    assert_snapshot!(drawn(&all), @r#"
    […, {…, "values": {
      "enable": false,
                ^^^^^ off
      …
    }}, …]
    "#);
}

const POLICY: &str = r#"{"policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"A\",\"Effect\":\"Allow\"},{\"Sid\":\"B\",\"Effect\":\"Deny\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"NotPrincipal\":{\"AWS\":\"arn:aws:iam::111122223333:role/ci\"}}]}"}"#;

fn string_of(document: &str) -> Span {
    let start = document.find(": ").unwrap() + 2;
    Span::new(start, document.len() - 1)
}

#[test]
fn a_policy_is_laid_out_with_its_labelled_statements() {
    let inside = Decoded::of_json(POLICY, string_of(POLICY));
    let start = inside.text().find("{\"Sid\":\"B\"").unwrap();
    let statement = Label {
        span: Span::new(start, inside.text().len() - 2),
        inner: None,
        text: "denies".into(),
        sensitive: false,
        open: false,
    };
    let principal = label(inside.text(), r#"{"AWS":"arn:aws:iam::111122223333:role/ci"}"#, "all but this role");
    let excerpt = Excerpt::of_decoded(POLICY, string_of(POLICY), &[statement.clone(), principal.clone()]).unwrap();
    assert_snapshot!(drawn(&excerpt), @r#"
    {…, "Statement": [
      …
      {
      ^+5 denies
        "Sid": "B",
        "Effect": "Deny",
        "Action": ["s3:GetObject", "s3:PutObject"],
        "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/ci"}
                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ all but this role
      }
    ]}
    "#);
    assert!(POLICY[excerpt.original(excerpt.marks()[0].range.start)..].starts_with("{\\\"Sid\\\":\\\"B"));
    assert!(excerpt.lines().iter().all(|line| line.origin == Origin::Nowhere));
    let secret = Label { sensitive: true, ..principal };
    assert_eq!(Excerpt::of_decoded(POLICY, string_of(POLICY), &[statement, secret]).unwrap().text(), "(sensitive)\n");
}

#[test]
fn a_list_shows_the_lines_around_its_labels() {
    let document = r#"{"content": "one\ntwo\n10.0.0.0/8\n10.0.0.1\nfive\nsix\nseven\neight\nnine\nten\neleven\n"}"#;
    let inside = Decoded::of_json(document, string_of(document));
    let mut labels = [label(inside.text(), "10.0.0.1", "private"), label(inside.text(), "ten", "no address")];
    let excerpt = Excerpt::of_decoded(document, string_of(document), &labels).unwrap();
    assert_snapshot!(drawn(&excerpt), @r#"
    two
    10.0.0.0/8
    10.0.0.1
    ^^^^^^^^ private
    five
    six
    …
    eight
    nine
    ten
    ^^^ no address
    eleven
    "#);
    let origins: Vec<_> = excerpt.lines().iter().map(|line| line.origin).collect();
    let line = Origin::Line;
    assert_eq!(
        origins,
        [line(2), line(3), line(4), line(5), line(6), Origin::Nowhere, line(8), line(9), line(10), line(11)]
    );
    labels[0].sensitive = true;
    let excerpt = Excerpt::of_decoded(document, string_of(document), &labels).unwrap();
    assert_snapshot!(drawn(&excerpt), @r#"
    (sensitive)
    ^^^^^^^^^^^ private
    (sensitive)
    ^^^^^^^^^^^ no address
    "#);
    assert_eq!(excerpt.lines().iter().map(|line| line.origin).collect::<Vec<_>>(), [line(4), line(10)]);
    let one_line = r#"{"key": "a/b"}"#;
    assert!(Excerpt::of_decoded(one_line, string_of(one_line), &[]).is_none());
}

#[test]
fn long_lines_are_windowed_around_their_labels() {
    let text = format!("{}NEEDLE{}\r\nshort\n{}\n", "a".repeat(9000), "b".repeat(9000), "c".repeat(9000));
    let excerpt = Excerpt::of_lines(&text, &[label(&text, "NEEDLE", "this")]);
    assert_snapshot!(drawn(&excerpt), @r#"
    …aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaNEEDLEbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…
                                             ^^^^^^ this
    short
    cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc…
    "#);
}

const SOURCE: &str = r#"
locals { token = "hunter2" }

resource "aws_guardduty_detector" "this" { # hunter2
  # the password is hunter2
  enable = false # hunter2
  tags   = { a = "hunter2", b = var.b }
}

resource "aws_x" "y" {
  content = <<-EOT
    10.0.0.0/8
    hunter2
  EOT
}
output "x" { value = "hunter2" }
"#;

#[test]
fn of_a_configuration_only_the_labelled_places_are_shown() {
    let labels = [
        label(SOURCE, "enable = false", "suspended"),
        label(SOURCE, "var.b", "unknown"),
        label(SOURCE, "<<-EOT\n    10.0.0.0/8\n    hunter2\n  EOT", "private addresses"),
    ];
    let excerpt = Excerpt::of_source(SOURCE, &labels);
    assert_snapshot!(drawn(&excerpt), @r#"
    resource "aws_guardduty_detector" "this" { …
      …
      enable = false …
      ^^^^^^^^^^^^^^ suspended
      …var.b …
       ^^^^^ unknown
    …
    resource "aws_x" "y" {
      content = <<-EOT …
                ^^^^^^ private addresses
    "#);
    assert!(!excerpt.text().contains("hunter2"));
    assert_eq!(excerpt.lines()[2].origin, Origin::Byte(SOURCE.find("  enable").unwrap()));
}

#[test]
fn of_a_block_only_the_first_line_is_shown() {
    let block = &SOURCE[SOURCE.find("resource \"aws_guardduty").unwrap()..SOURCE.find("\n\nresource \"aws_x").unwrap()];
    let mut labels = [
        label(SOURCE, block, "declared here"),
        label(SOURCE, r#"locals { token = "hunter2" }"#, ""),
        label(SOURCE, r#"output "x" { value = "hunter2" }"#, "an output"),
    ];
    let excerpt = Excerpt::of_source(SOURCE, &labels);
    assert_snapshot!(drawn(&excerpt), @r#"
    locals { …
    ^^^^^^^^ 
    …
    resource "aws_guardduty_detector" "this" { …
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ declared here
    …
    output "x" { …
    ^^^^^^^^^^^^ an output
    "#);
    let value = label(SOURCE, "enable = false", "suspended");
    labels[0] = value.clone();
    labels[1] = Label { sensitive: true, ..value };
    assert!(!Excerpt::of_source(SOURCE, &labels[..2]).text().contains("false"), "whichever label comes first");
    labels.swap(0, 1);
    assert_snapshot!(drawn(&Excerpt::of_source(SOURCE, &labels[..1])), @r#"
    resource "aws_guardduty_detector" "this" { …
      …
      (sensitive) …
      ^^^^^^^^^^^ suspended
    "#);
}

#[test]
fn comments_beside_a_value_are_no_part_of_it() {
    let source = r#"resource "a" "b" {
  enable = /* hunter2 */ false /* hunter2 */
  policy = jsonencode({ # hunter2
    a = 1 })
  url    = "https://x/#y" // hunter2
  long   = [/* hunter2
    hunter2 */ 1]
}
"#;
    let attribute = |from: &str, to: &str| {
        let start = source.find(from).unwrap();
        label(source, &source[start..start + source[start..].find(to).unwrap() + to.len()], "here")
    };
    let labels =
        [attribute("enable", "false"), attribute("policy", "})"), attribute("\"https", "y\""), attribute("long", "1]")];
    let excerpt = Excerpt::of_source(source, &labels);
    assert_snapshot!(drawn(&excerpt), @r#"
    resource "a" "b" {
      enable = … false …
      ^^^^^^^^^^^^^^^^ here
      policy = jsonencode({ …
      ^^^^^^^^^^^^^^^^^^^^^ here
      …
      url    = "https://x/#y" …
               ^^^^^^^^^^^^^^ here
      long   = [ …
      ^^^^^^^^^^ here
    "#);
    assert!(!excerpt.text().contains("hunter2"));
}
