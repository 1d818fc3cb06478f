import type { Change } from "../../testing/variants.ts";

/** Bugs that the random sequences must find. */
export const plantedBugs: Readonly<Record<string, readonly Change[]>> = {
  /** The fee rounds up instead of down. */
  rounding: [
    {
      file: "escrow/src/payout.rs",
      from: "let fee = multiply_divide(gross, u64::from(fee_bps), BPS)?;",
      to: "let fee = multiply_divide(gross + (BPS - 1) / u64::from(fee_bps.max(1)), u64::from(fee_bps), BPS)?;",
    },
  ],
  /** Each payment rounds by itself instead of all together. */
  splitting: [
    {
      file: "escrow/src/books.rs",
      from: "let earned = payout(lease.rate_per_hour, seconds, header.fee_bps)?;",
      to: "let more = payout(lease.rate_per_hour, seconds - lease.seconds, header.fee_bps)?;\n    let earned = crate::payout::Payout { gross: lease.gross + more.gross, fee: lease.fee + more.fee, net: 0 };",
    },
  ],
  /** A lease is paid as long as the clock runs. */
  budget: [
    {
      file: "escrow/src/state/lease.rs",
      from: "elapsed.min(i64::from(self.max_seconds)) as u32",
      to: "elapsed.min(i64::from(self.max_seconds) + 1) as u32",
    },
  ],
  /** A reading for an earlier escrow of the same address counts. */
  replay: [
    {
      file: "escrow/src/instructions/settle/accounts.rs",
      from: "if reading.opened_slot != self.escrow.header.opened_slot {",
      to: "if reading.opened_slot > self.escrow.header.opened_slot {",
    },
  ],
};
