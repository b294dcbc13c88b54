//! How an object in S3 is encrypted: by what it says itself, else by its bucket's default.

use tfduty_aws::truth::Truth;
use tfduty_terraform::{Kind, Value};

use crate::{
    estate::Estate,
    evaluate,
    graph::Bucket,
    keys::Named,
    object::{Attribute, ObjectId},
    reading::{Readings, Setting},
};

/// The resource type of a bucket's default encryption.
pub(crate) const DEFAULT: &str = "aws_s3_bucket_server_side_encryption_configuration";

/// Where the key of the default stands.
pub(crate) const DEFAULT_KEY: &[&str] = &["rule", "apply_server_side_encryption_by_default", "kms_master_key_id"];
const DEFAULT_ALGORITHM: &[&str] = &["rule", "apply_server_side_encryption_by_default", "sse_algorithm"];
const DEFAULT_BUCKET_KEY: &[&str] = &["rule", "bucket_key_enabled"];
/// The same in the block of the bucket itself, which newer providers only read.
const INLINE: &str = "server_side_encryption_configuration";
/// Where the key of that stands.
pub(crate) const INLINE_KEY: &[&str] =
    &[INLINE, "rule", "apply_server_side_encryption_by_default", "kms_master_key_id"];
const INLINE_ALGORITHM: &[&str] = &[INLINE, "rule", "apply_server_side_encryption_by_default", "sse_algorithm"];
const INLINE_BUCKET_KEY: &[&str] = &[INLINE, "rule", "bucket_key_enabled"];

/// An attribute of an object: where something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The object.
    pub(crate) object: ObjectId,
    /// The attribute, through its blocks.
    pub(crate) path: &'static [&'static str],
}

impl Spot {
    /// Its path as findings name it: with dots.
    pub(crate) fn dotted(self) -> &'static str {
        match self.path {
            DEFAULT_KEY => "rule.apply_server_side_encryption_by_default.kms_master_key_id",
            DEFAULT_ALGORITHM => "rule.apply_server_side_encryption_by_default.sse_algorithm",
            INLINE_KEY | INLINE_ALGORITHM => INLINE,
            [name, ..] => name,
            [] => "",
        }
    }

    /// The attribute.
    pub(crate) fn attribute(self, estate: &Estate) -> Attribute<'_> {
        estate.object(self.object).attribute(self.path)
    }

    /// What is said there: by the document, else by the sources, which alone show what `dynamic` blocks make. `None` where
    /// it cannot be told, `null` where nothing is said, or only an empty text.
    fn said(self, estate: &Estate) -> Option<Kind> {
        let attribute = self.attribute(estate);
        let said = if attribute.is_unknown() {
            evaluate::value(estate, self.object, self.path).filter(Value::is_wholly_known)?.kind
        } else {
            attribute.known().map_or(Kind::Null, |value| value.kind.clone())
        };
        Some(if said == Kind::String("".into()) { Kind::Null } else { said })
    }
}

/// How an object is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Encryption {
    /// With what.
    pub(crate) algorithm: Algorithm,
    /// What says so, where anything does: the key, else the algorithm.
    pub(crate) said_at: Option<Spot>,
}

/// With what an object is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// A key of S3's own.
    S3Managed,
    /// A key that whoever uploads and reads the object gives each time: SSE-C.
    CustomerProvided,
    /// A key of KMS.
    Kms(Kms),
    /// It cannot be told: the reason, as the second half of a sentence.
    Unknown(String),
}

/// Encryption with a key of KMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kms {
    /// The key.
    pub(crate) key: Named,
    /// Whether there are two layers of it: `aws:kms:dsse`.
    pub(crate) has_two_layers: bool,
    /// Whether it is done under a key of the bucket.
    pub(crate) bucket_key: Truth,
}

/// How an object is encrypted, or would be as an object of the bucket that says nothing itself.
pub(crate) fn of(readings: &Readings<'_>, object: Option<ObjectId>, bucket: Option<&Bucket>) -> Encryption {
    object.and_then(|object| of_object(readings, object, bucket)).unwrap_or_else(|| of_default(readings, bucket))
}

/// What the object says itself, if anything.
fn of_object(readings: &Readings<'_>, id: ObjectId, bucket: Option<&Bucket>) -> Option<Encryption> {
    let estate = readings.estate;
    let object = estate.object(id);
    let key: &[&str] = if object.is_managed() { &["kms_key_id"] } else { &["sse_kms_key_id"] };
    let (own, algorithm) = (&["customer_algorithm"], &["server_side_encryption"]);
    let found = |algorithm, path| Some(Encryption { algorithm, said_at: Some(Spot { object: id, path }) });
    let unknown = |path: &'static [&str]| {
        let why = object.attribute(path).why_unknown();
        let why = format!("`{}` {why}", path.last().copied().unwrap_or_default());
        found(Algorithm::Unknown(why), path)
    };
    match is_set(estate, id, own) {
        Truth::True if object.attribute(own).is_unknown() => return unknown(own),
        Truth::True => return found(Algorithm::CustomerProvided, own),
        Truth::Unknown => return unknown(own),
        Truth::False => {}
    }
    let has_key = is_set(estate, id, key);
    let said = match (object.attribute(algorithm).str(), is_set(estate, id, algorithm), has_key) {
        (Some(said), ..) => said,
        // The configuration gives an algorithm, whichever.
        (None, Truth::True, _) => return unknown(algorithm),
        // A key alone takes KMS.
        (None, _, Truth::True) => "aws:kms",
        (None, Truth::Unknown, _) => return unknown(algorithm),
        (None, Truth::False, Truth::Unknown) => return unknown(key),
        (None, Truth::False, Truth::False) => return None,
    };
    let region = readings.region_of(bucket);
    let named = || match has_key {
        Truth::False => Named::AwsManaged,
        _ => readings.keys().named(estate, id, key, region),
    };
    let bucket_key =
        match (object.attribute(&["bucket_key_enabled"]).bool(), is_set(estate, id, &["bucket_key_enabled"])) {
            (Some(is_on), _) => Truth::from(is_on),
            (None, Truth::False) => default_bucket_key(readings, bucket),
            (None, _) => Truth::Unknown,
        };
    found(algorithm_of(said, named, bucket_key), if has_key == Truth::False { algorithm } else { key })
}

/// Whether an attribute is set: what is known only after apply, and is not set by the configuration, is not.
pub(crate) fn is_set(estate: &Estate, id: ObjectId, path: &[&str]) -> Truth {
    let object = estate.object(id);
    let attribute = object.attribute(path);
    match path.first().and_then(|name| estate.sets(object, name)) {
        _ if !attribute.is_unknown() => Truth::from(!attribute.is_absent()),
        Some(is_set) if object.is_managed() => Truth::from(is_set),
        _ => Truth::Unknown,
    }
}

/// The bucket's default.
fn of_default(readings: &Readings<'_>, bucket: Option<&Bucket>) -> Encryption {
    let estate = readings.estate;
    let unknown = |why: String, said_at| Encryption { algorithm: Algorithm::Unknown(why), said_at };
    let Some(bucket) = bucket else { return unknown("its bucket cannot be told".into(), None) };
    let (holder, algorithm, key) = match default_of(readings, bucket) {
        Default::At(holder, [algorithm, key, _]) => (holder, algorithm, key),
        Default::None => return Encryption { algorithm: Algorithm::S3Managed, said_at: None },
        Default::Unknown(why, said_at) => return unknown(why, said_at),
    };
    let at = |path| Spot { object: holder, path };
    let Some(said) = at(algorithm).said(estate) else {
        let why = at(algorithm).attribute(estate).why_unknown();
        let why = format!("the default of {} {why}", estate.object(holder).name());
        return unknown(why, Some(at(algorithm)));
    };
    let Kind::String(said) = said else { return Encryption { algorithm: Algorithm::S3Managed, said_at: None } };
    let has_key = at(key).said(estate) != Some(Kind::Null);
    let region = readings.region_of(Some(bucket));
    let named = || if has_key { readings.keys().named(estate, holder, key, region) } else { Named::AwsManaged };
    let algorithm_found = algorithm_of(&said, named, default_bucket_key(readings, Some(bucket)));
    Encryption { algorithm: algorithm_found, said_at: Some(at(if has_key { key } else { algorithm })) }
}

/// Where a bucket's default is said.
enum Default {
    /// In this object: algorithm, key, bucket key.
    At(ObjectId, [&'static [&'static str]; 3]),
    /// Nowhere: S3 encrypts with its own keys.
    None,
    /// It cannot be told.
    Unknown(String, Option<Spot>),
}

fn default_of(readings: &Readings<'_>, bucket: &Bucket) -> Default {
    let estate = readings.estate;
    match readings.setting(bucket, DEFAULT) {
        Setting::At(holder) => return Default::At(holder, [DEFAULT_ALGORITHM, DEFAULT_KEY, DEFAULT_BUCKET_KEY]),
        Setting::MayBe(holder) => {
            let why = format!("whether {} is for its bucket cannot be told", estate.object(holder).name());
            return Default::Unknown(why, Some(Spot { object: holder, path: &["bucket"] }));
        }
        Setting::None => {}
    }
    let Bucket::Object(id) = bucket else {
        return Default::Unknown("its bucket is not among the inputs".into(), None);
    };
    let object = estate.object(*id);
    let inline = object.attribute(&[INLINE]);
    match inline.known() {
        Some(blocks) if !blocks.items().is_empty() => {
            Default::At(*id, [INLINE_ALGORITHM, INLINE_KEY, INLINE_BUCKET_KEY])
        }
        _ if !object.is_managed() => Default::Unknown("its bucket is not managed here".into(), None),
        _ if inline.is_unknown() && is_set(estate, *id, &[INLINE]) != Truth::False => {
            Default::At(*id, [INLINE_ALGORITHM, INLINE_KEY, INLINE_BUCKET_KEY])
        }
        _ => Default::None,
    }
}

/// Whether the bucket's default uses a bucket key; off where nothing says it.
fn default_bucket_key(readings: &Readings<'_>, bucket: Option<&Bucket>) -> Truth {
    match bucket.map(|bucket| default_of(readings, bucket)) {
        Some(Default::At(holder, [.., path])) => {
            let said = Spot { object: holder, path }.said(readings.estate);
            said.map_or(Truth::Unknown, |said| Truth::from(said == Kind::Bool(true)))
        }
        Some(Default::None) => Truth::False,
        Some(Default::Unknown(..)) | None => Truth::Unknown,
    }
}

fn algorithm_of(said: &str, key: impl FnOnce() -> Named, bucket_key: Truth) -> Algorithm {
    match said {
        "AES256" => Algorithm::S3Managed,
        "aws:kms" => Algorithm::Kms(Kms { key: key(), has_two_layers: false, bucket_key }),
        "aws:kms:dsse" => Algorithm::Kms(Kms { key: key(), has_two_layers: true, bucket_key }),
        _ => Algorithm::Unknown("its algorithm is none that this version knows".into()),
    }
}

#[cfg(test)]
mod tests;
