//! Registers a wallet as a supplier, once and with its own signature: only such may replace others.
mod accounts;
mod processor;

pub use processor::process;
