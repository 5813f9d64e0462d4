import type { ConnectionOptions } from "node:tls";
import type { Context } from "../../core/ports.ts";
import type { Config } from "./config.ts";

/** What node:tls is given, undefined for redis://. Certificates are always verified: there is no option against it. */
export async function tlsOf(config: Config, context: Context): Promise<ConnectionOptions | undefined> {
  if (!config.url.startsWith("rediss://")) return undefined;
  const { ca, cert, key, servername } = config.tls ?? {};
  const read = async (reference: string): Promise<string> => (await context.resolve(reference)).reveal();
  return {
    ...(ca === undefined ? {} : { ca: await read(ca) }),
    ...(cert === undefined ? {} : { cert: await read(cert) }),
    ...(key === undefined ? {} : { key: await read(key) }),
    ...(servername === undefined ? {} : { servername }),
  };
}
