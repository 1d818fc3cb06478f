import {
  type Address,
  type Blockhash,
  isAddress,
  isBlockhash,
  isSignature,
  type Signature,
} from "@solana/kit";
import type { Commitment } from "../slots.ts";
import { invalidParam, RPC_CODE, RpcError } from "./errors.ts";

/** A call's parameters, in order. */
export type Parameters = readonly unknown[];

/** A parameter that is an object of options; what a method does not know in it is ignored, as nodes do. */
export type RequestConfig = { readonly [option: string]: unknown };

/** @throws RpcError −32602, as all readers here, naming the parameter, what was given and what is allowed */
export function readAddress(value: unknown, name: string): Address {
  if (typeof value === "string" && isAddress(value)) return value;
  throw invalidParam(name, value, "an address (32 bytes in base58)");
}

export function readSignature(value: unknown, name: string): Signature {
  if (typeof value === "string" && isSignature(value)) return value;
  throw invalidParam(name, value, "a signature (64 bytes in base58)");
}

export function readBlockhash(value: unknown, name: string): Blockhash {
  if (typeof value === "string" && isBlockhash(value)) return value;
  throw invalidParam(name, value, "a blockhash (32 bytes in base58)");
}

export function readText(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw invalidParam(name, value, "a string");
}

export function readConfig(value: unknown, name = "config"): RequestConfig {
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw invalidParam(name, value, "an object");
}

/** Any object, which is not an array. */
export function isObject(value: unknown): value is RequestConfig {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A whole number from 0 on, within JavaScript's exact integers. */
export function readCount(value: unknown, name: string, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
  throw invalidParam(name, value, `a whole number from 0 to ${most}`);
}

export function readOptionalCount(value: unknown, name: string, most?: number): number | undefined {
  return value === undefined || value === null ? undefined : readCount(value, name, most);
}

export function readFlag(value: unknown, name: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === "boolean") return value;
  throw invalidParam(name, value, "true or false");
}

/** One of a few words; `fallback` where nothing is given. */
export function readWord<const Word extends string>(
  value: unknown,
  name: string,
  allowed: readonly Word[],
  fallback: NoInfer<Word>,
): Word {
  if (value === undefined || value === null) return fallback;
  const word = allowed.find((candidate) => candidate === value);
  if (word === undefined) throw invalidParam(name, value, allowed.join(", "));
  return word;
}

export function readList(value: unknown, name: string, most: number): readonly unknown[] {
  const allowed = `a list of at most ${most} items`;
  if (!Array.isArray(value)) throw invalidParam(name, value, allowed);
  if (value.length <= most) return value;
  const data = { field: name, given: `${value.length} items`, allowed };
  throw new RpcError(RPC_CODE.invalidParams, `Too many inputs provided; max ${most}`, data);
}

const COMMITMENTS = ["processed", "confirmed", "finalized"] as const;

/** `finalized` where nothing is said, as on every node. */
export function readCommitment(value: unknown, name = "commitment"): Commitment {
  return readWord(value, name, COMMITMENTS, "finalized");
}

/** For what only settled blocks can answer. */
export function readSettledCommitment(value: unknown, name = "commitment"): Commitment {
  if (value === "processed")
    throw new RpcError(RPC_CODE.invalidParams, "Method does not support commitment below `confirmed`", {
      field: name,
      given: value,
      allowed: "confirmed, finalized",
    });
  return readWord(value, name, ["confirmed", "finalized"], "finalized");
}
