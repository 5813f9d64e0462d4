import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { quietPort } from "./token-process.ts";

/** What the commands ask for; both know the instances by id and answer with the time of the last start. */
export type Controlled = {
  readonly restart: (id: string) => Promise<string>;
  readonly started: (id: string) => Promise<string>;
};

/** The door through which argument lists restart an instance or ask when it started. */
export type Control = {
  readonly restartCommand: (id: string) => readonly string[];
  readonly startedCommand: (id: string) => readonly string[];
  readonly close: () => void;
};

/** Opens it on loopback, behind a token in the path. A restart that fails makes the command fail. */
export async function openControl(controlled: Controlled): Promise<Control> {
  const token = randomBytes(16).toString("hex");
  const server = createServer((request, response) => {
    handle(controlled, token, request, response).catch(() => {
      response.writeHead(500);
      response.end();
    });
  });
  const port = await quietPort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const ctl = fileURLToPath(new URL("./ctl.ts", import.meta.url));
  const command = (verb: string) => (id: string) => [
    process.execPath,
    ctl,
    `http://127.0.0.1:${port}/${token}/${verb}/${id}`,
  ];
  return {
    restartCommand: command("restart"),
    startedCommand: command("started"),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function handle(
  { restart, started }: Controlled,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, given, verb, id = ""] = (request.url ?? "").split("/");
  const work = `${request.method ?? ""} ${verb ?? ""}`;
  if (given !== token || (work !== "POST restart" && work !== "GET started")) {
    response.writeHead(404);
    response.end();
    return;
  }
  const time = await (verb === "restart" ? restart(id) : started(id));
  response.writeHead(200);
  response.end(time);
}
