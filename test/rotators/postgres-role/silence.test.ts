import { expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { scramVerifier } from "../../../src/rotators/postgres-role/scram.ts";
import { inWorld, issue } from "../../contract/rotator-world.ts";
import { onEachPostgres } from "./servers.ts";
import { makeWorld } from "./world.ts";

onEachPostgres("what the server gets to see", { logStatements: true }, (server) => {
  let madeAt = 0;

  it("is never a password: not in its log with log_statement = all, not in its catalog", () =>
    inWorld(
      async () => {
        const world = await makeWorld({ mode: "dual", servers: [server()] });
        madeAt = server().logText().length;
        return world;
      },
      async (world, issuer, run) => {
        const pending = await issue(issuer, run);
        await issuer.test(pending);
        await issuer.disable?.(run.current.ref);
        await issuer.enable?.(run.current);
        await issuer.revoke(run.current.ref);

        const log = server().logText().slice(madeAt);
        const password = pending.secret["password"]?.reveal() ?? "";
        const verifier = pending.secret["scram"]?.reveal() ?? "";
        expect(log).toContain("ALTER ROLE");
        expect(log).toContain(verifier);
        expect(password.length).toBeGreaterThanOrEqual(32);
        for (const canary of [password, world.canaries[0] ?? "", Buffer.from(password).toString("base64")]) {
          expect(log.includes(canary)).toBe(false);
        }
        const [stored] = await server().query("SELECT rolpassword FROM pg_authid WHERE rolname = $1", [
          pending.ref.principal,
        ]);
        expect(stored).toEqual({ rolpassword: verifier });
      },
    ));

  it("computes the very verifier that the server computes from the same salt", async () => {
    await server().query("CREATE ROLE vector LOGIN PASSWORD 'pencil of a test'");
    const [row] = await server().query("SELECT rolpassword AS verifier FROM pg_authid WHERE rolname = 'vector'");
    const verifier = String(row?.["verifier"]);
    const salt = Buffer.from(/^SCRAM-SHA-256\$4096:([^$]+)\$/.exec(verifier)?.[1] ?? "", "base64");

    expect((await scramVerifier(new Secret("pencil of a test"), salt)).reveal()).toBe(verifier);
  });

  it("keeps what others wrote into the role's comment, and its own mark behind it", () =>
    inWorld(
      () => makeWorld({ mode: "single", servers: [server()] }),
      async (_world, issuer, run) => {
        const comment = async (): Promise<unknown> =>
          (
            await server().query(
              "SELECT shobj_description(oid, 'pg_authid') AS text FROM pg_roles WHERE rolname = $1",
              [run.current.ref.principal],
            )
          )[0]?.["text"];
        const pending = await issue(issuer, run);
        expect(await comment()).toBe(`the shop [keyturn:${run.rotationId}]`);

        await issuer.issue({ rotationId: run.rotationId, proposed: run.current, current: pending });
        expect(await comment()).toBe("the shop");
      },
    ));
});
