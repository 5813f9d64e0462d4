/**
 * @module What must not be in the tree and no linter looks for. Each rule is a pure function from files to complaints,
 * one line each, so that files.test.ts can show it a bad file as well as the repository.
 */
import type { TreeFile } from "./tree.ts";

export type TreeRule = (files: readonly TreeFile[]) => readonly string[];

const maxLines = 300;
const layout =
  "bot catalog checks cli connections consumers core handlers jobs process rotators state stores views".split(" ");
const vague = /(?:^|[/-])(?:utils?|helpers?|common|types|misc)(?:[/.-]|$)/;
const silencer = /(?:oxlint|eslint)-disable|@ts-(?:ignore|expect-error|nocheck)|biome-ignore/;
const defaultExport = /^\s*export default\b|^\s*export \{[^}]*\bas default\b/m;
const leftOut = /\b(?:it|test|describe)\.(?:only|skip|todo)\(/;

/** Written in pieces, so that this file does not hold what it looks for. */
const machinePaths = [["", "work", ""].join("/"), ["", "tmp", "keyturn"].join("/")];
const words = ["assis" + "tant", "sub" + "agent", "co-authored" + "-by"];
const hosts = [
  "npmjs" + ".org",
  "npmjs" + ".com",
  "yarnpkg" + ".com",
  "pypi" + ".org",
  "pythonhosted" + ".org",
  "crates" + ".io",
];

/** A file of the product or the sandbox has at most 300 lines, comments and blanks included. */
export const longFiles: TreeRule = (files) =>
  files
    .filter(({ path }) => isShipped(path) && /\.(?:ts|js|css|html)$/.test(path))
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0) }))
    .filter(({ lines }) => lines > maxLines)
    .map(({ path, lines }) => `${path}: ${lines} lines, at most ${maxLines}`);

/** Folders and files are named for their idea. */
export const vagueNames: TreeRule = (files) =>
  files.filter(({ path }) => isCode(path) && vague.test(path)).map(({ path }) => `${path}: a name that says nothing`);

/** The folders of src are those of the layer table; a new one needs its layer rule first. */
export const unknownFolders: TreeRule = (files) =>
  files
    .filter(({ path }) => path.startsWith("src/") && !layout.includes(path.split("/")[1] ?? ""))
    .map(({ path }) => `${path}: no such folder in the layout`);

export const defaultExports: TreeRule = (files) =>
  files
    .filter(({ path, text }) => isShipped(path) && isScript(path) && defaultExport.test(text))
    .map(complain("a default export"));

/** A rule that does not fit is changed in .oxlintrc.json, where everybody sees it, and never switched off in a file. */
export const silencers: TreeRule = (files) =>
  files.filter(({ path, text }) => isShipped(path) && silencer.test(text)).map(complain("switches a check off"));

/** A test that needs a server which is not there uses `skipIf` and says which; nothing else is left out. */
export const leftOutTests: TreeRule = (files) =>
  files.filter(({ path, text }) => path.endsWith(".test.ts") && leftOut.test(text)).map(complain("leaves tests out"));

/** Nothing in the repository depends on, or tells of, the place it was written at. */
export const strayPlaces: TreeRule = (files) =>
  files.flatMap(({ path, text }) => {
    const lower = text.toLowerCase();
    const found = [...words, ...hosts].filter((word) => lower.includes(word));
    const paths = machinePaths.filter((place) => new RegExp(`(?:^|[^\\w.-])${place}`, "m").test(text));
    return [...found, ...paths].map((what) => `${path}: ${what}`);
  });

function complain(what: string): (file: TreeFile) => string {
  return ({ path }) => `${path}: ${what}`;
}

function isShipped(path: string): boolean {
  return path.startsWith("src/") || path.startsWith("sandbox/");
}

function isCode(path: string): boolean {
  return /^(?:src|sandbox|test|bench|scripts)\//.test(path);
}

function isScript(path: string): boolean {
  return /\.[mc]?[jt]s$/.test(path);
}
