import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { answerMessage, storeAnswer } from "./act/answer.ts";
import { ApiError } from "./api-error.ts";
import type { FaultState } from "./faults.ts";
import { readBody, sendText } from "./http.ts";
import { at, isObject, type Json, parseJson } from "./json.ts";
import type { Timing } from "./options.ts";
import { findMessage, type Hook, type World } from "./world.ts";

const maxUses = 5;

/** Makes a response_url: usable 5 times within 30 minutes. */
export function newHook(world: World, url: string, hook: Omit<Hook, "bornMs" | "uses">): string {
  const id = randomBytes(18).toString("base64url");
  world.hooks.set(id, { ...hook, bornMs: Date.now(), uses: 0 });
  return `${url}/hook/${id}`;
}

/** Answers a use of a response_url: 200 `ok`, or 404/400 with the reason as text. */
export async function handleHook(
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
  { world, faultState, timing }: { world: World; faultState: FaultState; timing: Timing },
): Promise<void> {
  const body = parseJson(await readBody(request));
  const call = { method: "response_url", args: isObject(body) ? body : {}, at: new Date().toISOString(), ok: false };
  world.calls.push(call);
  if (faultState.isOut()) {
    request.socket.destroy();
    return;
  }
  const hook = world.hooks.get(id);
  if (hook === undefined) return sendText(response, 404, "no_such_url");
  if (Date.now() - hook.bornMs > timing.responseUrlMs) return sendText(response, 404, "expired_url");
  if (hook.uses >= maxUses) return sendText(response, 404, "used_url");
  if (!isObject(body)) return sendText(response, 400, "invalid_payload");
  try {
    respond(world, faultState, hook, body);
    hook.uses += 1;
    call.ok = true;
    sendText(response, 200, "ok");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    sendText(response, 400, error.code);
  }
  world.changed();
}

function respond(world: World, faultState: FaultState, hook: Hook, body: Json): void {
  const original =
    hook.originalTs === undefined
      ? undefined
      : (world.ephemerals.find((m) => m.ts === hook.originalTs) ?? findMessage(world, hook.channelId, hook.originalTs));
  if (at(body, "delete_original") === true) {
    if (original === undefined) throw new ApiError("message_not_found");
    const list = original.ephemeralTo === undefined ? world.messages : world.ephemerals;
    list.splice(list.indexOf(original), 1);
    return;
  }
  const answer = answerMessage(world, faultState, hook, body);
  if (at(body, "replace_original") === true && original !== undefined) {
    original.text = answer.text;
    original.blocks = answer.blocks;
    original.editedAt = answer.ts;
    return;
  }
  storeAnswer(world, answer);
}
