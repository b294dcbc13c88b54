//! The pages of rules, as people read them.

use std::fmt::Write;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Parser, Tag, TagEnd};
use tfduty_audit::Rule;

use crate::human::{
    remarks::{Paint, paint},
    wrapping,
};

/// A rule's page in Markdown: its header, without the documents that only tests read, and with what of other tools asks
/// for the same. Ends with a newline.
pub fn page(rule: &Rule) -> String {
    let mut page = format!("# {} ({})\n\n", rule.id, rule.severity);
    let mut hidden = false;
    let mut blank = false;
    for line in rule.page().lines() {
        if line.starts_with("```json ") {
            hidden = true;
        } else if hidden {
            hidden = line != "```";
        } else if !(blank && line.is_empty()) {
            page.push_str(line);
            page.push('\n');
            blank = line.is_empty();
        }
    }
    let counterparts: Vec<String> = rule.counterparts().iter().map(ToString::to_string).collect();
    if !counterparts.is_empty() {
        let _ = writeln!(page, "\nAlso: {}", counterparts.join(", "));
    }
    page
}

/// A rule's page for a terminal of so many columns: wrapped, code indented, headings and code in colours if there are any.
pub fn page_for_terminal(rule: &Rule, width: usize, color: bool) -> String {
    let page = page(rule);
    let mut sheet = Sheet { width: width.clamp(40, 100), color, text: String::new(), line: String::new(), item: None };
    for event in Parser::new(&page) {
        sheet.take(event);
    }
    sheet.text.truncate(sheet.text.trim_end().len());
    sheet.text.push('\n');
    sheet.text
}

/// A page while it is laid out.
struct Sheet {
    width: usize,
    color: bool,
    text: String,
    /// The paragraph, heading or item so far.
    line: String,
    /// Whether an item's bullet is still to be written; `None` outside of lists.
    item: Option<bool>,
}

impl Sheet {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented)) => self.flush(),
            Event::End(TagEnd::CodeBlock) => self.code(),
            Event::Start(Tag::Item) => self.item = Some(true),
            Event::End(TagEnd::Item) => {
                self.flush();
                self.item = None;
            }
            Event::End(TagEnd::List(_)) => self.text.push('\n'),
            Event::End(TagEnd::Heading(_)) => {
                let heading = std::mem::take(&mut self.line);
                let heading = if self.color { format!("\u{1b}[1m{heading}\u{1b}[0m") } else { heading };
                let _ = writeln!(self.text, "{heading}\n");
            }
            Event::End(TagEnd::Paragraph) => {
                self.flush();
                if self.item.is_none() {
                    self.text.push('\n');
                }
            }
            Event::Text(text) => self.line.push_str(&text),
            Event::Code(code) => self.span(&code),
            Event::SoftBreak | Event::HardBreak => self.line.push(' '),
            _ => {}
        }
    }

    /// Code within a sentence. Spaces in it stay, and no line breaks there.
    fn span(&mut self, code: &CowStr<'_>) {
        let code = if self.color { paint(true, Paint::Help, code) } else { format!("`{code}`") };
        self.line.push_str(&code);
    }

    /// A block of code: as it is, indented.
    fn code(&mut self) {
        for line in std::mem::take(&mut self.line).lines() {
            let _ = writeln!(self.text, "{}", format!("    {line}").trim_end());
        }
        self.text.push('\n');
    }

    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return;
        }
        let options = wrapping(self.width);
        let options = match self.item.replace(false) {
            Some(true) => options.initial_indent("- ").subsequent_indent("  "),
            Some(false) => options.initial_indent("  ").subsequent_indent("  "),
            None => {
                self.item = None;
                options
            }
        };
        let _ = writeln!(self.text, "{}", textwrap::fill(&line, options));
    }
}

#[cfg(test)]
mod tests {
    use tfduty_audit::{RULES, rule};

    use super::*;

    #[test]
    fn a_page_for_a_terminal_says_what_its_markdown_says() {
        let words = |text: &str| {
            let marks = ['#', '-', '`', '*'];
            // A fence names its language.
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("```"));
            lines
                .flat_map(str::split_whitespace)
                .map(|word| word.replace(marks, ""))
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
        };
        for rule in RULES {
            let shown = page_for_terminal(rule, 80, false);
            assert_eq!(words(&shown), words(&page(rule)), "{}", rule.id);
            let prose = shown.lines().filter(|line| !line.starts_with("    "));
            // Only what is one word, such as an ARN or an address of the web, is longer than a line.
            let long = prose.filter(|line| line.chars().count() > 80 && line.trim_start_matches("- ").contains(' '));
            assert_eq!(long.collect::<Vec<_>>(), [""; 0], "{}", rule.id);
            assert!(!shown.contains("\n\n\n") && !shown.contains('\u{1b}'), "{shown}");
        }
    }

    #[test]
    fn headings_items_and_code_look_different() {
        let shown = page_for_terminal(rule("list-inactive").unwrap(), 80, true);
        assert!(shown.starts_with("\u{1b}[1mlist-inactive ("), "{shown}");
        assert!(shown.contains("\n\n\u{1b}[1mHow to fix it\u{1b}[0m\n\n"), "{shown}");
        assert!(shown.contains("\n- "), "{shown}");
        assert!(shown.contains("\u{1b}[36mactivate"), "{shown}");
    }
}
