import { postgresReplies } from "./postgres-replies.ts";
import { postgresRequests } from "./postgres-requests.ts";
import type { Wire } from "./wire.ts";

/** PostgreSQL's frontend/backend protocol 3 (https://www.postgresql.org/docs/18/protocol.html), without encryption. */
export const postgresWire: Wire = {
  requests: postgresRequests,
  replies: postgresReplies,
  unmatched: () => false,
  void: (text, answer) => /^(commit|end)\b/i.test(text) && answer === "ROLLBACK",
};
