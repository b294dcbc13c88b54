//! Every way in which a configuration is wrong.

use super::*;

/// An ignore lacks nothing with these lines below it.
const REST: &str = "\nrule = 'list-stale'\naddress = '*'\nreason = 'r'";

/// One problem: its place is marked, and is in line and column so; its message and help are these.
#[track_caller]
fn assert_wrong(marked: &str, (line, column): (usize, usize), message: &str, help: &str) {
    let byte = marked.find('@').unwrap();
    let found = parse(marked.replacen('@', "", 1).as_bytes(), SHOWN).unwrap_err();
    let expected = Problem {
        path: Some(SHOWN.into()),
        message: message.into(),
        help: Some(help.to_owned()).filter(|help| !help.is_empty()),
        place: Some(Place { byte, line, column }),
    };
    assert_eq!(found, [expected], "{marked}");
}

#[test]
fn unknown_keys_are_wrong() {
    let known = "known: `fail-on`, `strict`, `expect`, `rules`, `ignore`";
    for (text, place, message, help) in [
        ("@fail_on = 'error'", (1, 1), "unknown key `fail_on`", "did you mean `fail-on`?"),
        ("strict = true\r\n[@rule.list-stale]", (2, 2), "unknown key `rule`", "did you mean `rules`?"),
        ("\u{feff}@accounts = []", (1, 4), "unknown key `accounts`", known),
        ("@\"a\\u001b[2J\" = 1", (1, 1), "unknown key `a\\u{1b}[2J`", known),
        ("[expect]\n@detector = 'here'", (2, 1), "unknown key `detector` in `[expect]`", "did you mean `detectors`?"),
        (
            "[rules.list-stale]\n@level = 'off'",
            (2, 1),
            "unknown key `level` in `[rules.list-stale]`",
            "known: `severity`",
        ),
        (
            &format!("[[ignore]]{REST}\n@adress = 'a'"),
            (5, 1),
            "unknown key `adress` in `[[ignore]]`",
            "did you mean `address`?",
        ),
    ] {
        assert_wrong(text, place, message, help);
    }
    let long = "k".repeat(500_000);
    assert_wrong(&format!("@{long} = 1"), (1, 1), &format!("unknown key `{}…`", &long[..64]), known);
}

#[test]
fn unknown_rules_are_wrong() {
    let list = "`tfduty rules` lists the rules";
    for (text, place, message, help) in [
        ("[rules.@list-stail]", (1, 8), "unknown rule `list-stail`", "did you mean `list-stale`?"),
        ("rules.@x.severity = 'off'", (1, 7), "unknown rule `x`", list),
        (
            "[rules.@\"list-*\"]",
            (1, 8),
            "unknown rule `list-*`",
            "`[rules]` takes one rule at a time; `tfduty rules` lists them",
        ),
    ] {
        assert_wrong(text, place, message, help);
    }
    for (selector, message, help) in [
        ("detector-disable", "unknown rule `detector-disable`", "did you mean `detector-disabled`?"),
        ("list", "unknown rule `list`", "did you mean `list-*`?"),
        ("lists-*", "no rule matches `lists-*`", "did you mean `list-*`?"),
        ("nothing-*", "no rule matches `nothing-*`", list),
        ("*-stale", "unknown rule `*-stale`", list),
    ] {
        let text = format!("[[ignore]]\nrule = @'{selector}'\naddress = '*'\nreason = 'r'");
        assert_wrong(&text, (2, 8), message, help);
    }
}

#[test]
fn incomplete_ignores_are_wrong() {
    let scope = "none of `address`, `account`, `region` and `path` is given";
    let scope_help = "to switch a rule off everywhere, write `severity = \"off\"` under `[rules.ID]`";
    for (text, place, message, help) in [
        (
            "strict = true\n@[[ignore]]\nrule = 'list-stale'\naddress = '*'",
            (2, 1),
            "`reason` is missing",
            "say why the findings do not count",
        ),
        ("@[[ignore]]\nrule = 'list-stale'\nreason = 'r'", (1, 1), scope, scope_help),
        (
            "ignore = [@{ address = '*', reason = 'r' }]",
            (1, 11),
            "`rule` is missing",
            "name a rule, or a family such as `list-*`",
        ),
    ] {
        assert_wrong(text, place, message, help);
    }
}

#[test]
fn values_that_mean_nothing_are_wrong() {
    let day = "a day, such as `2027-01-31`";
    let regions = "such as `eu-west-1`; for every region write `regions = \"all\"`";
    let digits = "an account id has 12 digits";
    for (text, place, message, help) in [
        (
            "fail-on = @'fatal'",
            (1, 11),
            "`fatal` is no value of `fail-on`",
            "known: `error`, `warning`, `advice`, `never`",
        ),
        ("fail-on = @'Warning'", (1, 11), "`Warning` is no value of `fail-on`", "did you mean `warning`?"),
        (
            "[rules.list-stale]\nseverity = @'never'",
            (2, 12),
            "`never` is no value of `severity`",
            "known: `error`, `warning`, `advice`, `off`",
        ),
        ("[expect]\ndetectors = @'there'", (2, 13), "`there` is no value of `detectors`", "did you mean `here`?"),
        ("[expect]\naccounts = [@'1234']", (2, 13), "`1234` is not an account id", digits),
        (
            "[expect]\naccounts = ['123456789012',\n @'12345678901x']",
            (3, 2),
            "`12345678901x` is not an account id",
            digits,
        ),
        ("[expect]\nregions = [@'eu-west']", (2, 12), "`eu-west` is not the name of a region", regions),
        ("[expect]\nregions = [@'all']", (2, 12), "`all` is not the name of a region", regions),
        (&format!("[[ignore]]\naccount = @'*'{REST}"), (2, 11), "`*` is not an account id", digits),
        (
            &format!("[[ignore]]\nregion = @'eu-*'{REST}"),
            (2, 10),
            "`eu-*` is not the name of a region",
            "such as `eu-west-1`",
        ),
        (&format!("[[ignore]]\nuntil = @'2027-02-29'{REST}"), (2, 9), "`2027-02-29` is not a date", day),
        (
            &format!("[[ignore]]\nuntil = @2027-01-01T00:00:00Z{REST}"),
            (2, 9),
            "`2027-01-01T00:00:00Z` is not a date",
            day,
        ),
        (&format!("[[ignore]]\npath = @' '{REST}"), (2, 8), "`path` is empty", "say it, or leave it out"),
    ] {
        assert_wrong(text, place, message, help);
    }
}

#[test]
fn values_of_another_kind_are_wrong() {
    let quotes = "put it in quotes";
    for (text, place, message, help) in [
        ("fail-on = @true", (1, 11), "`fail-on` must be a string, not a boolean", quotes),
        ("fail-on = @['error']", (1, 11), "`fail-on` must be a string, not an array", "one text, in quotes"),
        ("strict = @'yes'", (1, 10), "`strict` must be a boolean, not a string", "`true` or `false`, without quotes"),
        (
            "expect = @1.5",
            (1, 10),
            "`[expect]` must be a table, not a number",
            "write `[expect]` on a line of its own, and its keys below",
        ),
        (
            "[rules]\nlist-stale = @'off'",
            (2, 14),
            "`[rules.list-stale]` must be a table, not a string",
            "write `[rules.list-stale]` on a line of its own, and its keys below",
        ),
        (
            "@[ignore]\nrule = 'list-stale'",
            (1, 1),
            "`ignore` must be an array of tables, not a table",
            "write `[[ignore]]`, with two pairs of brackets",
        ),
        (
            "ignore = [@'list-stale']",
            (1, 11),
            "`[[ignore]]` must be a table, not a string",
            "write `[[ignore]]` on a line of its own, and its keys below",
        ),
        (
            "[expect]\naccounts = @'123456789012'",
            (2, 12),
            "`accounts` must be an array, not a string",
            "put it in brackets: `[\"123456789012\"]`",
        ),
        ("[expect]\naccounts = [@123456789012]", (2, 13), "an account id must be a string, not a number", quotes),
        (
            "[expect]\nregions = @'eu-west-1'",
            (2, 11),
            "`regions` must be an array or \"all\", not a string",
            "put it in brackets: `[\"eu-west-1\"]`",
        ),
        ("[expect]\nregions = [@2027-01-01]", (2, 12), "a region must be a string, not a date", quotes),
        (
            &format!("[[ignore]]\nuntil = @2027{REST}"),
            (2, 9),
            "`until` must be a date, not a number",
            "a day, such as `2027-01-31`",
        ),
    ] {
        assert_wrong(text, place, message, help);
    }
}

#[test]
fn what_is_not_toml_is_wrong() {
    for (text, place, message) in [
        ("strict = true\n@strict = false", (2, 1), "not valid TOML: duplicate key"),
        ("# @\u{1b}", (1, 3), "not valid TOML: invalid comment character, expected printable characters"),
        ("[expect@\nregions = 'all'", (1, 8), "not valid TOML: unclosed table, expected `]`"),
        ("[[ignore]]\nuntil = @2027-02-30", (2, 9), "not valid TOML: invalid date, expected day between 01 and 28"),
    ] {
        assert_wrong(text, place, message, "");
    }
}

#[test]
fn nesting_of_any_depth_is_refused() {
    for (open, rest) in [("a.", "a = 1"), ("a = {", ""), ("a = [[", "")] {
        let found = parse(format!("{}{rest}", open.repeat(100_000)).as_bytes(), SHOWN).unwrap_err();
        assert!(found[0].message.starts_with("not valid TOML: "), "{found:?}");
        assert_eq!(found.len(), 1, "{found:?}");
    }
}

#[test]
fn everything_is_reported_at_once_in_the_order_of_the_file() {
    let found = parse(b"[[ignore]]\n[rules.x]\n[expect]\nregions = ['a']\nzone = 'b'\n", SHOWN).unwrap_err();
    let messages: Vec<&str> = found.iter().map(|problem| problem.message.as_str()).collect();
    let expected = [
        "`rule` is missing",
        "none of `address`, `account`, `region` and `path` is given",
        "`reason` is missing",
        "unknown rule `x`",
        "`a` is not the name of a region",
        "unknown key `zone` in `[expect]`",
    ];
    assert_eq!(messages, expected);

    let many = format!("[[ignore]]{REST}\nx = 1\n").repeat(5000);
    assert_eq!(parse(many.as_bytes(), SHOWN).unwrap_err().len(), 20);
}

#[test]
fn no_damage_makes_the_reader_panic() {
    for end in 0..EXAMPLE.len() {
        let _ = parse(&EXAMPLE.as_bytes()[..end], SHOWN);
        for byte in [b'[', b'"', b'=', b'\n', b'0', 0xff] {
            let mut bytes = EXAMPLE.as_bytes().to_vec();
            bytes[end] = byte;
            let _ = parse(&bytes, SHOWN);
        }
    }
}
