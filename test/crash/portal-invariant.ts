import type { PortalShop } from "./portal-shop.ts";
import { pairIn } from "./portal-shop.ts";
import type { Invariant } from "./token-invariant.ts";

/** What is published and what each instance runs on is known to the portal at every moment: the old one until nobody has it any more. */
export function acceptedAtPortal(
  pairs: ReadonlyMap<string, string>,
  shop: Pick<PortalShop, "pairs">,
  read: () => Promise<string>,
): Invariant {
  const broken: string[] = [];
  let looks = 0;
  return {
    look: async (point) => {
      const all = [["the store", pairIn(await read())] as const, ...shop.pairs()];
      for (const [who, { key, secret }] of all) {
        if (pairs.get(key) !== secret) broken.push(`at "${point}" ${who} holds ${key}, which the portal does not know`);
      }
      looks += 1;
    },
    broken: () => [...broken],
    looks: () => looks,
  };
}
