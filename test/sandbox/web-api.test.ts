import { WebClient } from "@slack/web-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Pair, refusal, startPair } from "./app.ts";

const support = "C0SUPPORT";
let pair: Pair;

beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair[Symbol.asyncDispose]());

const client = () => pair.app.client;
const errorOf = async (call: Promise<unknown>) => (await refusal(call))?.error;
const strangerClient = (token: string) =>
  new WebClient(token, { slackApiUrl: pair.workspace.apiUrl, retryConfig: { retries: 0 } });

describe("the Web API", () => {
  it("knows the app by its token only", async () => {
    const me = await client().auth.test();
    expect(me).toMatchObject({ team_id: "T0SANDBOX", user_id: "U0KEYTURN", user: "keyturn" });
    expect(await errorOf(strangerClient("xoxb-wrong").auth.test())).toBe("invalid_auth");
    expect(await errorOf(strangerClient("").auth.test())).toBe("not_authed");
    const withAppToken = strangerClient(pair.workspace.appToken).chat.postMessage({ channel: support, text: "t" });
    expect(await errorOf(withAppToken)).toBe("not_allowed_token_type");
  });

  it("refuses a method that it does not know, by name", async () => {
    expect(await errorOf(client().apiCall("chat.scheduleMessage", { channel: support }))).toBe("unknown_method");
  });

  it("refuses what the manifest's scopes do not allow", async () => {
    const calls = {
      "conversations.history": client().conversations.history({ channel: support }),
      "conversations.replies": client().conversations.replies({ channel: support, ts: "1.1" }),
      "reactions.add": client().reactions.add({ channel: support, timestamp: "1.1", name: "eyes" }),
      "team.info": client().team.info(),
      "users.lookupByEmail": client().users.lookupByEmail({ email: "ada@northwind.example" }),
    };
    for (const [name, call] of Object.entries(calls))
      expect([name, await errorOf(call)]).toEqual([name, "missing_scope"]);
  });

  it("allows them to an app whose manifest has the scope", async () => {
    const manifestScopes = ["chat:write", "reactions:write", "channels:history", "team:read"];
    await using other = await startPair(undefined, { manifestScopes });
    const { ts } = await other.app.client.chat.postMessage({ channel: support, text: "parent" });
    if (ts === undefined) throw new Error("no ts");
    await other.app.client.chat.postMessage({ channel: support, text: "reply", thread_ts: ts });
    await other.app.client.reactions.add({ channel: support, timestamp: ts, name: "eyes" });
    const replies = await other.app.client.conversations.replies({ channel: support, ts });
    expect(replies.messages).toMatchObject([{ text: "parent", reactions: [{ name: "eyes" }] }, { text: "reply" }]);
    expect(await errorOf(other.app.client.users.info({ user: "U0ADA" }))).toBe("missing_scope");
  });

  it("lets the app write only where it is, and see only what it may", async () => {
    await using other = await startPair(undefined, {
      seed: {
        users: [{ id: "U0ADA", handle: "ada", name: "Ada" }],
        usergroups: [],
        channels: [
          { id: "C0OPEN", name: "open", botIsMember: false },
          { id: "C0SECRET", name: "secret", botIsMember: false, is_private: true },
        ],
      },
    });
    const post = (channel: string) => errorOf(other.app.client.chat.postMessage({ channel, text: "t" }));
    expect(await post("C0OPEN")).toBe("not_in_channel");
    expect(await post("C0SECRET")).toBe("channel_not_found");
    expect(await post("C0NOWHERE")).toBe("channel_not_found");
    expect(await post("#open")).toBe("channel_not_found");
    expect(await post("U0ADA")).toBeUndefined();
    await other.workspace.act.botMembership({ channelId: "C0OPEN", isMember: true, byUserId: "U0ADA" });
    expect(await post("C0OPEN")).toBeUndefined();
  });

  it("shows people's flags, groups and shared channels as they are", async () => {
    const info = async (user: string) => (await client().users.info({ user })).user;
    expect(await info("U0GUEST")).toMatchObject({ is_restricted: true, deleted: false });
    expect(await info("U0GONE")).toMatchObject({ deleted: true });
    expect(await info("U0VENDOR")).toMatchObject({ is_stranger: true, team_id: "T0ELSEWHERE" });
    expect(await info("U0KEYTURN")).toMatchObject({ is_bot: true });
    expect(await errorOf(client().users.info({ user: "U0NOBODY" }))).toBe("user_not_found");
    expect((await client().usergroups.users.list({ usergroup: "S0SECURITY" })).users).toEqual(["U0ADA", "U0GRACE"]);
    expect(await errorOf(client().usergroups.users.list({ usergroup: "S0NONE" }))).toBe("no_such_subteam");
    const listed = await client().usergroups.list({ include_users: true });
    expect(listed.usergroups).toContainEqual(
      expect.objectContaining({ handle: "oncall", users: ["U0OLIVIA", "U0LIN"] }),
    );
    expect((await client().conversations.info({ channel: "C0VENDOR" })).channel).toMatchObject({ is_ext_shared: true });
  });

  it("gives long lists in pages", async () => {
    const first = await client().users.list({ limit: 5 });
    const cursor = first.response_metadata?.next_cursor ?? "";
    const rest = await client().users.list({ limit: 5, cursor });
    const ids = [...(first.members ?? []), ...(rest.members ?? [])].map((user) => user.id);
    expect(new Set(ids).size).toBe(9);
    expect(rest.response_metadata?.next_cursor).toBe("");
  });

  it("tells the token to nobody who looks at the calls", async () => {
    await client().auth.test();
    expect(JSON.stringify(pair.workspace.inspect.apiCalls())).not.toContain(pair.workspace.botToken);
  });
});

describe("messages", () => {
  it("need text or blocks, and at most 4000 bytes after escaping on an update", async () => {
    expect(await errorOf(client().apiCall("chat.postMessage", { channel: support }))).toBe("no_text");
    const { ts } = await client().chat.postMessage({ channel: support, text: "t" });
    if (ts === undefined) throw new Error("no ts");
    const update = (text: string) => errorOf(client().chat.update({ channel: support, ts, text }));
    expect(await update("x".repeat(4000))).toBeUndefined();
    expect(await update("x".repeat(4001))).toBe("msg_too_long");
    expect(await update("é".repeat(2001))).toBe("msg_too_long");
    expect(await update("&".repeat(801))).toBe("msg_too_long");
  });

  it("keep their blocks and metadata on an update that leaves them out, and lose them when told so", async () => {
    const blocks = [{ type: "divider", block_id: "line" }];
    const metadata = { event_type: "rotation", event_payload: { id: "r1" } };
    const { ts } = await client().chat.postMessage({ channel: support, text: "t", blocks, metadata });
    if (ts === undefined) throw new Error("no ts");
    const find = () => pair.workspace.inspect.messages(support).find((message) => message.ts === ts);
    await client().chat.update({ channel: support, ts, text: "kept" });
    expect(find()).toMatchObject({ text: "kept", blocks: [{ block_id: "line" }], metadata });
    await client().apiCall("chat.update", { channel: support, ts, text: "bare", blocks: [], metadata: {} });
    expect(find()).toMatchObject({ text: "bare", blocks: [] });
    expect(find()?.metadata).toBeUndefined();
  });

  it("of people and of nobody cannot be changed or deleted", async () => {
    const [theirs] = pair.workspace.inspect.messages(support);
    const ts = theirs?.ts ?? "";
    expect(await errorOf(client().chat.update({ channel: support, ts, text: "t" }))).toBe("cant_update_message");
    expect(await errorOf(client().chat.delete({ channel: support, ts }))).toBe("cant_delete_message");
    expect(await errorOf(client().chat.update({ channel: support, ts: "1.000001", text: "t" }))).toBe(
      "message_not_found",
    );
    const reply = client().chat.postMessage({ channel: support, text: "t", thread_ts: "1.000001" });
    expect(await errorOf(reply)).toBe("thread_not_found");
  });

  it("for one person are seen by that person only, and not by the app afterwards", async () => {
    const { message_ts: ts } = await client().chat.postEphemeral({ channel: support, user: "U0LIN", text: "for you" });
    const { inspect } = pair.workspace;
    expect(inspect.ephemerals("U0LIN").map((message) => message.text)).toContain("for you");
    expect(inspect.ephemerals("U0ADA")).toEqual([]);
    expect(inspect.messages(support).map((message) => message.text)).not.toContain("for you");
    expect(await errorOf(client().chat.update({ channel: support, ts: ts ?? "", text: "t" }))).toBe(
      "message_not_found",
    );
    const outsider = client().chat.postEphemeral({ channel: "C0VENDOR", user: "U0ADA", text: "t" });
    expect(await errorOf(outsider)).toBe("user_not_in_channel");
  });

  it("ring everybody when the app does not escape what a person typed, and nobody when it does", async () => {
    const reason = "<!channel> look <@U0ADA>";
    const escaped = reason.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const ring = async (text: string) => {
      const { ts } = await client().chat.postMessage({
        channel: support,
        text: "t",
        blocks: [{ type: "section", text: { type: "mrkdwn", text } }],
      });
      return pair.workspace.inspect.messages(support).find((message) => message.ts === ts)?.notifies;
    };
    expect(await ring(reason)).toContain("U0OLIVIA");
    expect(await ring(escaped)).toEqual([]);
    expect(await ring("<!subteam^S0SECURITY>")).toEqual(["U0ADA", "U0GRACE"]);
  });
});
