use crate::error::EscrowError;
use ionet_shared::wire::Wire;

/// 1 pauses, 0 lifts the pause.
pub fn parse(data: &[u8]) -> Result<u8, EscrowError> {
    let mut wire = Wire::new(data, EscrowError::MalformedInstruction);
    let paused = wire.u8()?;
    wire.end()?;
    if paused > 1 {
        return Err(EscrowError::MalformedInstruction);
    }
    Ok(paused)
}
