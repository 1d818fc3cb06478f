/** One name of very many of each row (a wallet, a node): which rows have it. */
export class NameColumn {
  readonly #rowsOf = new Map<string, number[]>();
  readonly #nameOf: (string | undefined)[] = [];

  set(row: number, name: string): void {
    const old = this.#nameOf[row];
    if (old === name) return;
    if (old !== undefined) {
      const rest = (this.#rowsOf.get(old) ?? []).filter((other) => other !== row);
      if (rest.length === 0) this.#rowsOf.delete(old);
      else this.#rowsOf.set(old, rest);
    }
    this.#nameOf[row] = name;
    const rows = this.#rowsOf.get(name);
    if (rows === undefined) this.#rowsOf.set(name, [row]);
    else rows.push(row);
  }

  rowsOf(name: string): readonly number[] {
    return this.#rowsOf.get(name) ?? [];
  }
}
