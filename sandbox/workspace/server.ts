import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createPeople, type People } from "./act/people.ts";
import type { Stage } from "./act/stage.ts";
import { createDelivery } from "./deliver.ts";
import { createFaults, type Faults } from "./faults.ts";
import { handleHook } from "./hooks.ts";
import { isOwnOrigin, sendText } from "./http.ts";
import { createInspect, type Inspect } from "./inspect.ts";
import { defaultManifest, type Manifest } from "./manifest.ts";
import type { ApiContext } from "./methods/method.ts";
import { slackTiming, type WorkspaceOptions } from "./options.ts";
import { createPage } from "./page-routes.ts";
import { WorkspaceSeed } from "./seed.ts";
import { createSockets } from "./sockets.ts";
import { createTiers } from "./tiers.ts";
import { handleApi } from "./web-api.ts";
import { createWorld } from "./world.ts";

/** A running workspace. Give `apiUrl` to the app as `clientOptions.slackApiUrl`. */
export interface Workspace {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `http://127.0.0.1:PORT/api/` */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly teamId: string;
  readonly botUserId: string;
  /** The page with its token; whoever opens it may act as anybody. */
  readonly pageUrl: string;
  readonly act: People;
  readonly inspect: Inspect;
  readonly faults: Faults;
  /** Closes every connection and timer; repeated calls are harmless. */
  close(): Promise<void>;
}

/**
 * Starts a Slack workspace on loopback: Web API, Socket Mode (or signed HTTP delivery), response_url and the page.
 * @throws when the seed is not valid or the port is taken
 */
export async function startWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const seed = WorkspaceSeed.parse(options.seed);
  const world = createWorld(seed);
  const timing = { ...slackTiming, ...options.timing };
  const manifest = manifestOf(options);
  const tokens = {
    botToken: options.botToken ?? `xoxb-${random(24)}`,
    appToken: options.appToken ?? `xapp-1-${world.app.id}-${random(24)}`,
  };
  const signingSecret = options.signingSecret ?? randomBytes(16).toString("hex");
  const pageToken = options.token ?? random(24);
  const tiers = createTiers(seed.enforceTiers === true);
  const server = createServer();
  const port = await listen(server, options.port ?? 0);
  const url = `http://127.0.0.1:${port}`;
  const sockets = createSockets(
    world.app.id,
    () => `ws://127.0.0.1:${port}`,
    () => world.changed(),
  );
  const faultState = createFaults(() => sockets.disconnectAll("refresh_requested"));
  const delivery = createDelivery(sockets, faultState, timing, { deliverTo: options.deliverTo, signingSecret });
  const stage: Stage = { world, delivery, manifest, url, sent: [], offered: new Map() };
  const act = createPeople(stage, faultState);
  const scopes = new Set(manifest.scopes);
  const context: ApiContext = { world, timing, faultState, scopes, url, socketUrl: () => sockets.ticketUrl() };
  const page = createPage({ world, manifest, act, pageToken, connections: () => sockets.connections() });

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isOwnOrigin(request, port)) return sendText(response, 403, "forbidden: wrong Host or Origin");
    const address = new URL(request.url ?? "/", url);
    const { pathname } = address;
    const api = /^\/api\/([A-Za-z.]+)$/.exec(pathname)?.[1];
    if (api !== undefined) return handleApi(request, response, api, { context, tokens, tiers });
    const hook = /^\/hook\/([\w-]+)$/.exec(pathname)?.[1];
    if (hook !== undefined) return handleHook(request, response, hook, { world, faultState, timing });
    return page.handle(request, response, address);
  };
  server.on("request", (request, response) => {
    route(request, response).catch((error: unknown) => {
      process.stderr.write(`sandbox: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      if (!response.headersSent) sendText(response, 500, "internal error");
    });
  });
  server.on("upgrade", (request, socket, head) => {
    const { pathname } = new URL(request.url ?? "/", url);
    if (isOwnOrigin(request, port) && pathname === "/link" && !faultState.isOut())
      sockets.upgrade(request, socket, head);
    else socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });

  return {
    url,
    apiUrl: `${url}/api/`,
    ...tokens,
    signingSecret,
    teamId: world.team.id,
    botUserId: world.app.userId,
    pageUrl: `${url}/?token=${pageToken}`,
    act,
    inspect: createInspect(world, tiers, stage.sent, () => sockets.connections()),
    faults: faultState.faults,
    async close() {
      delivery.close();
      await sockets.close();
      page.close();
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

function manifestOf(options: WorkspaceOptions): Manifest {
  return {
    ...defaultManifest,
    scopes: options.manifestScopes ?? defaultManifest.scopes,
    events: options.manifestEvents ?? defaultManifest.events,
    shortcuts: options.manifestShortcuts ?? defaultManifest.shortcuts,
  };
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new Error("the workspace has no port"));
    });
  });
}

function random(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}
