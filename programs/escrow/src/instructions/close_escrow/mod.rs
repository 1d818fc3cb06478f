//! Returns to the engineer what nobody can earn any more, and closes the escrow when nothing is owed.
mod accounts;
mod processor;

pub use processor::process;
