import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Credential } from "../../../src/core/credential.ts";
import type { Issuer, Rotator } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { generated } from "../../../src/rotators/generated/rotator.ts";
import { sharedKey } from "../../../src/rotators/shared-key/rotator.ts";
import { signingKey } from "../../../src/rotators/signing-key/rotator.ts";
import { openShop, type Shop } from "../../checks/kubernetes/shop.ts";
import { eventually } from "../../contract/eventually.ts";
import { contextOf } from "../../contract/store-world.ts";
import { needs } from "../../servers/need.ts";

const app = fileURLToPath(new URL("pod-app.ts", import.meta.url));
const [old, fresh] = [randomBytes(32).toString("base64url"), randomBytes(32).toString("base64url")];

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
)("probes of every pod of a workload", () => {
  let shop: Shop;
  /** The pod that nobody restarts. */
  let stale = "";
  beforeAll(async () => {
    shop = await openShop();
    await publish({ current: old });
    const env = ["FOLDER", "PORT", "POD_NAME", "POD_IP"].map(own).concat(key("current"), key("accepted"));
    const pods = await shop.run("web", 3, { command: [process.execPath, app], env });
    stale = pods[1] ?? "";
  });
  afterAll(() => shop.stop());

  const at = (path: string) => ({ pods: "prod/shop/deployment/web", port: shop.port, path });
  const signing = (more: object = {}) =>
    opened(signingKey({ now: () => new Date() }), {
      kind: "signing-key",
      maxTokenLife: "1h",
      accept: [at("/me")],
      sign: [{ ...at("/login"), token: "$.token" }],
      ...more,
    });
  const shared = () =>
    opened(sharedKey, {
      kind: "shared-key",
      accept: [at("/internal")],
      send: [{ ...at("/send"), shows: "$.sha256" }],
    });
  const administrator = () =>
    opened(generated, {
      kind: "generated",
      email: "ops@shop.example",
      login: [at("/auth/login")],
      session: { accept: [at("/auth/me")] },
    });

  it("say nothing of a sound workload, and count what was asked; the login of the application reaches each pod", async () => {
    for (const issuer of [await signing(), await shared()]) {
      const current = await issuer.identify(fields(old));
      expect((await issuer.preflight(current)).map(({ code }) => code)).toEqual([]);
      expect(await issuer.test(current)).toMatchObject({ verdict: "accepted", asked: "3 of 3 instances asked" });
      expect(await issuer.signs?.(current)).toMatchObject({ verdict: "accepted", asked: "3 of 3 instances asked" });
      expect(await issuer.test(await issuer.identify(fields(fresh)))).toMatchObject({
        verdict: "refused",
        code: "401",
      });
      await issuer.close();
    }
    const issuer = await administrator();
    const current = await issuer.identify(fields(old, "password"));
    expect((await issuer.preflight(current)).filter(({ severity }) => severity === "error")).toEqual([]);
    expect(await issuer.test(current)).toMatchObject({ verdict: "accepted", asked: "3 of 3 instances asked" });
    await issuer.close();
  });

  it("name the one pod that was not restarted after the new key was published to be accepted", async () => {
    await publish({ current: old, accepted: fresh });
    await restartAllBut(stale);
    for (const issuer of [await signing(), await shared()]) {
      expect(await issuer.test(await issuer.identify(fields(old)))).toMatchObject({ verdict: "accepted" });
      expect(await issuer.test(await issuer.identify(fields(fresh)))).toEqual({
        verdict: "unknown",
        code: "disagree",
        sentence: `refused by ${stale} (401), accepted by the other instances`,
      });
      await issuer.close();
    }
  });

  it("name the one pod that still uses the old key after the new one was published", async () => {
    await publish({ current: fresh, accepted: old });
    await restartAllBut(stale);
    for (const issuer of [await signing(), await shared()]) {
      const trial = await issuer.signs?.(await issuer.identify(fields(fresh)));
      expect(trial).toMatchObject({ verdict: "refused", code: expect.stringMatching(`^another.key at ${stale}$`) });
      await issuer.close();
    }
    const issuer = await administrator();
    expect(await issuer.test(await issuer.identify(fields(fresh, "password")))).toMatchObject({
      verdict: "unknown",
      sentence: `refused by ${stale} (401), accepted by the other instances`,
    });
    await issuer.close();
  });

  it("cannot be sent without the right, which is named, nor to a workload that is not there", async () => {
    const nowhere = await signing({ accept: [{ ...at("/me"), pods: "prod/shop/deployment/none" }] });
    const credential = await nowhere.identify(fields(old));
    await expect(nowhere.test(credential)).rejects.toMatchObject({ code: "kubernetes_not_found" });
    await nowhere.close();
    const entry = { kind: "signing-key", maxTokenLife: "1h", accept: [at("/me")], connection: shop.onlooker };
    const onlooker = await signingKey({ now: () => new Date() })
      .bind(entry)
      .open(contextOf({}));
    await expect(onlooker.test(credential)).rejects.toMatchObject({
      code: "kubernetes_forbidden",
      hint: expect.stringContaining('resources: ["pods/portforward"]'),
    });
    await onlooker.close();
  });

  it("say how many pods were not ready and so were not asked, and accept nothing where none is", async () => {
    const { ready } = await shop.podsOf("web");
    const unready = (pods: readonly string[]): void => pods.forEach((pod) => shop.put(`unready-${pod}`, ""));
    const issuer = await signing();
    const credential = await issuer.identify(fields(old));
    unready([stale]);
    await eventually(async () => (await shop.podsOf("web")).ready).toHaveLength(2);
    expect(await issuer.test(credential)).toMatchObject({
      verdict: "accepted",
      asked: "2 of 2 instances asked (prod/shop/deployment/web: 1 not ready)",
    });

    unready(ready);
    await eventually(async () => (await shop.podsOf("web")).ready).toEqual([]);
    for (const trial of [await issuer.test(credential), await issuer.signs?.(credential)]) {
      expect(trial).toMatchObject({ verdict: "unknown", code: "pods_none" });
    }
    await issuer.close();
  });

  async function opened(rotator: Rotator, entry: object): Promise<Issuer> {
    return await rotator.bind({ ...entry, connection: shop.connection }).open(contextOf({}));
  }

  async function publish({ current, accepted }: { current: string; accepted?: string }): Promise<void> {
    await shop.cluster.apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "keys", namespace: "shop" },
      stringData: { current, ...(accepted === undefined ? {} : { accepted }) },
    });
  }

  async function restartAllBut(left: string): Promise<void> {
    const { ready } = await shop.podsOf("web");
    const others = ready.filter((pod) => pod !== left);
    for (const pod of others) await shop.cluster.api("DELETE", `/api/v1/namespaces/shop/pods/${pod}`);
    await eventually(async () => {
      const now = await shop.podsOf("web");
      return now.ready.length === 3 && now.ending.length === 0 && !now.ready.some((pod) => others.includes(pod));
    }).toBe(true);
  }

  function own(name: string): object {
    const paths: Readonly<Record<string, string>> = { POD_NAME: "metadata.name", POD_IP: "status.podIP" };
    const fieldPath = paths[name];
    if (fieldPath !== undefined) return { name, valueFrom: { fieldRef: { fieldPath } } };
    return { name, value: name === "PORT" ? String(shop.port) : shop.folder };
  }
});

function key(slot: "current" | "accepted"): object {
  const name = slot === "current" ? "JWT_SECRET" : "JWT_SECRET_PREVIOUS";
  return { name, valueFrom: { secretKeyRef: { name: "keys", key: slot, optional: slot === "accepted" } } };
}

function fields(value: string, name = "key"): Pick<Credential, "public" | "secret"> {
  return { public: {}, secret: { [name]: new Secret(value) } };
}
