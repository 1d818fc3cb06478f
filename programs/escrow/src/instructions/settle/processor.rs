use super::{
    accounts::SettleAccounts,
    data::{instructions, signed_reading},
};
use crate::{
    books,
    error::EscrowError,
    state::escrow::{signing_seeds, STATUS_FINAL},
    treasury::pay_fee,
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
    if !data.is_empty() {
        return Err(EscrowError::MalformedInstruction.into());
    }
    let accounts = SettleAccounts::check(program, accounts)?;
    let instructions = instructions(accounts.instructions)?;
    let before = instructions.get_instruction_relative(-1).map_err(|_| EscrowError::NoMeterSignature)?;
    let (meter, reading) = signed_reading(&before)?;
    accounts.check_reading(program, meter, &reading)?;
    let now = Clock::get()?.unix_timestamp;

    let SettleAccounts { escrow_account, escrow, vault, network, treasury_tokens, destinations, .. } = accounts;
    let header = escrow.header;
    let was_final = header.status == STATUS_FINAL;
    let mut vault = Vault::new(header, vault, escrow_account, program, destinations.len() + 1)?;
    for (entry, destination) in reading.entries().zip(destinations) {
        let lease = &mut escrow.leases[usize::from(entry.lease)];
        let place = vault.judge(destination, &lease.supplier);
        if place == Destination::Foreign {
            return Err(EscrowError::WrongDestination.into());
        }
        if reading.is_final && lease.ended_at == 0 {
            lease.ended_at = now;
        }
        if entry.seconds < lease.seconds {
            // An older reading came late: nothing shrinks, nothing is paid.
            continue;
        }
        if !was_final {
            let seconds = entry.seconds.min(lease.deliverable(now, header.minimum_seconds)).max(lease.seconds);
            books::earn(header, lease, seconds)?;
        }
        let owed = lease.owed();
        if owed > 0 && place == Destination::Payable && vault.pay(destination, owed)? {
            books::pay_lease(header, lease, owed)?;
        }
    }
    if reading.is_final && !was_final {
        header.status = STATUS_FINAL;
        header.final_at = now;
    }
    pay_fee(header, &mut vault, treasury_tokens, &network.parameters.treasury)?;

    let (id, bump) = (header.id.to_le_bytes(), [header.bump]);
    vault.send(&Signer::from(&signing_seeds(&header.engineer, &id, &bump)));
    books::assert_balanced(header, vault.held())?;
    Ok(())
}
