import { z } from "zod";
import { GiveUp } from "../../core/errors.ts";
import { type Answer, type Ask, send } from "./http.ts";
import type { Login } from "./login.ts";
import { refusalOf } from "./refusal.ts";
import { pathOf, type Resource, wordsOf } from "./resource.ts";

const timeoutMs = 10_000;
const capBytes = 64 * 1024 * 1024;
const pageSize = "500";
const methods = { get: "GET", list: "GET", create: "POST", patch: "PATCH", delete: "DELETE" } as const;
const Page = z.object({
  metadata: z.object({ continue: z.string().default("") }),
  items: z.array(z.unknown()).nullable(),
});

type Options = {
  readonly body?: object;
  readonly contentType?: string;
  readonly query?: string;
  readonly path?: string;
  readonly before?: () => void;
};
type Verb = keyof typeof methods;

/** Requests for JSON objects over one login: what is not 2xx is thrown, see `refusalOf`. */
export function answers(login: Login, signal: AbortSignal) {
  const any = async (verb: Verb, of: Resource, options: Options): Promise<Answer> =>
    send(login, asked(verb, of, options), signal);
  const ask = async (verb: Verb, of: Resource, options: Options = {}): Promise<Answer> => {
    const answer = await any(verb, of, options);
    if (answer.status >= 300) throw refusalOf(answer, verb, of);
    return answer;
  };
  return {
    ask,
    /** Undefined for 404. */
    find: async (verb: Verb, of: Resource, options: Options = {}): Promise<Answer | undefined> => {
      const answer = await any(verb, of, options);
      if (answer.status === 404) return undefined;
      if (answer.status >= 300) throw refusalOf(answer, verb, of);
      return answer;
    },
    list: async <T>(
      of: Resource,
      schema: z.ZodType<T>,
      query: Readonly<Record<string, string>>,
    ): Promise<readonly T[]> => {
      const items: T[] = [];
      let next = "";
      do {
        const search = new URLSearchParams({ ...query, limit: pageSize, ...(next === "" ? {} : { continue: next }) });
        const page = parse(await ask("list", of, { query: `?${search.toString()}` }), of, Page);
        items.push(...(page.items ?? []).map((item) => checked(item, of, schema)));
        next = page.metadata.continue;
      } while (next !== "");
      return items;
    },
    parse,
  };
}

function asked(verb: Verb, of: Resource, { body, contentType, query = "", path, before }: Options): Ask {
  return {
    method: methods[verb],
    path: `${path ?? pathOf(of)}${query}`,
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": contentType ?? "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(before === undefined ? {} : { before }),
    timeoutMs,
    capBytes,
  };
}

function parse<T>({ body, truncated }: Answer, of: Resource, schema: z.ZodType<T>): T {
  const value = truncated ? undefined : jsonOf(body);
  if (value !== undefined) return checked(value, of, schema);
  throw new GiveUp("kubernetes_unexpected", `the answer for ${wordsOf(of)} is ${truncated ? "too large" : "no JSON"}`);
}

/** Only paths of a misfit are told: its values may be secret. */
function checked<T>(value: unknown, of: Resource, schema: z.ZodType<T>): T {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data;
  const paths = error.issues.map(({ path }) => path.map(String).join(".")).slice(0, 3);
  throw new GiveUp("kubernetes_unexpected", `${wordsOf(of)} is not of the expected form at ${paths.join(", ")}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
