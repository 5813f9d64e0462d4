import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { approve, ended, journal, request, type } from "./people.ts";
import { realCatalog } from "./real-catalog.ts";
import { openStage, type Stage } from "./stage.ts";

describe("SIGHUP", () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
  });

  const reload = async (text: string, logged: string) => {
    const before = stage.log().length;
    await writeFile(stage.catalogFile, text, { mode: 0o600 });
    stage.bots[0]?.kill("SIGHUP");
    await stage.workspace.inspect.waitFor(() => stage.log().slice(before).includes(logged), 30_000, logged);
    return stage.log().slice(before);
  };
  const reloads = () => stage.database.query("SELECT actor_kind, detail FROM keyturn.audit WHERE verb = 'reload'");

  it.each([
    ["has mistakes", (text: string) => text.replace("grace:", "grase:"), "grase"],
    ["names a group that slack does not have", (text: string) => text.replaceAll("@security", "@securty"), "@securty"],
    ["is not a demo's any more", realCatalog, "started for a demo catalog"],
  ])("keeps the catalog when the new one %s, and the log names it", async (_what, change, named) => {
    const good = await readFile(stage.catalogFile, "utf8");
    expect(await reload(change(good), "the catalog was not taken over")).toContain(named);
    await writeFile(stage.catalogFile, good, { mode: 0o600 });
    expect(await type(stage, "list")).toContain("postgres test");
    expect(await reloads()).toEqual([]);
  });

  it("takes a good catalog over, audited with its digest, and voids a request whose plan it changes", async () => {
    const id = await request(stage, "postgres test because it is time");
    const text = (await readFile(stage.catalogFile, "utf8")).replace(/grace: \S+/, "grace: 2500ms");
    await reload(text, "the catalog was read again");
    const digest = createHash("sha256").update(text).digest("hex");
    expect(await reloads()).toEqual([{ actor_kind: "os", detail: `catalog ${digest}` }]);
    await approve(stage, id);
    expect(await ended(stage, id)).toBe("cancelled");
    expect((await journal(stage, id)).find((event) => event.type === "cancelled")).toMatchObject({
      reason: { code: "stale_plan" },
    });
    await reload(text.replace("environment: test", "environment: moved"), "the catalog was read again");
    expect(await type(stage, "list")).toContain("postgres moved");
  });
});
