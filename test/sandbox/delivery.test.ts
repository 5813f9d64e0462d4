import { describe, expect, it } from "vitest";
import { newApp, startPair } from "./app.ts";

const support = "C0SUPPORT";
const rotate = { userId: "U0OLIVIA", channelId: support, command: "/rotate", text: "redis prod" };
const quick = { ackMs: 200, eventRetriesMs: [0, 50, 100] };

describe("deliveries to the app", () => {
  it("that are not acknowledged in time time out before the user's eyes", async () => {
    await using pair = await startPair((app) => app.command("/rotate", async () => undefined), { timing: quick });
    const result = await pair.workspace.act.slash(rotate);
    expect(result).toMatchObject({ acked: false, notice: "operation timed out" });
  });

  it("say so at once when no app is connected", async () => {
    await using pair = await startPair(undefined, { timing: quick });
    await pair.app.stop();
    await pair.workspace.inspect.waitFor(() => pair.workspace.inspect.connections() === 0);
    const result = await pair.workspace.act.slash(rotate);
    expect(result).toMatchObject({ acked: false, notice: "the app is not connected (dispatch failed)" });
  });

  it("go to one socket each, and over time to every one", async () => {
    const heard: string[] = [];
    const listen = (name: string) => (app: ReturnType<typeof newApp>) =>
      app.command("/rotate", async ({ ack, command }) => {
        heard.push(`${name} ${command.text}`);
        await ack();
      });
    await using pair = await startPair(listen("first"));
    const second = newApp(pair.workspace);
    listen("second")(second);
    await second.start();
    for (const text of ["1", "2", "3", "4"]) await pair.workspace.act.slash({ ...rotate, text });
    await second.stop();
    expect(heard.map((line) => line.split(" ")[1])).toEqual(["1", "2", "3", "4"]);
    expect(new Set(heard.map((line) => line.split(" ")[0])).size).toBe(2);
  });

  it("are refused an eleventh socket", async () => {
    await using pair = await startPair();
    const { workspace } = pair;
    const sockets: WebSocket[] = [];
    const open = async () => {
      const { url } = await pair.app.client.apps.connections.open({ token: workspace.appToken });
      const socket = new WebSocket(url ?? "");
      sockets.push(socket);
      return new Promise((resolve) => {
        socket.addEventListener("open", () => resolve("open"));
        socket.addEventListener("error", () => resolve("refused"));
      });
    };
    const outcomes: unknown[] = [];
    for (let n = 0; n < 10; n += 1) outcomes.push(await open());
    expect(outcomes).toEqual([...Array.from({ length: 9 }, () => "open"), "refused"]);
    for (const socket of sockets) socket.close();
  });

  it("need a fresh ticket for each socket", async () => {
    await using pair = await startPair();
    const { url } = await pair.app.client.apps.connections.open({ token: pair.workspace.appToken });
    const dial = () =>
      new Promise((resolve) => {
        const socket = new WebSocket(url ?? "");
        socket.addEventListener("open", () => {
          socket.close();
          resolve("open");
        });
        socket.addEventListener("error", () => resolve("refused"));
      });
    expect([await dial(), await dial()]).toEqual(["open", "refused"]);
  });

  it("arrive twice when the workspace duplicates them", async () => {
    let runs = 0;
    await using pair = await startPair((app) =>
      app.command("/rotate", async ({ ack }) => {
        runs += 1;
        await ack();
      }),
    );
    const { act, faults, inspect } = pair.workspace;
    faults.duplicateDeliveries(true);
    await act.slash(rotate);
    await inspect.waitFor(() => runs === 2);
    faults.duplicateDeliveries(false);
    await act.slash(rotate);
    expect(runs).toBe(3);
    await act.redeliver(0);
    expect(runs).toBe(4);
  });

  it("get lost when the workspace drops them: a command for good, an event until its retry", async () => {
    const heard: string[] = [];
    await using pair = await startPair(
      (app) => {
        app.command("/rotate", async ({ ack, command }) => {
          heard.push(command.text);
          await ack();
        });
        app.event("app_mention", async ({ event, context }) => {
          heard.push(`${event.text} retry ${context.retryNum ?? 0}`);
        });
      },
      { timing: quick },
    );
    const { act, faults, inspect } = pair.workspace;
    faults.dropDeliveries(2);
    expect((await act.slash({ ...rotate, text: "lost" })).notice).toBe("operation timed out");
    await act.mention({ userId: "U0OLIVIA", channelId: support, text: "hello" });
    await inspect.waitFor(() => heard.length > 0);
    expect(heard).toEqual(["<@U0KEYTURN> hello retry 1"]);
  });

  it("reach an app that reconnected after a disconnect", async () => {
    await using pair = await startPair((app) => app.command("/rotate", async ({ ack }) => ack()));
    const { act, faults, inspect } = pair.workspace;
    faults.disconnectSockets();
    await inspect.waitFor(() => inspect.connections() === 0);
    await inspect.waitFor(() => inspect.connections() === 1, 20_000, "the reconnect");
    expect((await act.slash(rotate)).acked).toBe(true);
  });

  it("of events that the manifest does not name are never made", async () => {
    await using pair = await startPair(undefined, { manifestEvents: [] });
    await pair.workspace.act.mention({ userId: "U0OLIVIA", channelId: support, text: "hello" });
    await pair.workspace.act.editGroup({ groupId: "S0ONCALL", members: ["U0LIN"] });
    expect(pair.workspace.inspect.sent()).toEqual([]);
  });

  it("tell of people and groups that changed", async () => {
    const heard: unknown[] = [];
    await using pair = await startPair((app) => {
      app.event("subteam_members_changed", async ({ event }) => {
        heard.push(event.added_users, event.removed_users);
      });
      app.event("user_change", async ({ event }) => {
        heard.push(event.user.deleted);
      });
    });
    const { act, inspect } = pair.workspace;
    await act.editGroup({ groupId: "S0ONCALL", members: ["U0LIN", "U0PRIYA"] });
    await act.editUser({ userId: "U0LIN", deleted: true });
    await inspect.waitFor(() => heard.length === 3);
    expect(heard).toEqual([["U0PRIYA"], ["U0OLIVIA"], true]);
    expect((await pair.app.client.users.info({ user: "U0LIN" })).user?.deleted).toBe(true);
  });

  it("do not happen for what a person could not do", async () => {
    await using pair = await startPair();
    const { act, inspect } = pair.workspace;
    await expect(act.slash({ ...rotate, command: "/deploy" })).rejects.toThrow("/deploy is not a valid command");
    await expect(act.slash({ ...rotate, userId: "U0VENDOR" })).rejects.toThrow("U0VENDOR is not in #platform-support");
    const [message] = inspect.messages(support);
    const press = { userId: "U0ADA", channelId: support, ts: message?.ts ?? "", actionId: "approve" };
    await expect(act.press(press)).rejects.toThrow("no element approve there");
    expect(inspect.sent()).toEqual([]);
  });
});
