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
    #[codama(type = fixed_size(bytes, 8))]
    pub reserved: [u8; 8],
}

const _: () = assert!(core::mem::size_of::<Lease>() == Lease::LEN);

impl Lease {
    pub const LEN: usize = 96;

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
}
