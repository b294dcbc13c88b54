//! `tfduty`: argv to exit status.

#[cfg_attr(not(test), expect(dead_code, reason = "the commands, which read it, are not here yet"))]
mod config;
#[cfg_attr(not(test), expect(dead_code, reason = "the commands, which ask for dates, are not here yet"))]
mod date;

fn main() {}
