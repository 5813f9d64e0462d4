import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { commandConsumer } from "../../../src/consumers/command/consumer.ts";
import { Secret } from "../../../src/core/secret.ts";
import { runner } from "../../../src/process/run.ts";
import type { ConsumerWorld } from "../../contract/consumer.ts";
import { freePort } from "../../servers/port.ts";
import { newFolder } from "../../servers/run-folder.ts";
import { appSource, digestSource, reloadSource, startedSource } from "./app-programs.ts";

/** How the instances are to be seen. */
export type SeenBy = "started" | "http" | "digest";

const ids = ["app-1", "app-2"] as const;

/**
 * Two real processes that read VALUE and USERNAME from a .env file at their start, serve them in a digest and on a page, and
 * write a log. Their programs lie in a folder of their own, the only one from which programs may be run.
 */
export async function appWorld(seenBy: SeenBy): Promise<ConsumerWorld & { readonly folder: string }> {
  const folder = newFolder("app");
  const bin = join(folder, "bin");
  await mkdir(bin, { mode: 0o755 });
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  const programs = { app: appSource, reload: reloadSource, started: startedSource, digest: digestSource };
  for (const [name, source] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!${process.execPath}\n${source}`);
    await chmod(join(bin, name), 0o755);
  }
  const instances = await Promise.all(ids.map((id) => makeInstance(folder, id, seenBy)));
  let round = 0;
  const secrets: string[] = [];
  const publishRound = async (): Promise<void> => {
    round += 1;
    const value = `canary-v4lue-${round}-Zq8Kx2`;
    secrets.push(value);
    await writeFile(join(folder, ".env"), `VALUE=${value}\nUSERNAME=user_${round}\n`);
  };

  const kind = commandConsumer({ runner: runner([bin]), logFolders: [folder] });
  const entry = { kind: "command", name: "app", timeout: "20s" };
  await publishRound();
  const run = runner([bin]).run;
  const start = (id: string): Promise<unknown> =>
    run({ argv: [join(bin, "reload"), join(folder, id)], timeoutMs: 20_000 }, new AbortController().signal);
  await Promise.all(ids.map(start));
  return {
    folder,
    bound: kind.bind({ ...entry, instances }),
    empty: kind.bind({ ...entry, instances: [] }),
    publish: async () => {
      await publishRound();
      return {
        ref: { principal: `user_${round}`, generation: String(round) },
        public: { username: `user_${round}` },
        values: { VALUE: new Secret(secrets.at(-1) ?? "") },
        since: new Date().toISOString(),
        places: {},
      };
    },
    starts: async () =>
      Object.fromEntries(
        await Promise.all(ids.map(async (id) => [id, (await lines(join(folder, id, "starts"))).length])),
      ),
    kill: async (id) => endProcess(await pidOf(join(folder, id))),
    secrets: () => secrets,
    close: async () => {
      for (const id of ids) endProcess(await pidOf(join(folder, id)));
      await rm(folder, { recursive: true });
    },
  };
}

async function makeInstance(folder: string, id: string, seenBy: SeenBy): Promise<object> {
  const own = join(folder, id);
  const port = await freePort();
  await mkdir(own);
  await writeFile(join(own, "port"), String(port));
  const page = `http://127.0.0.1:${port}/`;
  const sees = {
    started: { started: [join(folder, "bin/started"), own] },
    http: { http: page, json: "$.username", equals: "{{username}}" },
    digest: { digest: [join(folder, "bin/digest"), own], key: "VALUE" },
  };
  return {
    id,
    reload: [join(folder, "bin/reload"), own],
    sees: sees[seenBy],
    ready: { http: page },
    logs: join(own, "log"),
    addresses: ["127.0.0.1"],
  };
}

async function pidOf(own: string): Promise<number | undefined> {
  const [pid] = await lines(join(own, "pid"));
  return pid === undefined ? undefined : Number(pid);
}

async function lines(file: string): Promise<readonly string[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}

function endProcess(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
