import { GiveUp, KeyturnError } from "../../core/errors.ts";
import type { Placed } from "./config.ts";
import type { Pod } from "./pods.ts";
import type { Asker } from "./request.ts";
import { type Seen, silent } from "./seen.ts";

/** One instance to ask. `url`: of a pod its own, which no name server knows. */
export type Place = { readonly instance: string; readonly url: string; readonly pod?: Pod };

/** So many pods of a workload are asked at the same time. */
const atOnce = 8;

/**
 * Looks at every instance of every probe; pods are listed afresh. A workload without a ready pod, or whose pods could not be
 * listed now, is one instance that gives no verdict. Throws what `look` throws, and GiveUp where pods can never be listed.
 */
export async function eachInstance<P extends Placed>(
  probes: readonly P[],
  asker: Asker,
  look: (probe: P, place: Place) => Promise<Seen>,
): Promise<readonly Seen[]> {
  const seen = probes.map((probe) =>
    probe.pods === undefined
      ? Promise.all(placesOf(probe).map(async (place) => ({ ...(await look(probe, place)), ...oneOf(probe) })))
      : atPods(probe, probe.pods, asker, (place) => look(probe, place)),
  );
  return (await Promise.all(seen)).flat();
}

/** One instance of a probe, the first by name. Undefined when it has none. Throws as `readyPods` does. */
export async function firstOf(probe: Placed, asker: Asker): Promise<Place | undefined> {
  return probe.pods === undefined ? placesOf(probe)[0] : (await podPlacesOf(probe, probe.pods, asker)).places[0];
}

function placesOf({ url, urls, instance }: Placed): readonly Place[] {
  const all = urls ?? (url === undefined ? [] : [url]);
  return all.map((each) => ({ instance: instance ?? new URL(each).host, url: each }));
}

/** Nobody says that behind this address there is one instance only. */
function oneOf({ url, instance }: Placed): Pick<Seen, "of"> {
  return url === undefined || instance !== undefined ? {} : { of: "address" };
}

async function atPods(
  probe: Placed,
  workload: string,
  asker: Asker,
  look: (place: Place) => Promise<Seen>,
): Promise<readonly Seen[]> {
  const found = await podPlacesOf(probe, workload, asker).catch((error: unknown) => {
    if (error instanceof KeyturnError && !(error instanceof GiveUp)) return silent(workload, error.code, error.message);
    throw error;
  });
  if ("trial" in found) return [found];
  const seen: Seen[] = [];
  for (let from = 0; from < found.places.length; from += atOnce) {
    seen.push(...(await Promise.all(found.places.slice(from, from + atOnce).map(look))));
  }
  return found.waiting === 0
    ? seen
    : seen.map((each) => ({ ...each, beside: `${workload}: ${found.waiting} not ready` }));
}

async function podPlacesOf(
  { port = 0, scheme = "http", path = "/" }: Placed,
  workload: string,
  { pods }: Asker,
): Promise<{ readonly places: readonly Place[]; readonly waiting: number }> {
  if (pods === undefined) throw new GiveUp("kubernetes_config", "this kind of target asks no pods");
  const { namespace, names, waiting } = await pods.ready(workload);
  const places = names.map((name) => ({
    instance: name,
    url: `${scheme}://${name}:${port}${path}`,
    pod: { namespace, name, port },
  }));
  return { places, waiting };
}
