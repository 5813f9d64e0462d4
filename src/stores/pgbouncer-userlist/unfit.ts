import type { Finding } from "../../core/ports.ts";
import { fromBytes } from "../file/bytes.ts";
import { scan } from "./scan.ts";

const longestUserBytes = 63;

/** Why these users cannot be edited here. The text is the file's bytes as latin1. Shows no secrets. */
export function unfit(file: string, text: string, keys: readonly string[]): readonly Finding[] {
  const { users, broken } = scan(text);
  const findings: Finding[] = broken.map((line) =>
    error(
      "userlist_unreadable",
      `${file} line ${line} is no user, no comment and not blank: PgBouncer reads what follows wrongly or not at all`,
      'mend that line: "user" "secret", comments begin with ;',
    ),
  );
  for (const key of keys) {
    if (key === "" || /[\n\r\0]/.test(key) || Buffer.byteLength(key) > longestUserBytes) {
      findings.push(
        error("userlist_user", `${JSON.stringify(key)} is no user name`, "1 to 63 bytes, as PostgreSQL has it"),
      );
    }
    const lines = users.filter(({ user }) => fromBytes(user) === key).map(({ line }) => line);
    if (lines.length > 1) {
      findings.push(
        error(
          "userlist_duplicate",
          `${key} stands in ${file} at lines ${lines.join(" and ")}`,
          "PgBouncer takes the last one; keep that one",
        ),
      );
    }
  }
  return findings;
}

function error(code: string, sentence: string, hint: string): Finding {
  return { severity: "error", code, sentence, hint };
}
