import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("..", import.meta.url));
const BUILD = fileURLToPath(new URL("../../../tools/build-programs.sh", import.meta.url));

/** A change of the program's source: a text in a file, and what stands there instead. */
export type Change = { file: string; from: string; to: string };

/** Bugs that the random sequences must find. */
export const plantedBugs: Readonly<Record<string, readonly Change[]>> = {
  /** The fee rounds up instead of down. */
  rounding: [
    {
      file: "src/payout.rs",
      from: "let fee = multiply_divide(gross, u64::from(fee_bps), BPS)?;",
      to: "let fee = multiply_divide(gross + (BPS - 1) / u64::from(fee_bps.max(1)), u64::from(fee_bps), BPS)?;",
    },
  ],
  /** Each payment rounds by itself instead of all together. */
  splitting: [
    {
      file: "src/books.rs",
      from: "let earned = payout(lease.rate_per_hour, seconds, header.fee_bps)?;",
      to: "let more = payout(lease.rate_per_hour, seconds - lease.seconds, header.fee_bps)?;\n    let earned = crate::payout::Payout { gross: lease.gross + more.gross, fee: lease.fee + more.fee, net: 0 };",
    },
  ],
  /** A lease is paid as long as the clock runs. */
  budget: [
    {
      file: "src/state/lease.rs",
      from: "elapsed.min(i64::from(self.max_seconds)) as u32",
      to: "elapsed.min(i64::from(self.max_seconds) + 1) as u32",
    },
  ],
  /** A reading for an earlier escrow of the same address counts. */
  replay: [
    {
      file: "src/settle/accounts.rs",
      from: "if reading.opened_slot != self.escrow.header.opened_slot {",
      to: "if reading.opened_slot > self.escrow.header.opened_slot {",
    },
  ],
};

/** Builds the program with changes of its source; throws where a text is not there or Rust is not installed. */
export function buildVariant(changes: readonly Change[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "ionet-variant-"));
  try {
    const sources = join(folder, "escrow");
    for (const part of ["src", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml"]) {
      cpSync(join(PROGRAM, part), join(sources, part), { recursive: true });
    }
    for (const { file, from, to } of changes) {
      const text = readFileSync(join(sources, file), "utf8");
      if (!text.includes(from)) throw new Error(`${file} has no text ${JSON.stringify(from)} to change`);
      writeFileSync(join(sources, file), text.replace(from, to));
    }
    const out = join(folder, "escrow.so");
    execFileSync(BUILD, ["--variant", sources, out], { stdio: ["ignore", "ignore", "inherit"] });
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
