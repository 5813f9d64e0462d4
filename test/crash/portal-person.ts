import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Rotation } from "../../src/core/rotation.ts";
import { Secret } from "../../src/core/secret.ts";
import { askTopic, waitingStep } from "../../src/core/waiting.ts";
import type { Stage } from "../engine/stage.ts";
import type { Pair } from "./portal-shop.ts";

/** Somebody who does in the portal what a rotation asks for, and then says so. */
export type Person = {
  /** Looks after this rotation until it ends. */
  readonly serve: (rotationId: string) => void;
  /** Everything that was handed in since the start. */
  readonly brought: () => readonly Pair[];
  /** A sentence for each time that what they did was not taken. */
  readonly troubles: () => readonly string[];
  readonly close: () => Promise<void>;
};

const asker = { kind: "slack", id: "U-ada", team: "T1" } as const;

/** `pairs`: what the portal knows by key. Every step that asks is answered once, whoever is killed meanwhile. */
export function startPerson(stage: Stage, pairs: Map<string, string>): Person {
  const brought: Pair[] = [];
  const troubles: string[] = [];
  const serving = new Set<Promise<void>>();
  let closed = false;

  async function bring(rotationId: string): Promise<void> {
    const given = await stage.desk.handIn({ rotationId, asker });
    if (given.kind === "refused") throw new Error(given.refusal.code);
    const pair = { key: `key-${randomBytes(6).toString("hex")}`, secret: randomBytes(24).toString("hex") };
    pairs.set(pair.key, pair.secret);
    brought.push(pair);
    const values = { consumer_key: new Secret(pair.key), consumer_secret: new Secret(pair.secret) };
    const token = given.link.slice(given.link.lastIndexOf("/") + 1);
    if (!(await stage.desk.handOver(token, values))) throw new Error("the link was gone");
  }
  async function revoke(rotation: Rotation, step: string, slot: "current" | "pending"): Promise<void> {
    const key = rotation.public[slot]["consumer_key"] ?? "";
    if (!pairs.delete(key)) throw new Error(`asked to revoke ${key}, which the portal does not know`);
    const said = {
      verb: "confirm",
      detail: "the portal lists it no longer",
      onceKey: `${rotation.id} ${step}`,
    } as const;
    const answer = await stage.desk.press({ rotationId: rotation.id, asker, ...said });
    if (answer.kind === "refused") throw new Error(answer.refusal.code);
  }
  async function serve(rotationId: string): Promise<void> {
    const answered = new Set<string>();
    while (!closed) {
      const rotation = await stage.rotation(rotationId);
      if (rotation.ended !== undefined) return;
      for (const kind of ["collect", "confirm"] as const) {
        const step = waitingStep(rotation, kind);
        if (step === undefined || answered.has(step.id) || rotation.steps[step.id]?.notes[askTopic] === undefined) {
          continue;
        }
        answered.add(step.id);
        await (kind === "collect" ? bring(rotationId) : revoke(rotation, step.id, step.slot));
      }
      await sleep(50);
    }
  }
  return {
    serve: (rotationId) => {
      const one = serve(rotationId)
        .catch((error: unknown) => {
          troubles.push(`the person at the portal: ${error instanceof Error ? error.message : "failed"}`);
          process.stderr.write(`${troubles.at(-1) ?? ""}\n`);
        })
        .finally(() => serving.delete(one));
      serving.add(one);
    },
    brought: () => [...brought],
    troubles: () => [...troubles],
    close: async () => {
      closed = true;
      await Promise.all(serving);
    },
  };
}
