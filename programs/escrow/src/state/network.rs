use super::VERSION;
use crate::error::EscrowError;
use codama_macros::{CodamaAccount, CodamaType};
use pinocchio::{AccountView, Address};

pub const KIND: u8 = 1;
pub const MAX_METERS: usize = 4;
pub const MAX_MINTS: usize = 4;
/// Not a parameter: no network takes more than 5 %.
pub const FEE_LIMIT_BPS: u16 = 500;

/// A currency the network is paid in.
#[derive(CodamaType)]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NetworkMint {
    pub mint: Address,
    pub fee_bps: u16,
    pub decimals: u8,
    #[codama(type = fixed_size(bytes, 5))]
    pub reserved: [u8; 5],
}

/// The network's parameters, one account a program.
#[derive(CodamaAccount)]
#[codama(discriminator(field = "kind", offset = 1))]
#[codama(discriminator(size = 512))]
#[codama(seed(type = string(utf8), value = "network"))]
#[repr(C)]
pub struct Network {
    #[codama(default_value = 1)]
    pub version: u8,
    #[codama(default_value = 1)]
    pub kind: u8,
    pub bump: u8,
    /// 1: no new escrows. Payouts and refunds never stop.
    pub paused: u8,
    pub meter_count: u8,
    pub mint_count: u8,
    #[codama(type = fixed_size(bytes, 2))]
    pub reserved: [u8; 2],
    /// The shortest bill, in seconds, of a lease that joined.
    pub minimum_seconds: u32,
    /// How long after its last possible second anybody may have an escrow's rest returned.
    pub release_after_seconds: u32,
    pub authority: Address,
    pub guardian: Address,
    /// The wallet whose token accounts take the fee.
    pub treasury: Address,
    /// The genesis hash of the chain: a reading for a test network is worth nothing elsewhere.
    #[codama(type = fixed_size(bytes, 32))]
    pub chain_tag: [u8; 32],
    pub meters: [Address; 4],
    pub mints: [NetworkMint; 4],
    /// Room for a change that waits its 48 hours.
    #[codama(type = fixed_size(bytes, 80))]
    pub reserved2: [u8; 80],
}

const _: () = assert!(core::mem::size_of::<Network>() == 512);

impl Network {
    pub const LEN: usize = 512;

    /// Reads the network out of an account, whoever passed it: only `initialize_network` makes accounts
    /// of this kind, and only at one address, so owner and kind prove it.
    #[inline(always)]
    pub fn load<'a>(account: &'a AccountView, program: &Address) -> Result<&'a Self, EscrowError> {
        if !account.owned_by(program) || account.data_len() != Self::LEN {
            return Err(EscrowError::WrongNetwork);
        }
        // SAFETY: length checked; account data is 8-byte aligned, the layout has no padding and every
        // bit pattern is valid; no instruction writes to a network that it reads.
        let network = unsafe { &*account.data_ptr().cast::<Self>() };
        if network.kind != KIND {
            return Err(EscrowError::WrongNetwork);
        }
        if network.version != VERSION {
            return Err(EscrowError::WrongVersion);
        }
        Ok(network)
    }

    /// Finds the terms of a mint.
    #[inline(always)]
    pub fn mint(&self, mint: &Address) -> Result<&NetworkMint, EscrowError> {
        self.mints
            .iter()
            .take(usize::from(self.mint_count))
            .find(|known| &known.mint == mint)
            .ok_or(EscrowError::WrongMint)
    }

    #[inline(always)]
    pub fn has_meter(&self, key: &[u8; 32]) -> bool {
        self.meters.iter().take(usize::from(self.meter_count)).any(|meter| meter.as_array() == key)
    }
}
