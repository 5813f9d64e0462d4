import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fingerprint } from "../../sandbox/world/token-keys.ts";
import { plainTwoPhase } from "../../sandbox/world/token-rotations.ts";
import { startTraffic } from "../../sandbox/world/token-traffic.ts";
import type { TokenWorld, TokenWorldOptions } from "../../sandbox/world/token-world.ts";
import { everywhere, tellTokens, told } from "./token-story.ts";

describe("signing-key, accept-first, under 200 requests per second", { timeout: 400_000 }, () => {
  it("refuses nobody from request to proof; a plain two-phase run of the same world does", async () => {
    await using story = await tell({});
    const before = (await story.world.values())["JWT_SECRET"] ?? "";
    const traffic = startTraffic(story.world);
    const rotation = await story.stage.drive(await story.stage.approved());
    await traffic.stop();
    const after = await story.world.values();

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "done", leftovers: [] });
    expect(rotation.steps["accept"]?.sentence).toMatch(
      /^\d of \d instances asked.*: each accepts the new credential beside the old one$/,
    );
    expect(rotation.steps["sign"]?.sentence).toMatch(
      /\d of \d instances asked: each uses it; the old one is still accepted/,
    );
    expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: old credential refused \(401/);
    expect(after["JWT_SECRET"]).not.toBe(before);
    expect(after["JWT_SECRET_PREVIOUS"]).toBeUndefined();
    expect(traffic.counts().requests).toBeGreaterThan(1_000);
    expect(traffic.counts().refused).toBe(0);

    const plain = startTraffic(story.world);
    await plainTwoPhase(story.world, { what: ["token"], forgets: false });
    await plain.stop();
    const [three, two] = [traffic.counts(), plain.counts()];
    process.stderr.write(
      `refused of requests: Keyturn ${three.refused} of ${three.requests}, plain two phases ${two.refused} of ${two.requests}\n`,
    );
    expect(plain.counts().refused).toBeGreaterThan(0);
  });

  it("stops after the first phase at an application that ignores the previous-variable: nobody is refused", async () => {
    await using story = await tell({ ignoresPrevious: ["api-3"] });
    const before = await story.world.values();
    const traffic = startTraffic(story.world);
    const rotation = await story.stage.drive(await story.stage.approved());
    await traffic.stop();

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "rolled_back" });
    expect(rotation.turnedBack?.reason).toMatchObject({ code: "not_accepted_everywhere" });
    expect(rotation.turnedBack?.reason.sentence).toMatch(/refused by 127\.0\.0\.1:\d+ \(401\)/);
    expect(rotation.steps["publish-2"]).toBeUndefined();
    expect(await story.world.values()).toEqual(before);
    expect(traffic.counts().refused).toBe(0);
  });

  it.each(["rollout-2", "rollout-3"] as const)(
    "a rollback after %s refuses nobody, and tokens issued meanwhile stay valid",
    async (last) => {
      await using story = await tell({ watchMs: 60_000 });
      const before = await story.world.values();
      const traffic = startTraffic(story.world);
      const id = await story.stage.approved();
      await story.stage.drive(id, undefined, last);
      const onNew = (await story.world.values())["JWT_SECRET"] ?? "";
      const token = await login(story.world);
      expect(token.keyId).toBe(fingerprint(onNew));
      expect((await story.press(id, "roll-back")).kind).toBe("ok");
      const rotation = await story.stage.drive(id, (now) => now.steps["back-grace"] !== undefined);
      expect(await isAcceptedEverywhere(story.world, token.token)).toBe(true);
      const ended = rotation.ended === undefined ? await story.stage.drive(id) : rotation;
      await traffic.stop();

      expect(ended.ended, told(ended)).toMatchObject({ status: "rolled_back", leftovers: [] });
      expect(await story.world.values()).toEqual(before);
      expect(traffic.counts().refused).toBe(0);
    },
  );

  it("refuses a plan while something is accepted already, and a grace that is shorter than a token's life", async () => {
    await using story = await tell({ values: { JWT_SECRET_PREVIOUS: "somebody-elses-previous-key-0123456789" } });
    await expect(story.stage.approved()).rejects.toThrow(/accepted_not_empty/);
    await expect(tell({ grace: "3s" })).rejects.toThrow(/grace is shorter/);
  });
});

type Told = Partial<TokenWorldOptions> & { readonly watchMs?: number; readonly grace?: string };

function tell(options: Told) {
  return tellTokens({
    ...options,
    target: (world) => ({
      rotator: {
        kind: "signing-key",
        encoding: "hex",
        maxTokenLife: `${String(world.tokenLifeMs)}ms`,
        clockSkew: "200ms",
        accept: [{ urls: everywhere(world, "/canary") }],
        sign: [{ urls: everywhere(world, "/login"), body: { user: "smoke" }, token: "$.token" }],
      },
      values: { JWT_SECRET: "{{key}}", JWT_SECRET_PREVIOUS: "{{accepted.key}}" },
    }),
  });
}

async function isAcceptedEverywhere(world: TokenWorld, token: string): Promise<boolean> {
  const asked = everywhere(world, "/me").map((url) => fetch(url, { headers: { authorization: `Bearer ${token}` } }));
  return (await Promise.all(asked)).every(({ status }) => status === 200);
}

/** Somebody who logs in now, with a token that lives a minute, and the fingerprint of the key that signed it. */
async function login({ issuer }: TokenWorld): Promise<{ readonly token: string; readonly keyId: string }> {
  const url = issuer.instances[0]?.url ?? "";
  const answer = await fetch(`${url}/login`, { method: "POST", body: JSON.stringify({ user: "ada", lifeMs: 60_000 }) });
  const { token } = z.object({ token: z.string() }).parse(await answer.json());
  const seen = await fetch(`${url}/me`, { headers: { authorization: `Bearer ${token}` } });
  const { keyId } = z.object({ keyId: z.string() }).parse(await seen.json());
  return { token, keyId };
}
