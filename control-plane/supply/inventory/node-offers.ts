import type { FreeOffer } from "@ionet/placement";
import type { NodeId } from "@ionet/protocol";
import type { NodeRecord } from "../nodes/model.ts";
import type { NodeChange } from "../nodes/store.ts";
import { type GpuSet, NO_GPUS } from "./allocation/gpu-set.ts";
import { offersOfNode, withoutGpus } from "./offers-of-node.ts";
import type { Delivery } from "./reliability.ts";
import { availableUntil } from "./windows.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The offers of one node in memory, made anew only when something of it changed, a window begins or ends, or GPUs are held. */
export class NodeOffers {
  readonly nodeId: NodeId;
  readonly nodeNumber: number;
  /** The transaction that changed the node last. */
  readonly changed: string;
  lastSeenAtMs: number | null;
  readonly gpuModels: readonly string[];
  /** Micro-USD per GPU-hour, on demand. */
  readonly price: bigint;
  readonly #node: NodeRecord;
  #history: Delivery | undefined;
  #whole: readonly FreeOffer[] = [];
  /** From then on (Unix ms) the offers are others, because a window begins or ends. */
  #untilMs = Number.NEGATIVE_INFINITY;
  #free: readonly FreeOffer[] = [];
  /** What was held when `#free` was made; null: it was made of other offers. */
  #held: GpuSet | null = null;

  constructor({ node, changed }: NodeChange, nodeNumber: number, history: Delivery | undefined) {
    this.nodeId = node.id;
    this.nodeNumber = nodeNumber;
    this.changed = changed;
    this.lastSeenAtMs = node.lastSeenAtMs;
    this.gpuModels = [...new Set(node.hardware?.gpus.map((gpu) => gpu.model))];
    this.price = node.terms?.priceMicroUsdPerGpuHour ?? 0n;
    this.#node = node;
    this.#history = history;
  }

  setHistory(history: Delivery): void {
    this.#history = history;
    this.#untilMs = Number.NEGATIVE_INFINITY;
  }

  /** Its offers as if nothing were held; none outside its windows. */
  whole(nowMs: number): readonly FreeOffer[] {
    if (nowMs < this.#untilMs) return this.#whole;
    const { terms } = this.#node;
    const untilMs = terms === null ? "closed" : availableUntil(terms.windows, nowMs);
    this.#whole = untilMs === "closed" ? [] : offersOfNode(this.#node, untilMs, this.#history);
    this.#held = null;
    // Windows begin with a minute.
    const nextMinuteMs = (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS;
    // Windows of which no end is in sight may have one all the same, when clocks are changed.
    const againMs = terms?.windows.length === 0 ? Number.POSITIVE_INFINITY : nowMs + DAY_MS;
    this.#untilMs = untilMs === "closed" ? nextMinuteMs : (untilMs ?? againMs);
    return this.#whole;
  }

  /** Its offers with what is not held. */
  free(held: GpuSet, nowMs: number): readonly FreeOffer[] {
    const whole = this.whole(nowMs);
    if (this.#held === held) return this.#free;
    this.#free = held === NO_GPUS ? whole : whole.map((offer) => withoutGpus(offer, held));
    this.#held = held;
    return this.#free;
  }
}
