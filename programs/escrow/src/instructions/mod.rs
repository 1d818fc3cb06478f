//! What the program can be asked to do: a folder an instruction. Its number is the first byte of the data, its
//! accounts and fields are described in `interface`.
mod apply_parameters;
mod close_escrow;
mod collect;
mod end_lease;
mod initialize_network;
mod open_escrow;
mod propose_parameters;
mod register_supplier;
mod replace_lease;
mod revoke_meter;
mod set_pause;
mod settle;
mod settle_agreed;
mod stop;
mod top_up;

use crate::error::EscrowError;
use pinocchio::{AccountView, Address, ProgramResult};

/// Takes an instruction apart by its first byte. Not inlined, so that its stack frame is apart from the entry point's.
#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
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
