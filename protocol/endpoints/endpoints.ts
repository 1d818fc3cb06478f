import type { z } from "zod";
import { delivery } from "./delivery.ts";
import { market } from "./market.ts";
import { platform } from "./platform.ts";
import { supply } from "./supply.ts";

/** Every call of the control plane: the server's routes, the SDK's methods and the OpenAPI document are made from this table. */
export const endpoints = { ...platform, ...supply, ...market, ...delivery } as const;

export type Endpoints = typeof endpoints;
export type EndpointName = keyof Endpoints;

type Decoded<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type GivenCall<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;

/** What a handler receives, decoded: amounts are bigint, defaults are filled in. */
export type Call<Name extends EndpointName> = {
  params: Decoded<Endpoints[Name]["params"]>;
  query: Decoded<Endpoints[Name]["query"]>;
  body: Decoded<Endpoints[Name]["body"]>;
};
/** What a handler answers and a client gets, decoded. */
export type Answer<Name extends EndpointName> = z.output<Endpoints[Name]["response"]>;
/** What travels as the body, as JSON. */
export type WireBody<Name extends EndpointName> = GivenCall<Endpoints[Name]["body"]>;
