import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { execCheck } from "../../../src/checks/exec/check.ts";
import { Secret } from "../../../src/core/secret.ts";
import { checkContract } from "../../contract/check.ts";
import { contextOf } from "../../contract/store-world.ts";
import { needs } from "../../servers/need.ts";
import { scopeOf } from "../scope.ts";
import { openShop, type Shop } from "./shop.ts";

const canary = "canary-3xec-Zq8Kx2";

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
)("the exec check", () => {
  let shop: Shop;
  let pods: readonly string[];
  let [one, two] = ["", ""];
  let program: string;
  beforeAll(async () => {
    shop = await openShop();
    program = join(shop.folder, "probe");
    pods = await shop.run("web", 3);
    [one = "", two = ""] = pods;
  });
  afterAll(() => shop.stop());

  checkContract({
    name: "exec",
    makeWorld: () => {
      write("echo connected as $POD_NAME");
      return Promise.resolve({
        bound: bound({ argv: [program], match: "^connected as web-" }),
        scope: () => Promise.resolve(scopeOf()),
        breakIt: () => Promise.resolve(write(`echo "FATAL: password=${canary} for ${canary}" >&2; exit 3`)),
        hideIt: () => Promise.resolve(rmSync(program, { force: true })),
        forgives: true,
        secrets: [canary],
        close: () => Promise.resolve(),
      });
    },
  });

  it("runs in every ready pod with that pod's own environment, or in the first one only", async () => {
    const ran = join(shop.folder, "ran");
    const argv = ["sh", "-c", 'echo "$POD_NAME" >> "$FOLDER/ran"; echo 1'];
    const every = await run({ argv, match: "^1$" });
    const names = taken(ran);
    const single = await run({ argv, match: "^1$", each: false });

    expect(every).toMatchObject({ ok: true, summary: "ended with 0 (3 of 3 pods)" });
    expect(names.toSorted()).toEqual(pods);
    expect(single).toMatchObject({ ok: true, summary: "ended with 0 (1 of 1 pods)" });
    expect(taken(ran)).toEqual([one]);
  });

  it("names the pod that is red, and shows its own error as a signature, whatever it printed", async () => {
    const secret = "S3cret/with+signs=Zq8";
    const line = `psql: FATAL: password authentication failed for "app" (${secret}, ${Buffer.from(secret).toString("base64")}, ${encodeURIComponent(secret)}, ${Buffer.from(secret).toString("hex")})`;
    const argv = ["sh", "-c", `[ "$POD_NAME" != ${two} ] || { echo '${line}' >&2; exit 2; }`];
    const expected = {
      ref: { principal: "p", generation: "2" },
      public: {},
      values: { PASSWORD: new Secret(secret) },
      since: new Date().toISOString(),
      places: {},
    };
    const verdict = await run({ argv }, scopeOf({ expected }));

    expect(verdict).toMatchObject({ ok: false, evidence: { failed: ["code"] } });
    expect(verdict.summary).toMatch(
      new RegExp(`^${two}: ended with 2, psql: ~ password authentication failed for ~ .*\\(1 of 3 pods red\\)`),
    );
    for (const form of ["S3cret", "with+signs", "Zq8", Buffer.from(secret).toString("hex").slice(0, 8)])
      expect(JSON.stringify(verdict)).not.toContain(form);
  });

  it("is red when the program ends well and prints something else", async () => {
    expect(await run({ argv: ["echo", "0"], match: "^1$" })).toMatchObject({
      ok: false,
      evidence: { failed: ["match"] },
    });
  });

  it("runs in the container that is asked for, by default in the one that kubectl would choose", async () => {
    const argv = ["sh", "-c", "echo ${ROLE:-web}"];
    expect(await run({ argv, match: "^web$" })).toMatchObject({ ok: true });
    expect(await run({ argv, match: "^sidecar$", container: "sidecar" })).toMatchObject({ ok: true });
    await expect(run({ argv, container: "db" })).rejects.toMatchObject({
      code: "exec_no_container",
      hint: "it has web, sidecar",
    });
  });

  it("runs in the pods of a StatefulSet", async () => {
    await shop.run("db", 1, {}, "StatefulSet");

    expect(
      await run({ at: "prod/shop/statefulset/db", argv: ["sh", "-c", "echo $POD_NAME"], match: "^db-0$" }),
    ).toMatchObject({ ok: true, summary: "ended with 0 (1 of 1 pods)" });
  });

  it("cannot look when the program does not end in time, or prints more than is read", async () => {
    await expect(run({ argv: ["sleep", "30"], timeout: "1s", each: false })).rejects.toMatchObject({
      code: "kubernetes_exec_timed_out",
    });
    const argv = ["sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x; echo; echo done"];
    await expect(run({ argv, match: "done", each: false })).rejects.toMatchObject({ code: "exec_too_long" });
  });

  it("cannot look where there is no ready pod, or no right to run anything, which it names", async () => {
    await shop.run("none", 0);
    await expect(run({ argv: ["true"], at: "prod/shop/deployment/none" })).rejects.toMatchObject({ code: "pods_none" });
    await expect(run({ argv: ["true"], connection: shop.onlooker })).rejects.toMatchObject({
      code: "kubernetes_forbidden",
      hint: expect.stringContaining('resources: ["pods/exec"]'),
    });
  });

  function write(script: string): void {
    writeFileSync(program, `#!/bin/sh\n${script}\n`);
    chmodSync(program, 0o755);
  }

  function bound(entry: object) {
    return execCheck().bind({
      kind: "exec",
      at: "prod/shop/deployment/web",
      connection: shop.connection,
      ...entry,
    });
  }

  async function run(entry: object, scope = scopeOf()) {
    const check = await bound(entry).open(contextOf({}));
    return await check.run(null, scope).finally(check.close);
  }
});

describe("the entry of an exec check", () => {
  const entry = { kind: "exec", at: "prod/shop/deployment/web", argv: ["./aegis", "health"] };

  it.each([
    ["a reference in its argv", { argv: ["login", "env:PASSWORD"] }],
    ["a template in its argv", { argv: ["sh", "-c", "login {{password}}"] }],
    ["a password in a URL in its argv", { argv: ["psql", "postgresql://app:hunter2@db/shop"] }],
    ["a pattern with a look-ahead", { match: "(?=x)" }],
    ["a place that is no workload", { at: "prod/shop/web" }],
    ["nothing to run", { argv: [] }],
  ])("is refused with %s", (_, change) => {
    expect(() => execCheck().bind({ ...entry, ...change })).toThrow();
  });

  it("takes a URL whose password is a variable of the pod", () => {
    const argv = ["sh", "-c", 'psql "postgresql://app:$PASSWORD@db/shop" -tAc "SELECT 1"'];
    expect(() => execCheck().bind({ ...entry, argv })).not.toThrow();
  });

  it("says in the plan what runs where, and by which right", () => {
    expect(execCheck().bind(entry).shape.label).toBe(
      "exec ./aegis health (runs inside of every ready pod of prod/shop/deployment/web, by the right pods/exec)",
    );
  });
});

/** The lines of a file, which is gone then. */
function taken(file: string): readonly string[] {
  const lines = readFileSync(file, "utf8").trim().split("\n");
  rmSync(file);
  return lines;
}
