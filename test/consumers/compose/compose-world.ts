import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { composeConsumer } from "../../../src/consumers/compose/consumer.ts";
import { Secret } from "../../../src/core/secret.ts";
import { runner } from "../../../src/process/run.ts";
import type { ConsumerWorld } from "../../contract/consumer.ts";
import { newFolder } from "../../servers/run-folder.ts";
import { strictDockerSource } from "./strict-docker.ts";

const Containers = z.array(z.looseObject({ Name: z.string(), State: z.string(), starts: z.number() }));

export type ComposeWorld = ConsumerWorld & {
  readonly folder: string;
  /** The entry in a catalog. */
  readonly entry: Readonly<Record<string, unknown>>;
  readonly calls: () => Promise<readonly string[]>;
  /** What docker says of a container from now on. */
  readonly becomes: (name: string, how: { readonly State: string; readonly restarts?: number }) => Promise<void>;
};

/** A compose project with two containers of one service, on a strict stand-in for docker. */
export async function composeWorld(): Promise<ComposeWorld> {
  const folder = newFolder("compose");
  const docker = join(folder, "bin/docker");
  const state = join(folder, "containers.json");
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await writeFile(docker, `#!${process.execPath}\n${strictDockerSource}`);
  await chmod(docker, 0o755);
  const file = join(folder, "compose.yml");
  await writeFile(file, "services: { api: { environment: { APP_VALUE: $VALUE, APP_PREVIOUS: $PREVIOUS } } }\n");
  const secrets: string[] = [];
  const next = async (): Promise<string> => {
    const value = `canary-c0mpose-${secrets.length}-Zq8Kx2`;
    secrets.push(value);
    await writeFile(join(folder, ".env"), `VALUE=${value}\nUSERNAME=user_${secrets.length}\n`);
    return value;
  };
  await next();
  const run = runner([join(folder, "bin")]);
  const up = [docker, "compose", "-f", file, "-p", "shop", "up", "-d", "--no-deps", "--force-recreate", "api"];
  await run.run({ argv: up, timeoutMs: 20_000 }, new AbortController().signal);
  const entry = { kind: "compose", file, project: "shop", service: "api", variables: { APP_VALUE: "VALUE" }, docker };
  const becomes: ComposeWorld["becomes"] = async (name, how) => {
    const changed = (await read()).map((one) => (`api/${one.Name}` === name ? { ...one, Health: "", ...how } : one));
    await writeFile(state, JSON.stringify(changed));
  };
  const read = async () => Containers.parse(JSON.parse(await readFile(state, "utf8")));
  return {
    folder,
    entry,
    bound: composeConsumer({ runner: run }).bind(entry),
    publish: async () => {
      const value = new Secret(await next());
      const username = `user_${secrets.length}`;
      return {
        ref: { principal: username, generation: String(secrets.length) },
        public: { username },
        values: { VALUE: value },
        since: new Date().toISOString(),
        places: {},
      };
    },
    starts: async () => Object.fromEntries((await read()).map(({ Name, starts }) => [`api/${Name}`, starts])),
    kill: (name) => becomes(name, { State: "exited" }),
    becomes,
    secrets: () => secrets,
    calls: async () => (await readFile(join(folder, "calls"), "utf8")).trim().split("\n"),
    close: () => rm(folder, { recursive: true }),
  };
}
