import type { Credential, Ref } from "../../../src/core/credential.ts";
import type { Issuer } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { nodeRights } from "../../../src/rotators/redis-acl/rights.ts";
import { redisAcl } from "../../../src/rotators/redis-acl/rotator.ts";
import type { Redis } from "../../servers/redis.ts";
import { alphabet, fields, passwords } from "./world.ts";

/** The admin of README, as a line of a users file. */
export const adminUser = `keyturn on >${passwords.admin} resetchannels -@all ${nodeRights.join(" ")}`;
export const appUser = `app on >${passwords.current} ~* &* +@all -@dangerous`;

export type Opened = { readonly issuer: Issuer; readonly current: Credential; readonly proposed: Credential };

/** Opens an issuer for the user `app` of a server, with what applications use and a new credential that is not issued yet. */
export async function openTarget(
  server: Pick<Redis, "port">,
  entry: Readonly<Record<string, unknown>> = {},
  opening: { readonly epoch?: number; readonly username?: string } = {},
): Promise<Opened> {
  const epoch = opening.epoch ?? 1;
  const who = entry["users"] === undefined && entry["user"] === undefined ? { user: "app" } : {};
  const bound = redisAcl.bind({
    kind: "redis-acl",
    url: `redis://127.0.0.1:${server.port}`,
    admin: { username: "keyturn", password: "env:REDIS_ADMIN" },
    ...who,
    ...entry,
  });
  const issuer = await bound.open({
    session: { rotationId: "r1", epoch, name: `keyturn:r1:${epoch}`, guard: () => undefined },
    signal: new AbortController().signal,
    resolve: async () => new Secret(passwords.admin),
  });
  const current = await issuer.identify(fields(opening.username ?? "app", passwords.current));
  const proposed = await issuer.propose?.({ rotationId: "r1", current, alphabet });
  if (proposed === undefined) throw new Error("redis-acl proposes");
  return { issuer, current, proposed };
}

export function issueOf({ issuer, current, proposed }: Opened): Promise<Credential> {
  return issuer.issue({ rotationId: "r1", proposed, current });
}

export async function refsOf(issuer: Issuer): Promise<Ref[]> {
  return (await issuer.list()).map(({ ref }) => ref);
}

export async function codesOf(issuer: Issuer, current: Credential | undefined): Promise<string[]> {
  return (await issuer.preflight(current)).map(({ severity, code }) => `${severity} ${code}`);
}
