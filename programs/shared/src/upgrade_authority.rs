//! Who may upgrade a program: the key that alone may initialise what belongs to it, so that nobody else is first.
use crate::address;
use pinocchio::{AccountView, Address};

const LOADER_V3: Address = Address::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");
/// The variant of the loader's state that a ProgramData account holds, then its slot, then an optional
/// authority.
const PROGRAM_DATA: [u8; 4] = [3, 0, 0, 0];
const AUTHORITY_FLAG_AT: usize = 12;

/// What the loader says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    Authority,
    AnotherKey,
    /// The account is not the program's ProgramData account.
    WrongProgramData,
}

/// Whether `key` is the upgrade authority of `program`, by the loader's account for it.
#[inline(always)]
pub fn judge(program: &Address, program_data: &AccountView, key: &Address) -> Answer {
    let (address, _) = address::find(&[program.as_ref()], &LOADER_V3);
    if program_data.address() != &address || !program_data.owned_by(&LOADER_V3) {
        return Answer::WrongProgramData;
    }
    let Ok(data) = program_data.try_borrow() else {
        return Answer::WrongProgramData;
    };
    if data.len() < AUTHORITY_FLAG_AT + 33 || data[..4] != PROGRAM_DATA {
        return Answer::WrongProgramData;
    }
    let (flag, rest) = (data[AUTHORITY_FLAG_AT], &data[AUTHORITY_FLAG_AT + 1..]);
    if flag == 1 && rest[..32] == key.as_array()[..] {
        Answer::Authority
    } else {
        Answer::AnotherKey
    }
}
