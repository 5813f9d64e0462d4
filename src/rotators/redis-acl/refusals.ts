import { z } from "zod";
import type { Ref } from "../../core/credential.ts";
import type { Refusal } from "../../core/ports.ts";
import { ipOf } from "./address.ts";
import type { AdminSession } from "./admin-login.ts";
import { clientOf } from "./client-list.ts";
import { isoOf, readClock } from "./clock.ts";
import { fieldsOf } from "./replies.ts";
import type { Scope } from "./scope.ts";

const Entry = z.object({
  count: z.coerce.number().int(),
  reason: z.string(),
  username: z.string(),
  "age-seconds": z.coerce.number(),
  "client-info": z.string(),
});

/**
 * Who was refused as this user since then, as ACL LOG tells it: never which password was tried. The log joins refusals of
 * one user that come within a minute, of which it keeps the number and the last client.
 */
export async function refusals(scope: Scope, ref: Ref, since: string): Promise<readonly Refusal[]> {
  const nodes = await scope.fleet.nodes();
  const all = await Promise.all(nodes.map((node) => refusalsAt(node, ref)));
  return all.flat().filter((refusal) => Date.parse(refusal.at) >= Date.parse(since));
}

async function refusalsAt(node: AdminSession, ref: Ref): Promise<readonly Refusal[]> {
  const [log, nowMs] = await Promise.all([node.call("ACL", "LOG", logLength), readClock(node)]);
  const entries = z
    .array(z.unknown())
    .parse(log)
    .map((entry) => Entry.parse(Object.fromEntries(fieldsOf(entry))));
  return entries
    .filter((entry) => entry.reason === "auth" && entry.username === ref.principal)
    .map((entry) => {
      const { addr, name } = clientOf(entry["client-info"]);
      return { address: ipOf(addr), client: name, at: isoOf(nowMs - entry["age-seconds"] * 1000), count: entry.count };
    });
}

/** The default of acllog-max-len is 128. */
const logLength = 1000;
