import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";

/** Addresses that processes of this machine can bind and that belong to one cluster. */
export type PodNetwork = AsyncDisposable & {
  readonly cidr: string;
  /** Whether the API server forwards requests to them: it refuses loopback addresses. */
  readonly proxyable: boolean;
};

const attempts = 20;

/**
 * A /24 for pods. As root on Linux a local route on the loopback device makes all its addresses ours (AnyIP), out of
 * 198.18.0.0/16, which no real network uses (RFC 2544); else a slice of 127.0.0.0/8. Two clusters never share a route:
 * the kernel refuses the second. The route is taken away by a shell that waits for the end of our pipe to it, so it
 * goes with this process however that ends.
 */
export async function podNetwork(): Promise<PodNetwork> {
  for (let attempt = 0; attempt < attempts && process.getuid?.() === 0; attempt += 1) {
    const cidr = `198.18.${randomInt(256)}.0/24`;
    const guard = await holdRoute(cidr);
    if (guard !== undefined) return { cidr, proxyable: true, [Symbol.asyncDispose]: () => release(guard) };
  }
  const cidr = `127.${randomInt(64, 192)}.${randomInt(256)}.0/24`;
  return { cidr, proxyable: false, [Symbol.asyncDispose]: () => Promise.resolve() };
}

const script = `trap "" INT TERM HUP; PATH=$PATH:/sbin:/usr/sbin
ip route add local "$1" dev lo 2>/dev/null || exit 1
echo held; cat >/dev/null; ip route del local "$1" dev lo`;

/** The process that holds the route; undefined when there is no such right or the route is there already. */
async function holdRoute(cidr: string): Promise<ChildProcess | undefined> {
  const guard = spawn("/bin/sh", ["-c", script, "sh", cidr], { stdio: ["pipe", "pipe", "ignore"] });
  const held = once(guard.stdout, "data").then(() => true);
  const ended = once(guard, "close").then(() => false);
  if (!(await Promise.race([held, ended]))) return undefined;
  guard.unref();
  return guard;
}

async function release(guard: ChildProcess): Promise<void> {
  const ended = once(guard, "close");
  guard.stdin?.end();
  await ended;
}
