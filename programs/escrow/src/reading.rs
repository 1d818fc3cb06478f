//! The bytes a meter signs. The same layout is written by `protocol/reading.ts`; both sides are tested
//! with `protocol/vectors/reading.json`.
use crate::error::EscrowError;
use ionet_shared::wire::Wire;

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
        self.entries.as_chunks::<ENTRY_LEN>().0.iter().map(|entry| ReadingEntry {
            lease: entry[0],
            seconds: u32::from_le_bytes([entry[1], entry[2], entry[3], entry[4]]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const VECTORS: &str = include_str!("../../../protocol/vectors/reading.json");

    fn bytes(hex: &Value) -> Vec<u8> {
        let hex = hex.as_str().unwrap();
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn reads_what_the_meter_writes() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        for vector in vectors["readings"].as_array().unwrap() {
            let signed = bytes(&vector["bytes"]);
            let reading = Reading::parse(&signed).unwrap();
            assert_eq!(reading.program.to_vec(), bytes(&vector["program"]));
            assert_eq!(reading.network.to_vec(), bytes(&vector["network"]));
            assert_eq!(reading.chain_tag.to_vec(), bytes(&vector["chainTag"]));
            assert_eq!(reading.escrow.to_vec(), bytes(&vector["escrow"]));
            assert_eq!(reading.opened_slot.to_string(), vector["openedSlot"].as_str().unwrap());
            assert_eq!(reading.is_final, vector["final"].as_bool().unwrap());
            let leases = vector["leases"].as_array().unwrap();
            assert_eq!(reading.count(), leases.len());
            for (entry, lease) in reading.entries().zip(leases) {
                assert_eq!(u64::from(entry.lease), lease["index"].as_u64().unwrap());
                assert_eq!(u64::from(entry.seconds), lease["seconds"].as_u64().unwrap());
            }
        }
    }

    #[test]
    fn refuses_what_is_no_reading() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        for vector in vectors["malformed"].as_array().unwrap() {
            let parsed = Reading::parse(&bytes(&vector["bytes"])).map(|_| ());
            assert_eq!(parsed, Err(EscrowError::MalformedReading), "{}", vector["name"]);
        }
    }
}
