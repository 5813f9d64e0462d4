import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checks } from "../../src/checks/index.ts";
import { consumers } from "../../src/consumers/index.ts";
import { runner } from "../../src/process/run.ts";
import { stores } from "../../src/stores/index.ts";

const settings = { runner: runner([]), logFolders: [], allowedRoots: [] };

describe.each([
  [
    "stores",
    stores(settings),
    [
      "env-file",
      "pgbouncer-userlist",
      "kubernetes-secret",
      "kubernetes-secret-version",
      "kubernetes-configmap",
      "http-api",
    ],
  ],
  ["consumers", consumers(settings), ["command", "compose", "kubernetes-workload"]],
  ["checks", checks(settings), ["http", "logs", "login", "command", "exec"]],
])("the list of %s", (_, kinds, names) => {
  it("has each kind once", () => {
    expect(kinds.map(({ kind }) => kind)).toEqual(names);
  });

  it("gives every kind a configuration that editors can be told about", () => {
    for (const { config } of kinds) {
      expect(z.toJSONSchema(config, { io: "input" })).toMatchObject({ type: "object", additionalProperties: false });
    }
  });

  it("refuses an entry with a word that it does not know, and one without what it needs", () => {
    for (const { kind, bind } of kinds) {
      expect(() => bind({ kind, store: kind, surprise: true })).toThrow(z.ZodError);
    }
  });
});
