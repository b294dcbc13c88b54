//! Partitions and regions: the separate worlds of AWS, what their regions are called, and where GuardDuty is.

use std::fmt;
use std::str::FromStr;

/// A partition: a group of regions with its own accounts, names and domain. Nothing reaches from one into another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// `aws`: the commercial regions.
    Aws,
    /// `aws-cn`: China.
    AwsCn,
    /// `aws-us-gov`: the US government's regions.
    AwsUsGov,
    /// `aws-iso`: US ISO.
    AwsIso,
    /// `aws-iso-b`: US ISOB.
    AwsIsoB,
    /// `aws-iso-f`: US ISOF.
    AwsIsoF,
    /// `aws-iso-e`: EU ISOE.
    AwsIsoE,
    /// `aws-eusc`: the European Sovereign Cloud.
    AwsEusc,
}

/// A text that names no partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a partition: aws, aws-cn, aws-us-gov, aws-iso, aws-iso-b, aws-iso-f, aws-iso-e or aws-eusc")]
pub struct UnknownPartition;

impl Partition {
    /// Every partition.
    pub const ALL: [Self; 8] = [
        Self::Aws,
        Self::AwsCn,
        Self::AwsUsGov,
        Self::AwsIso,
        Self::AwsIsoB,
        Self::AwsIsoF,
        Self::AwsIsoE,
        Self::AwsEusc,
    ];

    /// The name that stands in an ARN.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsUsGov => "aws-us-gov",
            Self::AwsIso => "aws-iso",
            Self::AwsIsoB => "aws-iso-b",
            Self::AwsIsoF => "aws-iso-f",
            Self::AwsIsoE => "aws-iso-e",
            Self::AwsEusc => "aws-eusc",
        }
    }

    /// The partition that `region` belongs to, by the beginning of its name; `None` when the text is no region's
    /// name at all. A region that this crate has never heard of is taken for a new commercial one.
    pub fn of_region(region: &str) -> Option<Self> {
        let prefixed = [
            ("cn-", Self::AwsCn),
            ("us-gov-", Self::AwsUsGov),
            ("us-iso-", Self::AwsIso),
            ("us-isob-", Self::AwsIsoB),
            ("us-isof-", Self::AwsIsoF),
            ("eu-isoe-", Self::AwsIsoE),
            ("eusc-", Self::AwsEusc),
        ];
        is_region(region).then(|| {
            prefixed
                .into_iter()
                .find(|(prefix, _)| region.starts_with(prefix))
                .map_or(Self::Aws, |(_, partition)| partition)
        })
    }

    /// The domain under which the partition's S3 hosts must stand; `None` in the isolated partitions, whose domains
    /// are not public documentation, so that any is accepted.
    pub fn suffix(self) -> Option<&'static str> {
        match self {
            Self::AwsIso | Self::AwsIsoB | Self::AwsIsoF | Self::AwsIsoE => None,
            Self::Aws | Self::AwsCn | Self::AwsUsGov | Self::AwsEusc => Some(self.domain()),
        }
    }

    /// The domain of the partition's endpoints, by botocore 1.43.11 (2026), `data/partitions.json`, `dnsSuffix`.
    pub(crate) fn domain(self) -> &'static str {
        match self {
            Self::Aws | Self::AwsUsGov => "amazonaws.com",
            Self::AwsCn => "amazonaws.com.cn",
            Self::AwsIso => "c2s.ic.gov",
            Self::AwsIsoB => "sc2s.sgov.gov",
            Self::AwsIsoF => "csp.hci.ic.gov",
            Self::AwsIsoE => "cloud.adc-e.uk",
            Self::AwsEusc => "amazonaws.eu",
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Partition {
    type Err = UnknownPartition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|partition| partition.name() == text).ok_or(UnknownPartition)
    }
}

/// Whether `text` has the shape of a region's name: `[a-z]{2}(-[a-z]+)+-[0-9]`, or the same with `eusc` for the two
/// letters. Whether there is such a region is not asked, so that a new one needs no release.
pub fn is_region(text: &str) -> bool {
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let mut parts = text.split('-');
    let area = parts.next().unwrap_or_default();
    let number = parts.next_back().unwrap_or_default();
    let mut names = parts.peekable();
    letters(area)
        && (area.len() == 2 || area == "eusc")
        && names.peek().is_some()
        && names.all(letters)
        && number.len() == 1
        && number.bytes().all(|b| b.is_ascii_digit())
}

/// The regions that an account must switch on before it can use them: the commercial regions opened after
/// 20 March 2019. As of November 2026; AWS General Reference, "Specify which AWS Regions your account can use".
pub const OPT_IN_REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
];

/// The regions of `partition` that have GuardDuty, in byte order.
///
/// From botocore 1.43.11 (May 2026), `data/endpoints.json`, service `guardduty`, without its FIPS entries. In `aws`
/// these are all regions of the partition; `us-iso-west-1`, `us-isob-west-1` and `eu-isoe-west-1` have none.
pub fn guardduty_regions(partition: Partition) -> &'static [&'static str] {
    match partition {
        Partition::Aws => &[
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-central-1",
            "ca-west-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "mx-central-1",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
        Partition::AwsCn => &["cn-north-1", "cn-northwest-1"],
        Partition::AwsUsGov => &["us-gov-east-1", "us-gov-west-1"],
        Partition::AwsIso => &["us-iso-east-1"],
        Partition::AwsIsoB => &["us-isob-east-1"],
        Partition::AwsIsoF => &["us-isof-east-1", "us-isof-south-1"],
        Partition::AwsIsoE => &[],
        Partition::AwsEusc => &["eusc-de-east-1"],
    }
}

/// The regions of `partition` that have GuardDuty and that every account can use: [`guardduty_regions`] without
/// [`OPT_IN_REGIONS`].
pub fn default_regions(partition: Partition) -> impl Iterator<Item = &'static str> {
    guardduty_regions(partition).iter().copied().filter(|region| !OPT_IN_REGIONS.contains(region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for partition in Partition::ALL {
            assert_eq!(partition.to_string().parse(), Ok(partition));
        }
        for text in ["", "AWS", "aws-", "aws-us", " aws"] {
            assert_eq!(text.parse::<Partition>(), Err(UnknownPartition), "{text}");
        }
    }

    #[test]
    fn the_error_names_every_partition() {
        let error = UnknownPartition.to_string();
        for partition in Partition::ALL {
            assert!(error.split([' ', ',']).any(|word| word == partition.name()), "{partition}");
        }
    }

    #[test]
    fn a_region_tells_its_partition() {
        for (region, expected) in [
            ("us-east-1", Some(Partition::Aws)),
            ("xx-nowhere-9", Some(Partition::Aws)),
            ("cn-north-1", Some(Partition::AwsCn)),
            ("us-gov-west-1", Some(Partition::AwsUsGov)),
            ("us-iso-east-1", Some(Partition::AwsIso)),
            ("us-isob-east-1", Some(Partition::AwsIsoB)),
            ("us-isof-south-1", Some(Partition::AwsIsoF)),
            ("eu-isoe-west-1", Some(Partition::AwsIsoE)),
            ("eusc-de-east-1", Some(Partition::AwsEusc)),
            ("us-gov", None),
            ("cn-", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(Partition::of_region(region), expected, "{region}");
        }
    }

    #[test]
    fn a_region_has_a_shape() {
        for (text, expected) in [
            ("eu-west-1", true),
            ("us-gov-west-1", true),
            ("eusc-de-east-1", true),
            ("eu-west", false),
            ("eu-1", false),
            ("eu-west-", false),
            ("eu-west-10", false),
            ("eu-west-1a", false),
            ("eu--1", false),
            ("EU-west-1", false),
            ("eur-west-1", false),
            ("e-west-1", false),
            ("website-eu-west-1", false),
            ("-west-1", false),
            ("eu_west_1", false),
            ("global", false),
            ("1", false),
            ("", false),
        ] {
            assert_eq!(is_region(text), expected, "{text}");
        }
    }

    #[test]
    fn every_listed_region_is_of_its_partition_and_in_order() {
        for partition in Partition::ALL {
            let regions = guardduty_regions(partition);
            assert!(regions.is_sorted(), "{partition}");
            for region in regions {
                assert_eq!(Partition::of_region(region), Some(partition), "{region}");
            }
        }
        assert_eq!(guardduty_regions(Partition::Aws).len(), 34);
    }

    #[test]
    fn default_regions_are_those_that_need_no_opting_in() {
        assert_eq!(OPT_IN_REGIONS.len(), 17);
        assert!(OPT_IN_REGIONS.iter().all(|region| guardduty_regions(Partition::Aws).contains(region)));
        let default: Vec<_> = default_regions(Partition::Aws).collect();
        assert_eq!(default.len(), 17);
        assert!(default.contains(&"us-east-1") && !default.contains(&"af-south-1"));
        assert_eq!(default_regions(Partition::AwsCn).collect::<Vec<_>>(), ["cn-north-1", "cn-northwest-1"]);
    }

    #[test]
    fn only_isolated_partitions_accept_any_suffix() {
        for (partition, expected) in [
            (Partition::Aws, Some("amazonaws.com")),
            (Partition::AwsCn, Some("amazonaws.com.cn")),
            (Partition::AwsUsGov, Some("amazonaws.com")),
            (Partition::AwsIso, None),
            (Partition::AwsIsoB, None),
            (Partition::AwsIsoF, None),
            (Partition::AwsIsoE, None),
            (Partition::AwsEusc, Some("amazonaws.eu")),
        ] {
            assert_eq!(partition.suffix(), expected, "{partition}");
        }
    }
}
