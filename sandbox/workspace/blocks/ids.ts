import { randomBytes } from "node:crypto";
import { isObject, type Json, type JsonObject, objectsAt, stringAt } from "../json.ts";

const actionTypes = /^(button|overflow|checkboxes|radio_buttons|.*select|.*picker|.*_input)$/;

/** The blocks with a random block_id and action_id wherever the app gave none, as Slack stores them. */
export function withIds(blocks: readonly JsonObject[]): JsonObject[] {
  return blocks.map((block) => {
    const named: JsonObject = { ...block, block_id: stringAt(block, "block_id") ?? shortId() };
    for (const key of ["accessory", "element", "elements", "actions", "child_blocks"]) {
      const part = named[key];
      if (part !== undefined) named[key] = key === "child_blocks" ? withIds(objectsAt(block, key)) : identified(part);
    }
    return named;
  });
}

export interface Found {
  readonly blockId: string;
  readonly element: JsonObject;
  /** Stands in an input block. */
  readonly input?: JsonObject;
}

/** Every interactive element of stored blocks, in reading order. */
export function elementsOf(blocks: readonly JsonObject[]): Found[] {
  return blocks.flatMap((block) => {
    const blockId = stringAt(block, "block_id") ?? "";
    const direct = [...objectsAt(block, "elements"), ...objectsAt(block, "actions")];
    if (isObject(block["accessory"])) direct.push(block["accessory"]);
    const found: Found[] = direct.filter(isAction).map((element) => ({ blockId, element }));
    if (isObject(block["element"])) found.push({ blockId, element: block["element"], input: block });
    return [...found, ...elementsOf(objectsAt(block, "child_blocks"))];
  });
}

function identified(value: Json): Json {
  if (Array.isArray(value)) return value.map(identified);
  if (!isObject(value) || !isAction(value)) return value;
  return { ...value, action_id: stringAt(value, "action_id") ?? shortId() };
}

function isAction(element: JsonObject): boolean {
  return actionTypes.test(stringAt(element, "type") ?? "");
}

function shortId(): string {
  return randomBytes(4).toString("base64url").slice(0, 5);
}
