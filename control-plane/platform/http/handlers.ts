import type { AccountId, Answer, Call, EndpointName, NodeId, Scope } from "@ionet/protocol";

/** Who calls, and with what: the sign-in token of a wallet, or an API key. */
export type Caller = {
  accountId: AccountId;
  wallet: string;
  scopes: readonly Scope[];
  by: "sign-in" | "api-key";
};

/** Which node calls. At the handshake `sessionId` is null; `nonce` is that of the request's signature. */
export type NodeCaller = { nodeId: NodeId; sessionId: string | null; nonce: string };

/** The calls that anybody may make, and those of agents; all others are a signed-in wallet's. A test compares this with the table. */
type AnybodysCall =
  | "getNetwork"
  | "createChallenge"
  | "signIn"
  | "enrolNode"
  | "searchOffers"
  | "listCloudPrices"
  | "compare"
  | "listListings"
  | "earnings";
type AgentsCall = "openSession" | "sync";

/** Who calls this endpoint. */
export type CallerOf<Name extends EndpointName> = Name extends AnybodysCall
  ? null
  : Name extends AgentsCall
    ? NodeCaller
    : Caller;

/** `signal` aborts when the caller hangs up or the server ends: a held answer is to be given then. */
export type Exchange = { signal: AbortSignal; requestId: string };

/** Answers one endpoint; throws a Problem for a refusal. */
export type Handler<Name extends EndpointName> = (
  call: Call<Name>,
  caller: CallerOf<Name>,
  exchange: Exchange,
) => Promise<Answer<Name>>;

/** What a routes.ts exports: `Handlers<"createQuote" | "book">`. Without names: all endpoints, as the server needs them. */
export type Handlers<Names extends EndpointName = EndpointName> = { [Name in Names]: Handler<Name> };
