import { createHash } from "node:crypto";
import type { CollectPage } from "../core/desk.ts";

/** A whole page. It has no script, refers to nothing outside itself, and never shows a value. */
export type Page = { readonly status: number; readonly html: string };

const style =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:38rem;margin:3rem auto;padding:0 1rem;color:#1d1c1d;background:#fff}" +
  "label{display:block;margin:1rem 0 .25rem;font-weight:600}" +
  "textarea{width:100%;box-sizing:border-box;font:14px/1.4 ui-monospace,monospace;padding:.5rem}" +
  ".secret{-webkit-text-security:disc}button{margin-top:1rem;padding:.5rem 1rem;font:inherit}" +
  ".wrong{border-left:4px solid #b00020;padding-left:.75rem}";

/** What every answer of the page carries: kept nowhere, framed by nobody, passed on to nobody. */
export const pageHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "x-robots-tag": "noindex, nofollow",
  "cross-origin-opener-policy": "same-origin",
};

/** The form. `wrong`: why the last one was not taken; its values have to be given again. */
export function formPage(page: CollectPage, wrong?: { readonly status: number; readonly sentence: string }): Page {
  const fields = page.fields.map(
    ({ name, secret }) =>
      `<label for="${escaped(name)}">${escaped(name)}</label>` +
      `<textarea id="${escaped(name)}" name="${escaped(name)}" rows="2" required autocomplete="off" autocapitalize="off" spellcheck="false"${secret ? ' class="secret"' : ""}></textarea>`,
  );
  const said = wrong === undefined ? "" : `<p class="wrong">${escaped(wrong.sentence)}</p>`;
  return {
    status: wrong?.status ?? 200,
    html: whole(
      `Hand in ${page.target}`,
      `<p>The new value of <b>${escaped(page.target)}</b>, for rotation ${escaped(page.rotationId)}, which ${escaped(page.requestedBy)} asked for. ` +
        `This link is for ${escaped(page.givenTo)}, works once, and ends at ${escaped(page.expiresAt.slice(0, 16).replace("T", " "))} UTC.</p>` +
        `${said}<form method="post" autocomplete="off">${fields.join("")}<button type="submit">Hand in</button></form>` +
        "<p>It is tried before it is kept, and never shown again. One line end at the end of a value is left out.</p>",
    ),
  };
}

/** The answer to a value that was taken. */
export const takenPage: Page = {
  status: 200,
  html: whole(
    "Handed in",
    "<p>It is sealed and being tried. The thread in Slack shows what comes of it. Close this page.</p>",
  ),
};

/** The same words for every link that does not work, whatever the reason. */
export function neutralPage(status: number): Page {
  return {
    status,
    html: whole(
      "Nothing here",
      "<p>This link does not work, or does not work any more. Slack gives you a new one.</p>",
    ),
  };
}

/** Nothing was taken, and the link still works. */
export function laterPage(status: number): Page {
  return { status, html: whole("Not now", "<p>Nothing was taken. Wait a minute and try it again.</p>") };
}

function whole(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${style}</style></head><body><h1>${escaped(title)}</h1>${body}</body></html>\n`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
