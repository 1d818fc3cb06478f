use crate::{error::EscrowError, parameters, state::NetworkParameters};
use ionet_shared::wire::Wire;

pub fn parse(data: &[u8]) -> Result<NetworkParameters, EscrowError> {
    let mut wire = Wire::new(data, EscrowError::MalformedInstruction);
    let proposed = parameters::parse(&mut wire)?;
    wire.end()?;
    Ok(proposed)
}
