import { explain } from "../core/errors.ts";
import { runBot } from "./run-bot.ts";

process.exitCode = await runBot().catch((error: unknown) => {
  const { code, sentence, hint } = explain(error);
  process.stderr.write(`keyturn cannot go on: ${sentence} (${code})\n${hint === undefined ? "" : `    ${hint}\n`}`);
  return 1;
});
