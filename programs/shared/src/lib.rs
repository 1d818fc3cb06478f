//! What the network's programs have in common. Nothing here knows a program: errors are the caller's, given where
//! something is read or found out by an answer.
#![cfg_attr(target_arch = "bpf", no_std)]

extern crate alloc;

pub mod address;
pub mod destination;
pub mod event;
pub mod fixed_width;
pub mod mint;
pub mod token_account;
pub mod transfers;
pub mod upgrade_authority;
pub mod wallet;
pub mod wire;
