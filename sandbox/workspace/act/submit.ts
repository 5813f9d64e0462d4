import { z } from "zod";
import { ApiError } from "../api-error.ts";
import { at, isObject, type Json, JsonObjectSchema, plain, stringAt } from "../json.ts";
import { issueTrigger } from "../triggers.ts";
import { checkedView, pushView, replaceView, viewJson } from "../views.ts";
import type { View } from "../world.ts";
import { offerKey } from "./press.ts";
import { type ActResult, interact, interactionBase, type Stage, viewBlocks } from "./stage.ts";
import { clientErrors, stateOf } from "./values.ts";

export const SubmitView = z.strictObject({ userId: z.string(), viewId: z.string(), values: JsonObjectSchema });
export const CloseView = z.strictObject({ userId: z.string(), viewId: z.string() });

/**
 * A person submits the modal on top. Inputs that the client refuses (required, too short) come back as `errors`
 * without asking the app. Rejects when the view is not the one on top, or a value fits no input.
 */
export async function submitView(stage: Stage, input: z.infer<typeof SubmitView>): Promise<ActResult> {
  const { world } = stage;
  const { userId, viewId } = input;
  const view = onTop(stage, userId, viewId);
  const blocks = viewBlocks(view);
  const values = stateOf(blocks, input.values, (found) => stage.offered.get(offerKey(viewId, found)) ?? []);
  const errors = clientErrors(blocks, values);
  if (Object.keys(errors).length > 0) {
    return { acked: false, ephemerals: [], views: world.views.get(userId) ?? [], errors };
  }
  const payload = {
    type: "view_submission",
    ...interactionBase(stage, userId),
    trigger_id: issueTrigger(world, userId, viewId),
    view: viewJson(world, view, values),
    response_urls: [],
  };
  return interact(stage, userId, { type: "interactive", payload }, (body) => {
    const outcome = react(stage, view, body);
    return { ...outcome, views: world.views.get(userId) ?? [] };
  });
}

/** A person closes the modal on top; the app hears of it when the view asked for `notify_on_close`. */
export async function closeView(stage: Stage, input: z.infer<typeof CloseView>): Promise<ActResult> {
  const { world } = stage;
  const view = onTop(stage, input.userId, input.viewId);
  drop(stage, view, at(view.body, "clear_on_close") === true);
  world.changed();
  const nothing = { acked: true, ephemerals: [], views: world.views.get(input.userId) ?? [] };
  if (at(view.body, "notify_on_close") !== true) return nothing;
  const payload = {
    type: "view_closed",
    ...interactionBase(stage, input.userId),
    view: viewJson(world, view),
    is_cleared: false,
  };
  return interact(stage, input.userId, { type: "interactive", payload });
}

function react(stage: Stage, view: View, body: Json | undefined): Partial<ActResult> {
  const action = stringAt(body, "response_action");
  try {
    if (action === undefined) drop(stage, view, false);
    else if (action === "clear") drop(stage, view, true);
    else if (action === "update") replaceView(view, checkedView(at(body, "view"), "modal"), undefined);
    else if (action === "push") pushView(stage.world, view.userId, checkedView(at(body, "view"), "modal"), true);
    else if (action === "errors") return { errors: inlineErrors(view, at(body, "errors")) };
    else return { notice: `unknown response_action ${action}` };
    return {};
  } catch (error) {
    if (error instanceof ApiError) return { notice: `the app's answer was refused: ${error.code}` };
    throw error;
  }
}

/** Errors must name input blocks of the view; anything else is a failure that the user sees. */
function inlineErrors(view: View, errors: Json | undefined): { [blockId: string]: string } {
  const inputs = new Set(
    viewBlocks(view)
      .filter(({ type }) => type === "input")
      .map((b) => stringAt(b, "block_id")),
  );
  const result: { [blockId: string]: string } = {};
  for (const [blockId, text] of Object.entries(isObject(errors) ? errors : {})) {
    if (!inputs.has(blockId)) throw new ApiError(`errors name ${blockId}, which is no input block`);
    result[blockId] = plain(text);
  }
  return result;
}

function onTop({ world }: Stage, userId: string, viewId: string): View {
  const view = (world.views.get(userId) ?? []).at(-1);
  if (view === undefined || view.id !== viewId) throw new Error(`${userId} does not have view ${viewId} on top`);
  return view;
}

function drop({ world }: Stage, view: View, all: boolean): void {
  const rest = all ? [] : (world.views.get(view.userId) ?? []).filter(({ id }) => id !== view.id);
  world.views.set(view.userId, rest);
}
