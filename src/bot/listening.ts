import { KeyturnError } from "../core/errors.ts";

/** What `listen` resolves with. A port that cannot be had is "port_in_use" or "port_forbidden", with the variable it comes from. */
export async function listening<T>(variable: string, port: number, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "EADDRINUSE") {
      throw new KeyturnError("port_in_use", `port ${String(port)} of ${variable} is in use`, {
        hint: `end what listens there (\`ss -ltnp 'sport = :${String(port)}'\` names it), or choose another port`,
        cause,
      });
    }
    if (code === "EACCES") {
      throw new KeyturnError("port_forbidden", `port ${String(port)} of ${variable} is not for this user`, {
        hint: "choose one above 1023",
        cause,
      });
    }
    throw cause;
  }
}
