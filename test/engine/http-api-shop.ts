import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../src/core/secret.ts";
import { type Page, servePage } from "../checks/page.ts";
import { type Portal, startPortal } from "../rotators/handed-in-key/portal.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { admin, password, place, startTruload, type Truload } from "../stores/http-api/start-truload.ts";
import { openStage, type Stage } from "./stage.ts";

export const ada = { kind: "slack", id: "U-ada", team: "T1" } as const;
export const oldPair = { api_key: "old-api-key", client_secret: "old-client-secret-0123456789" };
export const newPair = { api_key: "new-api-key", client_secret: "new-client-secret-9876543210" };

export type NtsaWorld = AsyncDisposable & {
  readonly stage: Stage;
  readonly truload: Truload;
  /** What the provider lets in. */
  readonly portal: Portal;
  readonly database: FreshDatabase;
  readonly mirror: () => Promise<string>;
  /** Turns a check of the target red. */
  readonly redden: (red: boolean) => void;
  /** Presses the button and hands a pair in over the link. */
  readonly bring: (rotationId: string, pair: typeof newPair) => Promise<void>;
};

/** The NTSA integration of a stand-in for TruLoad, which never shows its credentials; with a copy in a file that only Keyturn reads (or that is to become one), or without. */
export async function openNtsa(options: { readonly mirrored: boolean | "empty" }): Promise<NtsaWorld> {
  await using starting = new AsyncDisposableStack();
  const database = starting.use(await freshDatabase());
  const behind = starting.use(await freshDatabase());
  const portal = await startPortal([[oldPair.api_key, oldPair.client_secret]]);
  starting.defer(() => portal.close());
  const credentials = { apiKey: oldPair.api_key, clientSecret: oldPair.client_secret };
  const mode = { mode: "plain", databaseUrl: behind.url, providerUrl: portal.url } as const;
  const truload = starting.use(await startTruload({ ...mode, credentials }));
  let red = false;
  const page = await servePage((_, response) => response.writeHead(red ? 503 : 200).end());
  starting.defer(() => page.stop());
  const folder = await mkdtemp(join(tmpdir(), "keyturn-ntsa-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "mirror.env");
  const held =
    options.mirrored === "empty" ? "" : `NTSA_KEY=${oldPair.api_key}\nNTSA_SECRET=${oldPair.client_secret}\n`;
  await writeFile(file, held);
  const stage = await openStage({
    databaseUrl: database.url,
    folder,
    catalog: catalogOf({ truload, portal, page, file: options.mirrored === false ? undefined : file }),
    references: { TRULOAD_ADMIN: password },
    pageUrl: "https://keyturn.example",
  });
  starting.defer(() => stage.close());
  const running = starting.move();
  return {
    stage,
    truload,
    portal,
    database,
    mirror: () => readFile(file, "utf8"),
    redden: (now) => {
      red = now;
    },
    bring: async (rotationId, pair) => {
      const given = await stage.desk.handIn({ rotationId, asker: ada });
      if (given.kind === "refused") throw new Error(JSON.stringify(given.refusal));
      const values = { api_key: new Secret(pair.api_key), client_secret: new Secret(pair.client_secret) };
      await stage.desk.handOver(given.link.slice(given.link.lastIndexOf("/") + 1), values);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

type Parts = {
  readonly truload: Truload;
  readonly portal: Portal;
  readonly page: Page;
  readonly file: string | undefined;
};

function catalogOf({ truload, portal, page, file }: Parts): string {
  const login = { url: `${truload.url}/api/v1/auth/login`, body: { email: "check", password: "env:TRULOAD_ADMIN" } };
  const asked = { kind: "http", login: { ...login, token: "$.accessToken" }, settle: "200ms" };
  const target = {
    secret: "ntsa",
    environment: "test",
    policy: "test",
    owner: "@platform",
    rotator: {
      kind: "handed-in-key",
      name: "ntsa",
      portal: "the NTSA integration portal",
      overlap: "dual",
      fields: { api_key: "public", client_secret: "secret" },
      test: [{ url: portal.url, body: { key: "{{api_key}}", secret: "{{client_secret}}" } }],
      usableWithin: "0s",
      deadWithin: "0s",
    },
    publish: [
      {
        store: "http-api",
        name: "NTSA in TruLoad",
        url: truload.url,
        admin,
        read: { path: place },
        write: {
          path: place,
          merge: true,
          body: { credentials: { apiKey: "{{apiKey}}", clientSecret: "{{clientSecret}}" } },
        },
        values: { apiKey: "{{api_key}}", clientSecret: "{{client_secret}}" },
      },
      ...(file === undefined
        ? []
        : [
            {
              store: "env-file",
              file,
              mirror: true,
              values: { NTSA_KEY: "{{api_key}}", NTSA_SECRET: "{{client_secret}}" },
            },
          ]),
    ],
    consumers: "live",
    checks: [
      {
        ...asked,
        method: "POST",
        url: `${truload.url}${place}/test`,
        expect: { json: { "$.success": true } },
        fresh: { headers: true },
      },
      // A vehicle that nobody has looked up yet: TruLoad keeps look-ups for a day.
      {
        ...asked,
        url: `${truload.url}/api/v1/vehicles/KT{{nonce}}`,
        expect: { json: { "$.provider": 200 } },
      },
      { kind: "http", url: `${page.url}/switch`, settle: "200ms" },
      { kind: "login" },
    ],
    grace: "300ms",
    graceMax: "1h",
    watch: "1s",
    notice: "0s",
  };
  const policy = {
    channel: "#security-ops",
    requesters: ["@oncall", "@security"],
    approvals: [
      { from: "@security", min: 1 },
      { from: "@oncall", min: 1 },
    ],
    oncall: "@oncall",
    allowSingle: true,
  };
  return JSON.stringify({ version: 1, demo: true, policies: { test: policy }, targets: [target] });
}
