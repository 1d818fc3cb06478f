use super::{NetworkParameters, VERSION};
use crate::error::EscrowError;
use codama_macros::CodamaAccount;
use pinocchio::{AccountView, Address};

pub const KIND: u8 = 1;

/// The network, one account a program.
#[derive(CodamaAccount)]
#[codama(discriminator(field = "kind", offset = 1))]
#[codama(discriminator(size = 1024))]
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
    #[codama(type = fixed_size(bytes, 4))]
    pub reserved: [u8; 4],
    /// When `proposed` was proposed; 0: nothing is.
    pub proposed_at: i64,
    /// The genesis hash of the chain: a reading for a test network is worth nothing elsewhere.
    #[codama(type = fixed_size(bytes, 32))]
    pub chain_tag: [u8; 32],
    pub parameters: NetworkParameters,
    /// Waits 48 hours.
    pub proposed: NetworkParameters,
    #[codama(type = fixed_size(bytes, 176))]
    pub reserved2: [u8; 176],
}

const _: () = assert!(core::mem::size_of::<Network>() == Network::LEN);

impl Network {
    pub const LEN: usize = 1_024;

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

    /// As `load`, to be written to: for the instructions that govern.
    pub fn load_mut<'a>(account: &'a mut AccountView, program: &Address) -> Result<&'a mut Self, EscrowError> {
        Self::load(account, program)?;
        if !account.is_writable() {
            return Err(EscrowError::WrongNetwork);
        }
        // SAFETY: as for `load`; the account is borrowed exclusively, and governing instructions take it once.
        Ok(unsafe { &mut *account.data_mut_ptr().cast::<Self>() })
    }
}
