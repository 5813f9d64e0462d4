import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyturn } from "./command-line.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "keyturn-check-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, text: string, mode = 0o644): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  await chmod(file, mode);
  return file;
}

const good = `version: 1
policies:
  prod:
    channel: "#security-ops"
    approvals: [{ from: "@security", min: 1 }, { from: "@oncall", min: 1 }]
targets:
  - secret: redis
    environment: prod
    policy: prod
    owner: "@platform"
    rotator: { kind: redis-acl, url: "redis://redis:6379", admin: { username: keyturn, password: "env:REDIS_ADMIN" }, user: app }
    publish:
      - store: env-file
        file: /etc/app/.env
        values: { REDIS: "redis:6379,user={{username}},password={{password}}" }
    consumers:
      - { kind: command, name: app, instances: [{ id: one, reload: [/usr/bin/true], sees: { started: [/usr/bin/true] } }] }
    grace: 24h
`;

/** Twenty mistakes, each with the line it stands in and what to do about it. */
const bad = `version: 1
demmo: false
policies:
  prod:
    channel: security-ops
    approvals: [{ from: "@security", min: 0 }, { from: "@oncall", min: 1 }]
    expires: half an hour
    retire: { between: "Mon-Fri 09:00-16:00", zone: Berlin }
    onFailure: rolback
  alone:
    channel: "#ops"
    approvals: [{ from: "@security", min: 1 }]
targets:
  - secret: redis
    environment: prod
    policy: prd
    rotator: { kind: redis-alc, url: "redis://redis:6379" }
    owner: "@platform"
    publish:
      - store: env-fil
        file: /etc/app/.env
        values: { A: "{{username}}{{password}}", B: "{{password|bas64}}" }
    consumers: []
    grace: 24h
    grace: 25h
  - secret: postgres
    environment: prod
    policy: prod
    rotator: { kind: postgres-role, url: "postgresql://db:5432/app", admin: { username: keyturn, password: "env:DATABASE_URL" }, roles: [app_a, app_b], owner: app, rolls: 2 }
    publish:
      - store: env-file
        file: /etc/app/.env
        values: { C: "{{pasword}}" }
    consumers: [{ kind: comand, name: app }]
    chekcs: []
    grace: 24h
    graceMax: 1h
    owner: "@platform"
`;

describe("keyturn check", () => {
  it("says in one line that a catalog has no mistake", async () => {
    const file = await write("good.yaml", good);
    expect(await keyturn(["check", file])).toEqual({
      code: 0,
      out: `${file}: 1 target, 1 policy, no mistake\n`,
      err: "",
    });
  });

  it("names twenty mistakes at once, each with file, line and column, and what to do", async () => {
    const file = await write("bad.yaml", bad);
    const { code, out, err } = await keyturn(["check", file]);
    const places = [...err.matchAll(/^(\S+):(\d+):(\d+) (.+)\n {2}(?:found .*\n {2})?(\S.*)$/gm)];

    expect([code, out]).toEqual([1, ""]);
    expect(
      places.every(([, name, , , , hint]) => name === file && (hint ?? "").length > 5),
      err,
    ).toBe(true);
    expect(err).toMatch(/\n20 mistakes\n$/);
    expect(places).toHaveLength(20);
    expect(places.map(([, , line]) => Number(line))).toEqual([
      2, 5, 6, 7, 8, 9, 12, 16, 17, 20, 22, 22, 23, 25, 29, 29, 33, 34, 35, 37,
    ]);
  });

  it.each([
    ["group", 0o664],
    ["others", 0o646],
  ])("finds a file that %s may write, and says how to mend it", async (_who, mode) => {
    const file = await write("open.yaml", good, mode);
    const { code, err } = await keyturn(["check", file]);
    expect(code).toBe(1);
    expect(err).toContain(`found mode ${mode.toString(8)}; allowed: mode 644, mode 600`);
    expect(err).toContain(`chmod go-w ${file}`);
  });

  it("says that a file cannot be read", async () => {
    const { code, err } = await keyturn(["check", join(folder, "missing.yaml")]);
    expect(code).toBe(1);
    expect(err).toContain("catalog_unreadable");
    expect(err).toContain("(ENOENT)");
  });
});
