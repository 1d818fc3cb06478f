/** What of Ray's HTTP API engineers reach: jobs, their packages, and what `ray list` and the like read. */
const readable = [
  /^\/api\/version$/,
  /^\/api\/authentication_mode$/,
  /^\/api\/cluster_status$/,
  /^\/api\/jobs(\/|$)/,
  /^\/api\/packages\/gcs\/[^/]+$/,
  /^\/api\/v0\//,
  /^\/nodes(\/|$)/,
];
const writable: readonly [method: string, path: RegExp][] = [
  ["POST", /^\/api\/jobs\/?$/],
  ["POST", /^\/api\/jobs\/[^/]+\/stop$/],
  ["DELETE", /^\/api\/jobs\/[^/]+$/],
  ["PUT", /^\/api\/packages\/gcs\/[^/]+$/],
];
const logs = { log: /^\/api\/jobs\/([^/]+)\/logs\/?$/, tail: /^\/api\/jobs\/([^/]+)\/logs\/tail$/ };

/** What a request path on `/clusters/…` names: the cluster, and Ray's own path with its query. Null when it is none. */
export function clusterPath(url: string): { clusterId: string; rayUrl: string } | null {
  const [, clusterId, rayUrl = ""] = /^\/clusters\/([^/?#]+)([/?].*)?$/s.exec(url) ?? [];
  if (clusterId === undefined) return null;
  return { clusterId, rayUrl: rayUrl.startsWith("/") ? rayUrl : `/${rayUrl}` };
}

/** Whether a request may pass. `rayUrl` may have a query. */
export function mayPass(method: string, rayUrl: string): boolean {
  const path = plainPath(rayUrl);
  if (path === null) return false;
  if (method === "GET" || method === "HEAD") return readable.some((pattern) => pattern.test(path));
  return writable.some(([allowed, pattern]) => allowed === method && pattern.test(path));
}

/** The job whose log is asked for at this path (`log`), or by a WebSocket (`tail`); null: none is. */
export function jobOfLog(rayUrl: string, how: "log" | "tail"): string | null {
  const path = plainPath(rayUrl);
  const job = path === null ? undefined : logs[how].exec(path)?.[1];
  return job === undefined ? null : decodedPart(job);
}

/** Whether this submits a job. */
export const isSubmission = (method: string, rayUrl: string): boolean =>
  method === "POST" && /^\/api\/jobs\/?$/.test(plainPath(rayUrl) ?? "");

function decodedPart(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** The path alone; null for one that another reader could take for a different path (dots, coded slashes, controls). */
function plainPath(rayUrl: string): string | null {
  const [path = ""] = rayUrl.split("?");
  if (!/^[\x21-\x7e]+$/.test(path) || /[\\#]|\/\/|%2f|%5c|%00/i.test(path)) return null;
  const isDotted = path.split("/").some((segment) => /^(\.|%2e){1,2}$/i.test(segment));
  return isDotted ? null : path;
}
