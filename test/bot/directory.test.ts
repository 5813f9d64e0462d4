import { WebClient } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import { demoSeed } from "../../sandbox/workspace/demo-seed.ts";
import { startWorkspace, type Workspace } from "../../sandbox/workspace/server.ts";
import { openDirectory } from "../../src/bot/directory.ts";
import { type HandleProblem, resolveHandles } from "../../src/bot/resolve-handles.ts";
import { backgroundOptions } from "../../src/bot/thread-post.ts";
import type { Catalog } from "../../src/core/catalog.ts";
import type { Policy } from "../../src/core/policy.ts";
import { keptLog } from "../state/world.ts";

const team = "T0SANDBOX";
const security = { label: "@security", groupId: "S0SECURITY" };

async function world() {
  const workspace: Workspace = await startWorkspace({ seed: demoSeed() });
  const client = new WebClient(workspace.botToken, backgroundOptions(workspace.apiUrl));
  const clock = { ms: 0 };
  const directory = openDirectory(client, { team, log: keptLog(), monotonicMs: () => clock.ms });
  const calls = () =>
    Object.fromEntries(Object.entries(workspace.inspect.tiers()).map(([name, use]) => [name, use.lastMinute]));
  return { workspace, client, directory, clock, calls, [Symbol.asyncDispose]: () => workspace.close() };
}

const two = ["U0ADA", "U0GRACE"];

describe("members of a group", () => {
  it("are full members of this workspace: no guest, nobody who left, nobody from outside, no bot", async () => {
    await using stage = await world();
    const users = ["U0ADA", "U0GUEST", "U0GONE", "U0VENDOR", "U0KEYTURN", "U0NOBODY", "U0LIN", "U0ADA"];
    const list = { label: "@all", users };
    expect(await stage.directory.members(list, { people: users })).toEqual(["U0ADA", "U0LIN"]);
    expect(await stage.directory.members(list, { atLeast: 9 })).toEqual(["U0ADA", "U0LIN"]);
    expect(await stage.directory.members(list, { people: ["U0LIN", "U0OLIVIA"] })).toEqual(["U0LIN"]);
  });

  it("are looked up as people at each decision, only those it is about: who left the company a moment ago decides nothing", async () => {
    await using stage = await world();
    expect(await stage.directory.members(security, { people: two })).toEqual(two);
    await stage.workspace.act.editUser({ userId: "U0ADA", deleted: true });
    expect(await stage.directory.members(security, { people: two })).toEqual(["U0GRACE"]);
    expect(stage.calls()).toEqual({ "usergroups.users.list": 1, "users.info": 4 });
    expect(await stage.directory.members(security, { people: ["U0LIN"] })).toEqual([]);
    expect(await stage.directory.members(security, { people: [] })).toEqual([]);
    expect(stage.calls()).toEqual({ "usergroups.users.list": 1, "users.info": 4 });
  });

  it("stand on a list that is at most a minute old, and not that old once Slack told of a change", async () => {
    await using stage = await world();
    expect(await stage.directory.members(security, { people: two })).toEqual(two);
    await stage.workspace.act.editGroup({ groupId: "S0SECURITY", members: ["U0GRACE"] });
    stage.clock.ms = 59_999;
    expect(await stage.directory.members(security, { people: two })).toEqual(two);
    stage.clock.ms = 60_000;
    expect(await stage.directory.members(security, { people: two })).toEqual(["U0GRACE"]);
    await stage.workspace.act.editGroup({ groupId: "S0SECURITY", members: ["U0ADA"] });
    expect(stage.directory.forget({ group: "S0ONCALL" })).toBe(false);
    expect(await stage.directory.members(security, { people: two })).toEqual(["U0GRACE"]);
    expect(stage.directory.forget({ group: "S0SECURITY" })).toBe(true);
    expect(await stage.directory.members(security, { people: two })).toEqual(["U0ADA"]);
  });

  it("are not kept from an answer that was on its way when Slack told of a change", async () => {
    await using stage = await world();
    const old = stage.directory.members(security, { people: two });
    expect(stage.directory.forget({ group: "S0SECURITY" })).toBe(true);
    await old;
    await stage.workspace.act.editGroup({ groupId: "S0SECURITY", members: ["U0GRACE"] });
    expect(await stage.directory.members(security, { people: two })).toEqual(["U0GRACE"]);
  });

  it("are counted without looking everybody up, however large the group", async () => {
    await using stage = await world();
    const crowd = Array.from({ length: 300 }, (_unused, number) => `U0CROWD${String(number)}`);
    const members = ["U0GUEST", "U0ADA", "U0GONE", "U0GRACE", "U0LIN", ...crowd];
    await stage.workspace.act.editGroup({ groupId: "S0SECURITY", members });
    const counted = await stage.directory.members(security, { atLeast: 2 });
    expect(counted).toEqual(["U0ADA", "U0GRACE", "U0LIN", ...crowd]);
    expect(stage.calls()).toEqual({ "usergroups.users.list": 1, "users.info": 4 });
  });

  it("and people may be a minute old where they are only shown", async () => {
    await using stage = await world();
    expect(await stage.directory.shown(security, two)).toEqual(two);
    await stage.workspace.act.editUser({ userId: "U0ADA", deleted: true });
    stage.clock.ms = 59_999;
    expect(await stage.directory.shown(security, two)).toEqual(two);
    expect(stage.directory.forget({ user: "U0ADA" })).toBe(true);
    expect(await stage.directory.shown(security, two)).toEqual(["U0GRACE"]);
    await stage.workspace.act.editUser({ userId: "U0ADA", deleted: false });
    expect(await stage.directory.members(security, { people: ["U0ADA"] })).toEqual(["U0ADA"]);
    expect(await stage.directory.shown(security, two)).toEqual(two);
  });

  it("of a disabled group are nobody", async () => {
    await using stage = await world();
    await stage.workspace.act.editGroup({ groupId: "S0SECURITY", disabled: true });
    expect(await stage.directory.members(security, { people: two })).toEqual([]);
  });

  it.each([
    ["an outage", ({ faults }: Workspace) => faults.outage(true), "slack_unreachable"],
    [
      "an error of the group's list",
      ({ faults }: Workspace) => faults.failCalls("usergroups.users.list", 1, "internal_error"),
      "slack_unreachable",
    ],
    [
      "a missing scope",
      ({ faults }: Workspace) => faults.failCalls("users.info", 1, "missing_scope"),
      "slack_unreachable",
    ],
    [
      "a 429",
      ({ faults }: Workspace) => faults.rateLimit({ method: "users.info", count: 1, retryAfterSec: 3 }),
      "slack_limited",
    ],
  ])("are not known during %s: try later, never a guess", async (_name, begin, code) => {
    await using stage = await world();
    begin(stage.workspace);
    await expect(stage.directory.members(security, { people: two })).rejects.toMatchObject({ name: "TryLater", code });
  });
});

const policy: Policy = {
  name: "prod",
  channel: "#security-ops",
  requesters: [],
  approvals: [
    { from: "@security", min: 1 },
    { from: "@oncall", min: 1, else: "@platform-leads", fresh: "allow" },
  ],
  oncall: "@oncall",
  expiresMs: 1,
  production: true,
  onFailure: "rollback",
  allowSingle: false,
  remindMs: 1,
  holdMs: 1,
};
const target = {
  secret: "redis",
  environment: "prod",
  policy: "prod",
  owner: "@platform",
  rotator: { kind: "redis-acl" },
  publish: [],
  consumers: "live" as const,
  checks: [],
  graceMs: 0,
  graceMaxMs: 0,
  idle: { kind: "none" as const, forMs: 0 },
  watchMs: 0,
  noticeMs: 0,
};

function catalog(change: { policy?: Partial<Policy>; owner?: string; groups?: Catalog["groups"] } = {}): Catalog {
  return {
    version: 1,
    demo: false,
    file: "catalog.yaml",
    digest: "",
    connections: {},
    policies: { prod: { ...policy, ...change.policy } },
    targets: [{ ...target, owner: change.owner ?? "@platform" }],
    groups: change.groups ?? {},
  };
}

describe("handles of a catalog", () => {
  it("become ids, once, and the owner can be mentioned", async () => {
    await using stage = await world();
    const { resolved, mention, problems } = await resolveHandles(
      stage.client,
      catalog({ groups: { "@night": ["U0LIN"] } }),
      team,
    );
    expect(problems).toEqual([]);
    expect(resolved.policies["prod"]).toMatchObject({
      channel: { id: "C0SECOPS", name: "#security-ops" },
      approvals: [
        { from: { label: "@security", groupId: "S0SECURITY" }, min: 1, fresh: false },
        {
          from: { label: "@oncall", groupId: "S0ONCALL" },
          min: 1,
          fresh: true,
          else: { label: "@platform-leads", groupId: "S0LEADS" },
        },
      ],
      requesters: [{ label: "@security" }, { label: "@oncall" }, { label: "@oncall" }],
      oncall: { groupId: "S0ONCALL" },
    });
    expect(mention("@platform")).toEqual({ kind: "group", id: "S0PLATFORM" });
  });

  it("that Slack does not know, or that must not be used, are all named at once", async () => {
    await using stage = await world();
    const wrong = catalog({
      owner: "@plattform",
      policy: {
        channel: "#shared-vendor",
        approvals: [
          { from: "@securty", min: 1 },
          { from: "@ada", min: 1 },
          { from: "@list", min: 1 },
        ],
      },
      groups: { "@list": ["U0ADA", "U0GUEST"] },
    });
    const { problems } = await resolveHandles(stage.client, wrong, team);
    expect(problems.map(({ sentence, hint }: HandleProblem) => `${sentence}; ${hint}`)).toEqual([
      "U0GUEST in @list is no full member of this workspace; a user id stands in the person's profile, under Copy member ID",
      "#shared-vendor is shared with another company; approvals are never posted in a shared channel; name another one",
      "slack has no group @securty; did you mean @security?",
      "@ada is a person, not a group; list user ids under `groups:` and name that list",
      "slack has no group @plattform; did you mean @platform?",
    ]);
  });

  it("are not resolved by half while Slack does not answer", async () => {
    await using stage = await world();
    stage.workspace.faults.failCalls("conversations.list", 1, "fatal_error");
    await expect(resolveHandles(stage.client, catalog(), team)).rejects.toMatchObject({
      name: "TryLater",
      code: "slack_unreachable",
    });
  });

  it("name a channel that the app was not invited to", async () => {
    await using stage = await world();
    const { problems } = await resolveHandles(stage.client, catalog({ policy: { channel: "#random" } }), team);
    expect(problems).toMatchObject([{ name: "#random", hint: "type /invite @keyturn there" }]);
  });
});
