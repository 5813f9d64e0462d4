import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Kinds } from "../../src/core/kinds.ts";
import type { Finding, Store } from "../../src/core/ports.ts";
import type { PressVerb } from "../../src/core/presses.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { type LightShop, openLightShop } from "./light-shop.ts";
import { openStage, type Stage } from "./stage.ts";

/** What happens at the second store, at the instant that the engine comes there. */
export type Happens = {
  /** Before any look or write there, by whatever means. */
  any?: () => void;
  /** Between the look and the write. */
  publish?: () => Promise<void> | void;
  preflight?: () => readonly Finding[];
};

export type TwoStores = AsyncDisposable & {
  readonly shop: LightShop;
  readonly stage: Stage;
  readonly database: FreshDatabase;
  readonly happens: Happens;
  readonly first: { readonly label: string; readonly text: () => Promise<string> };
  readonly second: {
    readonly label: string;
    readonly file: string;
    readonly text: () => Promise<string>;
    readonly write: (text: string) => Promise<void>;
  };
  readonly press: (rotationId: string, verb: PressVerb) => Promise<string>;
};

/** The light shop, whose URL stands in a second place too: a `.env` file of another team, or what `entry` says. */
export async function openTwoStores(
  options: { readonly policy?: string; readonly entry?: (values: string) => string; readonly label?: string } = {},
): Promise<TwoStores> {
  await using starting = new AsyncDisposableStack();
  const database = starting.use(await freshDatabase());
  const { policy } = options;
  const shop = await openLightShop({
    server: database.server,
    mode: "dual",
    ...(policy === undefined ? {} : { policy }),
  });
  starting.defer(() => shop.close());
  const file = join(shop.folder, "second.env");
  await writeFile(file, await shop.env());
  const values = /^ {8}(values: .*)$/m.exec(shop.catalog)?.[1] ?? "";
  const entry = options.entry?.(values) ?? `      - store: env-file\n        file: ${file}\n        ${values}\n`;
  const happens: Happens = {};
  const second = options.label ?? `env-file ${file}`;
  const stage = await openStage({
    databaseUrl: database.url,
    ...shop,
    catalog: shop.catalog.replace("    consumers:\n", `${entry}    consumers:\n`),
    programs: ["/usr/bin"],
    kinds: (kinds) => watched(kinds, second, happens),
  });
  starting.defer(() => stage.close());
  const running = starting.move();
  let presses = 0;
  return {
    shop,
    stage,
    database,
    happens,
    first: { label: `env-file ${join(shop.folder, ".env")}`, text: shop.env },
    second: { label: second, file, text: () => readFile(file, "utf8"), write: (text) => writeFile(file, text) },
    press: async (rotationId, verb) => {
      const asker = { kind: "slack", id: "U-ada", team: "T1" } as const;
      presses += 1;
      const onceKey = `press ${String(presses)}`;
      const answer = await stage.desk.press({ rotationId, asker, verb, detail: "", onceKey });
      return answer.kind === "ok" ? "ok" : answer.refusal.code;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The real store of this label; the test has a hand in what it meets. */
function watched(kinds: Kinds, label: string, happens: Happens): Kinds {
  const stores = kinds.stores.map((kind) => ({
    ...kind,
    bind: (entry: unknown) => {
      const bound = kind.bind(entry);
      if (bound.shape.label !== label) return bound;
      return {
        ...bound,
        open: async (context: Parameters<typeof bound.open>[0]) => meeting(await bound.open(context), happens),
      };
    },
  }));
  return { ...kinds, stores };
}

function meeting(store: Store, happens: Happens): Store {
  return {
    ...store,
    fence: async () => {
      happens.any?.();
      return store.fence();
    },
    preflight: async (keys) => {
      happens.any?.();
      return [...(await store.preflight(keys)), ...(happens.preflight?.() ?? [])];
    },
    read: async (keys) => {
      happens.any?.();
      return store.read(keys);
    },
    publish: async (...patch) => {
      happens.any?.();
      await happens.publish?.();
      return store.publish(...patch);
    },
  };
}
