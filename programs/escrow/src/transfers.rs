//! Many payments out of one vault in one call of the token program.
use alloc::vec::Vec;
use pinocchio::{
    cpi::{invoke_signed_unchecked, CpiAccount, Signer},
    instruction::{InstructionAccount, InstructionView},
    AccountView,
};

const BATCH: u8 = 255;
const TRANSFER: u8 = 3;
const ACCOUNTS_PER_TRANSFER: u8 = 3;
const TRANSFER_DATA_LEN: u8 = 9;

/// Collects transfers and sends them as one p-token `batch`, each account listed once: a fraction of the
/// cost of one call a supplier. Mints need no second check here: every destination's was compared.
pub struct Transfers<'a> {
    vault: &'a AccountView,
    authority: &'a AccountView,
    data: Vec<u8>,
    metas: Vec<InstructionAccount<'a>>,
    infos: Vec<CpiAccount<'a>>,
}

impl<'a> Transfers<'a> {
    #[inline(always)]
    pub fn new(vault: &'a AccountView, authority: &'a AccountView, capacity: usize) -> Self {
        let mut data = Vec::with_capacity(1 + capacity * usize::from(2 + TRANSFER_DATA_LEN));
        data.push(BATCH);
        let mut infos = Vec::with_capacity(2 + capacity);
        infos.push(CpiAccount::from(vault));
        infos.push(CpiAccount::from(authority));
        Self { vault, authority, data, metas: Vec::with_capacity(capacity * usize::from(ACCOUNTS_PER_TRANSFER)), infos }
    }

    /// Adds a transfer of `amount` base units.
    #[inline(always)]
    pub fn add(&mut self, destination: &'a AccountView, amount: u64) {
        self.data.extend_from_slice(&[ACCOUNTS_PER_TRANSFER, TRANSFER_DATA_LEN, TRANSFER]);
        self.data.extend_from_slice(&amount.to_le_bytes());
        self.metas.push(InstructionAccount::writable(self.vault.address()));
        self.metas.push(InstructionAccount::writable(destination.address()));
        self.metas.push(InstructionAccount::readonly_signer(self.authority.address()));
        self.infos.push(CpiAccount::from(destination));
    }

    /// Sends what was collected; nothing collected, nothing called. A failing transfer fails the whole
    /// transaction.
    #[inline(always)]
    pub fn send(&self, signer: &Signer) {
        if self.metas.is_empty() {
            return;
        }
        let batch = InstructionView { program_id: &pinocchio_token::ID, accounts: &self.metas, data: &self.data };
        // SAFETY: the token program writes only to the vault and the destinations, and no reference into
        // their data is held across this call.
        unsafe { invoke_signed_unchecked(&batch, &self.infos, core::slice::from_ref(signer)) };
    }
}
