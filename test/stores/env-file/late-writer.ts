/**
 * @module A worker that is stopped by the operating system between its last look at the lease and its write: its guard says
 * yes and then sends SIGSTOP to its own process. Run as `node late-writer.ts <folder> <file> <version> <epoch> <value>`;
 * prints one line when it is done: the version, or the name of the error.
 */
import { Secret } from "../../../src/core/secret.ts";
import { envFile } from "../../../src/stores/env-file/store.ts";

const [folder = "", file = "", version = "", epoch = "", value = ""] = process.argv.slice(2);

const store = await envFile({ allowedRoots: [folder] })
  .bind({ store: "env-file", file })
  .open({
    session: {
      rotationId: "r-7f3a",
      epoch: Number(epoch),
      name: `keyturn:r-7f3a:${epoch}`,
      guard: () => {
        process.kill(process.pid, "SIGSTOP");
      },
    },
    signal: new AbortController().signal,
    resolve: () => Promise.reject(new Error("this world has no references")),
  });
try {
  console.log((await store.publish({ PRESENT: new Secret(value) }, version)).version);
} catch (error) {
  console.log(error instanceof Error ? error.name : "something else");
}
