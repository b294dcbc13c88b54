//! Texts that stay texts in Markdown, whatever an input calls its things.

use std::borrow::Cow;

use tfduty_terraform::escape;

/// What Markdown, HTML in it, or a formula could begin or end with.
const MARKUP: &str = "\\`*_{}[]<>#|~&!$";

/// A space without width. Code hosts look for mentions and links in the page that Markdown was made into, where a backslash
/// is gone; this is still there.
const BREAK: &str = "&#8203;";

/// A text in which what stands between backquotes is code, and nothing else is anything.
pub(crate) fn text(text: &str) -> String {
    with_code(text, |code| format!("`{code}`"))
}

/// The same for a cell of a table, where a bar ends even code.
pub(crate) fn cell(text: &str) -> String {
    with_code(text, cell_code)
}

fn with_code(text: &str, code: impl Fn(&str) -> String) -> String {
    let text = escape(text);
    let parts: Vec<&str> = text.split('`').collect();
    // Backquotes that are not in pairs quote nothing, and several at once pair up with as many elsewhere.
    if parts.len().is_multiple_of(2) || text.contains("``") {
        return plain(&text);
    }
    let shown = parts.iter().enumerate().map(|(index, part)| if index % 2 == 0 { plain(part) } else { code(part) });
    shown.collect()
}

/// A name as code, in a cell or elsewhere.
pub(crate) fn code(name: &str) -> String {
    if name.is_empty() { String::new() } else { cell_code(&escape(name)) }
}

fn cell_code(text: &str) -> String {
    if text.contains(['`', '|']) { format!("<code>{}</code>", plain(text)) } else { format!("`{text}`") }
}

/// A text without code.
pub(crate) fn plain(text: &str) -> String {
    let text = escape(text);
    let mut shown = String::with_capacity(text.len());
    for (start, c) in text.char_indices() {
        if MARKUP.contains(c) {
            shown.push('\\');
        }
        shown.push(c);
        let (before, after) = text.split_at(start + c.len_utf8());
        if is_linked(before, after) {
            shown.push_str(BREAK);
        }
    }
    shown
}

/// Whether a code host would make a mention, a reference to an issue or a link of what meets here.
fn is_linked(before: &str, after: &str) -> bool {
    let ends = |word: &str| {
        let start = before.len().checked_sub(word.len());
        start.and_then(|start| before.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(word))
    };
    match before.chars().next_back() {
        Some('@' | '#') => !after.is_empty(),
        Some(':') => after.starts_with("//"),
        Some('w' | 'W') => after.starts_with('.') && ends("www"),
        Some('-') => after.starts_with(|c: char| c.is_ascii_digit()) && ends("gh-"),
        _ => false,
    }
}

/// Lines of commands as a block, which ends where they end.
pub(crate) fn block<'a>(lines: impl Iterator<Item = &'a str>, indent: &str) -> String {
    let lines: Vec<Cow<'_, str>> = lines.map(escape).collect();
    let longest = lines.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len).max().unwrap_or_default();
    let fence = "`".repeat((longest + 1).max(3));
    let mut block = format!("{indent}{fence}sh\n");
    for line in &lines {
        block.extend([indent, line, "\n"]);
    }
    block.extend([indent, &fence, "\n"]);
    block
}

/// The beginning of a text that is too long for its place.
pub(crate) fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_between_backquotes_are_code_and_the_rest_is_text() {
        for (given, shown) in [
            ("set `a*b` to *c*", r"set `a*b` to \*c\*"),
            ("`a` and `b`", "`a` and `b`"),
            ("one ` alone <b>", r"one \` alone \<b\>"),
            // Three backquotes at once are not closed by one: what looks quoted would be HTML.
            ("```<x>`y", r"\`\`\`\<x\>\`y"),
            ("``<x>``", r"\`\`\<x\>\`\`"),
            ("`a``<b>`", r"\`a\`\`\<b\>\`"),
            ("a\n\n# b\u{202e}\u{1b}[1m", r"a\\n\\n\#&#8203; b\\u\{202e\}\\u\{1b\}\[1m"),
        ] {
            assert_eq!(text(given), shown);
        }
    }

    #[test]
    fn a_bar_ends_no_cell() {
        for (given, shown) in [
            ("`m[\"a|b\"]` | c", r#"<code>m\["a\|b"\]</code> \| c"#),
            // Two backslashes are one that is escaped, and a bar after them would be bare.
            (r"`a\|b`", r"<code>a\\\|b</code>"),
            (r"a\|b", r"a\\\|b"),
        ] {
            assert_eq!(cell(given), shown);
        }
        assert_eq!(code("a`b"), r"<code>a\`b</code>");
        assert_eq!((code("").as_str(), code("a_b").as_str()), ("", "`a_b`"));
    }

    #[test]
    fn nobody_is_mentioned_and_nothing_is_linked() {
        for (given, shown) in [
            ("@octocat", "@&#8203;octocat"),
            ("a@b.example", "a@&#8203;b.example"),
            ("shop/web#1 GH-2 gh-x", r"shop/web\#&#8203;1 GH-&#8203;2 gh-x"),
            ("https://x.example WWW.x.example éwww", "https:&#8203;//x.example WWW&#8203;.x.example éwww"),
            ("[x](http://y)", r"\[x\](http:&#8203;//y)"),
        ] {
            assert_eq!(plain(given), shown);
        }
    }

    #[test]
    fn no_command_ends_its_block() {
        assert_eq!(block(["a ```` b\n```"].into_iter(), "  "), "  `````sh\n  a ```` b\\n```\n  `````\n");
        assert_eq!(block(["a"].into_iter(), ""), "```sh\na\n```\n");
    }

    #[test]
    fn long_texts_end_with_an_ellipsis() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöüx", 3), "äöü…");
    }
}
