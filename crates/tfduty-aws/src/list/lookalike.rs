//! What a text is that is no entry, and what was probably meant.
//!
//! Every check is linear in the text, and none is applied to its own result: a line may be as long as the file.

#[cfg(test)]
mod tests;

use std::net::Ipv6Addr;

use super::lexer::{Written, read, read_address};
use super::reason::Reason;

/// Says why `text`, which [`read`] does not accept, is no entry.
pub(super) fn explain(text: &[u8]) -> Reason {
    if is_comment(text) {
        return Reason::Comment;
    }
    if text.starts_with(b"\xEF\xBB\xBF") {
        return Reason::ByteOrderMark;
    }
    let Ok(text) = str::from_utf8(text) else { return Reason::NotUtf8 };
    if text.split("\r\n").any(|line| line.contains('\r')) {
        return Reason::LoneCarriageReturn;
    }
    // Line ends may stand in a quoted field and in an element.
    if text.chars().any(|c| c.is_control() && !c.is_ascii_whitespace()) {
        return Reason::ControlCharacter;
    }
    if text.is_ascii() { ascii(text) } else { non_ascii(text) }
}

/// Whether it begins as a comment does in one language or another.
pub(super) fn is_comment(text: &[u8]) -> bool {
    text.starts_with(b"#") || text.starts_with(b";") || text.starts_with(b"//")
}

/// Whether it is a domain's name and nothing else, with `*.` before it or not.
pub(super) fn is_domain(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len()) && label.bytes().all(fits)
    };
    let top = name.rsplit_once('.').map_or("", |(_, top)| top);
    name.len() <= 253 && name.split('.').all(is_label) && top.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn ascii(text: &str) -> Reason {
    // Each takes what the ones before it left: a URL has colons, a range may have slashes.
    const CHECKS: &[fn(&str) -> Option<Reason>] =
        &[wrapped, defanged, url, ipv6, backslash, range, prefix, port, wildcard, white_space, several, octets, domain];
    CHECKS.iter().find_map(|check| check(text)).unwrap_or(Reason::NotAnAddress)
}

/// Digits, dots, slashes, dashes and spaces that only look like those of ASCII, and characters that are not seen.
fn non_ascii(text: &str) -> Reason {
    let plain: String = text
        .chars()
        .filter_map(|c| match c {
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}' => None,
            '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
            '．' | '。' | '｡' | '․' => Some('.'),
            '／' | '⁄' | '∕' => Some('/'),
            '‐'..='―' | '−' | '－' => Some('-'),
            '“' | '”' | '„' | '‘' | '’' | '«' | '»' => Some('"'),
            '：' => Some(':'),
            c if c.is_whitespace() => Some(' '),
            c => Some(c),
        })
        .collect();
    let plain = plain.trim();
    if let Some(meant) = read(plain.as_bytes()) {
        return Reason::NonAscii(Some(meant));
    }
    match ascii(plain) {
        // What is wrong apart from the characters, and is still wrong when they are mended.
        reason if plain.is_ascii() && reason != Reason::NotAnAddress => reason,
        _ => Reason::NonAscii(None),
    }
}

fn wrapped(text: &str) -> Option<Reason> {
    let inner = text.strip_prefix("- ").or_else(|| text.strip_prefix("* ")).unwrap_or(text).trim();
    let inner = inner.strip_suffix([',', ';']).unwrap_or(inner);
    let pairs = [('"', '"'), ('\'', '\''), ('`', '`'), ('<', '>'), ('[', ']'), ('(', ')'), ('{', '}')];
    let unwrapped = pairs.iter().find_map(|(open, close)| inner.strip_prefix(*open)?.strip_suffix(*close));
    let inner = match unwrapped {
        Some(unwrapped) => unwrapped.trim(),
        None if inner.len() + 2 <= text.len() => inner,
        None => return None,
    };
    read(inner.as_bytes()).map(Reason::Wrapped)
}

fn defanged(text: &str) -> Option<Reason> {
    const MARKS: [(&str, &str); 6] =
        [("[.]", "."), ("(.)", "."), ("{.}", "."), ("[dot]", "."), ("(dot)", "."), ("[:]", ":")];
    if !MARKS.iter().any(|(mark, _)| text.contains(mark)) {
        return None;
    }
    let plain = MARKS.iter().fold(text.to_owned(), |text, (mark, plain)| text.replace(mark, plain));
    match read(plain.as_bytes()) {
        Some(meant) => Some(Reason::Defanged(meant)),
        None => [url, ipv6, port, domain].iter().find_map(|check| check(&plain)),
    }
}

fn url(text: &str) -> Option<Reason> {
    let Some((scheme, rest)) = text.split_once("://") else {
        let (host, _) = text.split_once('/')?;
        return is_domain(host).then_some(Reason::Url(None));
    };
    scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()).then(|| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        Reason::Url(read(host.as_bytes()))
    })
}

fn ipv6(text: &str) -> Option<Reason> {
    // The longest: brackets, eight groups of four, a zone, a prefix or a port.
    if text.len() > 100 || !text.contains(':') {
        return None;
    }
    let inside = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => text,
    };
    let address = inside.split(['/', '%']).next()?;
    address.parse::<Ipv6Addr>().is_ok().then_some(Reason::Ipv6)
}

fn backslash(text: &str) -> Option<Reason> {
    let (address, prefix) = text.split_once('\\')?;
    read(format!("{address}/{prefix}").as_bytes()).map(Reason::Backslash)
}

fn range(text: &str) -> Option<Reason> {
    let (from, to) = ["-", "..", " to "].iter().find_map(|between| {
        let (from, to) = text.split_once(between)?;
        Some((read_address(from.trim().as_bytes())?, to.trim()))
    })?;
    let last = read_address(to.as_bytes()).or_else(|| {
        // `198.51.100.7-9` leaves out what stays the same.
        Some(from & !0xFF | u32::from(small(to)?))
    })?;
    Some(if from <= last { Reason::Range { first: from, last } } else { Reason::RangeBackwards })
}

fn prefix(text: &str) -> Option<Reason> {
    let (address, prefix) = text.split_once('/')?;
    let address = read_address(address.as_bytes())?;
    if prefix.contains(is_white_space) {
        return None;
    }
    if let Some(mask) = read_address(prefix.as_bytes()) {
        return Some(Reason::Netmask(Written::with_mask(address, mask)));
    }
    if !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
        // A comma or a comment right behind a sound prefix is none of its business.
        let digits = prefix.len() - prefix.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let behind = prefix[digits..].starts_with([',', ';', '|', '#']);
        return (!behind).then_some(Reason::PrefixNotANumber);
    }
    if prefix.is_empty() {
        return Some(Reason::PrefixMissing);
    }
    Some(match small(prefix).filter(|prefix| *prefix <= 32) {
        Some(prefix) => Reason::PrefixLeadingZero(Written { address, prefix: Some(prefix) }),
        None => Reason::PrefixTooLong,
    })
}

/// A number from 0 to 255 in digits, with leading zeros or without.
fn small(digits: &str) -> Option<u8> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() { Some(0) } else { significant.parse().ok() }
}

fn port(text: &str) -> Option<Reason> {
    let (address, port) = text.split_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    read(address.as_bytes()).filter(|_| is_port).map(Reason::Port)
}

fn wildcard(text: &str) -> Option<Reason> {
    let is_star = |octet: &str| octet == "*" || (1..=3).contains(&octet.len()) && octet.bytes().all(|c| c | 32 == b'x');
    if text.len() > "255.255.255.xxx".len() || !text.split('.').any(is_star) {
        return None;
    }
    let octets: Vec<Option<u8>> = text.split('.').map(small).collect();
    let known: Vec<u8> = octets.iter().map_while(|octet| *octet).collect();
    let only_stars = text.split('.').zip(&octets).all(|(text, octet)| octet.is_some() || is_star(text));
    // Letters alone are a name.
    if !only_stars || known.is_empty() && !text.contains('*') {
        return None;
    }
    // `*` alone would be all addresses: nobody is led to that.
    let fits = (1..4).contains(&known.len()) && octets.len() <= 4 && octets[known.len()..].iter().all(Option::is_none);
    let address = (0..4).fold(0, |address, at| address << 8 | known.get(at).copied().map_or(0, u32::from));
    let prefix = u8::try_from(known.len() * 8).ok();
    Some(Reason::Wildcard(fits.then_some(Written { address, prefix })))
}

fn is_white_space(c: char) -> bool {
    c.is_ascii_whitespace()
}

/// White space beside a dot or the slash. Anywhere else it may be what keeps two entries apart.
fn white_space(text: &str) -> Option<Reason> {
    if !text.contains(is_white_space) {
        return None;
    }
    let mut joined = String::with_capacity(text.len());
    for word in text.split_ascii_whitespace() {
        let joins = joined.is_empty() || joined.ends_with(['.', '/']) || word.starts_with(['.', '/']);
        if !joins {
            return None;
        }
        joined.push_str(word);
    }
    read(joined.as_bytes()).map(Reason::WhiteSpace)
}

/// An entry with more behind it: entries, a netmask, a comment, a comma.
fn several(text: &str) -> Option<Reason> {
    let is_separator = |c: char| is_white_space(c) || matches!(c, ',' | ';' | '|' | '#');
    let (word, behind) = text.split_at(text.find(is_separator)?);
    let first = read(word.as_bytes())?;
    // No address that a list names begins as a netmask does: 255 is reserved.
    let mask = read_address(behind.trim().as_bytes()).filter(|mask| first.prefix.is_none() && mask >> 24 == 255);
    if let Some(network) = mask.and_then(|mask| Written::with_mask(first.address, mask)) {
        return Some(Reason::Netmask(Some(network)));
    }
    let mut words = behind.split(is_separator).filter(|word| !word.is_empty()).peekable();
    let all_entries = words.peek().is_some() && words.all(|word| read(word.as_bytes()).is_some());
    Some(if all_entries { Reason::Several } else { Reason::TextBehind(first) })
}

/// Numbers with dots between them, and a prefix perhaps.
fn octets(text: &str) -> Option<Reason> {
    let (octets, prefix) = match text.split_once('/') {
        Some((octets, prefix)) => (octets, Some(small(prefix).filter(|prefix| *prefix <= 32)?)),
        None => (text, None),
    };
    // A number alone may be anything.
    let is_one_number = !octets.contains('.') && prefix.is_none();
    if is_one_number || !octets.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    if octets.split('.').any(str::is_empty) {
        return octets.bytes().any(|byte| byte.is_ascii_digit()).then_some(Reason::OctetCount(None));
    }
    let mut address = 0;
    let mut count = 0u32;
    for octet in octets.split('.') {
        let Some(octet) = small(octet) else { return Some(Reason::OctetTooLarge) };
        address = address << 8 | u32::from(octet);
        count = count.saturating_add(1);
    }
    if count == 4 {
        return Some(Reason::OctetLeadingZero(Written { address, prefix }));
    }
    // `10/8` and `10.1/16` leave out zeros.
    let lacking = prefix.and(4u32.checked_sub(count));
    Some(Reason::OctetCount(lacking.map(|lacking| Written { address: address << (8 * lacking), prefix })))
}

fn domain(text: &str) -> Option<Reason> {
    let (host, port) = text.split_once(':').unwrap_or((text, ""));
    (is_domain(host) && port.bytes().all(|byte| byte.is_ascii_digit())).then_some(Reason::Domain)
}
