//! Writes down a full set of parameters that counts after 48 hours.
mod accounts;
mod data;
mod processor;

pub use processor::process;
