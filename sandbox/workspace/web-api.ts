import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { ApiError } from "./api-error.ts";
import { readBody, sendJson } from "./http.ts";
import { isObject, type JsonObject, parseJson } from "./json.ts";
import { type ApiContext, type Method, requireScope } from "./methods/method.ts";
import { methods } from "./methods/registry.ts";
import type { Tiers } from "./tiers.ts";
import type { ApiCall } from "./world.ts";

export interface Tokens {
  readonly botToken: string;
  readonly appToken: string;
}

/** Answers `/api/<method>`: authentication, faults, tiers, scopes, then the method. Records every call. */
export async function handleApi(
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  { context, tokens, tiers }: Api,
): Promise<void> {
  const args = argsOf(request, await readBody(request));
  const token = bearer(request) ?? z.string().safeParse(args["token"]).data;
  const { token: _token, ...visible } = args;
  const call: ApiCall = {
    method: name,
    args: token === undefined ? visible : { ...visible, token: masked(token) },
    at: new Date().toISOString(),
    ok: false,
  };
  context.world.calls.push(call);
  const { faultState } = context;
  if (faultState.isOut()) {
    call.error = "outage";
    request.socket.destroy();
    return;
  }
  const retryAfterSec = faultState.takeRateLimit(name) ?? overTier(name, args, tiers);
  if (retryAfterSec !== undefined) {
    call.error = "ratelimited";
    const headers = { "retry-after": String(retryAfterSec) };
    sendJson(response, 429, { ok: false, error: "ratelimited" }, headers);
    return context.world.changed();
  }
  const answer = answerOf(context, tokens, name, token, args);
  call.ok = answer["ok"] === true;
  if (typeof answer["error"] === "string") call.error = answer["error"];
  if (faultState.takeDroppedResponse(name)) request.socket.destroy();
  else sendJson(response, 200, answer, { "x-oauth-scopes": [...context.scopes].join(",") });
  context.world.changed();
}

export interface Api {
  readonly context: ApiContext;
  readonly tokens: Tokens;
  readonly tiers: Tiers;
}

function answerOf(
  context: ApiContext,
  tokens: Tokens,
  name: string,
  token: string | undefined,
  args: JsonObject,
): JsonObject {
  try {
    const method = methods.get(name);
    if (method === undefined) {
      process.stderr.write(`sandbox: the app called ${name}, which this workspace does not know\n`);
      throw new ApiError("unknown_method", { req_method: name });
    }
    authenticate(method, tokens, token);
    const [revoked] = context.world.revoked;
    if (method.token !== "app" && revoked !== undefined) throw new ApiError(revoked);
    requireScope(context, ...method.scopes);
    const failure = context.faultState.takeFailure(name);
    if (failure !== undefined) throw new ApiError(failure);
    return { ok: true, ...method.call(context, args) };
  } catch (error) {
    if (error instanceof ApiError) return { ok: false, error: error.code, ...error.details };
    throw error;
  }
}

function authenticate(method: Method, tokens: Tokens, token: string | undefined): void {
  if (token === undefined || token === "") throw new ApiError("not_authed");
  if (token !== tokens.botToken && token !== tokens.appToken) throw new ApiError("invalid_auth");
  const expected = method.token === "app" ? tokens.appToken : tokens.botToken;
  if (token !== expected) throw new ApiError("not_allowed_token_type");
}

function overTier(name: string, args: JsonObject, tiers: Tiers): number | undefined {
  const method = methods.get(name);
  if (method === undefined) return undefined;
  const posting = name === "chat.postMessage" && typeof args["channel"] === "string" ? args["channel"] : undefined;
  return tiers.count(name, method.tier, posting);
}

function argsOf(request: IncomingMessage, body: string): JsonObject {
  const query = new URL(request.url ?? "/", "http://localhost").searchParams;
  const args: JsonObject = Object.fromEntries(query);
  if ((request.headers["content-type"] ?? "").startsWith("application/json")) {
    const parsed = parseJson(body);
    return isObject(parsed) ? { ...args, ...parsed } : args;
  }
  return { ...args, ...Object.fromEntries(new URLSearchParams(body)) };
}

function bearer(request: IncomingMessage): string | undefined {
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
}

function masked(token: string): string {
  return `${token.slice(0, 5)}***`;
}
