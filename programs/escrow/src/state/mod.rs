//! Accounts of this program. The first byte of each is the layout's version, the second its kind.
//! All are `repr(C)` without padding, little-endian, and read in place.
pub mod escrow;
pub mod lease;
pub mod network;
pub mod parameters;
pub mod supplier;

pub use escrow::{Escrow, EscrowHeader};
pub use lease::Lease;
pub use network::Network;
pub use parameters::{NetworkMint, NetworkParameters};
pub use supplier::Supplier;

pub const VERSION: u8 = 1;
