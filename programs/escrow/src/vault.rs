//! Where an escrow's funds lie, and the one way by which they leave.
use crate::{error::EscrowError, state::EscrowHeader};
use ionet_shared::{destination::Destination, token_account, transfers::Transfers, wallet};
use pinocchio::{
    cpi::Signer,
    sysvars::{rent::Rent, Sysvar},
    AccountView, Address,
};

/// Tokens in a token account that the escrow's address owns, or lamports that the escrow account holds itself
/// beyond its rent.
pub struct Vault<'a> {
    account: &'a AccountView,
    escrow: &'a AccountView,
    program: &'a Address,
    mint: Address,
    kept: u64,
    /// Of native escrows: an account that would end below rent exemption fails the whole transaction.
    rent: Option<Rent>,
    transfers: Transfers<'a>,
}

impl<'a> Vault<'a> {
    /// `capacity` is how many payments will be made at most.
    #[inline(always)]
    pub fn new(
        header: &EscrowHeader,
        account: &'a AccountView,
        escrow: &'a AccountView,
        program: &'a Address,
        capacity: usize,
    ) -> Result<Self, EscrowError> {
        if account.address() != &header.vault || !account.is_writable() {
            return Err(EscrowError::WrongVault);
        }
        let rent = if header.is_native() { Some(Rent::get().map_err(|_| EscrowError::WrongVault)?) } else { None };
        let transfers = Transfers::new(account, escrow, if rent.is_some() { 0 } else { capacity });
        Ok(Self { account, escrow, program, mint: header.mint, kept: header.rent, rent, transfers })
    }

    /// Judges a destination for a wallet: its account of the mint, or of a native escrow the wallet itself.
    #[inline(always)]
    pub fn judge(&self, destination: &AccountView, wallet: &Address) -> Destination {
        if self.rent.is_none() {
            token_account::judge(destination, wallet, &self.mint, self.program)
        } else {
            wallet::judge(destination, wallet, self.escrow, self.program)
        }
    }

    /// Judges a destination that the wallet itself has chosen.
    #[inline(always)]
    pub fn judge_any(&self, destination: &AccountView) -> Destination {
        if destination.address() == self.account.address() {
            return Destination::Foreign;
        }
        if self.rent.is_none() {
            token_account::judge_any(destination, &self.mint)
        } else {
            wallet::judge_any(destination, self.escrow)
        }
    }

    /// Pays a destination that was judged payable. False, and nothing moved, when it would end below rent
    /// exemption: the amount waits then. Tokens move with `send`.
    #[inline(always)]
    pub fn pay(&mut self, destination: &'a AccountView, amount: u64) -> Result<bool, EscrowError> {
        match &self.rent {
            None => {
                self.transfers.add(destination, amount);
                Ok(true)
            }
            Some(rent) => Self::move_lamports(self.account, destination, amount, rent),
        }
    }

    #[inline(never)]
    fn move_lamports(from: &AccountView, to: &AccountView, amount: u64, rent: &Rent) -> Result<bool, EscrowError> {
        let after = to.lamports().checked_add(amount).ok_or(EscrowError::AmountOverflow)?;
        if after < rent.try_minimum_balance(to.data_len()).map_err(|_| EscrowError::AmountOverflow)? {
            return Ok(false);
        }
        // Copies of the views: the lamports are the accounts' own. `from` and `to` are never the same.
        let (mut from, mut to) = (*from, *to);
        from.set_lamports(from.lamports().checked_sub(amount).ok_or(EscrowError::VaultTooSmall)?);
        to.set_lamports(after);
        Ok(true)
    }

    /// Sends the tokens that were paid; lamports have moved already.
    #[inline(always)]
    pub fn send(&mut self, signer: &Signer) {
        if self.rent.is_none() {
            self.transfers.send(signer);
        }
    }

    /// What the vault holds now, donations included.
    #[inline(always)]
    pub fn held(&self) -> u64 {
        if self.rent.is_none() {
            token_account::amount(self.account)
        } else {
            self.account.lamports().saturating_sub(self.kept)
        }
    }
}
