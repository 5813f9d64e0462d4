import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** Who may use the page: whoever opened it once with the token, and holds the cookie since. */
export interface Sessions {
  /** Whether the request carries a cookie that this server gave out. */
  isKnown(request: IncomingMessage): boolean;
  /** When the query carries the right token: sets the cookie, redirects to the bare address, and returns true. */
  login(url: URL, response: ServerResponse): boolean;
}

/** Sessions live as long as the process. The cookie is HttpOnly and SameSite=Strict. */
export function createSessions(pageToken: string): Sessions {
  const name = `workspace_${createHash("sha256").update(pageToken).digest("hex").slice(0, 8)}`;
  const ids = new Set<string>();
  return {
    isKnown(request) {
      const cookies = (request.headers.cookie ?? "").split(/;\s*/);
      return cookies.some((cookie) => cookie.startsWith(`${name}=`) && ids.has(cookie.slice(name.length + 1)));
    },
    login(url, response) {
      const given = url.searchParams.get("token");
      if (given === null || !same(given, pageToken)) return false;
      const id = randomBytes(24).toString("base64url");
      ids.add(id);
      url.searchParams.delete("token");
      response.writeHead(303, {
        location: url.pathname.replace(/^\/+/, "/") + url.search,
        "set-cookie": `${name}=${id}; HttpOnly; SameSite=Strict; Path=/`,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
      });
      response.end();
      return true;
    },
  };
}

function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
