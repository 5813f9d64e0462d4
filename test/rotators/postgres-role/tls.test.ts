import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { postgresRole } from "../../../src/rotators/postgres-role/rotator.ts";
import { serverAccount } from "../../servers/account.ts";
import { serverFolder } from "../../servers/own-folder.ts";
import { startPostgres } from "../../servers/postgres.ts";
import { fields } from "./world.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

it.skipIf(!hasOpenssl)(
  "logs in over TLS only when the certificate is of the configured authority and name",
  async () => {
    const { key, certificate } = makeCertificate("db.test");
    await using server = await startPostgres({
      version: 18,
      hba: ["hostssl all all 127.0.0.1/32 scram-sha-256"],
      config: ["ssl = on", `ssl_key_file = '${key}'`, `ssl_cert_file = '${certificate}'`],
    });
    await server.query(
      "CREATE ROLE app LOGIN PASSWORD 'password-of-the-app'; CREATE ROLE keyturn LOGIN CREATEROLE PASSWORD 'of-the-admin'",
    );
    await server.query("GRANT app TO keyturn WITH ADMIN TRUE");
    const open = (tls: unknown, port = server.port) =>
      postgresRole
        .bind({
          kind: "postgres-role",
          url: `postgresql://127.0.0.1:${port}/postgres`,
          admin: { username: "keyturn", password: "env:ADMIN" },
          role: "app",
          tls,
        })
        .open({
          session: { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: () => undefined },
          signal: new AbortController().signal,
          resolve: async (name) =>
            new Secret(name === "env:ADMIN" ? "of-the-admin" : readFileSync(certificate, "utf8")),
        });

    await using issuer = disposable(await open({ ca: "file:/run/ca.pem", serverName: "db.test" }));
    expect((await issuer.test(await issuer.identify(fields("app", "password-of-the-app")))).verdict).toBe("accepted");
    await expect(open({ ca: "file:/run/ca.pem", serverName: "other.test" })).rejects.toMatchObject({
      code: "not_trusted",
    });
    await expect(open({})).rejects.toMatchObject({ code: "not_trusted" });
    await using plain = await startPostgres({ version: 18 });
    await expect(open({}, plain.port)).rejects.toMatchObject({ code: "no_tls" });
    await expect(open("off")).rejects.toMatchObject({ code: "admin_refused" });
  },
);

function disposable<T extends { close: () => Promise<void> }>(issuer: T): T & AsyncDisposable {
  return { ...issuer, [Symbol.asyncDispose]: issuer.close };
}

/** A certificate that is its own authority, for one name. */
function makeCertificate(name: string): { readonly key: string; readonly certificate: string } {
  const folder = serverFolder("certificate");
  const key = join(folder, "server.key");
  const certificate = join(folder, "server.crt");
  const account = serverAccount();
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  const args = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-keyout",
    key,
    "-out",
    certificate,
    ...subject,
  ];
  const identity = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  const made = spawnSync("openssl", args, { cwd: folder, encoding: "utf8", ...identity });
  if (made.status !== 0) throw new Error(made.stderr);
  return { key, certificate };
}
