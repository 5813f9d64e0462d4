import type { Answer } from "../../process/ask.ts";

/** For how long an answer may be kept, from when it was made, and how old it was when it came. Seconds; undefined: its headers do not say. */
export type Kept = { readonly lifeS: number | undefined; readonly ageS: number | undefined };

/**
 * What the headers say (RFC 9111, sections 4.2.1 and 5.1): the longer one of `s-maxage` and `max-age`, because who asks here is
 * no cache of either kind, else `Expires` after `Date`. `Age` is there when a cache has answered. `now` stands in for a `Date`
 * that is not there.
 */
export function keptOf(headers: Answer["headers"], now: Date): Kept {
  const said = (name: string): string => (headers.get(name) ?? []).join(",");
  const ages = ["s-maxage", "max-age"].flatMap((name) => secondsOf(said("cache-control"), name));
  const [expires] = headers.get("expires") ?? [];
  const lifeS =
    ages.length > 0 ? Math.max(...ages) : expires === undefined ? undefined : until(expires, said("date"), now);
  const [ageS] = (headers.get("age") ?? []).filter((age) => /^\d+$/.test(age)).map(Number);
  return { lifeS, ageS };
}

/** Quotes around the number are not right, and read all the same. */
function secondsOf(text: string, name: string): readonly number[] {
  const [, seconds] = new RegExp(`(?:^|[\\s,])${name}="?(\\d+)`, "i").exec(text) ?? [];
  return seconds === undefined ? [] : [Number(seconds)];
}

/** A date that is none, as `0`, has passed. */
function until(expires: string, date: string, now: Date): number {
  const from = Date.parse(date);
  const seconds = Math.ceil((Date.parse(expires) - (Number.isNaN(from) ? now.getTime() : from)) / 1_000);
  return Number.isNaN(seconds) ? 0 : Math.max(0, seconds);
}
