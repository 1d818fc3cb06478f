//! Reads little-endian fields out of bytes that came from outside.
use pinocchio::Address;

/// A cursor over bytes; every read checks the length and fails with the error given at the start.
pub struct Wire<'a, E> {
    rest: &'a [u8],
    otherwise: E,
}

impl<'a, E: Copy> Wire<'a, E> {
    #[inline(always)]
    pub fn new(bytes: &'a [u8], otherwise: E) -> Self {
        Self { rest: bytes, otherwise }
    }

    #[inline(always)]
    pub fn bytes<const N: usize>(&mut self) -> Result<&'a [u8; N], E> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(self.otherwise)?;
        self.rest = rest;
        Ok(head)
    }

    #[inline(always)]
    pub fn slice(&mut self, length: usize) -> Result<&'a [u8], E> {
        let (head, rest) = self.rest.split_at_checked(length).ok_or(self.otherwise)?;
        self.rest = rest;
        Ok(head)
    }

    #[inline(always)]
    pub fn u8(&mut self) -> Result<u8, E> {
        Ok(self.bytes::<1>()?[0])
    }

    #[inline(always)]
    pub fn u16(&mut self) -> Result<u16, E> {
        Ok(u16::from_le_bytes(*self.bytes()?))
    }

    #[inline(always)]
    pub fn u32(&mut self) -> Result<u32, E> {
        Ok(u32::from_le_bytes(*self.bytes()?))
    }

    #[inline(always)]
    pub fn u64(&mut self) -> Result<u64, E> {
        Ok(u64::from_le_bytes(*self.bytes()?))
    }

    #[inline(always)]
    pub fn address(&mut self) -> Result<Address, E> {
        Ok(Address::new_from_array(*self.bytes()?))
    }

    /// Nothing may be left: trailing bytes mean that somebody else's format was sent.
    #[inline(always)]
    pub fn end(self) -> Result<(), E> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.otherwise)
        }
    }
}
