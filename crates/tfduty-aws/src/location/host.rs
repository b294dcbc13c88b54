//! The hosts of S3, and what each of them says.

use super::{Form, LocationError, has_placeholder, is_placeholder, is_unknown, unless_unknown};
use crate::partition::Partition;

/// What a host names.
pub(super) struct Host<'a> {
    /// The bucket, in the case it was written in; `None` when it is the first segment of the path.
    pub(super) bucket: Option<&'a str>,
    pub(super) region: Option<String>,
    pub(super) suffix: Option<String>,
    pub(super) form: Form,
}

/// Reads a host, without regard to case.
pub(super) fn parse(host: &str) -> Result<Host<'_>, LocationError> {
    if is_unknown(host) {
        return Ok(Host { bucket: Some(host), region: None, suffix: None, form: Form::VirtualHosted });
    }
    let lower = host.to_ascii_lowercase();
    if lower.starts_with("arn:") {
        return Err(super::arn_error(&lower));
    }
    if lower.contains([':', '@']) {
        return Err(LocationError::PortOrUser);
    }
    // At the last `.s3`, because a bucket's name may hold dots and, between them, anything that looks like S3's own.
    let split = lower.rfind(".s3.").max(lower.rfind(".s3-"));
    let virtual_hosted = split.map(|at| (Some(&host[..at]), &lower[at + 1..]));
    let mut error = LocationError::OtherHost;
    for (bucket, endpoint) in virtual_hosted.into_iter().chain([(None, lower.as_str())]) {
        match Endpoint::parse(endpoint) {
            Ok(Endpoint { style, region, suffix }) => {
                return Ok(Host {
                    bucket,
                    region: region.map(str::to_owned),
                    suffix: Some(suffix.to_owned()),
                    form: style.form(bucket.is_some()),
                });
            }
            Err(LocationError::OtherHost) => {}
            Err(closer) => error = closer,
        }
    }
    Err(match error {
        LocationError::OtherHost => other_host(&lower),
        closer => closer,
    })
}

/// What kind of host it is, when it is none that lists are read from.
fn other_host(host: &str) -> LocationError {
    let any_label = |is: fn(&str) -> bool| host.split('.').any(is);
    if any_label(|label| label.starts_with("s3-website")) {
        LocationError::Website
    } else if any_label(|label| {
        label == "accesspoint" || label.starts_with("s3-accesspoint") || label.starts_with("s3-object-lambda")
    }) {
        LocationError::AccessPoint
    } else {
        unless_unknown(host, LocationError::OtherHost)
    }
}

#[derive(Clone, Copy)]
enum Style {
    Plain,
    DashedRegion,
    DottedRegion,
    Dualstack,
    External1,
}

impl Style {
    fn form(self, virtual_hosted: bool) -> Form {
        match (self, virtual_hosted) {
            (Self::Plain, false) => Form::PathStyle,
            (Self::Plain, true) => Form::VirtualHosted,
            (Self::DashedRegion, false) => Form::PathStyleDashedRegion,
            (Self::DashedRegion, true) => Form::VirtualHostedDashedRegion,
            (Self::DottedRegion, false) => Form::PathStyleDottedRegion,
            (Self::DottedRegion, true) => Form::VirtualHostedDottedRegion,
            (Self::Dualstack, false) => Form::PathStyleDualstack,
            (Self::Dualstack, true) => Form::VirtualHostedDualstack,
            (Self::External1, _) => Form::External1,
        }
    }
}

/// A host without a bucket: `s3.SUFFIX` and its kin.
struct Endpoint<'a> {
    style: Style,
    region: Option<&'a str>,
    suffix: &'a str,
}

impl<'a> Endpoint<'a> {
    fn parse(text: &'a str) -> Result<Self, LocationError> {
        if let Some(rest) = text.strip_prefix("s3-") {
            return match rest.strip_prefix("external-1.") {
                Some(suffix) => {
                    check_suffix(suffix, Partition::Aws)?;
                    Ok(Self { style: Style::External1, region: Some("us-east-1"), suffix })
                }
                None => Self::regional(Style::DashedRegion, rest),
            };
        }
        let rest = text.strip_prefix("s3.").ok_or(LocationError::OtherHost)?;
        if is_suffix(rest) {
            return Ok(Self { style: Style::Plain, region: None, suffix: rest });
        }
        match rest.strip_prefix("dualstack.") {
            Some(rest) => Self::regional(Style::Dualstack, rest),
            None => Self::regional(Style::DottedRegion, rest),
        }
    }

    /// `REGION.SUFFIX`.
    fn regional(style: Style, text: &'a str) -> Result<Self, LocationError> {
        let (region, suffix) = text.split_once('.').ok_or(LocationError::OtherHost)?;
        if has_placeholder(region) {
            return if may_be_region(region) && is_suffix(suffix) {
                Ok(Self { style, region: Some(region), suffix })
            } else {
                Err(LocationError::OtherHost)
            };
        }
        let partition = Partition::of_region(region).ok_or(LocationError::OtherHost)?;
        check_suffix(suffix, partition)?;
        // What the hosts of isolated partitions mean is not public, so what looks like a region proves nothing.
        let region = partition.suffix().map(|_| region);
        Ok(Self { style, region, suffix })
    }
}

/// Whether `text`, of which a part is unknown, may turn out to be a region. `website-<unknown>` cannot.
fn may_be_region(text: &str) -> bool {
    let area = text.split('-').next().unwrap_or_default();
    let allowed = |c| is_placeholder(c) || matches!(c, 'a'..='z' | '0'..='9' | '-');
    text.chars().all(allowed) && (has_placeholder(area) || area.len() == 2 || area == "eusc")
}

/// Whether S3's hosts of some partition stand under `text`, or may, as it is unknown.
fn is_suffix(text: &str) -> bool {
    is_unknown(text) || Partition::ALL.iter().any(|partition| partition.domain() == text)
}

/// Whether the hosts of `partition` may stand under `suffix`.
fn check_suffix(suffix: &str, partition: Partition) -> Result<(), LocationError> {
    match partition.suffix() {
        None if !suffix.is_empty() => Ok(()),
        Some(right) if suffix == right || is_unknown(suffix) => Ok(()),
        _ if is_suffix(suffix) => Err(LocationError::OtherPartition),
        _ => Err(LocationError::OtherHost),
    }
}
