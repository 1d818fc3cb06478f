//! Writes the network's parameters, once. Only the program's upgrade authority can, so nobody is first.
mod accounts;
mod data;
mod processor;

pub use processor::process;
