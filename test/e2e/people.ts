import { z } from "zod";
import type { Workspace } from "../../sandbox/workspace/server.ts";
import type { Message } from "../../sandbox/workspace/world.ts";
import { Event } from "../../src/core/events.ts";
import { eventually } from "./eventually.ts";
import type { Stage } from "./stage.ts";

export const support = "C0SUPPORT";
export const secops = "C0SECOPS";
/** Longer than anything here takes on a machine that has much else to do. */
export const patienceMs = 90_000;

/** Types a command and resolves with the first private answer that is not the acknowledgement. */
export async function type(stage: Stage, text: string, userId = "U0OLIVIA", channelId = support): Promise<string> {
  return answered(stage, userId, () =>
    stage.workspace.act.slash({ userId, channelId, command: "/rotate", text }).then(() => undefined),
  );
}

/** Does something and resolves with what only this person is told about it. */
export async function answered(stage: Stage, userId: string, act: () => Promise<unknown>): Promise<string> {
  const { inspect } = stage.workspace;
  const before = inspect.ephemerals(userId).length;
  await act();
  const message = await inspect.waitFor(
    () =>
      inspect
        .ephemerals(userId)
        .slice(before)
        .find(({ text }) => text !== looking),
    patienceMs,
    `an answer for ${userId}`,
  );
  return message.text;
}

/** Asks for the rotation; resolves with its id when the card is there. */
export async function request(stage: Stage, text: string, userId = "U0OLIVIA", channelId = support): Promise<string> {
  const answer = await type(stage, text, userId, channelId);
  const id = /rotation `?(r[0-9a-f]{10})/.exec(answer)?.[1];
  if (id === undefined) {
    throw new Error(`not asked for: ${answer}`);
  }
  await cardOf(stage, id);
  return id;
}

/** The approval card of a rotation, as soon as it is posted. */
export function cardOf({ workspace }: Stage, id: string): Promise<Message> {
  return workspace.inspect.waitFor(
    () => about(workspace, secops, id).find(({ text }) => text.startsWith("Approve:")),
    patienceMs,
    "the card",
  );
}

/** The message that the thread of a rotation hangs on. */
export function rootOf({ workspace }: Stage, id: string, channel = support): Promise<Message> {
  return workspace.inspect.waitFor(
    () =>
      about(workspace, channel, id).find(({ text }) => !text.startsWith("Approve:") && text.includes("asked for by")),
    patienceMs,
    "the thread",
  );
}

/** Replies of the app below a root, in order. */
export function replies({ workspace }: Stage, { channelId, ts }: Message): readonly string[] {
  return workspace.inspect
    .thread(channelId, ts)
    .slice(1)
    .filter(({ botId }) => botId !== undefined)
    .map(({ text }) => text);
}

/** Presses a button of a message; resolves with the private answer. */
export async function press(stage: Stage, userId: string, on: Message, actionId: string): Promise<string> {
  await stage.workspace.inspect.waitFor(
    () => buttonsOf(on).includes(actionId),
    patienceMs,
    `a button ${actionId} beside ${buttonsOf(on).join(", ")}`,
  );
  const { channelId, ts } = on;
  return answered(stage, userId, () => stage.workspace.act.press({ userId, channelId, ts, actionId }));
}

/** Ada and Lin approve. */
export async function approve(stage: Stage, id: string): Promise<void> {
  const card = await cardOf(stage, id);
  await press(stage, "U0ADA", card, "approve");
  await press(stage, "U0LIN", card, "approve");
}

const Elements = z.array(
  z.looseObject({ elements: z.array(z.looseObject({ action_id: z.string().optional() })).optional() }),
);

/** Action ids of the buttons on a message. */
export function buttonsOf({ blocks }: Pick<Message, "blocks">): readonly string[] {
  return Elements.parse(blocks).flatMap(({ elements = [] }) => elements.flatMap(({ action_id }) => action_id ?? []));
}

/** The journal of a rotation. */
export async function journal(stage: Stage, id: string): Promise<readonly Event[]> {
  const rows = await stage.database.query("SELECT event FROM keyturn.events WHERE rotation_id = $1 ORDER BY seq", [id]);
  return rows.map(({ event }) => Event.parse(JSON.parse(String(event))));
}

/** Waits until the journal has an event of this kind (and, for a step, of this step). */
export async function happened(stage: Stage, id: string, type: Event["type"], step?: string): Promise<Event> {
  return eventually(
    async () =>
      (await journal(stage, id)).find(
        (event) => event.type === type && (step === undefined || ("step" in event && event.step === step)),
      ),
    patienceMs,
    () => `${type} ${step ?? ""}; log: ${stage.log().slice(-1_500)}`,
  );
}

/** Waits for the end; resolves with its status. */
export async function ended(stage: Stage, id: string): Promise<string> {
  const event = await happened(stage, id, "ended");
  return event.type === "ended" ? event.status : "";
}

/** Waits until the thread has told the end, and resolves with all of it. */
export async function toldToTheEnd(stage: Stage, root: Message): Promise<readonly string[]> {
  await stage.workspace.inspect.waitFor(
    () => replies(stage, root).some((text) => text.includes("audit head")),
    patienceMs,
    `the end of the thread; so far: ${replies(stage, root).join(" | ")}`,
  );
  return replies(stage, root);
}

const looking = "Looking first; this only reads.";

function about(workspace: Workspace, channel: string, id: string): readonly Message[] {
  return workspace.inspect.messages(channel).filter(({ botId, text }) => botId !== undefined && text.includes(id));
}
