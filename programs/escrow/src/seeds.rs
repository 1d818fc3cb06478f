//! Addresses of this program's accounts.
use pinocchio::Address;

pub const NETWORK_SEED: &[u8] = b"network";
pub const ESCROW_SEED: &[u8] = b"escrow";
pub const SUPPLIER_SEED: &[u8] = b"supplier";

/// The canonical address and bump. The caller compares; nobody passes a bump of their own, so each
/// pair of engineer and id has exactly one escrow address.
#[inline(always)]
pub fn find(seeds: &[&[u8]], program: &Address) -> (Address, u8) {
    #[cfg(target_arch = "bpf")]
    {
        Address::find_program_address(seeds, program)
    }
    #[cfg(not(target_arch = "bpf"))]
    {
        let _ = (seeds, program);
        unreachable!("addresses are derived on chain only")
    }
}
