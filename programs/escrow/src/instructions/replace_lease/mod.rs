//! Puts a lease in place of an ended one, within the limits of the delegate that the engineer named.
mod accounts;
mod data;
mod processor;

pub use processor::process;
