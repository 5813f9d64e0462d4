import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { type People, pageActions } from "./act/people.ts";
import type { ActResult } from "./act/stage.ts";
import { readBody, sendJson, sendText } from "./http.ts";
import { compact, type JsonObject, parseJson } from "./json.ts";
import type { Manifest } from "./manifest.ts";
import { createPageEvents } from "./page-events.ts";
import { pageHeaders, sendPageFile } from "./page-files.ts";
import { createSessions } from "./page-session.ts";
import { pageState } from "./page-state.ts";
import type { World } from "./world.ts";

export interface PageDeps {
  readonly world: World;
  readonly manifest: Manifest;
  readonly act: People;
  readonly pageToken: string;
  connections(): number;
}

export interface Page {
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
  close(): void;
}

/** The web page: its files, its state, its events, and the actions of the person who uses it. */
export function createPage(deps: PageDeps): Page {
  const sessions = createSessions(deps.pageToken);
  const events = createPageEvents(deps.world);
  const actions = pageActions(deps.act);
  return {
    async handle(request, response, url) {
      if (request.method === "GET" && sessions.login(url, response)) return;
      if (!sessions.isKnown(request)) {
        return sendText(response, 401, "Open the address that was printed when the workspace started.");
      }
      const { pathname } = url;
      const action = /^\/act\/(\w+)$/.exec(pathname)?.[1];
      if (action !== undefined && request.method === "POST") {
        return runAction(response, actions[action], parseJson(await readBody(request)));
      }
      if (request.method !== "GET") return sendText(response, 405, "method not allowed");
      if (pathname === "/page/events") return events.open(response);
      if (pathname === "/page/state") return sendJson(response, 200, state(deps, url), pageHeaders);
      const file =
        pathname === "/" || pathname.startsWith("/archives/")
          ? "index.html"
          : /^\/page\/([\w.-]+)$/.exec(pathname)?.[1];
      if (file === undefined || !sendPageFile(response, file)) sendText(response, 404, "not found");
    },
    close: () => events.close(),
  };
}

function state(deps: PageDeps, url: URL): JsonObject {
  const query = url.searchParams;
  return pageState(deps.world, deps.manifest, deps.connections() > 0, {
    userId: query.get("user") ?? "",
    channelId: query.get("channel") ?? undefined,
    threadTs: query.get("thread") ?? undefined,
  });
}

async function runAction(
  response: ServerResponse,
  action: ((input: unknown) => Promise<ActResult>) | undefined,
  input: unknown,
): Promise<void> {
  if (action === undefined) return sendText(response, 404, "no such action");
  try {
    const { acked, notice, errors, options, ts } = await action(input);
    const answer = compact({ acked, notice, errors: errors === undefined ? undefined : { ...errors }, ts });
    sendJson(response, 200, options === undefined ? answer : { ...answer, options: [...options] }, pageHeaders);
  } catch (error) {
    const refused = error instanceof z.ZodError ? "the action's input is not valid" : messageOf(error);
    sendJson(response, 409, { error: refused }, pageHeaders);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "the action failed";
}
