import { describe, expect, it } from "vitest";
import { z } from "zod";
import { sharedKey } from "../../../src/rotators/shared-key/rotator.ts";
import { inWorld, issue } from "../../contract/rotator-world.ts";
import { makeWorld } from "./world.ts";

const good = { kind: "shared-key", accept: [{ url: "http://notifications:4000/internal" }] };

describe("the entry of a shared-key target", () => {
  it("says how long the old key stays accepted, or how long calls are refused", () => {
    expect(sharedKey.bind({ ...good, inFlight: "5m" }).shape).toMatchObject({
      overlap: "accept-first",
      triedAt: "consumer",
      overlapMs: 300_000,
      principals: ["shared-key notifications:4000"],
    });
    const single = sharedKey.bind({ ...good, mode: "single", restart: "90s" }).shape;
    expect(single).toMatchObject({ overlap: "single", triedAt: "consumer" });
    expect(single.words.cut).toContain("at most 90 s");
  });

  it.each([
    ["nobody to ask", { accept: [] }, ["accept"]],
    ["a request without the key", { accept: [{ url: "http://a", headers: {} }] }, ["accept", 0, "headers"]],
    ["the key in the URL", { accept: [{ url: "http://a/?k={{key}}" }] }, ["accept", 0, "url"]],
    ["a password in the URL", { accept: [{ url: "http://u:hunter2@a" }] }, ["accept", 0, "url"]],
    ["a status that means both", { accept: [{ url: "http://a", accepted: [200, 401] }] }, ["accept", 0, "refused"]],
    ["url and urls", { accept: [{ url: "http://a", urls: ["http://b"] }] }, ["accept", 0, "url"]],
    ["too few bytes", { bytes: 16 }, ["bytes"]],
    ["a call that means both", { send: [{ url: "http://a", works: 401 }] }, ["send", 0, "refused"]],
  ])("is refused with %s, and the error names the place", (_what, change, path) => {
    const { error } = z.safeParse(sharedKey.config, { ...good, ...change });
    expect(error?.issues.map((issue) => issue.path)).toEqual([path]);
    expect(error?.message).not.toContain("hunter2");
  });
});

describe("senders of a shared key", () => {
  it("names the one whose call is refused", () =>
    inWorld(
      () => makeWorld({}),
      async (world, issuer, run) => {
        const pending = await issue(issuer, run);
        await world.arrange(pending, undefined, [1]);

        const trial = await issuer.signs?.(pending);

        expect(trial).toMatchObject({ verdict: "refused" });
        expect(JSON.stringify(trial)).toContain("its call was refused (502) at 127.0.0.1:");
        expect(await issuer.preflight(run.current)).toMatchObject([{ severity: "error", code: "sends_another" }]);
      },
    ));

  it("without a hash only that calls get through is seen, and the plan says so before approval", async () => {
    const send = [{ url: "http://truload:8080/send" }];
    expect(sharedKey.bind({ ...good, send }).shape.words.proof).toContain("which of the two keys it sends is not");
    expect(sharedKey.bind(good).shape.words.proof).toContain("cannot be asked here");
    await inWorld(
      () => makeWorld({ send: [] }),
      async (_world, issuer, run) => {
        expect(issuer.signs).toBeUndefined();
        expect(await issuer.preflight(run.current)).toMatchObject([{ severity: "warning", code: "no_send_probe" }]);
      },
    );
  });
});
