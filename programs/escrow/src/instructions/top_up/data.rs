use crate::{error::EscrowError, state::escrow::MAX_LEASES};
use ionet_shared::wire::Wire;

pub struct TopUpData {
    pub opened_slot: u64,
    /// Base units of the mint.
    pub amount: u64,
    /// By how much each named lease is extended.
    pub seconds: u32,
    /// One bit a lease, the lowest for the first; 0: every lease that runs.
    pub leases: u64,
}

impl TopUpData {
    pub fn parse(data: &[u8]) -> Result<Self, EscrowError> {
        let mut wire = Wire::new(data, EscrowError::MalformedInstruction);
        let parsed = Self { opened_slot: wire.u64()?, amount: wire.u64()?, seconds: wire.u32()?, leases: wire.u64()? };
        wire.end()?;
        Ok(parsed)
    }

    pub fn names(&self, lease: usize) -> bool {
        lease < MAX_LEASES && self.leases & 1 << lease != 0
    }
}
