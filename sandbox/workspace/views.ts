import { createHash, randomBytes } from "node:crypto";
import { ApiError, problemsError } from "./api-error.ts";
import { withIds } from "./blocks/ids.ts";
import { viewProblems } from "./blocks/view.ts";
import { isObject, type Json, type JsonObject, objectsAt, stringAt } from "./json.ts";
import { newId, type View, type World } from "./world.ts";

const maxStack = 3;
const maxViewBytes = 250 * 1024;

/**
 * A view as it is stored, or the refusal that Slack would give.
 * @throws ApiError `invalid_arguments` with JSON pointers below /view, `view_too_large`
 */
export function checkedView(view: Json | undefined, type: "modal" | "home"): JsonObject {
  const problems = viewProblems(view);
  if (problems.length > 0 || !isObject(view)) throw problemsError("invalid_arguments", problems);
  if (view["type"] !== type) {
    throw problemsError("invalid_arguments", [`view must be of type ${type} [json-pointer:/view/type]`]);
  }
  if (Buffer.byteLength(JSON.stringify(view)) > maxViewBytes) throw new ApiError("view_too_large");
  return { ...view, blocks: withIds(objectsAt(view, "blocks")) };
}

/** Shows a modal on top of the user's stack; `push_limit_reached` above three. */
export function pushView(world: World, userId: string, body: JsonObject, onTop: boolean): View {
  const stack = onTop ? (world.views.get(userId) ?? []) : [];
  if (stack.length >= maxStack) throw new ApiError("push_limit_reached");
  const id = newId("V");
  const previous = stack.at(-1);
  const externalId = stringAt(body, "external_id");
  const view: View = {
    id,
    userId,
    body,
    hash: newHash(),
    rootId: stack[0]?.id ?? id,
    ...(previous === undefined ? {} : { previousId: previous.id }),
    ...(externalId === undefined ? {} : { externalId }),
  };
  world.views.set(userId, [...stack, view]);
  return view;
}

/** Replaces an open view's content; `hash_conflict` when `hash` is given and the view has changed since. */
export function replaceView(view: View, body: JsonObject, hash: string | undefined): void {
  if (hash !== undefined && hash !== view.hash) throw new ApiError("hash_conflict");
  view.body = body;
  view.hash = newHash();
}

export function findView(world: World, match: (view: View) => boolean): View | undefined {
  return [...world.views.values()].flat().find(match);
}

export function newHash(): string {
  return `${Math.floor(Date.now() / 1000)}.${createHash("sha1").update(randomBytes(16)).digest("hex").slice(0, 8)}`;
}

/** A view in the shape of the Web API and of interaction payloads. */
export function viewJson(world: World, view: View, values: JsonObject = {}): JsonObject {
  return {
    private_metadata: "",
    callback_id: "",
    title: null,
    close: null,
    submit: null,
    clear_on_close: false,
    notify_on_close: false,
    ...view.body,
    id: view.id,
    team_id: world.team.id,
    app_id: world.app.id,
    bot_id: world.app.botId,
    app_installed_team_id: world.team.id,
    hash: view.hash,
    root_view_id: view.rootId,
    previous_view_id: view.previousId ?? null,
    external_id: view.externalId ?? "",
    state: { values },
  };
}
