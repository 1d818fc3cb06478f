//! Addresses that a program derives from seeds.
use pinocchio::Address;

/// The canonical address and bump. The caller compares; nobody passes a bump of their own, so each set of seeds has
/// exactly one address.
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
