//! The escrow program: an engineer's funds for one cluster, paid to its suppliers by the second.
//!
//! Each instruction has a folder: `accounts` and `data` check what came in, `processor` acts on it.
//! An escrow can pay the suppliers in its table, the treasury (the fee) and the engineer; nobody else.
#![cfg_attr(target_arch = "bpf", no_std)]

extern crate alloc;

// Keeps the 128-bit arithmetic and memory builtins in the link.
#[cfg(target_arch = "bpf")]
use solana_compiler_builtins as _;

pub mod apply_parameters;
pub mod books;
pub mod close_escrow;
pub mod collect;
pub mod end_lease;
pub mod error;
pub mod event;
pub mod initialize_network;
pub mod instruction;
pub mod mint;
pub mod open_escrow;
pub mod parameters;
pub mod payout;
pub mod pda;
pub mod propose_parameters;
pub mod reading;
pub mod register_supplier;
pub mod replace_lease;
pub mod revoke_meter;
pub mod set_pause;
pub mod settle;
pub mod settle_agreed;
pub mod state;
pub mod stop;
pub mod token_account;
pub mod top_up;
pub mod transfers;
pub mod vault;
pub mod wallet;
pub mod wire;

use error::EscrowError;
use pinocchio::{AccountView, Address, ProgramResult};

#[cfg(target_arch = "bpf")]
mod entry {
    use pinocchio::{default_allocator, nostd_panic_handler, program_entrypoint};
    // Transactions lock at most 64 accounts.
    program_entrypoint!(super::process_instruction, 64);
    default_allocator!();
    nostd_panic_handler!();
}

/// Not inlined, so that its stack frame is apart from the entry point's.
#[inline(never)]
pub fn process_instruction(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let (discriminator, data) = data.split_first().ok_or(EscrowError::MalformedInstruction)?;
    match discriminator {
        0 => initialize_network::process(program, accounts, data),
        1 => open_escrow::process(program, accounts, data),
        2 => settle::process(program, accounts, data),
        3 => close_escrow::process(program, accounts, data),
        4 => stop::process(program, accounts, data),
        5 => end_lease::process(program, accounts, data),
        6 => top_up::process(program, accounts, data),
        7 => register_supplier::process(program, accounts, data),
        8 => replace_lease::process(program, accounts, data),
        9 => settle_agreed::process(program, accounts, data),
        10 => collect::process(program, accounts, data),
        11 => propose_parameters::process(program, accounts, data),
        12 => apply_parameters::process(program, accounts, data),
        13 => revoke_meter::process(program, accounts, data),
        14 => set_pause::process(program, accounts, data),
        _ => Err(EscrowError::MalformedInstruction.into()),
    }
}
