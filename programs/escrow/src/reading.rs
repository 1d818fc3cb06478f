//! The bytes a meter signs. The same layout is written by `protocol/reading.ts`; both sides are tested
//! with `protocol/vectors/reading.json`.
use crate::{error::EscrowError, wire::Wire};

pub const DOMAIN: &[u8; 16] = b"ionet:reading:v1";
pub const FLAG_FINAL: u8 = 1;
const ENTRY_LEN: usize = 5;

/// A reading, borrowed from the bytes that were signed.
#[derive(Debug)]
pub struct Reading<'a> {
    pub program: &'a [u8; 32],
    pub network: &'a [u8; 32],
    pub chain_tag: &'a [u8; 32],
    pub escrow: &'a [u8; 32],
    pub opened_slot: u64,
    pub is_final: bool,
    entries: &'a [u8],
}

/// One lease's cumulative delivered seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadingEntry {
    pub lease: u8,
    pub seconds: u32,
}

impl<'a> Reading<'a> {
    #[inline(always)]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, EscrowError> {
        let mut wire = Wire::new(bytes, EscrowError::MalformedReading);
        if wire.bytes::<16>()? != DOMAIN {
            return Err(EscrowError::MalformedReading);
        }
        let (program, network, chain_tag, escrow) = (wire.bytes()?, wire.bytes()?, wire.bytes()?, wire.bytes()?);
        let opened_slot = wire.u64()?;
        let flags = wire.u8()?;
        let count = usize::from(wire.u8()?);
        if flags & !FLAG_FINAL != 0 || count == 0 {
            return Err(EscrowError::MalformedReading);
        }
        let entries = wire.slice(count * ENTRY_LEN)?;
        wire.end()?;
        Ok(Self { program, network, chain_tag, escrow, opened_slot, is_final: flags & FLAG_FINAL != 0, entries })
    }

    #[inline(always)]
    pub fn count(&self) -> usize {
        self.entries.len() / ENTRY_LEN
    }

    #[inline(always)]
    pub fn entries(&self) -> impl Iterator<Item = ReadingEntry> + 'a {
        self.entries.chunks_exact(ENTRY_LEN).map(|entry| ReadingEntry {
            lease: entry[0],
            seconds: u32::from_le_bytes([entry[1], entry[2], entry[3], entry[4]]),
        })
    }
}
