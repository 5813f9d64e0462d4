import { rootUser } from "../rotators/redis-acl/world.ts";
import { type Redis, startRedis } from "../servers/redis.ts";

let issuers: Promise<Redis> | undefined;
let queues: Promise<Redis> | undefined;
let used = 0;

/** A Redis whose users are rotated; shared by all lanes of this process, ended with it. */
export async function issuerRedis(): Promise<Redis> {
  issuers ??= startRedis({ aclFile: true, users: ["default off", rootUser], config: ["acllog-max-len 1024"] });
  return issuers;
}

/** The URL of an unused database of a Redis that holds queues. */
export async function queueRedis(): Promise<string> {
  queues ??= startRedis({ config: ["databases 1024", "maxmemory-policy noeviction"] });
  used += 1;
  return `${(await queues).url}/${used - 1}`;
}
