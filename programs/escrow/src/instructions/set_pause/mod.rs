//! Pauses new escrows at once, or lifts that, signed by the guardian. What runs is paid and refunded all the same.
mod accounts;
mod data;
mod processor;

pub use processor::process;
