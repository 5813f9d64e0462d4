import { GiveUp, KeyturnError, TryLater } from "../../core/errors.ts";
import type { Consumer, ConsumerKind, Context, Expected, Instance as Seen } from "../../core/ports.ts";
import { signatureOf } from "../../core/signature.ts";
import { ask } from "../../process/ask.ts";
import { logCommand, logFile } from "../../process/log-source.ts";
import type { Runner } from "../../process/run.ts";
import { Config, type Instance } from "./config.ts";
import { preflight } from "./preflight.ts";
import { see } from "./sees.ts";

/** `logFolders`: where log files may lie; absolute paths, links followed. */
export type CommandSettings = { readonly runner: Runner; readonly logFolders: readonly string[] };

/** A list of instances on this host, each with the command that makes it read its value again. See README.md. */
export function commandConsumer(settings: CommandSettings): ConsumerKind {
  return {
    kind: "command",
    config: Config,
    bind: (entry) => {
      const config = Config.parse(entry);
      const ids = config.instances.map(({ id }) => id).join(", ");
      return {
        shape: {
          label: `command ${config.name}`,
          locks: [`consumer:command:${config.name}`],
          withinMs: config.within,
          words: `runs the reload command of each instance, one after the other: ${ids}`,
        },
        open: (context) => Promise.resolve(openConsumer(config, settings, context)),
      };
    },
  };
}

function openConsumer(config: Config, { runner, logFolders }: CommandSettings, { session, signal }: Context): Consumer {
  const means = { run: runner.run, env: config.env, signal };
  const lookAt = async (instance: Instance, expected: Expected): Promise<Seen> => {
    const { on, detail } = await see(instance.sees, expected, means);
    const ready = await readiness(instance, signal);
    const { id, addresses, clients } = instance;
    return { id, on, ready: ready === undefined && on !== "unknown", detail: ready ?? detail, addresses, clients };
  };
  return {
    preflight: () => preflight(config, runner, logFolders, signal),
    units: () => Promise.resolve(config.instances.map(({ id }) => id)),
    reload: async (unit, expected) => {
      const instance = config.instances.find(({ id }) => id === unit);
      if (instance === undefined) throw new GiveUp("unknown_unit", `${config.name} has no instance ${unit}`);
      if ((await see(instance.sees, expected, means)).on === "new") return;
      // A reload may take longer than any lease lasts; the signal ends it when the lease is lost, and the supervisor when this process dies.
      session.guard();
      const reload = { argv: instance.reload, env: config.env, timeoutMs: config.timeout, supervised: true };
      const ran = await runner.run(reload, signal);
      if (ran.code !== 0) {
        const hint = signatureOf(lastLine(ran.stderr) ?? lastLine(ran.stdout) ?? "");
        throw new KeyturnError(
          "reload_failed",
          `the reload of ${unit} ended with ${ran.signal ?? ran.code ?? "no code"}`,
          {
            hint: hint === "" ? undefined : hint,
          },
        );
      }
      if ((await see(instance.sees, expected, means)).sameSecond === true) {
        throw new TryLater("started_same_second", `${unit} started in the second of the publish`, { afterMs: 1_000 });
      }
    },
    instances: (expected) => Promise.all(config.instances.map((instance) => lookAt(instance, expected))),
    logs: (since) =>
      Promise.all(
        config.instances.map(async ({ id, logs }) => {
          if (logs === undefined) return { instance: id, lines: [], complete: false };
          const read =
            typeof logs === "string"
              ? logFile(logs, since, logFolders)
              : logCommand(runner.run, { argv: logs, env: config.env }, since, signal);
          return { instance: id, ...(await read) };
        }),
      ),
    close: () => Promise.resolve(),
  };
}

/** Why an instance is not ready, or undefined. */
async function readiness({ ready }: Instance, signal: AbortSignal): Promise<string | undefined> {
  if (ready === undefined) return undefined;
  try {
    const { status } = await ask({ url: ready.http, timeoutMs: 5_000 }, signal);
    return status === ready.status ? undefined : `answered ${status}`;
  } catch (error) {
    if (error instanceof TryLater) return error.message;
    throw error;
  }
}

function lastLine(text: string): string | undefined {
  return text.trim().split("\n").at(-1);
}
