import { describe, expect, it } from "vitest";
import { z } from "zod";
import { loadCatalog } from "../../../src/catalog/load.ts";
import { generated } from "../../../src/rotators/generated/rotator.ts";
import { sharedKey } from "../../../src/rotators/shared-key/rotator.ts";
import { signingKey } from "../../../src/rotators/signing-key/rotator.ts";
import { shipped } from "../../catalog/shipped.ts";
import { inWorld } from "../../contract/rotator-world.ts";
import { contextOf } from "../../contract/store-world.ts";
import { makeWorld } from "../signing-key/world.ts";

const web = { pods: "prod/shop/deployment/web", port: 8080, path: "/me" };
const signing = signingKey({ now: () => new Date() });
const good = { kind: "signing-key", maxTokenLife: "1h", accept: [web] };

describe("a probe of pods", () => {
  it("names the workload in the plan, and in the lock", () => {
    const { shape } = signing.bind(good);
    expect(shape.words.proof).toContain("gets 401 or 403 from every ready pod of prod/shop/deployment/web");
    expect(shape.principals).toEqual(["signing-key prod/shop/deployment/web"]);
    const account = { kind: "generated", login: [web], session: { accept: [web] } };
    expect(generated.bind(account).shape.words.proof).toContain("every ready pod of prod/shop/deployment/web");
  });

  it.each([
    ["a url as well", { url: "http://h/" }, ["accept", 0, "url"]],
    ["no port", { port: undefined }, ["accept", 0, "port"]],
    ["a name for one instance", { instance: "one" }, ["accept", 0, "instance"]],
    ["a place that is no workload", { pods: "prod/shop/web" }, ["accept", 0, "pods"]],
    ["a path that names a host", { path: "//evil.example/me" }, ["accept", 0, "path"]],
    ["the key in the path", { path: "/me?t={{token}}" }, ["accept", 0, "path"]],
  ])("is refused with %s, and the error names the place", (_what, change, path) => {
    const { error } = z.safeParse(signing.config, { ...good, accept: [{ ...web, ...change }] });
    expect(error?.issues.map((issue) => issue.path)).toEqual([path]);
  });

  it("is refused with a port, a scheme or a path beside a url", () => {
    const accept = [{ url: "http://h/", port: 80, scheme: "http", path: "/me" }];
    const { error } = z.safeParse(sharedKey.config, { kind: "shared-key", accept });
    expect(error?.issues.map(({ path }) => path.at(-1))).toEqual(["port", "scheme", "path"]);
  });
});

describe("the connection that probes name", () => {
  it("is written into the entry, whichever probe names it, and left out where none does", () => {
    const url = { url: "http://h/login", token: "$.token" };
    const connection = { kind: "kubernetes", context: "prod" };
    expect(entryOf({ ...good, sign: [url, { ...web, token: "$.token" }] })).toMatchObject({ connection });
    expect(entryOf({ ...good, accept: [{ url: "http://h/me" }], sign: [{ ...web, token: "$.t" }] })).toMatchObject({
      connection,
    });
    expect(entryOf({ ...good, accept: [{ url: "http://h/me" }] })).not.toHaveProperty("connection");
  });

  it("is one for all probes of a target, exists, and is written by nobody", () => {
    const other = { ...web, pods: "stage/shop/deployment/web" };
    expect(problemsOf({ ...good, accept: [web, other] })).toEqual([
      ["targets[0].rotator.accept[1].pods", 'one entry uses one connection: "prod" and "stage" are two'],
    ]);
    expect(problemsOf({ ...good, accept: [{ ...web, pods: "prd/shop/deployment/web" }] })).toEqual([
      ["targets[0].rotator.accept[0].pods", 'there is no connection "prd" of the kind kubernetes'],
    ]);
    expect(problemsOf({ ...good, connection: { kind: "kubernetes" } })).toEqual([
      ["targets[0].rotator.connection", expect.stringContaining("a connection is named, not written here")],
    ]);
  });
});

describe("one address", () => {
  it("is said to stand for whatever is behind it, unless it is the name of one instance", () =>
    inWorld(
      () => makeWorld(),
      async (world, _issuer, run) => {
        const [instance] = world.instances;
        const host = `127.0.0.1:${String(instance?.port)}`;
        const open = (more: object) =>
          signing
            .bind({ ...good, accept: [{ url: `http://${host}/me`, ...more }] })
            .open({ ...contextOf({}), resolve: world.resolve });
        const [address, named] = [await open({}), await open({ instance: "shop-1" })];

        expect(await address.preflight(run.current)).toMatchObject([
          {
            severity: "warning",
            code: "one_address",
            sentence: `${host} is one address: whether every instance behind it accepts a key cannot be told from here`,
          },
          { code: "no_sign_probe" },
        ]);
        expect(await address.test(run.current)).toMatchObject({ verdict: "accepted", asked: "1 address asked" });
        expect(await named.preflight(run.current)).toMatchObject([{ code: "no_sign_probe" }]);
        expect(await named.test(run.current)).toMatchObject({ asked: "1 of 1 instances asked" });
      },
    ));
});

function load(rotator: object) {
  const target = {
    secret: "jwt",
    environment: "prod",
    policy: "prod",
    owner: "@platform",
    rotator,
    publish: [{ store: "env-file", file: "/etc/app/.env", values: { KEY: "{{key}}", PREVIOUS: "{{accepted.key}}" } }],
    consumers: [{ kind: "kubernetes-workload", at: "prod/shop/deployment/web" }],
    checks: [{ kind: "http", url: "https://h/" }],
    grace: "24h",
  };
  const connections = {
    prod: { kind: "kubernetes", context: "prod" },
    stage: { kind: "kubernetes", context: "stage" },
  };
  const approvals = [{ from: "@security", min: 2 }];
  const policies = { prod: { channel: "#ops", requesters: ["@oncall"], approvals } };
  return loadCatalog(JSON.stringify({ version: 1, connections, policies, targets: [target] }), "catalog.yaml", shipped);
}

function entryOf(rotator: object): object {
  const result = load(rotator);
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return result.catalog.targets[0]?.rotator ?? {};
}

function problemsOf(rotator: object): readonly (readonly [path: string, sentence: string])[] {
  const result = load(rotator);
  return "problems" in result ? result.problems.map(({ path, sentence }) => [path, sentence] as const) : [];
}
