//! Ends all leases at once and returns to the engineer what none of them can have earned.
mod accounts;
mod data;
mod processor;

pub use processor::process;
