import { readFileSync } from "node:fs";
import { programDataAddress } from "@ionet/chain";
import { type Address, getAddressEncoder } from "@solana/kit";
import { LiteSVM } from "litesvm";

const AUTHORITY_FLAG_AT = 12;
/** Any moment that is not zero. */
const START = 1_760_000_000n;

/** A program's bytes, and where it lies. */
export type Deployed = { program: Address; elf: Uint8Array };

/** The committed bytes of a program, by its folder's name. */
export const committedElf = (name: string): Uint8Array =>
  readFileSync(new URL(`../${name}/${name}.so`, import.meta.url));

/** A Solana network in this process, with programs as the upgradeable loader leaves them. */
export async function startSvm(upgradeAuthority: Address, deployed: readonly Deployed[]): Promise<LiteSVM> {
  const svm = new LiteSVM();
  for (const { program, elf } of deployed) {
    svm.addProgram(program, elf);
    const programData = svm.getAccount(await programDataAddress(program));
    if (!programData.exists) throw new Error("LiteSVM made no ProgramData account");
    const data = new Uint8Array(programData.data);
    data[AUTHORITY_FLAG_AT] = 1;
    data.set(getAddressEncoder().encode(upgradeAuthority), AUTHORITY_FLAG_AT + 1);
    svm.setAccount({ ...programData, data });
  }
  svm.warpToSlot(1_000n);
  setTime(svm, START);
  return svm;
}

export const now = (svm: LiteSVM): number => Number(svm.getClock().unixTimestamp);

/** Lets time pass, and a slot with it. */
export function advance(svm: LiteSVM, seconds: number): void {
  svm.warpToSlot(svm.getClock().slot + 1n);
  setTime(svm, svm.getClock().unixTimestamp + BigInt(seconds));
}

function setTime(svm: LiteSVM, unixTimestamp: bigint): void {
  const clock = svm.getClock();
  clock.unixTimestamp = unixTimestamp;
  svm.setClock(clock);
}
