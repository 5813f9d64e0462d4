import { readdirSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";

const folder = new URL("./page/", import.meta.url);
const contentTypes: { readonly [extension: string]: string } = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

export const pageHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
} as const;

/** Sends one of the page's own files by its name; false when there is no such file. Nothing outside is reachable. */
export function sendPageFile(response: ServerResponse, name: string): boolean {
  if (!readdirSync(folder).includes(name)) return false;
  const type = contentTypes[name.slice(name.lastIndexOf(".") + 1)];
  if (type === undefined) return false;
  response.writeHead(200, { ...pageHeaders, "content-type": type });
  response.end(readFileSync(new URL(name, folder)));
  return true;
}
