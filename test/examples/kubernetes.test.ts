import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Rotation } from "../../src/core/rotation.ts";
import { rootUser } from "../rotators/redis-acl/world.ts";
import { makeAuthority } from "../servers/certificates.ts";
import { type Cluster, startCluster } from "../servers/kubernetes/cluster.ts";
import { needs } from "../servers/need.ts";
import { serverFolder, writeServerFile } from "../servers/own-folder.ts";
import { type PgBouncer, startPgBouncer } from "../servers/pgbouncer.ts";
import { type Postgres, startPostgres } from "../servers/postgres.ts";
import { type Redis, startRedis } from "../servers/redis.ts";
import { replicaSets, secretData } from "./cluster.ts";
import { exampleFor } from "./example.ts";
import { smokeAuthorization, smokePassword } from "./front.ts";
import { adminPassword, makeAdmin, makeRoles, makeUser } from "./logins.ts";
import { run } from "./world.ts";

const first = "first-password-of-the-examples-5e";

/** Without root the API server's pod proxy reaches no pod, and the examples ask their pods through it. */
const rooted = process.getuid?.() === 0;

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
  "redis-server",
  "pgbouncer",
)("the examples of Kubernetes", { timeout: 180_000 }, () => {
  let cluster: Cluster;
  let postgres: Postgres;
  let redis: Redis;
  let bouncer: PgBouncer;
  let authority: string;

  beforeAll(async () => {
    cluster = await startCluster();
    const network = cluster.podNetwork?.cidr ?? "127.0.0.1/32";
    postgres = await startPostgres({
      version: 18,
      hba: ["127.0.0.1/32", network].map((from) => `host all all ${from} scram-sha-256`),
      createDatabases: ["truload", "kura", "orchestrator", "aegis"],
      config: ["max_connections = 200"],
    });
    await makeAdmin(postgres);
    redis = await startRedis({ users: [rootUser, "default off"], config: ["protected-mode no"] });
    const folder = serverFolder("certificates");
    const ca = makeAuthority("the authority of the examples");
    const { cert, key } = ca.issue({ name: "pgbouncer", names: ["127.0.0.1", "localhost"] });
    authority = writeServerFile(folder, "ca.crt", [ca.cert]);
    bouncer = await startPgBouncer({
      postgres,
      mode: "auth_query",
      databases: ["aegis"],
      config: [
        "client_tls_sslmode = allow",
        `client_tls_cert_file = ${writeServerFile(folder, "server.crt", [cert])}`,
        `client_tls_key_file = ${writeServerFile(folder, "server.key", [key])}`,
        // In seconds, as in a world where ten minutes need not pass.
        "server_idle_timeout = 1",
      ],
    });
  });
  afterAll(async () => {
    await cluster?.stop();
    await bouncer?.[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });

  describe.runIf(rooted)("rotate with nobody refused", { concurrent: true }, () => {
    it("truload.yaml: PostgreSQL and Redis of one Secret, each in one patch and one roll-out", async () => {
      const at = `Host=127.0.0.1;Port=${String(postgres.port)}`;
      await makeRoles(postgres, "truload_owner", ["truload_user", "truload_b"], first);
      await makeUser(redis, "truload", first);
      const [namespace, secret] = ["truload", "truload-backend-secrets"];
      const stringData = {
        CONNECTIONSTRINGS__DEFAULTCONNECTION: `${at};Database=truload;Username=truload_user;Password=${first}`,
        TENANTDATABASES__KURA: `${at};Database=kura;Username=truload_user;Password=${first};Maximum Pool Size=50`,
        REDIS__CONNECTIONSTRING: `127.0.0.1:${String(redis.port)},user=truload,password=${first},ssl=false,connectTimeout=500`,
        SUPERSET__PASSWORD: "a neighbour's",
      };
      await using running = await run({
        ...{ cluster, file: "truload.yaml", secrets: ["postgres", "redis"] },
        ...{ namespace, workload: "truload-backend", secret, options: [], manifests: [] },
        connection: "{ kind: kubernetes, inCluster: true }",
        replacements: [
          ["postgresql://postgres.truload:5432/", `postgresql://127.0.0.1:${String(postgres.port)}/`],
          ["Host=postgres.truload;Port=5432", at],
          ["rediss://redis.truload:6379", `redis://127.0.0.1:${String(redis.port)}`],
          ["redis.truload:6379,", `127.0.0.1:${String(redis.port)},`],
          ["ssl=true", "ssl=false"],
        ],
        references: { TRULOAD_PG_ADMIN: adminPassword, TRULOAD_REDIS_ADMIN: adminPassword },
        objects: [{ apiVersion: "v1", kind: "Secret", metadata: { name: secret, namespace }, stringData }],
        logins:
          "postgres:CONNECTIONSTRINGS__DEFAULTCONNECTION postgres:TENANTDATABASES__KURA redis:REDIS__CONNECTIONSTRING",
        pod: { envFrom: [{ secretRef: { name: secret } }] },
      });
      const ids = await Promise.all(["postgres", "redis"].map((each) => running.stage.approved({ secret: each })));
      for (const rotation of await Promise.all(ids.map((id) => running.stage.drive(id)))) {
        expectProved(rotation);
      }
      const after = await secretData(cluster, namespace, secret);
      expect(after).toMatchObject({
        CONNECTIONSTRINGS__DEFAULTCONNECTION: expect.stringContaining("Username=truload_b;"),
        TENANTDATABASES__KURA: expect.stringMatching(/Username=truload_b;.*;Maximum Pool Size=50$/),
        REDIS__CONNECTIONSTRING: expect.stringMatching(/,user=truload,.*,connectTimeout=500$/),
        SUPERSET__PASSWORD: "a neighbour's",
      });
      expect(JSON.stringify(after)).not.toContain(first);
      expect(await replicaSets(cluster, namespace)).toBe(3);
      expect(await running.totals()).toMatchObject({ refused: 0 });
    });

    it("llm-orchestrator.yaml: a new Secret, and one roll-out that points at it", async () => {
      await makeRoles(postgres, "orchestrator_owner", ["orchestrator_a", "orchestrator_b"], first);
      const [namespace, secret] = ["llm-orchestrator", "orchestrator-db-secret"];
      const from = (name: string, of: string, key: string, optional = false) => ({
        name,
        valueFrom: { secretKeyRef: { name: of, key, optional } },
      });
      const object = (name: string, stringData: object) => ({
        ...{ apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, stringData },
      });
      const url = `postgresql://$(DB_USERNAME):$(DB_PASSWORD)@127.0.0.1:${String(postgres.port)}/orchestrator`;
      await using running = await run({
        ...{ cluster, file: "llm-orchestrator.yaml", secrets: ["postgres"] },
        ...{ namespace, workload: "orchestrator", secret, options: ["exec"], manifests: ["versioned"] },
        connection: "{ kind: kubernetes, context: llm-orchestrator }",
        front: "https://orchestrator.example",
        replacements: [
          ["postgresql://postgres.llm-orchestrator:5432/", `postgresql://127.0.0.1:${String(postgres.port)}/`],
          ["Sat,Sun 02:00-06:00", "Mon-Sun 00:00-24:00"],
        ],
        references: { ORCHESTRATOR_PG_ADMIN: adminPassword, ORCHESTRATOR_SMOKE_PASSWORD: smokePassword },
        objects: [
          object(secret, { username: "orchestrator_a", password: first }),
          object("orchestrator-jwt-secret", { secret: "a-key-of-the-same-pods" }),
        ],
        logins: "postgres:DATABASE_URL",
        pod: {
          env: [
            from("DB_USERNAME", secret, "username"),
            from("DB_PASSWORD", secret, "password"),
            { name: "DATABASE_URL", value: url },
            from("JWT_SECRET", "orchestrator-jwt-secret", "secret"),
            from("JWT_SECRET_PREVIOUS", "orchestrator-jwt-secret", "previous", true),
          ],
        },
      });
      const before = await replicaSets(cluster, namespace);
      const id = await running.stage.approved({ secret: "postgres" });
      expectProved(await running.stage.drive(id));

      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/orchestrator`;
      const refers = [...JSON.stringify(await cluster.api("GET", path)).matchAll(/"secretKeyRef":\{"name":"([^"]+)"/g)];
      const version = `orchestrator-db-secret-${id}-1`;
      expect(refers.map(([, name]) => name)).toEqual([
        ...[version, version, "orchestrator-jwt-secret", "orchestrator-jwt-secret"],
      ]);
      expect(await secretData(cluster, namespace, version)).toMatchObject({ username: "orchestrator_b" });
      expect(await secretData(cluster, namespace, secret)).toEqual({ username: "orchestrator_a", password: first });
      expect((await replicaSets(cluster, namespace)) - before).toBe(1);
      expect(await running.totals()).toMatchObject({ refused: 0 });
    });

    it("cloud-aegis.yaml: the database through PgBouncer, checked from inside of the pods", async () => {
      await makeRoles(postgres, "aegis_owner", ["aegis_a", "aegis_b"], first);
      const [namespace, secret, configmap] = ["aegis", "aegis-db", "aegis-config"];
      const place = `127.0.0.1:${String(bouncer.port)}`;
      const url = `postgresql://aegis_a:${first}@${place}/aegis?sslmode=verify-full`;
      const metadata = { name: configmap, namespace };
      await using running = await run({
        ...{ cluster, file: "cloud-aegis.yaml", secrets: ["postgres"] },
        ...{ namespace, workload: "aegis-api", secret, configmap, options: ["exec", "configmap"], manifests: [] },
        connection: "{ kind: kubernetes, context: aegis-prod }",
        front: "https://api.aegis.example",
        replacements: [
          ["db.aegis.example:5432", `127.0.0.1:${String(postgres.port)}`],
          ["pgbouncer.aegis.example:6432", place],
          ["Mon-Thu 09:00-16:00", "Mon-Sun 00:00-24:00"],
          ["@aegis-oncall", "@oncall"],
        ],
        references: {
          ...{ AEGIS_PG_ADMIN: adminPassword, AEGIS_SMOKE_PASSWORD: smokePassword },
          AEGIS_SMOKE_AUTHORIZATION: smokeAuthorization,
        },
        objects: [
          {
            apiVersion: "v1",
            kind: "Secret",
            metadata: { name: secret, namespace },
            stringData: { DATABASE_URL: url },
          },
          { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "jwt.signing_key": "a-key-of-the-same-pods" } },
        ],
        logins: "postgres:DATABASE_URL",
        pod: {
          envFrom: [{ secretRef: { name: secret } }],
          env: [
            { name: "NODE_EXTRA_CA_CERTS", value: authority },
            { name: "JWT_KEY", valueFrom: { configMapKeyRef: { name: configmap, key: "jwt.signing_key" } } },
          ],
        },
      });
      const id = await running.stage.approved({ secret: "postgres" });
      const rotation = await running.stage.drive(id);

      expectProved(rotation);
      expect(rotation.steps["verify"]?.sentence).toMatch(/ended with 0 \(2 of 2 pods\)/);
      const { DATABASE_URL } = await secretData(cluster, namespace, secret);
      expect(DATABASE_URL).toMatch(/^postgresql:\/\/aegis_b:[^@]+@127\.0\.0\.1:\d+\/aegis\?sslmode=verify-full$/);
      expect(await replicaSets(cluster, namespace)).toBe(2);
      expect(await running.totals()).toMatchObject({ refused: 0 });
      // Nothing here accepts tokens of the key in the ConfigMap, so its plan is refused; the warning is there all the same.
      await expect(running.stage.requested({ secret: "jwt" })).rejects.toThrow(/"secret_in_configmap"/);
    });
  });
});

it("a text that an example does not say any more is missed", async () => {
  await expect(exampleFor("truload.yaml", [["Host=elsewhere", "Host=127.0.0.1"]], ["postgres"])).rejects.toThrow(
    "does not say Host=elsewhere",
  );
  await expect(exampleFor("truload.yaml", [], ["ledger"])).rejects.toThrow("no target ledger");
});

function expectProved({ ended, steps, block, turnedBack, plan }: Rotation): void {
  const told = JSON.stringify([
    plan.secret,
    block,
    turnedBack,
    Object.entries(steps).map(([id, { sentence }]) => [id, sentence]),
  ]);
  expect(ended, told).toMatchObject({ status: "done", leftovers: [] });
  expect(steps["rollout"]?.sentence).toMatch(/2 of 2 pods on the new value/);
  expect(steps["prove"]?.sentence).toMatch(/^proved: old credential refused/);
}
