//! One large estate of one account: stacks up to a size, with GuardDuty's regions spread evenly among them.

use serde_json::json;

use super::{
    document::{self, Document, Shape},
    guardduty::{self, Region},
    random::Random,
    render::Action,
    stack::{self, REGIONS, Site},
};

const ACCOUNT: &str = "123456789012";
/// Smaller documents than this many bytes are of small stacks, and create what GuardDuty needs.
const SMALL: u64 = 200_000;

/// An estate of about `size` bytes, with one finding in its middle or none.
pub(super) fn document(size: u64, shape: Shape, finding: bool) -> Document {
    let mut random = Random::new(size);
    // An odd number, so that one of them is in the middle.
    let count = (1 + 2 * (size / 2_000_000)).min(REGIONS.len() as u64 - 1);
    let regions = &REGIONS[..usize::try_from(count).unwrap_or_default()];
    let mut document = Document { lineage: random.uuid(), serial: 7, ..Document::default() };
    for region in regions {
        document.providers.push((stack::provider(region), json!({"region": {"constant_value": region}})));
    }
    let (mut written, mut left) = (0, regions.iter().enumerate());
    let mut number = 0;
    let mut next = left.next();
    while written < size || next.is_some() {
        let due = next.filter(|(region, _)| written * 2 * count >= size * (2 * *region as u64 + 1) || size < SMALL);
        let (module, call) = if let Some((position, region)) = due {
            next = left.next();
            let is_middle = position == regions.len() / 2;
            let action = if size < SMALL || position % 3 == 1 && !is_middle { Action::Create } else { Action::NoOp };
            let region = Region {
                site: site(region, guardduty::name(region)),
                action,
                is_broken: finding && is_middle,
                from_files: false,
            };
            let made = guardduty::region(&mut random, &region);
            (made.module, made.call)
        } else {
            let name = stack::name(&mut random, number);
            number += 1;
            let region = *random.pick(regions);
            // The last ones are small, so that the size is about met.
            let blocks = if size < written + SMALL { 2 } else { 12 };
            stack::application(&mut random, &site(region, name), blocks)
        };
        written += document::bytes(shape, &module, &call);
        document.root.children.push(module);
        document.configuration.calls.push(call);
    }
    document
}

/// Where a stack is that a module call makes.
fn site(region: &str, stack: String) -> Site<'_> {
    Site { account: ACCOUNT, region, provider: stack::provider(region), module: format!("module.{stack}"), stack }
}
