import type { Resolved } from "../core/desk/deps.ts";
import { TryLater } from "../core/errors.ts";
import type { State } from "../core/state.ts";
import type { Changes } from "../handlers/deps.ts";
import type { Log } from "../state/log.ts";
import type { SlackDirectory } from "./directory.ts";

type ChangesDeps = {
  readonly directory: Pick<SlackDirectory, "forget">;
  readonly resolved: () => Resolved;
  readonly state: Pick<State, "list" | "audit">;
  /** Brings the messages of a rotation up to date, here and now. `again`: somebody else is at it. */
  readonly project: (rotationId: string) => Promise<{ readonly again?: number }>;
  /** The same later, by whoever comes first. */
  readonly show: (rotationId: string) => Promise<void>;
  readonly log: Log;
};

/** What this process does about changes in the workspace. `cutOff` is the reason why Slack does not listen to us any more. */
export function takeUpChanges(deps: ChangesDeps): Changes & { readonly cutOffBecause: () => string | undefined } {
  let cutOff: string | undefined;
  async function alarm(fields: Readonly<Record<string, string>>, sentence: string): Promise<void> {
    deps.log.error(fields, sentence);
    const actor = { kind: "engine", id: "keyturn" } as const;
    const detail = [sentence, ...Object.values(fields)].join(" ");
    await deps.state.audit({ actor, verb: "alarm", rotationId: undefined, detail });
  }
  return {
    people: async (who) => {
      if (deps.directory.forget(who)) {
        await showPending(deps);
      }
    },
    shared: async (channel) => {
      const { policies } = deps.resolved();
      const named = Object.values(policies).filter((policy) => policy.channel.id === channel);
      if (named.length > 0) {
        const names = named.map(({ name }) => name).join(", ");
        await alarm(
          { channel, policies: names },
          "a policy's channel is shared with another company; no card goes there",
        );
      }
    },
    cutOff: async (sentence) => {
      cutOff = sentence;
      await alarm({}, sentence);
    },
    cutOffBecause: () => cutOff,
  };
}

/** In this process, which has just dropped what it knew: another one may show what it heard up to a minute ago. */
async function showPending({ state, project, show }: ChangesDeps): Promise<void> {
  for (const { id, status } of await state.list({ open: true })) {
    if (status !== "pending") {
      continue;
    }
    const { again } = await project(id).catch((error: unknown) => {
      if (error instanceof TryLater) {
        return { again: error.afterMs ?? 0 };
      }
      throw error;
    });
    if (again !== undefined) {
      await show(id);
    }
  }
}
