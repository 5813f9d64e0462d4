import type { WorkspaceOptions } from "../../sandbox/workspace/options.ts";
import type { Workspace } from "../../sandbox/workspace/server.ts";
import type { Message } from "../../sandbox/workspace/world.ts";
import type { HandlerDeps } from "../../src/handlers/deps.ts";
import { registerHandlers } from "../../src/handlers/index.ts";
import type { Rendered } from "../../src/views/blocks.ts";
import { type BoltApp, startPair } from "../sandbox/app.ts";
import { type FakeDesk, fakeDesk, noChanges } from "./fake-desk.ts";

export const support = "C0SUPPORT";
export const secops = "C0SECOPS";

export type Stage = AsyncDisposable & {
  readonly workspace: Workspace;
  readonly app: BoltApp;
  readonly desk: FakeDesk;
  readonly log: readonly { readonly fields: object; readonly message: string }[];
  readonly post: (channel: string, rendered: Rendered, threadTs?: string) => Promise<string>;
  readonly whispered: (userId: string, part: string) => Promise<Message>;
};

/** A workspace, a real Bolt app with all handlers, and a desk that only remembers. */
export async function openStage(
  options: Partial<WorkspaceOptions> & { readonly desk?: FakeDesk; readonly threadOf?: HandlerDeps["threadOf"] } = {},
): Promise<Stage> {
  const { desk = fakeDesk(), threadOf = async () => undefined, ...rest } = options;
  const seen = new Set<string>();
  const lines: { fields: object; message: string }[] = [];
  const note = (fields: object, message: string) => void lines.push({ fields, message });
  const firstTime = async (key: string) => {
    const first = !seen.has(key);
    seen.add(key);
    return first;
  };
  const pair = await startPair(
    (app) =>
      registerHandlers(app, {
        desk,
        firstTime,
        team: "T0SANDBOX",
        threadOf,
        changes: noChanges,
        log: { info: note, warn: note },
      }),
    rest,
  );
  const { workspace, app } = pair;
  return {
    workspace,
    app,
    desk,
    log: lines,
    post: async (channel, { text, blocks }, threadTs) => {
      const posted = await app.client.chat.postMessage({
        channel,
        text,
        blocks,
        ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
      });
      return posted.ts ?? "";
    },
    whispered: (userId, part) =>
      workspace.inspect.waitFor(
        () => workspace.inspect.ephemerals(userId).find(({ text }) => text.includes(part)),
        5_000,
        `a whisper with "${part}"`,
      ),
    [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose](),
  };
}
