//! Pays seconds that the engineer and a lease's supplier both sign for, without the meter.
mod accounts;
mod data;
mod processor;

pub use processor::process;
