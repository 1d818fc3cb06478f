use crate::{error::EscrowError, parameters, state::NetworkParameters};
use ionet_shared::wire::Wire;

pub struct InitializeNetworkData {
    pub chain_tag: [u8; 32],
    pub parameters: NetworkParameters,
}

impl InitializeNetworkData {
    pub fn parse(data: &[u8]) -> Result<Self, EscrowError> {
        let mut wire = Wire::new(data, EscrowError::MalformedInstruction);
        let chain_tag = *wire.bytes()?;
        let parameters = parameters::parse(&mut wire)?;
        wire.end()?;
        if chain_tag == [0; 32] {
            return Err(EscrowError::WrongParameter);
        }
        Ok(Self { chain_tag, parameters })
    }
}
