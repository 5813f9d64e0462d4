import { stat } from "node:fs/promises";
import { GiveUp, KeyturnError } from "../../core/errors.ts";
import type { Consumer, ConsumerKind, Context, Expected, Finding, Instance } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import type { Runner } from "../../process/run.ts";
import { Config } from "./config.ts";
import { type Container, compose, containers, type Docker, logsOf, succeed } from "./docker.ts";

/** One service of a docker compose project. It is recreated, never restarted: a restart keeps the old variables. See README.md. */
export function composeConsumer({ runner }: { readonly runner: Runner }): ConsumerKind {
  return {
    kind: "compose",
    config: Config,
    bind: (entry) => {
      const config = Config.parse(entry);
      return {
        shape: {
          label: `compose ${config.project}/${config.service}`,
          locks: [`consumer:compose:${config.project}/${config.service}`],
          withinMs: config.within,
          words: `recreates all containers of ${config.service} at once: a short outage, unless something in front of them waits`,
        },
        open: (context) => Promise.resolve(openConsumer(config, runner, context)),
      };
    },
  };
}

function openConsumer(config: Config, runner: Runner, { session, signal }: Context): Consumer {
  const docker: Docker = { config, run: runner.run, signal };
  const instances = async (expected: Expected): Promise<readonly Instance[]> =>
    await Promise.all(
      (await containers(docker)).map(async (container) => {
        const instance = instanceOf(container, config, expected);
        const failed = instance.on === "new" ? await failureOf(docker, container, expected.since) : undefined;
        return failed === undefined ? instance : { ...instance, failed };
      }),
    );
  return {
    preflight: () => preflight(docker, runner),
    units: () => Promise.resolve([config.service]),
    reload: async (unit, expected) => {
      if (unit !== config.service) throw new GiveUp("unknown_unit", `${config.project} is not asked to reload ${unit}`);
      const now = await instances(expected);
      if (now.length > 0 && now.every(({ on }) => on === "new")) return;
      // A recreation may take longer than any lease lasts; the signal ends it when the lease is lost, and the supervisor when this process dies.
      session.guard();
      const argv = compose(config, "up", "-d", "--no-deps", "--force-recreate", config.service);
      await succeed(docker, argv, config.timeout, { supervised: true });
    },
    instances,
    logs: async (since) =>
      await Promise.all(
        (await containers(docker)).map(async ({ name }) => ({
          instance: instanceId(config, name),
          ...(await logsOf(docker, name, since)),
        })),
      ),
    close: () => Promise.resolve(),
  };
}

/**
 * "new" only when every variable is there and holds what was published; the .env file alone proves nothing. One whose key is
 * not in the store now (the second key of an overlap, before and after it) must be empty.
 */
function instanceOf(container: Container, config: Config, expected: Expected): Instance {
  const states = Object.entries(config.variables).map(([variable, key]) => {
    const wanted = expected.values[key];
    const held = container.env.get(variable);
    if (held === undefined || (wanted === undefined && held !== "")) return { variable, on: "unknown" as const };
    return {
      variable,
      on: wanted === undefined || new Secret(held).equals(wanted) ? ("new" as const) : ("old" as const),
    };
  });
  const stale = states.find(({ on }) => on !== "new");
  const up = container.state === "running" && (container.health === "" || container.health === "healthy");
  const health = container.health === "" ? container.state : `${container.state}, ${container.health}`;
  const told = stale === undefined ? "has what was published" : `${stale.variable} is ${stale.on}`;
  return {
    id: instanceId(config, container.name),
    on: stale?.on ?? "new",
    ready: up,
    detail: `${health}; ${told}`,
    addresses: container.addresses,
    clients: [],
  };
}

/** Why a container that has the new value will not become ready by waiting. One restart by docker may be bad luck. */
async function failureOf(docker: Docker, container: Container, since: string): Promise<Instance["failed"]> {
  const { name, state, restarts } = container;
  const ended = state === "exited" || state === "dead";
  if (!ended && (state !== "restarting" || restarts < 2)) return undefined;
  const { lines } = await logsOf(docker, name, since);
  const code = ended ? "container_ended" : "container_restarts";
  const sentence = ended ? "has ended" : `is restarted by docker again and again (${String(restarts)} times)`;
  return { code, sentence, lines: lines.slice(-lastLines).map(({ text }) => text) };
}
const lastLines = 20;

/** The unit is the service, so every container is an instance of it. */
function instanceId({ service }: Config, container: string): string {
  return `${service}/${container}`;
}

async function preflight(docker: Docker, runner: Runner): Promise<readonly Finding[]> {
  const { config, signal } = docker;
  signal.throwIfAborted();
  const program = await runner.finding(config.docker);
  if (program !== undefined) return [program];
  const isFile = await stat(config.file).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (!isFile) return [error("compose_file_missing", `there is no compose file ${config.file}`)];
  try {
    const found = await containers(docker);
    if (found.length === 0) return [error("no_containers", `${config.service} of ${config.project} has no container`)];
    const absent = Object.keys(config.variables).filter((name) => found.some(({ env }) => !env.has(name)));
    return absent.map((name) =>
      error("variable_missing", `the containers of ${config.service} have no variable ${name}`),
    );
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof KeyturnError)) throw thrown;
    return [error(thrown.code, thrown.message, thrown.hint)];
  }
}

function error(code: string, sentence: string, hint?: string): Finding {
  return { severity: "error", code, sentence, ...(hint === undefined ? {} : { hint }) };
}
