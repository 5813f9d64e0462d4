import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandCheck } from "../../src/checks/command/check.ts";
import { runner } from "../../src/process/run.ts";
import { checkContract } from "../contract/check.ts";
import { newFolder } from "../servers/run-folder.ts";
import { scopeOf } from "./scope.ts";

const canary = "canary-c0mmand-Zq8Kx2";

checkContract({
  name: "command",
  makeWorld: async () => {
    const folder = newFolder("command");
    const program = join(folder, "probe");
    const write = async (script: string): Promise<void> => {
      await writeFile(program, `#!/bin/sh\n${script}\n`);
      await chmod(program, 0o755);
    };
    await write("read -r line; echo total 17 $line");
    return {
      bound: commandCheck({ runner: runner([folder]) }).bind({
        kind: "command",
        argv: [program],
        stdin: "env:PROBE",
        match: "^total \\d+ resolved.env:PROBE",
      }),
      scope: () => Promise.resolve(scopeOf()),
      breakIt: () => write(`echo "refused: ${canary} and password=${canary}" >&2; exit 3`),
      hideIt: () => rm(program),
      forgives: true,
      secrets: [canary],
      close: () => rm(folder, { recursive: true }),
    };
  },
});

describe("the command check", () => {
  it("is red when the exit code is right and the output is not", async () => {
    const check = await commandCheck({ runner: runner(["/bin"]) })
      .bind({ kind: "command", argv: ["/bin/echo", "nothing"], match: "total" })
      .open({
        session: { rotationId: "r", epoch: 1, name: "keyturn:r:1", guard: () => undefined },
        signal: new AbortController().signal,
        resolve: () => Promise.reject(new Error("this world has no references")),
      });

    expect(await check.run({ ok: true }, scopeOf())).toMatchObject({
      ok: false,
      evidence: { code: 0, matched: false },
    });
  });
});
