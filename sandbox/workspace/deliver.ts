import { randomUUID } from "node:crypto";
import type { FaultState } from "./faults.ts";
import { postSigned } from "./http-delivery.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Timing, WorkspaceOptions } from "./options.ts";
import type { Sockets } from "./sockets.ts";

export interface Envelope {
  readonly type: "slash_commands" | "interactive" | "events_api";
  readonly payload: JsonObject;
}

export interface Retry {
  readonly attempt: number;
  readonly reason: string;
}

/** What became of a delivery. `timeout`: sent, or lost, and not acknowledged in time. `unreachable`: nobody to send to. */
export type Ack =
  | { readonly acked: true; readonly body: Json | undefined }
  | { readonly acked: false; readonly reason: "timeout" | "unreachable" };

export interface Delivery {
  /** A command or an interaction: delivered once, never retried. */
  interaction(envelope: Envelope): Promise<Ack>;
  /** An event: retried at once, after 1 min and after 5 min until acknowledged. Resolves with the first attempt. */
  event(payload: JsonObject): Promise<Ack>;
  close(): void;
}

/** Brings payloads to the app: over one of its sockets, or as signed HTTP requests. */
export function createDelivery(
  sockets: Sockets,
  faultState: FaultState,
  timing: Timing,
  http: { readonly deliverTo: WorkspaceOptions["deliverTo"]; readonly signingSecret: string },
): Delivery {
  const timers = new Set<NodeJS.Timeout>();
  let closed = false;

  const overSocket = (envelope: Envelope, retry: Retry | undefined, copies: number): Promise<Ack> =>
    new Promise((resolve) => {
      const frame: JsonObject = {
        envelope_id: randomUUID(),
        type: envelope.type,
        payload: envelope.payload,
        accepts_response_payload: envelope.type !== "events_api",
        ...(retry === undefined ? {} : { retry_attempt: retry.attempt, retry_reason: retry.reason }),
      };
      const timer = setTimeout(() => resolve({ acked: false, reason: "timeout" }), timing.ackMs);
      timers.add(timer);
      const settle = (ack: Ack) => {
        clearTimeout(timer);
        timers.delete(timer);
        resolve(ack);
      };
      for (let copy = 0; copy < copies; copy += 1) {
        const sent = sockets.send(frame, (body) => settle({ acked: true, body }));
        if (!sent) settle({ acked: false, reason: "unreachable" });
      }
    });

  const overHttp = async (url: string, envelope: Envelope, retry: Retry | undefined, copies: number): Promise<Ack> => {
    const once = () => postSigned(url, http.signingSecret, envelope, retry, timing.ackMs);
    const [answer] = await Promise.all(Array.from({ length: copies }, once));
    if (answer === undefined || typeof answer === "string") return { acked: false, reason: answer ?? "unreachable" };
    return answer.status === 200 ? { acked: true, body: answer.body } : { acked: false, reason: "unreachable" };
  };

  const attempt = (envelope: Envelope, retry?: Retry): Promise<Ack> => {
    if (faultState.takeDroppedDelivery()) return later(timing.ackMs, timers);
    const copies = faultState.isDuplicating() ? 2 : 1;
    const { deliverTo } = http;
    if (deliverTo === undefined) return overSocket(envelope, retry, copies);
    return overHttp(typeof deliverTo === "string" ? deliverTo : deliverTo(), envelope, retry, copies);
  };

  const retryEvent = async (envelope: Envelope, index: number, reason: string): Promise<void> => {
    const pauseMs = timing.eventRetriesMs[index];
    if (pauseMs === undefined || closed) return;
    await pause(pauseMs, timers);
    if (closed) return;
    const ack = await attempt(envelope, { attempt: index + 1, reason });
    if (!ack.acked) await retryEvent(envelope, index + 1, retryReason(ack.reason));
  };

  return {
    interaction: (envelope) => attempt(envelope),
    async event(payload) {
      const envelope: Envelope = { type: "events_api", payload };
      const ack = await attempt(envelope);
      if (!ack.acked) void retryEvent(envelope, 0, retryReason(ack.reason));
      return ack;
    },
    close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function retryReason(reason: "timeout" | "unreachable"): string {
  return reason === "timeout" ? "timeout" : "http_error";
}

async function later(ms: number, timers: Set<NodeJS.Timeout>): Promise<Ack> {
  await pause(ms, timers);
  return { acked: false, reason: "timeout" };
}

function pause(ms: number, timers: Set<NodeJS.Timeout>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      resolve();
    }, ms);
    timers.add(timer);
  });
}
