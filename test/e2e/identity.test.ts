import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoSeed } from "../../sandbox/workspace/demo-seed.ts";
import { startWorkspace } from "../../sandbox/workspace/server.ts";
import { freePort } from "../servers/port.ts";
import { realCatalog } from "./real-catalog.ts";
import { openStage, type Stage } from "./stage.ts";

describe("a start", () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await stage.bots[0]?.stop();
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
  });

  const refused = async (env: Readonly<Record<string, string | undefined>>) => {
    const bot = stage.launch(env);
    expect(await bot.ended).toBe(1);
    return bot.log();
  };

  it("without anything names everything that is missing at once, and how to get it", async () => {
    const said = await refused({
      KEYTURN_CATALOG: undefined,
      KEYTURN_DATA: undefined,
      KEYTURN_SEAL_KEY: undefined,
      DATABASE_URL: undefined,
      SLACK_BOT_TOKEN: undefined,
      SLACK_APP_TOKEN: undefined,
    });
    for (const part of [
      "KEYTURN_CATALOG is not set",
      "SLACK_BOT_TOKEN is not set",
      "OAuth & Permissions",
      "SLACK_APP_TOKEN is not set",
      "connections:write",
      "there is no seal key",
      "openssl rand -base64 32",
      "KEYTURN_DATA is not set",
      "DATABASE_URL",
    ]) {
      expect(said).toContain(part);
    }
  });

  it("with a token that Slack refuses names its variable, and where the token stands", async () => {
    const bot = await refused({ SLACK_BOT_TOKEN: "xoxb-wrong" });
    expect(bot).toMatch(/slack refuses SLACK_BOT_TOKEN \(invalid_auth\).*\n.*OAuth & Permissions/);
    const app = await refused({ SLACK_APP_TOKEN: "xapp-wrong" });
    expect(app).toMatch(/slack refuses SLACK_APP_TOKEN \(invalid_auth\).*\n.*App-Level Tokens/);
    expect(app).not.toContain("Unhandled");
  });

  it("on a port that is in use names the port and its variable", async () => {
    const port = await freePort();
    const server = createServer().listen(port, "127.0.0.1");
    const pages = { KEYTURN_PAGE_URL: "https://keyturn.example.com", KEYTURN_PAGE_PORT: String(port) };
    for (const env of [{ KEYTURN_HEALTH_PORT: String(port) }, pages]) {
      const said = await refused(env);
      expect(said).toMatch(/port \d+ of KEYTURN_(HEALTH|PAGE)_PORT is in use \(port_in_use\)/);
      expect(said).not.toContain("Unhandled");
    }
    server.close();
  });

  it("in another workspace than the first one is refused", async () => {
    const team = { id: "T0ELSEWHERE", domain: "acme", name: "Acme" };
    const other = await startWorkspace({ seed: { ...demoSeed(), team } });
    const said = await refused({
      SLACK_API_URL: other.apiUrl,
      SLACK_BOT_TOKEN: other.botToken,
      SLACK_APP_TOKEN: other.appToken,
    });
    await other.close();
    expect(said).toContain("this data belongs to another Slack workspace (other_workspace)");
  });

  it("with an API address that is not Slack's and not on this machine is refused", async () => {
    expect(await refused({ SLACK_API_URL: "http://192.0.2.1/api/" })).toContain("foreign_slack");
    expect(await refused({ SLACK_API_URL: "http://127.0.0.1.example.com/api/" })).toContain("foreign_slack");
  });

  it("with a real catalog on a demo's data is refused, and the reverse", async () => {
    const real = join(stage.shop.folder, "real.yaml");
    await writeFile(real, realCatalog(await readFile(stage.catalogFile, "utf8")), { mode: 0o600 });
    expect(await refused({ KEYTURN_CATALOG: real })).toContain("foreign_slack");
    expect(await refused({ KEYTURN_CATALOG: real, SLACK_API_URL: undefined })).toContain("demo_and_real");
    await stage.database.query("UPDATE keyturn.pins SET value = 'real' WHERE name = 'purpose'");
    expect(await refused({})).toContain("demo_and_real");
  });
});
