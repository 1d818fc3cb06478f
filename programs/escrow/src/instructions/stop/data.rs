use crate::error::EscrowError;
use ionet_shared::wire::Wire;

/// The slot in which the escrow opened.
pub fn parse(data: &[u8]) -> Result<u64, EscrowError> {
    let mut wire = Wire::new(data, EscrowError::MalformedInstruction);
    let opened_slot = wire.u64()?;
    wire.end()?;
    Ok(opened_slot)
}
