import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalGpuModel, errorText } from "@ionet/protocol";
import { parse } from "csv-parse/sync";
import { z } from "zod";
import { LARGEST_GPU_INDEX } from "../control-plane/supply/inventory/allocation/gpu-set.ts";

const countCell = z.coerce.number().int().min(0);
const secondsCell = z.coerce.number().min(0).transform(Math.floor);
/** Empty and `nan` are how the traces write that something is not known. */
const absent = (cell: unknown) => (cell === undefined || cell === "" || cell === "nan" ? null : cell);

const nodeRow = z.object({
  sn: z.string().min(1),
  gpu: countCell.max(LARGEST_GPU_INDEX + 1),
  model: z.preprocess(absent, z.string().nullable()),
});
const podRow = z.object({
  name: z.string().min(1),
  num_gpu: countCell.max(1000),
  gpu_milli: countCell,
  gpu_spec: z.preprocess(absent, z.string().nullable()),
  qos: z.string(),
  creation_time: secondsCell,
  deletion_time: z.preprocess(absent, secondsCell.nullable()),
  scheduled_time: z.preprocess(absent, secondsCell.nullable()),
});

/** A machine of the traced cluster. `model`: the market's name of its GPUs, or the trace's own where the market has none. */
export type TraceNode = { name: string; gpus: number; model: string };

/** What somebody wanted of the traced cluster; times in seconds since the trace began. */
export type TracePod = {
  name: string;
  gpus: number;
  /** Of each of its GPUs, how much it asked for: 1000 is all of it. */
  milliOfGpu: number;
  /** Models it can run on; null: any. */
  models: readonly string[] | null;
  qos: string;
  createdAt: number;
  scheduledAt: number | null;
  deletedAt: number | null;
};

export type Trace = { nodes: TraceNode[]; pods: TracePod[]; files: { nodes: string; pods: string } };

/** What is wrong with a folder of traces, in one line. */
export class TraceUnreadable extends Error {
  override readonly name = "TraceUnreadable";
}

/**
 * Reads a cluster trace in the form of Alibaba's `cluster-trace-gpu-v2023`: of all CSV files in a folder the largest one
 * that lists nodes and the largest that lists pods, told by their titles (of equally long ones a `default` first).
 * Throws TraceUnreadable.
 */
export function readTrace(folder: string, podsFile?: string): Trace {
  const tables = readTables(folder);
  const pick = (what: string, titles: readonly string[], named?: string): Table => {
    const of = tables.filter((table) => titles.every((title) => table.titles.includes(title)));
    const rank = (table: Table) => [table.rows.length, Number(table.file.includes("default"))] as const;
    const [first] = of
      .filter((table) => named === undefined || table.file === named)
      .sort((a, b) => rank(b)[0] - rank(a)[0] || rank(b)[1] - rank(a)[1] || (a.file < b.file ? -1 : 1));
    if (first !== undefined) return first;
    const which = named === undefined ? "no CSV file" : `${named} is not a file`;
    throw new TraceUnreadable(
      `${folder}: ${which} with the columns ${titles.join(", ")}, which list ${what}`,
    );
  };
  const nodes = pick("nodes", ["sn", "gpu", "model"]);
  const pods = pick("pods", ["name", "num_gpu", "gpu_milli", "creation_time"], podsFile);
  return {
    nodes: checked(nodes, nodeRow).map(({ sn, gpu, model }) => ({
      name: sn,
      gpus: gpu,
      model: model === null ? "unknown" : marketModel(model),
    })),
    pods: checked(pods, podRow)
      .map(toPod)
      .sort((a, b) => a.createdAt - b.createdAt),
    files: { nodes: nodes.file, pods: pods.file },
  };
}

/** The trace writes sizes as `V100M32`. A model the market does not know keeps the trace's name: `g2`. */
export const marketModel = (name: string): string =>
  canonicalGpuModel(name.replace(/^([A-Z]\d+)M(\d+)$/, "$1 $2GB"));

const toPod = (row: z.output<typeof podRow>): TracePod => ({
  name: row.name,
  gpus: row.num_gpu,
  milliOfGpu: row.gpu_milli,
  models: row.gpu_spec === null ? null : row.gpu_spec.split("|").map(marketModel),
  qos: row.qos,
  createdAt: row.creation_time,
  scheduledAt: row.scheduled_time,
  deletedAt: row.deletion_time,
});

type Table = { file: string; titles: string[]; rows: string[][] };

function readTables(folder: string): Table[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".csv"));
  return files.map((file) => {
    try {
      const [titles = [], ...rows]: string[][] = parse(readFileSync(join(folder, file)), {
        skip_empty_lines: true,
      });
      return { file, titles, rows };
    } catch (error) {
      throw new TraceUnreadable(`${file}: ${errorText(error)}`);
    }
  });
}

function checked<Row extends z.ZodType>({ file, titles, rows }: Table, row: Row): z.output<Row>[] {
  return rows.map((cells, index) => {
    const read = row.safeParse(Object.fromEntries(titles.map((title, i) => [title, cells[i]])));
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    const column = String(issue?.path[0]);
    const given = JSON.stringify(cells[titles.indexOf(column)]);
    // The line of titles is the first.
    throw new TraceUnreadable(`${file}, line ${index + 2}: ${column} is ${given}: ${issue?.message}`);
  });
}
