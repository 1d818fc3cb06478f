//! Puts proposed parameters into force, by anybody, 48 hours after they were proposed.
mod accounts;
mod processor;

pub use processor::process;
