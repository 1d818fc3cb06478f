import { createHash } from "node:crypto";
import { openApiDocument } from "@ionet/protocol";
import type { FastifyInstance } from "fastify";
import { documentPage, STYLE } from "./document-page.ts";

/** Serves the OpenAPI document at /openapi.json, and a readable page of it at /docs. */
export function serveDocument(server: FastifyInstance): void {
  const document = openApiDocument();
  const json = JSON.stringify(document);
  const page = documentPage(document);
  const style = createHash("sha256").update(STYLE).digest("base64");
  server.get("/openapi.json", async (_request, reply) =>
    reply.type("application/json; charset=utf-8").send(json),
  );
  server.get("/docs", async (_request, reply) =>
    reply
      .type("text/html; charset=utf-8")
      // Nothing but this page's own style: no script, no frame, nothing from elsewhere.
      .header(
        "content-security-policy",
        `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      )
      .header("x-content-type-options", "nosniff")
      .send(page),
  );
}
