import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { root } from "./tree.ts";

/** Why each scope is asked for; more than this is more than Keyturn needs. */
const scopes = {
  commands: "the slash command and the message shortcut",
  "chat:write": "cards and threads in channels the bot was invited to",
  "users:read": "guests, bots and deleted users never count",
  "usergroups:read": "who may request and approve",
  "channels:read": "shared and external channels are recognised",
  "groups:read": "the same for private channels",
  "im:write": "the requester is told where the thread is; one-time links go to one person",
  "app_mentions:read": "commands inside threads, where slash commands do not work",
} as const;

/** What each event is for, and the scope that Slack wants for it. */
const events: Readonly<Record<string, keyof typeof scopes | "none">> = {
  app_mention: "app_mentions:read",
  channel_shared: "channels:read",
  subteam_members_changed: "usergroups:read",
  subteam_updated: "usergroups:read",
  user_change: "users:read",
  tokens_revoked: "none",
  app_uninstalled: "none",
};

const text = (max: number) => z.string().min(1).max(max);
const flag = z.boolean();

/** The part of Slack's manifest (schema 2.0.0) that is used here, with Slack's lengths and counts; nothing else may appear. */
const Manifest = z.strictObject({
  _metadata: z.strictObject({ major_version: z.literal(2), minor_version: z.int() }),
  display_information: z.strictObject({
    name: text(35),
    description: text(140),
    background_color: z.string().regex(/^#(?:[0-9a-f]{3}){1,2}$/),
  }),
  features: z.strictObject({
    app_home: z.strictObject({
      home_tab_enabled: flag,
      messages_tab_enabled: flag,
      messages_tab_read_only_enabled: flag,
    }),
    bot_user: z.strictObject({ display_name: text(80), always_online: flag }),
    shortcuts: z
      .array(
        z.strictObject({
          name: text(24),
          type: z.enum(["message", "global"]),
          callback_id: text(255),
          description: text(150),
        }),
      )
      .min(1)
      .max(10),
    slash_commands: z
      .array(
        z.strictObject({
          command: z.string().regex(/^\/\S{1,31}$/),
          description: text(2000),
          usage_hint: text(1000),
          should_escape: z.literal(true),
        }),
      )
      .min(1)
      .max(50),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()) }) }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({ bot_events: z.array(z.string()).max(100) }),
    interactivity: z.strictObject({ is_enabled: z.literal(true) }),
    org_deploy_enabled: z.literal(false),
    socket_mode_enabled: z.literal(true),
    token_rotation_enabled: z.literal(false),
  }),
});

const source: unknown = parse(readFileSync(join(root, "manifest.yml"), "utf8"));

describe("the Slack manifest", () => {
  it("has the shape that Slack accepts", () => {
    expect(Manifest.safeParse(source).error?.issues).toBeUndefined();
  });

  it("asks for the scopes that have a reason, and no others", () => {
    expect(Manifest.parse(source).oauth_config.scopes.bot.toSorted()).toEqual(Object.keys(scopes).toSorted());
  });

  it("subscribes to the events that are used, each with its scope", () => {
    const { settings, oauth_config } = Manifest.parse(source);
    expect(settings.event_subscriptions.bot_events.toSorted()).toEqual(Object.keys(events).toSorted());
    const needed = Object.values(events).filter((scope) => scope !== "none");
    expect(oauth_config.scopes.bot).toEqual(expect.arrayContaining(needed));
  });

  it.each([
    ["a shortcut name of 25 characters", { shortcuts: [{ name: "x".repeat(25), type: "message" }] }],
    ["a command without its slash", { slash_commands: [{ command: "rotate" }] }],
    ["a field that is not known", { unfurl_domains: ["example.test"] }],
  ])("is refused with %s", (_name, features) => {
    const whole = Manifest.parse(source);
    expect(Manifest.safeParse({ ...whole, features: { ...whole.features, ...features } }).success).toBe(false);
  });
});
