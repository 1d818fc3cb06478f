//! Accounts whose layout has one size, read and written in place. The first byte is the layout's version, the second
//! its kind.
use pinocchio::{AccountView, Address};

/// A layout in an account's data.
///
/// # Safety
/// `repr(C)` without padding, aligned to at most 8, valid for every bit pattern, and its first two bytes are version
/// and kind.
pub unsafe trait FixedWidth: Sized {
    const VERSION: u8;
    const KIND: u8;
    const LEN: usize = core::mem::size_of::<Self>();
}

/// Why an account is not one of a layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unreadable {
    /// Another program's, or of another kind or size; or not writable where it is to be written to.
    Foreign,
    /// Of this kind, as another version of the program wrote it.
    OtherVersion,
}

/// Reads an account in place, whoever passed it: a program alone makes accounts that it owns, so owner, size and kind
/// prove what it is. An instruction takes an account once, or never writes to it.
#[inline(always)]
pub fn load<'a, T: FixedWidth>(account: &'a AccountView, program: &Address) -> Result<&'a T, Unreadable> {
    if !account.owned_by(program) || account.data_len() != T::LEN {
        return Err(Unreadable::Foreign);
    }
    // SAFETY: length checked, and account data is 8-byte aligned; the rest is what the trait promises.
    let (version, kind) = unsafe { (*account.data_ptr(), *account.data_ptr().add(1)) };
    if kind != T::KIND {
        return Err(Unreadable::Foreign);
    }
    if version != T::VERSION {
        return Err(Unreadable::OtherVersion);
    }
    // SAFETY: as above.
    Ok(unsafe { &*account.data_ptr().cast::<T>() })
}

/// As `load`, to be written to.
#[inline(always)]
pub fn load_mut<'a, T: FixedWidth>(account: &'a mut AccountView, program: &Address) -> Result<&'a mut T, Unreadable> {
    load::<T>(account, program)?;
    if !account.is_writable() {
        return Err(Unreadable::Foreign);
    }
    // SAFETY: as for `load`; the account is borrowed exclusively.
    Ok(unsafe { &mut *account.data_mut_ptr().cast::<T>() })
}

/// The account that this instruction has just created with `T::LEN` zeros, to be filled.
///
/// # Safety
/// It was, and nobody else refers to its data.
#[inline(always)]
pub unsafe fn created<T: FixedWidth>(account: &mut AccountView) -> &mut T {
    &mut *account.data_mut_ptr().cast::<T>()
}
