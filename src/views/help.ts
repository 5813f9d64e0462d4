import { list, type Rendered, rich, textOf } from "./blocks.ts";
import { bold, code, type Line } from "./parts.ts";

/** What can be typed. */
export function help(): Rendered {
  const title: Line = [bold("Keyturn rotates a secret after two people have agreed.")];
  const lines = ways.map(([typed, means]): Line => [code(typed), { text: ` ${means}` }]);
  const threads: Line = [
    {
      text: "Slack allows no slash commands in threads: there, mention me with the same words, or choose “Rotate secret from this” in a message's menu. Never send me a secret.",
    },
  ];
  return {
    text: textOf([title, ...lines, threads]),
    blocks: [rich([title]), list("bullet", lines), rich([threads])],
  };
}

const ways = [
  ["/rotate redis prod", "asks for a rotation"],
  ["/rotate redis prod leaked because it stood in a ticket", "the same for a leaked one: no grace, nothing waits"],
  ["/rotate jwt prod release", "the same, giving up what is accepted beside the key in use already; the card names it"],
  ["/rotate redis prod via @platform-leads", "asks that group instead, where a refusal named it"],
  ["/rotate plan redis prod", "shows the plan, looks at the real systems, and asks nobody"],
  ["/rotate list", "targets and what is open"],
  ["/rotate status", "what is open; with an id or a target, one rotation"],
  ["/rotate cancel ID", "takes a request back before it is approved"],
  ["@keyturn hold", "in a rotation's thread; also resume, roll back, look again"],
] as const;
