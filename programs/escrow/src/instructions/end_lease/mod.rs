//! Ends one lease now; readings for the time before still count.
mod accounts;
mod data;
mod processor;

pub use processor::process;
