import type { z } from "zod";

/** One schema finding in the words and the pointer form that Slack uses. `root` is the pointer of what was checked. */
export function problemOf(issue: z.core.$ZodIssue, root: string): string {
  const pointer = root + issue.path.map((part) => `/${String(part)}`).join("");
  switch (issue.code) {
    case "too_big":
      return issue.origin === "array"
        ? `no more than ${issue.maximum} items allowed [json-pointer:${pointer}]`
        : `must be less than ${Number(issue.maximum) + 1} characters [json-pointer:${pointer}]`;
    case "too_small":
      return issue.origin === "array"
        ? `no fewer than ${issue.minimum} items allowed [json-pointer:${pointer}]`
        : `must be more than ${Number(issue.minimum) - 1} characters [json-pointer:${pointer}]`;
    case "unrecognized_keys":
      return `invalid additional property: ${issue.keys.join(", ")} [json-pointer:${pointer}]`;
    case "invalid_union":
      return `unsupported type: ${typeName(issue.input)} [json-pointer:${pointer.replace(/\/type$/, "")}/type]`;
    case "invalid_value":
      if (issue.input === undefined) return missing(pointer);
      return `must be a valid enum value [json-pointer:${pointer}]`;
    case "invalid_type":
      if (issue.input === undefined) return missing(pointer);
      return `must provide ${article(issue.expected)} [json-pointer:${pointer}]`;
    case "invalid_format":
      return `must match the format of the field [json-pointer:${pointer}]`;
    case "custom":
    case "invalid_element":
    case "invalid_key":
    case "not_multiple_of":
      return `${issue.message} [json-pointer:${pointer}]`;
  }
}

function missing(pointer: string): string {
  const cut = pointer.lastIndexOf("/");
  return `missing required field: ${pointer.slice(cut + 1)} [json-pointer:${pointer.slice(0, cut)}]`;
}

function article(kind: string): string {
  return /^[aeio]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

function typeName(input: unknown): string {
  if (typeof input !== "object" || input === null || !("type" in input)) return "undefined";
  return String(input.type);
}
