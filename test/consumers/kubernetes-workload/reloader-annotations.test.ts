import { expect, it } from "vitest";
import { Workload } from "../../../src/consumers/kubernetes-workload/objects.ts";
import { reloaderOf } from "../../../src/consumers/kubernetes-workload/reloader.ts";

const auto = "reloader.stakater.com/auto";
const secret = "secret.reloader.stakater.com";
const configmap = "configmap.reloader.stakater.com";

it.each([
  ["secret/db", {}, false],
  ["secret/db", { [auto]: "true" }, true],
  ["configmap/db", { [auto]: "1" }, true],
  ["secret/db", { [`${secret}/auto`]: "true" }, true],
  ["secret-version/db", { [`${secret}/auto`]: "true" }, true],
  ["configmap/db", { [`${secret}/auto`]: "true" }, false],
  ["configmap/db", { [`${configmap}/auto`]: "true" }, true],
  ["secret/db", { [`${configmap}/auto`]: "true" }, false],
  ["configmap/db", { [`${configmap}/reload`]: "cache, db" }, true],
  ["configmap/db", { [`${secret}/reload`]: "db" }, false],
  ["secret/db", { [`${secret}/reload`]: "cache, mail" }, false],
  ["secret/db", { [auto]: "false" }, false],
  ["secret/db", { [auto]: "false", [`${secret}/reload`]: "db" }, true],
  ["secret/db", { [auto]: "true", "secrets.exclude.reloader.stakater.com/reload": "mail,db" }, false],
  ["configmap/db", { [auto]: "true", "secrets.exclude.reloader.stakater.com/reload": "db" }, true],
  ["secret/db", { [auto]: "true", "reloader.stakater.com/ignore": "true" }, false],
  ["secret/db-login", { [`${secret}/reload`]: "db-.*" }, true],
  ["secret/db-login", { [`${secret}/reload`]: "cache-.*" }, false],
  ["secret/db-login", { [`${secret}/reload`]: "cache|db-login" }, true],
  ["secret/db", { [`${secret}/reload`]: "dbs?" }, true],
  ["secret/db", { [`${secret}/reload`]: "(((d+)+)+)+!" }, true],
] as const)("what Reloader says of %s where the annotations are %o: %s", (used, annotations, restarts) => {
  const metadata = { name: "web", uid: "u", resourceVersion: "1", creationTimestamp: "2026-11-21T10:00:00Z" };
  const workload = Workload.parse({ metadata: { ...metadata, annotations }, spec: { template: { spec: {} } } });

  expect(reloaderOf(workload, { uses: [used] }) !== undefined).toBe(restarts);
});

it.each([[secret], [configmap]])(
  "without uses, %s/reload of any name counts, and it may stand in the template",
  (type) => {
    const metadata = { name: "web", uid: "u", resourceVersion: "1", creationTimestamp: "2026-11-21T10:00:00Z" };
    const template = { metadata: { annotations: { [`${type}/reload`]: "any" } }, spec: {} };

    expect(reloaderOf(Workload.parse({ metadata, spec: { template } }), { uses: [] })).toEqual({});
  },
);
