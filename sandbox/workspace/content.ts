import { ApiError, problemsError } from "./api-error.ts";
import { blockProblems, blockTypes, tooLongTogether } from "./blocks/check.ts";
import { withIds } from "./blocks/ids.ts";
import type { FaultState } from "./faults.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";

const maxBytesOfAnUpdate = 4_000;
const maxCharsOfAPost = 40_000;

/**
 * Blocks of a message as they are stored, or the refusal that Slack would give.
 * @throws ApiError `invalid_blocks_format`, `invalid_blocks`, `msg_blocks_too_long`
 */
export function messageBlocks(value: Json | undefined, faultState: FaultState): JsonObject[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every(isObject)) throw new ApiError("invalid_blocks_format");
  const problems = blockProblems(value, "message");
  for (const type of blockTypes(value)) {
    if (faultState.unknownBlockTypes().has(type)) problems.push(`unsupported type: ${type} [json-pointer:/blocks]`);
  }
  if (problems.length > 0) throw problemsError("invalid_blocks", problems);
  if (tooLongTogether(value)) throw new ApiError("msg_blocks_too_long");
  return withIds(value);
}

/** A post's text: bare `&` escaped as Slack stores it, cut at 40,000 characters (a warning, not an error). */
export function postedText(text: string): string {
  return storedText(text).slice(0, maxCharsOfAPost);
}

/**
 * An update's text. Slack allows 4,000 bytes, counted after escaping.
 * @throws ApiError `msg_too_long`
 */
export function updatedText(text: string): string {
  const stored = storedText(text);
  if (Buffer.byteLength(stored) > maxBytesOfAnUpdate) throw new ApiError("msg_too_long");
  return stored;
}

function storedText(text: string): string {
  return text.replace(/&(?!(amp|lt|gt);)/g, "&amp;");
}
