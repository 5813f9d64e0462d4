/** @module A process of its own that reads one catalog of as many targets as its argument says, and prints what that took. */
import { parse, stringify } from "yaml";
import { loadCatalog } from "../src/catalog/load.ts";
import { checks } from "../src/checks/index.ts";
import { connections } from "../src/connections/index.ts";
import { consumers } from "../src/consumers/index.ts";
import { runner } from "../src/process/run.ts";
import { rotators } from "../src/rotators/index.ts";
import { stores } from "../src/stores/index.ts";
import { catalogOf, targetOf } from "./target.ts";

const count = Number(process.argv[2] ?? "10");
const settings = { runner: runner(["/bin"]), logFolders: ["/srv"] };
const kinds = {
  rotators: rotators({ now: () => new Date() }),
  connections,
  stores: stores({ allowedRoots: ["/srv"] }),
  consumers: consumers(settings),
  checks: checks(settings),
};
const text = manyTargets();

await collected();
const loadMs = timed(() => keep(loadCatalog(text, "catalog.yaml", kinds)));
const peakMb = process.resourceUsage().maxRSS / 1_024;
await collected();
const heapMb = process.memoryUsage().heapUsed / 1_048_576;
const residentMb = process.memoryUsage.rss() / 1_048_576;
const parseMs = process.argv[3] === "--parse" ? timed(() => void parse(text)) : 0;
process.stdout.write(JSON.stringify({ heapMb, residentMb, peakMb, loadMs, parseMs }));

/** One target written once and repeated under other names: writing ten thousand takes longer than reading them. */
function manyTargets(): string {
  const one = stringify(parse(catalogOf([target("TAG")])));
  const at = one.indexOf("  - secret:");
  const names = Array.from({ length: count }, (_, index) => one.slice(at).replaceAll("TAG", String(index)));
  return one.slice(0, at) + names.join("");
}

async function collected(): Promise<void> {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 200));
  globalThis.gc?.();
}

/** Processor time in milliseconds, which other programs of the machine do not lengthen much. */
function timed(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** A catalog that is still needed when memory is looked at, as in the bot. */
function keep(loaded: ReturnType<typeof loadCatalog>): void {
  if ("problems" in loaded) throw new Error(JSON.stringify(loaded.problems.slice(0, 3)));
  Reflect.set(globalThis, "catalog", loaded.catalog);
}

function target(tag: string): unknown {
  const file = `/srv/${tag}/.env`;
  const place = {
    tag: `app-${tag}`,
    roles: [`app_${tag}_a`, `app_${tag}_b`],
    owner: `app_${tag}`,
    admin: { name: "keyturn", password: "" },
    envFile: file,
    port: 5_432,
  } as const;
  const url = `http://127.0.0.1/${tag}`;
  const instances = ["one", "two"].map((id) => ({
    id,
    reload: ["/bin/cp", file, `${file}.${id}`],
    sees: { http: `${url}/${id}`, json: "$.principal", equals: "{{username}}" },
    logs: `/srv/${tag}/${id}.log`,
  }));
  return targetOf(place, {
    consumers: [{ kind: "command", name: `app-${tag}`, instances }],
    checks: [
      { kind: "http", url: `${url}/health`, expect: { status: 200, json: { "$.status": "healthy" } }, settle: "15s" },
      { kind: "logs", of: "consumers", pattern: "auth.*error|unauthorized|forbidden", window: "5m", settle: "15s" },
      { kind: "login" },
    ],
    times: { grace: "24h", idle: "10m", watch: "10m" },
  });
}
