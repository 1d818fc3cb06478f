use crate::{error::EscrowError, reading::Reading};
use pinocchio::{
    account::Ref,
    sysvars::instructions::{Instructions, IntrospectedInstruction, INSTRUCTIONS_ID},
    AccountView, Address,
};

const ED25519: Address = Address::from_str_const("Ed25519SigVerify111111111111111111111111111");
const KEY_AT: usize = 16;
const LENGTH_AT: usize = 12;
const MESSAGE_AT: usize = 112;
/// One signature, at 48, its key at 16, its message at 112, each "in this instruction" (0xffff). Every other
/// layout is refused: an offset into another instruction could show the precompile other bytes than us.
const BEFORE_LENGTH: [u8; LENGTH_AT] = [1, 0, 48, 0, 0xff, 0xff, 16, 0, 0xff, 0xff, 112, 0];
const AFTER_LENGTH: [u8; 2] = [0xff, 0xff];

/// The transaction's instructions, out of the sysvar and nothing else.
#[inline(always)]
pub fn instructions(sysvar: &AccountView) -> Result<Instructions<Ref<'_, [u8]>>, EscrowError> {
    if sysvar.address() != &INSTRUCTIONS_ID {
        return Err(EscrowError::WrongInstructionsSysvar);
    }
    Instructions::try_from(sysvar).map_err(|_| EscrowError::WrongInstructionsSysvar)
}

/// The key and the reading out of the instruction before ours. That the signature holds was checked by the
/// precompile: had it not, the transaction would have failed already.
#[inline(always)]
pub fn signed_reading<'a>(before: &'a IntrospectedInstruction<'_>) -> Result<(&'a [u8; 32], Reading<'a>), EscrowError> {
    if before.get_program_id() != &ED25519 {
        return Err(EscrowError::NoMeterSignature);
    }
    let data = before.get_instruction_data();
    if data.len() < MESSAGE_AT || data[..LENGTH_AT] != BEFORE_LENGTH || data[14..16] != AFTER_LENGTH {
        return Err(EscrowError::WrongSignatureLayout);
    }
    let length = usize::from(u16::from_le_bytes([data[LENGTH_AT], data[LENGTH_AT + 1]]));
    if data.len() != MESSAGE_AT + length {
        return Err(EscrowError::WrongSignatureLayout);
    }
    let key = data[KEY_AT..].first_chunk::<32>().ok_or(EscrowError::WrongSignatureLayout)?;
    Ok((key, Reading::parse(&data[MESSAGE_AT..])?))
}
