import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { portOf } from "./port-of.ts";
import type { Place } from "./target.ts";

/** An application that costs nothing while it runs: its reload copies a file, and a page says which role it has read. */
export type QuietApp = {
  readonly consumers: readonly unknown[];
  readonly checks: readonly unknown[];
  readonly url: string;
  /** The argument list that reloads each instance. */
  readonly reloads: readonly (readonly string[])[];
  readonly close: () => void;
};

const ids = ["one", "two"];

/** Two instances of it. `reload`: other arguments than those of the copy. `onAsked`: called for each page. */
export async function startQuietApp(
  folder: string,
  place: Place,
  { reload, onAsked = () => undefined }: { readonly reload?: readonly string[]; readonly onAsked?: () => void } = {},
): Promise<QuietApp> {
  const server = createServer((request, response) => {
    onAsked();
    void principalIn(join(folder, `${place.tag}-${(request.url ?? "").slice(1)}.env`), place).then((principal) => {
      response.end(JSON.stringify({ principal, status: "healthy" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${String(portOf(server.address()))}`;
  const reloads = ids.map((id) => reload ?? ["/bin/cp", place.envFile, join(folder, `${place.tag}-${id}.env`)]);
  return {
    url,
    reloads,
    consumers: [
      {
        kind: "command",
        name: `app-${place.tag}`,
        instances: ids.map((id, index) => ({
          id,
          reload: reloads[index],
          sees: { http: `${url}/${id}`, json: "$.principal", equals: "{{username}}" },
          addresses: ["127.0.0.1"],
          clients: [id],
        })),
      },
    ],
    checks: [
      { kind: "http", url: `${url}/one`, expect: { status: 200, json: { "$.status": "healthy" } }, settle: "0ms" },
      { kind: "login" },
    ],
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Before its first reload an instance runs on what the first role was given. */
async function principalIn(file: string, place: Place): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  const url = text === undefined ? undefined : parseEnv(text)["DATABASE_URL"];
  return url === undefined ? place.roles[0] : new URL(url).username;
}
