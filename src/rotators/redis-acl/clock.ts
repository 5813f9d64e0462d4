import { z } from "zod";
import type { Connection } from "./connection.ts";

const Time = z.tuple([z.coerce.number().int(), z.coerce.number().int()]);

/** The server's own clock, in milliseconds since 1970. */
export async function readClock(connection: Connection): Promise<number> {
  const [seconds, micros] = Time.parse(await connection.call("TIME"));
  return seconds * 1000 + Math.floor(micros / 1000);
}

/** ISO 8601 UTC. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
