import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { readEnv } from "./token-env.ts";
import { ask, bodyOf, reply } from "./token-http.ts";
import { quietPort } from "./token-process.ts";

export type AdminDocker = {
  /** The program that catalogs name: it knows the command lines of the `compose` consumer for this project, and no others. */
  readonly program: string;
  readonly composeFile: string;
  readonly project: string;
  readonly service: string;
  /** Where the application is reached. */
  readonly url: string;
  /** Recreates the container, as `up --force-recreate` does, and waits until it is healthy. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type Container = { readonly child: ChildProcess; readonly env: readonly string[]; readonly log: string[] };

const Words = z.array(z.string());
const [project, service] = ["the0", "the0-api"] as const;
const name = `${project}-${service}-1`;
const variables = ["THE0_ADMIN_EMAIL", "THE0_ADMIN_PASSWORD"];
const inspected =
  '{"env":{{json .Config.Env}},"restarts":{{json .RestartCount}},"networks":{{json .NetworkSettings.Networks}}}';

/**
 * A docker compose project of one container, where there is no engine: the container is a process of admin-app.ts, which is given
 * the variables of the `.env` beside the compose file when it is made, and is never restarted by itself. `folder` is there.
 */
export async function openAdminDocker(folder: string, minPasswordLength = 8): Promise<AdminDocker> {
  const port = await quietPort();
  let container: Container | undefined;
  const composeFile = join(folder, "docker-compose.yml");
  await writeFile(composeFile, "services: { the0-api: { env_file: .env } }\n");

  async function recreate(): Promise<void> {
    await end(container?.child);
    const values = await readEnv(join(dirname(composeFile), ".env"));
    const given = variables.map((each) => [each, values[each] ?? ""] as const);
    const child = spawn(process.execPath, [fileURLToPath(new URL("./admin-app.ts", import.meta.url))], {
      stdio: ["pipe", "pipe", "pipe"],
      env: {
        ...Object.fromEntries(given),
        ACCOUNTS_FILE: join(folder, "accounts.json"),
        MIN_PASSWORD_LENGTH: String(minPasswordLength),
        PORT: String(port),
        ENDS_WITH_STDIN: "yes",
      },
    });
    const log: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => log.push(...chunk.toString().trimEnd().split("\n").map(stamped)));
    }
    container = { child, env: given.map((pair) => pair.join("=")), log };
  }

  async function row(): Promise<object> {
    const running = container !== undefined && isRunning(container.child);
    const healthy = running && (await ask(`http://127.0.0.1:${String(port)}/health`).catch(() => undefined));
    const Health = healthy === undefined || healthy === false ? "starting" : "healthy";
    return { Name: name, Service: service, State: running ? "running" : "exited", Health: running ? Health : "" };
  }

  async function run(words: readonly string[]): Promise<readonly [code: number, printed: string]> {
    const [first, second] = words;
    const line = words.join(" ");
    const compose = `compose -f ${composeFile} -p ${project}`;
    if (line === `${compose} up -d --no-deps --force-recreate ${service}`) {
      await recreate();
      return [0, ""];
    }
    if (line === `${compose} ps --all --format json ${service}`) {
      return [0, container === undefined ? "" : JSON.stringify(await row())];
    }
    if (container === undefined || words.at(-1) !== name) return [64, "unknown command line"];
    if (line === `inspect --type container --format ${inspected} ${name}`) {
      return [0, JSON.stringify({ env: container.env, restarts: 0, networks: {} })];
    }
    if (first === "logs" && second === "--timestamps" && words[2] === "--since" && words.length === 5) {
      const since = Date.parse(words[3] ?? "");
      return [0, container.log.filter((text) => Date.parse(text.slice(0, 24)) >= since).join("\n")];
    }
    return [64, "unknown command line"];
  }

  const token = randomBytes(16).toString("hex");
  const door = createServer((request, response) => {
    bodyOf(request)
      .then(async (body) => (request.url === `/${token}` ? await run(Words.parse(JSON.parse(body))) : undefined))
      .then(
        (ran) => reply(response, ran === undefined ? 404 : 200, { ran }),
        () => reply(response, 500, {}),
      );
  });
  const doorPort = await quietPort();
  await new Promise<void>((resolve) => door.listen(doorPort, "127.0.0.1", resolve));
  const program = await writeProgram(folder, `http://127.0.0.1:${String(doorPort)}/${token}`);
  return {
    program,
    composeFile,
    project,
    service,
    url: `http://127.0.0.1:${String(port)}`,
    start: async () => {
      await recreate();
      const until = Date.now() + 60_000;
      while (Date.now() < until && container !== undefined && isRunning(container.child)) {
        if ((await ask(`http://127.0.0.1:${String(port)}/health`).catch(() => undefined))?.status === 200) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`the application did not start: ${container?.log.join("\n") ?? ""}`);
    },
    stop: async () => {
      door.close();
      door.closeAllConnections();
      await end(container?.child);
    },
  };
}

async function writeProgram(folder: string, url: string): Promise<string> {
  const bin = join(folder, "bin");
  const program = join(bin, "docker");
  await mkdir(bin);
  await writeFile(join(bin, "package.json"), '{"type":"module"}');
  const asks = `await fetch(${JSON.stringify(url)}, { method: "POST", body: JSON.stringify(process.argv.slice(2)) })`;
  const source = `const { ran: [code, printed] } = await (${asks}).json();\n(code === 0 ? console.log : console.error)(printed);\nprocess.exitCode = code;\n`;
  await writeFile(program, `#!${process.execPath}\n${source}`);
  await chmod(program, 0o755);
  return program;
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || !isRunning(child)) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(late);
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** As docker prints it: nanoseconds, in UTC. */
function stamped(text: string): string {
  return `${new Date().toISOString().replace("Z", "000000Z")} ${text}`;
}
