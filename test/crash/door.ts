import { rename, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** Through which the commands of a catalog restart instances that live in the driver. */
export type Door = {
  readonly reload: (id: string) => readonly string[];
  readonly close: () => void;
};

const Address = z.object({ port: z.number() });

/** `restart` is called for each reload, with the id of the instance; a reload of one that fails fails too. */
export async function openDoor(restart: (id: string) => Promise<string>): Promise<Door> {
  const answer = async ({ url = "" }: IncomingMessage): Promise<string> => restart(url.split("/").at(-1) ?? "");
  const server = createServer((request, response) => {
    answer(request)
      .then((text) => response.end(text))
      .catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = Address.parse(server.address());
  const ctl = fileURLToPath(new URL("../../sandbox/world/ctl.ts", import.meta.url));
  return {
    reload: (id) => [process.execPath, ctl, `http://127.0.0.1:${port}/restart/${id}`],
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** When an instance started stands in a file, because printing a file costs less than asking. */
export async function noteStart(folder: string, id: string, startedAt: string): Promise<void> {
  const file = startFile(folder, id);
  await writeFile(`${file}.new`, `${startedAt}\n`);
  await rename(`${file}.new`, file);
}

/** The command that prints it. */
export function startedCommand(folder: string, id: string): readonly string[] {
  return ["/bin/cat", startFile(folder, id)];
}

function startFile(folder: string, id: string): string {
  return join(folder, `started-${id}`);
}
