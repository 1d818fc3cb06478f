import type { Cluster, Settlement } from "@ionet/protocol";
import { amountText, rateText } from "./money-text.ts";
import { short, table } from "./table.ts";

/** Names of nodes where they are known; their ids elsewhere. */
export type NodeNames = ReadonlyMap<string, string>;

/** Who was paid what: one line a lease, then fee, refund and their sum. */
export function settlementText(
  cluster: Cluster,
  settlement: Settlement,
  names: NodeNames = new Map(),
): string {
  const { currency } = settlement;
  const leases = new Map(cluster.leases.map((lease) => [lease.id, lease]));
  // A lease that served is billed for a minute at least.
  const isBilledApart = settlement.payouts.some(
    ({ leaseId, seconds }) => (leases.get(leaseId)?.deliveredSeconds ?? seconds) !== seconds,
  );
  const rows = settlement.payouts.map((payout) => {
    const lease = leases.get(payout.leaseId);
    return [
      short(payout.supplier),
      lease?.supplierKind ?? "",
      lease ? (names.get(lease.nodeId) ?? lease.nodeId) : "",
      ...(isBilledApart ? [String(lease?.deliveredSeconds ?? "")] : []),
      String(payout.seconds),
      lease ? rateText(lease.ratePerHour, currency) : "",
      payout.paid.toString(),
      amountText(payout.paid, currency),
      payout.signature ? short(payout.signature) : "not yet",
    ];
  });
  const titles = [
    "supplier",
    "kind",
    "node",
    ...(isBilledApart ? [">delivered s", ">billed s"] : [">seconds"]),
    currency === "USDC" ? ">$/hour" : `>${currency}/hour`,
    ">paid (base units)",
    ">paid",
    "transaction",
  ];
  return [
    table(titles, rows),
    "",
    table(
      ["", ">base units", ">amount", "transaction"],
      [
        ["deposited", settlement.deposited.toString(), amountText(settlement.deposited, currency), ""],
        ["fee", settlement.fee.toString(), amountText(settlement.fee, currency), ""],
        [
          "refunded",
          settlement.refunded.toString(),
          amountText(settlement.refunded, currency),
          settlement.escrows.length === 1 ? refundText(settlement.escrows[0]) : "",
        ],
      ],
    ),
    ...(settlement.escrows.length === 1 ? [] : ["", escrowsText(settlement)]),
  ].join("\n");
}

/** A cluster of more than one escrow: what became of each. */
const escrowsText = ({ escrows, currency }: Settlement): string =>
  table(
    ["escrow", "is", ">deposited", ">fee", ">refunded", "refund's transaction"],
    escrows.map((escrow) => [
      short(escrow.address),
      escrow.state,
      amountText(escrow.deposited, currency),
      amountText(escrow.fee, currency),
      amountText(escrow.refunded, currency),
      refundText(escrow),
    ]),
  );

const refundText = (escrow: Settlement["escrows"][number] | undefined): string =>
  escrow?.refundSignature ? short(escrow.refundSignature) : "not yet";
