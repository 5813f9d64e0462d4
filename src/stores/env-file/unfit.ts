import type { Finding } from "../../core/ports.ts";
import { fromBytes } from "../file/bytes.ts";
import { scan } from "./scan.ts";
import { readValue } from "./value.ts";

/** Why these keys cannot be edited here (errors), and what is doubtful about them (warnings). The text is the file's bytes as latin1. Shows no values. */
export function unfit(file: string, text: string, keys: readonly string[]): readonly Finding[] {
  const { statements, broken } = scan(text);
  const findings: Finding[] = broken.map(({ line, sentence }) =>
    error(
      "env_unreadable",
      `${file} line ${line}: ${sentence}`,
      "readers of the file disagree about it; mend that line",
    ),
  );
  for (const key of keys) {
    if (!name.test(key)) {
      findings.push(error("env_key", `${key} is no name for a variable`, "letters, digits and _, not a digit first"));
    }
    const ours = statements.filter((statement) => statement.key === key);
    const lines = ours.map(({ line }) => line);
    if (ours.length > 1) {
      findings.push(
        error("env_duplicate", `${key} stands in ${file} at lines ${lines.join(" and ")}`, "keep the line that counts"),
      );
    }
    for (const { form, exported, line, valueStart, valueEnd } of ours) {
      const at = `${file} line ${line}`;
      const { interpolated, sure } = readValue(fromBytes(text.slice(valueStart, valueEnd)));
      if (exported) findings.push(error("env_export", `${at} exports ${key}`, `write ${key}=...`));
      if (form === "colon") findings.push(error("env_colon", `${at} writes ${key} with a colon`, `write ${key}=...`));
      if (form === "inherited") {
        findings.push(error("env_inherited", `${at} takes ${key} from the environment of compose`, `write ${key}=...`));
      } else if (interpolated) {
        findings.push(
          error(
            "env_interpolated",
            `${at}: compose puts other variables into ${key}`,
            "write it out, in single quotes",
          ),
        );
      } else if (!sure) {
        const sentence = `${at}: readers of .env files disagree about ${key}; it is taken as docker compose reads it`;
        findings.push({ severity: "warning", code: "env_ambiguous", sentence });
      }
    }
  }
  return findings;
}

const name = /^[A-Za-z_]\w*$/;

function error(code: string, sentence: string, hint: string): Finding {
  return { severity: "error", code, sentence, hint };
}
