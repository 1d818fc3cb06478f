use crate::error::EscrowError;
use ionet_shared::wire::Wire;

pub struct EndLeaseData {
    pub opened_slot: u64,
    pub lease: u8,
}

impl EndLeaseData {
    pub fn parse(data: &[u8]) -> Result<Self, EscrowError> {
        let mut wire = Wire::new(data, EscrowError::MalformedInstruction);
        let parsed = Self { opened_slot: wire.u64()?, lease: wire.u8()? };
        wire.end()?;
        Ok(parsed)
    }
}
