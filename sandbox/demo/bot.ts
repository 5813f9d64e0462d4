import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Workspace } from "../workspace/server.ts";

/** The real bot, as a process of its own, and the command line on its state. */
export type Bot = {
  readonly status: (rotationId: string) => Promise<unknown>;
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** The exit code; 1 for a process that a signal ended. */
  readonly ended: Promise<number>;
  readonly stop: () => Promise<void>;
};

/** Starts `src/bot/main.ts` against the workspace, with everything it may touch inside `folder`. */
export function startBot(options: {
  readonly folder: string;
  readonly catalogFile: string;
  readonly workspace: Workspace;
  readonly references: Readonly<Record<string, string>>;
  readonly logFile: number;
  /** Wins over what is set here; undefined leaves a name out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}): Bot {
  const { folder, workspace } = options;
  const env = {
    PATH: process.env["PATH"] ?? "",
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? `${folder}/compile-cache`,
    KEYTURN_CATALOG: options.catalogFile,
    KEYTURN_DATA: `${folder}/data`,
    KEYTURN_SEAL_KEY: `demo:${randomBytes(32).toString("base64")}`,
    KEYTURN_FILES: folder,
    KEYTURN_LOGS: folder,
    KEYTURN_COMMANDS: `/bin:${dirname(process.execPath)}`,
    SLACK_API_URL: workspace.apiUrl,
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
    ...options.references,
    ...options.env,
  };
  const child = spawn(process.execPath, [source("bot/main.ts")], {
    env,
    stdio: ["ignore", options.logFile, options.logFile],
  });
  const ended = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  return {
    ended,
    pid: child.pid ?? -1,
    kill: (signal) => {
      child.kill(signal);
    },
    status: (rotationId) =>
      json(
        spawn(process.execPath, [source("cli/main.ts"), "status", rotationId, "--json"], {
          env,
          stdio: ["ignore", "pipe", "inherit"],
        }),
      ),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function json(child: ChildProcess): Promise<unknown> {
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await new Promise((resolve) => child.once("close", resolve));
  return JSON.parse(text);
}

function source(path: string): string {
  return fileURLToPath(new URL(`../../src/${path}`, import.meta.url));
}
