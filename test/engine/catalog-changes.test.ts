import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { logIn } from "./light-app.ts";
import { type LightShop, openLightShop } from "./light-shop.ts";
import { openStage, type Stage } from "./stage.ts";
import { report } from "./story.ts";

const lin = { kind: "slack", id: "U-lin", team: "T1" } as const;

let database: FreshDatabase;
let shop: LightShop;
let stage: Stage;

async function open(): Promise<void> {
  database = await freshDatabase();
  shop = await openLightShop({ server: database.server, mode: "dual" });
  stage = await openStage({ databaseUrl: database.url, ...shop, programs: ["/usr/bin"] });
}

async function close(): Promise<void> {
  await stage?.close();
  await shop?.close();
  await database?.[Symbol.asyncDispose]();
}

describe("a catalog that changes after the approval", () => {
  beforeEach(open);
  afterEach(close);

  it("before step 1: the votes are void, nothing is done, and the thread says what to do", async () => {
    const before = await shop.url();
    const id = await stage.approved();
    stage.reload(shop.catalog.replace("grace: 300ms", "grace: 400ms"));
    const rotation = await stage.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "cancelled", leftovers: [] });
    expect(rotation.ended?.sentence).toMatch(/the catalog has changed since this plan was made.*nothing was changed/);
    expect(rotation.steps).toEqual({});
    const events = (await stage.state.load(id)).map(({ event }) => event);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "cancelled",
        reason: expect.objectContaining({ code: "stale_plan", hint: expect.stringContaining("request it again") }),
      }),
    );
    expect(await shop.url()).toBe(before);
    expect(await logIn("postgres", before)).toBe("accepted");
  });

  it("before the last vote: an approval is refused at once with the reason, and the request is void", async () => {
    const id = await stage.requested();
    const { digest } = await stage.rotation(id);
    const approve = (user: string) =>
      stage.desk.vote({ rotationId: id, asker: { ...lin, id: user }, decision: "approve", digest, because: "" });
    expect(await approve("U-lin")).toMatchObject({ kind: "ok" });
    stage.reload(shop.catalog.replace("grace: 300ms", "grace: 400ms"));

    expect(await approve("U-ada")).toMatchObject({
      kind: "refused",
      refusal: {
        code: "stale_plan",
        sentence: expect.stringContaining("the catalog has changed since this plan was made"),
        hint: expect.stringContaining("request it again"),
      },
    });
    expect((await stage.state.votes(id)).map(({ actor }) => actor.id)).toEqual(["U-lin"]);
    const rotation = await stage.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "cancelled", leftovers: [] });
    expect((await stage.state.load(id)).map(({ event }) => event)).toContainEqual(
      expect.objectContaining({ type: "cancelled", reason: expect.objectContaining({ code: "stale_plan" }) }),
    );
    expect(await stage.requested(), "it can be asked for again").not.toBe(id);
  });

  it("a rejection of a plan that is stale still counts", async () => {
    const id = await stage.requested();
    const { digest } = await stage.rotation(id);
    stage.reload(shop.catalog.replace("grace: 300ms", "grace: 400ms"));
    const asker = { ...lin, id: "U-ada" };
    const answer = await stage.desk.vote({ rotationId: id, asker, decision: "reject", digest, because: "no" });
    expect(answer).toMatchObject({ kind: "ok" });
    const events = (await stage.state.load((await stage.drive(id)).id)).map(({ event }) => event.type);
    expect(events).toContain("rejected");
  });

  it("after step 1: what runs is what was approved, to its end", async () => {
    const id = await stage.approved();
    await stage.drive(id, (rotation) => rotation.steps["issue"]?.status === "done", "issue");
    stage.reload(shop.catalog.replace("grace: 300ms", "grace: 30m"));
    const rotation = await stage.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done", leftovers: [] });
    expect(rotation.plan.graceMs).toBe(300);
  });
});

describe("whether the catalog still makes a plan", () => {
  beforeAll(open);
  afterAll(close);

  it.each<[string, boolean, (text: string) => string]>([
    ["as it was", true, (text) => text],
    [
      "a comment and the order of lines",
      true,
      (text) => `# more\n${text.replace(/(\n {4}watch: .*)(\n {4}notice: .*)/, "$2$1")}`,
    ],
    ["a further policy", true, (text) => text.replace("targets:", `${furtherPolicy}targets:`)],
    ["another approval", false, (text) => text.replace('from: "@security", min: 1', 'from: "@security", min: 2')],
    ["another template", false, (text) => text.replace("{{username|url}}:", "{{username|url}}:x")],
    ["another instance", false, (text) => text.replace("id: two", "id: three")],
    ["another watch", false, (text) => text.replace("watch: 1000ms", "watch: 1500ms")],
    ["the target gone", false, (text) => text.replace("environment: test", "environment: elsewhere")],
  ])("%s: %s", async (_what, still, change) => {
    stage.reload(shop.catalog);
    const preview = await stage.desk.preview({ secret: "postgres", environment: "test", leaked: false, asker });
    if (preview.kind === "refused") throw new Error(preview.refusal.sentence);
    stage.reload(change(shop.catalog));

    expect(stage.deps.catalogStill(preview.preview.plan)).toBe(still);
  });
});

const asker = { kind: "slack", id: "U-olivia", team: "T1" } as const;
const furtherPolicy = `  other:
    channel: "#other"
    approvals: [{ from: "@security", min: 1 }, { from: "@oncall", min: 1 }]
`;
