//! The bytes that shells and wrappers make of a plan on its way into a file.

use crate::Failure;

/// What editors and .NET put before UTF-8.
const BOM: &str = "\u{FEFF}";

/// UTF-8 with a byte order mark.
pub(super) fn bom(real: &[u8]) -> Result<Vec<u8>, Failure> {
    Ok(format!("{BOM}{}", std::str::from_utf8(real)?).into_bytes())
}

/// `terraform show -json tfplan > plan.json` in Windows PowerShell: UTF-16, low byte first, with CR and LF.
pub(super) fn utf16le(real: &[u8]) -> Result<Vec<u8>, Failure> {
    Ok(utf16(real)?.into_iter().flat_map(u16::to_le_bytes).collect())
}

/// The same with the high byte first.
pub(super) fn utf16be(real: &[u8]) -> Result<Vec<u8>, Failure> {
    Ok(utf16(real)?.into_iter().flat_map(u16::to_be_bytes).collect())
}

fn utf16(real: &[u8]) -> Result<Vec<u16>, Failure> {
    let text = format!("{BOM}{}", std::str::from_utf8(real)?).replace('\n', "\r\n");
    Ok(text.encode_utf16().collect())
}

/// Wrappers, such as the one of the action `setup-terraform`, say what they run before the JSON.
const SAID: &str = "Switched to workspace \"default\".\n[command]/usr/bin/terraform show -json tfplan\n";

/// Lines of text before the JSON.
pub(super) fn preamble(real: &[u8]) -> Result<Vec<u8>, Failure> {
    Ok(format!("{SAID}{}", std::str::from_utf8(real)?).into_bytes())
}
