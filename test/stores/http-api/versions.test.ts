import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { httpApiStore } from "../../../src/stores/http-api/store.ts";
import { json, servePage } from "../../checks/page.ts";

/** A store over an application that tells at each look when it was asked, and shows what it holds. */
async function lookingAt(read: object) {
  const shown = { value: "old-value", beside: "kept", fetchedAt: 0 };
  const page = await servePage(({ method, body }, response) => {
    if (method === "PUT") Object.assign(shown, JSON.parse(body));
    shown.fetchedAt += 1;
    json(response, 200, shown);
  });
  const entry = { store: "http-api", name: "a", url: page.url, admin: {}, read: { path: "/kept", ...read } };
  const write = { path: "/kept", merge: true, body: { value: "{{KEY}}" } };
  const store = await httpApiStore.bind({ ...entry, write }).open({
    session: { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: () => undefined },
    signal: new AbortController().signal,
    resolve: () => Promise.reject(new Error("nothing to resolve")),
  });
  return { shown, store, [Symbol.asyncDispose]: page.stop };
}

describe("the version of what an application shows", () => {
  it("is that of the values: what changes by itself beside them is no other writer, and is sent back as it is then", async () => {
    await using world = await lookingAt({ values: { KEY: "$.value" } });
    const { version } = await world.store.read(["KEY"]);
    expect((await world.store.read(["KEY"])).version).toBe(version);
    world.shown.beside = "edited meanwhile";
    const written = await world.store.publish({ KEY: new Secret("new-value") }, version);
    expect(written.version).not.toBe(version);
    expect(world.shown).toMatchObject({ value: "new-value", beside: "edited meanwhile" });
  });

  it("is another one when somebody else writes a value", async () => {
    await using world = await lookingAt({ values: { KEY: "$.value" } });
    const { version } = await world.store.read(["KEY"]);
    world.shown.value = "of somebody else";
    const publish = world.store.publish({ KEY: new Secret("new-value") }, version);
    await expect(publish).rejects.toMatchObject({ code: "lost_race" });
    expect(world.shown.value).toBe("of somebody else");
  });
});
