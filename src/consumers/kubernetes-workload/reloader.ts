import { type Config, type Used, usedOf } from "./config.ts";
import type { Workload } from "./objects.ts";

const domain = "reloader.stakater.com";
type Said = Readonly<Record<string, string>>;

/**
 * Whether Stakater Reloader restarts this workload by itself when what it reads changes, as its annotations say; without `uses`
 * whichever kind they name. Where Reloader runs with `--auto-reload-all` no annotation tells. `pausePeriod`: it pauses the
 * Deployment that long. Pure. Source: ShouldReload of Reloader 1.4.
 */
export function reloaderOf(
  { metadata, spec }: Workload,
  { uses }: Pick<Config, "uses">,
): { readonly pausePeriod?: string } | undefined {
  const said = { ...spec.template.metadata.annotations, ...metadata.annotations };
  const used = uses.map(usedOf);
  const any = [{ kind: "secret" } as const, { kind: "configmap" } as const];
  if (said[`${domain}/ignore`] === "true") return undefined;
  if (!(used.length === 0 ? any : used).some((each) => restartsFor(said, each))) return undefined;
  const pausePeriod = said[`deployment.${domain}/pause-period`];
  return pausePeriod === undefined ? {} : { pausePeriod };
}

/** `auto: "false"` keeps it only out of `--auto-reload-all`: what is named is reloaded all the same. */
function restartsFor(said: Said, { kind, name }: Pick<Used, "kind"> & { readonly name?: string }): boolean {
  const type = kind === "configmap" ? "configmap" : "secret";
  const excluded = namesIn(said[`${type}s.exclude.${domain}/reload`]);
  if (name !== undefined && excluded.includes(name)) return false;
  const named = namesIn(said[`${type}.${domain}/reload`]);
  const auto = [`${domain}/auto`, `${type}.${domain}/auto`].some((key) => isTrue(said[key]));
  return (
    auto ||
    said[`${domain}/search`] === "true" ||
    named.some((pattern) => name === undefined || mayMatch(pattern, name))
  );
}

function namesIn(list = ""): readonly string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** As Go reads a boolean. */
function isTrue(text = ""): boolean {
  return ["1", "t", "T", "TRUE", "true", "True"].includes(text);
}

/**
 * Reloader takes names for regular expressions. A stranger's expression is not run here (it could take for ever): one that can be
 * told not to match by how it begins does not, any other may, and is waited for a minute.
 */
function mayMatch(pattern: string, name: string): boolean {
  if (/^[\w.-]+$/.test(pattern)) return pattern === name;
  // What follows the letters may make the last of them optional.
  const beginning = /^[\w-]*/.exec(pattern)?.[0].slice(0, -1) ?? "";
  return pattern.includes("|") || name.startsWith(beginning);
}
