import type { ServerResponse } from "node:http";
import { pageHeaders } from "./page-files.ts";
import type { World } from "./world.ts";

const gatherMs = 40;

/** Tells open pages that something changed (server-sent events); they ask for the state themselves. */
export interface PageEvents {
  open(response: ServerResponse): void;
  close(): void;
}

export function createPageEvents(world: World): PageEvents {
  const pages = new Set<ServerResponse>();
  let pending: NodeJS.Timeout | undefined;
  const tell = () => {
    pending = undefined;
    for (const page of pages) page.write("event: changed\ndata: {}\n\n");
  };
  const unsubscribe = world.onChange(() => {
    pending ??= setTimeout(tell, gatherMs);
  });
  const heartbeat = setInterval(() => {
    for (const page of pages) page.write(": still here\n\n");
  }, 15_000);
  heartbeat.unref();
  return {
    open(response) {
      response.writeHead(200, { ...pageHeaders, "content-type": "text/event-stream" });
      response.write("retry: 1000\n\n");
      pages.add(response);
      response.on("close", () => pages.delete(response));
    },
    close() {
      unsubscribe();
      clearInterval(heartbeat);
      if (pending !== undefined) clearTimeout(pending);
      for (const page of pages) page.end();
    },
  };
}
