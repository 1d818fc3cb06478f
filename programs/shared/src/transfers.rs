//! Many payments out of one vault in one call of the token program.
use alloc::vec::Vec;
use pinocchio::{
    cpi::{invoke_signed_unchecked, CpiAccount, Signer},
    instruction::{InstructionAccount, InstructionView},
    AccountView,
};

const BATCH: u8 = 255;
const TRANSFER: u8 = 3;
const ACCOUNTS_PER_TRANSFER: usize = 3;
const TRANSFER_DATA_LEN: u8 = 9;
/// How many accounts and how many bytes each instruction of the batch has, and its first byte.
const HEADER: [u8; 3] = [ACCOUNTS_PER_TRANSFER as u8, TRANSFER_DATA_LEN, TRANSFER];
const ENTRY_LEN: usize = HEADER.len() + 8;

/// Collects transfers and sends them as one p-token `batch`, each account listed once: a fraction of the
/// cost of one call a supplier. Mints need no second check here: every destination's was compared.
pub struct Transfers<'a> {
    vault: &'a AccountView,
    authority: &'a AccountView,
    capacity: usize,
    count: usize,
    data: Vec<u8>,
    metas: Vec<InstructionAccount<'a>>,
    infos: Vec<CpiAccount<'a>>,
}

impl<'a> Transfers<'a> {
    #[inline(always)]
    pub fn new(vault: &'a AccountView, authority: &'a AccountView, capacity: usize) -> Self {
        let mut data = Vec::with_capacity(1 + capacity * ENTRY_LEN);
        data.push(BATCH);
        let mut infos = Vec::with_capacity(2 + capacity);
        infos.push(CpiAccount::from(vault));
        infos.push(CpiAccount::from(authority));
        let metas = Vec::with_capacity(capacity * ACCOUNTS_PER_TRANSFER);
        Self { vault, authority, capacity, count: 0, data, metas, infos }
    }

    /// Adds a transfer of `amount` base units. More than `capacity` fail the transaction.
    #[inline(always)]
    pub fn add(&mut self, destination: &'a AccountView, amount: u64) {
        assert!(self.count < self.capacity);
        // SAFETY: room for `capacity` entries was made in `new`, and this is one of them; `send` tells the
        // vectors how many were written. Each push would look for room again, at a cost for every supplier.
        unsafe {
            let meta = self.metas.as_mut_ptr().add(ACCOUNTS_PER_TRANSFER * self.count);
            meta.write(InstructionAccount::writable(self.vault.address()));
            meta.add(1).write(InstructionAccount::writable(destination.address()));
            meta.add(2).write(InstructionAccount::readonly_signer(self.authority.address()));
            self.infos.as_mut_ptr().add(2 + self.count).write(CpiAccount::from(destination));
            let entry = self.data.as_mut_ptr().add(1 + ENTRY_LEN * self.count);
            entry.cast::<[u8; HEADER.len()]>().write(HEADER);
            entry.add(HEADER.len()).cast::<u64>().write_unaligned(amount.to_le());
        }
        self.count += 1;
    }

    /// Sends what was collected; nothing collected, nothing called. A failing transfer fails the whole
    /// transaction.
    #[inline(always)]
    pub fn send(&mut self, signer: &Signer) {
        if self.count == 0 {
            return;
        }
        // SAFETY: `add` wrote this many.
        unsafe {
            self.metas.set_len(ACCOUNTS_PER_TRANSFER * self.count);
            self.infos.set_len(2 + self.count);
            self.data.set_len(1 + ENTRY_LEN * self.count);
        }
        let batch = InstructionView { program_id: &pinocchio_token::ID, accounts: &self.metas, data: &self.data };
        // SAFETY: the token program writes only to the vault and the destinations, and no reference into
        // their data is held across this call.
        unsafe { invoke_signed_unchecked(&batch, &self.infos, core::slice::from_ref(signer)) };
    }
}
