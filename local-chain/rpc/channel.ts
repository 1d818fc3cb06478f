import type { WebSocket } from "ws";
import type { LocalNetwork } from "../network.ts";
import { VERSION } from "./context.ts";
import {
  asRpcError,
  failure,
  idOf,
  methodNotFound,
  parse,
  type ReportFault,
  readRequest,
} from "./dispatch.ts";
import { RPC_CODE, RpcError } from "./errors.ts";
import { toJson } from "./json.ts";
import { SUBSCRIPTIONS } from "./subscriptions.ts";

/** Numbers the subscriptions of all channels of a network. */
export type TakeNumber = () => number;

/** Serves one WebSocket: subscriptions and their ends. Everything it started stops when it closes. */
export function serveChannel(
  network: LocalNetwork,
  socket: WebSocket,
  takeNumber: TakeNumber,
  report: ReportFault,
): void {
  const stops = new Map<number, () => void>();
  const send = (message: unknown) => {
    if (socket.readyState === socket.OPEN) socket.send(toJson(message));
  };
  const stop = (id: number): boolean => {
    stops.get(id)?.();
    return stops.delete(id);
  };

  const subscribe = (name: string, id: unknown, parameters: readonly unknown[]) => {
    const start = SUBSCRIPTIONS[name]?.(network, parameters);
    if (start === undefined) throw methodNotFound();
    const subscription = takeNumber();
    // The client must know its subscription before the first word from it.
    send({ jsonrpc: "2.0", result: subscription, id });
    const notify = (result: unknown) =>
      send({ jsonrpc: "2.0", method: `${name}Notification`, params: { result, subscription } });
    stops.set(
      subscription,
      start(notify, () => stop(subscription)),
    );
  };

  const unsubscribe = (id: unknown, parameters: readonly unknown[]) => {
    const [subscription] = parameters;
    if (typeof subscription !== "number" || !stop(subscription))
      throw new RpcError(RPC_CODE.invalidParams, "Invalid subscription id.", {
        field: "subscription",
        given: subscription,
        allowed: "the number of a subscription of this connection",
      });
    send({ jsonrpc: "2.0", result: true, id });
  };

  const answer = (value: unknown) => {
    const request =
      value === undefined ? new RpcError(RPC_CODE.parseError, "Parse error") : readRequest(value);
    if (request instanceof RpcError) return send(failure(idOf(value), request));
    const { id, method, parameters } = request;
    // A request without an id wants no answer: clients send such to keep the line open.
    if (id === undefined) return;
    try {
      network.catchUp();
      if (method === "getVersion") return send({ jsonrpc: "2.0", result: VERSION, id });
      const [, name = "", verb] = /^([a-zA-Z]+)(Subscribe|Unsubscribe)$/.exec(method) ?? [];
      if (verb === undefined || !Object.hasOwn(SUBSCRIPTIONS, name)) throw methodNotFound();
      if (verb === "Subscribe") subscribe(name, id, parameters);
      else unsubscribe(id, parameters);
    } catch (fault) {
      send(failure(id, asRpcError(method, fault, report)));
    }
  };

  socket.on("message", (data) => {
    const value = parse(String(data));
    for (const one of Array.isArray(value) && value.length > 0 ? value : [value]) answer(one);
  });
  socket.on("error", (fault) => report("websocket", fault));
  socket.on("close", () => {
    for (const id of [...stops.keys()]) stop(id);
  });
}
