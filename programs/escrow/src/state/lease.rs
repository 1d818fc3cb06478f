use crate::{
    error::EscrowError,
    payout::{budget, payout},
};
use codama_macros::CodamaType;
use pinocchio::Address;

/// One node's share of a cluster: the unit of metering and of payment. Amounts in base units.
#[derive(CodamaType)]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Lease {
    /// The supplier's wallet; any of its token accounts of the escrow's mint may be paid.
    pub supplier: Address,
    pub rate_per_hour: u64,
    pub started_at: i64,
    /// 0 while it runs.
    pub ended_at: i64,
    /// Earned so far: supplier's share and fee.
    pub gross: u64,
    /// Paid so far to the supplier.
    pub paid: u64,
    /// The part of `gross` that is the network's fee.
    pub fee: u64,
    pub max_seconds: u32,
    /// Delivered and accepted so far; never shrinks.
    pub seconds: u32,
    /// 1: another lease of this escrow stands in for this one.
    pub replaced: u8,
    #[codama(type = fixed_size(bytes, 7))]
    pub reserved: [u8; 7],
}

const _: () = assert!(core::mem::size_of::<Lease>() == Lease::LEN);

impl Lease {
    pub const LEN: usize = 96;

    /// A lease that begins now.
    #[inline(always)]
    pub fn starting(supplier: Address, rate_per_hour: u64, max_seconds: u32, now: i64) -> Self {
        Self {
            supplier,
            rate_per_hour,
            started_at: now,
            ended_at: 0,
            gross: 0,
            paid: 0,
            fee: 0,
            max_seconds,
            seconds: 0,
            replaced: 0,
            reserved: [0; 7],
        }
    }

    /// What the supplier has earned and not got. `paid` never passes `gross − fee`.
    #[inline(always)]
    pub fn owed(&self) -> u64 {
        self.gross - self.fee - self.paid
    }

    /// The most seconds that can have been delivered by `now`. A cluster stopped after a few seconds
    /// still owes the minimum bill, so the minimum counts as elapsed from the start.
    #[inline(always)]
    pub fn deliverable(&self, now: i64, minimum_seconds: u32) -> u32 {
        let end = if self.ended_at == 0 { now } else { self.ended_at };
        let elapsed = end.saturating_sub(self.started_at).max(i64::from(minimum_seconds));
        // Bounded by max_seconds, so it fits.
        elapsed.min(i64::from(self.max_seconds)) as u32
    }

    /// The most that this lease can cost, fee included: its budget while it runs, and once it has ended what it
    /// can have delivered.
    pub fn commitment(&self, minimum_seconds: u32) -> Result<u64, EscrowError> {
        if self.ended_at == 0 {
            return budget(self.rate_per_hour, self.max_seconds);
        }
        let seconds = self.deliverable(self.ended_at, minimum_seconds).max(self.seconds);
        Ok(payout(self.rate_per_hour, seconds, 0)?.gross)
    }

    /// The last second for which anything can be earned.
    #[inline(always)]
    pub fn last_second(&self) -> i64 {
        let budgeted = self.started_at.saturating_add(i64::from(self.max_seconds));
        if self.ended_at == 0 {
            budgeted
        } else {
            budgeted.min(self.ended_at)
        }
    }
}
