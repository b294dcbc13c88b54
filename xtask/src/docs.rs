//! `cargo xtask docs`: the rules' pages as a static site.

use std::{fmt::Write, fs};

use clap::Args;
use pulldown_cmark::{Parser, html::push_html};
use tfduty_audit::{RULES, Rule};

use crate::{Failure, root};

/// Write the rules' pages as a static site to target/docs
#[derive(Args)]
pub(crate) struct Options {}

/// The look of every page: readable in a light and a dark room, without a script or a font from elsewhere.
const STYLE: &str = "\
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 46rem; padding: 0 1rem }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em }
pre { border: 1px solid #8886; border-radius: 4px; overflow-x: auto; padding: 0.75rem }
table { border-collapse: collapse }
td { border-top: 1px solid #8886; padding: 0.25rem 1rem 0.25rem 0; vertical-align: top }
";

pub(crate) fn run(_: &Options) -> Result<(), Failure> {
    let folder = root().join("target/docs");
    fs::create_dir_all(&folder)?;
    for (name, text) in site() {
        fs::write(folder.join(name), text)?;
    }
    eprintln!("{}", folder.join("index.html").display());
    Ok(())
}

/// The files of the site with their texts: an index, and a page for each rule, whose name is its id.
fn site() -> Vec<(String, String)> {
    let mut files = vec![("index.html".to_owned(), index())];
    files.extend(RULES.iter().map(|rule| (file(rule), page(rule))));
    files
}

fn file(rule: &Rule) -> String {
    format!("{}.html", rule.id)
}

fn index() -> String {
    let mut body = String::from("<h1>Rules of tfduty</h1>\n");
    let families = RULES.chunk_by(|left, right| left.family() == right.family());
    for family in families {
        let _ = writeln!(body, "<h2>{}</h2>\n<table>", family[0].family());
        for rule in family {
            let (id, file, severity, summary) = (rule.id, file(rule), rule.severity, html(rule.summary()));
            let _ = writeln!(
                body,
                "<tr><td><a href=\"{file}\"><code>{id}</code></a></td><td>{severity}</td><td>{summary}</td></tr>"
            );
        }
        body.push_str("</table>\n");
    }
    document("Rules of tfduty", &body)
}

fn page(rule: &Rule) -> String {
    let back = "<p><a href=\"index.html\">All rules</a></p>\n";
    document(rule.id, &format!("{back}{}", html(&tfduty_report::page(rule))))
}

/// Markdown as HTML. The pages are written here, so nothing in them needs to be kept out.
fn html(markdown: &str) -> String {
    let mut text = String::new();
    push_html(&mut text, Parser::new(markdown));
    text
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_link_of_the_site_leads_to_a_page_of_it() {
        let site = site();
        let files: BTreeSet<&str> = site.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(files.len(), RULES.len() + 1);
        let links = |text: &str| -> Vec<String> {
            text.split("href=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
        };
        let index: BTreeSet<String> = links(&site[0].1).into_iter().collect();
        assert_eq!(index.len(), RULES.len());
        for (name, text) in &site {
            let local = |link: &String| !link.starts_with("https://");
            let lost: Vec<String> =
                links(text).into_iter().filter(local).filter(|link| !files.contains(link.as_str())).collect();
            assert_eq!(lost, [""; 0], "{name}");
            assert!(!text.contains("```") && !text.contains("<script"), "{name}");
        }
    }
}
