import { afterAll, beforeAll, expect, it } from "vitest";
import { openDesk } from "../../src/core/desk/open-desk.ts";
import type { RequestInput } from "../../src/core/desk.ts";
import { advance } from "../../src/core/engine.ts";
import type { Directory } from "../../src/core/engine-ports.ts";
import { TryLater } from "../../src/core/errors.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { type LightShop, openLightShop } from "./light-shop.ts";
import { openStage, people, type Stage } from "./stage.ts";

let database: FreshDatabase;
let shop: LightShop;
let stage: Stage;

beforeAll(async () => {
  database = await freshDatabase();
  shop = await openLightShop({ server: database.server, mode: "dual" });
  stage = await openStage({ databaseUrl: database.url, ...shop, programs: ["/usr/bin"] });
});
afterAll(async () => {
  await stage?.close();
  await shop?.close();
  await database?.[Symbol.asyncDispose]();
});

const olivia = { kind: "slack", id: "U-olivia", team: "T1" } as const;
const alone: Readonly<Record<string, readonly string[]>> = {
  ...people,
  "@oncall": ["U-olivia"],
  "@leads": ["U-lea", "U-olivia"],
};
let asked = 0;

function deskWith(groups: Readonly<Record<string, readonly string[]>>) {
  const directory: Directory = { members: ({ label }) => Promise.resolve(groups[label] ?? []) };
  const desk = openDesk({ ...stage.deps, directory });
  asked += 1;
  const input: RequestInput = {
    secret: "postgres",
    environment: "test",
    leaked: false,
    because: "",
    asker: olivia,
    origin: { channel: "C1", postable: true },
    onceKey: `else-${String(asked)}`,
  };
  return { desk, directory, request: (via?: string) => desk.request(via === undefined ? input : { ...input, via }) };
}

it("the only on-call asks: no request is made, the missing line is named, and its else group is offered", async () => {
  expect(await deskWith(alone).request()).toMatchObject({
    kind: "refused",
    refusal: {
      code: "not_approvable",
      sentence: "nobody besides you could approve for @oncall (1 needed)",
      hint: "the same words with `via @leads` ask @leads instead",
    },
  });
  expect(await stage.state.list({ open: true })).toEqual([]);
});

it("an else group that would not help either is not offered", async () => {
  const { refusal } = refusedBy(await deskWith({ ...alone, "@leads": ["U-olivia"] }).request());
  expect(refusal).toMatchObject({ code: "not_approvable", hint: expect.not.stringContaining("@leads") });
});

it("another group than the one of the missing line is refused with the offer", async () => {
  for (const via of ["@security", "@everybody", "leeds"]) {
    const { refusal } = refusedBy(await deskWith(alone).request(via));
    expect(refusal).toMatchObject({ code: "not_approvable", hint: expect.stringContaining("`via @leads`") });
  }
});

it("it is no way around a policy whose own groups can approve", async () => {
  const { refusal } = refusedBy(await deskWith({ ...people, "@leads": ["U-lea"] }).request("@leads"));
  expect(refusal.code).toBe("via_not_needed");
});

it("while Slack cannot say who is in it, nobody is asked", async () => {
  const { refusal } = refusedBy(
    await openDesk({
      ...stage.deps,
      directory: {
        members: ({ label }) => {
          if (label === "@leads") throw new TryLater("slack_away", "slack does not answer");
          return Promise.resolve(alone[label] ?? []);
        },
      },
    }).request({
      secret: "postgres",
      environment: "test",
      leaked: false,
      because: "",
      asker: olivia,
      origin,
      onceKey: "away",
    }),
  );
  expect(refusal.code).toBe("slack_away");
});

it("with it, the group stands in the plan's policy and in the digest, and its members approve in place of the line", async () => {
  const { desk, directory, request } = deskWith({ ...alone, "@oncall": ["U-olivia"] });
  const plain = await desk.preview({ secret: "postgres", environment: "test", leaked: false, asker: olivia });
  const made = await request("leads");
  if (made.kind === "refused" || plain.kind === "refused") throw new Error(JSON.stringify(made));
  const { plan, digest, approvers } = made.preview;

  expect(plan.policy.approvals.map(({ from, insteadOf }) => [from.label, insteadOf?.label])).toEqual([
    ["@security", undefined],
    ["@leads", "@oncall"],
  ]);
  expect(approvers.map(({ label, users }) => [label, users])).toEqual([
    ["@security", people["@security"]],
    ["@leads", alone["@leads"]],
  ]);
  expect(digest).not.toBe(plain.preview.digest);
  expect(stage.deps.catalogStill(plan)).toBe(true);

  const vote = async (id: string) => {
    const asker = { ...olivia, id };
    const answer = await desk.vote({ rotationId: made.rotationId, asker, decision: "approve", digest, because: "" });
    return answer.kind === "ok" ? "ok" : answer.refusal.code;
  };
  expect(await vote("U-olivia")).not.toBe("ok");
  expect(await vote("U-lin")).not.toBe("ok");
  expect([await vote("U-ada"), await vote("U-lea")]).toEqual(["ok", "ok"]);
  const handOver = new AbortController();
  const append: typeof stage.state.append = async (lease, seq, written) => {
    handOver.abort();
    return stage.state.append(lease, seq, written);
  };
  await advance({ ...stage.deps, directory, state: { ...stage.state, append } }, made.rotationId, handOver.signal);
  expect((await stage.rotation(made.rotationId)).votes).toEqual([
    expect.objectContaining({ by: "U-ada", line: "@security" }),
    expect.objectContaining({ by: "U-lea", line: "@leads" }),
  ]);
});

const origin = { channel: "C1", postable: true };

function refusedBy(answer: Awaited<ReturnType<Stage["desk"]["request"]>>) {
  if (answer.kind !== "refused") throw new Error("it was not refused");
  return answer;
}
