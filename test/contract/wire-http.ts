import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Wire } from "./rotator-world.ts";

/**
 * Puts a front before each HTTP server. Requests of all of them are counted together, in the order of arrival. It passes method,
 * path, headers and body through, and knows nothing of what they mean.
 */
export async function wireThroughHttp(
  ports: readonly number[],
): Promise<{ readonly ports: readonly number[]; readonly wire: Wire; readonly close: () => Promise<void> }> {
  let seen = 0;
  let planned: { readonly command: number; readonly when: "before" | "after" } | undefined;
  let stalled: PromiseWithResolvers<void> | undefined;
  const front = async (port: number, from: IncomingMessage, to: ServerResponse): Promise<void> => {
    seen += 1;
    const cut = planned?.command === seen ? planned.when : undefined;
    await stalled?.promise;
    if (cut === "before") return void to.destroy();
    const behind = request({ port, host: "127.0.0.1", method: from.method, path: from.url, headers: from.headers });
    behind.on("error", () => to.destroy());
    behind.on("response", (answer) => {
      if (cut === "after") return void to.destroy();
      to.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(to);
    });
    from.pipe(behind);
  };
  const fronts: Server[] = [];
  for (const port of ports) {
    const server = createServer((from, to) => void front(port, from, to));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    fronts.push(server);
  }
  return {
    ports: fronts.map((server) => portOf(server.address())),
    wire: {
      commands: () => seen,
      reset: () => {
        seen = 0;
        planned = undefined;
      },
      cut: (command, when) => {
        planned = { command, when };
      },
      stall: () => {
        stalled = Promise.withResolvers();
      },
      resume: () => stalled?.resolve(),
    },
    close: async () => {
      stalled?.resolve();
      for (const server of fronts) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== "object" || address === null) throw new Error("the front does not listen");
  return address.port;
}
