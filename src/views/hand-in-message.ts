import type { CollectPage } from "../core/desk.ts";
import { type Rendered, rich, textOf } from "./blocks.ts";
import { code, type Line } from "./parts.ts";

/** The direct message that carries a one-time link. It is the only place where the link is shown. */
export function handInMessage(page: CollectPage, link: string): Rendered {
  const what: Line = [
    { text: `hand in the new value of ${page.target} (rotation ` },
    code(page.rotationId),
    { text: `): ${page.fields.map(({ name }) => name).join(" and ")}` },
  ];
  const how: Line = [
    { text: "this link is for you alone, works once, and ends " },
    { at: page.expiresAt },
    { text: ". Pass it on to nobody; never put the value into Slack." },
  ];
  const shown = rich([what, how]);
  return {
    text: `${textOf([what, how])}\n<${link}>`,
    blocks: [
      shown,
      { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "link", url: link }] }] },
    ],
  };
}
