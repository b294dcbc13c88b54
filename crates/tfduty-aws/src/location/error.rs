//! Why a text is no location.

use crate::limits::LOCATION_CHARS;

/// Why a text can name no S3 object, as the end of a sentence that begins with its subject ("the location …").
///
/// None of them repeats the text: it may be secret, or hold control characters, and the caller knows how to show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LocationError {
    /// Nothing is written.
    #[error("is empty: write s3://BUCKET/KEY")]
    Empty,
    /// It begins or ends with white space, often the end of a heredoc.
    #[error("has white space around it, which belongs to no location: remove it")]
    WhiteSpace,
    /// It is longer than GuardDuty accepts.
    #[error("is longer than the {LOCATION_CHARS} characters that GuardDuty accepts: give the object a shorter key")]
    TooLong,
    /// It has a query: a version's id, or the signature of a presigned URL.
    #[error("has a query string (from `?` on), but a list is read by its bucket and key alone: end it with the key")]
    Query,
    /// It has a fragment.
    #[error("has a fragment (from `#` on), but a list is read by its bucket and key alone: end it with the key")]
    Fragment,
    /// It is an ARN, or an ARN stands in place of the bucket's name.
    #[error("is or holds an ARN where a location has a bucket's name: write s3://BUCKET/KEY")]
    Arn,
    /// It names an access point: its host, its alias or its ARN.
    #[error("names an access point, not a bucket: write s3://BUCKET/KEY with the bucket behind it")]
    AccessPoint,
    /// It does not begin as a URL.
    #[error("does not begin with s3://, https:// or http://: write s3://BUCKET/KEY")]
    NoScheme,
    /// It begins with the scheme of something else than S3: `file:`, `gs:`.
    #[error("has a scheme other than s3, https or http: upload the list to S3 and write s3://BUCKET/KEY")]
    OtherScheme,
    /// No bucket is named.
    #[error("names no bucket: write s3://BUCKET/KEY")]
    NoBucket,
    /// The bucket's name has characters that no bucket's name has.
    #[error(
        "has a bucket name with other characters than letters, digits, `.`, `-` and `_`: \
         write the bucket's name alone"
    )]
    BadBucketName,
    /// It names a bucket and ends there.
    #[error("names a bucket, but no object in it: write s3://BUCKET/KEY")]
    NoKey,
    /// It ends with the slash behind the bucket.
    #[error("has an empty key, which no object has: write s3://BUCKET/KEY")]
    EmptyKey,
    /// The key ends with a slash: a folder.
    #[error("ends with `/`, as a folder does: name the one object that is the list")]
    KeyEndsWithSlash,
    /// It names the host of a bucket's website.
    #[error("names the host of a bucket's website, not of S3: write s3://BUCKET/KEY")]
    Website,
    /// The host has a port or a user's name.
    #[error("has a port or a user name beside its host: write the host alone, or s3://BUCKET/KEY")]
    PortOrUser,
    /// The region and the domain of the host are of two partitions, so that there is no such host.
    #[error(
        "names a host whose region and domain belong to different partitions: \
         write s3://BUCKET/KEY, which has neither"
    )]
    OtherPartition,
    /// The host is none that GuardDuty reads lists from: CloudFront, a FIPS or accelerated host of S3, any other.
    #[error(
        "names a host that is not among those of S3 that hold lists: \
         write s3://BUCKET/KEY or https://s3.amazonaws.com/BUCKET/KEY"
    )]
    OtherHost,
    /// Its known parts leave it open whether it is valid.
    #[error("cannot be judged: the part that decides is not known")]
    Undecided,
}
