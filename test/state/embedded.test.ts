import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Embedded, embeddedConnection, startEmbedded } from "../../src/state/embedded.ts";
import { openState } from "../../src/state/open-state.ts";
import { eventually } from "../contract/eventually.ts";
import { appendOf, created, entry, eventOf, headline, held, sealOf } from "../contract/state-samples.ts";
import { serverAccount } from "../servers/account.ts";
import { releaseSharedMemory } from "../servers/postgres-shared-memory.ts";
import { newFolder } from "../servers/run-folder.ts";
import { keptLog, sealKeys } from "./world.ts";

describe("the embedded database", () => {
  let dataFolder: string;
  let running: Embedded | undefined;
  const children: ChildProcess[] = [];
  /** Servers of children: they outlive them. */
  const servers: number[] = [];
  beforeEach(() => {
    dataFolder = join(newFolder("embedded"), "data");
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    for (const child of children.splice(0)) child.kill("SIGKILL");
    for (const pid of servers.splice(0)) if (alive(pid)) process.kill(pid, "SIGQUIT");
    releaseSharedMemory(join(dataFolder, "postgres", "data"));
  });
  const start = async (log = keptLog()): Promise<Embedded> => {
    running = await startEmbedded({ dataFolder, log });
    return running;
  };
  const startChild = async (
    environment: Record<string, string> = {},
  ): Promise<{ child: ChildProcess; said: unknown }> => {
    const script = fileURLToPath(new URL("embedded-child.ts", import.meta.url));
    const env = { ...process.env, ...environment };
    const child = spawn(process.execPath, [script, dataFolder], { env, stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    const said: unknown = JSON.parse(String(line));
    if (JSON.stringify(said).includes("pid")) servers.push(pidOf(said));
    return { child, said };
  };

  it("keeps what was written over a clean stop, and needs no recovery after it", async () => {
    const first = await start();
    const state = await openState({ connection: first.connection, sealKeys, log: keptLog() });
    const id = await created(state);
    await state.close();
    await first.stop();
    const log = keptLog();
    const second = await start(log);
    const again = await openState({ connection: second.connection, sealKeys, log });
    expect(await again.load(id)).toHaveLength(1);
    await again.close();
    expect(JSON.stringify(log.lines)).not.toContain("not properly shut down");
  });

  it("listens on no port, only on a socket in a folder that is closed to others", async () => {
    const { connection, pid } = await start();
    expect(await one(connection, "SHOW listen_addresses")).toBe("");
    expect(String(connection.host)).toBe(join(dataFolder, "postgres", "socket"));
    expect(statSync(String(connection.host)).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataFolder, "postgres", "data")).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataFolder, "postgres", "password")).mode & 0o777).toBe(0o600);
    if (process.getuid?.() === 0) expect(statSync(`/proc/${pid}`).uid).not.toBe(0);
  });

  it("lets Keyturn's role in with its password only, and it is no superuser", async () => {
    const { connection } = await start();
    expect(await one(connection, "SELECT current_setting('is_superuser')")).toBe("off");
    await expect(one({ ...connection, password: "wrong" }, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
    for (const change of [{ user: "keyturn_admin" }, { database: "postgres" }]) {
      await expect(one({ ...connection, ...change }, "SELECT 1")).rejects.toMatchObject({ code: "28000" });
    }
    await expect(one(connection, "COPY (SELECT 1) TO PROGRAM 'true'")).rejects.toMatchObject({ code: "42501" });
    expect(await one(embeddedConnection(dataFolder), "SELECT 1")).toBe(1);
  });

  it("gives the server none of our environment", async () => {
    const { said } = await startChild({ KEYTURN_SEAL_KEY: "canary-seal", SLACK_BOT_TOKEN: "canary-token" });
    const environment = readFileSync(`/proc/${pidOf(said)}/environ`, "utf8");
    expect(environment).toContain("LC_ALL=C");
    expect(environment).not.toMatch(/KEYTURN_|SLACK_|canary/);
  });

  it("refuses a second process and a second start in the same one", async () => {
    await start();
    expect((await startChild()).said).toEqual({ code: "folder_in_use" });
    await expect(startEmbedded({ dataFolder, log: keptLog() })).rejects.toMatchObject({ code: "folder_in_use" });
  });

  it("lets one of several processes in that start at once", async () => {
    const said = (await Promise.all([startChild(), startChild(), startChild()])).map((each) => each.said);
    expect(said.filter((each) => JSON.stringify(each).includes("pid"))).toHaveLength(1);
    expect(said.filter((each) => JSON.stringify(each).includes("folder_in_use"))).toHaveLength(2);
  });

  it("comes back after its process was killed and the server lived on", async () => {
    const { child, said } = await startChild();
    child.kill("SIGKILL");
    await once(child, "exit");
    const { connection, pid } = await start();
    expect(pid).not.toBe(pidOf(said));
    expect(alive(pidOf(said))).toBe(false);
    expect(await one(connection, "SELECT 1")).toBe(1);
  });

  it("comes back after process and server were killed, though the pid now belongs to another process", async () => {
    const { child, said } = await startChild();
    child.kill("SIGKILL");
    process.kill(pidOf(said), "SIGKILL");
    await eventually(() => alive(pidOf(said))).toBe(false);
    const pidFile = join(dataFolder, "postgres", "data", "postmaster.pid");
    const [, ...rest] = readFileSync(pidFile, "utf8").split("\n");
    // PostgreSQL believes only in processes of its own user that are not its parents.
    const account = serverAccount();
    const identity = account === undefined ? {} : { uid: account.uid, gid: account.gid };
    const stranger = spawn("sleep", ["60"], { stdio: "ignore", cwd: "/", ...identity });
    children.push(stranger);
    writeFileSync(pidFile, [String(stranger.pid), ...rest].join("\n"));
    const { connection } = await start();
    expect(await one(connection, "SELECT 1")).toBe(1);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  });

  it("says that it has ended when the server is killed under it", async () => {
    const { ended, pid } = await start();
    process.kill(pid, "SIGKILL");
    await expect(ended).resolves.toBeUndefined();
  });

  it("holds no sealed value in the clear, and after the end no key to it", async () => {
    const { connection } = await start();
    const state = await openState({ connection, sealKeys, log: keptLog() });
    const canary = "canary-9f3b-of-a-sealed-value";
    const id = await created(state, { seals: [sealOf("pending", "password", canary)] });
    await state.audit(entry(id, "findable-in-the-clear"));
    const lease = await held(state, id);
    const end = headline(id, { status: "ended" });
    await state.append(lease, 1, { ...appendOf(id, [eventOf("end")]), destroySeals: true, headline: end });
    expect(await one(connection, "SELECT wrapped_key FROM keyturn.rotations")).toBeNull();
    expect(await one(connection, "SELECT count(*)::int FROM keyturn.seals")).toBe(0);
    await state.close();
    await running?.stop();
    const found = (text: string) => filesBelow(dataFolder).filter((file) => readFileSync(file).includes(text));
    expect(found("findable-in-the-clear").length).toBeGreaterThan(0);
    for (const encoding of ["utf8", "base64", "hex"] as const) {
      expect(found(Buffer.from(canary).toString(encoding).replace(/=+$/, ""))).toEqual([]);
    }
  });

  it("refuses a path that is too long for a socket", async () => {
    await expect(startEmbedded({ dataFolder: join(dataFolder, "x".repeat(90)), log: keptLog() })).rejects.toMatchObject(
      {
        code: "path_too_long",
      },
    );
  });
});

async function one(connection: pg.ClientConfig, statement: string): Promise<unknown> {
  const client = new pg.Client(connection);
  client.on("error", () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

function pidOf(said: unknown): number {
  if (typeof said === "object" && said !== null && "pid" in said && typeof said.pid === "number") return said.pid;
  throw new Error(`the child said ${JSON.stringify(said)}`);
}

function alive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));
}
