import { z } from "zod";
import { ApiError, problemsError } from "../api-error.ts";
import { problemOf } from "../blocks/problems.ts";
import type { FaultState } from "../faults.ts";
import { type Json, type JsonObject, parseJson } from "../json.ts";
import type { Timing } from "../options.ts";
import type { Tier } from "../tiers.ts";
import type { World } from "../world.ts";

/** What a method may use. */
export interface ApiContext {
  readonly world: World;
  readonly timing: Timing;
  readonly faultState: FaultState;
  readonly scopes: ReadonlySet<string>;
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** Address for one Socket Mode connection. */
  socketUrl(): string;
}

export interface Method {
  readonly name: string;
  /** Any one of these is enough; none: no scope needed. */
  readonly scopes: readonly string[];
  readonly tier: Tier;
  readonly token: "bot" | "app";
  /** Takes effect and returns the answer without `ok`; throws ApiError. */
  call(context: ApiContext, args: JsonObject): JsonObject;
}

/** Defines a Web API method: its arguments are parsed before `run` sees them. */
export function method<S extends z.ZodType>(definition: {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly tier: Tier;
  readonly token?: "app";
  readonly args: S;
  run(context: ApiContext, args: z.infer<S>): JsonObject;
}): Method {
  const { name, scopes, tier, args: schema } = definition;
  return {
    name,
    scopes,
    tier,
    token: definition.token ?? "bot",
    call(context, args) {
      const parsed = schema.safeParse(args, { reportInput: true });
      if (!parsed.success) {
        throw problemsError(
          "invalid_arguments",
          parsed.error.issues.map((issue) => problemOf(issue, "")),
        );
      }
      return definition.run(context, parsed.data);
    },
  };
}

/** A boolean argument: JSON, or its form spelling. */
export const flag = z
  .union([z.boolean(), z.enum(["true", "false", "1", "0"])])
  .transform((value) => value === true || value === "true" || value === "1");

/** A page size, as a number or its form spelling. */
export const pageSize = z.coerce.number().int().min(1).max(1000);

/** A nested argument: JSON as it is, or JSON in a form field. Throws `code` when the text is not JSON. */
export function nested(value: Json | undefined, code: string): Json | undefined {
  if (typeof value !== "string") return value;
  if (value.length === 0) return undefined;
  const parsed = parseJson(value);
  if (parsed === undefined) throw new ApiError(code);
  return parsed;
}

/** @throws ApiError `missing_scope` naming what is needed and what is there */
export function requireScope(context: ApiContext, ...anyOf: readonly string[]): void {
  if (anyOf.length === 0 || anyOf.some((scope) => context.scopes.has(scope))) return;
  throw new ApiError("missing_scope", { needed: anyOf.join(","), provided: [...context.scopes].join(",") });
}

/** One page of a list, and the cursor for the next one ("" at the end). */
export function page<T>(items: readonly T[], limit: number | undefined, cursor: string | undefined): [T[], string] {
  const start = cursor === undefined || cursor === "" ? 0 : Number(Buffer.from(cursor, "base64url").toString());
  if (!Number.isInteger(start) || start < 0 || start > items.length) throw new ApiError("invalid_cursor");
  const end = start + (limit ?? 100);
  const next = end < items.length ? Buffer.from(String(end)).toString("base64url") : "";
  return [items.slice(start, end), next];
}
