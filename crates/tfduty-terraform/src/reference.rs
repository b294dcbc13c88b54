//! References between the blocks of a configuration.

use std::fmt;

use crate::address::{AddressError, Cursor, Key, Mode, ModulePath};

/// A reference as an expression makes it: `aws_s3_bucket.lists["eu"].id`, seen from one module instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The module instance that the name is looked up in.
    pub module: ModulePath,
    /// What is named.
    pub target: Target,
    /// What is read of it.
    pub path: Vec<Step>,
}

/// What a [`Reference`] names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A resource or data source; without a key all its instances, or an instance that cannot be told.
    Resource {
        /// Managed or data.
        mode: Mode,
        /// Resource type.
        resource_type: Box<str>,
        /// Name of the block.
        name: Box<str>,
        /// The instance, where the reference says it.
        key: Option<Key>,
    },
    /// An output of a module call (the first step of the path is the output's name); without a key as above.
    Module {
        /// Name of the `module` block.
        name: Box<str>,
        /// The instance, where the reference says it.
        key: Option<Key>,
    },
    /// `var.NAME`.
    Variable(Box<str>),
    /// `local.NAME`.
    Local(Box<str>),
    /// `each.key` or `each.value`; the name behind the dot.
    Each(Box<str>),
    /// `count.index`.
    Count,
    /// `path`, `terraform`, `self` and what else the language may come to have; the first word.
    Other(Box<str>),
    /// What fills the hole is known, and is sensitive: facts leave it out. Not part of the language.
    Withheld,
}

/// One step of a reference's path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// `.name`
    Attribute(Box<str>),
    /// `[0]` or `["key"]`
    Index(Key),
}

impl Reference {
    /// Reads a reference such as those in the `references` lists of a plan's configuration. `module` is the module
    /// instance it is seen from.
    pub fn parse(module: ModulePath, text: &str) -> Result<Self, AddressError> {
        let mut cursor = Cursor { text, at: 0 };
        let target = target(&mut cursor)?;
        let mut path = Vec::new();
        while cursor.at < text.len() {
            if let Some(key) = cursor.key()? {
                path.push(Step::Index(key));
            } else if cursor.eat(".") {
                path.push(Step::Attribute(cursor.name()?.into()));
            } else {
                return Err(cursor.error("a dot or an index was expected"));
            }
        }
        Ok(Self { module, target, path })
    }

    /// The attribute that is read first: `id` of `aws_s3_bucket.b.id`.
    pub fn attribute(&self) -> Option<&str> {
        match self.path.first()? {
            Step::Attribute(name) => Some(name),
            Step::Index(_) => None,
        }
    }
}

fn target(cursor: &mut Cursor<'_>) -> Result<Target, AddressError> {
    let start = cursor.at;
    let word = cursor.name()?;
    Ok(match word {
        "var" | "local" | "each" => {
            if !cursor.eat(".") {
                return Err(cursor.error("a dot was expected"));
            }
            let name = cursor.name()?.into();
            match word {
                "var" => Target::Variable(name),
                "local" => Target::Local(name),
                _ => Target::Each(name),
            }
        }
        "count" => Target::Count,
        "path" | "terraform" | "self" => Target::Other(word.into()),
        "module" if cursor.eat(".") => {
            let name = cursor.name()?.into();
            Target::Module { name, key: cursor.key()? }
        }
        _ => {
            cursor.at = start;
            let (mode, resource_type, name) = cursor.block()?;
            Target::Resource { mode, resource_type, name, key: cursor.key()? }
        }
    })
}

impl fmt::Display for Reference {
    /// As it is written in its module: the module path is not part of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::Resource { mode, resource_type, name, key } => {
                if *mode == Mode::Data {
                    f.write_str("data.")?;
                }
                write!(f, "{resource_type}.{name}")?;
                write_key(f, key.as_ref())?;
            }
            Target::Module { name, key } => {
                write!(f, "module.{name}")?;
                write_key(f, key.as_ref())?;
            }
            Target::Variable(name) => write!(f, "var.{name}")?,
            Target::Local(name) => write!(f, "local.{name}")?,
            Target::Each(name) => write!(f, "each.{name}")?,
            Target::Count => f.write_str("count")?,
            Target::Other(word) => f.write_str(word)?,
            Target::Withheld => return f.write_str("(sensitive)"),
        }
        for step in &self.path {
            match step {
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Index(key) => write!(f, "{key}")?,
            }
        }
        Ok(())
    }
}

fn write_key(f: &mut fmt::Formatter<'_>, key: Option<&Key>) -> fmt::Result {
    key.map_or(Ok(()), |key| write!(f, "{key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_print_as_they_were_parsed() {
        for text in [
            "aws_s3_bucket.lists.id",
            r#"aws_s3_object.list["eu"].key"#,
            "aws_s3_object.list[0]",
            "data.aws_caller_identity.me.account_id",
            "module.m.location",
            r#"module.m["x"].location[0].key"#,
            "module.m",
            "var.bucket",
            "var.lists[0].name",
            "local.location",
            "each.value.location",
            "each.key",
            "count.index",
            "path.module",
            "terraform.workspace",
            "self.id",
        ] {
            let reference = Reference::parse(ModulePath::default(), text);
            assert_eq!(reference.map(|reference| reference.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for text in ["", "var", "aws_s3_bucket", "each", "aws_x.y..z", "1 + 1"] {
            assert!(Reference::parse(ModulePath::default(), text).is_err(), "{text}");
        }
    }
}
