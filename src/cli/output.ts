import { explain } from "../core/errors.ts";
import type { Finding } from "../core/ports.ts";

/** One line on standard output. */
export function line(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One line on standard error. */
export function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Says what went wrong and what to do about it. Returns the exit code: 2 for a command that was not understood, else 1. */
export function failure(error: unknown): number {
  const { code, sentence, hint } = explain(error);
  complain(code === "usage" ? sentence : `${code}: ${sentence}`);
  if (hint !== undefined) {
    complain(`  ${hint}`);
  }
  return code === "usage" ? 2 : 1;
}

/** What a live look found, worst first. */
export function findings(all: readonly Finding[]): void {
  const order = ["error", "warning", "info"];
  for (const { severity, code, sentence, hint, command } of all.toSorted(
    (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity),
  )) {
    line(`${severity === "info" ? "info" : severity.toUpperCase()}: ${sentence} (${code})`);
    if (hint !== undefined) {
      line(`  ${hint}`);
    }
    if (command !== undefined) {
      line(`  run: ${command}`);
    }
  }
}

/** "1 mistake", "2 mistakes". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${String(number)} ${number === 1 ? one : many}`;
}
