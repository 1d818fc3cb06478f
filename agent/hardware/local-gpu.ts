import type { Gpu, Hardware } from "@ionet/protocol";

/** A GPU of this machine: what the network is told, and what only the agent needs. */
export type LocalGpu = Gpu & {
  /** The limit set now, in watts: what the GPU may draw. */
  powerLimitWatts?: number;
  /** Its device file; simulated GPUs have none. */
  devicePath?: string;
};

/** This machine as the agent sees it. No host name, no serial number: they are nobody's business. */
export type LocalHardware = Omit<Hardware, "gpus"> & { gpus: LocalGpu[] };
