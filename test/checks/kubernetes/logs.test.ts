import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { logsCheck } from "../../../src/checks/logs/check.ts";
import { kubernetesWorkload } from "../../../src/consumers/kubernetes-workload/consumer.ts";
import type { Check, CheckScope, Consumer, Expected } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { runner } from "../../../src/process/run.ts";
import { reload } from "../../contract/consumer-world.ts";
import { eventually } from "../../contract/eventually.ts";
import { contextOf } from "../../contract/store-world.ts";
import { needs } from "../../servers/need.ts";
import { scopeOf } from "../scope.ts";
import { openShop, type Shop } from "./shop.ts";

/** Secrets of another service, which Keyturn does not know and so cannot mask: they must not read as words. */
const foreign: Readonly<Record<string, string>> = {
  OTHER_PASSWORD: "kX9$vQ2!mLp7zR4w",
  OTHER_QUOTED: `p"q'r\\s\`tZ8+/=w4Y`,
  OTHER_TOKEN: "ghx_9aB3dE5fG7hJ1kL2mN4pQ6rS8tU0vW",
  OTHER_SHORT: "Tr0ub4dor&3",
  OTHER_LOWER: "qzx7vbn2wkd9",
  OTHER_URL: "amqps://billing:nV5t-Hq8Jz3k@mq.internal/prod",
  OTHER_KEY: generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey,
};
const Status = z.object({
  status: z.object({
    containerStatuses: z.array(
      z.object({ name: z.string(), restartCount: z.number(), state: z.looseObject({ running: z.unknown() }) }),
    ),
  }),
});

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
)("the logs check of pods", () => {
  let shop: Shop;
  let api: Consumer;
  let worker: Consumer;
  let check: Check;
  beforeAll(async () => {
    shop = await openShop();
    await shop.cluster.apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "other", namespace: "shop" },
      stringData: foreign,
    });
    const envFrom = [{ secretRef: { name: "other" } }];
    await Promise.all([shop.run("api", 2, { envFrom }), shop.run("worker", 1, { envFrom })]);
    api = await opened("api");
    worker = await opened("worker");
    check = await logsCheck({ runner: runner([]), logFolders: [] })
      .bind({ kind: "logs", of: "consumers", pattern: ".", window: "5m" })
      .open(contextOf({}));
  });
  afterAll(async () => {
    await api.close();
    await worker.close();
    await shop.stop();
  });

  it("blames only what pods on the new value say anew, and shows nothing of a dumped environment", async () => {
    const [first = ""] = (await shop.podsOf("api")).ready;
    say(first, "request unauthorized: token 17 of 10.1.2.3\n");
    await eventually(async () => (await api.logs?.(agoIso(60_000)))?.flatMap(({ lines }) => lines)).toHaveLength(1);
    const before = await check.baseline(scope());

    const expected: Expected = {
      ref: { principal: "app", generation: "2" },
      public: {},
      values: { PASSWORD: new Secret("n3w-Value-of-Ours-77") },
      since: new Date().toISOString(),
      places: {},
    };
    const [unit = ""] = await api.units();
    await reload(api, unit, expected);
    const isNew = async (): Promise<boolean> => {
      const all = await api.instances(expected);
      return all.length === 2 && all.every(({ on, ready }) => on === "new" && ready);
    };
    await eventually(isNew).toBe(true);
    const [fresh = ""] = (await shop.podsOf("api")).ready;
    say(fresh, "request unauthorized: token 99 of 10.9.9.9\n");
    await eventually(async () => (await api.logs?.(expected.since))?.flatMap(({ lines }) => lines)).toHaveLength(1);
    expect(await check.run(before, scope(expected))).toMatchObject({ ok: true });

    const [old = ""] = (await shop.podsOf("worker")).ready;
    await crash(old);
    const warned = await check.run(before, scope(expected));
    expect([warned.ok, warned.warning]).toEqual([false, true]);
    expect(warned.summary).toContain(`in deployment/worker/${old}`);

    await crash(fresh);
    const red = await check.run(before, scope(expected));
    expect([red.ok, red.warning]).toEqual([false, undefined]);
    expect(red.summary).toContain(`in deployment/api/${fresh}, new: `);
    expect(red.summary).not.toContain(old);

    const loud = await logsCheck({ runner: runner([]), logFolders: [] })
      .bind({ kind: "logs", of: "consumers", pattern: ".", window: "5m", floor: 100_000 })
      .open(contextOf({}));
    const normal = await loud.run(before, scope(expected));
    expect([normal.ok, normal.warning]).toEqual([true, true]);

    const raw = (await api.logs?.(expected.since))?.flatMap(({ lines }) => lines.map(({ text }) => text)).join("\n");
    expect(Object.values(foreign).filter((value) => raw?.includes(value.trim()) !== true)).toEqual([]);
    const shown = inspect([before, warned, red, normal], { depth: 20, maxArrayLength: null, maxStringLength: null });
    expect(shown).toContain("unauthorized");
    expect(piecesOf(foreign).filter((piece) => shown.includes(piece))).toEqual([]);
  });

  /** The pod dumps its environment and ends; resolves when its container runs again. */
  async function crash(pod: string): Promise<void> {
    shop.put(`crash-${pod}`, "");
    await eventually(async () => {
      const { status } = Status.parse(await shop.cluster.api("GET", `/api/v1/namespaces/shop/pods/${pod}`));
      const web = status.containerStatuses.find(({ name }) => name === "web");
      return web?.restartCount === 1 && web.state.running !== undefined;
    }).toBe(true);
  }

  function say(pod: string, text: string): void {
    shop.put(`say-${pod}`, text);
  }

  function scope(expected?: Expected): CheckScope {
    const since = expected?.since ?? agoIso(60_000);
    return scopeOf({ consumers: [api, worker], expected, since });
  }

  async function opened(name: string): Promise<Consumer> {
    const connection = { kind: "kubernetes", kubeconfig: shop.cluster.kubeconfig };
    const bound = kubernetesWorkload.bind({
      kind: "kubernetes-workload",
      at: `test/shop/deployment/${name}`,
      connection,
    });
    return await bound.open(contextOf({}));
  }
});

function agoIso(ms: number): string {
  return new Date(Date.now() - ms).toISOString();
}

const armour = "-----BEGIN PRIVATE KEY----- -----END PRIVATE KEY-----";

/** Every run of eight characters of every secret, plain and in the encodings that programs print; what all keys begin with is none. */
function piecesOf(secrets: Readonly<Record<string, string>>): readonly string[] {
  const forms = Object.values(secrets).flatMap((value) => {
    const bytes = Buffer.from(value);
    const texts = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), bytes.toString("base64url")];
    const codes = [bytes.toString("base64"), bytes.toString("hex"), bytes.toString("hex").toUpperCase()];
    return [...texts, ...codes].flatMap((text) => text.split("\n"));
  });
  const pieces = forms.flatMap((form) =>
    form.length <= 8 ? [form] : Array.from({ length: form.length - 7 }, (_, at) => form.slice(at, at + 8)),
  );
  return [...new Set(pieces)].filter((piece) => piece.length >= 6 && !armour.includes(piece));
}
