import { acceptFirstContract } from "../../contract/rotator-accept-first.ts";
import { makeWorld } from "./world.ts";

for (const algorithm of ["HS256", "RS256", "ES256", "EdDSA"]) {
  acceptFirstContract({
    name: `signing-key ${algorithm}, two accepted for a while,`,
    accepts: true,
    makeWorld: () => makeWorld({ algorithm }),
  });
}
acceptFirstContract({
  name: "signing-key HS256, everybody logs in again,",
  accepts: false,
  makeWorld: () => makeWorld({ mode: "all-out" }),
});
