use crate::error::EscrowError;
use ionet_shared::wire::Wire;

pub struct SettleAgreedData {
    pub opened_slot: u64,
    pub lease: u8,
    /// Cumulative, as in a reading.
    pub seconds: u32,
}

impl SettleAgreedData {
    pub fn parse(data: &[u8]) -> Result<Self, EscrowError> {
        let mut wire = Wire::new(data, EscrowError::MalformedInstruction);
        let parsed = Self { opened_slot: wire.u64()?, lease: wire.u8()?, seconds: wire.u32()? };
        wire.end()?;
        Ok(parsed)
    }
}
