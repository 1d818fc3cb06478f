import {
  type Agreement,
  advanceNonceInstruction,
  type Chain,
  chainTime,
  completeAgreement,
  createNonceInstructions,
  deliverableSeconds,
  type EscrowState,
  genesisHash,
  isProposed,
  readOwnNonce,
  readReceipt,
  sendDurable,
  signAgreement,
} from "@ionet/chain";
import { payout, problem, ratePerHour } from "@ionet/protocol";
import { type Address, address, getBase64Decoder, getBase64Encoder, type KeyPairSigner } from "@solana/kit";
import { type AgreementFile, agreementRefused, parseAgreementFile } from "./agreement-file.ts";
import { currencyIn, requireEscrow, requireNetwork } from "./find-escrow.ts";
import { sendOwn } from "./send-own.ts";

/** What an agreement pays, before it is signed. Amounts in base units of `mint`. */
export type AgreedTerms = {
  escrow: Address;
  lease: number;
  seconds: number;
  /** Accepted on the chain already. */
  secondsBefore: number;
  engineer: Address;
  supplier: Address;
  mint: Address;
  decimals: number;
  /** What the supplier gets by it, with what waits already. */
  pays: bigint;
  /** What the network's fee grows by. */
  fee: bigint;
};

export type ProposedAgreement = AgreedTerms & {
  /** For the other side. */
  file: string;
  /** Spent on the proposer's nonce account, once; lamports. */
  rentLamports: bigint;
};

/**
 * Engineer or supplier proposes how many seconds one lease has delivered, without a meter; the other accepts with
 * `acceptAgreement`, any day: the transaction lives by a nonce of the proposer's wallet (made once; its rent stays in
 * it). A new proposal of the same wallet voids the one before.
 * Throws `not-found`, `forbidden`, `invalid-request` (with the allowed seconds), `wallet-lacks-lamports`, or the chain's own error.
 */
export async function proposeAgreement(
  chain: Chain,
  proposer: KeyPairSigner,
  given: { escrow: Address; lease: number; seconds: number },
): Promise<ProposedAgreement> {
  const { escrow, treasury, terms } = await look(chain, given, proposer.address);
  const { nonce, rentLamports } = await freshNonce(chain, proposer);
  const { lease, seconds, supplier } = terms;
  const agreement = { escrow, lease, seconds, supplier, treasury, proposer: proposer.address, nonce };
  const signature = await signAgreement(proposer, agreement);
  const file: AgreementFile = {
    kind: "ionet-agreement-1",
    genesisHash: await genesisHash(chain),
    ...{ escrow: terms.escrow, lease, seconds, proposer: proposer.address, nonce },
    signature: getBase64Decoder().decode(signature),
  };
  return { ...terms, file: `${JSON.stringify(file, null, 2)}\n`, rentLamports };
}

/** What accepting did. */
export type AcceptedAgreement = AgreedTerms & { signature: string; feeLamports: bigint };

/**
 * Checks a proposal, shows what it pays, and on a yes signs and sends it. The transaction is built here from what is
 * shown: the file holds nothing else that could be signed. Null when `approve` said no.
 * Throws `invalid-request`, `wrong-network`, `not-found`, `forbidden`, or the chain's own error.
 */
export async function acceptAgreement(
  chain: Chain,
  second: KeyPairSigner,
  file: string,
  approve: (terms: AgreedTerms) => Promise<boolean> | boolean,
): Promise<AcceptedAgreement | null> {
  const proposal = parseAgreementFile(file);
  await requireChain(chain, proposal.genesisHash);
  const proposer = address(proposal.proposer);
  const given = { escrow: address(proposal.escrow), lease: proposal.lease, seconds: proposal.seconds };
  const { escrow, treasury, terms } = await look(chain, given, proposer);
  requireOther(terms, proposer, second.address);
  const nonce = { account: address(proposal.nonce.account), value: proposal.nonce.value };
  const { lease, seconds, supplier } = terms;
  const agreement: Agreement = { escrow, lease, seconds, supplier, treasury, proposer, nonce };
  const proposed = new Uint8Array(getBase64Encoder().encode(proposal.signature));
  if (!(await isProposed(agreement, proposed))) throw notSigned(proposer);
  if ((await readOwnNonce(chain, proposer))?.value !== nonce.value) throw voided(proposer);
  if (!(await approve(terms))) return null;
  const transaction = await completeAgreement(second, agreement, proposed);
  await sendDurable(chain, transaction, { owner: proposer, value: nonce.value });
  const { signature, feeLamports } = await readReceipt(chain, transaction.signature);
  return { ...terms, signature, feeLamports };
}

type Given = { escrow: Address; lease: number; seconds: number };

/** The escrow as it stands, and what these seconds would pay. `signer`: one of the two who must sign. */
async function look(chain: Chain, given: Given, signer: Address) {
  const escrow = await requireEscrow(chain, given.escrow);
  const network = await requireNetwork(chain);
  const now = await chainTime(chain, "confirmed");
  const terms = termsOf(escrow, given, now, currencyIn(network, escrow));
  if (signer !== terms.engineer && signer !== terms.supplier) {
    throw problem("forbidden", {
      detail: "only the engineer and the lease's supplier can agree on its seconds; nothing was signed",
      field: "wallet",
      given: signer,
      allowed: `${terms.engineer} (engineer) or ${terms.supplier} (supplier of lease ${given.lease})`,
      next: "sign with one of these wallets: --keypair FILE",
    });
  }
  return { escrow, treasury: network.treasury, terms };
}

/** What agreed seconds would pay at `now`. Throws `invalid-request` where the escrow program would refuse them. */
export function termsOf(
  escrow: EscrowState,
  { lease: index, seconds }: Pick<Given, "lease" | "seconds">,
  now: number,
  currency: { mint: Address; decimals: number },
): AgreedTerms {
  const lease = escrow.leases[index];
  if (lease === undefined) {
    throw agreementRefused(
      "lease",
      String(index),
      `0 to ${escrow.leases.length - 1}, as \`ionet escrow show\` lists them`,
    );
  }
  const most = deliverableSeconds(lease, escrow.minimumSeconds, now);
  if (escrow.status === "final")
    throw agreementRefused("escrow", "final", "an escrow that is not final: its seconds stand");
  if (seconds < lease.seconds || seconds > most) {
    throw agreementRefused(
      "seconds",
      String(seconds),
      `${lease.seconds} (accepted already) to ${most} (passed, and in its budget)`,
    );
  }
  const after = payout(ratePerHour(lease.ratePerHour), seconds, escrow.feeBps);
  return {
    ...{ escrow: escrow.address, lease: index, seconds, secondsBefore: lease.seconds },
    ...{ engineer: escrow.engineer, supplier: lease.supplier, ...currency },
    ...{ pays: after.net - lease.paid, fee: after.fee - lease.fee },
  };
}

/** The proposer's nonce with a value that nothing was signed for. */
async function freshNonce(chain: Chain, proposer: KeyPairSigner) {
  const there = await readOwnNonce(chain, proposer.address);
  const made = there === null ? await createNonceInstructions(chain, proposer) : null;
  const instructions =
    there === null ? (made?.instructions ?? []) : [advanceNonceInstruction(proposer, there.account)];
  await sendOwn(chain, proposer, instructions);
  const nonce = await readOwnNonce(chain, proposer.address);
  if (nonce === null) throw new Error(`the nonce account of ${proposer.address} was made and is not there`);
  return { nonce, rentLamports: made?.rentLamports ?? 0n };
}

async function requireChain(chain: Chain, given: string): Promise<void> {
  const allowed = await genesisHash(chain);
  if (given === allowed) return;
  throw problem("wrong-network", {
    detail: "the agreement is for an escrow on another Solana network; nothing was signed",
    field: "genesisHash",
    ...{ given, allowed: `${allowed}, which is that of ${chain.url}` },
    next: "name the endpoint of that network with --url",
  });
}

function requireOther({ engineer, supplier }: AgreedTerms, proposer: Address, second: Address): void {
  const other = proposer === engineer ? supplier : engineer;
  if (second === other) return;
  throw problem("forbidden", {
    detail: "the agreement waits for another wallet's signature; nothing was signed",
    field: "wallet",
    ...{ given: second, allowed: other },
    next: "sign with that wallet: --keypair FILE",
  });
}

const notSigned = (proposer: Address) =>
  problem("invalid-request", {
    detail: "the proposer's signature is not of these terms; nothing was signed",
    field: "signature",
    given: "another signature",
    allowed: `that of ${proposer} over exactly these terms`,
    next: "let it propose again with the same version of ionet, and pass the file on unchanged",
  });

const voided = (proposer: Address) =>
  problem("invalid-request", {
    detail: "this proposal was carried out already, or its proposer has made a newer one; nothing was signed",
    field: "nonce",
    given: "a value that has passed",
    allowed: `the nonce that ${proposer} has now`,
    next: "see the lease's seconds with `ionet escrow show`; where they lack, ask for the newer file",
  });
