import type { Json } from "./json.ts";
import type { World } from "./world.ts";

/**
 * Whom a message rings. Slack reads `<@U…>`, `<!subteam^S…>`, `<!here>`, `<!channel>` and `<!everyone>` wherever mrkdwn
 * stands, so an app that does not escape user text (`&` `<` `>`) rings people; and the elements of rich text.
 */
export function notifiedBy(world: World, channelId: string, text: string, blocks: readonly Json[]): string[] {
  const rung = new Set<string>();
  const members = world.channels.get(channelId)?.members ?? new Set<string>();
  const addGroup = (id: string) => {
    for (const member of world.groups.get(id)?.members ?? []) rung.add(member);
  };
  const readMrkdwn = (source: string) => {
    for (const [, user] of source.matchAll(/<@([UW][A-Z0-9]+)(?:\|[^>]*)?>/g)) if (user !== undefined) rung.add(user);
    for (const [, group] of source.matchAll(/<!subteam\^([A-Z0-9]+)(?:\|[^>]*)?>/g)) {
      if (group !== undefined) addGroup(group);
    }
    if (/<!(here|channel|everyone)(\|[^>]*)?>/.test(source)) for (const member of members) rung.add(member);
  };
  const visit = (value: Json): void => {
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) return value.forEach(visit);
    const { type, text: inner, user_id: userId, usergroup_id: groupId } = value;
    if (type === "mrkdwn" && typeof inner === "string") readMrkdwn(inner);
    if (type === "markdown" && typeof inner === "string") readMrkdwn(inner);
    if (type === "user" && typeof userId === "string") rung.add(userId);
    if (type === "usergroup" && typeof groupId === "string") addGroup(groupId);
    if (type === "broadcast") for (const member of members) rung.add(member);
    Object.values(value).forEach(visit);
  };
  readMrkdwn(text);
  blocks.forEach(visit);
  return [...rung].filter((id) => members.has(id));
}

/**
 * Text as a person types it becomes message text: `&` `<` `>` escaped, known @handles and #channels become tokens.
 * `withNames`: the form that slash commands get (`<@U1|ada>`); events carry the id alone.
 */
export function typedText(world: World, typed: string, withNames: boolean): string {
  const parts = typed.split(/(<[@#!][^<>\s]+>)/);
  const whole = parts.map((part, index) => (index % 2 === 1 ? part : tokens(world, escapeText(part)))).join("");
  return withNames ? whole : whole.replace(/<(@[UW][A-Z0-9]+|!subteam\^[A-Z0-9]+)\|[^>]*>/g, "<$1>");
}

/** The three characters that Slack's text reserves. */
function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function tokens(world: World, escaped: string): string {
  return escaped.replace(
    /(^|[\s(,])([@#])([a-z0-9][a-z0-9._-]*)/g,
    (whole, before: string, sign: string, name: string) => {
      const token = sign === "@" ? personToken(world, name) : channelToken(world, name);
      return token === undefined ? whole : before + token;
    },
  );
}

function personToken(world: World, handle: string): string | undefined {
  if (handle === "here" || handle === "channel" || handle === "everyone") return `<!${handle}>`;
  for (const user of world.users.values()) if (user.handle === handle) return `<@${user.id}|${handle}>`;
  for (const group of world.groups.values()) if (group.handle === handle) return `<!subteam^${group.id}|@${handle}>`;
  return undefined;
}

function channelToken(world: World, name: string): string | undefined {
  for (const channel of world.channels.values()) {
    if (channel.kind === "channel" && channel.name === name) return `<#${channel.id}|${name}>`;
  }
  return undefined;
}
