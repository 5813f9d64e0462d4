import { LostRace } from "../../core/errors.ts";
import type { Context, Store, StoreKind, StoreShape } from "../../core/ports.ts";
import type { Secret } from "../../core/secret.ts";
import { openApi } from "../../process/api/session.ts";
import { Config } from "./config.ts";
import { type Kept, keptIn, readingOf } from "./object.ts";
import { preflight } from "./preflight.ts";
import { type Patch, writeOf } from "./write.ts";

/** A value that an application keeps in its own database and changes by its administration API. See README.md. */
export const httpApiStore: StoreKind = {
  kind: "http-api",
  config: Config,
  bind: (entry) => {
    const config = Config.parse(entry);
    return { shape: shapeOf(config), open: async (context) => storeOf(config, context) };
  },
};

function shapeOf({ url, name, read, write, live }: Config): StoreShape {
  const readable = read?.values !== undefined;
  return {
    readable,
    cas: read?.etag === true ? "native" : readable ? "compare" : "none",
    live,
    locks: [`http-api:${new URL(url).origin}${write.path}`],
    label: `http-api ${name}`,
  };
}

function storeOf(config: Config, context: Context): Store {
  const ask = openApi(config, context);
  const isReadable = config.read?.values !== undefined;
  const isCompared = isReadable || config.read?.etag === true;
  return {
    fence: () => Promise.resolve("unfenced"),
    preflight: (keys) => preflight(config, ask, keys),
    read: async (keys) => readingOf(config, await keptIn(config, ask), keys),
    publish: async (patch, expect) => {
      const kept = await keptIn(config, ask);
      const changed = isReadable ? changedIn(config, kept, patch) : patch;
      if (Object.keys(changed).length === 0) return { version: kept.version };
      if (isCompared && kept.version !== expect) {
        throw new LostRace(`${config.name} was changed by somebody else (version ${kept.version}, not ${expect})`);
      }
      const full = wholeOf(config, kept, changed);
      const words = Object.entries(full).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, value] as const],
      );
      await ask(writeOf(config, full, kept), Object.fromEntries(words));
      return { version: (await keptIn(config, ask)).version };
    },
    close: () => Promise.resolve(),
  };
}

/** The keys of a patch that do not hold their value yet. */
function changedIn(config: Config, kept: Kept, patch: Patch): Patch {
  const { values } = readingOf(config, kept, Object.keys(patch));
  return Object.fromEntries(Object.entries(patch).filter(([key, value]) => !same(values[key], value)));
}

/** A PUT that is not merged replaces everything: what the others hold now goes with it. */
function wholeOf(config: Config, kept: Kept, patch: Patch): Patch {
  const { write, read } = config;
  if (write.merge || write.method !== "PUT") return patch;
  const { values } = readingOf(config, kept, Object.keys(read?.values ?? {}));
  const others = Object.entries(values).filter(([key, value]) => value !== undefined && !Object.hasOwn(patch, key));
  return { ...Object.fromEntries(others), ...patch };
}

function same(a: Secret | undefined, b: Secret | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}
