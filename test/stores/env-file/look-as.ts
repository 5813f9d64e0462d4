/** @module Prints the codes of the findings that another user gets: `node look-as.ts <uid> <folder> <file>`, started as root. */
import { envFile } from "../../../src/stores/env-file/store.ts";
import { openStore } from "../../contract/store-world.ts";

const [uid = "", folder = "", file = ""] = process.argv.slice(2);
process.setgroups?.([]);
process.setgid?.(Number(uid));
process.setuid?.(Number(uid));

const store = await openStore(envFile({ allowedRoots: [folder] }).bind({ store: "env-file", file }));
for (const { code } of await store.preflight(["PRESENT"])) console.log(code);
