import type { RespondFn } from "@slack/bolt";
import type { Rendered } from "../views/blocks.ts";

/** Answers a press for the presser's eyes only, beside the message that was pressed. Throws when Slack does not take it. */
export function privately(respond: RespondFn, threadTs: string | undefined): (rendered: Rendered) => Promise<unknown> {
  const place = threadTs === undefined ? {} : { thread_ts: threadTs };
  return ({ text, blocks }) => respond({ response_type: "ephemeral", replace_original: false, text, blocks, ...place });
}
