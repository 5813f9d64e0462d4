import { createHmac } from "node:crypto";
import type { Envelope, Retry } from "./deliver.ts";
import { type Json, type JsonObject, parseJson, plain } from "./json.ts";

/** The answer of the app's HTTP endpoint. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Json | undefined;
}

/**
 * Posts one delivery to the app's request URL, signed with the v0 scheme (docs.slack.dev, verifying requests).
 * Resolves with the answer, or with why there is none.
 */
export async function postSigned(
  url: string,
  signingSecret: string,
  envelope: Envelope,
  retry: Retry | undefined,
  timeoutMs: number,
): Promise<HttpAnswer | "timeout" | "unreachable"> {
  const { body, contentType } = encode(envelope);
  const timestamp = Math.floor(Date.now() / 1000).toString();
  const headers: Record<string, string> = {
    "content-type": contentType,
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": signature(signingSecret, timestamp, body),
  };
  if (retry !== undefined) {
    headers["x-slack-retry-num"] = String(retry.attempt);
    headers["x-slack-retry-reason"] = retry.reason;
  }
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(timeoutMs) });
    const text = await response.text();
    return {
      status: response.status,
      body: text.length === 0 ? undefined : (parseJson(text) ?? text),
    };
  } catch (error) {
    return error instanceof Error && error.name === "TimeoutError" ? "timeout" : "unreachable";
  }
}

/** `v0=` and the HMAC-SHA256 of `v0:timestamp:body`. */
export function signature(signingSecret: string, timestamp: string, body: string): string {
  return `v0=${createHmac("sha256", signingSecret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
}

function encode({ type, payload }: Envelope): { body: string; contentType: string } {
  const form = "application/x-www-form-urlencoded";
  if (type === "slash_commands") return { body: flatForm(payload), contentType: form };
  if (type === "interactive") {
    return { body: new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), contentType: form };
  }
  return { body: JSON.stringify(payload), contentType: "application/json" };
}

function flatForm(payload: JsonObject): string {
  const form = new URLSearchParams();
  for (const [key, value] of Object.entries(payload)) form.set(key, plain(value));
  return form.toString();
}
