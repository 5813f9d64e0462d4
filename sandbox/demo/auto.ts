import { z } from "zod";
import type { Part } from "./part.ts";
import type { Stage } from "./stage.ts";
import { printThread } from "./thread-text.ts";

const Status = z.object({
  status: z.string(),
  steps: z.array(z.object({ id: z.string(), status: z.string(), ms: z.number() })),
});

/** The last line of an unattended run. */
export type Result = {
  readonly target: string;
  readonly status: string;
  readonly logins: number;
  readonly refusedLogins: number;
  readonly steps: readonly { readonly id: string; readonly status: string; readonly ms: number }[];
  readonly oldRefused: boolean;
  readonly newAccepted: boolean;
};

const people = { requester: "U0OLIVIA", approvers: ["U0ADA", "U0LIN"] };
const channels = { request: "C0SUPPORT", approval: "C0SECOPS" };

/** Asks for the rotation as Olivia, approves it as Ada and Lin, waits for its end, and looks for itself whether it is proved. */
export async function runAlone(stage: Stage, part: Part): Promise<Result> {
  const { workspace } = stage;
  await workspace.inspect.waitFor(() => workspace.inspect.connections() > 0, 60_000, "the bot connects");
  await workspace.act.slash({
    userId: people.requester,
    channelId: channels.request,
    command: "/rotate",
    text: `${part.secret} ${part.environment} because it is time`,
  });
  const card = await workspace.inspect.waitFor(
    () => workspace.inspect.messages(channels.approval).find((message) => buttonIn(message, "approve") !== undefined),
    60_000,
    "the approval card appears",
  );
  const rotationId = Button.parse(JSON.parse(buttonIn(card, "approve") ?? "{}")).id;
  for (const userId of people.approvers) {
    await workspace.act.press({ userId, channelId: channels.approval, ts: card.ts, actionId: "approve" });
  }
  const root = await workspace.inspect.waitFor(
    () => workspace.inspect.messages(channels.request).find(({ text }) => text.includes(rotationId)),
    60_000,
    "the thread exists",
  );
  let status = await statusOf(stage, rotationId);
  const until = Date.now() + 300_000;
  while (!ended.has(status.status) && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    status = await statusOf(stage, rotationId);
  }
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  printThread(workspace.inspect.thread(channels.request, root.ts));
  const { logins, refused } = await part.totals();
  const proved = await part.trial();
  return { target: part.name, status: status.status, logins, refusedLogins: refused, steps: status.steps, ...proved };
}

/** The same change the naive way: the password in place, then the file, then the restarts. Somebody is refused in between. */
export async function runCut(part: Part): Promise<Result> {
  if (part.cut === undefined) throw new Error(`the demo has no naive way for ${part.name}`);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const steps: { id: string; status: string; ms: number }[] = [];
  for (const { name, work } of part.cut) {
    await timed(steps, name, work);
  }
  const { logins, refused } = await part.totals();
  return { target: part.name, status: "cut", logins, refusedLogins: refused, steps, ...(await part.trial()) };
}

const ended = new Set(["done", "rolled_back", "cancelled", "closed", "blocked"]);
const Button = z.object({ id: z.string() });

async function statusOf({ bot }: Stage, rotationId: string) {
  return Status.parse(await bot.status(rotationId));
}

async function timed(
  steps: { id: string; status: string; ms: number }[],
  id: string,
  work: () => Promise<void>,
): Promise<void> {
  const began = Date.now();
  await work();
  steps.push({ id, status: "done", ms: Date.now() - began });
}

const Blocks = z.array(z.object({ elements: z.array(z.unknown()).optional() }).loose());
const Element = z.object({ action_id: z.string(), value: z.string().optional() }).loose();

/** The value of a message's button, if it has one with this action. */
function buttonIn(message: { readonly blocks?: unknown }, actionId: string): string | undefined {
  const blocks = Blocks.safeParse(message.blocks);
  const elements = blocks.success ? blocks.data.flatMap(({ elements: inside = [] }) => inside) : [];
  return elements.flatMap((element) => {
    const button = Element.safeParse(element);
    return button.success && button.data.action_id === actionId ? [button.data.value ?? ""] : [];
  })[0];
}
