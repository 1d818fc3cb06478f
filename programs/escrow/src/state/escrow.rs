use super::{Lease, VERSION};
use crate::{error::EscrowError, pda::ESCROW_SEED};
use codama_macros::CodamaAccount;
use pinocchio::{cpi::Seed, AccountView, Address};

pub const KIND: u8 = 2;
pub const MAX_LEASES: usize = 50;
pub const STATUS_OPEN: u8 = 0;
/// Every lease has ended and no reading may raise its seconds any more.
pub const STATUS_FINAL: u8 = 2;

/// What stands before the leases. Amounts in base units of `mint`, times in Unix seconds.
#[derive(CodamaAccount)]
#[codama(name = "escrow")]
#[codama(field(after, "leases", array(link("lease"), remainder_count)))]
#[codama(discriminator(field = "kind", offset = 1))]
#[codama(seed(type = string(utf8), value = "escrow"))]
#[codama(seed(name = "engineer", type = public_key))]
#[codama(seed(name = "id", type = number(u64)))]
#[repr(C)]
pub struct EscrowHeader {
    #[codama(default_value = 1)]
    pub version: u8,
    #[codama(default_value = 2)]
    pub kind: u8,
    pub bump: u8,
    /// 0 open, 1 reserved for stopped, 2 final.
    pub status: u8,
    /// 0 an SPL token; 1 reserved for native lamports.
    pub currency: u8,
    pub decimals: u8,
    /// The network's fee when the escrow opened; later changes do not touch it.
    pub fee_bps: u16,
    pub minimum_seconds: u32,
    /// How long after its last possible second anybody may have the rest returned.
    pub release_after_seconds: u32,
    pub lease_count: u8,
    #[codama(type = fixed_size(bytes, 7))]
    pub reserved: [u8; 7],
    pub id: u64,
    pub opened_slot: u64,
    pub opened_at: i64,
    /// 0 while open.
    pub final_at: i64,
    pub deposited: u64,
    /// Sent to suppliers.
    pub paid: u64,
    /// Sent to the treasury.
    pub fees: u64,
    /// Earned by the treasury, sent or not.
    pub fees_earned: u64,
    /// Sent back to the engineer, donations not counted.
    pub refunded: u64,
    /// What the escrow still holds of the deposits: deposited − paid − fees − refunded.
    pub remainder: u64,
    pub engineer: Address,
    pub mint: Address,
    pub vault: Address,
    pub rent_payer: Address,
    /// May replace ended leases within their rest; zeros: nobody may.
    pub delegate: Address,
    #[codama(type = fixed_size(bytes, 24))]
    pub reserved2: [u8; 24],
}

const _: () = assert!(core::mem::size_of::<EscrowHeader>() == EscrowHeader::LEN);

impl EscrowHeader {
    pub const LEN: usize = 288;
}

/// An escrow account, read and written in place.
pub struct Escrow<'a> {
    pub header: &'a mut EscrowHeader,
    pub leases: &'a mut [Lease],
}

impl<'a> Escrow<'a> {
    pub const fn len(leases: usize) -> usize {
        EscrowHeader::LEN + leases * Lease::LEN
    }

    /// Reads the escrow out of an account, whoever passed it. Only `open_escrow` makes accounts of this
    /// kind, each at the address of its seeds.
    ///
    /// # Safety
    /// The caller holds no other reference into this account's data, and makes none while this one lives.
    #[inline(always)]
    pub unsafe fn load(account: &AccountView, program: &Address) -> Result<Self, EscrowError> {
        if !account.owned_by(program) || account.data_len() < Self::len(1) || !account.is_writable() {
            return Err(EscrowError::WrongEscrow);
        }
        let escrow = Self::view(account, (account.data_len() - EscrowHeader::LEN) / Lease::LEN);
        if escrow.header.kind != KIND {
            return Err(EscrowError::WrongEscrow);
        }
        if escrow.header.version != VERSION {
            return Err(EscrowError::WrongVersion);
        }
        if account.data_len() != Self::len(usize::from(escrow.header.lease_count)) {
            return Err(EscrowError::WrongEscrow);
        }
        Ok(escrow)
    }

    /// # Safety
    /// As for `load`; besides, the account is this program's and at least `len(leases)` bytes long.
    #[inline(always)]
    pub unsafe fn view(account: &AccountView, leases: usize) -> Self {
        // Account data is 8-byte aligned, both layouts are multiples of 8 bytes without padding, and every
        // bit pattern is valid.
        let start = account.data_ptr().cast_mut();
        Self {
            header: &mut *start.cast::<EscrowHeader>(),
            leases: core::slice::from_raw_parts_mut(start.add(EscrowHeader::LEN).cast::<Lease>(), leases),
        }
    }
}

/// The seeds by which an escrow signs for its vault, bump last.
#[inline(always)]
pub fn signing_seeds<'a>(engineer: &'a Address, id: &'a [u8; 8], bump: &'a [u8; 1]) -> [Seed<'a>; 4] {
    [Seed::from(ESCROW_SEED), Seed::from(engineer.as_ref()), Seed::from(id.as_slice()), Seed::from(bump.as_slice())]
}
