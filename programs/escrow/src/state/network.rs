use super::{NetworkParameters, VERSION};
use crate::error::EscrowError;
use codama_macros::CodamaAccount;
use ionet_shared::fixed_width::{self, FixedWidth, Unreadable};
use pinocchio::{AccountView, Address};

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

const _: () = assert!(Network::LEN == 1_024);

// SAFETY: repr(C) of integers and addresses without padding, version and kind first.
unsafe impl FixedWidth for Network {
    const VERSION: u8 = VERSION;
    const KIND: u8 = 1;
}

impl Network {
    /// Reads the network out of an account, whoever passed it: `initialize_network` makes only one.
    #[inline(always)]
    pub fn load<'a>(account: &'a AccountView, program: &Address) -> Result<&'a Self, EscrowError> {
        fixed_width::load(account, program).map_err(refusal)
    }

    /// As `load`, to be written to: for the instructions that govern.
    pub fn load_mut<'a>(account: &'a mut AccountView, program: &Address) -> Result<&'a mut Self, EscrowError> {
        fixed_width::load_mut(account, program).map_err(refusal)
    }
}

fn refusal(unreadable: Unreadable) -> EscrowError {
    match unreadable {
        Unreadable::Foreign => EscrowError::WrongNetwork,
        Unreadable::OtherVersion => EscrowError::WrongVersion,
    }
}
