import { Agent, request } from "undici";
import { z } from "zod";

/** JSON requests to an API server with one bearer token. */
export type Api = AsyncDisposable & {
  /** Answers the parsed body; throws an error with method, path, status and the server's message when it is not 2xx. */
  call(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown>;
  /** As call, but answers undefined for 404. */
  find(path: string): Promise<unknown>;
};

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

const methods = z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]);
const failure = z.object({ message: z.string() });

/** Disposing closes its connections. */
export function apiClient(login: { readonly url: string; readonly ca: string; readonly token: string }): Api {
  const dispatcher = new Agent({ connect: { ca: login.ca } });
  const send = async (
    method: Method,
    path: string,
    body: unknown,
    contentType: string,
  ): Promise<{ status: number; text: string }> => {
    const answer = await request(`${login.url}${path}`, {
      method,
      dispatcher,
      headers: { authorization: `Bearer ${login.token}`, accept: "application/json", "content-type": contentType },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  return {
    call: async (method, path, body, contentType = "application/json") => {
      const answer = await send(methods.parse(method), path, body, contentType);
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${messageOf(answer.text)}`);
      return parsed(answer.text);
    },
    find: async (path) => {
      const answer = await send("GET", path, undefined, "application/json");
      if (answer.status === 404) return undefined;
      if (answer.status >= 300) throw new Error(`GET ${path}: ${answer.status} ${messageOf(answer.text)}`);
      return parsed(answer.text);
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

function messageOf(text: string): string {
  const status = failure.safeParse(parsed(text));
  return status.success ? status.data.message : text;
}

/** Some answers are plain text (`ok`, logs); they are given as they are. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
