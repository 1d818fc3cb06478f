//! Reads little-endian fields out of bytes that came from outside.
use crate::error::EscrowError;
use pinocchio::Address;

/// A cursor over bytes; every read checks the length and fails with the error given at the start.
pub struct Wire<'a> {
    rest: &'a [u8],
    otherwise: EscrowError,
}

impl<'a> Wire<'a> {
    #[inline(always)]
    pub fn new(bytes: &'a [u8], otherwise: EscrowError) -> Self {
        Self { rest: bytes, otherwise }
    }

    #[inline(always)]
    pub fn bytes<const N: usize>(&mut self) -> Result<&'a [u8; N], EscrowError> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(self.otherwise)?;
        self.rest = rest;
        Ok(head)
    }

    #[inline(always)]
    pub fn slice(&mut self, length: usize) -> Result<&'a [u8], EscrowError> {
        let (head, rest) = self.rest.split_at_checked(length).ok_or(self.otherwise)?;
        self.rest = rest;
        Ok(head)
    }

    #[inline(always)]
    pub fn u8(&mut self) -> Result<u8, EscrowError> {
        Ok(self.bytes::<1>()?[0])
    }

    #[inline(always)]
    pub fn u16(&mut self) -> Result<u16, EscrowError> {
        Ok(u16::from_le_bytes(*self.bytes()?))
    }

    #[inline(always)]
    pub fn u32(&mut self) -> Result<u32, EscrowError> {
        Ok(u32::from_le_bytes(*self.bytes()?))
    }

    #[inline(always)]
    pub fn u64(&mut self) -> Result<u64, EscrowError> {
        Ok(u64::from_le_bytes(*self.bytes()?))
    }

    #[inline(always)]
    pub fn address(&mut self) -> Result<Address, EscrowError> {
        Ok(Address::new_from_array(*self.bytes()?))
    }

    /// Nothing may be left: trailing bytes mean that somebody else's format was sent.
    #[inline(always)]
    pub fn end(self) -> Result<(), EscrowError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.otherwise)
        }
    }
}
