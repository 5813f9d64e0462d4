/** One server to talk to. `node` is how it is called in sentences and session ids: "host:port". */
export type Address = { readonly node: string; readonly host: string; readonly port: number };

const defaultPort = 6379;

/** The address in a `redis://` URL that the configuration has checked. */
export function addressOf(url: string): Address {
  const { hostname, port } = new URL(url);
  return address(hostname.replace(/^\[(.*)\]$/, "$1"), port === "" ? defaultPort : Number(port));
}

/** An address from its parts; IPv6 hosts get brackets in the name. */
export function address(host: string, port: number): Address {
  return { node: `${host.includes(":") ? `[${host}]` : host}:${String(port)}`, host, port };
}

/** The IP address of "ip:port" as Redis prints it, also for IPv6. */
export function ipOf(hostAndPort: string): string {
  return hostAndPort.slice(0, Math.max(hostAndPort.lastIndexOf(":"), 0)).replace(/^\[(.*)\]$/, "$1");
}
