import { randomBytes } from "node:crypto";
import type { DeskDeps } from "../../src/core/desk/deps.ts";
import { openDesk } from "../../src/core/desk/open-desk.ts";
import { advance } from "../../src/core/engine.ts";
import type { StoredEvent } from "../../src/core/events.ts";
import type { OverrideVerb } from "../../src/core/overrides.ts";
import type { PressVerb } from "../../src/core/presses.ts";
import type { Rotation } from "../../src/core/rotation.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { type LightShop, type LightShopOptions, openLightShop } from "./light-shop.ts";
import { openStage, type Stage } from "./stage.ts";

export const olivia = { kind: "slack", id: "U-olivia", team: "T1" } as const;
export const lin = { kind: "slack", id: "U-lin", team: "T1" } as const;
export const ada = { kind: "slack", id: "U-ada", team: "T1" } as const;

type Told = Partial<Pick<DeskDeps, "directory" | "log" | "state">>;
type Driving = Told & {
  /** Stops when it says so; looked at after each turn of the engine. */
  readonly until?: (rotation: Rotation) => boolean;
  /** Hands over as soon as this step is done, before the next begins. */
  readonly after?: string;
  /** What happens in the world between two turns. */
  readonly between?: (rotation: Rotation) => Promise<void> | void;
  /** false: Slack does not accept the notice. */
  readonly notices?: boolean;
};

export type Story = LightShop &
  Pick<Stage, "desk" | "deps" | "state" | "rotation"> & {
    readonly database: FreshDatabase;
    readonly request: (leaked?: boolean) => Promise<string>;
    /** Turns the engine until the rotation ends, waits for a person, or `until` says so. */
    readonly drive: (id: string, driving?: Driving) => Promise<Rotation>;
    readonly press: (id: string, verb: PressVerb, detail?: string) => Promise<string>;
    /** Votes of Ada and Lin for an override, on the evidence as it stands. */
    readonly agree: (id: string, verb: OverrideVerb) => Promise<void>;
    readonly events: (id: string) => Promise<readonly StoredEvent["event"][]>;
    /** Every sentence that the thread shows as a reply of its own. */
    readonly loud: (id: string) => Promise<readonly string[]>;
    readonly end: () => Promise<void>;
  };

const longestMs = 170_000;

/** A whole Keyturn without Slack over a small application on a real server. The caller ends it. */
export async function tell(options: LightShopOptions): Promise<Story> {
  const database = await freshDatabase();
  const shop = await openLightShop(options);
  const stage = await openStage({ databaseUrl: database.url, ...shop, programs: ["/usr/bin"] });
  const events: Story["events"] = async (id) => (await stage.state.load(id)).map(({ event }) => event);
  return {
    ...shop,
    database,
    desk: stage.desk,
    deps: stage.deps,
    state: stage.state,
    rotation: stage.rotation,
    request: (leaked = false) => stage.approved({ leaked }),
    drive: (id, driving = {}) => drive(stage, id, driving),
    press: async (id, verb, detail = "") => {
      const onceKey = randomBytes(6).toString("hex");
      const answer = await stage.desk.press({ rotationId: id, asker: ada, verb, detail, onceKey });
      return answer.kind === "ok" ? "ok" : answer.refusal.code;
    },
    agree: async (id, verb) => {
      const desk = openDesk(stage.deps);
      for (const asker of [ada, lin]) {
        const answer = await desk.override({ rotationId: id, asker, verb, digest: undefined });
        if (answer.kind === "refused") throw new Error(JSON.stringify(answer.refusal));
      }
    },
    events,
    loud: async (id) =>
      (await events(id)).flatMap((event) => (event.type === "noted" && event.loud ? [event.sentence] : [])),
    end: async () => {
      await stage.close();
      await shop.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function drive(
  stage: Stage,
  id: string,
  { until, after, between, notices = true, ...told }: Driving,
): Promise<Rotation> {
  const giveUpAt = performance.now() + longestMs;
  while (performance.now() < giveUpAt) {
    const handOver = new AbortController();
    const state = stoppingAfter(told.state ?? stage.state, after, handOver);
    const advanced = await advance({ ...stage.deps, ...told, state }, id, handOver.signal);
    const rotation = await stage.rotation(id);
    if (notices && rotation.graceUntil !== undefined) await stage.state.notices.accept(id, "retire");
    if (notices && rotation.steps["announce"] !== undefined) await stage.state.notices.accept(id, "cut");
    await between?.(rotation);
    if (advanced.kind !== "again" || until?.(rotation) === true || handOver.signal.aborted) return rotation;
    await new Promise((resolve) => setTimeout(resolve, Math.min(advanced.afterMs, 200)));
  }
  throw new Error(`it does not come to an end: ${report(await stage.rotation(id))}`);
}

function stoppingAfter(
  state: DeskDeps["state"],
  step: string | undefined,
  handOver: AbortController,
): DeskDeps["state"] {
  return {
    ...state,
    append: async (lease, expectedSeq, append) => {
      const appended = await state.append(lease, expectedSeq, append);
      if (append.events.some((event) => event.type === "step_done" && event.step === step)) handOver.abort();
      return appended;
    },
  };
}

/** What to print when an expectation fails. */
export function report(rotation: Rotation): string {
  const steps = Object.entries(rotation.steps).map(([id, { status, reason, notes }]) => [
    id,
    status,
    reason,
    Object.values(notes).map(({ sentence }) => sentence),
  ]);
  return JSON.stringify([rotation.block, rotation.turnedBack, steps.slice(-3)]);
}
