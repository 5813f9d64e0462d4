import { z } from "zod";
import { Secret } from "../../../src/core/secret.ts";
import { httpApiStore } from "../../../src/stores/http-api/store.ts";
import { storeContract } from "../../contract/store.ts";
import type { StoreWorld } from "../../contract/store-world.ts";
import { freshDatabase } from "../../servers/fresh-database.ts";
import { admin, type Mode, password, place, startTruload } from "./start-truload.ts";

const Shown = z.looseObject({ credentials: z.record(z.string(), z.string()) });
const values = {
  apiKey: "$.credentials.apiKey",
  clientSecret: "$.credentials.clientSecret",
  other: "$.credentials.other",
};
const body = { credentials: { apiKey: "{{apiKey}}", clientSecret: "{{clientSecret}}", other: "{{other}}" } };

const modes = {
  etag: { read: { path: place, values, etag: true }, write: { path: place, merge: true, body } },
  shown: { read: { path: place, values }, write: { path: place, merge: true, body } },
  patch: { read: { path: place, values }, write: { method: "PATCH", path: place, body } },
} as const;

async function makeWorld(mode: Exclude<Mode, "plain">): Promise<StoreWorld> {
  const database = await freshDatabase();
  const credentials = { apiKey: "first-api-key", other: "of-a-neighbour" };
  const truload = await startTruload({ databaseUrl: database.url, mode, credentials });
  const entry = { store: "http-api", name: "NTSA in TruLoad", url: truload.url, admin, ...modes[mode] };
  const elsewhere = place.replace("ntsa", "nowhere");
  const asked = (bound: ReturnType<typeof httpApiStore.bind>): StoreWorld["bound"] => ({
    ...bound,
    open: (context) => bound.open({ ...context, resolve: () => Promise.resolve(new Secret(password)) }),
  });
  const seen = async () => Shown.parse(await truload.ask("GET", place));
  return {
    bound: asked(httpApiStore.bind(entry)),
    missing: asked(httpApiStore.bind({ ...entry, read: { ...entry.read, path: elsewhere } })),
    keys: { present: "apiKey", absent: "clientSecret", neighbour: "other" },
    everything: async () => JSON.stringify(sorted(await seen())),
    editNeighbour: async (value) => {
      const { credentials: held, ...rest } = await seen();
      await truload.ask("PUT", place, { ...rest, credentials: { ...held, other: value } });
    },
    close: async () => {
      await truload[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

function sorted({ credentials, ...rest }: z.infer<typeof Shown>): object {
  return { ...rest, credentials: Object.entries(credentials).toSorted(([a], [b]) => (a < b ? -1 : 1)) };
}

for (const mode of ["etag", "shown", "patch"] as const) {
  storeContract({ name: `http-api, ${mode}`, fence: "unfenced", makeWorld: () => makeWorld(mode) });
}
