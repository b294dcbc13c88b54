//! The formats that a list can be declared in.

use std::fmt;
use std::str::FromStr;

/// The format of a list, as a set declares it.
///
/// The names are those of the GuardDuty API (`CreateIPSet`, `CreateThreatIntelSet`: `format`); [`FromStr`] and
/// [`Display`](fmt::Display) use them exactly, upper case included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListFormat {
    /// `TXT`: one address or CIDR a line.
    Txt,
    /// `STIX`: an XML package of STIX 1.x. STIX 2, which is JSON, is none.
    Stix,
    /// `OTX_CSV`: the CSV export of the Open Threat Exchange, OTX.
    OtxCsv,
    /// `ALIEN_VAULT`: the reputation feed of Alien Vault, eight fields a line with `#` between them.
    AlienVault,
    /// `PROOF_POINT`: the CSV of Proofpoint's ET Intelligence feed.
    ProofPoint,
    /// `FIRE_EYE`: the CSV of Fire Eye's iSIGHT reports.
    FireEye,
}

impl ListFormat {
    /// Every format, in the order of the API's enumeration.
    pub const ALL: [Self; 6] = [Self::Txt, Self::Stix, Self::OtxCsv, Self::AlienVault, Self::ProofPoint, Self::FireEye];

    /// The name that AWS gives it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Txt => "TXT",
            Self::Stix => "STIX",
            Self::OtxCsv => "OTX_CSV",
            Self::AlienVault => "ALIEN_VAULT",
            Self::ProofPoint => "PROOF_POINT",
            Self::FireEye => "FIRE_EYE",
        }
    }
}

impl fmt::Display for ListFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ListFormat {
    type Err = UnknownListFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.as_str() == name).ok_or(UnknownListFormat)
    }
}

/// A name that is none of AWS's, as the end of a sentence that begins with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no list format: write TXT, STIX, OTX_CSV, ALIEN_VAULT, PROOF_POINT or FIRE_EYE")]
pub struct UnknownListFormat;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_aws() {
        for format in ListFormat::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
            assert!(UnknownListFormat.to_string().contains(format.as_str()));
        }
        for name in ["", "txt", "Txt", " TXT", "TXT ", "CSV", "OTX-CSV", "PROOFPOINT", "STIX2"] {
            assert_eq!(name.parse::<ListFormat>(), Err(UnknownListFormat), "{name}");
        }
    }
}
