import type { Refusal } from "../core/desk.ts";
import { nearest } from "../core/nearest.ts";
import { same, targetSaid } from "../core/target-said.ts";
import { commandMeant } from "./parse.ts";

type Named = { readonly secret: string; readonly environment: string };

/** Which target of the catalog two typed words mean, in either order and whatever their case; else a refusal with the nearest names. */
export function chooseTarget(
  targets: readonly Named[],
  words: readonly string[],
): { readonly target: Named } | { readonly refusal: Refusal } {
  const [first = "", second] = words;
  const named = targets.map(({ secret, environment }) => ({ secret, environment, name: `${secret} ${environment}` }));
  if (second === undefined) {
    const ofSecret = named.filter(({ secret }) => same(secret, first)).map(({ name }) => name);
    const meant = nearest(first, [...new Set(named.map(({ secret }) => secret))]);
    const ofMeant = named.filter(({ secret }) => secret === meant).map(({ name }) => name);
    const close = ofSecret.length > 0 ? ofSecret : ofMeant.length > 0 ? ofMeant : commandsMeant(first);
    return { refusal: refused("no_environment", "a secret and its environment are needed", close) };
  }
  const found = targetSaid(named, first, second);
  if (found !== undefined) {
    return { target: { secret: found.secret, environment: found.environment } };
  }
  const close =
    nearest(
      `${first} ${second}`,
      named.map(({ name }) => name),
    ) ??
    nearest(
      `${second} ${first}`,
      named.map(({ name }) => name),
    );
  const siblings = named.filter(({ secret }) => same(secret, first) || same(secret, second)).map(({ name }) => name);
  const others = siblings.length > 0 ? siblings : commandsMeant(first);
  return {
    refusal: refused("unknown_target", "the catalog has no such target", close === undefined ? others : [close]),
  };
}

function commandsMeant(word: string): readonly string[] {
  const meant = commandMeant(word);
  return meant === undefined ? [] : [meant];
}

function refused(code: string, sentence: string, close: readonly string[]): Refusal {
  return { code, sentence, hint: "`/rotate list` shows all of them", nearest: close.slice(0, 5) };
}
