import { randomBytes } from "node:crypto";
import { ApiError } from "./api-error.ts";
import type { Trigger, World } from "./world.ts";

/** A new trigger_id for something that this user just did; `viewId` when it was done in a modal. */
export function issueTrigger(world: World, userId: string, viewId?: string): string {
  const id = `${Date.now()}.${world.triggers.size + 1}.${randomBytes(16).toString("hex")}`;
  const where = viewId === undefined ? {} : { viewId };
  world.triggers.set(id, { userId, bornMs: Date.now(), used: false, ...where });
  return id;
}

/**
 * Spends a trigger_id.
 * @throws ApiError `expired_trigger_id` after `triggerMs`, `exchanged_trigger_id` the second time, `invalid_trigger_id`
 */
export function spendTrigger(world: World, id: string, triggerMs: number): Trigger {
  const trigger = world.triggers.get(id);
  if (trigger === undefined) throw new ApiError("invalid_trigger_id");
  if (trigger.used) throw new ApiError("exchanged_trigger_id");
  if (Date.now() - trigger.bornMs > triggerMs) throw new ApiError("expired_trigger_id");
  trigger.used = true;
  return trigger;
}
