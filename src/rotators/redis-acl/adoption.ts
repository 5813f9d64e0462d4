import type { Context } from "../../core/ports.ts";
import { type AdoptStep, adopt } from "./adopt.ts";
import { type PresentLogin, readServers } from "./adopt-state.ts";
import { Config } from "./config.ts";

/**
 * What `keyturn adopt` prints for a target of this kind: reads how its servers stand and changes nothing. `present` is the
 * login that applications use today, as read out of their store; it is tried where Keyturn's own user does not exist yet.
 */
export async function adoptRedisAcl(
  entry: unknown,
  context: Context,
  present: PresentLogin,
): Promise<readonly AdoptStep[]> {
  const config = Config.parse(entry);
  return adopt(await readServers(config, context, present), config);
}
