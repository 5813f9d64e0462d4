import { GiveUp, TryLater } from "../../core/errors.ts";
import type { Context } from "../../core/ports.ts";
import type { Secret } from "../../core/secret.ts";
import { type Answer, ask, type Question } from "../../process/ask.ts";
import type { Pod, Pods } from "./pods.ts";

/** A request as the catalog has it. A body that is an object is sent as JSON. */
export type Asked = {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Whom the URL means, where it is a pod's. */
  readonly pod?: Pod | undefined;
};

/** Who asks: references are resolved at each request afresh. `pods`: where probes may go to pods. */
export type Asker = {
  readonly resolve: Context["resolve"];
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly pods?: Pods;
};

/** Nobody answered; `sentence` names the host only. */
export type Silence = { readonly silence: string; readonly sentence: string };

/**
 * Sends one request with `{{name}}` filled in out of `words` and references resolved, to the configured host only: a redirect
 * is an answer. No answer is a value. Throws what resolving throws, and the signal's reason.
 */
export async function request(
  asked: Asked,
  words: Readonly<Record<string, Secret>>,
  { resolve, signal, timeoutMs, pods }: Asker,
): Promise<Answer | Silence> {
  const fill = async (text: string): Promise<string> =>
    /^(?:env|file):/.test(text) ? (await resolve(text)).reveal() : filled(text, words);
  const json = typeof asked.body === "object" ? [["content-type", "application/json"] as const] : [];
  const headers = Object.entries(asked.headers).map(
    async ([name, text]) => [name.toLowerCase(), await fill(text)] as const,
  );
  const sent = {
    url: asked.url,
    method: asked.method,
    headers: Object.fromEntries([...json, ...(await Promise.all(headers))]),
    body: await bodyOf(asked.body, fill),
    timeoutMs,
  };
  try {
    return await (asked.pod === undefined ? ask(sent, signal) : askPod(asked.pod, sent, pods));
  } catch (error) {
    if (error instanceof TryLater || isGone(error)) return { silence: error.code, sentence: error.message };
    throw error;
  }
}

async function askPod(pod: Pod, question: Question, pods: Pods | undefined): Promise<Answer> {
  if (pods === undefined) throw new GiveUp("kubernetes_config", "this kind of target asks no pods");
  return await pods.ask(pod, question);
}

/** A pod may end between the list and the question: that is no verdict, and no mistake either. */
function isGone(error: unknown): error is GiveUp {
  return error instanceof GiveUp && error.code === "kubernetes_not_found";
}

type Fill = (text: string) => Promise<string>;

async function bodyOf(body: unknown, fill: Fill): Promise<string | undefined> {
  if (body === undefined || typeof body === "string") return body === undefined ? undefined : await fill(body);
  return JSON.stringify(await filledLeaves(body, fill));
}

async function filledLeaves(value: unknown, fill: Fill): Promise<unknown> {
  if (typeof value === "string") return await fill(value);
  if (Array.isArray(value)) return await Promise.all(value.map((item: unknown) => filledLeaves(item, fill)));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(async ([name, item]) => [name, await filledLeaves(item, fill)] as const);
  return Object.fromEntries(await Promise.all(members));
}

function filled(text: string, words: Readonly<Record<string, Secret>>): string {
  return Object.entries(words).reduce(
    (done, [name, word]) => done.replaceAll(`{{${name}}}`, () => word.reveal()),
    text,
  );
}
