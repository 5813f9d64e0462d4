import { z } from "zod";
import { KeyturnError } from "../../core/errors.ts";
import { logLines } from "../../core/log-line.ts";
import type { LogLines } from "../../core/ports.ts";
import { signatureOf } from "../../core/signature.ts";
import type { Command, Ran, Run } from "../../process/run.ts";
import type { Config } from "./config.ts";

/** `env`: the container's variables as it was created with; they hold secrets. `restarts`: by docker itself since then. */
export type Container = {
  readonly name: string;
  readonly state: string;
  readonly health: string;
  readonly restarts: number;
  readonly env: ReadonlyMap<string, string>;
  readonly addresses: readonly string[];
};

export type Docker = { readonly config: Config; readonly run: Run; readonly signal: AbortSignal };

const Listed = z.object({ Name: z.string(), State: z.string(), Health: z.string().default("") });
const Inspected = z.object({
  env: z.array(z.string()).nullable(),
  restarts: z.int(),
  networks: z
    .record(z.string(), z.object({ IPAddress: z.string().default(""), GlobalIPv6Address: z.string().default("") }))
    .nullable(),
});
const format =
  '{"env":{{json .Config.Env}},"restarts":{{json .RestartCount}},"networks":{{json .NetworkSettings.Networks}}}';

/** The command line of `docker compose` for this project. Pure. */
export function compose({ docker, file, project }: Config, ...words: readonly string[]): readonly string[] {
  return [docker, "compose", "-f", file, "-p", project, ...words];
}

/** Every container of the service, stopped ones included. @throws KeyturnError docker_failed, docker_unreadable */
export async function containers(docker: Docker): Promise<readonly Container[]> {
  const { config } = docker;
  const { stdout, truncated } = await succeed(
    docker,
    compose(config, "ps", "--all", "--format", "json", config.service),
    15_000,
  );
  if (truncated) throw new KeyturnError("docker_unreadable", "docker compose ps printed too much");
  return await Promise.all(listed(stdout).map((container) => inspect(docker, container)));
}

/** Runs docker and gives what it printed. @throws KeyturnError docker_failed, with the last line it said as a signature */
export async function succeed(
  docker: Docker,
  argv: readonly string[],
  timeoutMs: number,
  more: Pick<Command, "capBytes" | "supervised"> = {},
): Promise<Ran> {
  const ran = await docker.run({ argv, env: docker.config.env, timeoutMs, ...more }, docker.signal);
  if (ran.code === 0) return ran;
  const said = signatureOf(ran.stderr.trim().split("\n").at(-1) ?? "");
  const verb = argv.includes("up") ? "up" : (argv.at(argv.includes("compose") ? 6 : 1) ?? "");
  throw new KeyturnError("docker_failed", `docker ${verb} ended with ${ran.signal ?? ran.code ?? "no code"}`, {
    hint: said === "" ? undefined : said,
  });
}

async function inspect(docker: Docker, { Name, State, Health }: z.infer<typeof Listed>): Promise<Container> {
  const argv = [docker.config.docker, "inspect", "--type", "container", "--format", format, Name];
  const { stdout } = await succeed(docker, argv, 15_000);
  const { env, restarts, networks } = parsed(Inspected, stdout);
  const addresses = Object.values(networks ?? {}).flatMap((network) => [network.IPAddress, network.GlobalIPv6Address]);
  return {
    name: Name,
    state: State,
    health: Health,
    restarts,
    env: new Map((env ?? []).map((entry) => split(entry))),
    addresses: addresses.filter((address) => address !== ""),
  };
}

/** Newer versions print one object per line, older ones one array. */
function listed(stdout: string): readonly z.infer<typeof Listed>[] {
  const text = stdout.trim();
  if (text === "") return [];
  if (text.startsWith("[")) return parsed(z.array(Listed), text);
  return text.split("\n").map((line) => parsed(Listed, line));
}

function parsed<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    // The cause would hold what was printed, secrets included.
    throw new KeyturnError("docker_unreadable", "docker printed something else than the expected JSON");
  }
}

function split(entry: string): readonly [string, string] {
  const at = entry.indexOf("=");
  return at === -1 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
}

/** What one container wrote since then (ISO 8601 UTC). */
export async function logsOf(
  docker: Docker,
  name: string,
  since: string,
): Promise<Pick<LogLines, "lines" | "complete">> {
  const argv = [docker.config.docker, "logs", "--timestamps", "--since", since, name];
  const { stdout, stderr, truncated } = await succeed(docker, argv, 30_000, { capBytes: 4 * 1024 * 1024 });
  return { lines: [...logLines(stdout), ...logLines(stderr)], complete: !truncated };
}
