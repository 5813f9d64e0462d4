import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readStart } from "../../src/bot/read-start.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "keyturn-start-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const problemsOf = async (env: Readonly<Record<string, string>>): Promise<string> => {
  const read = await readStart(env);
  return "problems" in read ? read.problems.join("\n") : "";
};

it("variables, the catalog's mistakes and what it refers to are named in one go", async () => {
  const file = join(folder, "catalog.yaml");
  const text = `version: 1
polices: {}
targets:
  - { secret: redis, environment: prod, rotator: { kind: redis-acl, admin: { username: a, password: "env:REDIS_ADMIN" } } }
`;
  await writeFile(file, text, { mode: 0o600 });
  const said = await problemsOf({
    KEYTURN_CATALOG: file,
    SLACK_BOT_TOKEN: "xoxb-1",
    KEYTURN_CONCURRENCY: "many",
    KEYTURN_HEALTH_PORT: "-1",
    KEYTURN_PAGE_PORT: "1",
  });
  for (const part of [
    "SLACK_APP_TOKEN is not set",
    "there is no seal key",
    "KEYTURN_DATA is not set",
    'KEYTURN_CONCURRENCY is "many"',
    'KEYTURN_HEALTH_PORT is "-1"',
    "KEYTURN_PAGE_URL is not set",
    `${file}:2:1 `,
    "the variable REDIS_ADMIN is not set",
  ]) {
    expect(said).toContain(part);
  }
});

it("a catalog that cannot be read is named with its variable, beside the rest", async () => {
  const file = join(folder, "nothing.yaml");
  const said = await problemsOf({ KEYTURN_CATALOG: file });
  expect(said).toContain(`KEYTURN_CATALOG: ${file} cannot be read (ENOENT)\n    name a file that this user can read`);
  expect(said).toContain("SLACK_BOT_TOKEN is not set");
});
