//! What the addresses of this program's accounts are derived from.

pub const NETWORK_SEED: &[u8] = b"network";
pub const ESCROW_SEED: &[u8] = b"escrow";
pub const SUPPLIER_SEED: &[u8] = b"supplier";
