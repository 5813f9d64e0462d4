import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { loadCatalog } from "../../src/catalog/load.ts";
import { draftOf, makePlan } from "../../src/core/desk/make-plan.ts";
import type { PinnedGroup, PinnedPolicy, Plan } from "../../src/core/plan.ts";
import type { Policy } from "../../src/core/policy.ts";
import { shipped } from "../catalog/shipped.ts";

const file = readFileSync(new URL("../../examples/truload.yaml", import.meta.url), "utf8");
const catalog: unknown = parse(
  file.replace(/^policies:\n( {2})prod:\n((?: {4}.*\n)+)/m, "policies:\n  prod:\n$2  other:\n$2"),
);
/** The example, with what it leaves to the defaults written out. */
const example = [
  [["connections", "prod"], { kind: "kubernetes", context: "prod" }],
  [["targets", 0, "grace"], "24h"],
  [["targets", 0, "graceMax"], "72h"],
  [["targets", 0, "watch"], "10m"],
  [["targets", 0, "notice"], "15m"],
  [["targets", 0, "idle"], { for: "10m", kind: "sessions" }],
  [["policies", "prod", "retire"], { between: "Mon-Fri 09:00-16:00", zone: "Europe/Berlin" }],
  [["policies", "prod", "approvals", 1, "else"], "@leads"],
  [["policies", "prod", "expires"], "30m"],
  [["policies", "prod", "remind"], "1h"],
  [["policies", "prod", "hold"], "4h"],
  [["policies", "prod", "onFailure"], "rollback"],
  [["policies", "prod", "production"], true],
  [["policies", "prod", "allowSingle"], false],
].reduce<unknown>((sum, [path, value]) => (Array.isArray(path) ? put(sum, path, value) : sum), catalog);

/** Fields that decide nothing about what is done, to whom, or by whose leave, and why. */
const mayNotMatter: Readonly<Record<string, string>> = {
  "policies.prod.allowSingle": "lets a plan with a cut be made; the plan itself says whether it cuts",
  version: "of the file, not of the plan: the plan has a format of its own",
};

/** Values for fields that take only some words. None: with another word the rest of the entry would have another shape too. */
const others: Readonly<Record<string, readonly unknown[]>> = {
  "targets.0.idle.kind": ["none"],
  "policies.prod.onFailure": ["hold"],
  "policies.prod.retire.zone": ["Europe/London"],
  "policies.prod.retire.between": ["Mon-Thu 09:00-16:00"],
  "policies.prod.approvals.1.fresh": [undefined],
  "targets.0.policy": ["other"],
  "targets.0.checks.0.kind": [],
  "targets.0.checks.1.kind": [],
  "targets.0.checks.1.of": [],
  "targets.0.checks.2.kind": [],
  "targets.0.consumers.0.kind": [],
  "targets.0.publish.0.store": [],
  "targets.0.rotator.kind": [],
};

describe("the digest", () => {
  const target = at(example, ["targets", 0]);
  const leaves = [
    ...leavesOf(target).map((path) => ["targets", 0, ...path]),
    ...leavesOf(at(example, ["policies", "prod"])).map((path) => ["policies", "prod", ...path]),
    ["connections", "prod", "context"],
    ["version"],
  ];
  const digest = digestOf(example);

  it("is the same for the same catalog, however it is written", () => {
    expect(digestOf(parse(JSON.stringify(example)))).toBe(digest);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(leaves.map((path) => [path.join("."), path] as const))(
    "%s: another value is another digest",
    (name, path) => {
      if (mayNotMatter[name] !== undefined) return;
      const fixed = name in others && others[name]?.length === 0;
      const changed = candidates(name, at(example, path)).flatMap((value) => {
        const found = digestOf(put(example, path, value));
        return found === undefined ? [] : [found];
      });
      expect(changed.length > 0, `no other value of ${name} is allowed: name one in the table`).toBe(!fixed);
      expect(changed).not.toContain(digest);
    },
  );

  it("covers the cause, the current ref, what is present, and what was red", () => {
    const all = [
      digest,
      digestOf(example, { cause: "leaked" }),
      digestOf(example, {
        seen: { present: "works", current: { ref: { principal: "truload_b", generation: "one" } }, red: [] },
      }),
      digestOf(example, { seen: { ...seen, present: "broken" } }),
      digestOf(example, { seen: { ...seen, red: ["http health"] } }),
      digestOf(example, { group: "S-other" }),
      digestOf(example, { channel: "C-other" }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it("covers the format of the plan", () => {
    const { plan } = made(example) ?? {};
    expect(plan?.format).toBe(1);
  });
});

const seen = {
  present: "works" as const,
  current: { ref: { principal: "truload_a", generation: "one" } },
  red: [] as readonly string[],
};
type Other = {
  readonly cause?: Plan["cause"];
  readonly seen?: Parameters<typeof makePlan>[4];
  readonly group?: string;
  readonly channel?: string;
};

function digestOf(document: unknown, other: Other = {}): string | undefined {
  return made(document, other)?.digest;
}

function made(document: unknown, other: Other = {}): ReturnType<typeof makePlan> | undefined {
  const loaded = loadCatalog(stringify(document, { aliasDuplicateObjects: false }), "example.yaml", shipped);
  if ("problems" in loaded) return undefined;
  const [target] = loaded.catalog.targets;
  const policy = loaded.catalog.policies[target?.policy ?? ""];
  if (target === undefined || policy === undefined) return undefined;
  return makePlan(target, pin(policy, other), other.cause ?? "routine", draftOf(shipped, target), other.seen ?? seen);
}

function pin(policy: Policy, { group = "S", channel = "C" }: Other): PinnedPolicy {
  const pinned = (label: string): PinnedGroup => ({ label, groupId: `${group}-${label}` });
  const { allowSingle: _allowed, retire, oncall, ...rest } = policy;
  return {
    ...rest,
    channel: { id: `${channel}-${policy.channel}`, name: policy.channel },
    requesters: policy.requesters.map(pinned),
    approvals: policy.approvals.map(({ from, min, fresh, else: other }) => ({
      from: pinned(from),
      min,
      fresh: fresh === "allow",
      ...(other === undefined ? {} : { else: pinned(other) }),
    })),
    ...(oncall === undefined ? {} : { oncall: pinned(oncall) }),
    ...(retire === undefined ? {} : { retire }),
  };
}

type Path = readonly (string | number)[];

function leavesOf(value: unknown): Path[] {
  if (Array.isArray(value))
    return value.flatMap((each: unknown, index) => leavesOf(each).map((path) => [index, ...path]));
  if (typeof value !== "object" || value === null) return [[]];
  return Object.entries(value).flatMap(([key, each]) => leavesOf(each).map((path) => [key, ...path]));
}

function at(value: unknown, [first, ...rest]: Path): unknown {
  if (first === undefined) return value;
  if (Array.isArray(value)) return at(value[Number(first)], rest);
  return typeof value === "object" && value !== null
    ? at(Object.entries(value).find(([key]) => key === first)?.[1], rest)
    : undefined;
}

function put(value: unknown, [first, ...rest]: Path, next: unknown): unknown {
  if (first === undefined) return next;
  if (Array.isArray(value))
    return value.map((each: unknown, index) => (index === first ? put(each, rest, next) : each));
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const known = entries.some(([key]) => key === first);
  const changed = entries.map(([key, each]) => [key, key === first ? put(each, rest, next) : each]);
  return Object.fromEntries((known ? changed : [...changed, [first, next]]).filter(([, each]) => each !== undefined));
}

/** Other values that the field might take; those that the catalog refuses are passed over. */
function candidates(name: string, value: unknown): readonly unknown[] {
  const listed = others[name];
  if (listed !== undefined) return listed;
  if (typeof value === "number") return [value + 1];
  if (typeof value === "boolean") return [!value];
  const text = String(value);
  return [
    `${text}x`,
    text.replace(/\d+/, (digits) => String(Number(digits) + 1)),
    text.replace(/[a-z](?=[^a-z]*$)/, (letter) => (letter === "q" ? "r" : "q")),
    text.replace("{{username}}", "x{{username}}"),
    text.replace(/^(?:\/usr\/bin\/)/, "/usr/local/bin/"),
    "@others",
    "#other-channel",
  ].filter((other) => other !== text);
}
