import { KeyturnError } from "../../core/errors.ts";
import type { Context } from "../../core/ports.ts";
import type { Address, PostgresRoleConfig } from "./config.ts";
import type { LineOptions } from "./line.ts";

/** The TLS settings for one address. The certificate is always verified; only loopback hosts are plain by default. */
export async function tlsFor(
  config: Pick<PostgresRoleConfig, "tls">,
  address: Address,
  resolve: Context["resolve"],
): Promise<LineOptions["tls"]> {
  const { tls } = config;
  if (tls === "off" || (tls === undefined && isLoopback(address.host))) return false;
  const ca = tls?.ca === undefined ? {} : { ca: (await resolve(tls.ca)).reveal() };
  return { ...ca, ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }) };
}

/** The error of a login that ended because the server's certificate was not trusted, or because it offers no TLS at all. */
export function tlsProblem(error: unknown, label: string): KeyturnError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (/^ERR_TLS_|CERT|UNABLE_TO_(VERIFY|GET)/.test(code)) {
    const hint = "set tls.ca to the authority that signed it, or tls.serverName to the name in it";
    return new KeyturnError("not_trusted", `the certificate of ${label} is not trusted (${code})`, { hint });
  }
  if (!/does not support SSL/.test(error.message)) return undefined;
  return new KeyturnError("no_tls", `${label} offers no TLS`, { hint: "switch ssl on at the server, or set tls: off" });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
