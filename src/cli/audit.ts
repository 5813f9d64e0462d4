import { KeyturnError } from "../core/errors.ts";
import { withState } from "./joined.ts";
import { complain, count, line } from "./output.ts";
import { readWords } from "./words.ts";

const usage = "audit verify [--expect HASH]";

/**
 * `keyturn audit verify [--expect HASH]`: 0 when every link and signature holds and the expected entry is one of them. The
 * hash is the one in the last line of a thread; an entry that was taken off the end shows against it only.
 */
export async function auditVerify(args: readonly string[]): Promise<number> {
  const { words, values } = readWords(args, { usage, words: [1, 1], values: ["--expect"] });
  const expected = values["--expect"]?.toLowerCase();
  if (words[0] !== "verify" || (expected !== undefined && !/^[0-9a-f]{12,64}$/.test(expected))) {
    const sentence =
      words[0] === "verify"
        ? "--expect takes 12 to 64 hexadecimal digits"
        : `"${words[0] ?? ""}" cannot be done to the audit log`;
    throw new KeyturnError("usage", sentence, { hint: `usage: keyturn ${usage}` });
  }
  return withState(async (state) => {
    const { ok, entries, head, problem, foundAt } = await state.verifyAudit(expected);
    if (!ok) {
      complain(`the audit log does not hold: ${problem ?? "unknown"}`);
      complain(
        `  ${count(entries, "entry", "entries")} before it are sound; somebody has written to the database by hand: keep a copy of it, and ask who could`,
      );
      return 1;
    }
    if (expected !== undefined && foundAt === undefined) {
      complain(`the chain holds, but no entry of it has the hash ${expected}; its head is ${head}`);
      complain(
        "  entries were taken off its end, or it is the log of another database: keep a copy of it, and ask who could",
      );
      return 1;
    }
    line(`${count(entries, "entry", "entries")}, chain and signatures hold, head ${head}`);
    if (foundAt !== undefined) {
      line(`${expected ?? ""} is entry ${String(foundAt)}${foundAt === entries ? ", the newest" : ""}`);
    }
    return 0;
  });
}
