/** @module Publishes into a file that is a mount point, and prints what happened: `node edit-mounted.ts <folder> <file>`. */
import { Secret } from "../../../src/core/secret.ts";
import { envFile } from "../../../src/stores/env-file/store.ts";
import { openStore } from "../../contract/store-world.ts";

const [folder = "", file = ""] = process.argv.slice(2);
const store = await openStore(envFile({ allowedRoots: [folder] }).bind({ store: "env-file", file }));

const findings = (await store.preflight(["PRESENT"])).map(({ severity, code }) => [severity, code]);
const fence = await store.fence();
const { version } = await store.read([]);
await store.publish({ PRESENT: new Secret("new") }, version);
const again = store.publish({ PRESENT: new Secret("late") }, version);
const stale = await again.then(
  () => "written",
  (error: unknown) => (error instanceof Error ? error.constructor.name : "something else"),
);
const { values } = await store.read(["PRESENT", "NEIGHBOUR"]);
console.log(
  JSON.stringify({ findings, fence, stale, values: [values["PRESENT"]?.reveal(), values["NEIGHBOUR"]?.reveal()] }),
);
