use crate::{
    error::EscrowError,
    reading::Reading,
    state::{escrow::MAX_LEASES, Escrow, Network},
};
use pinocchio::{AccountView, Address};

pub struct SettleAccounts<'a> {
    pub escrow_account: &'a AccountView,
    pub escrow: Escrow<'a>,
    pub vault: &'a AccountView,
    pub network_address: &'a Address,
    pub network: &'a Network,
    pub treasury_tokens: &'a AccountView,
    pub instructions: &'a AccountView,
    /// One a lease of the reading, in its order.
    pub destinations: &'a [AccountView],
}

impl<'a> SettleAccounts<'a> {
    #[inline(always)]
    pub fn check(program: &Address, accounts: &'a [AccountView]) -> Result<Self, EscrowError> {
        let [escrow_account, vault, network, treasury_tokens, token_program, instructions, destinations @ ..] =
            accounts
        else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        // SAFETY: the only place in this instruction that refers to the escrow's data.
        let escrow = unsafe { Escrow::load(escrow_account, program)? };
        if token_program.address() != &pinocchio_token::ID {
            return Err(EscrowError::WrongTokenProgram);
        }
        Ok(Self {
            escrow_account,
            escrow,
            vault,
            network_address: network.address(),
            network: Network::load(network, program)?,
            treasury_tokens,
            instructions,
            destinations,
        })
    }

    /// The reading is signed by a meter of this network, and for exactly this escrow.
    #[inline(always)]
    pub fn check_reading(&self, program: &Address, meter: &[u8; 32], reading: &Reading) -> Result<(), EscrowError> {
        if !self.network.parameters.has_meter(meter) {
            return Err(EscrowError::UnknownMeter);
        }
        if reading.program != program.as_array() {
            return Err(EscrowError::ReadingForAnotherProgram);
        }
        if reading.network != self.network_address.as_array() {
            return Err(EscrowError::ReadingForAnotherNetwork);
        }
        if reading.chain_tag != &self.network.chain_tag {
            return Err(EscrowError::ReadingForAnotherChain);
        }
        if reading.escrow != self.escrow_account.address().as_array() {
            return Err(EscrowError::ReadingForAnotherEscrow);
        }
        if reading.opened_slot != self.escrow.header.opened_slot {
            return Err(EscrowError::ReadingForAnotherOpening);
        }
        self.check_entries(reading)
    }

    #[inline(always)]
    fn check_entries(&self, reading: &Reading) -> Result<(), EscrowError> {
        let mut next = 0;
        for entry in reading.entries() {
            let lease = usize::from(entry.lease);
            if lease >= self.escrow.leases.len() {
                return Err(EscrowError::UnknownLease);
            }
            if lease < next {
                return Err(EscrowError::LeasesOutOfOrder);
            }
            next = lease + 1;
        }
        if reading.is_final && reading.count() != self.escrow.leases.len() {
            return Err(EscrowError::FinalReadingIncomplete);
        }
        if self.destinations.len() != reading.count() || reading.count() > MAX_LEASES {
            return Err(EscrowError::NotEnoughAccounts);
        }
        Ok(())
    }
}
