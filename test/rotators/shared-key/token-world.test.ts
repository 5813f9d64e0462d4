import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTokenWorld, type TokenWorld } from "../../../sandbox/world/token-world.ts";
import type { Credential } from "../../../src/core/credential.ts";
import type { Issuer } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { alphabetFor } from "../../../src/core/templates/alphabet.ts";
import { sharedKey } from "../../../src/rotators/shared-key/rotator.ts";

const session = { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: () => undefined };
const resolve = (): Promise<never> => Promise.reject(new Error("nothing to resolve"));
const four = ["truload", "notifications", "treasury", "subscriptions"];

describe("a key that four services share", () => {
  let folder = "";
  let world: TokenWorld;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "shared-key-"));
    world = await startTokenWorld({ folder, instances: 1, services: four });
  });
  afterAll(async () => {
    await world.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("is told in each phase by all of them, and proved dead at the end", async () => {
    const { issuer, old, fresh } = await open(world);
    const look = async (): Promise<readonly (string | undefined)[]> => {
      const looks = [
        await issuer.test(old),
        await issuer.test(fresh),
        await issuer.signs?.(old),
        await issuer.signs?.(fresh),
      ];
      return looks.map((trial) => trial?.verdict);
    };
    expect(await issuer.preflight(old)).toEqual([]);
    expect(await look()).toEqual(["accepted", "refused", "accepted", "refused"]);

    await world.rewrite({ INTERNAL_SERVICE_KEY_PREVIOUS: keyOf(fresh) });
    await world.restart("truload-1");
    expect(await issuer.test(fresh)).toMatchObject({ verdict: "unknown", code: "disagree" });
    await world.roll(0);
    expect(await look()).toEqual(["accepted", "accepted", "accepted", "refused"]);

    await world.rewrite({ INTERNAL_SERVICE_KEY: keyOf(fresh), INTERNAL_SERVICE_KEY_PREVIOUS: keyOf(old) });
    await world.roll(0);
    expect(await look()).toEqual(["accepted", "accepted", "refused", "accepted"]);

    await world.rewrite({ INTERNAL_SERVICE_KEY_PREVIOUS: undefined });
    await world.roll(0);
    expect(await look()).toEqual(["refused", "accepted", "refused", "accepted"]);
    expect(await issuer.test(old)).toEqual({ verdict: "refused", code: "401" });
  });

  it("names the service whose calls are refused, where one has the key alone", async () => {
    const { issuer, old, fresh } = await open(world);
    await world.rewrite({ INTERNAL_SERVICE_KEY: keyOf(fresh) }, ["treasury"]);
    await world.restart("treasury-1");

    const told = JSON.stringify(await issuer.signs?.(old));

    expect(told).toContain("its call was refused (401) at treasury");
    for (const credential of [old, fresh]) expect(told).not.toContain(keyOf(credential));
  });
});

/** Each service calls the next one. */
async function open(world: TokenWorld): Promise<{ issuer: Issuer; old: Credential; fresh: Credential }> {
  const urls = world.services.map(({ instances }) => instances[0]?.url ?? "");
  const bound = sharedKey.bind({
    kind: "shared-key",
    accept: four.map((instance, at) => ({ instance, url: `${urls[at] ?? ""}/internal-canary` })),
    send: four.map((instance, at) => ({
      instance,
      url: `${urls[at] ?? ""}/call`,
      body: { url: `${urls[(at + 1) % four.length] ?? ""}/internal-canary` },
      status: "$.status",
      shows: "$.keyId",
    })),
  });
  const issuer = await bound.open({ session, resolve, signal: new AbortController().signal });
  const key = new Secret((await world.values())["INTERNAL_SERVICE_KEY"] ?? "");
  const old = await issuer.identify({ public: {}, secret: { key } });
  const fresh = await issuer.propose?.({ rotationId: "r1", current: old, alphabet: alphabetFor([], [], "+/=") });
  if (fresh === undefined) throw new Error("it proposes nothing");
  return { issuer, old, fresh };
}

function keyOf(credential: Credential): string {
  return credential.secret["key"]?.reveal() ?? "";
}
