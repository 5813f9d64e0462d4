import type { Instance } from "./ports.ts";

/** Zero instances are never settled, and "unknown" is never "new". */
export function isSettled(instances: readonly Instance[]): boolean {
  return instances.length > 0 && instances.every(({ on, ready }) => on === "new" && ready);
}

/**
 * Whether an address (with or without a port) and a client name, as the issuer sees them, belong to an instance of the
 * plan. Where an instance has names, one of them must match: who was refused before it said a name may be anybody at that
 * address, and is found by the checks instead.
 */
export function isInstance(instance: Instance, address: string, client: string): boolean {
  return (
    instance.addresses.includes(hostOf(address)) && (instance.clients.length === 0 || instance.clients.includes(client))
  );
}

function hostOf(address: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(address);
  if (bracketed?.[1] !== undefined) {
    return bracketed[1];
  }
  return address.split(":").length === 2 ? (address.split(":")[0] ?? address) : address;
}
