import { expect, it } from "vitest";
import { decodeToken, encodeToken, secretKey } from "../../sandbox/world/token-jwt.ts";
import { everywhere, tellTokens, told } from "./token-story.ts";

const old = "a-signing-key-that-was-here-before-0123456789";
const claims = { sub: "smoke", exp: Math.floor(Date.now() / 1_000) + 3_600 };
const oldToken = encodeToken("HS256", secretKey(old), undefined, claims);

it("a token signed with the new key is published beside it, and a check presents the one that goes with the key in use", {
  timeout: 200_000,
}, async () => {
  await using story = await tellTokens({
    instances: 2,
    grace: "11m",
    values: { JWT_SECRET: old, SMOKE_TOKEN: oldToken },
    target: (world) => ({
      rotator: {
        kind: "signing-key",
        maxTokenLife: "10m",
        clockSkew: "200ms",
        tokens: { smokeToken: { claims: { sub: "smoke" }, life: "10m" } },
        accept: [{ urls: everywhere(world, "/canary") }],
      },
      values: { JWT_SECRET: "{{key}}", JWT_SECRET_PREVIOUS: "{{accepted.key}}", SMOKE_TOKEN: "{{smokeToken}}" },
      checks: everywhere(world, "/canary").map((url) => ({
        kind: "http",
        url,
        headers: { authorization: "Bearer {{smokeToken}}" },
        expect: { status: 200 },
        settle: "200ms",
      })),
    }),
  });
  const id = await story.stage.approved();
  await story.stage.drive(id, undefined, "publish");
  expect((await story.world.values())["SMOKE_TOKEN"]).toBe(oldToken);
  const verified = await story.stage.drive(id, undefined, "verify");
  const { JWT_SECRET: key = "", SMOKE_TOKEN: token = "" } = await story.world.values();

  expect(verified.steps["verify"]?.status, told(verified)).toBe("done");
  expect(key).not.toBe(old);
  expect(decodeToken("HS256", token)?.isSignedBy(secretKey(key))).toBe(true);
  expect((await story.press(id, "roll-back")).kind).toBe("ok");
  // From here on the way back waits until no token of the new key lives.
  const back = await story.stage.drive(id, undefined, "back-publish-2");
  expect(back.steps["back-publish-2"]?.status, told(back)).toBe("done");
  expect(await story.world.values()).toMatchObject({ JWT_SECRET: old, SMOKE_TOKEN: oldToken });
});
