//! Takes a meter's key away at once, signed by the guardian; a new one waits its 48 hours.
mod accounts;
mod data;
mod processor;

pub use processor::process;
