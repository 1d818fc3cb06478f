import { type MethodTable, readView, withContext } from "./context.ts";
import { encodeAccount, readAccountForm } from "./encode-account.ts";
import { encodeKeyed } from "./keyed-accounts.ts";
import { readAddress, readConfig, readFlag, readList } from "./parameters.ts";
import { readFilters } from "./program-filters.ts";

const MAX_ACCOUNTS = 100;

/** Methods that read accounts. */
export const accountMethods: MethodTable = {
  getBalance(network, [address, config]) {
    const asked = readAddress(address, "address");
    const { commitment, slot } = readView(network, readConfig(config));
    return withContext(slot, network.account(asked, commitment)?.lamports ?? 0n);
  },

  getAccountInfo(network, [address, config]) {
    const asked = readAddress(address, "address");
    const options = readConfig(config);
    const form = readAccountForm(options);
    const { commitment, slot } = readView(network, options);
    const account = network.account(asked, commitment);
    return withContext(
      slot,
      account && encodeAccount(account, form, (key) => network.account(key, commitment)),
    );
  },

  getMultipleAccounts(network, [addresses, config]) {
    const asked = readList(addresses, "addresses", MAX_ACCOUNTS).map((one, i) =>
      readAddress(one, `addresses[${i}]`),
    );
    const options = readConfig(config);
    const form = readAccountForm(options, "base64");
    const { commitment, slot } = readView(network, options);
    const value = asked.map((address) => {
      const account = network.account(address, commitment);
      return account && encodeAccount(account, form, (key) => network.account(key, commitment));
    });
    return withContext(slot, value);
  },

  getProgramAccounts(network, [program, config]) {
    const asked = readAddress(program, "program");
    const options = readConfig(config);
    const form = readAccountForm(options);
    const passes = readFilters(options.filters);
    const { commitment, slot } = readView(network, options);
    const found = network.programAccounts(asked, commitment).filter(passes);
    const value = encodeKeyed(network, found, form, commitment);
    return readFlag(options.withContext, "withContext") ? withContext(slot, value) : value;
  },
};
