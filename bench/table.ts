/** One line of the table. `floor`: the least that the same work could cost, measured in the same run. */
export type Row = {
  readonly what: string;
  readonly measured: string;
  readonly floor: string;
  readonly ratio?: number;
  /** What is promised; absent: nothing is, the number is only shown. */
  readonly promise?: string;
  readonly kept?: boolean;
  /** What belongs to the number: what was counted, what was left out, what was shortened. */
  readonly note?: string;
};

/** The rows as a Markdown table, readable in a terminal too; notes follow below it, by number. */
export function renderTable(rows: readonly Row[]): string {
  const notes = [...new Set(rows.flatMap(({ note }) => (note === undefined ? [] : [note])))];
  const cells = rows.map((row) => [
    row.note === undefined ? row.what : `${row.what} [${String(notes.indexOf(row.note) + 1)}]`,
    row.measured,
    row.floor,
    row.ratio === undefined ? "" : `${row.ratio.toFixed(2)}x`,
    row.promise ?? "",
    row.kept === undefined ? "" : row.kept ? "yes" : "NO",
  ]);
  const all = [["what", "measured", "floor", "ratio", "promise", "kept"], ...cells];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? [];
  const lines = all.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  const below = notes.map((note, index) => `${String(index + 1)}. ${note}`);
  return [lines[0], rule, ...lines.slice(1), "", ...below].join("\n");
}

/** The middle of some numbers; of an even count the upper middle. NaN for none. */
export function median(numbers: readonly number[]): number {
  return percentile(numbers, 0.5);
}

/** The smallest number that at least `share` (0 to 1) of them do not exceed. NaN for none. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** "12 ms", "3.4 s". */
export function time(ms: number): string {
  return ms < 1_000 ? `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
