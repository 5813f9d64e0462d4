import { KeyturnError, TryLater } from "../../core/errors.ts";
import type { Context } from "../../core/ports.ts";
import type { Address, PostgresRoleConfig } from "./config.ts";
import { couldNotDecide, serverAnswer } from "./failure.ts";
import { type Line, openLine } from "./line.ts";
import { tlsFor } from "./tls.ts";

/** Opens the administrative session on every server, or none. TryLater when one cannot be reached. */
export async function openAdmin(
  servers: readonly Address[],
  config: PostgresRoleConfig,
  context: Context,
): Promise<readonly Line[]> {
  if (Buffer.byteLength(context.session.name) > 63)
    throw new KeyturnError("name_too_long", "the rotation's id is too long for an application_name");
  const password = await context.resolve(config.admin.password);
  const { username } = config.admin;
  const lines: Line[] = [];
  try {
    for (const server of servers) {
      const address = { ...server, database: config.admin.database ?? server.database };
      const tls = await tlsFor(config, address, context.resolve);
      const options = { applicationName: context.session.name, signal: context.signal, tls, administrative: true };
      lines.push(
        await openLine(address, { username, password }, options).catch((error: unknown) =>
          refuse(error, address.label, username),
        ),
      );
    }
    return lines;
  } catch (error) {
    for (const line of lines) await line.close();
    throw error;
  }
}

function refuse(error: unknown, label: string, username: string): never {
  if (error instanceof KeyturnError) throw error;
  const answer = serverAnswer(error);
  if (answer === undefined || couldNotDecide(answer))
    throw new TryLater("unreachable", `postgresql at ${label} cannot be reached`);
  throw new KeyturnError(
    "admin_refused",
    `postgresql at ${label} refused the admin ${username} with ${answer.sqlstate}`,
    {
      hint: "check admin.username, the secret behind admin.password, and pg_hba.conf",
    },
  );
}
