import { acceptFirstContract } from "../../contract/rotator-accept-first.ts";
import { makeWorld } from "./world.ts";

acceptFirstContract({ name: "shared-key, two accepted for a while,", accepts: true, makeWorld });
acceptFirstContract({
  name: "shared-key, one variable,",
  accepts: false,
  makeWorld: () => makeWorld({ mode: "single" }),
});
