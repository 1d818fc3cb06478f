//! Adds funds, from anybody, and extends leases by what they pay for.
mod accounts;
mod data;
mod processor;

pub use processor::process;
