//! `tfduty`: argv to exit status.

fn main() {}
