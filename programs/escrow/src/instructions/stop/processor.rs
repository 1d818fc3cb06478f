use super::{accounts::StopAccounts, data};
use crate::{
    books,
    error::EscrowError,
    state::escrow::{signing_seeds, STATUS_OPEN, STATUS_STOPPED},
    vault::Vault,
};
use ionet_shared::destination::Destination;
use pinocchio::{
    cpi::Signer,
    sysvars::{clock::Clock, Sysvar},
    AccountView, Address, ProgramResult,
};

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let opened_slot = data::parse(data)?;
    let StopAccounts { escrow_account, escrow, vault, engineer_tokens } =
        StopAccounts::check(program, accounts, opened_slot)?;
    let mut vault = Vault::new(escrow.header, vault, escrow_account, program, 1)?;
    let place = vault.judge(engineer_tokens, &escrow.header.engineer);
    if place == Destination::Foreign {
        return Err(EscrowError::WrongRefundAccount.into());
    }
    let now = Clock::get()?.unix_timestamp;

    for lease in escrow.leases.iter_mut().filter(|lease| lease.ended_at == 0) {
        lease.ended_at = now;
    }
    if escrow.header.status == STATUS_OPEN {
        escrow.header.status = STATUS_STOPPED;
    }
    let refund = escrow.refundable()?;
    let header = escrow.header;
    // An account that cannot take it now does not keep the cluster running: stopping again, or closing, returns it.
    if refund > 0 && place == Destination::Payable && vault.pay(engineer_tokens, refund)? {
        books::refund(header, refund)?;
    }
    let (id, bump) = (header.id.to_le_bytes(), [header.bump]);
    vault.send(&Signer::from(&signing_seeds(&header.engineer, &id, &bump)));
    books::assert_balanced(header, vault.held())?;
    Ok(())
}
