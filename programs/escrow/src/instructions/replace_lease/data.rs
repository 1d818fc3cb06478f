use crate::error::EscrowError;
use ionet_shared::wire::Wire;

pub struct ReplaceLeaseData {
    pub opened_slot: u64,
    /// The one that has ended.
    pub lease: u8,
    /// Base units an hour of the one that comes in.
    pub rate_per_hour: u64,
    pub max_seconds: u32,
}

impl ReplaceLeaseData {
    pub fn parse(data: &[u8]) -> Result<Self, EscrowError> {
        let mut wire = Wire::new(data, EscrowError::MalformedInstruction);
        let parsed =
            Self { opened_slot: wire.u64()?, lease: wire.u8()?, rate_per_hour: wire.u64()?, max_seconds: wire.u32()? };
        wire.end()?;
        if parsed.rate_per_hour == 0 || parsed.max_seconds == 0 {
            return Err(EscrowError::WrongLease);
        }
        Ok(parsed)
    }
}
