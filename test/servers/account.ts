import { readFileSync } from "node:fs";

export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

/**
 * Who the servers run as: undefined (ourselves) unless we are root; then `postgres` where that user exists, else
 * `nobody`. PostgreSQL and PgBouncer refuse root, and as root a read-only folder would not stop any server from writing.
 */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync("/etc/passwd", "utf8").split("\n").map(parse);
  const account =
    accounts.find((candidate) => candidate?.name === "postgres") ??
    accounts.find((candidate) => candidate?.name === "nobody");
  if (account === undefined) throw new Error("root cannot run the test servers: no user postgres or nobody");
  return account;
}

function parse(line: string): Account | undefined {
  const [name, , uid, gid] = line.split(":");
  return name === undefined || uid === undefined || gid === undefined
    ? undefined
    : { name, uid: Number(uid), gid: Number(gid) };
}
