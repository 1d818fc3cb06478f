use crate::error::EscrowError;
use ionet_shared::wire::Wire;
use pinocchio::Address;

/// The key to revoke.
pub fn parse(data: &[u8]) -> Result<Address, EscrowError> {
    let mut wire = Wire::new(data, EscrowError::MalformedInstruction);
    let meter = wire.address()?;
    wire.end()?;
    Ok(meter)
}
