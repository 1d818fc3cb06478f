//! Pays what a meter's reading has earned: all suppliers and the fee, in one call of the token program.
mod accounts;
mod data;
mod processor;

pub use processor::process;
