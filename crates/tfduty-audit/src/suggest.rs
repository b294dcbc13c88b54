//! What to say of a word that is not known: in `tfduty.toml`, in comments, on the command line.

use tfduty_terraform::escape;

use crate::rules::{RULES, rule};

/// Characters of a user's text that a message repeats in one go.
const MAX_QUOTED: usize = 64;

/// The word of `known` that `text` is a slip of the pen away from. As strict as
/// [`nearest_rule`](crate::nearest_rule); what is longer than any word is not compared, since comparing takes the product
/// of both lengths.
pub fn nearest<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let distance = |word: &&str| strsim::damerau_levenshtein(word, text);
    let known = known.into_iter().filter(|_| text.len() <= MAX_QUOTED);
    known.min_by_key(distance).filter(|word| distance(word) * 3 <= word.len())
}

/// The question that goes with a word from [`nearest`].
pub fn did_you_mean(word: &str) -> String {
    format!("did you mean `{word}`?")
}

/// For a text that is none of a few words: the nearest of them, else all.
pub fn one_of(text: &str, known: &[&str]) -> String {
    let all = || format!("known: `{}`", known.join("`, `"));
    nearest(text, known.iter().copied()).map_or_else(all, did_you_mean)
}

/// A piece of a user's text for a message.
pub fn quoted(text: &str) -> String {
    let short: String = text.chars().take(MAX_QUOTED).collect();
    let rest = if short.len() < text.len() { "…" } else { "" };
    format!("`{}{rest}`", escape(short))
}

/// Whether a selector, a rule's id or a family such as `list-*`, selects anything.
pub fn selects_any(selector: &str) -> bool {
    match selector.strip_suffix('*') {
        Some(prefix) => RULES.iter().any(|rule| rule.id.starts_with(prefix)),
        None => rule(selector).is_some(),
    }
}

/// Of a selector that selects nothing, what is wrong with it, and what to write instead.
pub fn unknown_selector(selector: &str) -> Option<(String, String)> {
    let families: Vec<String> = RULES.iter().map(|rule| format!("{}-*", rule.family())).collect();
    let message = if selector.ends_with('*') { "no rule matches" } else { "unknown rule" };
    let unknown = || (format!("{message} {}", quoted(selector)), unknown_rule(selector, &families));
    (!selects_any(selector)).then(unknown)
}

/// What to write instead of an id that no rule has; `families` are taken as well.
pub fn unknown_rule(id: &str, families: &[String]) -> String {
    let ids = RULES.iter().map(|rule| rule.id);
    let near = nearest(id, ids.chain(families.iter().map(String::as_str)));
    near.map_or_else(|| "`tfduty rules` lists the rules".to_owned(), did_you_mean)
}
