//! Resource addresses, as Terraform prints and parses them.

use std::{fmt, str::FromStr};

/// Whether Terraform manages the object or only reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `resource`: created, changed and destroyed by Terraform.
    Managed,
    /// `data`: read only.
    Data,
}

/// An instance key: of `count`, or of `for_each`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// An index of `count`.
    Int(i64),
    /// A key of `for_each`.
    String(Box<str>),
}

/// The path of a module instance; empty for the root module.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(pub Vec<ModuleStep>);

/// One call on the way to a module instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleStep {
    /// Name of the `module` block.
    pub name: Box<str>,
    /// Instance key of the call, where it has `count` or `for_each`.
    pub key: Option<Key>,
}

impl ModulePath {
    /// The names of the calls without their instance keys: the place of the module in the configuration.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|step| &*step.name)
    }

    /// The module that calls this one; `None` for the root module.
    pub fn parent(&self) -> Option<ModulePath> {
        let (_, parents) = self.0.split_last()?;
        Some(ModulePath(parents.to_vec()))
    }

    /// The instance `name[key]` called in this module.
    #[must_use]
    pub fn child(&self, name: &str, key: Option<Key>) -> ModulePath {
        let mut steps = self.0.clone();
        steps.push(ModuleStep { name: name.into(), key });
        ModulePath(steps)
    }
}

/// The address of one instance of a resource: `module.a["x"].aws_guardduty_ipset.this[0]`.
///
/// The order is that of the parts (module path first), not of the printed text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The module instance that holds it.
    pub module: ModulePath,
    /// Managed or data.
    pub mode: Mode,
    /// Resource type, for example `aws_s3_bucket`.
    pub resource_type: Box<str>,
    /// Name of the block.
    pub name: Box<str>,
    /// Instance key, where the resource has `count` or `for_each`.
    pub key: Option<Key>,
}

impl Address {
    /// The resource without its instance key, and its module without keys: the block's place in the configuration,
    /// for example `module.a.aws_guardduty_ipset.this`.
    pub fn configuration_address(&self) -> String {
        use fmt::Write;
        let mut text = String::new();
        for name in self.module.names() {
            let _ = write!(text, "module.{name}.");
        }
        let _ = write!(text, "{}", self.relative_block());
        text
    }

    /// The block's name inside its own module: `data.aws_s3_object.list` or `aws_s3_bucket.b`.
    pub fn relative_block(&self) -> String {
        match self.mode {
            Mode::Managed => format!("{}.{}", self.resource_type, self.name),
            Mode::Data => format!("data.{}.{}", self.resource_type, self.name),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Int(index) => write!(f, "[{index}]"),
            Key::String(text) => {
                f.write_str("[\"")?;
                write_quoted(f, text)?;
                f.write_str("\"]")
            }
        }
    }
}

/// Writes `text` as it stands between the quotes of an HCL string literal, which is how Terraform prints keys: a
/// `${` inside a key is doubled, and what is not printable becomes `\uXXXX`.
fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    use fmt::Write;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '$' | '%' if chars.peek() == Some(&'{') => write!(f, "{c}{c}")?,
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => write!(f, "\\u{:04x}", c as u32)?,
            c => f.write_char(c)?,
        }
    }
    Ok(())
}

impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(".")?;
            }
            write!(f, "module.{}", step.name)?;
            if let Some(key) = &step.key {
                write!(f, "{key}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.0.is_empty() {
            write!(f, "{}.", self.module)?;
        }
        f.write_str(&self.relative_block())?;
        if let Some(key) = &self.key {
            write!(f, "{key}")?;
        }
        Ok(())
    }
}

/// A text that is no resource address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a resource address: {reason} at byte {byte}")]
pub struct AddressError {
    /// What was expected.
    pub reason: &'static str,
    /// Offset in the text, in bytes.
    pub byte: usize,
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let mut cursor = Cursor { text, at: 0 };
        let module = cursor.module_path()?;
        let (mode, resource_type, name) = cursor.block()?;
        let key = cursor.key()?;
        if cursor.at != text.len() {
            return Err(cursor.error("the end was expected"));
        }
        Ok(Self { module, mode, resource_type, name, key })
    }
}

impl FromStr for ModulePath {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let mut cursor = Cursor { text, at: 0 };
        let module = cursor.module_path()?;
        if cursor.at != text.len() {
            return Err(cursor.error("the end was expected"));
        }
        Ok(module)
    }
}

/// Reads the parts of addresses and references from a text.
pub(crate) struct Cursor<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn error(&self, reason: &'static str) -> AddressError {
        AddressError { reason, byte: self.at }
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// A name: Terraform's identifiers are Unicode letters, digits, `_` and `-`.
    pub(crate) fn name(&mut self) -> Result<&'a str, AddressError> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(rest.len());
        if end == 0 {
            return Err(self.error("a name was expected"));
        }
        self.at += end;
        Ok(&rest[..end])
    }

    /// Zero or more `module.name[key]`, with the dot behind them where something follows.
    fn module_path(&mut self) -> Result<ModulePath, AddressError> {
        let mut steps = Vec::new();
        while self.eat("module.") {
            let name = self.name()?.into();
            let key = self.key()?;
            steps.push(ModuleStep { name, key });
            if !self.eat(".") {
                break;
            }
        }
        Ok(ModulePath(steps))
    }

    /// `type.name` or `data.type.name`.
    pub(crate) fn block(&mut self) -> Result<(Mode, Box<str>, Box<str>), AddressError> {
        let mode = if self.eat("data.") { Mode::Data } else { Mode::Managed };
        let resource_type = self.name()?.into();
        if !self.eat(".") {
            return Err(self.error("a dot was expected"));
        }
        Ok((mode, resource_type, self.name()?.into()))
    }

    /// `[0]`, `["key"]`, or nothing.
    pub(crate) fn key(&mut self) -> Result<Option<Key>, AddressError> {
        if !self.eat("[") {
            return Ok(None);
        }
        let key = if self.eat("\"") {
            Key::String(self.quoted()?)
        } else {
            let rest = self.rest();
            let end = rest.find(']').ok_or_else(|| self.error("a closing bracket was expected"))?;
            let index = rest[..end].parse().map_err(|_| self.error("an index was expected"))?;
            self.at += end;
            Key::Int(index)
        };
        if self.eat("]") { Ok(Some(key)) } else { Err(self.error("a closing bracket was expected")) }
    }

    /// The rest of a quoted string, its closing quote included.
    fn quoted(&mut self) -> Result<Box<str>, AddressError> {
        let mut decoded = String::new();
        loop {
            let mut chars = self.rest().chars();
            let c = chars.next().ok_or_else(|| self.error("a closing quote was expected"))?;
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(decoded.into()),
                '\\' => decoded.push(self.escape()?),
                '$' | '%' if chars.as_str().starts_with(c) && chars.as_str()[1..].starts_with('{') => {
                    self.at += 1;
                    decoded.push(c);
                }
                c => decoded.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, AddressError> {
        let c = self.rest().chars().next().ok_or_else(|| self.error("an escape was expected"))?;
        self.at += c.len_utf8();
        let digits = match c {
            'n' => return Ok('\n'),
            'r' => return Ok('\r'),
            't' => return Ok('\t'),
            '"' | '\\' => return Ok(c),
            'u' => 4,
            'U' => 8,
            _ => return Err(self.error("an escape was expected")),
        };
        let code = self.rest().get(..digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        self.at += digits;
        code.and_then(char::from_u32)
            .ok_or(AddressError { reason: "a code point was expected", byte: self.at - digits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_print_as_they_were_parsed() {
        for text in [
            "aws_guardduty_detector.this",
            "data.aws_caller_identity.me",
            "aws_s3_object.list[0]",
            r#"aws_s3_object.list["a.b"]"#,
            r#"module.a["x.y"].module.b[0].aws_s3_bucket.c["quote\"d"]"#,
            r#"module.eu.data.aws_s3_object.list["back\\slash"]"#,
            r#"aws_x.y["$${no} %%{template} $ %"]"#,
            r#"aws_x.y["schlüssel 鍵 \n\t\u0007"]"#,
            r#"aws_x.y[""]"#,
            "aws_x.höhe-2[-1]",
        ] {
            assert_eq!(text.parse::<Address>().map(|address| address.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_key_keeps_dots_brackets_and_quotes() {
        let address: Address = r#"module.m["a].b"].aws_x.y["c\"]"]"#.parse().unwrap();
        assert_eq!(address.module.0[0].key, Some(Key::String("a].b".into())));
        assert_eq!(address.key, Some(Key::String("c\"]".into())));
        assert_eq!(address.configuration_address(), "module.m.aws_x.y");
    }

    #[test]
    fn what_is_no_address_says_where() {
        for (text, byte) in [
            ("", 0),
            ("aws_x", 5),
            ("aws_x.", 6),
            ("aws_x.y[", 8),
            ("aws_x.y[1", 8),
            ("aws_x.y z", 7),
            ("aws_x.y[\"", 9),
        ] {
            assert_eq!(text.parse::<Address>().map_err(|error| error.byte), Err(byte), "{text}");
        }
    }
}
