import { type Connected, connectBare, connectBot } from "./bot-stage.ts";
import { median, percentile, type Row, time } from "./table.ts";

const atOnce = 200;
const limitMs = 150;
const clicks = 4;
const requester = "U0OLIVIA";

/** The real bot and a bare app, one after the other, in workspaces where nothing else happens. */
export async function click(): Promise<readonly Row[]> {
  const bare = await connectBare();
  const bareAcks = await acknowledged(bare, "help");
  const bareClicks = await bareClicked(bare);
  await bare.close();
  const bot = await connectBot();
  const helpAcks = await acknowledged(bot, "help");
  const planAcks = await acknowledged(bot, `plan ${bot.secret} bench`);
  await quiet(bot);
  const botClicks = await botClicked(bot);
  await bot.close();
  const note = `99th of 100 of ${String(atOnce)} commands sent in one instant, from the command to its acknowledgement, the sandbox's own time included; floor: an app that does nothing but acknowledge, in the same sandbox`;
  const ack = (what: string, acks: readonly number[]): Row => ({
    what: `slash acknowledgement p99, 200 at once (${what})`,
    measured: time(percentile(acks, 0.99)),
    floor: time(percentile(bareAcks, 0.99)),
    ratio: percentile(acks, 0.99) / percentile(bareAcks, 0.99),
    promise: `under ${String(limitMs)} ms`,
    kept: percentile(acks, 0.99) < limitMs,
    note,
  });
  return [
    ack("/rotate help", helpAcks),
    ack("/rotate plan, each with its live look", planAcks),
    {
      what: "click to first update of a message",
      measured: time(median(botClicks)),
      floor: time(median(bareClicks)),
      ratio: median(botClicks) / median(bareClicks),
      note: `median of ${String(clicks)} presses of Approve, from the press until the card or the thread shows it, with nothing else in the queue (${botClicks.map((ms) => time(ms)).join(", ")}); floor: an app that updates the message at once`,
    },
  ];
}

/** Milliseconds to each acknowledgement of as many commands at once. The first few, before, wake everything up. */
async function acknowledged({ workspace }: Connected, text: string): Promise<readonly number[]> {
  const one = async (): Promise<number> => {
    const began = performance.now();
    const { acked } = await workspace.act.slash({
      userId: requester,
      channelId: "C0SUPPORT",
      command: "/rotate",
      text,
    });
    return acked ? performance.now() - began : Number.POSITIVE_INFINITY;
  };
  for (let warm = 0; warm < 5; warm++) await one();
  return Promise.all(Array.from({ length: atOnce }, one));
}

/** Until the app has called nothing for a second and a half. */
async function quiet({ workspace }: Connected): Promise<void> {
  let seen = -1;
  while (seen !== workspace.inspect.apiCalls().length) {
    seen = workspace.inspect.apiCalls().length;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  }
}

async function botClicked(bot: Connected): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let round = 0; round < clicks; round++) {
    await type(bot, `${bot.secret} bench`);
    taken.push(await press(bot, "C0SECOPS", "U0ADA"));
    await type(bot, `cancel ${bot.secret} bench`);
    await quiet(bot);
  }
  return taken;
}

async function bareClicked(bare: Connected): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let round = 0; round < clicks; round++) {
    await type(bare, "post");
    taken.push(await press(bare, "C0SUPPORT", requester));
  }
  return taken;
}

async function type({ workspace }: Connected, text: string): Promise<void> {
  await workspace.act.slash({ userId: requester, channelId: "C0SUPPORT", command: "/rotate", text });
}

/** Presses Approve on the newest card that has it, after the thread's own budget has recovered. */
async function press({ workspace }: Connected, channelId: string, userId: string): Promise<number> {
  const { inspect, act } = workspace;
  const card = await inspect.waitFor(
    () => inspect.messages(channelId).findLast(({ blocks }) => JSON.stringify(blocks).includes('"approve"')),
    30_000,
    "a card with Approve appears",
  );
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  const updates = (): number => inspect.apiCalls().filter(({ method, ok }) => method === "chat.update" && ok).length;
  const before = updates();
  const began = performance.now();
  const shown = inspect.waitFor(() => updates() > before, 30_000, "a message is updated");
  await act.press({ userId, channelId, ts: card.ts, actionId: "approve" });
  await shown;
  return performance.now() - began;
}
