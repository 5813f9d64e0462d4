import { randomBytes } from "node:crypto";
import { userInfo } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Rotation } from "../../src/core/rotation.ts";
import { logIn } from "../engine/light-app.ts";
import { type LightShop, openLightShop } from "../engine/light-shop.ts";
import { openStage, type Stage } from "../engine/stage.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { keyturn, type Ran } from "./command-line.ts";

let database: FreshDatabase;
let shop: LightShop;
let stage: Stage;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  database = await freshDatabase();
  shop = await openLightShop({ server: database.server, mode: "dual" });
  const sealKey = randomBytes(32).toString("base64");
  stage = await openStage({ databaseUrl: database.url, ...shop, sealKey, programs: ["/usr/bin"] });
  env = { DATABASE_URL: database.url, KEYTURN_SEAL_KEY: `k1:${sealKey}` };
});

afterAll(async () => {
  await stage?.close();
  await shop?.close();
  await database?.[Symbol.asyncDispose]();
});

const user = userInfo().username;
const after = (step: string) => (rotation: Rotation) => rotation.steps[step]?.status === "done";

/** The command line beside a worker that is running. */
async function beside(id: string, args: readonly string[], until: (rotation: Rotation) => boolean): Promise<Ran> {
  const answer = keyturn(args, env);
  let ended = false;
  void answer.finally(() => {
    ended = true;
  });
  while (!ended && !until(await stage.rotation(id))) {
    await stage.drive(id, () => true);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return answer;
}

function audited(id: string) {
  return database.query(
    "SELECT actor_kind, actor_id, verb FROM keyturn.audit WHERE rotation_id = $1 AND actor_kind = 'os' ORDER BY seq",
    [id],
  );
}

describe("hold, rollback and status against a worker that runs", { timeout: 240_000 }, () => {
  it("hold stops it before its next step, rollback takes it back; both are audited as the user of the system", async () => {
    const before = await shop.url();
    const id = await stage.approved();
    await stage.drive(id, after("publish"), "publish");

    const running = await keyturn(["status", id], env);
    expect(running).toMatchObject({ code: 0, err: "" });
    expect(running.out).toMatch(new RegExp(`^postgres test {2}${id} {2}RUNNING: `));
    expect(running.out).toMatch(/\n {2}done {3}publish .*\n/);
    expect(running.out).toContain(`the old credential (${shop.principals[0] ?? ""}) works; the new one`);
    expect(running.out).toContain(`keyturn rollback ${id}`);
    expect((await keyturn(["status"], env)).out).toContain(`${id}  postgres test`);

    const held = await beside(id, ["hold", id], ({ hold }) => hold !== undefined);
    expect(held).toMatchObject({ code: 0, err: "" });
    expect(held.out).toContain(`hold is recorded as ${user}`);
    expect(held.out).toContain("it is held before its next step");
    expect((await stage.rotation(id)).hold?.by).toEqual({ kind: "os", id: user });
    expect((await keyturn(["status", id], env)).out).toMatch(new RegExp(`HELD: [^]*held by ${user} until `));

    const back = await beside(id, ["rollback", id], ({ direction }) => direction === "back");
    expect(back).toMatchObject({ code: 0, err: "" });
    expect(back.out).toContain("it goes back to the current credential");
    const ended = await stage.drive(id);
    expect(ended.ended).toMatchObject({ status: "rolled_back", leftovers: [] });
    expect(await shop.url()).toBe(before);
    expect(await logIn("postgres", before)).toBe("accepted");
    expect(await audited(id)).toMatchObject([
      { actor_kind: "os", actor_id: user, verb: "hold" },
      { actor_kind: "os", actor_id: user, verb: "held" },
      { actor_kind: "os", actor_id: user, verb: "roll-back" },
      { actor_kind: "os", actor_id: user, verb: "turned_back" },
    ]);

    const json = JSON.parse((await keyturn(["status", id, "--json"], env)).out);
    expect(json).toMatchObject({ id, target: "postgres test", status: "rolled_back", blocked: null, leftovers: [] });
    expect(json.steps).toContainEqual({ id: "publish", status: "done", ms: expect.any(Number) });
    expect((await keyturn(["status", id], env)).out).toMatch(
      /\nlive when it ended: the old credential .* works; the new one .* was revoked\n/,
    );
    expect(await keyturn(["hold", id], env)).toMatchObject({ code: 1, err: expect.stringContaining("has ended") });
    expect(await keyturn(["status"], env)).toEqual({ code: 0, out: "no rotation is open\n", err: "" });
  });

  it("cannot do what needs people: a leaked one that is disabled is not rolled back from a terminal", async () => {
    const id = await stage.approved({ leaked: true });
    await stage.drive(id, after("disable"), "disable");
    const { code, out, err } = await keyturn(["rollback", id], env);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("needs the full policy again");
    expect((await stage.rotation(id)).direction).toBe("forward");
    expect((await stage.drive(id)).ended).toMatchObject({ status: "done" });
  });

  it("takes back a request that nobody has approved", async () => {
    const id = await stage.requested();
    const { code, out } = await beside(id, ["rollback", id], ({ phase }) => phase === "ended");
    expect([code, (await stage.rotation(id)).ended?.status]).toEqual([0, "cancelled"]);
    expect(out).toContain("nothing was changed");
  });

  it("names the open rotation that was probably meant", async () => {
    const id = await stage.requested();
    const { code, err } = await keyturn(["rollback", `${id.slice(0, -1)}x`], env);
    expect([code, err]).toEqual([1, expect.stringContaining(`did you mean ${id}?`)]);
    expect((await keyturn(["status", "nothing"], env)).err).toContain(`open: ${id} (postgres test)`);
    await stage.deps.state.audit({ actor: { kind: "os", id: "x" }, verb: "test", rotationId: id, detail: "" });
  });

  it("says that no bot has taken it up, and keeps the press", async () => {
    const [open] = await stage.state.list({ open: true });
    const id = open?.id ?? "";
    const { code, err } = await keyturn(["hold", id], env);
    expect([code, err]).toEqual([0, expect.stringContaining("no bot has taken it up")]);
    expect(await stage.state.commands(id)).toMatchObject([{ verb: "hold", actor: { kind: "os", id: user } }]);
  });
});

describe("audit verify", { timeout: 120_000 }, () => {
  it("finds a hash that was noted earlier, wherever the log is now", async () => {
    const noted = await stage.state.auditHead();
    await stage.state.audit({
      actor: { kind: "engine", id: "keyturn" },
      verb: "test",
      rotationId: undefined,
      detail: "",
    });
    const head = await stage.state.auditHead();

    const plain = await keyturn(["audit", "verify"], env);
    expect(plain).toMatchObject({ code: 0, err: "" });
    expect(plain.out).toMatch(new RegExp(`^\\d+ entries, chain and signatures hold, head ${head}\n$`));
    for (const hash of [noted, noted.slice(0, 16), head]) {
      const { code, out } = await keyturn(["audit", "verify", "--expect", hash], env);
      expect([code, out]).toEqual([0, expect.stringContaining(`${hash} is entry `)]);
    }
    const { code, out, err } = await keyturn(["audit", "verify", "--expect", "a".repeat(64)], env);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("no entry of it has the hash");
  });

  it("fails against a noted hash when entries were taken off the end", async () => {
    const noted = await stage.state.auditHead();
    const [head] = await database.query("SELECT seq, hash, at FROM keyturn.audit_head");
    const [last] = await database.query("DELETE FROM keyturn.audit WHERE seq = $1 RETURNING *", [head?.["seq"]]);
    await database.query(
      "UPDATE keyturn.audit_head SET (seq, hash) = (SELECT seq, hash FROM keyturn.audit ORDER BY seq DESC LIMIT 1)",
    );
    expect((await keyturn(["audit", "verify"], env)).code).toBe(0);
    expect(await keyturn(["audit", "verify", "--expect", noted], env)).toMatchObject({
      code: 1,
      err: expect.stringContaining("entries were taken off its end"),
    });
    expect(last?.["seq"]).toBe(head?.["seq"]);
  });

  it("fails when somebody has changed an entry by SQL, and says which", async () => {
    await database.query("UPDATE keyturn.audit SET actor_id = 'U-eve' WHERE seq = 3");
    const { code, out, err } = await keyturn(["audit", "verify"], env);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("entry 3 was changed");
    expect((await keyturn(["audit", "verify", "--expect", await stage.state.auditHead()], env)).code).toBe(1);
  });
});
