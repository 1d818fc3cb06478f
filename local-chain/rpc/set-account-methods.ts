import { lamports } from "@solana/kit";
import type { MethodTable } from "./context.ts";
import { invalidParam } from "./errors.ts";
import { readAddress, readConfig, readText } from "./parameters.ts";

/** Solana's limit of an account's size. */
const MOST_BYTES = 10 * 1024 * 1024;

/** Accounts written from outside, where no program of this network can: this network's own method. */
export const setAccountMethods: MethodTable = {
  /**
   * [address, {owner, data in base64}]: the account is there with this owner and these bytes, its lamports at least the
   * rent of them. For data that other programs of the real networks keep, like prices. The answer is the slot.
   */
  ionet_setAccount(network, [account, given]) {
    const at = readAddress(account, "account");
    const { owner, data } = readConfig(given, "state");
    const programAddress = readAddress(owner, "state.owner");
    const text = readText(data, "state.data");
    const bytes = new Uint8Array(Buffer.from(text, "base64"));
    if (bytes.length > MOST_BYTES || Buffer.from(bytes).toString("base64") !== text)
      throw invalidParam("state.data", `${text.length} characters`, `at most ${MOST_BYTES} bytes in base64`);
    const before = network.account(at, "processed");
    if (before?.executable) throw invalidParam("account", at, "an account that is no program");
    const rent = network.rentExemption(BigInt(bytes.length));
    network.catchUp();
    network.setAccount({
      address: at,
      programAddress,
      data: bytes,
      executable: false,
      lamports: lamports(before !== null && before.lamports > rent ? before.lamports : rent),
      space: BigInt(bytes.length),
    });
    return network.slots.current();
  },
};
