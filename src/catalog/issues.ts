import type { z } from "zod";
import { nearest } from "../core/nearest.ts";
import { keysAt } from "./keys.ts";
import { type Mistake, type Path, shown } from "./problem.ts";

/**
 * Turns what zod found into mistakes with a hint. `prefix`: where `value` stands in the file. `more`: keys that may stand at
 * its top beside those of the schema, because somebody else reads them.
 */
export function mistakesOf(
  error: z.ZodError,
  schema: z.core.$ZodType,
  value: unknown,
  prefix: Path,
  more: readonly string[] = [],
): readonly Mistake[] {
  return error.issues.flatMap(flattened).flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [mistakeOf(issue, value, prefix)];
    return unknownKeys(issue, [...keysAt(schema, issue.path), ...(issue.path.length === 0 ? more : [])], prefix);
  });
}

/** A key that is missing, and one beside it that is nearly it, are one mistake. */
export function withoutMeant(mistakes: readonly Mistake[]): readonly Mistake[] {
  const meant = new Set(mistakes.map(({ path, meant: key }) => JSON.stringify([...path.slice(0, -1), key])));
  return mistakes.filter(({ path, found }) => found !== "nothing" || !meant.has(JSON.stringify(path)));
}

type Issue = z.core.$ZodIssue;

/** Of a union, the branch that the value most likely means: not of another type, fewest mistakes. */
function flattened(issue: Issue): readonly Issue[] {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
  const branches = issue.errors.filter(
    (branch) => !branch.some((each) => each.path.length === 0 && ["invalid_type", "invalid_value"].includes(each.code)),
  );
  const best = branches.toSorted((a, b) => a.length - b.length)[0];
  if (best === undefined) {
    const allowed = issue.errors.flatMap((branch) => branch.flatMap((each) => allowedBy(each)));
    return [{ code: "custom", path: issue.path, message: allowed.join(" or "), params: { allowed } }];
  }
  return best.flatMap((each) => flattened({ ...each, path: [...issue.path, ...each.path] }));
}

function unknownKeys(
  issue: Issue & { readonly code: "unrecognized_keys" },
  allowed: readonly string[],
  prefix: Path,
): readonly Mistake[] {
  return issue.keys.map((key) => {
    const meant = nearest(key, allowed);
    return {
      path: [...prefix, ...pathOf(issue), key],
      at: "key",
      found: key,
      allowed,
      sentence: `there is no key "${key}" here`,
      hint: meant === undefined ? allowedHint(allowed) : `did you mean ${meant}?`,
      ...(meant === undefined ? {} : { meant }),
    };
  });
}

function mistakeOf(issue: Issue, root: unknown, prefix: Path): Mistake {
  const path = [...prefix, ...pathOf(issue)];
  const value = valueAt(root, issue.path);
  const found = shown(value, path);
  const name = String(path.at(-1) ?? "the file");
  const allowed = allowedBy(issue);
  if (issue.code === "custom" && (value === undefined || found === "a mapping")) {
    return {
      path,
      found,
      allowed,
      sentence: `${quoted(name)} contradicts the rest of this entry`,
      hint: allowedHint(allowed),
    };
  }
  if (value === undefined) {
    return { path, found, allowed, sentence: `${quoted(name)} is missing`, hint: allowedHint(allowed) };
  }
  if (issue.code === "invalid_key") {
    const message = issue.issues[0]?.message ?? "another name";
    return {
      path,
      at: "key",
      found: name,
      allowed: [message],
      sentence: `${quoted(name)} cannot stand here`,
      hint: `write ${message}`,
    };
  }
  const near = typeof value === "string" ? nearest(value, allowed) : undefined;
  const isText = issue.code === "invalid_type" && issue.expected === "string" && typeof value !== "object";
  const hint = near !== undefined ? `did you mean ${near}?` : isText ? textHint(issue.message) : allowedHint(allowed);
  return { path, found, allowed, sentence: `${quoted(name)} cannot be ${found}`, hint };
}

/** A schema that says itself what it wants, such as a length of time, is not served by quotation marks. */
function textHint(message: string): string {
  return message.startsWith("Invalid input") ? "put it in quotation marks" : `write ${message}`;
}

const typeNames: Readonly<Record<string, string>> = {
  record: "a mapping",
  object: "a mapping",
  array: "a list",
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

function allowedBy(issue: Issue): readonly string[] {
  if (issue.code === "invalid_value") return issue.values.map((value) => String(value));
  if (issue.code === "invalid_type") return [typeNames[issue.expected] ?? issue.expected];
  if (issue.code === "custom" && Array.isArray(issue.params?.["allowed"])) return issue.params["allowed"].map(String);
  return [issue.message.slice(0, 1).toLowerCase() + issue.message.slice(1)];
}

/** Some adapters say what may stand there ("a whole path"), others what to do ("give either url or servers"). */
function allowedHint(allowed: readonly string[]): string {
  const [only = "", ...more] = allowed;
  if (more.length > 0) return `allowed: ${allowed.join(", ")}`;
  return /^(?:an?|at|the|true|days|\d+)\b|^\S+$/.test(only) ? `write ${only}` : only;
}

function quoted(name: string): string {
  return /^\d+$/.test(name) ? `entry ${Number(name) + 1}` : `"${name}"`;
}

function pathOf(issue: Issue): Path {
  return issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    const member: unknown = Reflect.get(value, part);
    return member;
  }, root);
}
