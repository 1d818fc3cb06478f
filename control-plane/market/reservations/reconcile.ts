import type { Context } from "../../platform/context.ts";
import { anyReleased } from "../../supply/inventory/hold-gpus.ts";
import type { BookingContext } from "./book.ts";
import { expireHolds } from "./store.ts";

/**
 * Ends holds whose time is over and frees their GPUs, and those of ended leases. Money that comes later is the escrow
 * step's to return.
 */
export async function reconcileReservations(ctx: Context & BookingContext): Promise<void> {
  const expired = await ctx.db.transaction().execute((db) => expireHolds(db, ctx.clock.now()));
  for (const reservation of expired) ctx.log.info({ reservation }, "a hold was left to expire");
  if (!(await anyReleased(ctx.db))) return;
  await ctx.allocation.sweep();
  ctx.wake("requests");
}
