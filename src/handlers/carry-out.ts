import type { Answer, Asker, Overview, RequestInput } from "../core/desk.ts";
import type { Rendered } from "../views/blocks.ts";
import { help } from "../views/help.ts";
import { openList, targetList } from "../views/list.ts";
import { say } from "../views/parts.ts";
import { previewAnswer } from "../views/preview.ts";
import { answer, refusalAnswer } from "../views/refusal.ts";
import { requestedAnswer } from "../views/requested.ts";
import { statusAnswer } from "../views/status.ts";
import type { HandlerDeps } from "./deps.ts";
import type { Asked, TypedVerb } from "./parse.ts";
import { chooseTarget } from "./target-words.ts";

/** Where something was asked. `threadTs`: in that thread. `postable`: looked up only when a request needs it. */
export type Source = {
  readonly asker: Asker;
  readonly channel: string;
  readonly threadTs: string | undefined;
  readonly postable: () => Promise<boolean>;
  readonly onceKey: string;
};

/** Does what was typed, by whichever way it came, and returns what only the person who typed it is shown. */
export async function carryOut(deps: HandlerDeps, asked: Asked, source: Source): Promise<Rendered> {
  switch (asked.kind) {
    case "help":
      return help();
    case "secret":
      deps.log.warn({ user: source.asker.id }, "a text that looks like a secret was refused unread");
      return secretRefusal();
    case "unclear":
      return refusalAnswer({
        code: "unclear",
        sentence: asked.sentence,
        hint: "`/rotate help` shows what can be typed",
        nearest: asked.nearest,
      });
    case "list":
      return targetList(await deps.desk.targets(), asked.environment);
    case "status":
      return status(deps, asked.what, source);
    case "press":
      return press(deps, asked, source);
    case "plan":
    case "rotate":
      return request(deps, asked, source);
  }
}

/** Says what to do, and repeats nothing. */
function secretRefusal(): Rendered {
  return answer([
    [{ text: "not read: this looks as if it held a secret. Nothing of it was kept or passed on." }],
    [
      { text: "Delete your message if others can see it. If the secret is real, it has leaked now: rotate it with " },
      { text: "/rotate SECRET ENVIRONMENT leaked", code: true },
    ],
    [{ text: "If it is none, say it without the long random word." }],
  ]);
}

async function request(
  deps: HandlerDeps,
  asked: Extract<Asked, { kind: "plan" | "rotate" }>,
  source: Source,
): Promise<Rendered> {
  const chosen = chooseTarget(await deps.desk.targets(), asked.words);
  if ("refusal" in chosen) {
    return refusalAnswer(chosen.refusal);
  }
  const { leaked, release, because, via } = asked;
  const wanted = { ...chosen.target, leaked, ...(release ? { release } : {}), ...(via === undefined ? {} : { via }) };
  return asked.kind === "plan"
    ? plan(deps, { ...wanted, asker: source.asker })
    : rotate(deps, { ...wanted, because }, source);
}

async function plan(deps: HandlerDeps, input: Parameters<HandlerDeps["desk"]["preview"]>[0]): Promise<Rendered> {
  const previewed = await deps.desk.preview(input);
  return previewed.kind === "refused" ? refusalAnswer(previewed.refusal) : previewAnswer(previewed.preview);
}

/** Makes the request, wherever it came from. */
export async function rotate(
  deps: HandlerDeps,
  wanted: Pick<RequestInput, "secret" | "environment" | "leaked" | "release" | "via" | "because">,
  source: Source,
): Promise<Rendered> {
  const postable = await source.postable();
  const origin = {
    channel: source.channel,
    postable,
    ...(source.threadTs === undefined ? {} : { threadTs: source.threadTs }),
  };
  const requested = await deps.desk.request({ ...wanted, asker: source.asker, origin, onceKey: source.onceKey });
  if (requested.kind === "requested") {
    return requestedAnswer(requested.rotationId, requested.preview, postable, wanted.because);
  }
  return requested.preview === undefined
    ? refusalAnswer(requested.refusal)
    : previewAnswer(requested.preview, requested.refusal);
}

async function status(deps: HandlerDeps, what: string | undefined, source: Source): Promise<Rendered> {
  if (what === undefined && source.threadTs === undefined) {
    return openList(await deps.desk.open());
  }
  const found = await meant(deps, what, source);
  return "refusal" in found ? found.refusal : statusAnswer(found.overview);
}

async function press(
  deps: HandlerDeps,
  { verb, what, ms, because }: Extract<Asked, { kind: "press" }>,
  source: Source,
): Promise<Rendered> {
  const found = await meant(deps, what, source);
  if ("refusal" in found) {
    return found.refusal;
  }
  const { id, plan: planned } = found.overview.rotation;
  const detail = detailOf(verb, ms ?? planned.graceMs, because);
  return answered(
    await deps.desk.press({ rotationId: id, asker: source.asker, verb, detail, onceKey: source.onceKey }),
  );
}

/** What a press carries: milliseconds for more grace, the person's words for a hold. */
export function detailOf(verb: TypedVerb, ms: number, because: string): string {
  return verb === "extend-grace" ? String(ms) : verb === "hold" ? because : "";
}

/** The desk's answer, for the person who pressed. */
export function answered(given: Answer): Rendered {
  return given.kind === "ok" ? answer([say(given.sentence)]) : refusalAnswer(given.refusal);
}

/** The rotation that was named, or the one open rotation of the thread. */
async function meant(
  deps: HandlerDeps,
  what: string | undefined,
  source: Source,
): Promise<{ overview: Overview } | { refusal: Rendered }> {
  const id = what ?? (await inThread(deps, source));
  const overview = id === undefined ? undefined : await deps.desk.find(id);
  if (overview !== undefined) {
    return { overview };
  }
  const sentence =
    what === undefined
      ? "say which rotation: this is not the thread of exactly one that is open"
      : "there is no such rotation, and no open one of such a target";
  return {
    refusal: refusalAnswer({ code: "unknown_rotation", sentence, hint: "`/rotate status` lists what is open" }),
  };
}

async function inThread(deps: HandlerDeps, { channel, threadTs }: Source): Promise<string | undefined> {
  const open = threadTs === undefined ? [] : await deps.desk.open();
  const threads = await Promise.all(open.map(async ({ id }) => ({ id, thread: await deps.threadOf(id) })));
  const here = threads.filter(({ thread }) => thread?.channel === channel && thread.ts === threadTs);
  return here.length === 1 ? here[0]?.id : undefined;
}
