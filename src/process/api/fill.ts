import { GiveUp } from "../../core/errors.ts";
import type { Context } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import { fillText } from "../../core/templates/fill.ts";

/** What `{{name}}` stands for; `{{name|url}}` is the same as a form writes it. */
export type Words = Readonly<Record<string, Secret>>;

/** A text with its references resolved and its marks filled in. */
export async function filled(text: string, words: Words, resolve: Context["resolve"]): Promise<string> {
  if (!/^(?:env|file):|\{\{/.test(text)) return text;
  const forms = Object.entries(words).map(([name, word]) => [`${name}|url`, urlForm(word)] as const);
  const secret = { ...words, ...Object.fromEntries(forms) };
  const holder = { ref: { principal: "", generation: "" }, public: {}, secret };
  return (await fillText(text, holder, resolve)).reveal();
}

/** The same value with every text in it filled in. */
export async function filledLeaves(value: unknown, words: Words, resolve: Context["resolve"]): Promise<unknown> {
  if (typeof value === "string") return await filled(value, words, resolve);
  if (Array.isArray(value)) return await Promise.all(value.map((item: unknown) => filledLeaves(item, words, resolve)));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(
    async ([name, item]) => [name, await filledLeaves(item, words, resolve)] as const,
  );
  return Object.fromEntries(await Promise.all(members));
}

/** A path with what stands in it encoded, so that it can never become more of a path than one piece. */
export function filledPath(path: string, words: Words): string {
  return path.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_mark, name: string) => {
    const word = words[name];
    if (word === undefined) throw new GiveUp("path_not_filled", `nothing fills {{${name}}} in ${path}`);
    return encodeURIComponent(word.reveal());
  });
}

function urlForm(word: Secret): Secret {
  return new Secret(encodeURIComponent(word.reveal()));
}
