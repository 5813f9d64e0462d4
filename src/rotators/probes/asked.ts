import type { Finding } from "../../core/ports.ts";
import { namesOf, type Placed } from "./config.ts";
import type { Seen } from "./seen.ts";

/**
 * Who was asked, for the sentence that says that all agree: "3 of 3 instances asked". Instances that were left out are counted
 * beside them, and an address that may stand for several is called one.
 */
export function askedWords(seen: readonly Seen[]): string {
  const addresses = seen.filter(({ of }) => of === "address").length;
  const instances = seen.length - addresses;
  const beside = [...new Set(seen.flatMap(({ beside: each }) => each ?? []))];
  const counted = [
    ...(instances === 0 ? [] : [`${String(instances)} of ${String(instances)} instances`]),
    ...(addresses === 0 ? [] : [`${String(addresses)} ${addresses === 1 ? "address" : "addresses"}`]),
  ];
  return `${counted.join(" and ")} asked${beside.length === 0 ? "" : ` (${beside.join("; ")})`}`;
}

/** Preflight's warning for each address that may stand in front of several instances. `does`: what is asked of each of them. */
export function addressFindings(probes: readonly Placed[], does: string): readonly Finding[] {
  const alone = probes.filter(({ url, instance }) => url !== undefined && instance === undefined);
  return [...new Set(alone.flatMap(namesOf))].map((host) => ({
    severity: "warning",
    code: "one_address",
    sentence: `${host} is one address: whether every instance behind it ${does} cannot be told from here`,
    hint: "ask each by itself: pods: for a Kubernetes workload, urls: elsewhere; if there is only one, name it with instance:",
  }));
}
