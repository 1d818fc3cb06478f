//! Opens an escrow and funds it, in one instruction signed by the engineer.
mod accounts;
mod data;
mod processor;

pub use processor::process;
