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
    /// How many hours after an escrow's opening a rate in this currency holds; 0: for ever.
    pub rate_valid_hours: u8,
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
        #[codama(type = fixed_size(bytes, 32))]
        chain_tag: [u8; 32],
        authority: Address,
        guardian: Address,
        treasury: Address,
        minimum_seconds: u32,
        release_after_seconds: u32,
        #[codama(type = array(public_key, prefixed_count(number(u8))))]
        meters: Vec<Address>,
        #[codama(type = array(link("mintTerms"), prefixed_count(number(u8))))]
        mints: Vec<MintTerms>,
    },
    /// Opens an escrow and funds it. Its leases start now. For native SOL the mint is the system program's
    /// address, the vault the escrow itself, and the engineer's wallet stands for its token account.
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
        spare_leases: u8,
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
    /// Returns what nobody can earn any more, and closes when nothing is owed: after a final reading, or as a
    /// release by anybody 24 hours after the last second for which anything could be earned.
    #[codama(account(name = "escrow", writable))]
    #[codama(account(name = "vault", writable))]
    #[codama(account(name = "engineer_tokens", writable))]
    #[codama(account(name = "rent_payer", writable))]
    #[codama(account(name = "token_program", default_value = public_key("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")))]
    CloseEscrow,
    /// Ends all leases now and returns to the engineer what none of them can have earned.
    #[codama(account(name = "engineer", signer))]
    #[codama(account(name = "escrow", writable))]
    #[codama(account(name = "vault", writable))]
    #[codama(account(name = "engineer_tokens", writable))]
    #[codama(account(name = "token_program", default_value = public_key("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")))]
    Stop { opened_slot: u64 },
    /// Ends one lease now, signed by the engineer or the delegate.
    #[codama(account(name = "signer", signer))]
    #[codama(account(name = "escrow", writable))]
    EndLease { opened_slot: u64, lease: u8 },
    /// Adds funds and extends leases by what they pay for. `leases` has one bit a lease, the lowest for the
    /// first; 0 stands for every lease that runs.
    #[codama(account(name = "payer", signer, writable))]
    #[codama(account(name = "payer_tokens", writable))]
    #[codama(account(name = "escrow", writable))]
    #[codama(account(name = "vault", writable))]
    #[codama(account(name = "mint"))]
    #[codama(account(name = "system_program", default_value = program("system")))]
    #[codama(account(name = "token_program", default_value = public_key("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")))]
    TopUp { opened_slot: u64, amount: u64, seconds: u32, leases: u64 },
    /// Registers a wallet as a supplier, once, with its own signature.
    #[codama(account(name = "payer", signer, writable))]
    #[codama(account(name = "wallet", signer))]
    #[codama(account(name = "supplier", writable))]
    #[codama(account(name = "system_program", default_value = program("system")))]
    RegisterSupplier,
    /// Puts a lease in place of an ended one, signed by the delegate. The supplier account is that of the wallet
    /// that comes in.
    #[codama(account(name = "delegate", signer))]
    #[codama(account(name = "escrow", writable))]
    #[codama(account(name = "supplier"))]
    ReplaceLease { opened_slot: u64, lease: u8, rate_per_hour: u64, max_seconds: u32 },
    /// Pays seconds that the engineer and a lease's supplier both sign for, without the meter.
    #[codama(account(name = "engineer", signer))]
    #[codama(account(name = "supplier", signer))]
    #[codama(account(name = "escrow", writable))]
    #[codama(account(name = "vault", writable))]
    #[codama(account(name = "network", default_value = pda("network", [])))]
    #[codama(account(name = "supplier_tokens", writable))]
    #[codama(account(name = "treasury_tokens", writable))]
    #[codama(account(name = "token_program", default_value = public_key("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")))]
    SettleAgreed { opened_slot: u64, lease: u8, seconds: u32 },
    /// Pays a supplier, or the treasury, what it is owed, to an account that its wallet names.
    #[codama(account(name = "wallet", signer))]
    #[codama(account(name = "escrow", writable))]
    #[codama(account(name = "vault", writable))]
    #[codama(account(name = "destination", writable))]
    #[codama(account(name = "network", default_value = pda("network", [])))]
    #[codama(account(name = "token_program", default_value = public_key("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")))]
    Collect,
    /// Writes down a full set of parameters that counts after 48 hours. The mint accounts follow, in the order of
    /// `mints`.
    #[codama(account(name = "authority", signer))]
    #[codama(account(name = "network", writable, default_value = pda("network", [])))]
    ProposeParameters {
        new_authority: Address,
        new_guardian: Address,
        new_treasury: Address,
        minimum_seconds: u32,
        release_after_seconds: u32,
        #[codama(type = array(public_key, prefixed_count(number(u8))))]
        meters: Vec<Address>,
        #[codama(type = array(link("mintTerms"), prefixed_count(number(u8))))]
        mints: Vec<MintTerms>,
    },
    /// Puts the proposed parameters into force.
    #[codama(account(name = "network", writable, default_value = pda("network", [])))]
    ApplyParameters,
    /// Takes a meter's key away at once, also out of a proposal.
    #[codama(account(name = "guardian", signer))]
    #[codama(account(name = "network", writable, default_value = pda("network", [])))]
    RevokeMeter { meter: Address },
    /// Pauses new escrows at once (1), or lifts that (0).
    #[codama(account(name = "guardian", signer))]
    #[codama(account(name = "network", writable, default_value = pda("network", [])))]
    SetPause { paused: u8 },
}
