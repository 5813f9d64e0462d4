import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import { strangersAmong, versionStoreLabel } from "../../connections/kubernetes/versions.ts";
import type { Expected } from "../../core/ports.ts";
import { type Config, placeIn, usedOf } from "./config.ts";
import type { PodSpec } from "./objects.ts";
import { type Reference, referencesIn, refersTo, secretsIn } from "./references.ts";

/**
 * Each publish of `name` makes another Secret; this one, `to`, is what pods should read. `strangers`: Secrets that are called as
 * its versions are, and are none.
 */
export type Move = { readonly name: string; readonly to: string; readonly strangers: ReadonlySet<string> };

/**
 * Which of the places of a publish this workload has to be pointed at; with `uses` only those that it names. `specs`: of the pods
 * that are judged by it. Errors are those of `strangersAmong`.
 */
export async function movesFor(
  cluster: Cluster,
  config: Config,
  { places }: Pick<Expected, "places">,
  specs: readonly PodSpec[],
): Promise<readonly Move[]> {
  const { connection, namespace } = placeIn(config);
  const used = config.uses.map(usedOf);
  const prefix = versionStoreLabel(connection, namespace, "");
  const moved = Object.entries(places)
    .filter(([label]) => label.startsWith(prefix))
    .map(([label, to]) => ({ name: label.slice(prefix.length), to }))
    .filter(({ name }) => used.length === 0 || used.some((each) => each.kind !== "configmap" && each.name === name));
  const moves: Move[] = [];
  for (const { name, to } of moved) {
    const names = secretsIn(specs).filter((each) => each !== to);
    moves.push({ name, to, strangers: await strangersAmong(cluster, namespace, name, names) });
  }
  return moves;
}

/** The references of a specification to any version of the moved Secrets, with the version that they should name. Pure. */
export function movable(spec: PodSpec, moves: readonly Move[]): readonly (Reference & { readonly to: string })[] {
  return referencesIn(spec).flatMap((reference) => {
    const move = moves.find((each) => refersTo(reference, { ...each, kind: "secret-version" }));
    return move === undefined ? [] : [{ ...reference, to: move.to }];
  });
}

/** How a specification stands to the moves: "there", or in words what is wrong with it. Pure. */
export function standing(
  spec: PodSpec,
  moves: readonly Move[],
): { readonly on: "new" | "old" | "unknown"; readonly detail: string } {
  const found = movable(spec, moves);
  const astray = found.find(({ name, to }) => name !== to);
  if (astray !== undefined) return { on: "old", detail: `reads ${astray.name}, not ${astray.to}` };
  const none = moves.find(({ to }) => !found.some((reference) => reference.to === to));
  if (none !== undefined) return { on: "unknown", detail: `refers to no version of ${none.name}` };
  return { on: "new", detail: moves.map(({ to }) => `reads ${to}`).join(", ") };
}
