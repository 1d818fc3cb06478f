import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

/** Of one connection only (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** Who the engineer is stays here; and by Origin and Sec-Fetch-* Ray would take the caller for a browser. */
const NOT_FOR_RAY = new Set(["authorization", "x-ray-authorization", "cookie", "origin", "referer", "host"]);
/** What a supplier's machine answers gets no hold in anybody's browser and sends no client elsewhere. */
const NOT_FOR_CLIENTS = new Set([
  "set-cookie",
  "strict-transport-security",
  "clear-site-data",
  "alt-svc",
  "location",
  "refresh",
]);

/** The headers that Ray gets: the cluster's own token in place of the engineer's. */
export function headersForRay(given: IncomingHttpHeaders, rayToken: string): OutgoingHttpHeaders {
  const headers = withoutHops(given);
  for (const name of Object.keys(headers)) {
    if (NOT_FOR_RAY.has(name) || name.startsWith("sec-fetch-")) delete headers[name];
  }
  return { ...headers, host: "ray", authorization: `Bearer ${rayToken}` };
}

/** The headers that the client gets of Ray's answer. */
export function headersForClient(given: IncomingHttpHeaders): OutgoingHttpHeaders {
  const headers = withoutHops(given);
  for (const name of NOT_FOR_CLIENTS) delete headers[name];
  return { ...headers, "x-content-type-options": "nosniff", "content-security-policy": "sandbox" };
}

function withoutHops(given: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = new Set((given.connection ?? "").split(",").map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(
    Object.entries(given).filter(
      ([name, value]) => value !== undefined && !HOP_BY_HOP.has(name) && !named.has(name),
    ),
  );
}
