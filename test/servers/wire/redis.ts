import { redisReplies } from "./redis-replies.ts";
import { redisRequests } from "./redis-requests.ts";
import type { Wire } from "./wire.ts";

/** The Redis protocol, versions 2 and 3 (https://redis.io/docs/latest/develop/reference/protocol-spec/). */
export const redisWire: Wire = {
  requests: redisRequests,
  replies: redisReplies,
  unmatched: (text) => /^(P?SYNC|MONITOR|[PS]?SUBSCRIBE|CLIENT REPLY)\b/.test(text),
  void: (text, answer) => text === "EXEC" && answer === "nil",
};
