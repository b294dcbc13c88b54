//! Reports of an audit, one file for each format.
