import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** The door through which an argument list restarts an instance of a world. */
export type Control = {
  readonly restartCommand: (id: string) => readonly string[];
  readonly close: () => void;
};

const Address = z.object({ port: z.number() });

/** Opens it on loopback, behind a token in the path. `restart` gets the instance's id; one that fails makes the command fail. */
export async function openControl(restart: (id: string) => Promise<unknown>): Promise<Control> {
  const prefix = `/${randomBytes(16).toString("hex")}/restart/`;
  const answer = async ({ method, url = "" }: IncomingMessage): Promise<number> => {
    if (method !== "POST" || !url.startsWith(prefix)) return 404;
    await restart(url.slice(prefix.length));
    return 200;
  };
  const server = createServer((request, response) => {
    answer(request).then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = Address.parse(server.address());
  const ctl = fileURLToPath(new URL("./ctl.ts", import.meta.url));
  return {
    restartCommand: (id) => [process.execPath, ctl, `http://127.0.0.1:${port}${prefix}${id}`],
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
