//! The location of a list: where in S3 GuardDuty is told to read it.
//!
//! # Unknown parts
//!
//! A location may come from a template of which some parts are not known. The caller puts one character of Unicode's
//! private-use area (U+E000 to U+F8FF) in the place of each, a *placeholder* ([`is_placeholder`]). A placeholder stays
//! where it is, and may be
//!
//! - a bucket's name, a region, a key, or a part of one of these;
//! - all of a host's suffix (`s3.eu-west-1.<unknown>`): it is then taken to fit;
//! - all of a host (`https://<unknown>/k`): it is then taken for the domain name of a bucket, in the form
//!   [`Form::VirtualHosted`], and is [`Location::bucket`].
//!
//! A location is invalid for sure only when its known characters make it so. Where a placeholder decides, the error is
//! [`LocationError::Undecided`]: `https://<unknown>.example.com/k` may still turn out to be anything, as may
//! `s3://<unknown>`, whose placeholder may hold the bucket *and* the key.

mod error;
mod host;
mod key;
mod near;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use self::error::LocationError;
pub use self::key::{named_key, same_key, stored_keys};
pub use self::near::NearKeys;
use crate::arn::Arn;
use crate::limits::LOCATION_CHARS;
use crate::partition::Partition;

/// A location that can name an S3 object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Location {
    /// The bucket's name, as written.
    pub bucket: String,
    /// The object's key: percent-decoded once in the http forms, as written in `s3://`.
    pub key: String,
    /// The object's key as written.
    pub raw_key: String,
    /// The region that the host names, in lower case. None is taken from a host of an isolated partition.
    pub region: Option<String>,
    /// The domain behind the host's S3 part, in lower case; `None` for `s3://` and where the host is a placeholder.
    pub suffix: Option<String>,
    /// How it is written.
    pub form: Form,
}

impl Location {
    /// The key to try when no object has [`Location::key`]: that of an `s3://` location is taken as written, but many
    /// who write one encode it. `None` where decoding changes nothing, or was done already.
    pub fn decoded_key(&self) -> Option<String> {
        let decoded = key::decode(&self.raw_key);
        (self.key != decoded).then(|| decoded.into_owned())
    }

    /// Whether the host can be one of `partition`. `s3://` fits everywhere, and any host fits an isolated partition.
    pub fn fits(&self, partition: Partition) -> bool {
        match (self.suffix.as_deref(), partition.suffix()) {
            (Some(written), Some(right)) => written == right || is_unknown(written),
            (None, _) | (_, None) => true,
        }
    }
}

/// How a location is written. HOST is `http://` or `https://` and what follows; SUFFIX is the partition's domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// `s3://BUCKET/KEY`
    S3Uri,
    /// `https://s3.SUFFIX/BUCKET/KEY`
    PathStyle,
    /// `https://s3-REGION.SUFFIX/BUCKET/KEY`
    PathStyleDashedRegion,
    /// `https://s3.REGION.SUFFIX/BUCKET/KEY`
    PathStyleDottedRegion,
    /// `https://s3.dualstack.REGION.SUFFIX/BUCKET/KEY`
    PathStyleDualstack,
    /// `https://BUCKET.s3.SUFFIX/KEY`
    VirtualHosted,
    /// `https://BUCKET.s3-REGION.SUFFIX/KEY`
    VirtualHostedDashedRegion,
    /// `https://BUCKET.s3.REGION.SUFFIX/KEY`
    VirtualHostedDottedRegion,
    /// `https://BUCKET.s3.dualstack.REGION.SUFFIX/KEY`
    VirtualHostedDualstack,
    /// `https://s3-external-1.SUFFIX/BUCKET/KEY` or `https://BUCKET.s3-external-1.SUFFIX/KEY`: us-east-1 by an old name.
    External1,
}

impl Form {
    /// Whether the GuardDuty User Guide ("Adding and activating an entity list or IP list") names this form. The others
    /// are S3's own; those with a dotted region are in wide use.
    pub fn documented(self) -> bool {
        match self {
            Self::S3Uri
            | Self::PathStyle
            | Self::PathStyleDashedRegion
            | Self::VirtualHosted
            | Self::VirtualHostedDashedRegion => true,
            Self::PathStyleDottedRegion
            | Self::PathStyleDualstack
            | Self::VirtualHostedDottedRegion
            | Self::VirtualHostedDualstack
            | Self::External1 => false,
        }
    }
}

/// Reads a location, or says why it can name no S3 object.
///
/// Scheme and host are read without regard to case, bucket and key with it. `http` and `https` are equal.
pub fn parse(text: &str) -> Result<Location, LocationError> {
    if text.is_empty() {
        return Err(LocationError::Empty);
    }
    if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        return Err(LocationError::WhiteSpace);
    }
    // A placeholder may stand for nothing at all, so only what is written counts.
    if text.chars().filter(|&c| !is_placeholder(c)).count() > LOCATION_CHARS {
        return Err(LocationError::TooLong);
    }
    let (scheme, rest) = split_scheme(text)?;
    match rest.chars().find(|&c| c == '?' || c == '#') {
        Some('?') => return Err(LocationError::Query),
        Some(_) => return Err(LocationError::Fragment),
        None => {}
    }
    match scheme {
        Scheme::S3 => parse_s3(rest),
        Scheme::Http => parse_http(rest),
    }
}

enum Scheme {
    S3,
    Http,
}

fn split_scheme(text: &str) -> Result<(Scheme, &str), LocationError> {
    let end = text.find([':', '/']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if has_placeholder(name) {
        return Err(LocationError::Undecided);
    }
    let Some(rest) = rest.strip_prefix(':') else {
        return Err(LocationError::NoScheme);
    };
    let scheme = match name.to_ascii_lowercase().as_str() {
        "s3" => Scheme::S3,
        "http" | "https" => Scheme::Http,
        "arn" => return Err(arn_error(text)),
        _ if is_scheme(name) => return Err(LocationError::OtherScheme),
        _ => return Err(LocationError::NoScheme),
    };
    rest.strip_prefix("//").map(|rest| (scheme, rest)).ok_or_else(|| unless_unknown(rest, LocationError::NoScheme))
}

fn is_scheme(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

fn parse_s3(rest: &str) -> Result<Location, LocationError> {
    let (bucket, key) = split_bucket(rest)?;
    Ok(Location {
        bucket: checked_bucket(bucket)?,
        key: checked_key(key, Cow::Borrowed(key))?,
        raw_key: key.to_owned(),
        region: None,
        suffix: None,
        form: Form::S3Uri,
    })
}

fn parse_http(rest: &str) -> Result<Location, LocationError> {
    let (name, path) = match rest.split_once('/') {
        Some((name, path)) => (name, Some(path)),
        None => (rest, None),
    };
    let host = host::parse(name)?;
    let (bucket, key) = match (host.bucket, path) {
        (Some(bucket), Some(key)) => (bucket, key),
        (Some(_), None) => return Err(unless_unknown(name, LocationError::NoKey)),
        (None, path) => split_bucket(path.unwrap_or_default())?,
    };
    Ok(Location {
        bucket: checked_bucket(bucket)?,
        key: checked_key(key, key::decode(key))?,
        raw_key: key.to_owned(),
        region: host.region,
        suffix: host.suffix,
        form: host.form,
    })
}

/// Splits `BUCKET/KEY` at its first slash, so that a second one begins the key.
fn split_bucket(path: &str) -> Result<(&str, &str), LocationError> {
    match path.split_once('/') {
        Some(parts) => Ok(parts),
        None if path.is_empty() => Err(LocationError::NoBucket),
        None => Err(unless_unknown(path, LocationError::NoKey)),
    }
}

fn checked_bucket(bucket: &str) -> Result<String, LocationError> {
    // S3 reserves these endings for the aliases of access points.
    const ALIASES: [&str; 3] = ["-s3alias", "--ol-s3", ".mrap"];

    if bucket.is_empty() {
        return Err(LocationError::NoBucket);
    }
    if bucket.starts_with("arn:") {
        return Err(arn_error(bucket));
    }
    // Capitals and underscores are in the names of old buckets of us-east-1, which still work.
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c) || is_placeholder(c);
    if !bucket.chars().all(allowed) {
        return Err(unless_unknown(bucket, LocationError::BadBucketName));
    }
    if ALIASES.iter().any(|alias| bucket.ends_with(alias)) {
        return Err(LocationError::AccessPoint);
    }
    Ok(bucket.to_owned())
}

fn checked_key(raw: &str, key: Cow<'_, str>) -> Result<String, LocationError> {
    if raw.is_empty() {
        Err(LocationError::EmptyKey)
    } else if key.ends_with('/') {
        Err(LocationError::KeyEndsWithSlash)
    } else {
        Ok(key.into_owned())
    }
}

fn arn_error(text: &str) -> LocationError {
    match Arn::parse(text) {
        Some(arn) if arn.resource.starts_with("accesspoint") => LocationError::AccessPoint,
        _ => LocationError::Arn,
    }
}

/// The name of a bucket that is written as a name or as an ARN: what follows `:::` in an ARN, up to a slash.
///
/// An access point's ARN has a region and an account, and so no `:::`: it is given back whole, and equals no name.
pub fn bucket_of_arn_or_name(text: &str) -> &str {
    match text.split_once(":::") {
        Some((head, name)) if head.starts_with("arn:") => name.split('/').next().unwrap_or(name),
        _ => text,
    }
}

/// Whether `c` stands for an unknown part of a location: a character of the private-use area U+E000 to U+F8FF.
pub fn is_placeholder(c: char) -> bool {
    ('\u{E000}'..='\u{F8FF}').contains(&c)
}

fn has_placeholder(text: &str) -> bool {
    text.contains(is_placeholder)
}

/// Whether `text` is a placeholder and nothing else.
fn is_unknown(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(is_placeholder) && chars.next().is_none()
}

/// `error`, where nothing in `part`, which it was found in, is unknown.
fn unless_unknown(part: &str, error: LocationError) -> LocationError {
    if has_placeholder(part) { LocationError::Undecided } else { error }
}
