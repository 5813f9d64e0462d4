import type { Instance, Refusal } from "./ports.ts";

/** Zero instances are never settled, and "unknown" is never "new". */
export function isSettled(instances: readonly Instance[]): boolean {
  return instances.length > 0 && instances.every(({ on, ready }) => on === "new" && ready);
}

/**
 * Whether an address (with or without a port) and a client name, as the issuer sees them, belong to an instance of the
 * plan. Where an instance has names, one of them must match.
 */
export function isInstance(instance: Instance, address: string, client: string): boolean {
  return isAt(instance, address) && (instance.clients.length === 0 || instance.clients.includes(client));
}

/**
 * The instances of the plan one of which was refused; none: a stranger. A refusal without a name, at the address of instances
 * that have names, is theirs only when it was the right secret: nobody but a laggard of the plan should hold it there, the
 * loss otherwise is a cut consumer, and the ladder enables again three times at most, so that an unlisted neighbour who holds
 * it too delays the end and cannot prevent it. Where any secret may have been tried, it may be anybody at that address who
 * knows a user name; a laggard behind it is found by the checks.
 */
export function refusedAmong(instances: readonly Instance[], refusal: Refusal): readonly Instance[] {
  const { address, client, presented = false } = refusal;
  const named = instances.filter((instance) => isInstance(instance, address, client));
  return named.length > 0 || client !== "" || !presented
    ? named
    : instances.filter((instance) => isAt(instance, address));
}

function isAt({ addresses }: Instance, address: string): boolean {
  return addresses.includes(hostOf(address));
}

function hostOf(address: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(address);
  if (bracketed?.[1] !== undefined) {
    return bracketed[1];
  }
  return address.split(":").length === 2 ? (address.split(":")[0] ?? address) : address;
}
