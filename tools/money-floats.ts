/** Words in a name that say it holds money or a price. */
const MONEY = new Set(
  "price prices usd lamports amount amounts deposit deposits deposited paid fee fees budget budgets balance balances cost costs refund refunded payout payouts gross owed tariff unspent remainder".split(
    " ",
  ),
);

/** Calls that make a float of what they are given, or reckon with floats. */
const FLOATS =
  /(?:\bNumber(?:\.parseFloat)?|\bparseFloat|\bMath\.(?:round|floor|ceil|trunc|fround))\(|(?<=[=(,?:]\s*)\+(?=[a-z_$])/g;

/** The words of a name: `maxPriceMicroUsd` is max, price, micro, usd. */
const wordsOf = (name: string): string[] =>
  name.split(/_|(?<=[a-z0-9])(?=[A-Z])/).map((word) => word.toLowerCase());

const holdsMoney = (name: string): boolean => {
  const words = wordsOf(name);
  // Basis points, counts and whether something was paid are no money.
  if (words.some((word) => word === "bps" || word === "count" || word === "is")) return false;
  return words.some((word) => MONEY.has(word));
};

const namesIn = (code: string): string[] =>
  [...code.replaceAll(/"[^"]*"|'[^']*'|[\w$.]+\.length\b/g, "").matchAll(/[A-Za-z_$][\w$]*/g)].map(
    ([name]) => name,
  );

/** What stands between a parenthesis that opens just before `start` and the one that closes it; else the word there. */
function argumentAt(code: string, start: number): string {
  let depth = 1;
  for (let at = start; at < code.length; at++) {
    if (code[at] === "(") depth++;
    if (code[at] === ")") depth--;
    if (depth === 0) return code.slice(start, at);
  }
  return code.slice(start);
}

/** Names that a file gives to money under another name: `const perGpuHour: bigint = offer.price…`. */
function aliasesIn(code: string): Set<string> {
  const declared = code.matchAll(/\b(?:const|let)\s+(\w+)(?::\s*[\w<>[\], ]+)?\s*=\s*([^;{(]{1,200});/g);
  const plain = [...declared].filter(([, , value = ""]) => /^[\w.?!\s[\]]+$/.test(value));
  return new Set(
    plain.filter(([, , value = ""]) => namesIn(value).some(holdsMoney)).map(([, name = ""]) => name),
  );
}

/**
 * Every place of a file where money becomes a float, or is reckoned with as one, as `line: code`. By names, since branded
 * types are gone where this looks: it finds `Number(x.priceMicroUsdPerGpuHour)`, `Math.round(costUsd * 1e6)`, `+fee`, and
 * `Number(y)` after `const y = x.price`.
 */
export function moneyFloats(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, (comment) => comment.replaceAll(/[^\n]/g, " "));
  const aliases = aliasesIn(code);
  return [...code.matchAll(FLOATS)].flatMap((match) => {
    const start = match.index + match[0].length;
    const argument =
      match[0] === "+" ? (/^[\w$.?]+/.exec(code.slice(start))?.[0] ?? "") : argumentAt(code, start);
    if (!namesIn(argument).some((name) => holdsMoney(name) || aliases.has(name))) return [];
    return [
      `${code.slice(0, match.index).split("\n").length}: ${match[0]}${argument}`.replaceAll(/\s+/g, " "),
    ];
  });
}
