/**
 * How the GPUs of a machine reach each other, from the matrix of `nvidia-smi topo -m`: "nvlink" when every pair has
 * NVLinks (NV#), "pcie" when one has not: the slowest pair sets the pace of a job that spans them. Undefined for a single
 * GPU, and for what is no such matrix.
 */
export function parseTopology(text: string): "nvlink" | "pcie" | undefined {
  // Its head is underlined, by escapes of the terminal.
  const rows = text
    .replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g"), "")
    .split("\n")
    .map((line) => line.split("\t").map((cell) => cell.trim()));
  const head = rows.find(([first, second]) => first === "" && second === "GPU0");
  if (head === undefined) return undefined;
  const columns = head.flatMap((cell, column) => (/^GPU\d+$/.test(cell) ? [{ name: cell, column }] : []));
  const pairs = rows
    .filter(([name = ""]) => /^GPU\d+$/.test(name))
    .flatMap((row) => columns.filter(({ name }) => name !== row[0]).map(({ column }) => row[column] ?? ""));
  if (pairs.length === 0 || pairs.length !== columns.length * (columns.length - 1)) return undefined;
  if (pairs.every((link) => /^NV\d+$/.test(link))) return "nvlink";
  return pairs.every((link) => /^(NV\d+|SYS|NODE|PHB|PXB|PIX)$/.test(link)) ? "pcie" : undefined;
}
