use crate::{error::EscrowError, pda};
use pinocchio::{AccountView, Address};

/// The upgradeable loader, BPFLoaderUpgradeab1e11111111111111111111111.
const LOADER_V3: Address = Address::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");
/// The variant of the loader's state that a ProgramData account holds, then its slot, then an optional
/// authority.
const PROGRAM_DATA: [u8; 4] = [3, 0, 0, 0];
const AUTHORITY_FLAG_AT: usize = 12;

pub struct InitializeNetworkAccounts<'a> {
    pub payer: &'a AccountView,
    pub network: &'a mut AccountView,
    pub network_bump: u8,
    pub mints: &'a [AccountView],
}

impl<'a> InitializeNetworkAccounts<'a> {
    pub fn check(program: &Address, accounts: &'a mut [AccountView]) -> Result<Self, EscrowError> {
        let [payer, upgrade_authority, network, program_data, _system_program, mints @ ..] = accounts else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        if !payer.is_signer() || !upgrade_authority.is_signer() {
            return Err(EscrowError::MissingSignature);
        }
        check_upgrade_authority(program, program_data, upgrade_authority)?;
        let (address, network_bump) = pda::find(&[pda::NETWORK_SEED], program);
        if network.address() != &address {
            return Err(EscrowError::WrongAddress);
        }
        if network.owned_by(program) {
            return Err(EscrowError::AlreadyInitialized);
        }
        Ok(Self { payer, network, network_bump, mints })
    }
}

fn check_upgrade_authority(
    program: &Address,
    program_data: &AccountView,
    upgrade_authority: &AccountView,
) -> Result<(), EscrowError> {
    let (address, _) = pda::find(&[program.as_ref()], &LOADER_V3);
    if program_data.address() != &address || !program_data.owned_by(&LOADER_V3) {
        return Err(EscrowError::WrongProgramData);
    }
    let data = program_data.try_borrow().map_err(|_| EscrowError::WrongProgramData)?;
    if data.len() < AUTHORITY_FLAG_AT + 33 || data[..4] != PROGRAM_DATA {
        return Err(EscrowError::WrongProgramData);
    }
    let (flag, rest) = (data[AUTHORITY_FLAG_AT], &data[AUTHORITY_FLAG_AT + 1..]);
    if flag != 1 || rest[..32] != upgrade_authority.address().as_array()[..] {
        return Err(EscrowError::WrongUpgradeAuthority);
    }
    Ok(())
}
