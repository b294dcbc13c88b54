//! The wiring of `tfduty graph`, in each of its formats.

mod dot;
mod json;
mod layers;
mod mermaid;
mod picture;
mod scene;
#[cfg(test)]
mod tests;

use std::io;

use tfduty_audit::Report;

pub(crate) use self::{
    mermaid::flowchart,
    scene::{Scene, scene},
};

/// Formats of the wiring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphFormat {
    /// A Mermaid flowchart, which GitHub and GitLab draw in comments.
    Mermaid,
    /// A graph for Graphviz.
    Dot,
    /// One JSON object, described by `#/$defs/graph` of [`crate::SCHEMA`].
    Json,
}

/// Writes the wiring of `report` to `out`; `around` is the address that it was asked for. A report without wiring draws
/// nothing.
pub fn write_graph(
    format: GraphFormat,
    report: &Report,
    around: Option<&str>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let wiring = report.wiring.clone().unwrap_or_default();
    match format {
        GraphFormat::Mermaid => out.write_all(flowchart(&wiring, &report.findings).as_bytes()),
        GraphFormat::Dot => out.write_all(dot::digraph(&wiring, &report.findings).as_bytes()),
        GraphFormat::Json => json::write(&wiring, report, around, out),
    }
}
