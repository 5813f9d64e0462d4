import type { Rendered } from "./blocks.ts";
import { requestMessage, type Shown } from "./request-message.ts";
import { taskList } from "./tasks.ts";

/** The request's message for a workspace that refuses task cards (`invalid_blocks`): the same in blocks that every client knows. */
export function classicMessage(shown: Shown): Rendered {
  return requestMessage(shown, taskList);
}
