//! The escrow program: an engineer's funds for one cluster, paid to its suppliers by the second.
//!
//! Each instruction has a folder in `instructions`: `accounts` and `data` check what came in, `processor` acts on it.
//! An escrow can pay the suppliers in its table, the treasury (the fee) and the engineer; nobody else.
#![cfg_attr(target_arch = "bpf", no_std)]

extern crate alloc;

// Keeps the 128-bit arithmetic and memory builtins in the link.
#[cfg(target_arch = "bpf")]
use solana_compiler_builtins as _;

pub mod books;
pub mod error;
pub mod event;
pub mod instructions;
pub mod interface;
pub mod parameters;
pub mod payout;
pub mod reading;
pub mod seeds;
pub mod state;
pub mod treasury;
pub mod vault;

#[cfg(target_arch = "bpf")]
mod entry {
    use pinocchio::{default_allocator, nostd_panic_handler, program_entrypoint};
    // Transactions lock at most 64 accounts.
    program_entrypoint!(crate::instructions::process, 64);
    default_allocator!();
    nostd_panic_handler!();
}
