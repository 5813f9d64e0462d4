import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandConsumer } from "../../../src/consumers/command/consumer.ts";
import type { Consumer, Expected } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { runner } from "../../../src/process/run.ts";
import { openConsumer } from "../../contract/consumer-world.ts";
import { newFolder } from "../../servers/run-folder.ts";

const expected: Expected = {
  ref: { principal: "app_b", generation: "2" },
  public: { username: "app_b" },
  values: { VALUE: new Secret("canary-v4lue") },
  since: "2026-11-21T09:12:33.300Z",
  places: {},
};

describe("an instance that is seen by the time of its start", () => {
  it.each([
    ["2026-11-21T09:12:33.301Z", "new"],
    ["2026-11-21T10:12:34+01:00", "new"],
    ["1795252354", "new"],
    ["2026-11-21T09:12:33.299Z", "old"],
    ["2026-11-21T09:12:32Z", "old"],
    ["2026-11-21T09:12:33Z", "unknown"],
    ["1795252353", "unknown"],
    ["2026-11-21 09:12:34", "unknown"],
    ["n/a", "unknown"],
    ["", "unknown"],
  ])("and prints %j is %s", (printed, on) =>
    withScripts({ look: `echo "${printed}"` }, async ({ open, path }) => {
      const consumer = await open({ started: [path("look")] });

      expect(await consumer.instances(expected)).toMatchObject([{ id: "app", on, ready: on !== "unknown" }]);
    }),
  );

  it("is reloaded once more, a second later, when it started in the second of the publish", () =>
    withScripts({ look: "echo 1795252353", reload: "echo again >> $1/reloads" }, async ({ open, path, folder }) => {
      const consumer = await open({ started: [path("look")] }, { reload: [path("reload"), folder] });

      const error = await consumer.reload("app", expected).catch((thrown: unknown) => thrown);

      expect(error).toMatchObject({ name: "TryLater", code: "started_same_second", afterMs: 1_000 });
      expect(await readFile(join(folder, "reloads"), "utf8")).toBe("again\n");
    }));
});

describe("an instance that cannot be seen", () => {
  it.each<[string, object, string]>([
    ["whose look fails", { started: ["@fails"] }, "ended with 7"],
    ["whose page is down", { http: "http://127.0.0.1:1/", json: "$.u", equals: "x" }, "127.0.0.1:1 could not be asked"],
    [
      "whose page must name an unknown field",
      { http: "http://127.0.0.1:1/", json: "$.u", equals: "{{nope}}" },
      "no public field nope",
    ],
    ["whose digest prints nothing", { digest: ["@silent"], key: "VALUE" }, "prints no HMAC-SHA256"],
    ["whose digest is of a key that is not published", { digest: ["@silent"], key: "OTHER" }, "published under OTHER"],
  ])("%s is unknown and not ready", (_, sees, detail) =>
    withScripts({ fails: "echo canary-v4lue >&2; exit 7", silent: "cat > /dev/null" }, async ({ open, path }) => {
      const at = (text: string): string => (text.startsWith("@") ? path(text.slice(1)) : text);
      const looks = JSON.parse(JSON.stringify(sees), (_key, value: unknown) =>
        typeof value === "string" ? at(value) : value,
      );
      const consumer = await open(looks);

      const [instance] = await consumer.instances(expected);

      expect(instance).toMatchObject({ on: "unknown", ready: false });
      expect(instance?.detail).toContain(detail);
      expect(instance?.detail).not.toContain("canary");
    }),
  );
});

describe("a reload", () => {
  it("that fails says so by its exit code and a signature of its last line", () =>
    withScripts(
      { look: "echo 0", reload: "echo 'login failed, password=canary-v4lue' >&2; exit 5" },
      async ({ open, path }) => {
        const consumer = await open({ started: [path("look")] });

        await expect(consumer.reload("app", expected)).rejects.toMatchObject({
          code: "reload_failed",
          message: "the reload of app ended with 5",
          hint: "login failed, password=~",
        });
      },
    ));

  it("gives a program no secret but by its input, and only the named variables", () =>
    withScripts({ look: "echo 0", reload: "env > $1/env; echo $* >> $1/env" }, async ({ open, path, folder }) => {
      const consumer = await open({ started: [path("look")] }, { reload: [path("reload"), folder] }, { APP: "shop" });

      await consumer.reload("app", expected);

      const seen = await readFile(join(folder, "env"), "utf8");
      expect(seen).toContain("APP=shop");
      expect(seen).not.toContain("canary");
      expect(seen).not.toContain("HOME=");
    }));
});

describe("preflight", () => {
  it("names every program and log that cannot be used, at once", () =>
    withScripts({ look: "echo 0" }, async ({ open, folder }) => {
      const consumer = await open(
        { started: ["/bin/sh", "-c", "id"] },
        { reload: [join(folder, "bin/nothing")], logs: "/etc/hostname" },
      );

      expect((await consumer.preflight()).map(({ severity, code }) => [severity, code])).toEqual([
        ["error", "program_missing"],
        ["error", "program_not_allowed"],
        ["error", "log_not_allowed"],
      ]);
    }));

  it("says that there are no instances", () =>
    withScripts({}, async ({ openNone }) => {
      expect(await (await openNone()).preflight()).toMatchObject([{ severity: "error", code: "no_instances" }]);
    }));
});

describe("logs", () => {
  it.each([
    [
      "a file with times",
      "2026-11-21T09:00:00Z before\n2026-11-21T09:12:34Z after\n  at stack\n",
      ["2026-11-21T09:12:34Z after", "  at stack"],
      true,
    ],
    ["a file without times", "somebody was here\n", ["somebody was here"], false],
    ["an empty file", "", [], true],
  ])("of %s", (_, text, lines, complete) =>
    withScripts({ look: "echo 0" }, async ({ open, path, folder }) => {
      await writeFile(join(folder, "app.log"), text);
      const consumer = await open({ started: [path("look")] }, { logs: join(folder, "app.log") });

      const [log] = (await consumer.logs?.(expected.since)) ?? [];

      expect([log?.instance, log?.lines.map((line) => line.text), log?.complete]).toEqual(["app", lines, complete]);
    }),
  );

  it("of a file that was just rotated go on in the one before it", () =>
    withScripts({ look: "echo 0" }, async ({ open, path, folder }) => {
      await writeFile(join(folder, "app.log.1"), "2026-11-21T09:00:00Z before\n2026-11-21T09:12:34Z one\n");
      await writeFile(join(folder, "app.log"), "2026-11-21T09:12:35Z two\n");
      const consumer = await open({ started: [path("look")] }, { logs: join(folder, "app.log") });

      const [log] = (await consumer.logs?.(expected.since)) ?? [];

      expect(log?.lines.map(({ text }) => text.slice(-3))).toEqual(["one", "two"]);
    }));

  it("of a command are asked for from that time, and are not complete when the command says too much", () =>
    withScripts(
      { look: "echo 0", log: 'echo "$1 first"; head -c "$2" /dev/zero | tr "\\0" x' },
      async ({ open, path }) => {
        const read = async (size: string) => {
          const consumer = await open(
            { started: [path("look")] },
            { logs: [path("log"), "{{since}}", size] },
            { PATH: "/usr/bin:/bin" },
          );
          return (await consumer.logs?.(expected.since))?.[0];
        };

        expect(await read("10")).toMatchObject({
          complete: true,
          lines: [{ text: `${expected.since} first` }, { text: "xxxxxxxxxx" }],
        });
        expect((await read("5000000"))?.complete).toBe(false);
      },
    ));

  it("that cannot be read throw", () =>
    withScripts({ look: "echo 0", log: "exit 1" }, async ({ open, path, folder }) => {
      const byFile = await open({ started: [path("look")] }, { logs: join(folder, "none.log") });
      const byCommand = await open({ started: [path("look")] }, { logs: [path("log")] });

      await expect(byFile.logs?.(expected.since)).rejects.toMatchObject({ code: "log_unreadable" });
      await expect(byCommand.logs?.(expected.since)).rejects.toMatchObject({ code: "log_command_failed" });
    }));
});

type Scripts = {
  readonly folder: string;
  readonly path: (name: string) => string;
  readonly open: (sees: unknown, instance?: object, env?: object) => Promise<Consumer>;
  readonly openNone: () => Promise<Consumer>;
};

/** A folder with small programs, and a consumer of one instance that uses them. */
async function withScripts(
  sources: Readonly<Record<string, string>>,
  act: (scripts: Scripts) => Promise<void>,
): Promise<void> {
  const folder = newFolder("scripts");
  const path = (name: string): string => join(folder, name);
  try {
    for (const [name, source] of Object.entries({ reload: "exit 0", ...sources })) {
      await writeFile(path(name), `#!/bin/sh\n${source}\n`);
      await chmod(path(name), 0o755);
    }
    const kind = commandConsumer({ runner: runner([folder]), logFolders: [folder] });
    const bind = (instances: readonly object[], env: object) =>
      openConsumer(kind.bind({ kind: "command", name: "shop", instances, env }));
    await act({
      folder,
      path,
      open: (sees, instance = {}, env = {}) => bind([{ id: "app", reload: [path("reload")], sees, ...instance }], env),
      openNone: () => bind([], {}),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
