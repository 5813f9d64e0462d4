import { expect, it } from "vitest";
import { rootUser } from "../rotators/redis-acl/world.ts";
import { needs } from "../servers/need.ts";
import { startRedis } from "../servers/redis.ts";
import { tell } from "./story.ts";

needs("redis-server")("a rotation that is named by its target", () => {
  it("is the one that goes on, in either order and any case, before a later one that has ended", async () => {
    await using server = await startRedis({ users: [rootUser, "default off"] });
    const story = await tell({ server, mode: "two users" });
    const routine = await story.request();
    const leaked = await story.request(true);
    const { secret, environment } = (await story.rotation(routine)).plan;
    const found = async (text: string) => (await story.desk.find(text))?.rotation.id;
    expect(await found(`${secret} ${environment}`)).toBe(leaked);

    expect(await story.press(leaked, "cancel")).toBe("ok");
    await story.drive(leaked);
    expect((await story.rotation(leaked)).ended?.status).toBe("cancelled");
    expect(await found(`${secret} ${environment}`)).toBe(routine);
    expect(await found(`${environment.toUpperCase()} ${secret}`)).toBe(routine);

    await story.press(routine, "cancel");
    await story.drive(routine);
    expect(await found(`${secret} ${environment}`)).toBe(leaked);
    expect(await found("nothing here")).toBeUndefined();
    await story.end();
  });
});
