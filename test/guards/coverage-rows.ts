import { z } from "zod";

export type Row = { readonly number: number; readonly status: string };
/** Answers the text of a file of this repository, or undefined when there is no such file. */
export type ReadTest = (path: string) => string | undefined;

const rows = 136;
const line = /^\| (?<number>\d+) \|.*\| (?<status>[^|]+) \|$/;
const Found = z.object({ number: z.coerce.number(), status: z.string() });
const proof = /^`(?<path>test\/[\w./-]+\.test\.ts)` "(?<title>[^"]+)"$/;

/** Every complaint about the coverage table: rows missing or doubled, and states that are neither `open` nor a test that exists. */
export function coverageProblems(markdown: string, read: ReadTest): readonly string[] {
  const found = markdown.split("\n").flatMap((text) => {
    const row = Found.safeParse(line.exec(text)?.groups);
    return row.success ? [row.data] : [];
  });
  return [...numberProblems(found), ...found.flatMap((row) => statusProblems(row, read))];
}

function numberProblems(found: readonly Row[]): readonly string[] {
  const wanted = Array.from({ length: rows }, (_, index) => index + 1);
  const counted = wanted.map((number) => ({ number, times: found.filter((row) => row.number === number).length }));
  const strange = found.filter(({ number }) => !wanted.includes(number));
  return [
    ...counted.filter(({ times }) => times !== 1).map(({ number, times }) => `row ${number} stands ${times} times`),
    ...strange.map(({ number }) => `row ${number} is not on the list`),
  ];
}

function statusProblems({ number, status }: Row, read: ReadTest): readonly string[] {
  if (status === "open") return [];
  return status.split("<br>").flatMap((part) => {
    const groups = proof.exec(part.trim())?.groups;
    const path = groups?.["path"];
    const title = groups?.["title"];
    if (path === undefined || title === undefined) return [`row ${number}: neither open nor a test: ${part.trim()}`];
    const text = read(path);
    if (text === undefined) return [`row ${number}: no such file: ${path}`];
    return hasTitle(text, title) ? [] : [`row ${number}: ${path} has no test "${title}"`];
  });
}

/** The title as the whole first argument of a call of `it` or `test` (also `it.each(...)(`), in any kind of quotes. */
function hasTitle(text: string, title: string): boolean {
  const literal = title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`\\b(?:it|test)\\b[^;]*?\\(\\s*(["'\`])${literal}\\1\\s*,`).test(text);
}
