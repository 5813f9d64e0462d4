import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder with a catalog, and the environment of a command line that reads it. */
export type Place = AsyncDisposable & {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly write: (name: string, text: string) => Promise<string>;
};

export async function openPlace(references: Readonly<Record<string, string>> = {}): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "keyturn-cli-"));
  return {
    folder,
    env: {
      KEYTURN_CATALOG: join(folder, "catalog.yaml"),
      KEYTURN_FILES: folder,
      KEYTURN_LOGS: folder,
      KEYTURN_COMMANDS: `/usr/bin:${dirname(process.execPath)}`,
      ...references,
    },
    write: async (name, text) => {
      const file = join(folder, name);
      await writeFile(file, text, { mode: 0o600 });
      return file;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A server that counts who connects, and hangs up. */
export async function countingListener(): Promise<
  AsyncDisposable & { readonly port: number; readonly count: () => number }
> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    count: () => count,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const policy = `version: 1
demo: true
policies:
  prod:
    channel: "#security-ops"
    requesters: ["@oncall", "@security"]
    approvals: [{ from: "@security", min: 1 }, { from: "@oncall", min: 1 }]
    oncall: "@oncall"
targets:
`;

/** One target as YAML. `values`: templates by key. */
export function target(options: {
  readonly secret: string;
  readonly rotator: string;
  readonly file: string;
  readonly values: Readonly<Record<string, string>>;
  readonly checks: readonly string[];
}): string {
  const { secret, rotator, file, values, checks } = options;
  return `  - secret: ${secret}
    environment: prod
    policy: prod
    owner: "@platform"
    rotator: ${rotator}
    publish:
      - store: env-file
        file: ${file}
        values: ${JSON.stringify(values)}
    consumers:
      - { kind: command, name: app, instances: [{ id: one, reload: [/usr/bin/true], sees: { started: [/usr/bin/date, "-u", "-Iseconds"] } }] }
    checks: ${checks.length === 0 ? "[]" : checks.map((check) => `\n      - ${check}`).join("")}
    grace: 1h
`;
}
