import { z } from "zod";
import type { Kinds } from "../../src/core/kinds.ts";
import type { RotatorShape } from "../../src/core/ports.ts";

const never = (): Promise<never> => Promise.reject(new Error("reading a catalog opens no connection"));
const reference = z.string().regex(/^(?:env|file):.+/, { error: "a reference such as env:NAME" });

const shape: RotatorShape = {
  origin: "proposed",
  overlap: "dual",
  triedAt: "issuer",
  abilities: { usage: "sessions", disable: true, refusals: true, closeSession: true },
  issueWithinMs: 0,
  deadWithinMs: 0,
  principals: ["app"],
  fields: { username: "public", password: "secret" },
  words: { issue: "", retire: "", proof: "" },
};

const Vault = z.strictObject({
  kind: z.literal("vault"),
  url: z.url(),
  admin: z.strictObject({ username: z.string().default("root"), password: reference }),
  user: z.string(),
  mode: z.enum(["two", "one"]).default("two"),
});
const Folder = z.strictObject({ store: z.literal("folder"), file: z.string(), alphabet: z.string().exactOptional() });
const Live = z.strictObject({ store: z.literal("live-folder"), file: z.string() });
const Cluster = z.strictObject({ kind: z.literal("kubernetes"), context: z.string() });
const Program = z.strictObject({ kind: z.literal("program"), argv: z.array(z.string()).min(1) });
const Http = z.strictObject({
  kind: z.literal("http"),
  url: z.url(),
  headers: z.record(z.string(), z.string()).default({}),
});

/** Adapters that can be bound and never opened, one of each sort. */
export const kinds: Kinds = {
  connections: [{ kind: "kubernetes", config: Cluster }],
  rotators: [
    {
      kind: "vault",
      config: Vault,
      bind: (entry) => {
        const { mode } = Vault.parse(entry);
        return { shape: { ...shape, overlap: mode === "two" ? "dual" : "single" }, open: never };
      },
    },
  ],
  stores: [
    {
      kind: "folder",
      config: Folder,
      bind: (entry) => {
        const { file, alphabet } = Folder.parse(entry);
        const place = { readable: true, cas: "compare", live: false, locks: [file], label: `folder ${file}` } as const;
        return { shape: alphabet === undefined ? place : { ...place, alphabet }, open: never };
      },
    },
    {
      kind: "live-folder",
      config: Live,
      bind: (entry) => {
        const { file } = Live.parse(entry);
        return {
          shape: { readable: true, cas: "none", live: true, locks: [file], label: `live-folder ${file}` },
          open: never,
        };
      },
    },
  ],
  consumers: [
    {
      kind: "program",
      config: Program,
      bind: (entry) => ({ shape: { label: Program.parse(entry).argv.join(" "), locks: [], words: "" }, open: never }),
    },
  ],
  checks: [
    {
      kind: "http",
      config: Http,
      bind: (entry) => ({ shape: { label: Http.parse(entry).url, settleMs: 0 }, open: never }),
    },
  ],
};
