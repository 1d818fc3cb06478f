import type { LocalNetwork } from "../network.ts";
import { RPC_CODE, RpcError } from "./errors.ts";
import { toJson } from "./json.ts";
import { METHODS } from "./methods.ts";
import { isObject, type Parameters } from "./parameters.ts";

/** A JSON-RPC 2.0 request whose shape is right. */
export type RpcRequest = { readonly id: unknown; readonly method: string; readonly parameters: Parameters };

/** Tells the operator of a fault in this program; clients only learn that there was one. */
export type ReportFault = (method: string, fault: unknown) => void;

/**
 * Answers the text of an HTTP body: one request or a batch.
 *
 * @returns the JSON to send back; undefined where nothing is to be said (notifications only)
 */
export async function answer(
  network: LocalNetwork,
  body: string,
  report: ReportFault,
): Promise<string | undefined> {
  const parsed = parse(body);
  if (parsed === undefined) return toJson(failure(null, new RpcError(RPC_CODE.parseError, "Parse error")));
  if (!Array.isArray(parsed)) {
    const reply = await answerOne(network, parsed, report);
    return reply === undefined ? undefined : toJson(reply);
  }
  if (parsed.length === 0)
    return toJson(failure(null, new RpcError(RPC_CODE.invalidRequest, "Invalid request")));
  const replies: unknown[] = [];
  for (const one of parsed) {
    const reply = await answerOne(network, one, report);
    if (reply !== undefined) replies.push(reply);
  }
  return replies.length === 0 ? undefined : toJson(replies);
}

async function answerOne(network: LocalNetwork, value: unknown, report: ReportFault): Promise<unknown> {
  const request = readRequest(value);
  if (request instanceof RpcError) return failure(idOf(value), request);
  try {
    const method = Object.hasOwn(METHODS, request.method) ? METHODS[request.method] : undefined;
    if (method === undefined) throw methodNotFound();
    network.catchUp();
    const result = await method(network, request.parameters);
    return request.id === undefined ? undefined : { jsonrpc: "2.0", result: result ?? null, id: request.id };
  } catch (fault) {
    const error = asRpcError(request.method, fault, report);
    return request.id === undefined ? undefined : failure(request.id, error);
  }
}

/** The JSON of a text; undefined where it is none. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function readRequest(value: unknown): RpcRequest | RpcError {
  if (!isObject(value) || typeof value.method !== "string")
    return new RpcError(RPC_CODE.invalidRequest, "Invalid request");
  const parameters = value.params ?? [];
  if (!Array.isArray(parameters))
    return new RpcError(RPC_CODE.invalidParams, "Invalid params: given no list; allowed: a list");
  return { id: value.id, method: value.method, parameters };
}

/** The id of what is no request, so that its sender knows which of its calls is meant; null where it has none. */
export function idOf(value: unknown): unknown {
  return isObject(value) ? value.id : null;
}

export function methodNotFound(): RpcError {
  return new RpcError(RPC_CODE.methodNotFound, "Method not found");
}

export function asRpcError(method: string, fault: unknown, report: ReportFault): RpcError {
  if (fault instanceof RpcError) return fault;
  report(method, fault);
  return new RpcError(RPC_CODE.internal, "Internal error");
}

export function failure(id: unknown, { code, message, data }: RpcError) {
  const error = data === undefined ? { code, message } : { code, message, data };
  return { jsonrpc: "2.0", error, id: id ?? null };
}
