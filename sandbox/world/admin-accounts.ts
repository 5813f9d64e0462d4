import { createHmac, randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";

const User = z.strictObject({
  email: z.string(),
  salt: z.string(),
  hash: z.string(),
  sessionVersion: z.int(),
  active: z.boolean(),
});
const Stored = z.strictObject({ key: z.string(), users: z.array(User) });
type Stored = z.infer<typeof Stored>;
type User = z.infer<typeof User>;

/** The users table that all replicas share: a file, changed under a lock and by renaming. */
export type Accounts = {
  /** As the0 does at start: another password is applied once and ends all sessions, an unknown email becomes a new account beside the others. */
  readonly sync: (email: string, password: string) => "created" | "updated" | "unchanged";
  /** The token of a new session; undefined when email and password do not fit, or the account is deactivated. */
  readonly login: (email: string, password: string) => string | undefined;
  /** Whose session it is, while it lives. */
  readonly whoIs: (token: string) => string | undefined;
  /** Ends an account and its sessions. */
  readonly deactivate: (email: string) => void;
};

export function accountsIn(file: string): Accounts {
  const load = (): Stored => Stored.parse(JSON.parse(readFileSync(file, "utf8")));
  const find = (stored: Stored, email: string): User | undefined => stored.users.find((user) => user.email === email);
  return {
    sync: (email, password) =>
      locked(file, () => {
        const stored = loadOrNew(file, load);
        const known = find(stored, email);
        if (known !== undefined && known.active && fits(known, password)) return "unchanged";
        const others = stored.users.filter((user) => user !== known);
        const sessionVersion = (known?.sessionVersion ?? 0) + 1;
        save(file, { ...stored, users: [...others, { email, ...hashed(password), sessionVersion, active: true }] });
        return known === undefined ? "created" : "updated";
      }),
    login: (email, password) => {
      const stored = load();
      const user = find(stored, email);
      return user !== undefined && user.active && fits(user, password)
        ? tokenFor(stored, user, randomBytes(8).toString("hex"))
        : undefined;
    },
    whoIs: (token) => {
      const stored = load();
      const [name = "", session = ""] = token.split(".");
      const user = find(stored, Buffer.from(name, "base64url").toString());
      return user !== undefined && user.active && token === tokenFor(stored, user, session) ? user.email : undefined;
    },
    deactivate: (email) =>
      locked(file, () => {
        const stored = load();
        const users = stored.users.map((user) => (user.email === email ? { ...user, active: false } : user));
        save(file, { ...stored, users });
      }),
  };
}

function loadOrNew(file: string, load: () => Stored): Stored {
  try {
    return load();
  } catch {
    const made = { key: randomBytes(32).toString("hex"), users: [] };
    save(file, made);
    return made;
  }
}

function save(file: string, stored: Stored): void {
  const beside = `${file}.${String(process.pid)}`;
  writeFileSync(beside, JSON.stringify(stored), { mode: 0o600 });
  renameSync(beside, file);
}

/** A holder that died leaves its lock behind; changes take milliseconds, so one that is seconds old is nobody's. */
function locked<T>(file: string, act: () => T): T {
  const lock = `${file}.lock`;
  for (let tried = 0; ; tried += 1) {
    try {
      closeSync(openSync(lock, "wx"));
      break;
    } catch {
      if (tried === 500) rmSync(lock, { force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
  try {
    return act();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Each login opens a session of its own; all of them end with their version. */
function tokenFor({ key }: Stored, { email, sessionVersion }: User, session: string): string {
  const mark = createHmac("sha256", key)
    .update(`${email} ${String(sessionVersion)} ${session}`)
    .digest("base64url");
  return `${Buffer.from(email).toString("base64url")}.${session}.${mark}`;
}

/** Cheap, because a start must not take long here. */
const cost = { N: 1_024, r: 8, p: 1 };

function hashed(password: string): Pick<User, "salt" | "hash"> {
  const salt = randomBytes(16).toString("hex");
  return { salt, hash: scryptSync(password, salt, 32, cost).toString("hex") };
}

function fits({ salt, hash }: User, password: string): boolean {
  return timingSafeEqual(scryptSync(password, salt, 32, cost), Buffer.from(hash, "hex"));
}
