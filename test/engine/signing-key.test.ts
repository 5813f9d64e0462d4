import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fingerprint } from "../../sandbox/world/token-keys.ts";
import { plainTwoPhase } from "../../sandbox/world/token-rotations.ts";
import { startTraffic } from "../../sandbox/world/token-traffic.ts";
import { startTokenWorld, type TokenWorld, type TokenWorldOptions } from "../../sandbox/world/token-world.ts";
import { freshDatabase } from "../servers/fresh-database.ts";
import { openStage, type Stage } from "./stage.ts";

const instances = 4;
const tokenLifeMs = 4_000;

describe("signing-key, accept-first, under 200 requests per second", { timeout: 400_000 }, () => {
  it("refuses nobody from request to proof; a plain two-phase run of the same world does", async () => {
    await using story = await tell({});
    const before = (await story.world.values())["JWT_SECRET"] ?? "";
    const traffic = startTraffic(story.world);
    const rotation = await story.stage.drive(await story.stage.approved());
    await traffic.stop();
    const after = await story.world.values();

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "done", leftovers: [] });
    expect(rotation.steps["accept"]?.sentence).toBe("every instance accepts the new credential beside the old one");
    expect(rotation.steps["sign"]?.sentence).toMatch(/every instance uses it; the old one is still accepted/);
    expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: old credential refused \(401/);
    expect(after["JWT_SECRET"]).not.toBe(before);
    expect(after["JWT_SECRET_PREVIOUS"]).toBeUndefined();
    expect(traffic.counts().requests).toBeGreaterThan(1_000);
    expect(traffic.counts().refused).toBe(0);

    const plain = startTraffic(story.world);
    await plainTwoPhase(story.world, { what: ["token"] });
    await plain.stop();
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
      expect(await story.accepted(token.token)).toBe(true);
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

async function tell({ watchMs = 1_500, grace = "5s", ...options }: Told) {
  const folder = await mkdtemp(join(tmpdir(), "keyturn-tokens-"));
  await using starting = new AsyncDisposableStack();
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const world = await startTokenWorld({ folder, instances, tokenLifeMs, ...options });
  starting.defer(() => world.stop());
  const database = starting.use(await freshDatabase());
  const stage = await openStage({
    databaseUrl: database.url,
    folder,
    catalog: catalogText(world, grace, watchMs),
    references: {},
  });
  starting.defer(() => stage.close());
  const running = starting.move();
  const asker = { kind: "slack", id: "U-ada", team: "T1" } as const;
  const press = (rotationId: string, verb: Parameters<Stage["desk"]["press"]>[0]["verb"]) =>
    stage.desk.press({ rotationId, asker, verb, detail: "", onceKey: `${rotationId}-${verb}` });
  const accepted = async (token: string) => {
    const answers = world.issuer.instances.map(({ url }) =>
      fetch(`${url}/me`, { headers: { authorization: `Bearer ${token}` } }),
    );
    return (await Promise.all(answers)).every(({ status }) => status === 200);
  };
  return { world, stage, press, accepted, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function login({ issuer }: TokenWorld): Promise<{ readonly token: string; readonly keyId: string }> {
  const body = JSON.stringify({ user: "ada", lifeMs: 60_000 });
  const answer = await fetch(`${issuer.instances[0]?.url ?? ""}/login`, { method: "POST", body });
  const { token } = JSON.parse(await answer.text());
  const seen = await fetch(`${issuer.instances[0]?.url ?? ""}/me`, { headers: { authorization: `Bearer ${token}` } });
  return { token: String(token), keyId: String(JSON.parse(await seen.text()).keyId) };
}

function told({ ended, block, turnedBack, steps }: Awaited<ReturnType<Stage["drive"]>>): string {
  const notes = Object.entries(steps).map(([id, { status, sentence }]) => [id, status, sentence]);
  return JSON.stringify({ ended, block, turnedBack, notes }, undefined, 1);
}

function catalogText(world: TokenWorld, grace: string, watchMs: number): string {
  const urls = (path: string) => world.issuer.instances.map(({ url }) => `${url}${path}`);
  return JSON.stringify({
    version: 1,
    demo: true,
    policies: {
      test: {
        channel: "#security-ops",
        requesters: ["@oncall", "@security"],
        approvals: [
          { from: "@security", min: 1 },
          { from: "@oncall", min: 1 },
        ],
        oncall: "@oncall",
      },
    },
    targets: [
      {
        secret: "jwt",
        environment: "test",
        policy: "test",
        owner: "@platform",
        rotator: {
          kind: "signing-key",
          encoding: "hex",
          maxTokenLife: `${String(tokenLifeMs)}ms`,
          clockSkew: "200ms",
          accept: [{ urls: urls("/canary") }],
          sign: [{ urls: urls("/login"), body: { user: "smoke" }, token: "$.token" }],
        },
        publish: [
          {
            store: "env-file",
            file: world.issuer.envFile,
            values: { JWT_SECRET: "{{key}}", JWT_SECRET_PREVIOUS: "{{accepted.key}}" },
          },
        ],
        consumers: [world.consumer()],
        checks: [
          { kind: "logs", of: "consumers", pattern: "auth error", window: "10s", settle: "200ms" },
          ...urls("/health").map((url) => ({ kind: "http", url, expect: { status: 200 }, settle: "200ms" })),
        ],
        grace,
        watch: `${String(watchMs)}ms`,
        notice: "0s",
      },
    ],
  });
}
