//! Why the program refuses. Codes never change their meaning; new ones are added at the end.
use codama_macros::CodamaErrors;
use pinocchio::error::ProgramError;

#[derive(CodamaErrors, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum EscrowError {
    #[codama(error(6000, "The instruction's data is not what this program reads"))]
    MalformedInstruction = 6000,
    #[codama(error(6001, "The instruction lacks accounts"))]
    NotEnoughAccounts,
    #[codama(error(6002, "A signature that this instruction needs is missing"))]
    MissingSignature,
    #[codama(error(6003, "Only the program's upgrade authority may initialise the network"))]
    WrongUpgradeAuthority,
    #[codama(error(6004, "The account is not this program's ProgramData account"))]
    WrongProgramData,
    #[codama(error(6005, "The network is initialised already"))]
    AlreadyInitialized,
    #[codama(error(6006, "The account is not this program's network"))]
    WrongNetwork,
    #[codama(error(6007, "The account is not an escrow of this program"))]
    WrongEscrow,
    #[codama(error(6008, "The account was written by another version of this program"))]
    WrongVersion,
    #[codama(error(6009, "The fee is above the hard limit of 500 basis points"))]
    FeeTooHigh,
    #[codama(error(6010, "A parameter is zero, repeated or out of range"))]
    WrongParameter,
    #[codama(error(6011, "The mint is not one that this network pays in"))]
    WrongMint,
    #[codama(error(6012, "The account is not the SPL token program"))]
    WrongTokenProgram,
    #[codama(error(6013, "The account is not this escrow's vault"))]
    WrongVault,
    #[codama(error(6014, "The network takes no new escrows at the moment"))]
    Paused,
    #[codama(error(6015, "An escrow needs at least one lease"))]
    NoLeases,
    #[codama(error(6016, "An escrow holds at most 50 leases; a larger cluster opens several"))]
    TooManyLeases,
    #[codama(error(6017, "A lease has no wallet, no rate or no seconds"))]
    WrongLease,
    #[codama(error(6018, "The deposit does not cover every lease to its last second"))]
    FundingTooLittle,
    #[codama(error(6019, "An amount does not fit in 64 bits"))]
    AmountOverflow,
    #[codama(error(6020, "The paying token account does not belong to the engineer or holds another mint"))]
    WrongEngineerAccount,
    #[codama(error(6021, "The account is not the instructions sysvar"))]
    WrongInstructionsSysvar,
    #[codama(error(6022, "The instruction right before is not an Ed25519 verification"))]
    NoMeterSignature,
    #[codama(error(6023, "The Ed25519 verification must hold one signature with everything inline"))]
    WrongSignatureLayout,
    #[codama(error(6024, "The reading is not signed by a meter of this network"))]
    UnknownMeter,
    #[codama(error(6025, "The signed bytes are not a reading"))]
    MalformedReading,
    #[codama(error(6026, "The reading is for another program"))]
    ReadingForAnotherProgram,
    #[codama(error(6027, "The reading is for another network account"))]
    ReadingForAnotherNetwork,
    #[codama(error(6028, "The reading is for another chain"))]
    ReadingForAnotherChain,
    #[codama(error(6029, "The reading is for another escrow"))]
    ReadingForAnotherEscrow,
    #[codama(error(6030, "The reading is for an earlier escrow of the same address"))]
    ReadingForAnotherOpening,
    #[codama(error(6031, "The reading names a lease that the escrow does not have"))]
    UnknownLease,
    #[codama(error(6032, "The reading's leases are not in strictly rising order"))]
    LeasesOutOfOrder,
    #[codama(error(6033, "A final reading must name every lease"))]
    FinalReadingIncomplete,
    #[codama(error(6034, "A destination exists but belongs to another wallet or mint"))]
    WrongDestination,
    #[codama(error(6035, "The fee's destination exists but belongs to another wallet or mint"))]
    WrongTreasury,
    #[codama(error(6036, "The escrow is neither final nor 24 hours past its last lease"))]
    NotFinal,
    #[codama(error(6037, "The refund's destination belongs to another wallet or mint"))]
    WrongRefundAccount,
    #[codama(error(6038, "The engineer's token account is missing or frozen"))]
    RefundAccountUnavailable,
    #[codama(error(6039, "The account is not the one that paid this escrow's rent"))]
    WrongRentPayer,
    #[codama(error(6040, "The books do not balance; nothing was changed"))]
    BooksDoNotBalance,
    #[codama(error(6041, "The vault holds less than the books say; nothing was changed"))]
    VaultTooSmall,
    #[codama(error(6042, "An escrow cannot close in the slot in which it opened"))]
    OpenedInThisSlot,
    #[codama(error(6043, "The account is not the address that its seeds give"))]
    WrongAddress,
    #[codama(error(6044, "There is nothing to refund and something is still owed"))]
    StillOwed,
    #[codama(error(6045, "This engineer has an escrow of this id already"))]
    AlreadyOpen,
    #[codama(error(6046, "The instruction is for an earlier escrow of the same address"))]
    WrongOpening,
    #[codama(error(6047, "The signer is not this escrow's engineer"))]
    WrongEngineer,
    #[codama(error(6048, "The signer is not the delegate that this escrow's engineer named"))]
    WrongDelegate,
    #[codama(error(6049, "The escrow is stopped or final: none of its leases runs any more"))]
    NotRunning,
    #[codama(error(6050, "The lease still runs; only an ended one is replaced"))]
    LeaseNotEnded,
    #[codama(error(6051, "The lease has ended or used up its seconds"))]
    LeaseEnded,
    #[codama(error(6052, "The lease was replaced already"))]
    AlreadyReplaced,
    #[codama(error(6053, "The escrow was opened without room for another lease"))]
    NoRoom,
    #[codama(error(6054, "A replacement's rate is at most that of the lease it stands in for"))]
    RateTooHigh,
    #[codama(error(6055, "A replacement's budget is at most what the ended lease left over"))]
    BudgetTooHigh,
    #[codama(error(6056, "The account is not a registered supplier's"))]
    WrongSupplier,
    #[codama(error(6057, "The supplier is registered already"))]
    AlreadyRegistered,
    #[codama(error(6058, "A rate in this currency does not hold for that long; later hours need new rates"))]
    RateExpired,
    #[codama(error(6059, "Nothing is owed to this wallet"))]
    NothingOwed,
    #[codama(error(6060, "The account cannot take what is owed to this wallet"))]
    DestinationUnavailable,
    #[codama(error(6061, "The agreed seconds are fewer than accepted already or more than can have been delivered"))]
    WrongSeconds,
    #[codama(error(6062, "The signer is not this network's authority"))]
    WrongAuthority,
    #[codama(error(6063, "The signer is not this network's guardian"))]
    WrongGuardian,
    #[codama(error(6064, "No parameters are proposed"))]
    NothingProposed,
    #[codama(error(6065, "Proposed parameters wait for 48 hours"))]
    TooEarly,
    #[codama(error(6066, "The seconds were agreed with another supplier than the lease's"))]
    NotThisLeasesSupplier,
    #[codama(error(6067, "The escrow is final: nothing raises its seconds any more"))]
    AlreadyFinal,
    #[codama(error(6068, "The paying account does not belong to the payer or holds another mint"))]
    WrongPayerAccount,
}

impl From<EscrowError> for ProgramError {
    #[inline(always)]
    fn from(error: EscrowError) -> Self {
        ProgramError::Custom(error as u32)
    }
}
