//! The program's interface, for `codama-rs`, which writes idl.json from it; clients are generated from that.
//! The first byte of an instruction's data is the position of its name here.
use alloc::vec::Vec;
use codama_macros::{CodamaInstructions, CodamaType};
use pinocchio::Address;

/// What an engineer agrees to for one lease.
#[derive(CodamaType)]
pub struct LeaseTerms {
    pub supplier: Address,
    /// Base units an hour, for all GPUs of the lease.
    pub rate_per_hour: u64,
    pub max_seconds: u32,
}

/// A currency and its fee.
#[derive(CodamaType)]
pub struct MintTerms {
    pub mint: Address,
    pub fee_bps: u16,
}

#[derive(CodamaInstructions)]
#[codama(enum_discriminator(size = number(u8)))]
#[repr(u8)]
pub enum EscrowInstruction {
    /// Writes the network's parameters, once, with the upgrade authority's signature. The mint accounts
    /// follow, in the order of `mints`.
    #[codama(account(name = "payer", signer, writable))]
    #[codama(account(name = "upgrade_authority", signer))]
    #[codama(account(name = "network", writable, default_value = pda("network", [])))]
    #[codama(account(name = "program_data"))]
    #[codama(account(name = "system_program", default_value = program("system")))]
    InitializeNetwork {
        authority: Address,
        guardian: Address,
        treasury: Address,
        #[codama(type = fixed_size(bytes, 32))]
        chain_tag: [u8; 32],
        minimum_seconds: u32,
        release_after_seconds: u32,
        #[codama(type = array(public_key, prefixed_count(number(u8))))]
        meters: Vec<Address>,
        #[codama(type = array(link("mintTerms"), prefixed_count(number(u8))))]
        mints: Vec<MintTerms>,
    },
    /// Opens an escrow and funds it. Its leases start now.
    #[codama(account(name = "engineer", signer))]
    #[codama(account(name = "rent_payer", signer, writable))]
    #[codama(account(name = "escrow", writable))]
    #[codama(account(name = "vault", writable))]
    #[codama(account(name = "engineer_tokens", writable))]
    #[codama(account(name = "mint"))]
    #[codama(account(name = "network", default_value = pda("network", [])))]
    #[codama(account(name = "system_program", default_value = program("system")))]
    #[codama(account(name = "token_program", default_value = public_key("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")))]
    #[codama(account(name = "associated_token_program", default_value = public_key("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")))]
    OpenEscrow {
        id: u64,
        deposit: u64,
        delegate: Address,
        #[codama(type = array(link("leaseTerms"), prefixed_count(number(u8))))]
        leases: Vec<LeaseTerms>,
    },
    /// Pays what the reading has earned. The reading is the message of the Ed25519 instruction right
    /// before. One destination a lease of the reading follows, in its order.
    #[codama(account(name = "escrow", writable))]
    #[codama(account(name = "vault", writable))]
    #[codama(account(name = "network", default_value = pda("network", [])))]
    #[codama(account(name = "treasury_tokens", writable))]
    #[codama(account(name = "token_program", default_value = public_key("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")))]
    #[codama(account(name = "instructions", default_value = sysvar("instructions")))]
    Settle,
    /// Returns what nobody can earn any more, and closes when nothing is owed.
    #[codama(account(name = "escrow", writable))]
    #[codama(account(name = "vault", writable))]
    #[codama(account(name = "engineer_tokens", writable))]
    #[codama(account(name = "rent_payer", writable))]
    #[codama(account(name = "token_program", default_value = public_key("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")))]
    CloseEscrow,
}
