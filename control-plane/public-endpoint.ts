/** As long as keys of RPC providers are, and longer than any word in a path. */
const SECRET_SEGMENT = /[\w-]{16,}/;

/** Whether an endpoint's URL may be told to everybody: with credentials, a query or a key in its path it may not. */
export function isTellable(url: string): boolean {
  const { username, password, search, hash, pathname } = new URL(url);
  return [username, password, search, hash].every((part) => part === "") && !SECRET_SEGMENT.test(pathname);
}
