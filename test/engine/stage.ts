import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { performance } from "node:perf_hooks";
import { loadCatalog } from "../../src/catalog/load.ts";
import { checks } from "../../src/checks/index.ts";
import { connections } from "../../src/connections/index.ts";
import { consumers } from "../../src/consumers/index.ts";
import type { DeskDeps, Resolved } from "../../src/core/desk/deps.ts";
import { openDesk } from "../../src/core/desk/open-desk.ts";
import { stillPlanned } from "../../src/core/desk/still-planned.ts";
import { advance } from "../../src/core/engine.ts";
import type { Kinds } from "../../src/core/kinds.ts";
import type { PinnedGroup, PinnedPolicy } from "../../src/core/plan.ts";
import { foldRotation, type Rotation } from "../../src/core/rotation.ts";
import { Secret } from "../../src/core/secret.ts";
import { runner } from "../../src/process/run.ts";
import { rotators } from "../../src/rotators/index.ts";
import { type OpenState, openState } from "../../src/state/open-state.ts";
import { stores } from "../../src/stores/index.ts";

/** People of the stage, by group. */
export const people: Readonly<Record<string, readonly string[]>> = {
  "@oncall": ["U-olivia", "U-lin"],
  "@security": ["U-ada", "U-grace"],
  "@leads": ["U-lea"],
};

const olivia = { kind: "slack", id: "U-olivia", team: "T1" } as const;

type Wanted = { readonly leaked?: boolean; readonly release?: boolean; readonly secret?: string };

export type Stage = {
  readonly state: OpenState;
  readonly deps: DeskDeps;
  readonly desk: ReturnType<typeof openDesk>;
  /** Advances until the rotation ends, waits for a person, or `until` says so. Notices count as accepted at once. */
  readonly drive: (
    rotationId: string,
    until?: (rotation: Rotation) => boolean,
    stopAfter?: string,
  ) => Promise<Rotation>;
  readonly rotation: (rotationId: string) => Promise<Rotation>;
  /** Requests; nobody has voted. */
  readonly requested: (input?: Wanted) => Promise<string>;
  /** Requests, and lets Ada and Lin approve. */
  readonly approved: (input?: Wanted) => Promise<string>;
  /** Puts another catalog in the place of the first, as a reload does. */
  readonly reload: (catalog: string) => void;
  readonly close: () => Promise<void>;
};

/** Puts a whole Keyturn without Slack on the stage: real state, real adapters, groups as they are listed in `people`. */
export async function openStage(options: {
  readonly databaseUrl: string;
  /** Where files may lie that Keyturn reads and writes. The caller makes and removes it. */
  readonly folder: string;
  readonly catalog: string;
  readonly references: Readonly<Record<string, string>>;
  readonly kinds?: (kinds: Kinds) => Kinds;
  /** 32 bytes in base64, where several processes share the state. Default: one of its own. */
  readonly sealKey?: string;
  /** Further folders of programs that the catalog names. */
  readonly programs?: readonly string[];
  /** Where the page for handing in is said to be. */
  readonly pageUrl?: string;
  readonly leaseMs?: number;
  readonly wake?: (rotationId: string) => Promise<void>;
}): Promise<Stage> {
  const { folder } = options;
  const commands = runner(["/bin", dirname(process.execPath), ...(options.programs ?? [])]);
  const settings = { runner: commands, logFolders: [folder] };
  const base: Kinds = {
    connections,
    rotators: rotators({ now: () => new Date() }),
    stores: stores({ allowedRoots: [folder] }),
    consumers: consumers(settings),
    checks: checks(settings),
  };
  const kinds = options.kinds?.(base) ?? base;
  let resolved = resolvedOf(options.catalog, kinds);
  const sealKeys = { current: "k1", keys: { k1: new Secret(options.sealKey ?? randomBytes(32).toString("base64")) } };
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const state = await openState({ connection: { connectionString: options.databaseUrl }, sealKeys, log });
  const deps: DeskDeps = {
    state,
    kinds,
    directory: { members: ({ label }) => Promise.resolve(people[label] ?? []) },
    catalogStill: (plan) => stillPlanned({ kinds, catalog: () => resolved }, plan),
    resolve: (reference) => Promise.resolve(new Secret(options.references[reference.replace(/^env:/, "")] ?? "")),
    monotonicMs: () => performance.now(),
    heartbeat: (everyMs, beat) => {
      const timer = setInterval(() => void beat().catch(() => undefined), everyMs);
      return { stop: () => clearInterval(timer) };
    },
    log: {
      info: () => undefined,
      warn: (fields, message) => {
        if (process.env["STAGE_LOG"] !== undefined) process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
      },
    },
    holder: `stage-${String(process.pid)}`,
    leaseMs: options.leaseMs ?? 8_000,
    catalog: () => resolved,
    newId: () => `r${randomBytes(5).toString("hex")}`,
    wake: options.wake ?? (() => Promise.resolve()),
    ...(options.pageUrl === undefined ? {} : { pageUrl: options.pageUrl }),
  };
  const desk = openDesk(deps);
  const { targets } = resolved.catalog;
  async function rotation(rotationId: string): Promise<Rotation> {
    const folded = foldRotation(rotationId, await state.load(rotationId));
    if (folded === undefined) throw new Error(`no rotation ${rotationId}`);
    return folded;
  }
  async function drive(
    rotationId: string,
    until: (rotation: Rotation) => boolean = () => false,
    stopAfter?: string,
  ): Promise<Rotation> {
    for (let round = 0; round < 2_000; round++) {
      const handOver = new AbortController();
      const watched = stopAfter === undefined ? deps : { ...deps, state: stoppingAfter(state, stopAfter, handOver) };
      const advanced = await advance(watched, rotationId, handOver.signal);
      const now = await rotation(rotationId);
      if (now.graceUntil !== undefined) await state.notices.accept(rotationId, "retire");
      if (now.steps["announce"] !== undefined) await state.notices.accept(rotationId, "cut");
      if (process.env["STAGE_LOG"] !== undefined)
        process.stderr.write(
          `${new Date().toISOString()} ${JSON.stringify(advanced)} ${Object.keys(now.steps).at(-1) ?? ""}\n`,
        );
      if (advanced.kind !== "again" || until(now) || handOver.signal.aborted) return now;
      await new Promise((resolve) => setTimeout(resolve, Math.min(advanced.afterMs, 400)));
    }
    throw new Error("the rotation does not come to an end");
  }
  async function request({ leaked = false, release = false, secret }: Wanted = {}) {
    const target = targets.find((each) => secret === undefined || each.secret === secret);
    if (target === undefined) throw new Error("no such target");
    const requested = await desk.request({
      secret: target.secret,
      environment: target.environment,
      leaked,
      release,
      because: "",
      asker: olivia,
      origin: { channel: "C1", postable: true },
      onceKey: randomBytes(8).toString("hex"),
    });
    if (requested.kind === "refused")
      throw new Error(JSON.stringify(requested.refusal) + JSON.stringify(requested.preview?.findings));
    return requested;
  }
  return {
    state,
    deps,
    desk,
    drive,
    rotation,
    requested: async (input) => (await request(input)).rotationId,
    approved: async (input) => {
      const { rotationId, preview } = await request(input);
      for (const id of ["U-ada", "U-lin"]) {
        const answer = await desk.vote({
          rotationId,
          asker: { ...olivia, id },
          decision: "approve",
          digest: preview.digest,
          because: "",
        });
        if (answer.kind === "refused") throw new Error(JSON.stringify(answer.refusal));
      }
      return rotationId;
    },
    reload: (catalog) => {
      resolved = resolvedOf(catalog, kinds);
    },
    close: () => state.close(),
  };
}

/** A state whose worker is asked to hand over as soon as a step is done. */
function stoppingAfter(state: OpenState, step: string, handOver: AbortController): OpenState {
  return {
    ...state,
    append: async (lease, expectedSeq, append) => {
      const appended = await state.append(lease, expectedSeq, append);
      if (append.events.some((event) => event.type === "step_done" && event.step === step)) handOver.abort();
      return appended;
    },
  };
}

function resolvedOf(text: string, kinds: Kinds): Resolved {
  const loaded = loadCatalog(text, "catalog.yaml", kinds);
  if ("problems" in loaded) {
    throw new Error(JSON.stringify(loaded.problems, undefined, 2));
  }
  const policies = Object.values(loaded.catalog.policies).map((policy) => [policy.name, pin(policy)] as const);
  return { catalog: loaded.catalog, policies: Object.fromEntries(policies) };
}

function pin(policy: Resolved["catalog"]["policies"][string]): PinnedPolicy {
  const group = (label: string): PinnedGroup => ({ label, groupId: label });
  return {
    name: policy.name,
    channel: { id: "C-SEC", name: policy.channel },
    requesters: policy.requesters.map((label) => group(label)),
    approvals: policy.approvals.map(({ from, min, fresh, else: other }) => ({
      from: group(from),
      min,
      fresh: fresh === "allow",
      ...(other === undefined ? {} : { else: group(other) }),
    })),
    oncall: group(policy.oncall ?? "@oncall"),
    production: policy.production,
    onFailure: policy.onFailure,
    expiresMs: policy.expiresMs,
    remindMs: policy.remindMs,
    holdMs: policy.holdMs,
    ...(policy.retire === undefined ? {} : { retire: policy.retire }),
  };
}
