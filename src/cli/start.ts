import { runBot } from "../bot/run-bot.ts";
import { readWords } from "./words.ts";

/** `keyturn start`: the bot, until it is told to end. */
export async function start(args: readonly string[]): Promise<number> {
  readWords(args, { usage: "start", words: [0, 0] });
  return runBot();
}
