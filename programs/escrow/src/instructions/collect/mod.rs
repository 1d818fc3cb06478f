//! Pays a supplier, or the treasury, what was skipped, to whatever account its wallet names.
mod accounts;
mod processor;

pub use processor::process;
