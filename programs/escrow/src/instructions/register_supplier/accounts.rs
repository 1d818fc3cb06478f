use crate::{error::EscrowError, seeds};
use ionet_shared::address;
use pinocchio::{AccountView, Address};

pub struct RegisterSupplierAccounts<'a> {
    pub payer: &'a AccountView,
    pub wallet: &'a AccountView,
    pub supplier: &'a mut AccountView,
    pub supplier_bump: u8,
}

impl<'a> RegisterSupplierAccounts<'a> {
    pub fn check(program: &Address, accounts: &'a mut [AccountView]) -> Result<Self, EscrowError> {
        let [payer, wallet, supplier, _system_program, ..] = accounts else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        if !payer.is_signer() || !wallet.is_signer() {
            return Err(EscrowError::MissingSignature);
        }
        let (address, supplier_bump) = address::find(&[seeds::SUPPLIER_SEED, wallet.address().as_ref()], program);
        if supplier.address() != &address {
            return Err(EscrowError::WrongAddress);
        }
        if supplier.owned_by(program) {
            return Err(EscrowError::AlreadyRegistered);
        }
        Ok(Self { payer, wallet, supplier, supplier_bump })
    }
}
