import { randomUUID } from "node:crypto";
import type { Credential } from "../../src/core/credential.ts";
import { LeaseLost } from "../../src/core/errors.ts";
import type { BoundRotator, Context, Issuer, Trial } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";

/** What stands between the rotator and its issuer, so that a test can cut the line at a command. Counts all nodes together. */
export type Wire = {
  /** Commands that clients have sent since `reset`. */
  readonly commands: () => number;
  readonly reset: () => void;
  /** Drops the client at its n-th command (from 1) after `reset`: `before` it reaches the server, or `after` the server ran it and before its reply gets back. */
  readonly cut: (command: number, when: "before" | "after") => void;
  /** Lets nothing pass, and keeps the lines open, until `resume`. */
  readonly stall: () => void;
  readonly resume: () => void;
};

/** One target with a credential in use, on a real issuer. Every test gets its own; it must be cheap to make (new principals on a shared server). */
export type RotatorWorld = {
  readonly bound: BoundRotator;
  readonly resolve: Context["resolve"];
  /** What applications read out of the store now. It works. */
  readonly current: Pick<Credential, "public" | "secret">;
  /** A credential of somebody who is no part of the target. */
  readonly foreign: Pick<Credential, "public" | "secret">;
  readonly alphabet: string;
  /** Plain secrets beside the target's own that must never show up. The first is the admin's password. */
  readonly canaries: readonly string[];
  readonly wire: Wire;
  /** Everything at the issuer that is none of the target's business, as text. It never changes. */
  readonly strangers: () => Promise<string>;
  /** Logs an application in and stays connected, not through the wire. */
  readonly login: (
    credential: Pick<Credential, "public" | "secret">,
  ) => Promise<{ readonly close: () => Promise<void> }>;
  /** The same, under the name of an administrative session: such a session is Keyturn's own. */
  readonly loginAs?: (
    credential: Pick<Credential, "public" | "secret">,
    sessionName: string,
  ) => Promise<{ readonly close: () => Promise<void> }>;
  /** Takes the admin's rights to change credentials away, so that the issuer itself refuses. */
  readonly weaken?: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** What it takes to open an issuer and begin. */
export type BareWorld = Pick<RotatorWorld, "bound" | "resolve" | "current" | "alphabet" | "close">;

/** A rotation that has sealed its new credential and has not issued it yet. */
export type Run = {
  readonly rotationId: string;
  readonly current: Credential;
  readonly proposed: Credential | undefined;
};

type Opening = {
  readonly epoch?: number;
  readonly guard?: () => void;
  readonly signal?: AbortSignal;
  readonly resolve?: Context["resolve"];
};

/** Opens an issuer as the holder of `epoch` (default 1) would. */
export function openIssuer(world: BareWorld, rotationId: string, opening: Opening = {}): Promise<Issuer> {
  const epoch = opening.epoch ?? 1;
  const session = {
    rotationId,
    epoch,
    name: `keyturn:${rotationId}:${epoch}`,
    guard: opening.guard ?? (() => undefined),
  };
  return world.bound.open({
    session,
    signal: opening.signal ?? new AbortController().signal,
    resolve: opening.resolve ?? world.resolve,
  });
}

/** Makes a world and an issuer, captures the present, proposes; closes everything afterwards, whatever happened. */
export async function inWorld<World extends BareWorld>(
  makeWorld: () => Promise<World>,
  body: (world: World, issuer: Issuer, run: Run) => Promise<void>,
): Promise<void> {
  const world = await makeWorld();
  try {
    const rotationId = newRotationId();
    const issuer = await openIssuer(world, rotationId);
    try {
      await body(world, issuer, await begin(world, issuer, rotationId));
    } finally {
      await issuer.close();
    }
  } finally {
    await world.close();
  }
}

export function newRotationId(): string {
  return `r${randomUUID().replaceAll("-", "").slice(0, 12)}`;
}

export async function begin(world: BareWorld, issuer: Issuer, rotationId: string): Promise<Run> {
  const current = await issuer.identify(world.current);
  const proposed = await issuer.propose?.({ rotationId, current, alphabet: world.alphabet });
  return { rotationId, current, proposed };
}

export function issue(issuer: Issuer, run: Run): Promise<Credential> {
  return issuer.issue({ rotationId: run.rotationId, proposed: run.proposed, current: run.current });
}

/** The verdict, looked at until it is the expected one or the declared time is over. */
export async function verdictWithin(
  issuer: Issuer,
  credential: Credential,
  expected: Trial["verdict"],
  withinMs: number,
): Promise<Trial["verdict"]> {
  const until = performance.now() + withinMs;
  for (;;) {
    const { verdict } = await issuer.test(credential);
    if (verdict === expected || performance.now() >= until) return verdict;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A guard that lets `passes` commands through and then refuses, as when the lease ran out. */
export function guardThatStopsAfter(passes: number): () => void {
  let left = passes;
  return () => {
    if (left === 0) throw new LeaseLost();
    left -= 1;
  };
}

/** The same fields with the last character of each secret changed: wrong ones of the right form. */
export function wrong<Fields extends Pick<Credential, "secret">>(fields: Fields): Fields {
  const secret = Object.fromEntries(
    Object.entries(fields.secret).map(([name, value]) => {
      const plain = value.reveal();
      return [name, new Secret(`${plain.slice(0, -1)}${plain.endsWith("x") ? "y" : "x"}`)];
    }),
  );
  return { ...fields, secret };
}
