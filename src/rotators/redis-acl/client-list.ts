import { z } from "zod";
import type { Context } from "../../core/ports.ts";
import type { Connection } from "./connection.ts";
import { cutAt } from "./replies.ts";

/** One connection as `CLIENT LIST` and the `client-info` of `ACL LOG` print it. `ageS`: whole seconds. */
export type Client = {
  readonly id: string;
  readonly addr: string;
  readonly name: string;
  readonly user: string;
  readonly ageS: number;
  readonly flags: string;
};

/** All connections at one node. */
export async function readClients(connection: Connection): Promise<readonly Client[]> {
  const lines = z
    .string()
    .parse(await connection.call("CLIENT", "LIST"))
    .split("\n");
  return lines.filter((line) => line.startsWith("id=")).map(clientOf);
}

/** Parses one line of it. */
export function clientOf(line: string): Client {
  const fields = new Map(
    line
      .trim()
      .split(" ")
      .map((field) => cutAt(field, "=")),
  );
  const text = (name: string): string => fields.get(name) ?? "";
  return {
    id: text("id"),
    addr: text("addr"),
    name: text("name"),
    user: text("user"),
    ageS: Number(text("age")),
    flags: text("flags"),
  };
}

/** Whether this rotation made this connection. Anybody can call itself keyturn, so the id of the rotation has to match too. */
export function isOurs({ context }: { readonly context: Context }, client: Client): boolean {
  return client.name.startsWith(`keyturn:${context.session.rotationId}:`);
}
