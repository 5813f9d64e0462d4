import { readFile } from "node:fs/promises";
import { KeyturnError } from "../core/errors.ts";

export type Account = { readonly uid: number; readonly gid: number };

/** Who runs the server: undefined is ourselves; as root it is `postgres`, else `nobody`, because PostgreSQL refuses root. */
export async function embeddedAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const name of ["postgres", "nobody"]) {
    const [, , uid, gid] = lines.find((fields) => fields[0] === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new KeyturnError(
    "no_account",
    "PostgreSQL does not run as root, and there is no user postgres or nobody to run it as",
    {
      hint: "run Keyturn as an ordinary user",
    },
  );
}
