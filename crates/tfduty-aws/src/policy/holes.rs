//! Holes: what stands in their place is not known, but often what it is.

/// A hole, numbered by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoleId(pub u32);

/// One text of the outside world, numbered by the caller: an attribute of an object, such as a detector's ARN. Equal
/// numbers are equal texts; different numbers say nothing, save that different buckets have different names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thing(pub u32);

/// What is known of the text that stands in the place of a hole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Identity {
    /// Nothing.
    Unknown,
    /// The text itself: it is read as if it stood there.
    Text(Box<str>),
    /// The same text as the request's facts and subjects that are [`Thing`]: an account number, the ARN of a key.
    Same(Thing),
    /// The name of a bucket. Buckets are numbered apart from other things; two numbers are two buckets.
    BucketName(Thing),
    /// The ARN of a bucket, numbered as for its name.
    BucketArn(Thing),
    /// The ARN of GuardDuty's service-linked role in the account that the request is about.
    Role,
    /// The ARN of some other identity that can never be GuardDuty's role: a role, user or group that someone made.
    OtherIdentity,
    /// The unique id (`AROA…`, `AIDA…`) of such an identity.
    OtherIdentityId,
    /// The id or ARN of a VPC or of a VPC endpoint that is the user's own, so that GuardDuty never comes through it.
    OwnNetwork,
}

/// What the holes of a policy are.
pub trait Holes {
    /// What is known of `hole`. Asked as often as the evaluation comes across it: the answer must be the same.
    fn identity(&self, hole: HoleId) -> Identity;
}

/// For policies without holes, and for holes of which nothing is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct NothingKnown;

impl Holes for NothingKnown {
    fn identity(&self, _: HoleId) -> Identity {
        Identity::Unknown
    }
}
