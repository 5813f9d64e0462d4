import { z } from "zod";

/** The fields of a flat reply: name, value, name, value. Names appear once. */
export function fieldsOf(reply: unknown): ReadonlyMap<string, unknown> {
  const flat = z.array(z.unknown()).parse(reply);
  const names = flat.filter((_, index) => index % 2 === 0);
  return new Map(names.map((name, index) => [String(name), flat[index * 2 + 1]]));
}

/** The fields of an INFO text: `name:value` lines. */
export function infoOf(reply: unknown): ReadonlyMap<string, string> {
  const lines = z.string().parse(reply).split("\r\n");
  return new Map(lines.filter((line) => line.includes(":")).map((line) => cutAt(line, ":")));
}

/** The one value of a CONFIG GET, "" when the server has no such option. */
export function settingOf(reply: unknown, name: string): string {
  return z.string().catch("").parse(fieldsOf(reply).get(name));
}

/** Splits at the first separator. */
export function cutAt(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}
