//! The condition keys: what each comes to in the requests that GuardDuty's work consists of.
//!
//! Sources: IAM User Guide, "AWS global condition context keys"; Amazon S3 User Guide, "Bucket policy examples using
//! condition keys"; Service Authorization Reference, "Condition keys for Amazon S3"; AWS KMS Developer Guide, "AWS KMS
//! condition keys". Which keys a service-linked role's requests carry: IAM User Guide, on `aws:PrincipalIsAWSService`,
//! `aws:PrincipalServiceName`, `aws:ViaAWSService` and `aws:CalledVia`.

use Cell::{
    Address, Either, Is, Known, Missing, MissingOr, Network, Present, ProbablyMissing, RoleId, Tag, TlsVersion, Unknown,
};

/// What a condition key comes to in one kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// It is not in the request.
    Missing,
    /// It is this text.
    Is(&'static str),
    /// It is this fact of the request; where the caller does not know it, nothing is known.
    Known(FactName),
    /// It is one of the texts of this fact.
    Either(FactName),
    /// It is there, but its value is not known.
    Present,
    /// Nothing is known.
    Unknown,
    /// It is missing, or this text.
    MissingOr(&'static str),
    /// Most likely it is missing, which AWS does not document.
    ProbablyMissing,
    /// An address of GuardDuty's.
    Address,
    /// Missing, or GuardDuty's own network, but never the user's.
    Network,
    /// 1.2 or higher.
    TlsVersion,
    /// The unique ids of R and of its session: those of the estate's roles and users are others.
    RoleId,
    /// A tag of the object, named behind the slash.
    Tag,
}

/// A fact of the request that is a condition key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FactName {
    /// R.
    Role,
    /// A.
    Account,
    /// The id of A's organization.
    OrgId,
    /// The account of the bucket or key.
    Owner,
    /// The bucket's region.
    Region,
    /// The name under which S3 calls KMS in the bucket's region.
    ViaService,
    /// What S3 gives KMS as `aws:s3:arn`.
    Context,
    /// The name of the service that calls.
    Service,
    /// The account for which the service calls.
    SourceAccount,
    /// The detector or rule for which the service calls.
    SourceArn,
    /// The key that the service names for what it writes.
    Key,
}

/// A kind of request: a column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// R reads an object.
    Read,
    /// S3 decrypts it on R's behalf.
    Decrypt,
    /// A service calls as itself.
    Service,
    /// An identity's own policies: conditions are not looked into.
    Identity,
}

/// A row: keys, a trailing `*` standing for any rest, and what they come to in each column.
struct Row {
    keys: &'static [&'static str],
    read: Cell,
    decrypt: Cell,
    service: Cell,
}

const fn row(keys: &'static [&'static str], read: Cell, decrypt: Cell, service: Cell) -> Row {
    Row { keys, read, decrypt, service }
}

/// Short, so that a row of the table fits on a line.
use FactName as Fact;

/// The table. The first row that has the key counts; a key in no row is unknown.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    //  key                            R reads an object          S3 decrypts it for R      a service calls
    row(&["aws:PrincipalArn"],         Known(Fact::Role),         Known(Fact::Role),        Unknown),
    row(&["aws:PrincipalAccount"],     Known(Fact::Account),      Known(Fact::Account),     Unknown),
    row(&["aws:PrincipalType"],        Is("AssumedRole"),         Is("AssumedRole"),        Unknown),
    row(&["aws:PrincipalOrgID"],       Known(Fact::OrgId),        Known(Fact::OrgId),       Missing),
    row(&["aws:PrincipalOrgPaths"],    Unknown,                   Unknown,                  Unknown),
    row(&["aws:PrincipalIsAWSService"],
                                       Is("false"),               Is("false"),              Is("true")),
    row(&["aws:ViaAWSService"],        Is("false"),               Is("true"),               Unknown),
    row(&["aws:PrincipalServiceName"], Missing,                   Missing,                  Known(Fact::Service)),
    row(&["aws:PrincipalServiceNamesList"],
                                       Missing,                   Missing,                  Unknown),
    row(&["aws:CalledVia*"],           Missing,                   Unknown,                  Unknown),
    row(&["aws:SecureTransport"],      Is("true"),                Is("true"),               Is("true")),
    row(&["s3:TlsVersion"],            TlsVersion,                Missing,                  TlsVersion),
    row(&["aws:SourceArn"],            ProbablyMissing,           ProbablyMissing,          Known(Fact::SourceArn)),
    row(&["aws:SourceAccount"],        ProbablyMissing,           ProbablyMissing,          Known(Fact::SourceAccount)),
    row(&["aws:SourceOrgID", "aws:SourceOrgPaths"],
                                       ProbablyMissing,           ProbablyMissing,          Unknown),
    row(&["aws:SourceOwner"],          ProbablyMissing,           ProbablyMissing,          Missing),
    row(&["aws:SourceIp"],             Address,                   Unknown,                  Unknown),
    row(&["aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp", "aws:SourceVpcArn"],
                                       Network,                   Unknown,                  Unknown),
    row(&["aws:MultiFactorAuthPresent"],
                                       MissingOr("false"),        MissingOr("false"),       Unknown),
    row(&["aws:MultiFactorAuthAge"],   Missing,                   Missing,                  Unknown),
    row(&["aws:TokenIssueTime"],       Present,                   Present,                  Unknown),
    row(&["aws:username", "aws:PrincipalTag/*", "aws:FederatedProvider", "aws:Ec2InstanceSourceVpc"],
                                       Missing,                   Missing,                  Unknown),
    row(&["aws:userid"],               RoleId,                    RoleId,                   Unknown),
    row(&["aws:ResourceAccount"],      Known(Fact::Owner),        Known(Fact::Owner),       Unknown),
    row(&["s3:ResourceAccount"],       Known(Fact::Owner),        Missing,                  Unknown),
    row(&["aws:RequestedRegion"],      Known(Fact::Region),       Known(Fact::Region),      Unknown),
    row(&["s3:ExistingObjectTag/*"],   Tag,                       Missing,                  Unknown),
    row(&["s3:x-amz-server-side-encryption"],
                                       Missing,                   Missing,                  Is("aws:kms")),
    row(&["s3:x-amz-server-side-encryption-aws-kms-key-id"],
                                       Missing,                   Missing,                  Known(Fact::Key)),
    row(&["s3:x-amz-server-side-encryption*", "s3:x-amz-acl", "s3:x-amz-grant-*", "s3:x-amz-copy-source", "s3:prefix",
          "s3:delimiter", "s3:max-keys", "s3:VersionId", "s3:RequestObjectTag*"],
                                       Missing,                   Missing,                  Unknown),
    row(&["s3:authType"],              Is("REST-HEADER"),         Missing,                  Unknown),
    row(&["s3:signatureversion"],      Is("AWS4-HMAC-SHA256"),    Missing,                  Unknown),
    row(&["s3:*"],                     Unknown,                   Missing,                  Unknown),
    row(&["kms:ViaService"],           Unknown,                   Known(Fact::ViaService),  Unknown),
    row(&["kms:CallerAccount"],        Unknown,                   Known(Fact::Account),     Unknown),
    row(&["kms:EncryptionContext:aws:s3:arn"],
                                       Unknown,                   Either(Fact::Context),    Unknown),
    row(&["kms:EncryptionContext:*"],  Unknown,                   Missing,                  Unknown),
    row(&["kms:EncryptionContextKeys"],
                                       Unknown,                   Is("aws:s3:arn"),         Unknown),
    row(&["kms:GrantIsForAWSResource", "kms:GranteePrincipal"],
                                       Unknown,                   Missing,                  Unknown),
];

/// The condition keys of which something is known in at least one kind of request, as AWS writes them; a trailing `*`
/// stands for any rest. Nothing is known of any other key.
pub fn condition_keys() -> impl Iterator<Item = &'static str> {
    TABLE.iter().flat_map(|row| row.keys.iter().copied())
}

/// What `key` comes to in the requests of `column`, and what stands in the place of a trailing `*`. Names of keys are
/// the same in upper and lower case (IAM User Guide, "IAM JSON policy elements: Condition").
pub(super) fn look_up(key: &str, column: Column) -> (Cell, &str) {
    let found =
        TABLE.iter().find_map(|row| row.keys.iter().find_map(|name| rest_of(key, name)).map(|rest| (row, rest)));
    match (found, column) {
        // An identity's conditions are not looked into: who it will be is not known.
        (None, _) | (_, Column::Identity) => (Unknown, ""),
        (Some((row, rest)), Column::Read) => (row.read, rest),
        (Some((row, rest)), Column::Decrypt) => (row.decrypt, rest),
        (Some((row, rest)), Column::Service) => (row.service, rest),
    }
}

/// What is left of `key` behind the `name` of a row, if the row is about it.
fn rest_of<'k>(key: &'k str, name: &str) -> Option<&'k str> {
    let begin = name.strip_suffix('*').unwrap_or(name);
    let (head, rest) = key.split_at_checked(begin.len())?;
    (head.eq_ignore_ascii_case(begin) && (rest.is_empty() || name.ends_with('*'))).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_case() {
        assert_eq!(look_up("AWS:PRINCIPALTYPE", Column::Read), (Is("AssumedRole"), ""));
        assert_eq!(look_up("aws:principaltag/Team", Column::Read), (Missing, "Team"));
        assert_eq!(look_up("aws:PrincipalTypeX", Column::Read), (Unknown, ""));
        assert_eq!(look_up("", Column::Read), (Unknown, ""));
        assert_eq!(look_up("aws:PrincipalTypé", Column::Read), (Unknown, ""));
    }

    #[test]
    fn the_first_row_counts() {
        assert_eq!(look_up("s3:x-amz-server-side-encryption", Column::Service).0, Is("aws:kms"));
        assert_eq!(look_up("s3:x-amz-server-side-encryption-customer-algorithm", Column::Service).0, Unknown);
        assert_eq!(look_up("kms:EncryptionContextKeys", Column::Decrypt).0, Is("aws:s3:arn"));
        assert_eq!(look_up("s3:anything", Column::Decrypt).0, Missing);
    }

    #[test]
    fn no_row_is_hidden_by_one_before_it() {
        for (index, key) in condition_keys().enumerate() {
            let mut before = condition_keys().take(index);
            let key = key.replace('*', "anything");
            assert!(!before.any(|name| rest_of(&key, name).is_some()), "{key}");
        }
    }
}
