import { startEmbedded } from "../../src/state/embedded.ts";
import { keptLog } from "./world.ts";

/** A process for tests that starts the embedded database, says on stdout how that went, and then waits to be killed. */
try {
  const embedded = await startEmbedded({ dataFolder: process.argv[2] ?? "", log: keptLog() });
  process.stdout.write(`${JSON.stringify({ pid: embedded.pid })}\n`);
  setInterval(() => undefined, 60_000);
} catch (error) {
  const code = error instanceof Error && "code" in error ? error.code : String(error);
  process.stdout.write(`${JSON.stringify({ code })}\n`);
}
