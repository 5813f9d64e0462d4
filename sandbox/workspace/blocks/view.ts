import { z } from "zod";
import { at, isObject, type Json } from "../json.ts";
import { blockProblems } from "./check.ts";
import { problemOf } from "./problems.ts";
import { id255, plainText } from "./texts.ts";

/** What Slack would refuse in a view (docs.slack.dev, reference/views); pointers start with /view. */
export function viewProblems(view: Json | undefined): string[] {
  if (!isObject(view)) return ["must provide an object [json-pointer:/view]"];
  const blocks = at(view, "blocks");
  const parsed = frame.safeParse(view, { reportInput: true });
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => problemOf(issue, "/view"));
  if (!Array.isArray(blocks)) return problems;
  const surface = at(view, "type") === "home" ? "home" : "modal";
  const inner = blockProblems(blocks, surface, "/view/blocks");
  const hasInput = blocks.some((block) => at(block, "type") === "input");
  if (surface === "modal" && hasInput && at(view, "submit") === undefined) {
    inner.push("missing required field: submit [json-pointer:/view]");
  }
  return [...problems, ...inner];
}

const shared = {
  blocks: z.array(z.json()),
  private_metadata: z.string().max(3000).optional(),
  callback_id: id255.optional(),
  external_id: id255.optional(),
};

const frame = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("modal"),
    ...shared,
    title: plainText(24),
    submit: plainText(24).optional(),
    close: plainText(24).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    submit_disabled: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal("home"), ...shared }),
]);
