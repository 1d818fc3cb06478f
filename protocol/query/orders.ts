/** What offers can be sorted by; which way is best; where a value is unknown, it comes last. */
export const sortKeys = {
  price: "low",
  "price/tflop": "low",
  interruptible_price: "low",
  reliability: "high",
  nearness: "low",
  vram: "high",
  tflops: "high",
  gpus: "high",
  disk: "high",
  ram: "high",
  cpus: "high",
  up: "high",
  down: "high",
} as const satisfies Record<string, "low" | "high">;

export type SortKey = keyof typeof sortKeys;
/** A key alone: best first. `-`: highest value first. `+`: lowest value first. */
export type Order = SortKey | `${"+" | "-"}${SortKey}`;

export const sortKeyNames = Object.keys(sortKeys) as SortKey[];
const signed = sortKeyNames.flatMap((key): Order[] => [key, `-${key}`, `+${key}`]);
export const orders = signed as [Order, ...Order[]];

/** The key of an order, and whether high values come first. */
export function readOrder(order: Order): { key: SortKey; falling: boolean } {
  const key = sortKeyNames.find((name) => name === order.replace(/^[+-]/, "")) ?? "price";
  const falling = order.startsWith("-") || (!order.startsWith("+") && sortKeys[key] === "high");
  return { key, falling };
}

/** The shortest way to say it: the key alone where that means the same. */
export function normalOrder(order: Order): Order {
  const { key, falling } = readOrder(order);
  return falling === (sortKeys[key] === "high") ? key : `${falling ? "-" : "+"}${key}`;
}
