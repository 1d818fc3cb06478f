//! What the network's governance tells everybody: the names of its events.
pub use ionet_shared::event::emit;

pub const PARAMETERS_PROPOSED: &[u8] = b"ionet:parameters-proposed";
pub const PARAMETERS_APPLIED: &[u8] = b"ionet:parameters-applied";
/// Payload: the key.
pub const METER_REVOKED: &[u8] = b"ionet:meter-revoked";
/// Payload: one byte, 1 while paused.
pub const PAUSE_SET: &[u8] = b"ionet:pause-set";
